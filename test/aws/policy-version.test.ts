import { onTestFinished, expect, test } from 'vitest';
import { createPolicyVersion } from '../../src/aws/policy-version.ts';
import { testAccount } from '../support/account.ts';

const allow = (Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } });

test.each(['error-before', 'error-after'] as const)(
  'a version whose making had no answer is made once, and is the one in force (%s)',
  async (kind) => {
    const account = await testAccount({ transport: 'direct' });
    onTestFinished(() => account.close());
    const { sandbox, aws } = account;
    const { Arn: PolicyArn } = sandbox.call('CreatePolicy', {
      PolicyName: 'reports',
      PolicyDocument: allow('s3:GetObject'),
    }).Policy!;
    sandbox.faults.add({ op: 'CreatePolicyVersion', kind, times: 1 });
    const PolicyDocument = allow('s3:*');
    await createPolicyVersion(aws, { PolicyArn: PolicyArn!, PolicyDocument, SetAsDefault: true });
    const versions = sandbox.call('ListPolicyVersions', { PolicyArn: PolicyArn! }).Versions!;
    expect(versions.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
      ['v2', true],
      ['v1', false],
    ]);
    const made = sandbox.call('GetPolicyVersion', { PolicyArn: PolicyArn!, VersionId: 'v2' }).PolicyVersion!;
    expect(decodeURIComponent(made.Document!)).toBe(PolicyDocument);
  },
);
