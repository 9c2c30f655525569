import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReceipts, verifyReceipts } from '../../src/app/receipts/index.ts';
import type { Receipt, Verification } from '../../src/app/receipts/index.ts';
import { readCaller } from '../../src/aws/read.ts';
import type { TestAccount } from '../support/account.ts';
import { testAccount } from '../support/account.ts';
import { anAccount, leave, loraxFile, receiptsIn, scratch, settle, start } from './support.ts';

async function verify({ aws }: TestAccount, dir: string): Promise<Verification> {
  const { receipts } = await readReceipts(dir);
  return await verifyReceipts(receipts, aws, await readCaller(aws));
}

async function gone(): Promise<{ account: TestAccount; dir: string; receipt: Receipt }> {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  const { written } = await leave(account, dir);
  account.sandbox.clearJournal();
  return { account, dir, receipt: written[0]!.receipt };
}

const put = (dir: string, name: string, receipt: Receipt): void =>
  writeFileSync(join(dir, name), JSON.stringify(receipt, null, 2));

test('gone: one read of the account, one call for each key', async () => {
  const { account, dir } = await gone();
  const verification = await verify(account, dir);
  expect(verification).toMatchObject({ keysAsked: 2, keysKnown: 2 });
  expect(verification.checked).toMatchObject([{ verdict: 'gone', findings: [], keys: [] }]);
  expect(account.sandbox.journal.map(({ op }) => op)).toEqual([
    'GetCallerIdentity',
    'GetAccountAuthorizationDetails',
    'GetAccessKeyLastUsed',
    'GetAccessKeyLastUsed',
  ]);
});

test('a hundred receipts cost one read and ten calls', async () => {
  const { account, dir, receipt } = await gone();
  for (let number = 0; number < 100; number += 1) {
    const key = { ...receipt.existed.accessKeys[0]!, id: `AKIA${String(number).padStart(16, 'A')}` };
    const copy = { ...receipt, existed: { ...receipt.existed, accessKeys: [key] } };
    put(dir, `copy-${number}.json`, { ...copy, user: { ...receipt.user, id: `AIDA${number + 1e16}` } });
  }
  const verification = await verify(account, dir);
  expect(verification.checked.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 101 }, () => 'gone'),
  );
  expect(verification).toMatchObject({ keysAsked: 10, keysKnown: 102 });
  expect(account.sandbox.journal).toHaveLength(12);
});

test('the name is in use again by somebody else: told, and no failure', async () => {
  const { account, dir } = await gone();
  const { User } = account.sandbox.call('CreateUser', { UserName: 'LORAX' });
  const [checked] = (await verify(account, dir)).checked;
  expect(checked).toMatchObject({
    verdict: 'gone',
    findings: [`the name is in use again, by another user (${User!.UserId})`],
  });
});

test('the same user is back, as only a restored sandbox can have it', async () => {
  const place = scratch();
  const dir = scratch();
  const file = join(place, 'account.db');
  const open = (): Promise<TestAccount> => testAccount({ start, transport: 'direct', file });
  let account = await open();
  await settle(account);
  await account.close();
  copyFileSync(file, `${file}.copy`);
  account = await open();
  const { written } = await leave(account, dir);
  expect(await verify(account, dir)).toMatchObject({ checked: [{ verdict: 'gone' }] });
  await account.close();

  copyFileSync(`${file}.copy`, file);
  account = await open();
  account.sandbox.call('UpdateUser', { UserName: 'lorax', NewUserName: 'melvins' });
  const { id } = written[0]!.receipt.user;
  const keys = written[0]!.receipt.existed.accessKeys.map((key) => key.id);
  const [checked] = (await verify(account, dir)).checked;
  await account.close();
  expect(checked).toMatchObject({
    verdict: 'back',
    keys,
    findings: [
      `${id} is in the account again as melvins`,
      ...keys.map((key) => `access key ${key} exists (of user melvins)`),
    ],
  });
});

test('not complete: while the user is there, and when nobody tells of the end', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'denied', op: 'RemoveUserFromGroup', times: 1 });
  await leave(account, dir);
  const { id } = receiptsIn(dir)[`${loraxFile}.json`]!.user;
  expect((await verify(account, dir)).checked).toMatchObject([
    { verdict: 'incomplete', findings: [`${id} is still there`] },
  ]);

  await leave(account, dir);
  expect((await verify(account, dir)).checked).toMatchObject([
    { file: `${loraxFile}.json`, verdict: 'gone', findings: [`completed by ${loraxFile}-2.json`] },
    { file: `${loraxFile}-2.json`, verdict: 'gone', findings: [] },
  ]);

  const alone = scratch();
  copyFileSync(join(dir, `${loraxFile}.json`), join(alone, `${loraxFile}.json`));
  expect((await verify(account, alone)).checked).toMatchObject([
    { verdict: 'incomplete', findings: ['the user is gone, but no receipt tells of the end'] },
  ]);
});

test('receipts of other accounts are skipped, without a call', async () => {
  const { account, dir, receipt } = await gone();
  const other = scratch();
  put(other, 'other.json', { ...receipt, account: '210987654321' });
  const verification = await verify(account, other);
  expect(verification).toMatchObject({
    keysAsked: 0,
    checked: [{ verdict: 'skipped', findings: ['of account 210987654321, not 123456789012'] }],
  });
  expect(account.sandbox.journal.map(({ op }) => op)).toEqual(['GetCallerIdentity']);
  put(dir, 'other.json', { ...receipt, account: '210987654321' });
  expect((await verify(account, dir)).checked.map(({ verdict }) => verdict).sort()).toEqual([
    'gone',
    'skipped',
  ]);
});

test('a denied call for a key leaves it open', async () => {
  const { account, dir } = await gone();
  account.sandbox.faults.add({ kind: 'denied', op: 'GetAccessKeyLastUsed' });
  const [checked] = (await verify(account, dir)).checked;
  expect(checked!.verdict).toBe('gone');
  expect(checked!.findings).toHaveLength(2);
  expect(checked!.findings[0]).toContain('is not known: iam:GetAccessKeyLastUsed is denied');
});

test('a read of the account that fails verifies nothing', async () => {
  const { account, dir } = await gone();
  account.sandbox.faults.add({ kind: 'denied', op: 'GetAccountAuthorizationDetails' });
  await expect(verify(account, dir)).rejects.toThrow('access denied');
});

test('a receipt of the first version is read and verified as before', async () => {
  const { account, dir, receipt } = await gone();
  const { leftOver: _left, outside: all, ...rest } = receipt;
  const { assumable: _assumable, namedIn: _named, trustedBy, ...others } = all;
  const outside = {
    ...others,
    trustedBy: trustedBy.map(({ sessionsUntil: _until, sessionsRevoked: _revoked, ...trust }) => trust),
  };
  const steps = receipt.steps.map(({ purpose: _purpose, ...step }) => step);
  const first = { ...rest, version: 1, steps, outside: { ...outside, deniedAt: receipt.run.startedAt } };
  put(dir, `${loraxFile}.json`, first as Receipt);
  expect((await readReceipts(dir)).diagnostics).toEqual([]);
  expect((await verify(account, dir)).checked).toMatchObject([{ verdict: 'gone' }]);
  // What came later is no part of it.
  put(dir, `${loraxFile}.json`, { ...first, leftOver: [] } as unknown as Receipt);
  expect((await readReceipts(dir)).diagnostics).toMatchObject([
    { message: 'unknown key "leftOver" in the receipt' },
  ]);
});

/** One for all: what is damaged is only its text. */
let sound: Promise<string> | undefined;
const soundText = async (): Promise<string> => {
  const { dir } = await gone();
  return readFileSync(join(dir, `${loraxFile}.json`), 'utf8');
};

test.each<[what: string, damage: (text: string) => string, line: number | null, message: string | RegExp]>([
  ['cut short', (text) => text.slice(0, 300), null, 'not valid JSON'],
  ['no JSON', () => 'Offboarding', 1, 'not valid JSON: expected a value'],
  ['empty', () => '', 1, 'not valid JSON'],
  ['a list', () => '[]', 1, /the receipt must be object/],
  [
    'of a later version',
    (text) => text.replace('"version": 2', '"version": 3'),
    2,
    'a receipt of version 3; this rollcall reads versions 1 to 2',
  ],
  ['without id', (text) => text.replace(/ *"id": "AIDA.*\n/, ''), 5, '"user" has no "id"'],
  ['with more', (text) => text.replace('"account"', '"extra": 1, "account"'), 1, 'unknown key "extra"'],
  [
    'with a wrong status',
    (text) => text.replace('"status": "done"', '"status": "fine"'),
    null,
    '"steps.0.status" must be done, failed, refused, skipped or unknown',
  ],
  ['a key twice', (text) => text.replace('"account"', '"version": 2, "account"'), 3, 'is there twice'],
])('a receipt that is %s is told with its line', async (_what, damage, line, message) => {
  const dir = scratch();
  const path = join(dir, `${loraxFile}.json`);
  writeFileSync(path, damage(await (sound ??= soundText())));
  const { receipts, diagnostics } = await readReceipts(dir);
  expect(receipts).toEqual([]);
  expect(diagnostics[0]!.message).toMatch(message);
  expect(diagnostics[0]!.at!.file).toBe(path);
  const found = diagnostics[0]!.at!.line;
  expect(line === null ? found > 1 : found === line).toBe(true);
});

test('a directory that is not there is an error: nothing was verified', async () => {
  await expect(readReceipts(join(scratch(), 'nowhere'))).rejects.toThrow('there is no directory');
  expect(await readReceipts(scratch())).toEqual({ receipts: [], diagnostics: [] });
});
