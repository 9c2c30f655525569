import { onTestFinished, expect, test } from 'vitest';
import type { Desired } from '../../src/core/desired.ts';
import { planAccount } from '../../src/app/session.ts';
import {
  accountId,
  allRails,
  aRole,
  aUser,
  desiredOf,
  reconcile,
  testAccount,
  trusting,
} from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

const arn = (kind: string, name: string): string => `arn:aws:iam::${accountId}:${kind}/${name}`;
const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };

async function accountFor(options: Parameters<typeof testAccount>[0] = {}): Promise<TestAccount> {
  const account = await testAccount({ transport: 'direct', ...options });
  onTestFinished(() => account.close());
  return account;
}

const all = (parts: Parameters<typeof desiredOf>[0]): Desired =>
  desiredOf(parts, { manage: { roles: 'all' } });

const trustOf = ({ sandbox }: TestAccount, RoleName: string): string =>
  decodeURIComponent(sandbox.call('GetRole', { RoleName }).Role!.AssumeRolePolicyDocument!);

/** Why steps were not done. */
const failures = ({ results }: Awaited<ReturnType<typeof reconcile>>): (string | undefined)[] =>
  results.filter(({ status }) => status !== 'done').map(({ message }) => message);

test('a trust that names whom the run has just made is asked for again until IAM knows them, for two minutes', async () => {
  const account = await accountFor();
  const wanted = all({
    users: [aUser('ben')],
    roles: [aRole('ops', trusting(arn('user', 'ben'))), aRole('next', trusting(arn('role', 'ops')))],
  });
  account.sandbox.faults.consistency = { readsBehindMs: 90_000 };
  const begun = account.aws.now().getTime();
  expect(failures(await reconcile(wanted, account.aws))).toEqual([]);
  expect(account.aws.now().getTime() - begun).toBeGreaterThan(90_000);
  account.sandbox.faults.consistency = {};
  expect(trustOf(account, 'next')).toContain(arn('role', 'ops'));
  const { plan } = await planAccount(wanted, account.aws, { overrides: allRails });
  expect(plan.changes).toEqual([]);
});

test('and no longer: what it refuses then is told', async () => {
  const account = await accountFor();
  const wanted = all({ users: [aUser('ben')], roles: [aRole('ops', trusting(arn('user', 'ben')))] });
  account.sandbox.faults.consistency = { readsBehindMs: 600_000 };
  const begun = account.aws.now().getTime();
  expect(failures(await reconcile(wanted, account.aws))[0]).toContain('principal');
  expect(account.aws.now().getTime() - begun).toBeLessThan(180_000);
});

test('sessions are revoked as of the time that IAM has, whatever our clock says', async () => {
  const time = Date.parse('2027-01-01T12:00:00Z');
  let passed = 0;
  const account = await accountFor({
    transport: 'http',
    clock: () => new Date(time + (passed += 1000)),
    start: new Date(time - 10 * 60_000),
  });
  const ops = (revoke: boolean) =>
    all({
      users: [aUser('ann'), aUser('ben')],
      roles: [
        aRole(
          'ops',
          trusting(...(revoke ? ['ben'] : ['ann', 'ben']).map((name) => arn('user', name))),
          revoke ? { revoke } : {},
        ),
      ],
    });
  await reconcile(ops(false), account.aws);
  expect(failures(await reconcile(ops(true), account.aws))).toEqual([]);
  const { PolicyDocument } = account.sandbox.call('GetRolePolicy', {
    RoleName: 'ops',
    PolicyName: 'AWSRevokeOlderSessions',
  });
  const [, stamped] = /"aws:TokenIssueTime":"(.*?)"/.exec(decodeURIComponent(PolicyDocument!))!;
  const off = Date.parse(stamped!) - time;
  expect(off).toBeGreaterThanOrEqual(0);
  expect(off).toBeLessThanOrEqual(passed);
});

test.each(['lost-reply-after', 'error-after'] as const)(
  'a role whose making had no answer is found, and filled (%s)',
  async (kind) => {
    const account = await accountFor();
    account.sandbox.faults.add({ op: 'CreateRole', kind, times: 1 });
    const wanted = all({ roles: [aRole('ops', trusting(accountId), { policies: { allow } })] });
    const run = await reconcile(wanted, account.aws);
    expect(failures(run)).toEqual([]);
    const made = run.results.find(({ step }) => step.op === 'CreateRole');
    expect(made!.made).toMatchObject({ kind: 'role', name: 'ops' });
    expect(account.sandbox.call('ListRolePolicies', { RoleName: 'ops' }).PolicyNames).toEqual(['allow']);
  },
);

test('but one of somebody else’s that was quicker is not taken for ours', async () => {
  const account = await accountFor();
  account.sandbox.faults.add({ op: 'CreateRole', kind: 'lost-reply-before', times: 1 });
  let struck = false;
  account.sandbox.faults.beforeCall = ({ op }) => {
    if (op !== 'CreateRole' || struck) return;
    struck = true;
    account.sandbox.call('CreateRole', {
      RoleName: 'ops',
      AssumeRolePolicyDocument: JSON.stringify(trusting('999999999999')),
    });
  };
  const wanted = all({ roles: [aRole('ops', trusting(accountId), { policies: { allow } })] });
  expect(failures(await reconcile(wanted, account.aws))).not.toEqual([]);
  expect(account.sandbox.call('ListRolePolicies', { RoleName: 'ops' }).PolicyNames).toEqual([]);
});

test('who is removed in the same plan is taken out of trusts before, and nobody else is left in', async () => {
  const account = await accountFor();
  const trust = trusting(arn('user', 'ben'));
  await reconcile(all({ users: [aUser('ben')], roles: [aRole('ops', trust)] }), account.aws);
  const run = await reconcile(all({ roles: [aRole('ops', trust)] }), account.aws);
  expect(failures(run)).toEqual([]);
  expect(trustOf(account, 'ops')).toContain('NobodyMayAssumeThisRole');
  const at = (op: string): number => run.results.findIndex(({ step }) => step.op === op);
  expect(at('UpdateAssumeRolePolicy')).toBeLessThan(at('DeleteUser'));
});

test('roles that rollcall runs with are told and not written, and roles of no section are left alone', async () => {
  const account = await accountFor();
  const before = all({
    roles: [aRole('rollcall-apply', trusting(accountId)), aRole('ops', trusting(accountId))],
  });
  for (const { name, trust } of before.state.roles.values())
    account.sandbox.call('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) });
  const own = all({
    roles: [aRole('rollcall-apply', trusting('999999999999')), aRole('ops', trusting(accountId))],
  });
  const { plan } = await planAccount(own, account.aws, { overrides: allRails });
  expect(plan.changes.map(({ id, byHand }) => [id, byHand])).toEqual([['role:rollcall-apply/trust', true]]);
  expect(plan.steps).toEqual([]);
  const none = await planAccount(desiredOf({}), account.aws, { overrides: allRails });
  expect(none.plan.changes).toEqual([]);
});
