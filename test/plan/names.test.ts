import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';

test('a rename to a name that is there already is refused in words', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax'), aUser('dale')] }), account.aws);
    const desired = desiredOf({ users: [aUser('dale', { renamedFrom: 'lorax' })] });
    await expect(planAccount(desired, account.aws)).rejects.toMatchObject({
      diagnostics: [{ message: 'user dale is renamed from lorax, but IAM has both' }],
    });
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
