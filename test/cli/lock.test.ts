import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { accountId, manifests, run, scratch, stage, start } from '../support/cli.ts';
import { clocked, grant, lockArn } from './stages.ts';

const one = 'users: { buzzo: {} }';

describe('an apply that has steps', () => {
  test('holds the lock from before its first step to after its last, and gives it back', async () => {
    const { sandbox, rollcall, locks, calls } = await clocked();
    const during: unknown[] = [];
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'CreateUser') during.push(locks().length);
    };
    expect(await rollcall('apply', manifests(one), '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(during).toEqual([1]);
    expect(locks()).toEqual([]);
    expect(calls().filter((op) => !op.startsWith('List'))).toEqual([
      'GetCallerIdentity',
      'GetAccountAuthorizationDetails',
      'GetAccountSummary',
      'CreatePolicy',
      'GetAccountAuthorizationDetails',
      'CreateUser',
      'GetPolicy',
      'DeletePolicy',
    ]);
    const made = sandbox.journal.find(({ op }) => op === 'CreatePolicy')!.params;
    expect(made['Description']).toContain(
      'rollcall apply by arn:aws:iam::123456789012:user/sandbox-operator',
    );
    expect(String(made['PolicyDocument'])).not.toContain('Allow');
  });

  test('gives it back when steps fail', async () => {
    const { sandbox, rollcall, locks } = await clocked();
    sandbox.faults.rules.push({ op: 'CreateUser', kind: 'denied' });
    expect((await rollcall('apply', manifests(one), '--yes')).code).toBe(5);
    expect(locks()).toEqual([]);
  });

  test('gives it back when it is interrupted', async () => {
    const { sandbox, there, env, locks } = await clocked();
    const dir = manifests('users: { buzzo: {}, lorax: {} }');
    const running = start(['apply', '--yes', '-m', dir, '--parallelism', '1', ...there], { env });
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'CreateUser') running.interrupt();
    };
    expect((await running.ended).code).toBe(5);
    expect(locks()).toEqual([]);
  });

  test('of none takes no lock: zero writes', async () => {
    const { sandbox, rollcall, calls, report } = await clocked();
    sandbox.call('CreateUser', { UserName: 'buzzo' });
    report();
    sandbox.clearJournal();
    expect((await rollcall('apply', manifests(one), '--yes')).code).toBe(0);
    expect(calls().filter((op) => !/^(Get|List|Generate)/.test(op))).toEqual([]);
  });

  test('stops when the lock has become another’s, and leaves that alone', async () => {
    const { sandbox, rollcall, pass, lock, locks } = await clocked();
    let theirs: string | undefined;
    sandbox.faults.afterCall = ({ op }) => {
      if (op !== 'CreateUser' || theirs !== undefined) return;
      pass(11 * 60_000);
      // As whoever takes it over.
      sandbox.call('DeletePolicy', { PolicyArn: lockArn });
      theirs = lock().Policy!.PolicyId;
    };
    const dir = manifests('users: { buzzo: {}, lorax: {} }');
    const ended = await rollcall('apply', dir, '--yes', '--parallelism', '1');
    expect(ended.code).toBe(5);
    expect(ended.stderr).toContain('stopped: another apply has taken the lock of this account');
    expect(sandbox.call('ListUsers', {}).Users).toHaveLength(1);
    expect(locks()).toEqual([theirs]);
  });

  test('keeps it however long it takes', async () => {
    const { sandbox, rollcall, pass, clock, locks } = await clocked();
    const names = Array.from({ length: 12 }, (_, index) => `user-${index}: {}`).join(', ');
    const ages: number[] = [];
    sandbox.faults.beforeCall = ({ op }) => {
      if (op !== 'CreateUser') return;
      const { UpdateDate } = sandbox.call('GetPolicy', { PolicyArn: lockArn }).Policy!;
      ages.push(clock() - UpdateDate!.getTime());
      pass(2 * 60_000);
    };
    const dir = manifests(`users: { ${names} }`);
    expect((await rollcall('apply', dir, '--yes', '--parallelism', '1')).code).toBe(0);
    expect(ages).toHaveLength(12);
    // However late, each step begins with a lock that counts.
    expect(Math.max(...ages)).toBeLessThan(60_000);
    expect(locks()).toEqual([]);
  });
});

describe('another’s lock', () => {
  test('that is fresh refuses the apply before its first write: exit 4, with who and since when', async () => {
    const { sandbox, rollcall, writes, lock } = await clocked();
    lock('/rollcall/', 'rollcall apply by melvins\u00a0on ci');
    sandbox.clearJournal();
    const ended = await rollcall('apply', manifests(one), '--yes');
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(
      `account ${accountId} is being changed by another apply since 2027-01-01T00:00:00.000Z: "rollcall apply by melvins`,
    );
    expect(ended.stderr).toContain('nothing was changed; plan again when it has ended');
    expect(writes()).toEqual([]);
  });

  test.each(['/rollcall/', '/', '/elsewhere/'])(
    'that is five minutes old holds nobody up, wherever it is (%s)',
    async (path) => {
      const { sandbox, rollcall, pass, lock, locks } = await clocked();
      lock(path);
      sandbox.call('CreatePolicyVersion', {
        PolicyArn: `arn:aws:iam::${accountId}:policy${path}rollcall-lock`,
        PolicyDocument: grant,
        SetAsDefault: true,
      });
      pass(5 * 60_000 - 30_000);
      expect((await rollcall('apply', manifests(one), '--yes')).code).toBe(4);
      pass(30_000);
      expect(await rollcall('apply', manifests(one), '--yes')).toMatchObject({ code: 0, stderr: '' });
      expect(locks()).toEqual([]);
    },
    60_000,
  );

  test('that cannot be deleted is passed over then, with a warning', async () => {
    const { sandbox, rollcall, pass, lock, locks } = await clocked();
    lock();
    sandbox.call('CreateGroup', { GroupName: 'outside' });
    sandbox.call('AttachGroupPolicy', { GroupName: 'outside', PolicyArn: lockArn });
    const dir = manifests(`${one}\nignore: { groups: [outside] }`);
    expect((await rollcall('apply', dir, '--yes')).code).toBe(4);
    pass(5 * 60_000);
    const ended = await rollcall('apply', dir, '--yes');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('warning: applying without a lock');
    expect(locks()).toHaveLength(1);
  });

  test('can be waited for', async () => {
    const { sandbox, there, env, lock, locks } = await clocked();
    lock();
    const dir = manifests(one);
    const running = run(['apply', '--yes', '-m', dir, '--lock-timeout', '1', ...there], { env });
    let asked = 0;
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'CreatePolicy' && (asked += 1) === 2) sandbox.call('DeletePolicy', { PolicyArn: lockArn });
    };
    expect(await running).toMatchObject({ code: 0 });
    expect(asked).toBe(2);
    expect(locks()).toEqual([]);
  });

  test('is passed over with --no-lock', async () => {
    const { rollcall, lock, locks } = await clocked();
    const [theirs] = [lock().Policy!.PolicyId];
    expect((await rollcall('apply', manifests(one), '--yes', '--no-lock')).code).toBe(0);
    expect(locks()).toEqual([theirs]);
  });
});

describe('without the right or the room to make it', () => {
  test.each(['CreatePolicy', 'GetPolicy|DeletePolicy'])(
    'an apply goes on, with a warning (%s)',
    async (op) => {
      const { sandbox, rollcall } = await clocked();
      sandbox.faults.rules.push({ op: new RegExp(`^(${op})$`), kind: 'denied' });
      const ended = await rollcall('apply', manifests(one), '--yes');
      expect(ended.code).toBe(0);
      expect(ended.stderr).toMatch(
        /^warning: (applying without a lock|the lock rollcall-lock could not be released)/,
      );
      expect(sandbox.call('ListUsers', {}).Users).toHaveLength(1);
    },
  );

  test('a full account takes the policies of the plan all the same', async () => {
    const sandboxed = await stage({ quotas: { policiesPerAccount: 2 } });
    const { sandbox, rollcall } = sandboxed;
    const dir = manifests(`policies: { a: { document: ${grant} }, b: { document: ${grant} } }`);
    const ended = await rollcall('apply', dir, '--yes');
    expect(ended).toMatchObject({ code: 0 });
    expect(ended.stderr).toContain('warning: applying without a lock from here on');
    expect(
      sandbox.call('ListPolicies', { Scope: 'Local' }).Policies?.map(({ PolicyName }) => PolicyName),
    ).toEqual(['a', 'b']);
    expect((await rollcall('apply', dir, '--yes')).code).toBe(0);
  });
});

describe('the lock', () => {
  test('is nobody’s drift, is not imported, and no manifest may declare it', async () => {
    const { sandbox, rollcall, there, env, lock, report } = await clocked();
    sandbox.call('CreateUser', { UserName: 'buzzo' });
    lock('/');
    report();
    expect((await rollcall('plan', manifests(one))).code).toBe(0);
    expect((await rollcall('drift', manifests(one))).code).toBe(0);
    const dir = join(scratch(), 'manifests');
    expect(await run(['import', '-m', dir, ...there], { env })).toMatchObject({ code: 0 });
    expect(readdirSync(dir, { recursive: true, encoding: 'utf8' }).join(' ')).not.toContain('policies');
    for (const name of ['rollcall-lock', 'RollCall-Lock']) {
      const told = await rollcall('validate', manifests(`policies: { ${name}: { document: ${grant} } }`));
      expect(told.code).toBe(1);
      expect(told.stderr).toContain('has the name of the lock that apply makes while it runs');
    }
  });

  test('hides no access: who holds it, and what it grants, is told as of any policy', async () => {
    const { sandbox, rollcall, lock, report } = await clocked();
    sandbox.call('CreateUser', { UserName: 'buzzo' });
    lock();
    sandbox.call('CreatePolicyVersion', { PolicyArn: lockArn, PolicyDocument: grant, SetAsDefault: true });
    sandbox.call('AttachUserPolicy', { UserName: 'buzzo', PolicyArn: lockArn });
    report();
    const drift = await rollcall('drift', manifests(one));
    expect(drift.code).toBe(2);
    expect(drift.stdout).toContain('rollcall-lock');
    expect(drift.stdout).toMatch(/administrator/i);
    const plan = await rollcall('plan', manifests(one), '--json');
    const { changes } = JSON.parse(plan.stdout) as { changes: { id: string; effect: string }[] };
    expect(changes).toEqual([expect.objectContaining({ effect: 'narrows' })]);
  });
});

test('what has moved since the plan was made, while another apply ran, is refused under the lock', async () => {
  const { sandbox, rollcall, locks, writes, report } = await clocked();
  sandbox.call('CreateGroup', { GroupName: 'admins' });
  report();
  sandbox.clearJournal();
  sandbox.faults.beforeCall = ({ op }) => {
    if (op !== 'CreatePolicy') return;
    sandbox.call('PutGroupPolicy', { GroupName: 'admins', PolicyName: 'all', PolicyDocument: grant });
    sandbox.clearJournal();
  };
  const dir = manifests('users: { buzzo: { groups: [admins] } }\ngroups: { admins: {} }');
  const ended = await rollcall('apply', dir, '--yes');
  expect(ended.code).toBe(4);
  expect(ended.stderr).toContain('the plan is stale:\n  group admins: policies changed');
  expect(writes()).toEqual([]);
  expect(locks()).toEqual([]);
});
