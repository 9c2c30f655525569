import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Receipt } from '../../src/app/receipts/index.ts';
import type { TestAccount } from '../support/account.ts';
import { anAccount, document, leave, loraxFile, receiptsIn, scratch, settle } from './support.ts';

/** What a receipt says of the deny is what the call that denied came to, whichever call that was. */

/** No inline room is left, so the deny goes in as the boundary. */
async function full(account: TestAccount): Promise<void> {
  const lengthOf = (action: string): number => JSON.stringify(document(action)).length;
  const room = 2040 - lengthOf('s3:*') - lengthOf('s3:Get');
  const used = JSON.stringify(document(`s3:Get${'x'.repeat(room)}`));
  await account.call('PutUserPolicy', { UserName: 'lorax', PolicyName: 'large', PolicyDocument: used });
}

const cases = [
  { how: 'an inline policy', op: 'PutUserPolicy', prepare: async () => {} },
  { how: 'a boundary', op: 'PutUserPermissionsBoundary', prepare: full },
] as const;

async function left(
  account: TestAccount,
  dir: string,
): Promise<{ receipt: Receipt; page: string; own: boolean[] }> {
  await leave(account, dir);
  const receipt = receiptsIn(dir)[`${loraxFile}.json`]!;
  const page = readFileSync(join(dir, `${loraxFile}.md`), 'utf8');
  const own = receipt.outside.sessions
    .filter(({ kind }) => kind === 'user-token' || kind === 'console')
    .map(({ usable }) => usable);
  return { receipt, page, own };
}

test.each(cases)('a deny as $how that IAM refuses: nothing was denied', async ({ op, prepare }) => {
  const account = await anAccount();
  await settle(account);
  await prepare(account);
  account.sandbox.faults.add({ kind: 'denied', op });
  const { receipt, page, own } = await left(account, scratch());
  expect(receipt).toMatchObject({ complete: false, outside: { deniedAt: null } });
  expect(receipt.outside.deniedBefore).toBeUndefined();
  expect(own).toEqual([true, true]);
  expect(receipt.outside.sessions.map(({ expiresAt }) => expiresAt)).toEqual([null, null, null, null]);
  expect(page).toContain('The user was not denied');
  expect(receipt.steps.filter(({ status }) => status === 'done').map(({ purpose }) => purpose)).toEqual([
    'identify-user',
  ]);
});

test.each(cases)('a deny as $how: since the call that denied, not since the run began', async (one) => {
  const account = await anAccount();
  await settle(account);
  await one.prepare(account);
  account.sandbox.faults.beforeCall = ({ op }) => {
    if (op === one.op) void account.aws.wait(90_000);
  };
  const { receipt, own } = await left(account, scratch());
  const deny = receipt.steps.find(({ purpose }) => purpose === 'deny-everything');
  expect(deny).toMatchObject({ operation: one.op, status: 'done', at: receipt.outside.deniedAt });
  expect(Date.parse(receipt.outside.deniedAt!) - Date.parse(receipt.run.startedAt)).toBe(90_000);
  const [token] = receipt.outside.sessions;
  expect(Date.parse(token!.expiresAt!) - Date.parse(receipt.outside.deniedAt!)).toBe(36 * 3_600_000);
  expect(own).toEqual([false, false]);
  expect(receipt.complete).toBe(true);
});

test.each(cases)('a deny as $how without an answer: nobody knows', async ({ op, prepare }) => {
  const account = await anAccount();
  await settle(account);
  await prepare(account);
  account.sandbox.faults.add({ kind: 'error-after', op });
  const { receipt, page, own } = await left(account, scratch());
  expect(receipt.steps.find(({ purpose }) => purpose === 'deny-everything')?.status).toBe('unknown');
  expect(receipt.outside.deniedAt).toBeNull();
  expect(own).toEqual([true, true]);
  expect(page).toContain('Whether everything was denied to the user is not known');
});

test.each(cases)('a deny as $how that was there already is told as that', async ({ prepare, op }) => {
  const account = await anAccount();
  await settle(account);
  await prepare(account);
  account.sandbox.faults.add({ kind: 'denied', op: 'DeleteAccessKey' });
  await leave(account, scratch());
  account.sandbox.faults.clear();
  await account.aws.wait(60_000);
  const { receipt, page, own } = await left(account, scratch());
  expect(receipt.steps.some(({ operation }) => operation === op)).toBe(false);
  expect(receipt.outside).toMatchObject({ deniedAt: null, deniedBefore: receipt.run.startedAt });
  expect(page).toContain('denied to the user already when this run began');
  expect(own).toEqual([false, false]);
});

test('a boundary that denies holds until the user is gone; an inline deny that was lifted does not', async () => {
  for (const { prepare, how } of cases) {
    const account = await anAccount();
    await settle(account);
    await prepare(account);
    account.sandbox.faults.add({ kind: 'denied', op: 'DeleteUser' });
    const { receipt, own } = await left(account, scratch());
    expect(receipt.complete).toBe(false);
    const held = how === 'a boundary';
    expect(own).toEqual([!held, !held]);
    expect(account.sandbox.call('GetUser', { UserName: 'lorax' }).User?.PermissionsBoundary).toMatchObject({
      PermissionsBoundaryArn: `arn:aws:iam::aws:policy/${held ? 'AWSDenyAll' : 'PowerUserAccess'}`,
    });
  }
});

test('a lift of the deny without an answer: it may be gone', async () => {
  const account = await anAccount();
  await settle(account);
  account.sandbox.faults.add({ kind: 'error-before', op: 'DeleteUserPolicy', after: 1 });
  const { receipt, own } = await left(account, scratch());
  expect(receipt.steps.find(({ purpose }) => purpose === 'lift-deny')?.status).toBe('unknown');
  expect(own).toEqual([true, true]);
});
