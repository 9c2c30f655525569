import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';

test('where IAM has both names of a rename, nothing is renamed or removed, and everything else goes on', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax'), aUser('dale'), aUser('ben')] }), account.aws);
    const desired = desiredOf({ users: [aUser('dale', { renamedFrom: 'lorax' }), aUser('ann')] });
    const { plan } = await planAccount(desired, account.aws);
    expect(plan.changes.map(({ id, byHand = false }) => [id, byHand])).toEqual([
      ['user:ann', false],
      ['user:ben', false],
      ['user:dale/name', true],
    ]);
    expect(plan.changes.at(-1)!.reason).toContain('IAM has both, so nothing is renamed, and lorax stays');
  } finally {
    await account.close();
  }
});

test('what is ignored may have the old name of what was renamed', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax'), aUser('dale')] }), account.aws);
    const desired = desiredOf(
      { users: [aUser('dale', { renamedFrom: 'lorax' })] },
      { ignore: { users: ['lorax'], groups: [], policies: [], roles: [] } },
    );
    expect((await planAccount(desired, account.aws)).plan.changes).toEqual([]);
  } finally {
    await account.close();
  }
});

test('a name that IAM has in another case is refused in words', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('Lorax')] }), account.aws);
    await expect(planAccount(desiredOf({ users: [aUser('lorax')] }), account.aws)).rejects.toMatchObject({
      diagnostics: [
        {
          message: "user lorax: IAM has it as Lorax, and IAM's names differ by more than case",
          hint: 'write it as IAM does: Lorax',
        },
      ],
    });
  } finally {
    await account.close();
  }
});
