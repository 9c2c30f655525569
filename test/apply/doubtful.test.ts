import { describe, expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { execute } from '../../src/aws/execute.ts';
import { aUser, desiredOf, reconcile, testAccount, TestSink } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** A secret whose making had no answer, while somebody else makes one too. */

type Iam = TestAccount['sandbox'];

async function doubtful(
  op: 'CreateAccessKey' | 'CreateLoginProfile',
  kind: 'error-before' | 'error-after',
  meanwhile: (iam: Iam) => void,
  options: { before?: (iam: Iam) => void; delivered?: boolean; times?: number } = {},
) {
  const account = await testAccount({ transport: 'direct', start: new Date('2027-01-01T00:00:00Z') });
  try {
    const wish = op === 'CreateAccessKey' ? { accessKey: { count: 1 as const } } : { console: {} };
    await reconcile(desiredOf({ users: [aUser('lorax')] }), account.aws);
    const { plan } = await planAccount(desiredOf({ users: [aUser('lorax', wish)] }), account.aws);
    options.before?.(account.sandbox);
    await account.aws.wait(60_000);
    account.sandbox.faults.add({ op, kind, times: options.times ?? 1 });
    let done = false;
    account.sandbox.faults.afterCall = (call) => {
      if (call.op !== op || done) return;
      done = true;
      meanwhile(account.sandbox);
    };
    const sink: TestSink & { isDelivered?: () => Promise<boolean> } = new TestSink();
    if (options.delivered) sink.isDelivered = () => Promise.resolve(true);
    const results = await execute(plan, account.aws, { sink });
    const { AccessKeyMetadata = [] } = account.sandbox.call('ListAccessKeys', { UserName: 'lorax' });
    return {
      result: results.find(({ step }) => step.op === op)!,
      delivered: sink.delivered,
      keys: AccessKeyMetadata.map(({ AccessKeyId, Status }) => ({
        id: AccessKeyId,
        active: Status === 'Active',
      })),
      calls: account.sandbox.journal.map((call) => call.op),
      password: account.sandbox.state.users.taken('lorax')?.login,
    };
  } finally {
    await account.close();
  }
}

describe('an access key whose making had no answer', () => {
  test('is made inactive and not deleted, and another is made', async () => {
    const { result, delivered, keys, calls } = await doubtful('CreateAccessKey', 'error-after', () => {});
    expect(result.status).toBe('done');
    expect(calls).not.toContain('DeleteAccessKey');
    expect(keys.filter(({ active }) => active).map(({ id }) => id)).toEqual(delivered.map(({ id }) => id));
    expect(keys).toHaveLength(2);
  });

  test('is left alone where two came meanwhile: whose they are cannot be told', async () => {
    const { result, keys, calls } = await doubtful('CreateAccessKey', 'error-after', (iam) => {
      iam.call('CreateAccessKey', { UserName: 'lorax' });
    });
    expect(result.status).toBe('failed');
    expect(result.message).toContain('whose that is cannot be told');
    expect(keys.map(({ active }) => active)).toEqual([true, true]);
    expect(calls).not.toContain('DeleteAccessKey');
  });

  test('is left alone where a delivery of it is known here: another run made it', async () => {
    const { result, keys } = await doubtful(
      'CreateAccessKey',
      'error-before',
      (iam) => void iam.call('CreateAccessKey', { UserName: 'lorax' }),
      { delivered: true },
    );
    expect(result.status).toBe('failed');
    expect(keys.map(({ active }) => active)).toEqual([true]);
  });

  test('leaves a failed step that says what comes where IAM has no room for another', async () => {
    const { result, keys } = await doubtful('CreateAccessKey', 'error-after', () => {}, { times: 2 });
    expect(result.status).toBe('failed');
    expect(result.message).toMatch(/was made inactive, and IAM has no room for another$/);
    expect(result.remedy).toBe('again');
    expect(keys.map(({ active }) => active)).toEqual([false, false]);
  });
});

describe('a password whose making had no answer', () => {
  test.each(['error-before', 'error-after'] as const)(
    'is in force and delivered at the end (%s)',
    async (kind) => {
      const { result, delivered, password } = await doubtful('CreateLoginProfile', kind, () => {});
      expect(result.status).toBe('done');
      expect(delivered).toHaveLength(1);
      expect(password).toBeTruthy();
    },
  );

  test('that is still in doubt at the end stays delivered', async () => {
    const { result, delivered } = await doubtful('CreateLoginProfile', 'error-before', () => {}, {
      times: 9,
    });
    expect(result.status).toBe('failed');
    expect(delivered).toHaveLength(1);
  });

  test('does not cost another’s: one that was there before stays, and ours is taken back', async () => {
    const { result, delivered, calls } = await doubtful('CreateLoginProfile', 'error-before', () => {}, {
      before: (iam) =>
        void iam.call('CreateLoginProfile', { UserName: 'lorax', Password: 'correct-Horse-7' }),
    });
    expect(result.status).toBe('failed');
    expect(result.message).toContain('has a password that was there before');
    expect(result.remedy).toBe('plan');
    expect(calls).not.toContain('DeleteLoginProfile');
    expect(delivered).toEqual([]);
  });
});
