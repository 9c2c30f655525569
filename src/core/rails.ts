/** Names of rails as `--override` takes them (docs/rails.md). */
export const railNames = [
  'root-caller',
  'caller',
  'protected',
  'max-removals',
  'empty-manifest',
  'min-members',
  'last-administrator',
] as const;
export type RailName = (typeof railNames)[number];

/** A rail that a plan runs into. */
export interface RailViolation {
  readonly rail: RailName;
  readonly message: string;
  /** What to do, the override for this plan only included. */
  readonly hint: string;
}

/** A rail that would have stopped a plan, and that `--override` let it through: the message is what it would have said. */
export type Overridden = Pick<RailViolation, 'rail' | 'message'>;
