import type { AccessKey, AccessKeySpec } from '../../core/state.ts';

const day = 24 * 60 * 60 * 1000;

/** Whole and part days since an ISO 8601 instant. */
export const ageInDays = (since: string, now: Date): number => (now.getTime() - Date.parse(since)) / day;

export const defaultGrace = 7;

/** What the age of a user's keys asks for. At most one of the stages is due at a time, besides a deletion. */
export interface Rotation {
  /** The key to be replaced: a second one is made. */
  readonly replace?: AccessKey;
  readonly deactivate?: AccessKey;
  /** With `deactivate`: from when on the same key is deleted, ISO 8601; may be past. */
  readonly removeFrom?: string;
  readonly remove?: AccessKey;
  /** What the second key is taken for, whoever made it. */
  readonly successor?: AccessKey;
  /** Nothing is due yet; until when the old key stays as it is, ISO 8601. */
  readonly waits?: { readonly key: AccessKey; readonly until: string };
}

/**
 * Rotation as a function of what IAM knows, never of local state: a new key at `rotateAfter` days; the old one
 * inactive once the new one is `grace` days old; deleted once the new one is twice as old, and not before the old
 * one has been unused for `grace` (IAM does not tell since when a key is inactive). Null where the keys are not in a
 * rotation: a second key that is younger than a rotation would make it is somebody's extra key.
 *
 * @param keys at most two, of a user whose manifest declares one.
 */
export function rotation(spec: AccessKeySpec, keys: readonly AccessKey[], now: Date): Rotation | null {
  const { rotateAfter, grace = defaultGrace } = spec;
  if (rotateAfter === undefined || spec.count !== 1 || keys.length === 0) return null;
  const [old, young] = [...keys].sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)) as [
    AccessKey,
    AccessKey?,
  ];
  if (!young) {
    return old.status === 'Active' && ageInDays(old.createdAt, now) >= rotateAfter ? { replace: old } : {};
  }
  const ageAtBirth = ageInDays(old.createdAt, new Date(young.createdAt));
  if (ageAtBirth < rotateAfter) return null;
  const youngAge = ageInDays(young.createdAt, now);
  const removeFrom = [
    after(young.createdAt, 2 * grace),
    ...(old.lastUsedAt ? [after(old.lastUsedAt, grace)] : []),
  ]
    .sort()
    .at(-1)!;
  if (old.status === 'Active') {
    // Nobody is left without a key that works.
    if (young.status !== 'Active') return { successor: young };
    return youngAge >= grace
      ? { deactivate: old, removeFrom, successor: young }
      : { waits: { key: old, until: after(young.createdAt, grace) }, successor: young };
  }
  const unused = old.lastUsedAt ? ageInDays(old.lastUsedAt, now) : Number.POSITIVE_INFINITY;
  if (youngAge < 2 * grace || unused < grace) {
    return { waits: { key: old, until: removeFrom }, successor: young };
  }
  return youngAge >= rotateAfter && young.status === 'Active'
    ? { remove: old, replace: young, successor: young }
    : { remove: old, successor: young };
}

const after = (instant: string, days: number): string =>
  new Date(Date.parse(instant) + days * day).toISOString();
