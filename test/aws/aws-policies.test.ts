import { expect, onTestFinished, test } from 'vitest';
import { planAccount, resumePlan } from '../../src/app/session.ts';
import { planPolicy } from '../../src/aws/permissions.ts';
import { connect } from '../../src/aws/client.ts';
import { readAccount } from '../../src/aws/read.ts';
import { TooLongAnswer } from '../../src/aws/transport.ts';
import { savePlan } from '../../src/plan/saved.ts';
import { driftOf } from '../../src/plan/drift.ts';
import type { Change } from '../../src/kinds/plan.ts';
import type { Desired } from '../../src/core/desired.ts';
import { accountId, aGroup, aUser, allRails, desiredOf, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { credentials, manifests, run, scratch, stage } from '../support/cli.ts';

/** AWS's policies are judged by what they say, as far as IAM tells, and by their names alone otherwise. */

const aws = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const holder = (...names: string[]): Desired =>
  desiredOf({ users: [aUser('bob', { attachedPolicyArns: names.map(aws).sort() })] });

/** An account in which bob holds these policies of AWS. */
async function held(...names: string[]): Promise<TestAccount> {
  const account = await testAccount();
  onTestFinished(() => account.close());
  account.sandbox.call('CreateUser', { UserName: 'bob' });
  for (const name of names)
    account.sandbox.call('AttachUserPolicy', { UserName: 'bob', PolicyArn: aws(name) });
  account.sandbox.clearJournal();
  return account;
}

async function planOf(account: TestAccount, desired: Desired) {
  return await planAccount(desired, account.aws, { overrides: allRails });
}
async function changeOf(account: TestAccount, desired: Desired): Promise<Change> {
  const { plan } = await planOf(account, desired);
  expect(plan.changes).toHaveLength(1);
  return plan.changes[0]!;
}

const policyCalls = ({ sandbox }: TestAccount): string[] =>
  sandbox.journal.map(({ op }) => op).filter((op) => op.startsWith('GetPolicy'));

test('a policy of AWS in the place of another is judged by what both say', async () => {
  const account = await held('AmazonS3FullAccess', 'PowerUserAccess');
  const narrower = await changeOf(account, holder('AmazonS3ReadOnlyAccess', 'PowerUserAccess'));
  // Whatever S3 may do, PowerUserAccess allows too.
  expect(narrower.effect).toBe('none');
  // It reads IAM, which PowerUserAccess leaves out.
  const { plan } = await planOf(account, holder('ReadOnlyAccess'));
  expect(plan.changes[0]!.effect).toBe('widens');
  const [bob] = plan.access;
  expect(bob!.gained.map(({ text }) => text).join()).not.toContain('AWS defines');
});

test('the narrower of two policies of AWS narrows', async () => {
  const account = await held('AmazonS3FullAccess');
  expect((await changeOf(account, holder('AmazonS3ReadOnlyAccess'))).effect).toBe('narrows');
  expect((await changeOf(account, holder('AmazonEC2ReadOnlyAccess'))).effect).toBe('widens');
});

test('what somebody holds costs no call, and what the files alone name costs two', async () => {
  const account = await held('PowerUserAccess');
  await planOf(account, holder('PowerUserAccess'));
  expect(policyCalls(account)).toEqual([]);
  const desired = desiredOf({
    users: [aUser('bob', { boundary: aws('SecurityAudit'), attachedPolicyArns: [aws('PowerUserAccess')] })],
    groups: [aGroup('readers', { attachedPolicyArns: [aws('PowerUserAccess'), aws('ReadOnlyAccess')] })],
  });
  const { live } = await planOf(account, desired);
  expect(policyCalls(account).sort()).toEqual([
    'GetPolicy',
    'GetPolicy',
    'GetPolicyVersion',
    'GetPolicyVersion',
  ]);
  expect([...live.awsPolicies!.keys()].sort()).toEqual(
    ['PowerUserAccess', 'ReadOnlyAccess', 'SecurityAudit'].map(aws),
  );
});

test('a boundary of AWS is read with the account', async () => {
  const account = await held();
  account.sandbox.call('PutUserPermissionsBoundary', {
    UserName: 'bob',
    PermissionsBoundary: aws('ReadOnlyAccess'),
  });
  const wanted = desiredOf({ users: [aUser('bob', { boundary: aws('ReadOnlyAccess') })] });
  const { live } = await planOf(account, wanted);
  expect([...live.awsPolicies!.keys()]).toEqual([aws('ReadOnlyAccess')]);
  expect(policyCalls(account)).toEqual([]);
});

test('a page that gets too long, as AWS’s policies have many versions, is asked for again with fewer items', async () => {
  const account = await held('PowerUserAccess', 'ReadOnlyAccess');
  const { handler, operator: credentials, url: endpointUrl } = account.sandbox;
  const inner = handler as unknown as { handle(request: { body: string }): Promise<never> };
  const sizes: number[] = [];
  const client = connect({
    endpointUrl,
    credentials,
    now: account.aws.now,
    wait: account.aws.wait,
    requestHandler: {
      metadata: { handlerProtocol: 'http/1.1' },
      async handle(request: { body: string }) {
        const items = new URLSearchParams(request.body).get('MaxItems');
        if (items) sizes.push(Number(items));
        if (Number(items) > 1) throw new TooLongAnswer(1024 * 1024);
        return await inner.handle(request);
      },
    } as never,
  });
  onTestFinished(() => client.close());
  const { awsPolicies, users } = await readAccount(client, { account: accountId, partition: 'aws' });
  expect([...awsPolicies!.keys()]).toEqual([aws('PowerUserAccess'), aws('ReadOnlyAccess')]);
  expect([...users.keys()]).toEqual(['bob']);
  // Bob and two policies, one by one.
  expect(sizes).toEqual([1000, 100, 10, 1, 1, 1]);
});

test.each(['GetPolicy', 'GetPolicyVersion'])(
  'a role that lacks %s plans, says once what it did not look at, and takes nothing for granted',
  async (op) => {
    const account = await held('AmazonS3FullAccess');
    account.sandbox.faults.add({ kind: 'denied', op });
    const { plan } = await planOf(account, holder('AmazonS3ReadOnlyAccess', 'IAMReadOnlyAccess'));
    expect(plan.changes.map(({ effect }) => effect)).toEqual(['unclear']);
    const told = plan.notes.filter((note) => note.includes('not looked at'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      new RegExp(
        `^documents of AWS managed policies \\(AmazonS3ReadOnlyAccess and IAMReadOnlyAccess\\) were not looked at: ${op}: access denied: .*; allow iam:${op} `,
      ),
    );
  },
);

test('a role of an earlier version, which may not read policies, plans and tells drift', async () => {
  const { sandbox, there } = await stage({ enforce: true, quotas: { inlineUser: 10_240 } });
  const earlier = planPolicy().Statement.map((one) => ({
    ...one,
    Action: (one.Action as string[]).filter((action) => !action.startsWith('iam:GetPolicy')),
  }));
  sandbox.call('CreateUser', { UserName: 'planner' });
  sandbox.call('PutUserPolicy', {
    UserName: 'planner',
    PolicyName: 'it',
    PolicyDocument: JSON.stringify({ ...planPolicy(), Statement: earlier }),
  });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'planner' });
  sandbox.call('CreateUser', { UserName: 'bob' });
  const env = credentials({
    accessKeyId: AccessKey!.AccessKeyId!,
    secretAccessKey: AccessKey!.SecretAccessKey!,
  });
  const dir = manifests('users: { bob: { attach: [aws:SecurityAudit] } }\nignore: { users: [planner] }\n');
  const told = [];
  for (const command of ['plan', 'drift']) {
    const { code, stdout, stderr } = await run([command, '-m', dir, ...there], { env });
    expect({ code, stderr }).toMatchObject({ code: 2 });
    expect(stdout).toMatch(/SecurityAudit/);
    told.push(stdout.split('(SecurityAudit) were not looked at').length - 1);
  }
  expect(told[0]).toBe(1);
});

test('what is imported costs no call for policies of AWS, and changes nothing', async () => {
  const { sandbox, rollcall } = await stage();
  sandbox.call('CreateUser', { UserName: 'bob' });
  sandbox.call('AttachUserPolicy', { UserName: 'bob', PolicyArn: aws('ReadOnlyAccess') });
  const dir = scratch();
  const { code, stderr } = await rollcall('import', dir);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(sandbox.journal.map(({ op }) => op).filter((op) => op.startsWith('GetPolicy'))).toEqual([]);
  expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
});

test('a plan that did not see a policy is applied by whoever may see it', async () => {
  const account = await held('AmazonS3FullAccess');
  const desired = holder('AmazonS3ReadOnlyAccess');
  account.sandbox.faults.add({ kind: 'denied', op: 'GetPolicy' });
  const { plan, live } = await planOf(account, desired);
  const saved = savePlan(plan, desired, live, { rollcall: '1.0.0' });
  expect(saved.unseenPolicies).toEqual([aws('AmazonS3ReadOnlyAccess')]);
  account.sandbox.faults.clear();
  const resumed = await resumePlan(saved, desired, account.aws, { overrides: allRails });
  expect(resumed.plan.steps).toEqual(saved.steps);
  // The rails know what the policy says.
  expect(resumed.live.awsPolicies!.has(aws('AmazonS3ReadOnlyAccess'))).toBe(true);
});

test('what is unknown is equal to itself alone', async () => {
  const account = await held('AmazonS3ReadOnlyAccess');
  account.sandbox.faults.add({ kind: 'denied', op: /^GetPolicy/ });
  // Both sides hold it: nothing else of it is known, and nothing need be.
  account.sandbox.call('CreateGroup', { GroupName: 'readers' });
  account.sandbox.call('AddUserToGroup', { UserName: 'bob', GroupName: 'readers' });
  const wanted = desiredOf({
    users: [aUser('bob', { groups: ['readers'], attachedPolicyArns: [aws('AmazonSNSReadOnlyAccess')] })],
    groups: [aGroup('readers', { attachedPolicyArns: [aws('AmazonSNSReadOnlyAccess')] })],
  });
  const { plan } = await planOf(account, wanted);
  expect(plan.changes.map(({ effect }) => effect)).toEqual(['unclear', 'unclear']);
});

test('the quarantine does not deny everything: whoever gets it for AWSDenyAll can act', async () => {
  const account = await held('AdministratorAccess', 'AWSDenyAll');
  const wanted = holder('AdministratorAccess', 'AWSCompromisedKeyQuarantineV3');
  const { plan } = await planOf(account, wanted);
  expect(plan.changes.map(({ effect }) => effect)).toEqual(['widens']);
  // By its name alone it denies nobody knows what.
  account.sandbox.faults.add({ kind: 'denied', op: 'GetPolicy' });
  const unseen = await planOf(account, wanted);
  expect(unseen.plan.changes.map(({ effect }) => effect)).toEqual(['unclear']);
});

test('a policy that AWS does not have says nothing, and is no reason to stop', async () => {
  const account = await held('AmazonS3FullAccess');
  const { plan } = await planOf(account, holder('NoSuchAccess'));
  expect(plan.changes.map(({ effect }) => effect)).toEqual(['unclear']);
  expect(plan.notes.filter((note) => note.includes('not looked at'))).toEqual([]);
});

test('drift is judged by the same documents', async () => {
  const account = await held('AmazonS3FullAccess');
  const desired = holder('AmazonS3ReadOnlyAccess');
  const { plan, live } = await planOf(account, desired);
  const drift = driftOf(plan, { desired: desired.state, live });
  expect(drift.map(({ effect }) => effect)).toEqual(['widens', 'narrows']);
  expect(JSON.stringify(drift.map(({ reasons }) => reasons))).not.toContain('awsDefined');
});
