import { policyArnParts } from '../../../core/arn.ts';
import type { Context } from '../context.ts';
import { awsPolicy, type AwsPolicy } from './aws.ts';
import type { PolicyRecord } from '../records.ts';

/** A managed policy of either owner. */
export function findPolicy(ctx: Context, arn: string): PolicyRecord | AwsPolicy | undefined {
  const parts = policyArnParts(arn);
  if (!parts) return undefined;
  if (parts.account === 'aws') return awsPolicy(ctx.partition, arn);
  const policy = ctx.state.policies.find(parts.name);
  // The case of ARNs counts: only the account's own spelling finds the policy.
  return policy?.arn === arn ? policy : undefined;
}
