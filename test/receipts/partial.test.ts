import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anAccount, leave, loraxFile, receiptsIn, scratch, settle } from './support.ts';

test('stopped half-way: what remains, and the next receipt names this one', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'denied', op: 'DeleteSSHPublicKey', times: 1 });
  const first = await leave(account, dir);
  expect(first.written[0]!.receipt).toMatchObject({ complete: false, earlier: [] });
  const half = receiptsIn(dir)[`${loraxFile}.json`]!;
  const failed = half.steps.filter(({ status }) => status === 'failed');
  expect(failed).toMatchObject([
    {
      operation: 'DeleteSSHPublicKey',
      requestId: expect.any(String) as string,
      message: expect.stringContaining('access denied') as string,
    },
  ]);
  expect(half.remaining.map(({ operation }) => operation)).toEqual([
    'DeleteSSHPublicKey',
    'DeleteSigningCertificate',
    ...Array.from({ length: 4 }, () => 'DeleteServiceSpecificCredential'),
    'RemoveUserFromGroup',
    'DeleteUserPolicy',
    'DetachUserPolicy',
    'DeleteUserPolicy',
    'DeleteUser',
  ]);
  // Still denied: the user's own sessions open nothing.
  expect(half.outside.sessions.map(({ usable }) => usable)).toEqual([false, false, true, true]);
  const page = readFileSync(join(dir, `${loraxFile}.md`), 'utf8');
  expect(page).toContain('**Not complete.** 11 steps remain');
  expect(page).toContain('**failed**: `DeleteSSHPublicKey: access denied');

  await account.aws.wait(24 * 60 * 60 * 1000);
  const second = await leave(account, dir);
  const whole = second.written[0]!.receipt;
  expect(whole).toMatchObject({ complete: true, earlier: [`${loraxFile}.json`], user: half.user });
  // What was gone before this run is in the earlier receipt alone.
  expect(whole.existed.accessKeys).toEqual([]);
  expect(Object.keys(whole.existed.policies)).toContain('rollcall-offboarding-deny');
  // The deny was there when the run began, so no call of it denied anything.
  expect(whole.outside).toMatchObject({ deniedAt: null, deniedBefore: whole.run.startedAt });
  expect(Object.keys(receiptsIn(dir))).toEqual([
    `${loraxFile}.json`,
    `${loraxFile.replace('03-12', '03-13')}.json`,
  ]);
});

test('earlier receipts are those of the same person: of nobody else, nor of a namesake who was there before', async () => {
  const account = await anAccount();
  const dir = scratch();
  await account.call('CreateUser', { UserName: 'lorax' });
  account.sandbox.faults.add({ kind: 'denied', op: 'DeleteUser', times: 1 });
  const { written } = await leave(account, dir);
  expect(written[0]!.receipt).toMatchObject({ complete: false, earlier: [] });
  await account.call('DeleteUser', { UserName: 'lorax' });
  await account.call('CreateUser', { UserName: 'lorax' });
  await account.call('CreateUser', { UserName: 'once-ler' });
  const later = await leave(account, dir);
  expect(later.written.map(({ receipt }) => receipt)).toMatchObject(
    ['lorax', 'once-ler'].map((name) => ({ user: { name }, complete: true, earlier: [] })),
  );
});

test('not even the deny: sessions may still be made', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'denied', op: 'PutUserPolicy' });
  await leave(account, dir);
  const receipt = receiptsIn(dir)[`${loraxFile}.json`]!;
  const hint = 'allow iam:PutUserPolicy to this caller (docs/permissions.md lists what each command needs)';
  expect(receipt).toMatchObject({ complete: false, outside: { deniedAt: null } });
  expect(receipt.steps.filter((step) => step.hint !== undefined)).toMatchObject([
    { operation: 'PutUserPolicy', status: 'failed', hint },
  ]);
  expect(receipt.steps.find(({ status }) => status === 'skipped')?.message).toMatch(
    /^needs PutUserPolicy \(s\d+\)$/,
  );
  const [, , verdict, , todo] = readFileSync(join(dir, `${loraxFile}.md`), 'utf8').split('\n');
  expect(verdict).toMatch(/^\*\*Not complete\.\*\* \d+ steps remain\. \*\*The user still has access\*\*/);
  expect(verdict).not.toContain('apply` again');
  expect(todo).toBe(`- PutUserPolicy: \`${hint}\``);
  expect(receipt.outside.sessions.every(({ expiresAt, usable }) => expiresAt === null && usable)).toBe(true);
  expect(readFileSync(join(dir, `${loraxFile}.md`), 'utf8')).toContain('new sessions can still be opened');
});

test('an answer that never came: another run may do it, and the receipt says what is not known', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'error-after', op: 'PutUserPolicy' });
  await leave(account, dir);
  const [, , verdict] = readFileSync(join(dir, `${loraxFile}.md`), 'utf8').split('\n');
  expect(verdict).toMatch(
    /steps remain: run `rollcall apply` again\. \*\*The user may still have access\*\*/,
  );
});

test('the deny is gone and the user is not: their own sessions count again', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'denied', op: 'DeleteUser' });
  await leave(account, dir);
  const receipt = receiptsIn(dir)[`${loraxFile}.json`]!;
  expect(receipt.remaining).toEqual([{ operation: 'DeleteUser', target: 'user lorax' }]);
  expect(receipt.outside.sessions.map(({ usable }) => usable)).toEqual([true, true, true, true]);
});

test('stopped before the first write: there is nothing to tell', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  account.sandbox.faults.add({ kind: 'denied', op: 'GetUser' });
  const { results, written, unwritten } = await leave(account, dir);
  expect(results[0]).toMatchObject({ status: 'failed' });
  expect([written, unwritten, readdirSync(dir)]).toEqual([[], [], []]);
});

test('what was gone already is told as such', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  account.sandbox.faults.beforeCall = ({ op }) => {
    if (op !== 'RemoveUserFromGroup') return;
    account.sandbox.call('DetachUserPolicy', { UserName: 'lorax', PolicyArn });
  };
  const { written } = await leave(account, dir);
  const step = written[0]!.receipt.steps.find(({ operation }) => operation === 'DetachUserPolicy');
  expect(step).toMatchObject({ status: 'done', message: 'it was gone already' });
  expect(step!.requestId).toBeDefined();
});

test('killed before the first write: there is nothing to tell', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  await leave(account, dir, { stopAfter: 1 });
  expect(readdirSync(dir)).toEqual([]);
});

test.each([2, 3, 12, 30])('killed after step %i: what was done is on disk', async (stopAfter) => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  await leave(account, dir, { stopAfter });
  const receipt = receiptsIn(dir)[`${loraxFile}.json`];
  expect(receipt).toMatchObject({ complete: false, run: { endedAt: null } });
  const statuses = receipt!.steps.map(({ status }) => status);
  const done = statuses.filter((status) => status === 'done').length;
  // Looks do not bring the file up to date.
  expect(done).toBeLessThanOrEqual(stopAfter);
  expect(receipt!.steps.slice(done, stopAfter).some(({ write }) => write)).toBe(false);
  expect(statuses[done]).toBe('unknown');
  expect(statuses.slice(done + 1).every((status) => status === 'skipped')).toBe(true);
  expect(readdirSync(dir)).toEqual([`${loraxFile}.json`]);
});

test('a directory that cannot be written: the receipt is handed back, and written once it can be', async () => {
  const account = await anAccount();
  await settle(account);
  const file = join(scratch(), 'a-file');
  writeFileSync(file, '');
  const { written, unwritten } = await leave(account, file, { manifestsDir: scratch() });
  expect(written).toEqual([]);
  expect(unwritten[0]!.receipt).toMatchObject({ complete: true, user: { name: 'lorax' } });
  expect(unwritten[0]!.error.message).toContain(`${join(file, `${loraxFile}.json`)} cannot be written`);
  expect(readFileSync(file, 'utf8')).toBe('');
});

test.skipIf(process.getuid?.() === 0)('permission denied: likewise', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = join(scratch(), 'closed');
  mkdirSync(dir, { mode: 0o500 });
  const { unwritten } = await leave(account, dir);
  chmodSync(dir, 0o700);
  expect(unwritten[0]!.error.message).toContain('permission denied');
});

test('a broken receipt in the directory holds nothing up', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  writeFileSync(join(dir, 'broken.json'), '{');
  expect((await leave(account, dir)).written).toHaveLength(1);
});
