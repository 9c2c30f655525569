import { createHash } from 'node:crypto';
import { readAwsManagedPolicies } from '../../../core/aws-managed-policies.ts';
import { awsDocument } from './aws-documents.ts';

/** A policy that AWS manages: always there, the same in every account. */
export interface AwsPolicy {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly createdAt: string;
}

// AWS's creation dates are not copied: one date serves all.
const createdAt = '2015-02-06T18:40:00Z';

const byPartition = new Map<string, Map<string, AwsPolicy>>();

function load(partition: string): Map<string, AwsPolicy> {
  let policies = byPartition.get(partition);
  if (!policies) {
    policies = new Map();
    for (const { name, path } of readAwsManagedPolicies()) {
      const arn = `arn:${partition}:iam::aws:policy${path}${name}`;
      policies.set(arn, { id: idOf(arn), name, path, arn, createdAt });
    }
    byPartition.set(partition, policies);
  }
  return policies;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function idOf(arn: string): string {
  const bytes = createHash('sha256').update(arn).digest().subarray(0, 17);
  return `ANPA${[...bytes].map((byte) => alphabet[byte % 32]).join('')}`;
}

export const awsPolicy = (partition: string, arn: string): AwsPolicy | undefined => load(partition).get(arn);

/** All of them, by name. */
export const awsPolicies = (partition: string): Iterable<AwsPolicy> => load(partition).values();

/** The document in force, as JSON text. */
export const awsPolicyDocument = (policy: AwsPolicy): string => JSON.stringify(awsDocument(policy.name));
