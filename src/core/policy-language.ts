/**
 * Facts about the policy language that all readers of documents share. Source: IAM User Guide, "IAM JSON policy
 * elements".
 */
import type { Json, JsonObject } from './json.ts';

export const currentVersion = '2012-10-17';
/** The version without policy variables. IAM assumes it if a document has no `Version`. */
export const earlierVersion = '2008-10-17';

/** Modifiers may come before (`ForAnyValue:`) and after (`IfExists`). */
export const conditionOperators: readonly string[] = [
  'StringEquals StringNotEquals StringEqualsIgnoreCase StringNotEqualsIgnoreCase StringLike StringNotLike',
  'NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals',
  'DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals',
  'Bool BinaryEquals IpAddress NotIpAddress ArnEquals ArnNotEquals ArnLike ArnNotLike Null',
].flatMap((line) => line.split(' '));

/** The statements of a document as a list, whatever its shape. */
export function statementsOf({ Statement: statements }: JsonObject): readonly Json[] {
  if (statements === undefined) return [];
  return Array.isArray(statements) ? (statements as readonly Json[]) : [statements];
}

/**
 * The size that IAM's quotas count, of the JSON that is sent: "IAM does not count white space when calculating the
 * size of a policy" (IAM User Guide, "IAM and AWS STS quotas").
 */
export const documentSize = (document: string | JsonObject): number =>
  (typeof document === 'string' ? document : JSON.stringify(document)).replaceAll(/\s/g, '').length;
