import { expect, test } from 'vitest';
import { renderReceipt } from '../../src/app/receipts/markdown.ts';
import type { Receipt } from '../../src/app/receipts/receipt.ts';

const evil = '`` x`</code> | <img src=x> @dale\n\n# Complete [link](http://x) \u202e';

/** Every text that is not rollcall's own is hostile. */
const receipt: Receipt = {
  version: 1,
  account: '123456789012',
  partition: 'aws',
  user: { name: evil, id: evil, arn: evil, path: evil, createdAt: evil },
  complete: false,
  earlier: [evil],
  run: {
    by: evil,
    startedAt: evil,
    endedAt: null,
    rollcall: evil,
    overridden: [{ rail: 'protected', message: evil }],
    manifests: { hash: evil, git: { commit: evil, dirty: true } },
  },
  existed: {
    accessKeys: [{ id: evil, status: 'Active', createdAt: '2027-01-31T08:00:00.000Z', ageDays: 1 }],
    loginProfile: null,
    mfaDevices: [{ serial: evil, type: 'passkey' }],
    signingCertificates: [{ id: evil, status: evil }],
    sshKeys: [{ id: evil, status: evil }],
    serviceCredentials: [{ id: evil, service: evil, status: evil }],
    groups: [evil],
    policies: {
      [evil]: { Statement: { Sid: '```\n````\n<b>', Effect: 'Deny', Action: evil, Resource: '*' } },
    },
    attached: [evil],
    boundary: evil,
    tags: { [evil]: evil },
  },
  steps: [
    {
      operation: 'GetUser',
      target: evil,
      write: false,
      status: 'failed',
      requestId: evil,
      at: evil,
      message: evil,
    },
  ],
  remaining: [{ operation: 'DeleteUser', target: evil, sets: evil }],
  outside: {
    trustedBy: [{ role: evil, arn: evil, how: 'condition', conditional: true }],
    deniedAt: null,
    sessions: [],
    notVisible: [],
  },
};

test('no text of others gets out of its code span, cell or block', () => {
  const page = renderReceipt(receipt);
  // Code blocks first, then spans: a run of backticks closes at the next run of the same length.
  const prose = page
    .replaceAll(/^(`{3,})json\n[^]*?\n\1$/gm, '')
    .replaceAll(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, 'CODE');
  expect(prose).not.toMatch(/<(?!br>)|@dale|\[link|\u202e|x`/);
  expect(prose.match(/^# .*$/gm)).toEqual(['# Offboarding of CODE from AWS account 123456789012']);
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) expect([4, 3, 7]).toContain(row.match(/(?<!\\)\|/g)!.length);
});

test('a run that was killed and a dirty checkout are told', () => {
  const page = renderReceipt(receipt);
  expect(page).toContain('the run was killed: its last steps may not be told');
  expect(page).toContain(', with changes that were in no commit');
  expect(page).toContain('**Not complete.** 1 step remains');
});
