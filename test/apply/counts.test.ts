import { afterAll, beforeAll, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import type { User } from '../../src/core/state.ts';
import { aGroup, aPolicy, aRole, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** API calls are our unit of cost. What docs/permissions.md says of them is held here. */

const size = 500;
const read = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
const ec2 = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const policies = Array.from({ length: 20 }, (_, n) => aPolicy(`policy${n}`, read));
const groups = Array.from({ length: 20 }, (_, n) =>
  aGroup(`group${n}`, { attachedPolicyArns: [policies[n]!.arn] }),
);
const everybody = Array.from({ length: size }, (_, n) =>
  aUser(`user${String(n).padStart(3, '0')}`, {
    groups: [`group${n % 20}`],
    tags: { team: `team${n % 20}` },
    ...(n % 10 === 0 ? { policies: { own: read } } : {}),
    // Every fifth has a key.
    ...(n % 5 === 0 ? { accessKey: { count: 1 as const } } : {}),
  }),
);
const wanting = (users: readonly User[]): Desired => desiredOf({ users, groups, policies });

let account: TestAccount;
beforeAll(async () => {
  account = await testAccount({ transport: 'direct' });
  await reconcile(wanting(everybody), account.aws);
});
afterAll(() => account.close());

/** Calls that something makes, by operation. */
async function calls(work: () => Promise<unknown>): Promise<Record<string, number>> {
  account.sandbox.clearJournal();
  await work();
  const counts: Record<string, number> = {};
  for (const { op } of account.sandbox.journal) counts[op] = (counts[op] ?? 0) + 1;
  return counts;
}

const total = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

test('a plan of 500 users without changes of credentials takes a handful of reads', async () => {
  const counts = await calls(async () => {
    const { plan } = await planAccount(wanting(everybody), account.aws);
    expect(plan.changes).toEqual([]);
  });
  const { GetCredentialReport = 0, ...rest } = counts;
  expect(rest).toEqual({
    GenerateCredentialReport: 1,
    GetAccountAuthorizationDetails: 1,
    GetAccountSummary: 1,
    GetCallerIdentity: 1,
    ListServiceSpecificCredentials: 1,
  });
  // It takes IAM some time to make the report: each further call is a look whether it is there.
  expect(GetCredentialReport).toBeLessThanOrEqual(2);
  expect(total(counts)).toBeLessThanOrEqual(6);
});

test('an apply with nothing to do writes nothing', async () => {
  const counts = await calls(() => reconcile(wanting(everybody), account.aws));
  expect(counts).toEqual({
    GenerateCredentialReport: 1,
    GetAccountAuthorizationDetails: 1,
    GetAccountSummary: 1,
    GetCallerIdentity: 1,
    GetCredentialReport: 1,
    ListServiceSpecificCredentials: 1,
  });
});

test('a changed user costs one call for each thing that changes, whatever the size of the account', async () => {
  const changed = everybody.map((user, n) => (n === 1 ? { ...user, tags: { team: 'images' } } : user));
  const counts = await calls(() => reconcile(wanting(changed), account.aws));
  expect(counts).toMatchObject({ TagUser: 1 });
  expect(total(counts)).toBe(6 + 1);
  await reconcile(wanting(everybody), account.aws);
});

test('an offboarding costs six reads while planning and ten calls, and two for each key, one for each of the rest', async () => {
  // user010 has a key, a group and an inline policy; user001 has a group.
  const leave = (name: string) => () =>
    reconcile(wanting(everybody.filter((user) => user.name !== name)), account.aws);
  const planning = {
    GenerateCredentialReport: 1,
    GetAccountAuthorizationDetails: 1,
    GetAccountSummary: 1,
    GetCallerIdentity: 1,
    GetCredentialReport: 1,
  };
  // Once to plan, and again once the person is denied everything.
  const lists = {
    GetLoginProfile: 2,
    ListAccessKeys: 2,
    ListMFADevices: 2,
    ListSSHPublicKeys: 2,
    // And the one list of everybody's.
    ListServiceSpecificCredentials: 3,
    ListSigningCertificates: 2,
  };
  const least = await calls(leave('user001'));
  expect(least).toEqual({
    ...planning,
    ...lists,
    GetUser: 1,
    PutUserPolicy: 1,
    RemoveUserFromGroup: 1,
    DeleteUserPolicy: 1,
    DeleteUser: 1,
  });
  expect(total(least)).toBe(6 + 6 + 10 + 1);

  await reconcile(wanting(everybody), account.aws);
  const more = await calls(leave('user010'));
  expect(more).toEqual({ ...least, UpdateAccessKey: 1, DeleteAccessKey: 1, DeleteUserPolicy: 2 });
  await reconcile(wanting(everybody), account.aws);
});

test.each([
  { users: 500, groups: 30, policies: 150, roles: 0, most: 6 },
  { users: 500, groups: 30, policies: 150, roles: 500, most: 8 },
  // IAM's default quotas.
  { users: 5000, groups: 300, policies: 1500, roles: 0, most: 12 },
])(
  'a plan of $users users and $roles roles with nothing to do takes at most $most calls, the report made meanwhile',
  async (of) => {
    const big = await testAccount({ transport: 'direct' });
    try {
      const names = (kind: string, count: number): string[] =>
        Array.from({ length: count }, (_, n) => `${kind}${String(n).padStart(4, '0')}`);
      const [users, groups, policies] = [
        names('user', of.users),
        names('group', of.groups),
        names('policy', of.policies),
      ];
      const roles = names('role', of.roles);
      for (const UserName of users) big.sandbox.call('CreateUser', { UserName });
      for (const GroupName of groups) big.sandbox.call('CreateGroup', { GroupName });
      for (const PolicyName of policies) {
        big.sandbox.call('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(read) });
      }
      for (const RoleName of roles)
        big.sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: JSON.stringify(ec2) });
      // People may have enrolled some.
      for (const UserName of users.slice(0, 300)) {
        big.sandbox.call('CreateServiceSpecificCredential', {
          UserName,
          ServiceName: 'codecommit.amazonaws.com',
        });
      }
      big.sandbox.clearJournal();
      const { plan } = await planAccount(
        desiredOf({
          users: users.map((name) => aUser(name)),
          groups: groups.map((name) => aGroup(name)),
          policies: policies.map((name) => aPolicy(name, read)),
          ...(of.roles > 0 ? { roles: roles.map((name) => aRole(name, ec2)) } : {}),
        }),
        big.aws,
      );
      expect(plan.changes).toEqual([]);
      expect(plan.notes).toHaveLength(1);
      expect(big.sandbox.journal.length).toBeLessThanOrEqual(of.most);
      expect(big.aws.calls.total).toBe(big.sandbox.journal.length);
    } finally {
      await big.close();
    }
  },
);
