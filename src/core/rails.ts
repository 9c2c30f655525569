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
