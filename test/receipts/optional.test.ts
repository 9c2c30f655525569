import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import { applyPolicy } from '../../src/aws/permissions.ts';
import { accountId } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { anAccount, leave, loraxFile, receiptsIn, scratch, settle } from './support.ts';
import type { Left } from './support.ts';

/** An offboarding ends also for a caller to whom IAM refuses what it does not need (docs/credentials.md). */

const optional = [
  'UpdateAccessKey',
  'UpdateSigningCertificate',
  'UpdateSSHPublicKey',
  'UpdateServiceSpecificCredential',
  'DeleteVirtualMFADevice',
] as const;
/** The caller may look while it plans, and no more once it applies. */
const looks = [
  'GetLoginProfile',
  'ListAccessKeys',
  'ListMFADevices',
  'ListSigningCertificates',
  'ListSSHPublicKeys',
  'ListServiceSpecificCredentials',
] as const;

interface Deny {
  readonly Sid: string;
  readonly Effect: 'Deny';
  readonly Action: readonly string[];
  readonly Resource: string;
}
const deny = (operations: readonly string[]): Deny => ({
  Sid: 'NotThese',
  Effect: 'Deny',
  Action: operations.map((op) => `iam:${op}`),
  Resource: '*',
});

/** lorax, who has everything, leaves by a caller whose policies count. */
async function leaveBy(denied: readonly string[], once: readonly string[] = []): Promise<LeftBy> {
  const account = await anAccount({ enforce: true, quotas: { inlineUser: 10_240 } });
  await settle(account);
  const { sandbox } = account;
  const policy = applyPolicy({
    account: accountId,
    roles: ['rollcall-apply'],
    providers: ['token.actions.githubusercontent.com'],
    protect: { users: ['break-glass'], groups: [], policies: [] },
  });
  const UserName = 'ci';
  const put = (operations: readonly string[]): void => {
    const Statement = [...policy.Statement, ...(operations.length > 0 ? [deny(operations)] : [])];
    sandbox.call('PutUserPolicy', {
      UserName,
      PolicyName: 'it',
      PolicyDocument: JSON.stringify({ ...policy, Statement }),
    });
  };
  sandbox.call('CreateUser', { UserName });
  put(denied);
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
  const aws = connect({
    endpointUrl: sandbox.url,
    credentials: { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! },
    requestHandler: sandbox.handler,
    now: account.aws.now,
    wait: account.aws.wait,
  });
  sandbox.faults.beforeCall = ({ op }) => {
    if (once.length > 0 && op === 'PutUserPolicy') put([...denied, ...once]);
  };
  const dir = scratch();
  try {
    return { account, dir, ...(await leave({ ...account, aws }, dir, { ignore: ['ci'] })) };
  } finally {
    aws.close();
  }
}

interface LeftBy extends Left {
  readonly account: TestAccount;
  readonly dir: string;
}

const isThere = ({ account }: LeftBy): boolean => {
  try {
    account.sandbox.call('GetUser', { UserName: 'lorax' });
    return true;
  } catch {
    return false;
  }
};

/** The operations that were refused, after the person is gone all the same, with a receipt that says so. */
const refusedOf = (left: LeftBy): string[] => {
  expect(isThere(left)).toBe(false);
  const { receipt } = left.written[0]!;
  expect(receipt).toMatchObject({ complete: true, remaining: [] });
  expect(left.results.filter(({ status }) => status === 'failed' || status === 'skipped')).toEqual([]);
  expect(existsSync(join(left.dir, `${loraxFile}.md`))).toBe(true);
  expect(receiptsIn(left.dir)[`${loraxFile}.json`]).toEqual(receipt);
  const said = receipt.steps.filter(({ status }) => status === 'refused').map(({ operation }) => operation);
  return [...new Set(said)].sort();
};

test("it ends where AWS's delegation pattern denies to take boundaries off", async () => {
  const left = await leaveBy(['DeleteUserPermissionsBoundary']);
  expect(refusedOf(left)).toEqual([]);
  expect(left.written[0]!.receipt.existed.boundary).not.toBeNull();
});

describe('a refusal never keeps the person', () => {
  test.each(optional)('%s', async (op) => expect(refusedOf(await leaveBy([op]))).toEqual([op]));
  test.each(looks)('%s', async (op) => expect(refusedOf(await leaveBy([], [op]))).toEqual([op]));
  test('all of them at once', async () => {
    const left = await leaveBy([...optional, 'DeleteUserPermissionsBoundary'], looks);
    expect(refusedOf(left)).toEqual([...optional, ...looks].sort());
  });
});

test('what is left over is told, and what was not looked at', async () => {
  const { written, dir } = await leaveBy(['DeleteVirtualMFADevice'], ['ListAccessKeys']);
  const target = `MFA device arn:aws:iam::${accountId}:mfa/lorax`;
  expect(written[0]!.receipt.leftOver).toEqual([{ operation: 'DeleteVirtualMFADevice', target }]);
  const page = readFileSync(join(dir, `${loraxFile}.md`), 'utf8');
  expect(page).toContain('**Complete.** The user is gone, but not all of what they had.');
  expect(page).toContain(`- DeleteVirtualMFADevice: \`${target}\``);
  expect(page).toContain('## What was not looked at again');
  expect(page).toContain('- ListAccessKeys: `access keys`');
});

test.each([
  'GetUser',
  'DeleteLoginProfile',
  'DeleteAccessKey',
  'DeactivateMFADevice',
  'DeleteSSHPublicKey',
  'DeleteSigningCertificate',
  'DeleteServiceSpecificCredential',
  'RemoveUserFromGroup',
  'DetachUserPolicy',
  'DeleteUser',
])('%s is not optional: the person stays, and is told as not gone', async (op) => {
  const left = await leaveBy([op]);
  expect(isThere(left)).toBe(true);
  expect(left.results.filter(({ status }) => status === 'failed').map(({ step }) => step.op)).toEqual([op]);
  for (const { receipt } of left.written) expect(receipt.complete).toBe(false);
});

test('a key that a refused look did not show: IAM keeps the user, and the receipt says so', async () => {
  const account = await anAccount();
  await settle(account);
  // Room for one more.
  const [key] = account.sandbox.call('ListAccessKeys', { UserName: 'lorax' }).AccessKeyMetadata ?? [];
  account.sandbox.call('DeleteAccessKey', { UserName: 'lorax', AccessKeyId: key!.AccessKeyId! });
  account.sandbox.faults.add({ kind: 'denied', op: 'ListAccessKeys', after: 1 });
  account.sandbox.faults.beforeCall = ({ op }) => {
    if (op !== 'PutUserPolicy') return;
    account.sandbox.faults.beforeCall = null;
    account.sandbox.call('CreateAccessKey', { UserName: 'lorax' });
  };
  const { written, results } = await leave(account, scratch());
  expect(results.at(-1)).toMatchObject({ status: 'failed', remedy: 'plan' });
  expect(written[0]!.receipt).toMatchObject({ complete: false });
  account.sandbox.faults.clear();
  expect((await leave(account, scratch())).written[0]!.receipt.complete).toBe(true);
});
