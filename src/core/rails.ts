/** Names of rails as `--override` takes them (docs/rails.md). */
export const railNames = [
  'root-caller',
  'caller',
  'protected',
  'max-removals',
  'empty-manifest',
  'min-members',
  'last-administrator',
  'deny',
] as const;
export type RailName = (typeof railNames)[number];

/** A rail that a plan violates. */
export interface RailViolation {
  readonly rail: RailName;
  readonly message: string;
  /** What to do, including the override for this plan only. */
  readonly hint: string;
}

/** A rail that would have stopped the plan but was overridden, with the message that it would have given. */
export type Overridden = Pick<RailViolation, 'rail' | 'message'>;

/**
 * How many may go in one plan where `rails.maxRemovals` does not say, by its keys. One of a few objects may; memberships
 * come and go every day, and what is lost with them can be given back. `percent` is a share.
 */
export const unsetRemovals = (key: string): number => ({ memberships: 5, percent: 25 })[key] ?? 1;
