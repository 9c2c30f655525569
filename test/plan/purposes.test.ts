import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import {
  aGroup,
  allRails,
  aPolicy,
  aUser,
  desiredOf,
  noCredentials,
  reconcile,
  testAccount,
} from '../support/account.ts';

/** A step says what it is for, whichever operation it uses. */

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const denyAll = { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } };
const large = { large: allow(`s3:Get${'x'.repeat(1900)}`) };
const limits = aPolicy('limits', allow('s3:*'));

const stays = aUser('dale');
const cases: readonly [string, Desired, Desired, readonly string[]][] = [
  [
    'an offboarding, with the deny as a policy',
    desiredOf({ users: [stays, aUser('lorax', { boundary: limits.arn })], policies: [limits] }),
    desiredOf({ users: [stays] }),
    [
      'PutUserPolicy deny-everything',
      'DeleteUserPolicy lift-deny',
      'DeleteUser delete',
      'DeletePolicy delete',
    ],
  ],
  [
    'an offboarding, with the deny as the boundary',
    desiredOf({ users: [stays, aUser('lorax', { policies: large })] }),
    desiredOf({ users: [stays] }),
    ['PutUserPermissionsBoundary deny-everything', 'DeleteUserPolicy remove-policy', 'DeleteUser delete'],
  ],
  [
    'a suspension',
    desiredOf({ users: [aUser('lorax')] }),
    desiredOf({ users: [aUser('lorax', { suspended: true })] }),
    ['PutUserPolicy deny-everything'],
  ],
  [
    'a suspended user who is made',
    desiredOf({}),
    desiredOf({ users: [aUser('lorax', { suspended: true })] }),
    ['CreateUser create', 'PutUserPolicy deny-everything'],
  ],
  [
    'the end of a suspension',
    desiredOf({ users: [aUser('lorax', { suspended: true })] }),
    desiredOf({ users: [aUser('lorax')] }),
    ['DeleteUserPolicy lift-deny'],
  ],
  [
    'the end of a suspension by the boundary',
    desiredOf({
      users: [aUser('lorax', { policies: large, boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' })],
    }),
    desiredOf({ users: [aUser('lorax', { policies: large })] }),
    ['DeleteUserPermissionsBoundary lift-deny'],
  ],
  [
    'another boundary in place of that of a suspension',
    desiredOf({ users: [aUser('lorax', { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' })] }),
    desiredOf({ users: [aUser('lorax', { boundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })] }),
    ['PutUserPermissionsBoundary set-boundary'],
  ],
  [
    'a policy that only bears the name of a deny',
    desiredOf({ users: [aUser('lorax', { policies: { 'rollcall-suspended': allow('s3:*') } })] }),
    desiredOf({ users: [aUser('lorax')] }),
    ['DeleteUserPolicy remove-policy'],
  ],
  [
    'a deny that the files declare',
    desiredOf({ users: [aUser('lorax')] }),
    desiredOf({ users: [aUser('lorax', { policies: { closed: denyAll } })] }),
    ['PutUserPolicy add-policy'],
  ],
  [
    'a boundary that comes, and one that goes',
    desiredOf({ users: [aUser('dale', { boundary: limits.arn }), aUser('lorax')], policies: [limits] }),
    desiredOf({ users: [aUser('dale'), aUser('lorax', { boundary: limits.arn })], policies: [limits] }),
    ['PutUserPermissionsBoundary set-boundary', 'DeleteUserPermissionsBoundary remove-boundary'],
  ],
  [
    'a new key',
    desiredOf({ users: [aUser('lorax')] }),
    desiredOf({ users: [aUser('lorax', { accessKey: { count: 1 } })] }),
    ['TagUser mark-delivery', 'CreateAccessKey make-secret', 'UntagUser unmark-delivery'],
  ],
  [
    'a key that no file declares',
    desiredOf({ users: [aUser('lorax', { accessKey: { count: 1 } })] }),
    desiredOf({ users: [aUser('lorax')] }),
    ['UpdateAccessKey deactivate-credential', 'DeleteAccessKey delete-credential'],
  ],
  [
    'members, tags and paths',
    desiredOf({ users: [aUser('dale', { groups: ['staff'], tags: { a: '1' } })], groups: [aGroup('staff')] }),
    desiredOf({ users: [aUser('dale', { path: '/x/' })], groups: [aGroup('staff')] }),
    ['RemoveUserFromGroup leave-group', 'UntagUser untag', 'UpdateUser move'],
  ],
];

test.each(cases)('%s', async (_what, before, after, expected) => {
  const account = await testAccount({ transport: 'direct' });
  try {
    expect((await reconcile(before, account.aws)).results.every(({ status }) => status === 'done')).toBe(
      true,
    );
    const { plan } = await planAccount(after, account.aws, { overrides: allRails });
    const told = plan.steps
      .filter(({ purpose }) => purpose !== 'identify-user' && purpose !== 'check-credentials')
      .map(({ op, purpose }) => `${op} ${purpose}`);
    expect(told.sort()).toEqual([...expected].sort());
  } finally {
    await account.close();
  }
});

test('the policy that bounds who leaves is deleted after them, and not before', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    const users = [aUser('dale'), aUser('lorax', { boundary: limits.arn, credentials: noCredentials })];
    await reconcile(desiredOf({ users, policies: [limits] }), account.aws);
    account.sandbox.faults.add({ kind: 'denied', op: 'DeleteUser', times: 1 });
    const after = desiredOf({ users: [aUser('dale')] });
    const { results } = await reconcile(after, account.aws);
    expect(results.at(-1)).toMatchObject({ step: { op: 'DeletePolicy' }, status: 'skipped' });
    const again = await reconcile(after, account.aws);
    expect(again.results.every(({ status }) => status === 'done')).toBe(true);
  } finally {
    await account.close();
  }
});
