import { isAwsManaged } from '../../core/arn.ts';
import type { PolicyDocument, Tags, User } from '../../core/state.ts';
import { sameMeaning } from '../../policy/index.ts';
import { denyAll, inlineNamed, offboardingDeny, suspendedDeny, withoutInline } from '../access.ts';

/**
 * On a user while an access key is on its way: the ids of the keys that existed before (or `none`). A key that is
 * not among them was never delivered: the run that made it was killed. So no state is kept outside IAM.
 */
export const undeliveredTag = 'rollcall-undelivered';

export const undeliveredValue = (known: readonly string[]): string => known.join(' ') || 'none';

/** Keys whose secret nobody got; null where no delivery was cut short. */
export function undelivered<T extends { readonly id: string }>(live: User, keys: readonly T[]): T[] | null {
  const mark = live.tags[undeliveredTag];
  if (mark === undefined) return null;
  const known = mark.split(' ');
  return keys.filter(({ id }) => !known.includes(id));
}

/** A delivery was cut short: which of the keys somebody got is not clear. */
export const isUndelivered = (live: User): boolean => undeliveredTag in live.tags;

/** Tags that rollcall keeps for itself are nobody's drift. */
export const withoutMarks = (tags: Tags): Tags => {
  const { [undeliveredTag]: _mark, ...rest } = tags;
  return rest;
};

const isDenyAll = (document: PolicyDocument | undefined): boolean =>
  document !== undefined && sameMeaning(document, denyAll);

export const isAwsDenyAll = (arn: string | null): boolean =>
  arn !== null && isAwsManaged(arn) && arn.endsWith('/AWSDenyAll');

/** Our deny is in place: inline, or where there was no room as the boundary. */
export const isSuspended = (live: User): boolean =>
  isDenyAll(inlineNamed(live.policies, suspendedDeny)?.document) || isAwsDenyAll(live.boundary);

/** A suspended user as it would be without our deny: what is left is compared with the file as anybody's. */
export function withoutDeny(desired: User, live: User): User {
  const policies = withoutInline(live.policies, suspendedDeny);
  return { ...live, policies, boundary: isAwsDenyAll(live.boundary) ? desired.boundary : live.boundary };
}

/** The user was suspended, and not on the way out: whose offboarding has begun never gets a key back. */
export const wasSuspended = (live: User): boolean =>
  inlineNamed(live.policies, suspendedDeny) !== undefined &&
  inlineNamed(live.policies, offboardingDeny) === undefined;

/** An earlier run left something that only a look at the credentials can finish. */
export const isMarked = (live: User): boolean =>
  undeliveredTag in live.tags ||
  isSuspended(live) ||
  inlineNamed(live.policies, offboardingDeny) !== undefined;
