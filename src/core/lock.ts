import { sameName } from './names.ts';

/**
 * The customer managed policy that an apply makes for as long as it runs: IAM makes no two of one name, so no two applies
 * run at once (docs/decisions/locking.md). It is no part of what manifests rule over.
 */
export const lockName = 'rollcall-lock';
export const lockPath = '/rollcall/';

export const lockArn = (account: string, partition: string): string =>
  `arn:${partition}:iam::${account}:policy${lockPath}${lockName}`;

/** Whatever its path and case: IAM makes no other policy of that name beside it. */
export const isLock = (policy: string): boolean => sameName(policy, lockName);
