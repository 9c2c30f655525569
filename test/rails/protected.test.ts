import { afterEach, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import { aGroup, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const admins = aGroup('admins', { policies: { all: allow('*') } });
const staff = aGroup('staff');
const reports = aPolicy('reports', allow('s3:GetObject'));
const before = {
  users: [
    aUser('buzzo', { groups: ['admins'] }),
    aUser('dale', { groups: ['admins', 'staff'] }),
    aUser('lorax'),
  ],
  groups: [admins, staff],
  policies: [reports],
};
const [buzzo, dale, lorax] = before.users as [
  (typeof before.users)[0],
  (typeof before.users)[0],
  (typeof before.users)[0],
];

const accounts: TestAccount[] = [];
afterEach(async () => {
  for (const account of accounts.splice(0)) await account.close();
});

/** What the rail `protected` says of a plan from the state above. */
async function told(
  after: Parameters<typeof desiredOf>[0],
  protect: Partial<Desired['rails']['protect']>,
  rest: Partial<Desired> = {},
): Promise<string[]> {
  const account = await testAccount({ transport: 'direct' });
  accounts.push(account);
  await reconcile(desiredOf(before), account.aws);
  const desired = desiredOf(
    { ...before, ...after },
    {
      rails: {
        maxRemovals: {},
        minMembers: {},
        deny: [],
        protect: { users: [], groups: [], policies: [], ...protect },
      },
      ...rest,
    },
  );
  const { violations } = await planAccount(desired, account.aws);
  return violations.filter(({ rail }) => rail === 'protected').map(({ message }) => message);
}

const group = { groups: ['Admins'] };

test('a protected name counts in any case', async () => {
  expect(await told({ users: [buzzo, lorax] }, { users: ['DALE'] })).toEqual([
    'the plan touches the protected user DALE: user dale: offboard',
  ]);
  expect(
    await told(
      { groups: [admins], users: [buzzo, { ...dale, groups: ['admins'] }, lorax] },
      { groups: ['STAFF'] },
    ),
  ).toEqual(['the plan touches the protected group STAFF: group staff: delete']);
  expect(await told({ policies: [] }, { policies: ['Reports'] })).toEqual([
    'the plan touches the protected policy Reports: policy reports: delete',
  ]);
});

test.each([
  [
    'a user who joins',
    { users: [buzzo, dale, { ...lorax, groups: ['admins'] }] },
    'group admins: members +lorax',
  ],
  [
    'a user who leaves the group',
    { users: [buzzo, { ...dale, groups: ['staff'] }, lorax] },
    'group admins: members -dale',
  ],
  [
    'a new user who joins',
    { users: [...before.users, aUser('mallory', { groups: ['admins'] })] },
    'user mallory: create',
  ],
  ['a member who is offboarded', { users: [buzzo, lorax] }, 'user dale: offboard'],
  [
    'a member who is renamed',
    { users: [buzzo, { ...dale, name: 'dan', renamedFrom: 'dale' }, lorax] },
    'user dan: renamed from dale',
  ],
  [
    'a rename of the group',
    {
      users: [{ ...buzzo, groups: ['chiefs'] }, { ...dale, groups: ['chiefs', 'staff'] }, lorax],
      groups: [{ ...admins, name: 'chiefs', renamedFrom: 'admins' }, staff],
    },
    'group chiefs: renamed from admins',
  ],
])('the memberships of a protected group are protected: %s', async (_, after, change) => {
  expect(await told(after, group)).toEqual([`the plan touches the protected group Admins: ${change}`]);
});

test('another group that takes the name of a protected one is refused', async () => {
  const [message] = await told(
    {
      users: [{ ...buzzo, groups: [] }, { ...dale, groups: ['chiefs'] }, lorax],
      groups: [{ ...staff, name: 'chiefs', renamedFrom: 'staff' }],
    },
    { groups: ['chiefs'] },
  );
  expect(message).toContain('group chiefs: renamed from staff');
});

test('an expired membership of a protected group is refused', async () => {
  const ref = 'user:dale/groups/admins';
  const at = '2026-01-31T23:59:59.999Z';
  expect(
    await told({ users: [buzzo, { ...dale, groups: ['staff'] }, lorax] }, group, {
      expiring: [{ ref, what: 'the membership', at, expired: true }],
    }),
  ).toEqual([`the plan touches the protected group Admins: group admins: members -dale (expired ${at})`]);
});

test('the memberships of a protected user are protected, by a rename of the group too', async () => {
  const user = { users: ['Dale'] };
  expect(
    await told(
      {
        users: [buzzo, { ...dale, groups: ['admins', 'crew'] }, lorax],
        groups: [admins, { ...staff, name: 'crew', renamedFrom: 'staff' }],
      },
      user,
    ),
  ).toEqual(['the plan touches the protected user Dale: group crew: renamed from staff']);
  expect(
    await told({ users: [buzzo, { ...dale, groups: ['admins'] }, lorax], groups: [admins] }, user),
  ).toEqual(['the plan touches the protected user Dale: group staff: delete']);
});

test('who holds a protected policy is not protected, nor what does not touch a group', async () => {
  const attachedPolicyArns = {
    users: [buzzo, dale, { ...lorax, attachedPolicyArns: [reports.arn], tags: { team: 'x' } }],
  };
  expect(await told(attachedPolicyArns, { policies: ['reports'] })).toEqual([]);
  expect(await told(attachedPolicyArns, { groups: ['admins', 'staff'], users: ['buzzo', 'dale'] })).toEqual(
    [],
  );
  const renamed = { users: [buzzo, dale, { ...lorax, name: 'larry', renamedFrom: 'lorax' }] };
  expect(await told(renamed, { groups: ['admins', 'staff'] })).toEqual([]);
});
