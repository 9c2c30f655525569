import { afterEach, expect, test } from 'vitest';
import { planAccount, resumePlan } from '../../src/app/session.ts';
import { savePlan } from '../../src/plan/saved.ts';
import type { User } from '../../src/core/state.ts';
import { aGroup, allRails, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

const statement = (Effect: 'Allow' | 'Deny', Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: '*' }],
});
const deny = statement('Deny', 's3:DeleteObject');
const everything = { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } };

const accounts: TestAccount[] = [];
afterEach(async () => {
  for (const account of accounts.splice(0)) await account.close();
});
async function accountWith(...users: readonly User[]): Promise<TestAccount> {
  const account = await testAccount();
  accounts.push(account);
  await reconcile(desiredOf({ users }), account.aws);
  return account;
}
const inlineOf = ({ sandbox }: TestAccount, UserName: string): readonly string[] =>
  sandbox.call('ListUserPolicies', { UserName }).PolicyNames ?? [];
const documentOf = ({ sandbox }: TestAccount, UserName: string, PolicyName: string): unknown =>
  JSON.parse(
    decodeURIComponent(sandbox.call('GetUserPolicy', { UserName, PolicyName }).PolicyDocument ?? ''),
  );

test('the same inline policy in another spelling is no change, but a note', async () => {
  const account = await accountWith(aUser('dale', { policies: { NoDelete: deny } }));
  const desired = desiredOf({ users: [aUser('dale', { policies: { nodelete: deny } })] });
  const { plan } = await planAccount(desired, account.aws);
  expect(plan).toMatchObject({
    changes: [],
    steps: [],
    notes: [expect.stringContaining('user dale: the inline policy nodelete is NoDelete in IAM')],
  });
});

test('another document under another spelling is one put, and nothing is deleted', async () => {
  const account = await accountWith(aUser('dale', { policies: { NoDelete: deny } }));
  const narrower = statement('Deny', 's3:*');
  const desired = desiredOf({ users: [aUser('dale', { policies: { nodelete: narrower } })] });
  const { plan, results } = await reconcile(desired, account.aws);
  expect(plan.steps.map(({ op }) => op)).toEqual(['PutUserPolicy']);
  expect(results.map(({ status }) => status)).toEqual(['done']);
  expect(inlineOf(account, 'dale')).toEqual(['NoDelete']);
  expect(documentOf(account, 'dale', 'NoDelete')).toEqual(narrower);
  expect((await planAccount(desired, account.aws)).plan.steps).toEqual([]);
});

test('the same holds of groups, and after a rename of the holder', async () => {
  const account = await testAccount();
  accounts.push(account);
  const before = desiredOf({
    users: [aUser('dale', { groups: ['staff'], policies: { NoDelete: deny } })],
    groups: [aGroup('staff', { policies: { NoDelete: deny } })],
  });
  await reconcile(before, account.aws);
  const after = desiredOf({
    users: [aUser('dan', { renamedFrom: 'dale', groups: ['crew'], policies: { NODELETE: deny } })],
    groups: [aGroup('crew', { renamedFrom: 'staff', policies: { nodelete: deny } })],
  });
  const { plan } = await reconcile(after, account.aws);
  expect(plan.steps.map(({ op }) => op)).toEqual(['UpdateUser', 'UpdateGroup']);
  expect(inlineOf(account, 'dan')).toEqual(['NoDelete']);
  expect(account.sandbox.call('ListGroupPolicies', { GroupName: 'crew' }).PolicyNames).toEqual(['NoDelete']);
});

test('an old name is found in any case: its bearer is renamed, and nobody is offboarded', async () => {
  const account = await accountWith(aUser('lorax'));
  const desired = desiredOf({ users: [aUser('melvin', { renamedFrom: 'LORAX' })] });
  const { plan } = await reconcile(desired, account.aws);
  expect(plan.steps.map(({ op, input }) => [op, input])).toEqual([
    ['UpdateUser', { UserName: 'lorax', NewUserName: 'melvin' }],
  ]);
});

test('a user called by another case of the name is refused, and nobody is deleted', async () => {
  const account = await accountWith(aUser('dale'));
  for (const user of [aUser('Dale'), aUser('Dale', { renamedFrom: 'dale' })]) {
    await expect(planAccount(desiredOf({ users: [user] }), account.aws)).rejects.toMatchObject({
      message: 'no plan can be made',
    });
  }
});

test('who leaves is denied everything under the spelling that IAM has, until they are gone', async () => {
  const account = await accountWith(
    aUser('dale', { policies: { 'ROLLCALL-OFFBOARDING-DENY': statement('Allow', 's3:*') } }),
    aUser('buzzo'),
  );
  const { plan, results } = await reconcile(desiredOf({ users: [aUser('buzzo')] }), account.aws);
  expect(results.every(({ status }) => status === 'done')).toBe(true);
  const named = plan.steps
    .filter(({ op }) => op.endsWith('UserPolicy'))
    .map((step) => [step.op, inputOf(step)['PolicyName']]);
  expect(named).toEqual([
    ['PutUserPolicy', 'ROLLCALL-OFFBOARDING-DENY'],
    ['DeleteUserPolicy', 'ROLLCALL-OFFBOARDING-DENY'],
  ]);
  expect(plan.steps.at(-2)?.op).toBe('DeleteUserPolicy');
});

test('a suspension holds whichever way the name of its deny is spelled', async () => {
  const account = await accountWith(aUser('dale', { policies: { 'Rollcall-Suspended': everything } }));
  const desired = desiredOf({ users: [aUser('dale', { suspended: true })] });
  expect((await planAccount(desired, account.aws)).plan.steps).toEqual([]);

  const other = await accountWith(
    aUser('dale', { policies: { 'Rollcall-Suspended': statement('Allow', 's3:*') } }),
  );
  await reconcile(desired, other.aws);
  expect(inlineOf(other, 'dale')).toEqual(['Rollcall-Suspended']);
  expect(documentOf(other, 'dale', 'rollcall-suspended')).toEqual(everything);
  expect((await planAccount(desired, other.aws)).plan.steps).toEqual([]);
});

test('a temporary deny that somebody else has spelled is used, and taken away', async () => {
  const account = await testAccount();
  accounts.push(account);
  const both = (Action: string) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action, Resource: '*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ],
  });
  const groups = [
    aGroup('one', { policies: { p: both('s3:*') } }),
    aGroup('two', { policies: { p: both('ec2:*') } }),
  ];
  await reconcile(desiredOf({ users: [aUser('dale', { groups: ['one'] })], groups }), account.aws);
  await account.call('PutUserPolicy', {
    UserName: 'dale',
    PolicyName: 'ROLLCALL-GUARD',
    PolicyDocument: JSON.stringify(statement('Deny', 'ec2:StopInstances')),
  });
  const { plan, results } = await reconcile(
    desiredOf({ users: [aUser('dale', { groups: ['two'] })], groups }),
    account.aws,
  );
  expect(results.every(({ status }) => status === 'done')).toBe(true);
  const named = plan.steps
    .filter(({ op }) => op.endsWith('UserPolicy'))
    .map((step) => [step.op, inputOf(step)['PolicyName']]);
  expect(named).toEqual([
    ['PutUserPolicy', 'ROLLCALL-GUARD'],
    ['DeleteUserPolicy', 'ROLLCALL-GUARD'],
  ]);
  expect(plan.steps.at(-1)?.op).toBe('DeleteUserPolicy');
});

test('an attached policy in another case than IAM has it is refused in words, not detached', async () => {
  const reports = aPolicy('read-reports', statement('Allow', 's3:GetObject'));
  const account = await testAccount();
  accounts.push(account);
  const ignore = { users: [], groups: [], policies: ['read-*'], roles: [] };
  await reconcile(
    desiredOf({ users: [aUser('dale', { attachedPolicyArns: [reports.arn] })], policies: [reports] }),
    account.aws,
  );
  const arn = reports.arn.replace('read-reports', 'Read-Reports');
  for (const user of [
    aUser('dale', { attachedPolicyArns: [arn] }),
    aUser('dale', { attachedPolicyArns: [reports.arn], boundary: arn }),
  ]) {
    await expect(planAccount(desiredOf({ users: [user] }, { ignore }), account.aws)).rejects.toMatchObject({
      diagnostics: [
        {
          message: `user dale: there is no policy ${arn}: IAM has it as ${reports.arn}`,
          hint: `write it as IAM does: ${reports.arn}`,
        },
      ],
    });
  }
  const aws = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  await account.call('AttachUserPolicy', { UserName: 'dale', PolicyArn: aws });
  const other = aUser('dale', { attachedPolicyArns: [reports.arn, aws.toLowerCase()] });
  await expect(planAccount(desiredOf({ users: [other] }, { ignore }), account.aws)).rejects.toMatchObject({
    diagnostics: [{ hint: `write it as IAM does: ${aws}` }],
  });
});

test('a saved plan is stale once a name that it makes is taken in another case', async () => {
  const account = await accountWith(aUser('buzzo'));
  const desired = desiredOf({ users: [aUser('buzzo'), aUser('dale')] });
  const { plan, live } = await planAccount(desired, account.aws);
  const saved = savePlan(plan, desired, live, { rollcall: '0.1.0' });
  await account.call('CreateUser', { UserName: 'DALE' });
  await expect(resumePlan(saved, desired, account.aws, { overrides: allRails })).rejects.toMatchObject({
    exit: 4,
    message: expect.stringContaining('user dale was made meanwhile') as string,
  });
});

test('a saved plan is stale once an inline policy that it changes has another spelling', async () => {
  const account = await accountWith(aUser('dale', { policies: { NoDelete: deny } }));
  const desired = desiredOf({
    users: [aUser('dale', { policies: { nodelete: statement('Deny', 's3:*') } })],
  });
  const { plan, live } = await planAccount(desired, account.aws);
  const saved = savePlan(plan, desired, live, { rollcall: '0.1.0' });
  await account.call('DeleteUserPolicy', { UserName: 'dale', PolicyName: 'nodelete' });
  await account.call('PutUserPolicy', {
    UserName: 'dale',
    PolicyName: 'nodelete',
    PolicyDocument: JSON.stringify(deny),
  });
  await expect(resumePlan(saved, desired, account.aws, { overrides: allRails })).rejects.toMatchObject({
    exit: 4,
  });
});

test('the mark of an unfinished delivery counts in any case of its key, and is nobody’s drift', async () => {
  const account = await testAccount();
  accounts.push(account);
  const desired = desiredOf({ users: [aUser('dale', { accessKey: { count: 1 } })] });
  await reconcile(desired, account.aws);
  await account.call('TagUser', {
    UserName: 'dale',
    Tags: [{ Key: 'Rollcall-Undelivered', Value: 'none' }],
  });
  const { plan } = await reconcile(desired, account.aws);
  expect(plan.changes.map(({ id }) => id)).toEqual(['user:dale/undelivered']);
  expect(account.sandbox.call('ListUserTags', { UserName: 'dale' }).Tags).toEqual([]);
  expect((await planAccount(desired, account.aws)).plan.steps).toEqual([]);
});
