import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { connect } from '../../src/aws/client.ts';
import { execute } from '../../src/aws/execute.ts';
import { GetUserCommand } from '@aws-sdk/client-iam';
import type { WordedChange } from '../../src/kinds/plan.ts';
import type { AccessKeySpec, User } from '../../src/core/state.ts';
import { certificatePem } from '../sandbox/fixtures.ts';
import { accountId, aUser, desiredOf, reconcile, testAccount, TestSink } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

/** Whoever may tag users or put inline policies must not steer rollcall to a credential that works. */

const accounts: TestAccount[] = [];
const directories: string[] = [];
afterEach(async () => {
  for (const account of accounts.splice(0)) await account.close();
  for (const dir of directories.splice(0)) rmSync(dir, { recursive: true });
});

async function anAccount(): Promise<TestAccount> {
  const account = await testAccount({ start: new Date('2027-01-01T00:00:00Z') });
  accounts.push(account);
  return account;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const dale = { UserName: 'dale' };
const declared = (accessKey: Partial<AccessKeySpec> = {}, rest: Partial<User> = {}) =>
  desiredOf({ users: [aUser('dale', { accessKey: { count: 1, ...accessKey }, ...rest })] });
const keysOf = ({ sandbox }: TestAccount) => sandbox.call('ListAccessKeys', dale).AccessKeyMetadata ?? [];
const tagsOf = ({ sandbox }: TestAccount) => sandbox.call('ListUserTags', dale).Tags ?? [];
const time = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
const mark = ({ sandbox }: TestAccount, Value: string): void =>
  void sandbox.call('TagUser', { ...dale, Tags: [{ Key: 'rollcall-undelivered', Value }] });
const dangersOf = (changes: readonly WordedChange[]) => changes.flatMap(({ dangers = [] }) => [...dangers]);

async function newKey({ sandbox }: TestAccount) {
  const key = sandbox.call('CreateAccessKey', dale).AccessKey!;
  return {
    id: key.AccessKeyId!,
    at: key.CreateDate!,
    async use() {
      const credentials = { accessKeyId: key.AccessKeyId!, secretAccessKey: key.SecretAccessKey! };
      const client = connect({ endpointUrl: sandbox.url, credentials });
      await client.iam.send(new GetUserCommand({})).finally(() => client.close());
    },
  };
}

describe('a mark of an unfinished delivery', () => {
  test.each([
    ['has no time, as by 0.1.0', 0, () => 'none'],
    ['is no mark at all', 0, () => 'rollcall was here'],
    ['is younger than the key', 0, (at: Date) => `${time(new Date(at.getTime() + 1000))} none`],
    ['is hours older', 0, (at: Date) => `${time(new Date(at.getTime() - 16 * minute))} none`],
    ['knows the key', 0, (at: Date, id: string) => `${time(at)} ${id}`],
    ['says that an earlier run found it', 0, (at: Date, id: string) => `${time(at)} undelivered ${id}`],
    ['fits, but the key was used', 1, (at: Date) => `${time(at)} none`],
    ['names it as found, but it was used', 1, (at: Date, id: string) => `${time(at)} undelivered ${id}`],
  ])('touches no key where it %s', async (_why, uses, value) => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const key = await newKey(account);
    if (uses > 0) await key.use();
    await account.aws.wait(day);
    mark(account, value(key.at, key.id));
    const { plan } = await reconcile(declared(), account.aws);
    expect(plan.steps.map(({ op }) => op)).toEqual(['UntagUser']);
    expect(keysOf(account)).toMatchObject([{ AccessKeyId: key.id, Status: 'Active' }]);
    expect(tagsOf(account)).toEqual([]);
    expect((await planAccount(declared(), account.aws)).plan.changes).toEqual([]);
  });

  test('touches no key of which a delivery is known here, or that a file pins', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const key = await newKey(account);
    mark(account, `${time(key.at)} none`);
    const dir = mkdtempSync(join(tmpdir(), 'rollcall-hints-'));
    directories.push(dir);
    mkdirSync(join(dir, accountId));
    const ops = async (...given: Parameters<typeof planAccount>) =>
      (await planAccount(...given)).plan.steps.map(({ op }) => op);
    expect(await ops(declared(), account.aws, { deliveries: dir })).toContain('UpdateAccessKey');
    expect(await ops(declared({ ids: [key.id] }), account.aws, { deliveries: dir })).toEqual(['UntagUser']);

    const keysTo = join(dir, 'keys');
    writeFileSync(keysTo, `  \n${JSON.stringify({ user: 'dale', accessKeyId: key.id })}\n`);
    expect(await ops(declared(), account.aws, { deliveries: dir, keysTo })).toEqual(['UntagUser']);
    writeFileSync(join(dir, accountId, `old-name-${key.id}.age`), '');
    expect(await ops(declared(), account.aws, { deliveries: dir })).toEqual(['UntagUser']);
    await expect(planAccount(declared(), account.aws, { deliveries: keysTo })).rejects.toThrow(
      /cannot be read, and may tell of deliveries/,
    );
  });

  test('that fits makes a key inactive among the dangers, and a later run deletes it while it is unused', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const key = await newKey(account);
    mark(account, `${time(key.at)} none`);
    const first = await reconcile(declared(), account.aws);
    expect(dangersOf(first.plan.changes)).toMatchObject([{ code: 'undelivered-key' }]);
    expect(dangersOf(first.plan.changes)[0]?.text).toContain(key.id);
    expect(
      keysOf(account)
        .map(({ Status }) => Status)
        .sort(),
    ).toEqual(['Active', 'Inactive']);
    expect(first.sink.delivered).toHaveLength(1);
    const second = await reconcile(declared(), account.aws);
    expect(second.plan.steps.map(({ op }) => op)).toEqual([
      'GetAccessKeyLastUsed',
      'DeleteAccessKey',
      'UntagUser',
    ]);
    expect(keysOf(account).map(({ AccessKeyId }) => AccessKeyId)).toEqual([first.sink.delivered[0]?.id]);
    expect((await planAccount(declared(), account.aws)).plan.changes).toEqual([]);
  });

  test.each(['active again', 'used'])('loses its word once the key is %s', async (what) => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const key = await newKey(account);
    mark(account, `${time(key.at)} none`);
    await reconcile(declared({ count: 2 }), account.aws);
    const Status = { ...dale, AccessKeyId: key.id };
    await account.call('UpdateAccessKey', { ...Status, Status: 'Active' });
    if (what === 'used') {
      await key.use();
      await account.call('UpdateAccessKey', { ...Status, Status: 'Inactive' });
    }
    const { plan } = await reconcile(declared({ count: 2 }), account.aws);
    expect(plan.steps.map(({ op }) => op)).toEqual(['UntagUser']);
    expect(keysOf(account)).toHaveLength(2);
  });

  test('leaves a key that was used after the plan was made', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const key = await newKey(account);
    mark(account, `${time(key.at)} none`);
    const { plan } = await planAccount(declared(), account.aws);
    await key.use();
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    const [look] = results;
    expect(look).toMatchObject({ status: 'failed', step: { op: 'GetAccessKeyLastUsed' } });
    expect(results.filter(({ status }) => status === 'done')).toEqual([]);
    expect(keysOf(account)).toMatchObject([{ AccessKeyId: key.id, Status: 'Active' }]);
  });

  test('makes the new key wait for the deletion where IAM has no room for it', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const old = await newKey(account);
    await account.aws.wait(day);
    const key = await newKey(account);
    mark(account, `${time(key.at)} ${old.id}`);
    const first = await reconcile(declared({ count: 2 }), account.aws);
    expect(first.sink.delivered).toEqual([]);
    expect(first.plan.notes).toEqual([expect.stringContaining(`made once ${key.id} is deleted`)]);
    const second = await reconcile(declared({ count: 2 }), account.aws);
    expect(
      keysOf(account)
        .map(({ AccessKeyId }) => AccessKeyId)
        .sort(),
    ).toEqual([old.id, second.sink.delivered[0]!.id!].sort());
  });

  test.each([
    [
      'somebody else made one meanwhile',
      (account: TestAccount) => account.sandbox.call('CreateAccessKey', dale),
    ],
    [
      'IAM refuses it',
      ({ sandbox }: TestAccount) => sandbox.faults.add({ op: 'CreateAccessKey', kind: 'denied' }),
    ],
  ])('goes when no key is made because %s', async (_why, hinder) => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const { plan } = await planAccount(declared(), account.aws);
    hinder(account);
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    expect(results.map(({ status }) => status)).toEqual(['done', 'failed', 'skipped']);
    expect(tagsOf(account)).toEqual([]);
    account.sandbox.faults.clear();
    if (keysOf(account).length === 0) account.sandbox.call('CreateAccessKey', dale);
    expect((await planAccount(declared(), account.aws)).plan.changes).toEqual([]);
  });

  test('that cannot be taken off does not hide why no key was made, and says what to do', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const { plan } = await planAccount(declared(), account.aws);
    account.sandbox.call('CreateAccessKey', dale);
    account.sandbox.faults.add({ op: 'UntagUser', kind: 'denied' });
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    const failed = results.find(({ status }) => status === 'failed');
    expect(failed?.message).toMatch(/^CreateAccessKey: dale has the access keys AKIA/);
    expect(failed?.hint).toContain('aws iam untag-user --user-name dale --tag-keys rollcall-undelivered');
  });
});

describe('a suspension', () => {
  async function suspended(account: TestAccount) {
    const { sandbox, aws } = account;
    await reconcile(desiredOf({ users: [aUser('dale')] }), aws);
    const known = await newKey(account);
    const { SSHPublicKeyId: ssh } = sandbox.call('UploadSSHPublicKey', {
      ...dale,
      SSHPublicKeyBody: publicKey,
    }).SSHPublicKey!;
    const { CertificateId: certificate } = sandbox.call('UploadSigningCertificate', {
      ...dale,
      CertificateBody: certificatePem,
    }).Certificate!;
    const service = (name: string) =>
      sandbox.call('CreateServiceSpecificCredential', { ...dale, ServiceName: name })
        .ServiceSpecificCredential!.ServiceSpecificCredentialId!;
    const git = service('codecommit.amazonaws.com');
    const disabled = service('cassandra.amazonaws.com');
    sandbox.call('UpdateServiceSpecificCredential', {
      ...dale,
      ServiceSpecificCredentialId: disabled,
      Status: 'Inactive',
    });
    return { known, ssh: ssh!, certificate: certificate!, git, disabled };
  }
  const inactive = ({ sandbox }: TestAccount): string[] =>
    [
      ...keysOf({ sandbox } as TestAccount).map((one) => [one.AccessKeyId, one.Status]),
      ...sandbox
        .call('ListSSHPublicKeys', dale)
        .SSHPublicKeys!.map((one) => [one.SSHPublicKeyId, one.Status]),
      ...sandbox
        .call('ListSigningCertificates', dale)
        .Certificates!.map((one) => [one.CertificateId, one.Status]),
      ...sandbox
        .call('ListServiceSpecificCredentials', dale)
        .ServiceSpecificCredentials!.map((one) => [one.ServiceSpecificCredentialId, one.Status]),
    ].flatMap(([id, status]) => (status === 'Active' ? [] : [id!]));

  test('gives back what it took, each among the dangers, and nothing that somebody else had disabled', async () => {
    const account = await anAccount();
    const { known, ssh, certificate, git, disabled } = await suspended(account);
    const { results } = await reconcile(declared({}, { suspended: true }), account.aws);
    expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(inactive(account).sort()).toEqual([known.id, ssh, certificate, git, disabled].sort());
    expect((await planAccount(declared({}, { suspended: true }), account.aws)).plan.changes).toEqual([]);

    const { plan } = await reconcile(declared(), account.aws);
    expect(inactive(account)).toEqual([disabled]);
    const dangers = dangersOf(plan.changes);
    expect(dangers.map(({ code }) => code)).toEqual(
      Array.from({ length: 4 }, () => 'reactivated-credential'),
    );
    for (const id of [known.id, ssh, certificate, git]) {
      expect(dangers.filter(({ text }) => text.includes(id))).toHaveLength(1);
    }
    expect(plan.notes.join('\n')).toContain(
      `${disabled} (cassandra.amazonaws.com) stays inactive: no record`,
    );
    expect(tagsOf(account)).toEqual([]);
    expect((await planAccount(declared(), account.aws)).plan.changes).toEqual([]);
  });

  test('gives a key back without a danger where a file pins it, and none beyond the declared number', async () => {
    const account = await anAccount();
    const { known } = await suspended(account);
    await reconcile(declared({}, { suspended: true }), account.aws);
    const codes = async (desired: ReturnType<typeof declared>): Promise<string[]> =>
      (await planAccount(desired, account.aws)).plan.changes
        .filter(({ id }) => id.endsWith(known.id))
        .map(({ dangers = [] }) => dangers.map(({ code }) => code).join());
    expect(await codes(declared())).toEqual(['reactivated-credential']);
    expect(await codes(declared({ ids: [known.id] }))).toEqual(['']);
    const none = desiredOf({ users: [aUser('dale')] });
    expect(await codes(none)).toEqual([]);
    // It is deleted, so it does not stay.
    const { plan } = await planAccount(none, account.aws);
    expect(plan.steps.map((step) => [step.op, inputOf(step)['AccessKeyId']])).toContainEqual([
      'DeleteAccessKey',
      known.id,
    ]);
    expect(plan.notes.join('\n')).not.toContain(`${known.id} stays inactive`);
  });

  test.each([1, 2] as const)(
    'gives no key back that no file pins where others are pinned (count: %i)',
    async (count) => {
      const account = await anAccount();
      const { known } = await suspended(account);
      const other = await newKey(account);
      const pinned = { count, ids: [known.id] };
      await reconcile(declared(pinned, { suspended: true }), account.aws);
      const { plan } = await reconcile(declared(pinned), account.aws);
      expect(keysOf(account).filter(({ Status }) => Status === 'Active')).toMatchObject([
        { AccessKeyId: known.id },
      ]);
      expect(inactive(account)).toContain(other.id);
      expect(plan.notes.join('\n')).toContain(
        `access key ${other.id} stays inactive: accessKey.ids does not name it`,
      );
    },
  );

  test('deletes no key that it gives back, though an older one stays inactive', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const stopped = await newKey(account);
    await account.call('UpdateAccessKey', { ...dale, AccessKeyId: stopped.id, Status: 'Inactive' });
    await account.aws.wait(day);
    const known = await newKey(account);
    await reconcile(declared({}, { suspended: true }), account.aws);
    const { plan, results } = await reconcile(declared(), account.aws);
    expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(keysOf(account)).toMatchObject([{ AccessKeyId: known.id, Status: 'Active' }]);
    expect(
      dangersOf(plan.changes)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['reactivated-credential', 'unknown-key']);
    expect(
      dangersOf(plan.changes)
        .map(({ text }) => text)
        .join('\n'),
    ).toContain(`aws iam delete-access-key --user-name dale --access-key-id ${known.id})`);
    expect(plan.notes.join('\n')).not.toContain(stopped.id);
    expect((await planAccount(declared(), account.aws)).plan.changes).toEqual([]);
  });

  test('rotates no key out that it gives back, while its successor stays inactive', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const known = await newKey(account);
    await account.aws.wait(95 * day);
    const successor = await newKey(account);
    await account.call('UpdateAccessKey', { ...dale, AccessKeyId: successor.id, Status: 'Inactive' });
    await reconcile(declared({ rotateAfter: 90 }, { suspended: true }), account.aws);
    await account.aws.wait(30 * day);
    const { plan, results } = await reconcile(declared({ rotateAfter: 90 }), account.aws);
    expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(plan.steps.map(({ op }) => op)).not.toContain('DeleteAccessKey');
    expect(keysOf(account).find(({ AccessKeyId }) => AccessKeyId === known.id)?.Status).toBe('Active');
  });

  test('goes on where its record is refused, and says that all stays inactive', async () => {
    const account = await anAccount();
    const { known } = await suspended(account);
    account.sandbox.faults.add({ op: 'TagUser', kind: 'denied' });
    const { results } = await reconcile(declared({}, { suspended: true }), account.aws);
    account.sandbox.faults.clear();
    expect(results.filter(({ status }) => status !== 'done')).toMatchObject([
      { status: 'refused', step: { purpose: 'record-suspension' } },
    ]);
    expect(inactive(account)).toContain(known.id);
    const { plan } = await planAccount(declared(), account.aws);
    expect(plan.steps.filter(({ purpose }) => purpose === 'reactivate-credential')).toEqual([]);
    expect(plan.notes.join('\n')).toContain('stay inactive: no record says that the suspension did that');
  });

  test('goes without a record where the user has no room for another tag', async () => {
    const account = await anAccount();
    const { known } = await suspended(account);
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, 'x']));
    await reconcile(declared({}, { tags }), account.aws);
    const { plan, results } = await reconcile(declared({}, { tags, suspended: true }), account.aws);
    expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(plan.notes.join('\n')).toContain('no room for the tag that records');
    expect(inactive(account)).toContain(known.id);
  });

  test.each(['rollcall-suspended', 'Rollcall-SUSPENDED', 'rollcall-offboarding-deny'])(
    'is no policy that only bears the name (%s): a key that a responder disabled stays so',
    async (PolicyName) => {
      const account = await anAccount();
      await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
      const { id } = await newKey(account);
      await account.call('UpdateAccessKey', { ...dale, AccessKeyId: id, Status: 'Inactive' });
      const Tags = [{ Key: 'rollcall-deactivated', Value: id }];
      await account.call('TagUser', { ...dale, Tags });
      const Statement = [{ Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' }];
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
      await account.call('PutUserPolicy', { ...dale, PolicyName, PolicyDocument });
      const { plan } = await reconcile(declared(), account.aws);
      expect(plan.steps.map(({ op }) => op).sort()).toEqual(['DeleteUserPolicy', 'UntagUser']);
      expect(keysOf(account)).toMatchObject([{ AccessKeyId: id, Status: 'Inactive' }]);
    },
  );

  test('takes the place of a policy that only bears its name', async () => {
    const account = await anAccount();
    await reconcile(declared(), account.aws);
    const Statement = [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await account.call('PutUserPolicy', { ...dale, PolicyName: 'Rollcall-Suspended', PolicyDocument });
    await reconcile(declared({}, { suspended: true }), account.aws);
    const { UserDetailList } = account.sandbox.call('GetAccountAuthorizationDetails', { Filter: ['User'] });
    expect(UserDetailList?.[0]?.UserPolicyList).toHaveLength(1);
    expect(decodeURIComponent(UserDetailList![0]!.UserPolicyList![0]!.PolicyDocument!)).toContain('Deny');
    expect((await planAccount(declared({}, { suspended: true }), account.aws)).plan.changes).toEqual([]);
  });

  test('of a user whose offboarding had begun gives nothing back', async () => {
    const account = await anAccount();
    const { known } = await suspended(account);
    await reconcile(declared({}, { suspended: true }), account.aws);
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
    });
    await account.call('PutUserPolicy', { ...dale, PolicyName: 'rollcall-offboarding-deny', PolicyDocument });
    await reconcile(declared({}, { suspended: true }), account.aws);
    expect(tagsOf(account)).toEqual([]);
    const { plan } = await reconcile(declared(), account.aws);
    expect(plan.steps.filter(({ purpose }) => purpose === 'reactivate-credential')).toEqual([]);
    expect(inactive(account)).toContain(known.id);
  });
});

describe('of more keys than declared', () => {
  test('the one that is used stays, though a fresh one is active beside it', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const old = await newKey(account);
    await old.use();
    await account.aws.wait(day);
    await newKey(account);
    const { plan } = await reconcile(declared(), account.aws);
    expect(plan.changes).toMatchObject([{ effect: 'narrows', reason: 'the file declares 1' }]);
    expect(keysOf(account).map(({ AccessKeyId }) => AccessKeyId)).toEqual([old.id]);
  });

  test('of two that are used, or two that are not, the older stays', async () => {
    const account = await anAccount();
    await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
    const old = await newKey(account);
    await account.aws.wait(day);
    const young = await newKey(account);
    const left = async () =>
      inputOf((await planAccount(declared(), account.aws)).plan.steps.at(-1)!)['AccessKeyId'];
    expect(await left()).toBe(young.id);
    await old.use();
    await young.use();
    expect(await left()).toBe(young.id);
  });

  test.each(['Inactive', 'Active'])(
    'a younger one in the place of the known one is a danger that names both (%s)',
    async (Status) => {
      const account = await anAccount();
      await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
      const old = await newKey(account);
      await account.aws.wait(day);
      const young = await newKey(account);
      await account.call('UpdateAccessKey', { ...dale, AccessKeyId: old.id, Status });
      await young.use();
      const { plan } = await planAccount(declared(), account.aws);
      expect(plan.changes).toMatchObject([{ effect: 'unclear', dangers: [{ code: 'unknown-key' }] }]);
      const [danger] = dangersOf(plan.changes);
      expect(danger?.text).toContain(`access key ${young.id}, active since 2027-01-02T`);
      expect(danger?.text).toContain(`${old.id}, there since 2027-01-01T`);
      expect(danger?.text).toContain(Status === 'Inactive' ? 'is inactive' : 'is unused');
      expect(danger?.text).toContain(
        `aws iam update-access-key --user-name dale --access-key-id ${young.id}`,
      );

      // What the danger says to do.
      await account.call('UpdateAccessKey', { ...dale, AccessKeyId: young.id, Status: 'Inactive' });
      const after = await planAccount(declared(), account.aws);
      expect(after.plan.steps.at(-1)?.input).toMatchObject({ AccessKeyId: young.id });
      expect(dangersOf(after.plan.changes)).toEqual([]);
    },
  );
});

test('a password whose making is in doubt stays delivered', async () => {
  const account = await anAccount();
  await reconcile(desiredOf({ users: [aUser('dale')] }), account.aws);
  account.sandbox.faults.add({ op: 'CreateLoginProfile', kind: 'error-after' });
  account.sandbox.faults.add({ op: 'DeleteLoginProfile', kind: 'denied' });
  const { results, sink } = await reconcile(
    desiredOf({ users: [aUser('dale', { console: {} })] }),
    account.aws,
  );
  expect(results.map(({ status }) => status)).toEqual(['failed']);
  expect(account.sandbox.call('GetLoginProfile', dale).LoginProfile).toBeDefined();
  expect(sink.delivered).toHaveLength(1);
});

const publicKey =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7+Rl4gKBc2N8cq8/UaQwNTNwkWv5WYFRmM8imVg2Ou1Dda8foJaDnE+xEZi9kt1qCA4utLOybW44pvl+tTdIJ2GGsqFxcCOXavTU892cADqMNE+EGbL4KXYmQJGp4kN3Ynx3AN3FKQfLFuIT2jM2wsyQo83QUiVDlBZNPMlCPGe5bwSdA2/QIo+AW5rS3852BiJmqnURMvOAO8yQMN+OzyQhvL+tHNz47pgP+dJqoZVlgztoanWPL/+M5Qr4lhi6aHSIKMkTJxLoHdKWGMn0TQBMyG/bY7ytxCEhliTpXDxOd5YgyBL39YXirhx6pnAirMktUAkPtKkJEpBm2dqMH dale';
