/** Objects that are read one by one. */
export interface Reading {
  /** `credentials of users` */
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** An operation that IAM throttles. */
export interface Slowed {
  readonly op: string;
  /** Calls per second that go out now. */
  readonly rate: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
}

/** How far a run is. */
export interface Progress {
  /** Of the plan that is applied; null while the account is read. */
  readonly steps: { readonly done: number; readonly total: number; readonly failed: number } | null;
  readonly reading: readonly Reading[];
  /** Made so far, retries included. */
  readonly calls: number;
  readonly inFlight: number;
  readonly slowed: readonly Slowed[];
  /** Calls, lately; null as long as that cannot be told. */
  readonly perSecond: number | null;
  readonly secondsLeft: number | null;
}

/** What was counted at a time, in ms. */
export interface Sample {
  readonly at: number;
  readonly calls: number;
  /** Steps that ran, or objects that were read. */
  readonly done: number;
}

/** ms. A speed is that of the last ten seconds; less than five tell none. */
const [longest, shortest] = [10_000, 5_000];

/** The samples with one more, without those that no speed needs any more. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const first = samples.findLastIndex(({ at }) => sample.at - at >= longest);
  return [...samples.slice(Math.max(first, 0)), sample];
}

/** Calls, and what was done, per second. Null: too little was seen. */
export function speedOf(
  samples: readonly Sample[],
): { readonly calls: number; readonly done: number } | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < shortest) return null;
  const seconds = (last.at - first.at) / 1000;
  return { calls: (last.calls - first.calls) / seconds, done: (last.done - first.done) / seconds };
}

/**
 * How many seconds it takes at this speed, and no less than IAM's throttling of one operation makes it last. Null where
 * nobody can tell.
 *
 * @param ops how many calls of each operation are left.
 */
export function secondsLeft(
  left: number,
  perSecond: number,
  slowed: readonly Slowed[],
  ops: ReadonlyMap<string, number> = new Map(),
): number | null {
  if (left === 0) return 0;
  const held = slowed.map(({ op, rate }) => (rate > 0 ? (ops.get(op) ?? 0) / rate : 0));
  if (perSecond > 0) return Math.max(left / perSecond, ...held);
  const most = Math.max(0, ...held);
  return most > 0 ? most : null;
}
