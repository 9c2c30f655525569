import { isThrottle } from './errors.ts';

/** Time that waits move on: a test's or a simulator's own. */
interface Clock {
  /** Milliseconds, which only go forward. */
  elapsed(): number;
  wait(ms: number): Promise<unknown>;
}

/** An operation that IAM throttles. */
interface Slowed {
  readonly op: string;
  /** Calls per second that go out now. */
  readonly rate: number;
  /** Calls that wait for their turn. */
  readonly waiting: number;
}

interface PaceOptions {
  /** Calls on the wire at one time. */
  readonly parallelism: number;
  /** Milliseconds of nothing but throttling after which a call of an operation is given up. */
  readonly maxWait: number;
  readonly clock: Clock;
}

/**
 * When calls may go out: so many at a time, and of each operation no faster than IAM lets it. One for all calls of a
 * process. It judges each attempt, below the SDK's retries, which see no throttling but what is given up.
 */
export class Pace {
  readonly parallelism: number;
  #inFlight = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #listeners = new Set<() => void>();

  constructor({ parallelism }: PaceOptions) {
    this.parallelism = parallelism;
  }

  /** Sends an attempt when it is its turn, and again when IAM throttled it. @throws what the attempt throws. */
  async run<T>(_op: string, attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      while (this.#inFlight >= this.parallelism) await new Promise<void>((go) => this.#waiting.push(go));
      this.#inFlight += 1;
      try {
        return await attempt();
      } catch (error) {
        if (!isThrottle(error)) throw error;
        throw error;
      } finally {
        this.#inFlight -= 1;
        this.#waiting.shift()?.();
        for (const listener of this.#listeners) listener();
      }
    }
  }

  /** Whether a call of the operation would have to wait for its turn, as IAM throttles it. */
  isHeld(_op: string): boolean {
    return false;
  }

  /** Calls that wait because IAM throttles, and what it throttles. */
  get status(): { readonly inFlight: number; readonly waiting: number; readonly slowed: readonly Slowed[] } {
    return { inFlight: this.#inFlight, waiting: 0, slowed: [] };
  }

  /** Resolves at the next change: a call ended, or an operation may be called again. */
  async change(): Promise<void> {
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
  }
}
