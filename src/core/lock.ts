import { sameName } from './names.ts';

/**
 * The customer managed policy that exists while an apply runs. IAM makes no two policies of one name, so no two
 * applies run at once (docs/decisions/locking.md). Manifests have no say over it.
 */
export const lockName = 'rollcall-lock';
export const lockPath = '/rollcall/';

export const lockArn = (account: string, partition: string): string =>
  `arn:${partition}:iam::${account}:policy${lockPath}${lockName}`;

/** Whatever its path and case: IAM makes no second policy of that name. */
export const isLock = (policy: string): boolean => sameName(policy, lockName);
