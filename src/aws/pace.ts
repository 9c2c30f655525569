import type { Slowed } from '../core/progress.ts';
import { isThrottle } from './errors.ts';

/** Time that waits move on: a test's or a simulator's own. */
interface Clock {
  /** Milliseconds, which only go forward. */
  elapsed(): number;
  /** Rejects when the run is interrupted. */
  wait(ms: number): Promise<unknown>;
}

interface PaceOptions {
  /** Calls on the wire at one time. */
  readonly parallelism: number;
  /** Milliseconds of nothing but throttling after which a call of an operation is given up. */
  readonly maxWait: number;
  readonly clock: Clock;
}

/**
 * How fast rates change: found by simulation (docs/decisions/pace.md, test/aws/pace.test.ts). Rates are in calls per
 * second: where one begins when IAM throttles for the first time, and where it ends; factors are for each throttled
 * attempt and for each that passed.
 */
const ofOperation = { first: 0.5, least: 0.2, cut: 0.65, grow: 1.04 };
const ofSpare = { first: 5, least: 0.8, cut: 0.6, grow: 1.15 };
/** A faster rate is none. */
const most = 200;

/** A rate that falls when IAM throttles and rises when it does not; none until IAM throttles for the first time. */
class Rate {
  readonly #factors: typeof ofOperation;
  perSecond = Number.POSITIVE_INFINITY;
  /** When a call last went out or was throttled. */
  lastAt = Number.NEGATIVE_INFINITY;
  #cutAt = Number.NEGATIVE_INFINITY;

  constructor(factors: typeof ofOperation) {
    this.#factors = factors;
  }

  get isLimited(): boolean {
    return this.perSecond < Number.POSITIVE_INFINITY;
  }

  /** When the next call may go out. */
  get freeAt(): number {
    return this.lastAt + 1000 / this.perSecond;
  }

  /** The next call waits a whole interval. */
  take(now: number): void {
    this.lastAt = now;
  }

  /** @param before the rate until now where there was no limit. */
  cut(sentAt: number, now: number, before: number): void {
    // Those that were under way when it was cut say nothing about the new rate.
    if (sentAt < this.#cutAt) return;
    const { first, least, cut } = this.#factors;
    const from = this.isLimited ? this.perSecond : Math.max(first, before);
    this.perSecond = Math.max(least, from * cut);
    this.#cutAt = now;
  }

  grow(): void {
    this.perSecond *= this.#factors.grow;
    if (this.perSecond > most) this.perSecond = Number.POSITIVE_INFINITY;
  }
}

/** A call that waits for its turn. */
interface Waiting {
  /** Earlier calls have smaller ones. */
  readonly number: number;
  readonly go: (isSpare: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** The calls of one operation. */
class Lane {
  readonly op: string;
  readonly rate = new Rate(ofOperation);
  /** In the order in which they came, also those that came back. */
  readonly queue: Waiting[] = [];
  /** When the last calls passed, while there was no limit: as many as matter. */
  #passedAt: number[] = [];
  /** Throttled attempts. */
  throttled = 0;
  /** The others. */
  passed = 0;
  /** Of the throttled attempts since anything else was answered, the first. */
  #throttledAt: number | null = null;

  constructor(op: string) {
    this.op = op;
  }

  /** Thousands may wait at once: nearly all come last, and those that come back stand near the front. */
  put(call: Waiting): void {
    const last = this.queue.at(-1);
    const at =
      last && last.number > call.number ? this.queue.findIndex(({ number }) => number > call.number) : -1;
    this.queue.splice(at < 0 ? this.queue.length : at, 0, call);
  }

  /** IAM took a call, whatever it answered. */
  pass(now: number): void {
    this.#throttledAt = null;
    this.passed += 1;
    if (this.rate.isLimited) this.rate.grow();
    else if (this.#passedAt.push(now) > 2 * most) this.#passedAt.splice(0, most);
  }

  /** @returns for how many milliseconds IAM has done nothing but throttle. */
  throttle(sentAt: number, now: number, isSpare: boolean): number {
    this.throttled += 1;
    this.rate.take(now);
    // What was sent beyond the rate says nothing about it.
    if (!isSpare) this.rate.cut(sentAt, now, this.#passedAt.filter((time) => time > now - 1000).length);
    this.#throttledAt ??= now;
    return now - this.#throttledAt;
  }
}

function first<T>(all: readonly T[], by: (one: T) => number): T | null {
  return all.reduce<T | null>((best, one) => (best !== null && by(best) <= by(one) ? best : one), null);
}

/**
 * When calls may go out: so many at a time, and of each operation no faster than IAM lets it. One for all calls of a
 * process. It judges each attempt, below the SDK's retries, which see no throttling but what is given up
 * (docs/decisions/pace.md).
 */
export class Pace {
  readonly parallelism: number;
  readonly #maxWait: number;
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();
  /**
   * Of further calls, one after another of those operations that have to wait: where one bucket is for all, an operation
   * whose share was small learns soon that others need no more of it.
   */
  readonly #spare = new Rate(ofSpare);
  readonly #listeners = new Set<() => void>();
  #inFlight = 0;
  #calls = 0;
  /** When the next alarm rings. */
  #alarmAt = Number.POSITIVE_INFINITY;
  /** Why no wait ends any more: the run is interrupted. */
  #over: { readonly error: unknown } | null = null;

  constructor({ parallelism, maxWait, clock }: PaceOptions) {
    this.parallelism = parallelism;
    this.#maxWait = maxWait;
    this.#clock = clock;
  }

  /**
   * Sends an attempt when it is its turn, and again when IAM throttled it: it had no effect.
   *
   * @throws what the attempt throws; of throttling, once there was nothing else for too long, with `throttledFor`.
   */
  async run<T>(op: string, attempt: () => Promise<T>): Promise<T> {
    const lane = this.#laneOf(op);
    const number = this.#calls++;
    for (;;) {
      const isSpare = await new Promise<boolean>((go, fail) => {
        lane.put({ number, go, fail });
        this.#dispatch();
      });
      const sentAt = this.#clock.elapsed();
      let failure: { readonly error: unknown };
      try {
        const answer = await attempt();
        this.#pass(lane, isSpare);
        return answer;
      } catch (error) {
        failure = { error };
      }
      const { error } = failure;
      if (!isThrottle(error)) {
        this.#pass(lane, isSpare);
        throw error;
      }
      const throttledFor = this.#throttle(lane, sentAt, isSpare);
      if (throttledFor >= this.#maxWait) throw Object.assign(error as object, { throttledFor });
    }
  }

  /** Whether a call of the operation waits already, as IAM throttles it: a further one would wait behind it. */
  isHeld(op: string): boolean {
    const lane = this.#lanes.get(op);
    return lane !== undefined && lane.rate.isLimited && lane.queue.length > 0;
  }

  /** How many attempts of the operation IAM has throttled so far. */
  timesThrottled(op: string): number {
    return this.#lanes.get(op)?.throttled ?? 0;
  }

  /** Milliseconds, which only go forward. */
  get now(): number {
    return this.#clock.elapsed();
  }

  /** How many it took, whatever it answered. */
  timesPassed(op: string): number {
    return this.#lanes.get(op)?.passed ?? 0;
  }

  /** Calls that wait because IAM throttles, and what it throttles. */
  get status(): { readonly inFlight: number; readonly waiting: number; readonly slowed: readonly Slowed[] } {
    const now = this.#clock.elapsed();
    const slowed: Slowed[] = [];
    for (const { op, rate, queue } of this.#lanes.values()) {
      if (!rate.isLimited) continue;
      // The first of those whose time has come waits for the wire.
      const waiting = rate.freeAt > now ? queue.length : Math.max(0, queue.length - 1);
      slowed.push({ op, rate: rate.perSecond, waiting });
    }
    return {
      inFlight: this.#inFlight,
      waiting: slowed.reduce((sum, { waiting }) => sum + waiting, 0),
      slowed,
    };
  }

  /** Resolves at the next change: a call ended, or one that waited because IAM throttles went out. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => this.#listeners.add(resolve));
  }

  #laneOf(op: string): Lane {
    const lane = this.#lanes.get(op) ?? new Lane(op);
    this.#lanes.set(op, lane);
    return lane;
  }

  #pass(lane: Lane, isSpare: boolean): void {
    lane.pass(this.#clock.elapsed());
    if (isSpare) this.#spare.grow();
    this.#end();
  }

  #throttle(lane: Lane, sentAt: number, isSpare: boolean): number {
    const now = this.#clock.elapsed();
    const ms = lane.throttle(sentAt, now, isSpare);
    this.#spare.cut(sentAt, now, 0);
    this.#spare.take(now);
    this.#end();
    return ms;
  }

  #end(): void {
    this.#inFlight -= 1;
    this.#dispatch();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  /** Lets all calls go out whose turn it is. */
  #dispatch(): void {
    if (this.#over) {
      const { error } = this.#over;
      for (const { queue } of this.#lanes.values()) for (const { fail } of queue.splice(0)) fail(error);
      return;
    }
    const now = this.#clock.elapsed();
    while (this.#inFlight < this.parallelism) {
      const free = first(
        this.#waiting(({ freeAt }) => freeAt <= now),
        ({ queue }) => queue[0]!.number,
      );
      const mayTry = !free && this.#spare.freeAt <= now;
      const lane = mayTry ? first(this.#waiting(), ({ rate }) => rate.lastAt) : free;
      if (!lane) break;
      if (mayTry) this.#spare.take(now);
      lane.rate.take(now);
      this.#inFlight += 1;
      lane.queue.shift()!.go(mayTry);
    }
    this.#setAlarm(now);
  }

  /** Operations of which a call waits. */
  #waiting(may: (rate: Rate) => boolean = () => true): Lane[] {
    return [...this.#lanes.values()].filter(({ queue, rate }) => queue.length > 0 && may(rate));
  }

  /** Sees to it that the next call goes out in time. Where the wire is full, it goes when one ends. */
  #setAlarm(now: number): void {
    if (this.#inFlight >= this.parallelism) return;
    const waiting = this.#waiting();
    if (waiting.length === 0) return;
    const at = Math.min(this.#spare.freeAt, ...waiting.map(({ rate }) => rate.freeAt));
    // An earlier alarm sets the next.
    if (at >= this.#alarmAt) return;
    this.#alarmAt = at;
    this.#clock.wait(Math.max(1, Math.ceil(at - now))).then(
      () => this.#ring(at),
      (error: unknown) => {
        this.#over ??= { error };
        this.#ring(at);
      },
    );
  }

  #ring(at: number): void {
    if (at === this.#alarmAt) this.#alarmAt = Number.POSITIVE_INFINITY;
    this.#dispatch();
    this.#tell();
  }
}
