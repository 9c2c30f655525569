import { afterEach, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { aUser, desiredOf, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

let account: TestAccount;
afterEach(async () => await account.close());

const hour = 3600_000;

test('a plan that rests on an old credential report says so', async () => {
  account = await testAccount({ start: new Date('2027-01-01T10:00:00Z') });
  const { aws } = account;
  await account.call('CreateUser', { UserName: 'dale' });
  const desired = desiredOf({ users: [aUser('dale')] });
  let said: readonly string[] = [];
  const look = async (): Promise<number> => {
    const { plan } = await planAccount(desired, aws);
    said = plan.notes;
    return plan.changes.length;
  };

  expect(await look()).toBe(0);
  expect(said).toEqual([]);

  await account.call('CreateAccessKey', { UserName: 'dale' });
  await aws.wait(2 * hour);
  // The report of two hours ago does not know the key.
  expect(await look()).toBe(0);
  expect(said).toEqual([expect.stringMatching(/^keys and passwords are as of 2027-01-01 10:00 UTC/)]);

  await aws.wait(3 * hour);
  expect(await look()).toBe(1);
  expect(said).toEqual([]);
});
