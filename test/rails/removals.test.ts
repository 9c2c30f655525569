import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';

test('the share that may go is of those in scope: who is ignored is in no total', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    const own = ['buzzo', 'dale', 'lorax', 'melvins'].map((name) => aUser(name));
    const theirs = ['svc-a', 'svc-b', 'svc-c', 'svc-d'].map((name) => aUser(name));
    await reconcile(desiredOf({ users: [...own, ...theirs] }), account.aws);
    const desired = desiredOf(
      { users: own.slice(0, 1) },
      {
        ignore: { users: ['svc-*'], groups: [], policies: [], roles: [] },
        rails: {
          maxRemovals: { users: 1, percent: 50 },
          protect: { users: [], groups: [], policies: [] },
          minMembers: {},
          deny: [],
        },
      },
    );
    const { violations } = await planAccount(desired, account.aws);
    expect(violations.map(({ message }) => message)).toEqual([
      '3 users of 4 would be removed; at most 2 may go in one plan',
    ]);
  } finally {
    await account.close();
  }
});
