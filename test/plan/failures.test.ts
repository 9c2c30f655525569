import { afterEach, expect, test } from 'vitest';
import { aGroup, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
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
    what: 'a Deny stays while one of two equal Allows under it could not be taken',
    before: aUser('lorax', {
      policies: {
        a: document(['Allow', 's3:*']),
        b: document(['Allow', 's3:*']),
        d: document(['Deny', 's3:Delete*']),
      },
    }),
    after: aUser('lorax', { policies: { b: document(['Allow', 's3:Get*']) } }),
    refused: 'DeleteUserPolicy',
    skipped: ['DeleteUserPolicy'],
    never: ['s3:DeleteObject'],
  },
  {
    what: 'no key is made while the Deny on its user could not be put',
    before: aUser('lorax', { policies: { a: document(['Allow', 's3:*']) } }),
    after: aUser('lorax', {
      policies: { a: document(['Allow', 's3:*']), d: document(['Deny', 's3:Delete*']) },
      accessKey: { count: 1 },
    }),
    refused: 'PutUserPolicy',
    skipped: ['TagUser', 'CreateAccessKey', 'UntagUser'],
    never: [],
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

test('a boundary does not widen while the Allow under it could not be taken', async () => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  const lorax = aUser('lorax', { boundary: limits.arn, policies: { a: document(['Allow', '*']) } });
  await reconcile(desiredOf({ users: [lorax, other], policies }), aws);
  sandbox.faults.rules.push({ op: 'DeleteUserPolicy', kind: 'denied', times: 1 });
  const wider = aPolicy('limits', document(['Allow', 's3:*'], ['Allow', 'ec2:*']));
  const { results } = await reconcile(
    desiredOf({ users: [aUser('lorax', { boundary: limits.arn }), other], policies: [wider] }),
    aws,
  );
  expect(results.map(({ step, status }) => `${step.op} ${status}`)).toEqual([
    'DeleteUserPolicy failed',
    'CreatePolicyVersion skipped',
  ]);
  expect(sandbox.allows('lorax', 'ec2:RunInstances', '*')).toBe(false);
});

test('a group keeps its Deny while somebody could not be taken out of it', async () => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  const staff = aGroup('staff', { policies: { d: document(['Deny', 's3:Delete*']) } });
  const lorax = aUser('lorax', { policies: { a: document(['Allow', 's3:*']) } });
  await reconcile(desiredOf({ users: [{ ...lorax, groups: ['staff'] }, other], groups: [staff] }), aws);
  sandbox.faults.rules.push({ op: 'RemoveUserFromGroup', kind: 'denied', times: 1 });
  const { results } = await reconcile(desiredOf({ users: [lorax, other] }), aws);
  expect(results.map(({ step, status }) => `${step.op} ${status}`)).toEqual([
    'RemoveUserFromGroup failed',
    'DeleteGroupPolicy skipped',
    'DeleteGroup skipped',
  ]);
  expect(sandbox.allows('lorax', 's3:DeleteObject', 'arn:aws:s3:::a/b')).toBe(false);
});

test.each([1, 10])(
  'nobody gets what an attached policy allowed before this plan: %i at a time',
  async (parallelism) => {
    account = await testAccount({ transport: 'direct', parallelism });
    const { aws, sandbox } = account;
    const was = aPolicy('reports', document(['Allow', 's3:*']));
    const is = aPolicy('reports', document(['Deny', 's3:Delete*']));
    await reconcile(desiredOf({ users: [aUser('lorax'), other], policies: [was] }), aws);
    sandbox.faults.afterCall = () => {
      expect(sandbox.allows('lorax', 's3:GetObject', 'arn:aws:s3:::a/b')).toBe(false);
    };
    const lorax = aUser('lorax', { attachedPolicyArns: [was.arn] });
    const target = desiredOf({ users: [lorax, other], policies: [is] });
    const { results } = await reconcile(target, aws);
    expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect((await reconcile(target, aws)).plan.changes).toEqual([]);
  },
);

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

const everything = document(['Allow', 's3:*']);
const mixed = document(['Deny', 's3:Delete*'], ['Allow', 'ec2:*']);

test.each([
  {
    what: 'leaves',
    before: { groups: [aGroup('partners', { policies: { limits: mixed } })] },
    lorax: aUser('lorax', { groups: ['partners'], policies: { all: everything } }),
    after: { groups: [aGroup('partners')] },
    target: [],
  },
  {
    what: 'is suspended',
    before: {},
    lorax: aUser('lorax', { policies: { all: everything, limits: mixed } }),
    after: {},
    target: [aUser('lorax', { policies: { all: everything }, suspended: true })],
  },
  {
    what: 'leaves a group that grows',
    before: { groups: [aGroup('partners')] },
    lorax: aUser('lorax', { groups: ['partners'] }),
    after: { groups: [aGroup('partners', { policies: { all: everything } })] },
    target: [],
  },
])(
  'a person who $what and could not be denied gets nothing more',
  async ({ before, lorax, after, target }) => {
    account = await testAccount({ transport: 'direct' });
    const { aws, sandbox } = account;
    await reconcile(desiredOf({ ...before, users: [lorax, other] }), aws);
    sandbox.faults.rules.push({ op: 'PutUserPolicy', kind: 'denied', times: 1 });
    const wanted = desiredOf({ ...after, users: [...target, other] });
    const { results } = await reconcile(wanted, aws);
    expect(results.filter(({ status }) => status === 'failed').map(({ step }) => step.op)).toEqual([
      'PutUserPolicy',
    ]);
    expect(sandbox.allows('lorax', 's3:DeleteObject', 'arn:aws:s3:::a/b')).toBe(false);

    await reconcile(wanted, aws);
    expect((await reconcile(wanted, aws)).plan.changes).toEqual([]);
  },
);

test('no longer suspended with a key too many: the one that works again is the one that stays', async () => {
  account = await testAccount({ transport: 'direct' });
  const { aws, sandbox } = account;
  const lorax = aUser('lorax', { accessKey: { count: 1 } });
  await reconcile(desiredOf({ users: [lorax, other] }), aws);
  await reconcile(desiredOf({ users: [{ ...lorax, suspended: true }, other] }), aws);
  const keys = () => sandbox.call('ListAccessKeys', { UserName: 'lorax' }).AccessKeyMetadata ?? [];
  const own = keys()[0]?.AccessKeyId;
  for (let extra = 0; extra < 4; extra += 1) {
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    const AccessKeyId = AccessKey?.AccessKeyId ?? '';
    await aws.wait(1000);
    await reconcile(desiredOf({ users: [{ ...lorax, suspended: true }, other] }), aws);
    sandbox.call('UpdateAccessKey', { UserName: 'lorax', AccessKeyId, Status: 'Inactive' });
    const { results } = await reconcile(desiredOf({ users: [lorax, other] }), aws);
    expect(results.every(({ status }) => status === 'done')).toBe(true);
    expect(keys()).toMatchObject([{ AccessKeyId: own, Status: 'Active' }]);
    await reconcile(desiredOf({ users: [{ ...lorax, suspended: true }, other] }), aws);
  }
});
