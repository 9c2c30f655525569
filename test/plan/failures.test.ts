import { afterEach, expect, test } from 'vitest';
import { aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** After a failed step, what it would have kept harmless is not done; what is independent is. */

const document = (...statements: readonly (readonly ['Allow' | 'Deny', string])[]) => ({
  Version: '2012-10-17',
  Statement: statements.map(([Effect, Action]) => ({ Effect, Action, Resource: '*' })),
});
const limits = aPolicy('limits', document(['Allow', 's3:*']));
const policies = [limits];
const other = aUser('dale');
const otherAfter = aUser('dale', { policies: { p: document(['Allow', 'ec2:*']) } });

let account: TestAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

test.each([
  {
    what: 'a Deny stays while the Allow under it could not be taken',
    before: aUser('lorax', {
      policies: { a: document(['Allow', 's3:*']), d: document(['Deny', 's3:Delete*']) },
    }),
    after: aUser('lorax'),
    refused: 'DeleteUserPolicy',
    skipped: ['DeleteUserPolicy'],
    never: ['s3:DeleteObject'],
  },
  {
    what: 'a boundary stays while the Allow that it limits could not be taken',
    before: aUser('lorax', { policies: { a: document(['Allow', '*']) }, boundary: limits.arn }),
    after: aUser('lorax'),
    refused: 'DeleteUserPolicy',
    skipped: ['DeleteUserPermissionsBoundary'],
    never: ['ec2:RunInstances'],
  },
  {
    what: 'nothing is granted while the Deny on it could not be put',
    before: aUser('lorax'),
    after: aUser('lorax', {
      policies: { a: document(['Allow', 's3:*']), d: document(['Deny', 's3:Delete*']) },
    }),
    refused: 'PutUserPolicy',
    skipped: ['PutUserPolicy'],
    never: ['s3:DeleteObject'],
  },
  {
    what: 'nothing is granted while the boundary could not be put',
    before: aUser('lorax'),
    after: aUser('lorax', { policies: { a: document(['Allow', '*']) }, boundary: limits.arn }),
    refused: 'PutUserPermissionsBoundary',
    skipped: ['PutUserPolicy'],
    never: ['ec2:RunInstances'],
  },
])('$what', async ({ before, after, refused, skipped, never }) => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  await reconcile(desiredOf({ users: [before, other], policies }), aws);
  sandbox.faults.rules.push({ op: refused, kind: 'denied', times: 1 });
  const target = desiredOf({ users: [after, otherAfter], policies });
  const { results } = await reconcile(target, aws);
  expect(results.filter(({ status }) => status === 'failed').map(({ step }) => step.op)).toEqual([refused]);
  expect(results.filter(({ status }) => status === 'skipped').map(({ step }) => step.op)).toEqual(skipped);
  for (const action of never) expect(sandbox.allows('lorax', action, 'arn:aws:s3:::a/b')).toBe(false);
  expect(sandbox.allows('dale', 'ec2:RunInstances', '*')).toBe(true);

  const again = await reconcile(target, aws);
  expect(again.results.every(({ status }) => status === 'done')).toBe(true);
  expect((await reconcile(target, aws)).plan.changes).toEqual([]);
});

test('a boundary changes between the last policy that goes and the first that comes', async () => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  const wider = aPolicy('wider', document(['Allow', 'ec2:*']));
  const held = [limits, wider];
  const before = aUser('lorax', { policies: { old: document(['Allow', 'ec2:*']) }, boundary: limits.arn });
  const after = aUser('lorax', { policies: { new: document(['Allow', 's3:*']) }, boundary: wider.arn });
  await reconcile(desiredOf({ users: [before, other], policies: held }), aws);
  sandbox.faults.afterCall = () => {
    for (const action of ['s3:GetObject', 'ec2:RunInstances']) {
      expect(sandbox.allows('lorax', action, 'arn:aws:s3:::a/b')).toBe(false);
    }
  };
  const { results } = await reconcile(desiredOf({ users: [after, other], policies: held }), aws);
  expect(results.map(({ step, status }) => `${step.op} ${status}`)).toEqual([
    'DeleteUserPolicy done',
    'PutUserPermissionsBoundary done',
    'PutUserPolicy done',
  ]);
});

test('what somebody else removed meanwhile is not taken for written', async () => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  const after = aUser('lorax', { policies: { p: document(['Allow', 's3:*']) } });
  await reconcile(desiredOf({ users: [aUser('lorax'), other] }), aws);
  sandbox.faults.beforeCall = ({ op }) => {
    if (op === 'PutUserPolicy') sandbox.call('DeleteUser', { UserName: 'lorax' });
  };
  const { results } = await reconcile(desiredOf({ users: [after, other] }), aws);
  expect(results.map(({ step, status }) => `${step.op} ${status}`)).toEqual(['PutUserPolicy failed']);
});
