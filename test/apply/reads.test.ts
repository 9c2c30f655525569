import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import type { Aws, Endpoint } from '../../src/aws/client.ts';
import { prepareImport, readKnown } from '../../src/app/import/index.ts';
import { planAccount } from '../../src/app/session.ts';
import { stableJson } from '../../src/core/json.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** Reads go side by side within the pace: what goes out when, what comes of it, and what never goes out. */

const read = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*' }] };
const names = Array.from({ length: 12 }, (_, n) => `user${String(n).padStart(2, '0')}`);
const policies = Array.from({ length: 6 }, (_, n) => ({
  ...aPolicy(`policy${n}`, read),
  tags: { team: `t${n}` },
}));
const staying = names.slice(0, 4).map((name) => aUser(name, { accessKey: { count: 1, rotateAfter: 90 } }));
/** Eight people leave; everybody has two keys, so each last use is read of those who stay. */
const wanted = desiredOf({ users: staying, groups: [aGroup('readers')], policies });

let account: TestAccount;
beforeAll(async () => {
  account = await testAccount({ transport: 'direct' });
  const { sandbox } = account;
  sandbox.call('CreateGroup', { GroupName: 'readers' });
  for (const UserName of names) {
    sandbox.call('CreateUser', { UserName });
    for (const _ of [1, 2]) sandbox.call('CreateAccessKey', { UserName });
    sandbox.call('CreateLoginProfile', { UserName, Password: 'Correct-horse-9' });
  }
  for (const { name, tags } of policies) {
    sandbox.call('CreatePolicy', {
      PolicyName: name,
      PolicyDocument: JSON.stringify(read),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    });
  }
});
afterAll(() => account.close());

interface Sent {
  readonly op: string;
  readonly user: string;
}

interface Wire {
  readonly aws: Aws;
  /** Calls in the order in which they went out. */
  readonly sent: Sent[];
  most: number;
  inFlight: number;
}

type Handler = NonNullable<Endpoint['requestHandler']> & {
  handle(request: { body: string }, ...rest: unknown[]): Promise<{ response: object }>;
};

/** A client whose calls can be watched, held and broken on their way. */
function wire(parallelism: number, onCall: (call: Sent) => Promise<void> = () => Promise.resolve()): Wire {
  const inner = account.sandbox.handler as unknown as Handler;
  const handler = {
    ...inner,
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: { body: string }, ...rest: unknown[]) {
      const params = new URLSearchParams(request.body);
      const call = { op: params.get('Action') ?? '', user: params.get('UserName') ?? '' };
      seen.sent.push(call);
      seen.inFlight += 1;
      seen.most = Math.max(seen.most, seen.inFlight);
      try {
        // So that a call is on its way for a while.
        await new Promise((done) => setImmediate(done));
        await onCall(call);
        return await inner.handle(request, ...rest);
      } finally {
        seen.inFlight -= 1;
      }
    },
  };
  const aws = connect({
    endpointUrl: account.sandbox.url,
    credentials: account.sandbox.operator,
    requestHandler: handler,
    retryDelay: () => 0,
    parallelism,
    now: account.aws.now,
    wait: account.aws.wait,
  });
  onTestFinished(() => aws.close());
  const seen: Wire = { aws, sent: [], most: 0, inFlight: 0 };
  return seen;
}

const planJson = async (aws: Aws): Promise<string> =>
  stableJson((await planAccount(wanted, aws, { now: new Date('2027-01-01') })).plan);

/** Each call, however often it went out; looks whether the report is there do not count. */
const tally = (sent: readonly Sent[]): string[] =>
  sent
    .filter(({ op }) => op !== 'GetCredentialReport')
    .map(({ op, user }) => `${op} ${user}`)
    .sort();

describe('a plan', () => {
  test.each([2, 4, 10])('has up to %i calls on the wire, and no more of them', async (parallelism) => {
    const one = wire(1);
    const plan = await planJson(one.aws);
    expect(one.most).toBe(1);
    const many = wire(parallelism);
    expect(await planJson(many.aws)).toBe(plan);
    expect(many.most).toBe(parallelism);
    expect(tally(many.sent)).toEqual(tally(one.sent));
  });

  test('reads what people have side by side, and one after the other with a parallelism of 1', async () => {
    const one = wire(1);
    await planJson(one.aws);
    const again = wire(1);
    await planJson(again.aws);
    expect(again.sent).toEqual(one.sent);
    expect(one.sent.slice(0, 5).map(({ op }) => op)).toEqual([
      'GetCallerIdentity',
      'GetAccountAuthorizationDetails',
      'GetAccountSummary',
      'GenerateCredentialReport',
      'ListServiceSpecificCredentials',
    ]);
    // A person's calls stand together, in the order of the names; those who leave are read while IAM makes the report.
    const people = one.sent
      .map(({ op, user }) => (op === 'GetCredentialReport' ? op : user))
      .filter((user) => user !== '');
    expect(people.filter((user, index) => user !== people[index - 1])).toEqual([
      ...names.slice(4),
      'GetCredentialReport',
      ...names.slice(0, 4),
    ]);
  });

  test('reads those who leave, and no others, before the report is there', async () => {
    const { aws, sent } = wire(10, ({ op }) =>
      op === 'GetCredentialReport'
        ? Promise.reject(Object.assign(new Error('broken'), { name: 'Broken' }))
        : Promise.resolve(),
    );
    await expect(planAccount(wanted, aws)).rejects.toThrow('GetCredentialReport');
    const users = new Set(sent.map(({ user }) => user).filter((user) => user !== ''));
    expect([...users].sort()).toEqual(names.slice(4));
  });

  test('is the same, whichever answer comes first', async () => {
    const plan = await planJson(wire(1).aws);
    for (const seed of [1, 2, 3, 4, 5]) {
      let state = seed;
      const late = async (): Promise<void> => {
        state = (state * 48271) % 2147483647;
        for (let turn = state % 7; turn > 0; turn -= 1) await new Promise((done) => setImmediate(done));
      };
      expect(await planJson(wire(10, late).aws)).toBe(plan);
    }
  });

  test('asks for no report where the account has no users', async () => {
    const empty = await testAccount({ transport: 'direct' });
    onTestFinished(() => empty.close());
    await planAccount(desiredOf({ users: [aUser('dale')] }), empty.aws);
    expect(empty.sandbox.journal.map(({ op }) => op)).toEqual([
      'GetCallerIdentity',
      'GetAccountAuthorizationDetails',
      'GetAccountSummary',
    ]);
  });

  test('reads nothing from a wrong account', async () => {
    const { aws, sent } = wire(10);
    const other = { ...wanted, state: { ...wanted.state, account: '210987654321' } };
    await expect(planAccount(other, aws)).rejects.toThrow(`these credentials are for account ${accountId}`);
    expect(sent.map(({ op }) => op)).toEqual(['GetCallerIdentity']);
  });

  test('does not wait for the last page of the account before it asks for the report', async () => {
    const { aws, sent } = wire(4);
    const page = (await import('../../src/aws/read.ts')).beginAccount(aws, {
      account: accountId,
      partition: 'aws',
    });
    expect(await page.has('user')).toBe(true);
    expect(await page.has('group')).toBe(true);
    expect(await page.has('password-policy')).toBe(false);
    expect(sent.map(({ op }) => op)).toEqual(['GetAccountAuthorizationDetails']);
  });
});

test('the error is that of the first person, all calls have ended by then, and no other begins', async () => {
  const refuse = (op: string): never => {
    throw Object.assign(new Error(`broken ${op}`), { name: 'Broken' });
  };
  for (const _ of [1, 2, 3]) {
    const late = wire(4, async ({ op, user }) => {
      if (user === 'user06' && op === 'ListMFADevices') refuse(op);
      if (user === 'user05' && op === 'ListSSHPublicKeys') {
        for (let turn = 0; turn < 50; turn += 1) await new Promise((done) => setImmediate(done));
        refuse(op);
      }
    });
    await expect(planAccount(wanted, late.aws)).rejects.toThrow('ListSSHPublicKeys');
    expect(late.inFlight).toBe(0);
    const { length } = late.sent;
    await new Promise((done) => setTimeout(done, 20));
    expect(late.sent).toHaveLength(length);
  }
});

test('with a parallelism of 1 nothing is read after an error', async () => {
  const { aws, sent } = wire(1, ({ op, user }) =>
    user === 'user05' && op === 'GetLoginProfile'
      ? Promise.reject(Object.assign(new Error('broken'), { name: 'Broken' }))
      : Promise.resolve(),
  );
  await expect(planAccount(wanted, aws)).rejects.toThrow('GetLoginProfile');
  expect(sent.at(-1)).toEqual({ op: 'GetLoginProfile', user: 'user05' });
});

test.each([1, 10])('an import asks IAM nothing twice, with %i calls at a time', async (parallelism) => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-reads-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const there = join(dir, 'manifests');
  account.sandbox.clearJournal();
  const { aws, most } = wire(parallelism);
  const { added, pending } = await prepareImport(aws, await readKnown(there), {
    dir: there,
    layout: 'kind',
    tags: true,
  });
  expect(most).toBeLessThanOrEqual(parallelism);
  expect(Object.keys(added)).toContain('users');
  expect(pending).toEqual([]);
  const questions = account.sandbox.journal
    .filter(({ op }) => op !== 'GetCredentialReport')
    .map(({ op, params }) => `${op} ${JSON.stringify(params)}`);
  expect(questions.filter((one, index) => questions.indexOf(one) !== index)).toEqual([]);
  const count = (op: string): number => account.sandbox.journal.filter((call) => call.op === op).length;
  expect(count('GetAccountAuthorizationDetails')).toBe(1);
  expect(count('ListAccessKeys')).toBe(names.length);
  expect(count('GetLoginProfile')).toBe(names.length);
  expect(count('GetPolicy')).toBe(policies.length);
  expect(count('GetCallerIdentity')).toBe(1);
  // It takes IAM some time to make the report.
  expect(count('GetCredentialReport')).toBeLessThanOrEqual(2);
});
