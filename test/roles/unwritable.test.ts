/** What IAM refuses where a trust is written, and keeps where it stands. */
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { accountId, aRole, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { manifests, stage } from '../support/cli.ts';

const github = 'token.actions.githubusercontent.com';
const trusting = (Condition?: object) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${github}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      ...(Condition ? { Condition } : {}),
    },
  ],
});
const orphan = 'AIDAQQQQQQQQQQQQQQQQQ';
const ofOrphan = (...more: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: [orphan, ...more] }, Action: 'sts:AssumeRole' }],
});
type Trust = Parameters<typeof aRole>[1];
const unwritable: readonly [string, Trust, RegExp][] = [
  ['a trust without a subject', trusting() as Trust, /no condition limits/],
  [
    'a trust of any subject',
    trusting({ StringLike: { [`${github}:sub`]: '*' } }) as Trust,
    /no condition limits/,
  ],
  ['the id of who is gone', ofOrphan(), /is the id of a user that is not there/],
];

const dale = aUser('dale');
const planned = (trust: Trust, live: Trust | null, name = 'deploy') =>
  makePlan(
    desiredOf({ users: [dale], roles: [aRole(name, trust)] }, { manage: { roles: 'all' } }),
    desiredOf({
      users: [{ ...dale, id: 'AIDAAAAAAAAAAAAAAAAAA', credentials: noCredentials }],
      roles: live ? [aRole(name, live)] : [],
    }).state,
    new Date(),
  );
const problems = (made: ReturnType<typeof makePlan>): string[] =>
  (made.problems ?? []).map(({ message }) => message);

describe.each(unwritable)('%s', (_what, trust, message) => {
  test('is an error where it would be written, of a new role and of another trust', () => {
    const before = { ...ofOrphan(`arn:aws:iam::${accountId}:user/dale`) } as Trust;
    for (const live of [null, before]) {
      const found = problems(planned(trust, live));
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(/^role deploy: IAM refuses to write its trust: /);
      expect(found[0]).toMatch(message);
    }
  });

  test('stays where it stands, and beside what else changes', () => {
    expect(problems(planned(trust, trust))).toEqual([]);
    expect(planned(trust, trust).plan!.changes).toEqual([]);
  });

  test('is told of a role that no plan writes', () => {
    expect(problems(planned(trust, nobodyElse, 'rollcall-apply'))).toEqual([]);
  });
});
const nobodyElse = ofOrphan(`arn:aws:iam::${accountId}:user/dale`) as Trust;

test('the id of somebody who is there is taken, as IAM does', () => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: 'AIDAAAAAAAAAAAAAAAAAA' }, Action: 'sts:AssumeRole' }],
  };
  expect(problems(planned(trust, null))).toEqual([]);
});

test('the error stands at the trust, with what to write, and nothing is called', async () => {
  const { rollcall, sandbox } = await stage();
  const dir = manifests(
    `users: { dale: {} }\nroles:\n  deploy:\n    trust:\n      - github: { subject: '*' }\n`,
  );
  const { code, stderr } = await rollcall('apply', dir, '--yes');
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /account\.yaml:5:5: error: role deploy: IAM refuses to write its trust: .*\[cannot-plan\]/,
  );
  expect(stderr).toContain('repo:OWNER/REPOSITORY:*');
  expect(sandbox.journal.filter(({ readOnly, params }) => !readOnly && params['RoleName'])).toEqual([]);
});
