import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { execute } from '../../src/aws/execute.ts';
import { aUser, desiredOf, reconcile, testAccount, TestSink } from '../support/account.ts';

/** IAM answers from a past, in pages, or in the middle of somebody else's work. */

test('a key that cannot be delivered is deleted, though IAM does not find it at once', async () => {
  const account = await testAccount({ transport: 'direct' });
  const desired = desiredOf({ users: [aUser('lorax', { accessKey: { count: 1 } })] });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax')] }), account.aws);
    account.sandbox.faults.consistency = { newHiddenCalls: 2 };
    const { plan } = await planAccount(desired, account.aws);
    const sink = new TestSink();
    sink.deliverAccessKey = () => Promise.reject(new Error('no space is left'));
    const results = await execute(plan, account.aws, { sink });
    expect(results.find(({ step }) => step.op === 'CreateAccessKey')?.message).toMatch(/was deleted again/);
    account.sandbox.faults.clear();
    const { AccessKeyMetadata } = account.sandbox.call('ListAccessKeys', { UserName: 'lorax' });
    expect(AccessKeyMetadata).toEqual([]);
  } finally {
    await account.close();
  }
});

test('credentials of a person who leaves are listed again to the last page', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax'), aUser('dale')] }), account.aws);
    account.sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    const { plan } = await planAccount(desiredOf({ users: [aUser('dale')] }), account.aws);
    account.sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    account.sandbox.faults.add({ kind: 'truncate-page' });
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^ListAccessKeys: .* is AKIA\w+, AKIA\w+ where the plan knew AKIA\w+: somebody else changed it/,
      ),
    ]);
    // Stopped with everything denied.
    const { PolicyNames } = account.sandbox.call('ListUserPolicies', { UserName: 'lorax' });
    expect(PolicyNames).toEqual(['rollcall-offboarding-deny']);
  } finally {
    await account.close();
  }
});

test('a password that was made after the plan stops an offboarding before the deny goes', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax'), aUser('dale')] }), account.aws);
    const { plan } = await planAccount(desiredOf({ users: [aUser('dale')] }), account.aws);
    account.sandbox.call('CreateLoginProfile', { UserName: 'lorax', Password: 'correct-Horse-7' });
    const results = await execute(plan, account.aws, { sink: new TestSink() });
    const failed = results.filter(({ status }) => status === 'failed');
    expect(failed.map(({ step }) => step.op)).toEqual(['GetLoginProfile']);
    expect(account.sandbox.call('ListUserPolicies', { UserName: 'lorax' }).PolicyNames).toHaveLength(1);
  } finally {
    await account.close();
  }
});

test.each([
  ['after an answer that did not come, which may have been its effect', 1, true],
  ['at once: it had none', 0, false],
] as const)('a step that IAM refuses %s', async (_, lost, unsettled) => {
  const account = await testAccount({ transport: 'direct' });
  try {
    await reconcile(desiredOf({ users: [aUser('lorax')] }), account.aws);
    const desired = desiredOf({ users: [aUser('lorax', { tags: { team: 'trees' } })] });
    const { plan } = await planAccount(desired, account.aws);
    if (lost > 0) account.sandbox.faults.add({ kind: 'error-after', op: 'TagUser', times: lost });
    account.sandbox.faults.add({ kind: 'denied', op: 'TagUser' });
    const [result] = await execute(plan, account.aws, { sink: new TestSink() });
    expect(result!.step.op).toBe('TagUser');
    expect(result!.status).toBe('failed');
    expect(result!.message).toContain('access denied');
    expect(result!.unsettled === true).toBe(unsettled);
    const { Tags } = account.sandbox.call('ListUserTags', { UserName: 'lorax' });
    expect(Tags).toHaveLength(lost);
  } finally {
    await account.close();
  }
});
