/** Who leaves is in no trust of a managed role any more: AWS would keep an id there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { manifests, run, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const own = 'arn:aws:iam::123456789012:';
const user = (name: string): string => `${own}user/${name}`;
const statement = (AWS: Json, Effect = 'Allow', more: object = {}): object => ({
  Effect,
  Principal: { AWS },
  Action: 'sts:AssumeRole',
  ...more,
});
const document = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const letsIn = (...names: string[]): string => document(statement(names.map(user)));

interface World extends Stage {
  /** Makes the account as the first says, and clears the journal. */
  readonly begin: (yaml: string) => Promise<void>;
  readonly trustOf: (role: string) => string;
  /** Calls of writes that are about roles, users and their policies, with whom or what. */
  readonly calls: () => string[];
}

async function world(): Promise<World> {
  const one = await stage();
  const { sandbox, rollcall } = one;
  return {
    ...one,
    async begin(yaml) {
      expect(await rollcall('apply', manifests(yaml), '--yes')).toMatchObject({ code: 0 });
      sandbox.clearJournal();
    },
    trustOf(RoleName) {
      const { Role } = sandbox.call('GetRole', { RoleName }) as {
        Role: { AssumeRolePolicyDocument: string };
      };
      return decodeURIComponent(Role.AssumeRolePolicyDocument);
    },
    calls: () =>
      sandbox.journal
        .filter(
          ({ readOnly, op, params }) =>
            !readOnly &&
            op !== 'GenerateCredentialReport' &&
            !JSON.stringify(params).includes('rollcall-lock'),
        )
        .map(({ op, params }) => `${op} ${String(params['RoleName'] ?? params['UserName'])}`),
  };
}

const people = 'users: { dale: {}, ben: {}, lorax: {} }\n';
const without = 'users: { dale: {}, ben: {} }\n';

describe('offboarding', () => {
  test('takes a person out of trusts whose files still name them, while they are denied everything', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    const roles = `roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`;
    await begin(people + roles);
    const after = manifests(without + roles);
    const plan = await rollcall('plan', after);
    expect(plan.stdout).toContain('~ role deploy: trust');
    expect(plan.stdout).toContain('user lorax goes, and AWS would keep an id in its place');
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(user('dale'))));
    const all = calls();
    expect(all.indexOf('UpdateAssumeRolePolicy deploy')).toBeLessThan(all.indexOf('DeleteUserPolicy lorax'));
    const again = await rollcall('plan', after);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain(`role deploy: its trust names ${user('lorax')}, which there is not`);
  });

  test('and where they are taken out of the file in the same change', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    await begin(`${people}roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`);
    const after = manifests(`${without}roles: { deploy: { trust: ${letsIn('dale')} } }`);
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement([user('dale')])));
    const all = calls();
    expect(all.indexOf('UpdateAssumeRolePolicy deploy')).toBeLessThan(all.indexOf('DeleteUserPolicy lorax'));
  });

  test('of whom alone a role lets in leaves a trust that lets in nobody, and the plan says so', async () => {
    const { begin, rollcall, trustOf } = await world();
    const roles = `roles: { solo: { trust: ${letsIn('lorax')} } }`;
    await begin(people + roles);
    const after = manifests(without + roles);
    expect((await rollcall('plan', after)).stdout).toContain(
      'the role is now unreachable: only user lorax could assume it',
    );
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(trustOf('solo')).toContain('NobodyMayAssumeThisRole');
    expect(await rollcall('plan', after)).toMatchObject({ code: 0 });
  });

  test('of several in one trust is one write', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    const roles = `roles: { deploy: { trust: ${letsIn('dale', 'lorax', 'ben')} } }`;
    await begin(people + roles);
    const after = manifests(`users: { dale: {} }\n${roles}`);
    const plan = await rollcall('plan', after);
    expect(plan.stdout).toContain('user ben and user lorax go, and AWS would keep an id in their');
    const overrides = ['--override', 'max-removals'];
    expect(await rollcall('apply', after, '--yes', ...overrides)).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(user('dale'))));
    expect(calls().filter((one) => one === 'UpdateAssumeRolePolicy deploy')).toHaveLength(1);
  });

  test('takes them out of a Deny once everything is denied to them, and that widens nothing', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    const roles = `roles: { deploy: { trust: ${document(statement('123456789012'), statement(user('lorax'), 'Deny'))} } }`;
    await begin(people + roles);
    const after = manifests(without + roles);
    const plan = await rollcall('plan', after);
    expect(plan.stdout).toContain('0 may widen access');
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(`${own}root`)));
    const all = calls();
    const [denied, taken, lifted] = [
      'PutUserPolicy lorax',
      'UpdateAssumeRolePolicy deploy',
      'DeleteUserPolicy lorax',
    ].map((one) => all.indexOf(one));
    expect([denied! < taken!, taken! < lifted!]).toEqual([true, true]);
  });

  test('whose trust cannot be written leaves the person there, denied', async () => {
    const { begin, rollcall, sandbox, calls } = await world();
    const roles = `roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`;
    await begin(people + roles);
    sandbox.faults.add({ kind: 'denied', op: 'UpdateAssumeRolePolicy' });
    const after = manifests(without + roles);
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 5 });
    expect(calls()).toContain('PutUserPolicy lorax');
    expect(calls()).not.toContain('DeleteUserPolicy lorax');
    expect(calls()).not.toContain('DeleteUser lorax');
  });

  test('tells of roles that no plan writes, and leaves them', async () => {
    const { begin, rollcall, trustOf, calls, sandbox } = await world();
    await begin(people);
    sandbox.call('CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: letsIn('lorax') });
    sandbox.clearJournal();
    const after = manifests(without);
    const plan = await rollcall('plan', after);
    expect(plan.stdout).toContain(
      'note: user lorax leaves, but stays in the trust of 1 role that no plan writes (other): AWS will show an id there, which lets in nobody; take it out by hand',
    );
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(calls().filter((one) => one.includes('AssumeRole'))).toEqual([]);
    expect(trustOf('other')).toContain('AIDA');
  });

  test('tells of conditions that name them, and changes none', async () => {
    const { begin, rollcall, trustOf } = await world();
    const condition = { Condition: { StringEquals: { 'aws:username': 'lorax' } } };
    const roles = `roles: { deploy: { trust: ${document(statement(`${own}root`, 'Allow', condition))} } }`;
    await begin(people + roles);
    const after = manifests(without + roles);
    expect((await rollcall('plan', after)).stdout).toContain(
      'note: user lorax leaves, but conditions of trusts still name them (role deploy: aws:username): take that out before somebody else has the name',
    );
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(`${own}root`, 'Allow', condition)));
  });

  test('with --target takes the trusts with it, and nothing else of their roles', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    await begin(`${people}roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`);
    const after = manifests(
      `${without}roles: { deploy: { trust: ${letsIn('ben')}, description: Deploys, tags: { a: b } } }`,
    );
    const ended = await rollcall('apply', after, '--yes', '--target', 'user:lorax');
    expect(ended).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(user('dale'))));
    expect(calls().filter((one) => one.endsWith(' deploy'))).toEqual(['UpdateAssumeRolePolicy deploy']);
  });

  test('of a suspended person changes no trust', async () => {
    const { begin, rollcall, calls } = await world();
    const roles = `roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`;
    await begin(people + roles);
    const after = manifests(`users: { dale: {}, ben: {}, lorax: { suspended: true } }\n${roles}`);
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(calls().filter((one) => one.includes('AssumeRole'))).toEqual([]);
  });

  test('of a role takes it out of trusts likewise', async () => {
    const { begin, rollcall, trustOf, calls } = await world();
    const deploy = `deploy: { trust: ${document(statement([`${own}role/old`, user('dale')]))} }`;
    await begin(`${people}roles: { old: { trust: ${letsIn('dale')} }, ${deploy} }`);
    const after = manifests(`${people}manage: { roles: all }\nroles: { ${deploy} }`);
    expect(await rollcall('apply', after, '--yes', '--override', 'max-removals')).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement(user('dale'))));
    const all = calls();
    expect(all.indexOf('UpdateAssumeRolePolicy deploy')).toBeLessThan(all.indexOf('DeleteRolePolicy old'));
  });
});

describe('somebody who is called otherwise, and stays', () => {
  test.each([
    ['renamed', 'users: { dale: {}, ben: {}, onceler: { renamedFrom: lorax } }\n', 'onceler'],
    ['moved', 'users: { dale: {}, ben: {}, lorax: { path: /trees/ } }\n', 'trees/lorax'],
  ])('%s: IAM has the trust as it is to be already', async (_, after, name) => {
    const { begin, rollcall, trustOf, calls } = await world();
    await begin(`${people}roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`);
    const ended = await rollcall(
      'apply',
      manifests(`${after}roles: { deploy: { trust: ${letsIn('dale', name)} } }`),
      '--yes',
    );
    expect(ended).toMatchObject({ code: 0 });
    expect(trustOf('deploy')).toBe(document(statement([user('dale'), user(name)])));
    expect(calls().filter((one) => one.includes('AssumeRole'))).toEqual([]);
  });

  test('whom a file names as before is told, and left out', async () => {
    const { begin, rollcall } = await world();
    const roles = `roles: { deploy: { trust: ${letsIn('dale', 'lorax')} } }`;
    await begin(people + roles);
    const after = manifests(`users: { dale: {}, ben: {}, onceler: { renamedFrom: lorax } }\n${roles}`);
    expect((await rollcall('plan', after)).stdout).toContain(
      `role deploy: its trust names ${user('lorax')}, who is ${user('onceler')} now: it is left out`,
    );
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(await rollcall('plan', after)).toMatchObject({ code: 0 });
  });
});

test('rollcall offboard takes them out of short forms, and leaves nobody where they were the only one', async () => {
  const { begin, there, env, rollcall, trustOf } = await world();
  const yaml = `${people}roles:
  deploy:
    trust:
      - user: [dale, lorax]
      - user: lorax
        mfa: true
  solo: { trust: [{ user: lorax }] }
`;
  await begin(yaml);
  const dir = manifests(yaml);
  const ended = await run(['offboard', 'lorax', '-m', dir, ...there], { env });
  expect(ended).toMatchObject({ code: 0 });
  expect(readFileSync(join(dir, 'account.yaml'), 'utf8')).toContain(`roles:
  deploy:
    trust:
      - user: [dale]
  solo: { trust: [] }
`);
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
  expect(trustOf('solo')).toContain('NobodyMayAssumeThisRole');
});
