import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { byText } from '../../src/core/json.ts';
import { accountId } from '../support/account.ts';
import { anAccount, document, leave, loraxArn, loraxFile, receiptsIn, scratch, settle } from './support.ts';

test('the receipt of lorax, who had every type of credential', async () => {
  const account = await anAccount();
  const secrets = await settle(account);
  const dir = join(scratch(), 'deep', 'receipts');
  account.sandbox.clearJournal();
  const { written, unwritten, results } = await leave(account, dir);

  expect(unwritten).toEqual([]);
  expect(written.map(({ path }) => path)).toEqual([join(dir, `${loraxFile}.json`)]);
  expect(readdirSync(dir).sort()).toEqual([`${loraxFile}.json`, `${loraxFile}.md`]);
  expect(statSync(join(dir, `${loraxFile}.json`)).mode & 0o444).toBe(0o444 & ~process.umask());
  const receipt = receiptsIn(dir)[`${loraxFile}.json`]!;
  expect(receipt).toEqual(written[0]!.receipt);

  expect(receipt).toMatchObject({
    version: 2,
    account: accountId,
    partition: 'aws',
    complete: true,
    earlier: [],
    remaining: [],
    leftOver: [],
    user: { name: 'lorax', arn: loraxArn, path: '/trees/', createdAt: '2027-01-31T08:00:00.000Z' },
    run: {
      by: `arn:aws:iam::${accountId}:user/sandbox-operator`,
      startedAt: '2027-03-12T08:00:02.000Z',
      endedAt: '2027-03-12T08:00:02.000Z',
      rollcall: '0.1.0',
      manifests: { hash: '0a1b' },
    },
  });
  expect(receipt.user.id).toMatch(/^AIDA\w{17}$/);

  const { existed } = receipt;
  expect(existed.accessKeys.map(({ status, ageDays }) => `${status} ${ageDays}`).sort(byText)).toEqual([
    'Active 0',
    'Active 40',
  ]);
  expect(existed).toMatchObject({
    loginProfile: { createdAt: '2027-03-12T08:00:00.000Z', ageDays: 0 },
    mfaDevices: [
      { serial: 'GAHT12345678', type: 'hardware' },
      { serial: `arn:aws:iam::${accountId}:mfa/lorax`, type: 'virtual' },
    ],
    signingCertificates: [{ status: 'Active' }],
    sshKeys: [{ status: 'Active' }],
    groups: ['admins'],
    policies: { speaks: document('s3:*') },
    attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    boundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    tags: { team: 'trees and leaves' },
  });
  expect(existed.serviceCredentials.map(({ service }) => service.split('.')[0]!).sort(byText)).toEqual([
    'bedrock',
    'cassandra',
    'codecommit',
    'logs',
  ]);

  // Each call of the journal is in the receipt, with the id that AWS gave it.
  const done = receipt.steps.map(({ operation, requestId }) => `${operation} ${requestId}`);
  const called = account.sandbox.journal.map(({ op, requestId }) => `${op} ${requestId}`);
  expect(done).toEqual(called.slice(-results.length));
  expect(new Set(receipt.steps.map(({ status }) => status))).toEqual(new Set(['done']));
  expect(receipt.steps).toContainEqual({
    purpose: 'deactivate-credential',
    operation: 'UpdateAccessKey',
    target: `access key ${existed.accessKeys[0]!.id}`,
    sets: 'Inactive',
    write: true,
    status: 'done',
    requestId: expect.any(String) as string,
    at: '2027-03-12T08:00:02.000Z',
  });

  expect(receipt.outside.trustedBy.map(({ role, how }) => [role, how])).toEqual([
    ['gardener', 'user'],
    ['everybody', 'account'],
  ]);
  expect(receipt.outside.deniedAt).toBe('2027-03-12T08:00:02.000Z');
  expect(receipt.outside.sessions.map(({ kind, expiresAt, usable }) => [kind, expiresAt, usable])).toEqual([
    ['user-token', '2027-03-13T20:00:02.000Z', false],
    ['console', '2027-03-12T20:00:02.000Z', false],
    ['role', '2027-03-12T20:00:02.000Z', true],
    ['chained-role', '2027-03-12T21:00:02.000Z', true],
  ]);

  const everything = readdirSync(dir)
    .map((name) => readFileSync(join(dir, name), 'utf8'))
    .join('\n');
  expect(secrets).toHaveLength(7);
  for (const secret of secrets) expect(everything).not.toContain(secret);
});

test('the Markdown tells what the JSON tells', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = scratch();
  const { written } = await leave(account, dir);
  const { receipt } = written[0]!;
  const page = readFileSync(join(dir, `${loraxFile}.md`), 'utf8');
  expect(page).toContain('# Offboarding of `lorax` from AWS account 123456789012');
  expect(page).toContain('**Complete.**');
  for (const { requestId } of receipt.steps) expect(page).toContain(requestId);
  for (const { id } of receipt.existed.accessKeys) expect(page).toContain(id);
  expect(page).toContain('Role `gardener` names the user.');
  expect(page).toContain('Role `everybody` through the account');
  expect(page).toContain('`team = trees and leaves`');
});

test('names on the same day count on, and nothing is overwritten', async () => {
  const dir = scratch();
  for (const [index, expected] of ['', '-2', '-3'].entries()) {
    const account = await anAccount({ seed: 10 + index });
    await settle(account);
    const { written } = await leave(account, dir);
    expect(written[0]!.path).toBe(join(dir, `${loraxFile}${expected}.json`));
  }
  expect(readdirSync(dir)).toHaveLength(6);
  expect(new Set(Object.values(receiptsIn(dir)).map(({ user }) => user.id)).size).toBe(3);
});

test('nobody leaves: no directory, no git, no receipt', async () => {
  const account = await anAccount();
  await settle(account);
  const dir = join(scratch(), 'receipts');
  await leave(account, scratch());
  expect(await leave(account, dir)).toMatchObject({ written: [], unwritten: [] });
  expect(() => statSync(dir)).toThrow('ENOENT');
});
