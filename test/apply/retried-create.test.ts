import { describe, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { execute } from '../../src/aws/execute.ts';
import type { Desired } from '../../src/core/desired.ts';
import { aGroup, aPolicy, aUser, desiredOf, testAccount, TestSink } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** A call whose first answer was lost, and which IAM then refuses because there is something of that name. */

const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const admin = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
const json = (value: object): string => JSON.stringify(value);

/**
 * Plans and applies, while somebody else does something before the second try of the creation.
 *
 * @returns what became of the creation.
 */
async function retried(
  desired: Desired,
  op: string,
  meanwhile: (account: TestAccount['sandbox']) => void,
  kind: 'lost-reply-before' | 'lost-reply-after' = 'lost-reply-before',
): Promise<{ status: string | undefined; later: readonly string[] }> {
  const account = await testAccount({ transport: 'direct', start: new Date('2027-01-01T00:00:00Z') });
  try {
    const { plan } = await planAccount(desired, account.aws);
    await account.aws.wait(60_000);
    account.sandbox.faults.add({ op, kind, times: 1 });
    let tries = 0;
    account.sandbox.faults.beforeCall = (call) => {
      if (call.op === op && (tries += 1) === 2) meanwhile(account.sandbox);
    };
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    expect(tries).toBeGreaterThan(1);
    const later = results.filter(({ step }) => step.op !== op && !/^Get|^List/.test(step.op));
    return {
      status: results.find(({ step }) => step.op === op)?.status,
      later: later.filter(({ status }) => status === 'done').map(({ step }) => step.op),
    };
  } finally {
    await account.close();
  }
}

const users = desiredOf({
  users: [aUser('lorax', { tags: { team: 'a' }, policies: { all: document }, accessKey: { count: 1 } })],
});
const Tags = [{ Key: 'team', Value: 'a' }];
const groups = desiredOf({ groups: [aGroup('admins', { policies: { all: document } })] });
const policies = desiredOf({ policies: [aPolicy('houdini', document)], groups: [] });

describe('on a retried creation', () => {
  test.each([
    ['CreateUser', users],
    ['CreateGroup', groups],
    ['CreatePolicy', policies],
    [
      'CreatePolicy',
      desiredOf({
        policies: [{ ...aPolicy('houdini', document), description: 'Escapes', tags: { team: 'a' } }],
        groups: [],
      }),
    ],
  ])('what our own first try made is ours (%s)', async (op, desired) => {
    expect((await retried(desired, op, () => {}, 'lost-reply-after')).status).toBe('done');
  });

  test.each<[string, (iam: TestAccount['sandbox']) => void]>([
    ['other tags', (iam) => void iam.call('CreateUser', { UserName: 'lorax' })],
    ['another path', (iam) => void iam.call('CreateUser', { UserName: 'lorax', Path: '/x/', Tags })],
    ['another case', (iam) => void iam.call('CreateUser', { UserName: 'Lorax', Tags })],
    [
      'a boundary',
      (iam) =>
        void iam.call('CreateUser', {
          UserName: 'lorax',
          Tags,
          PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
        }),
    ],
    [
      'an access key',
      (iam) => {
        iam.call('CreateUser', { UserName: 'lorax', Tags });
        iam.call('CreateAccessKey', { UserName: 'lorax' });
      },
    ],
    [
      'a password',
      (iam) => {
        iam.call('CreateUser', { UserName: 'lorax', Tags });
        iam.call('CreateLoginProfile', { UserName: 'lorax', Password: 'correct-Horse-7' });
      },
    ],
    [
      'a policy',
      (iam) => {
        iam.call('CreateUser', { UserName: 'lorax', Tags });
        iam.call('PutUserPolicy', { UserName: 'lorax', PolicyName: 'own', PolicyDocument: json(admin) });
      },
    ],
  ])('another’s user is not taken for ours: with %s', async (_, meanwhile) => {
    expect(await retried(users, 'CreateUser', meanwhile)).toEqual({ status: 'failed', later: [] });
  });

  test('a user that was there before the call is not taken for ours', async () => {
    const account = await testAccount({ transport: 'direct', start: new Date('2027-01-01T00:00:00Z') });
    try {
      const { plan } = await planAccount(users, account.aws);
      account.sandbox.call('CreateUser', { UserName: 'lorax', Tags });
      await account.aws.wait(60_000);
      account.sandbox.faults.add({ op: 'CreateUser', kind: 'lost-reply-before', times: 1 });
      const results = await execute(plan, account.aws, { sink: new TestSink() });
      expect(results.map(({ status }) => status)).not.toContain('done');
    } finally {
      await account.close();
    }
  });

  test.each<[string, (iam: TestAccount['sandbox']) => void]>([
    ['another path', (iam) => void iam.call('CreateGroup', { GroupName: 'admins', Path: '/x/' })],
    [
      'a policy',
      (iam) => {
        iam.call('CreateGroup', { GroupName: 'admins' });
        iam.call('PutGroupPolicy', { GroupName: 'admins', PolicyName: 'own', PolicyDocument: json(admin) });
      },
    ],
    [
      'a member',
      (iam) => {
        iam.call('CreateGroup', { GroupName: 'admins' });
        iam.call('CreateUser', { UserName: 'stranger' });
        iam.call('AddUserToGroup', { GroupName: 'admins', UserName: 'stranger' });
      },
    ],
  ])('another’s group is not taken for ours: with %s', async (_, meanwhile) => {
    expect(await retried(groups, 'CreateGroup', meanwhile)).toEqual({ status: 'failed', later: [] });
  });

  test.each<[string, (iam: TestAccount['sandbox']) => void]>([
    [
      'another document',
      (iam) => void iam.call('CreatePolicy', { PolicyName: 'houdini', PolicyDocument: json(admin) }),
    ],
    [
      'tags',
      (iam) => void iam.call('CreatePolicy', { PolicyName: 'houdini', PolicyDocument: json(document), Tags }),
    ],
    [
      'another path',
      (iam) =>
        void iam.call('CreatePolicy', { PolicyName: 'houdini', Path: '/x/', PolicyDocument: json(document) }),
    ],
  ])('another’s policy is not taken for ours: with %s', async (_, meanwhile) => {
    expect(await retried(policies, 'CreatePolicy', meanwhile)).toEqual({ status: 'failed', later: [] });
  });
});
