/** Servers that throttle as IAM does, and those who call them, in virtual time: the same each time, and at once. */
import type { Pace } from '../../src/aws/pace.ts';

interface Timer {
  readonly at: number;
  readonly go: () => void;
}

/** A clock that stands still while anybody is busy, and then goes to the next end of a wait. */
export class VirtualClock {
  #now = 0;
  readonly #timers: Timer[] = [];
  readonly #rounds: number;

  /** @param rounds of the event loop after which nobody is busy any more: the SDK takes several for a call. */
  constructor(rounds = 1) {
    this.#rounds = rounds;
  }

  elapsed(): number {
    return this.#now;
  }

  wait(ms: number): Promise<void> {
    return new Promise((go) => {
      const at = this.#now + ms;
      let [low, high] = [0, this.#timers.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#timers[middle]!.at <= at) high = middle;
        else low = middle + 1;
      }
      // The latest first; of the same time, the one that began to wait last.
      this.#timers.splice(low, 0, { at, go });
    });
  }

  /** Lets time pass until the work is done. @throws what it throws, and an Error where it waits for nothing. */
  async until<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    for (;;) {
      // All that follows from the last timer, however many promises it takes.
      for (let round = 0; round < this.#rounds; round += 1)
        await new Promise((resolve) => setImmediate(resolve));
      if (isOver) return await work;
      const timer = this.#timers.pop();
      if (!timer) throw new Error(`nothing will happen any more after ${this.#now} ms`);
      this.#now = timer.at;
      timer.go();
    }
  }
}

export const throttling = (): Error =>
  Object.assign(new Error('Rate exceeded'), { name: 'Throttling', $metadata: { httpStatusCode: 400 } });

interface Limits {
  /** Calls per second. */
  readonly rate: number;
  readonly burst: number;
  /** One bucket for all calls, or one for each operation. */
  readonly buckets: 'one' | 'each';
}

/** Token buckets behind 40 ms. A call that is throttled takes no token. */
export class Server {
  readonly passed = new Map<string, number>();
  throttled = 0;
  mostInFlight = 0;
  #inFlight = 0;
  readonly #clock: VirtualClock;
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: VirtualClock, limits: Limits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  async call(op: string): Promise<void> {
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    await this.#clock.wait(20);
    const passes = this.#take(op);
    await this.#clock.wait(20);
    this.#inFlight -= 1;
    if (!passes) {
      this.throttled += 1;
      throw throttling();
    }
    this.passed.set(op, (this.passed.get(op) ?? 0) + 1);
  }

  /** Seconds that the passed calls take at the rate: all of them, or those of the fullest bucket. */
  get least(): number {
    const counts = [...this.passed.values()];
    return (
      (this.#limits.buckets === 'one' ? counts.reduce((sum, one) => sum + one, 0) : Math.max(...counts)) /
      this.#limits.rate
    );
  }

  get calls(): number {
    return [...this.passed.values()].reduce((sum, one) => sum + one, 0);
  }

  #take(op: string): boolean {
    const { rate, burst, buckets } = this.#limits;
    const key = buckets === 'one' ? '' : op;
    const now = this.#clock.elapsed();
    const { tokens, at } = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const full = Math.min(burst, tokens + ((now - at) * rate) / 1000);
    const passes = full >= 1 - 1e-9;
    this.#buckets.set(key, { tokens: passes ? full - 1 : full, at: now });
    return passes;
  }
}

/** Many people, each with the same operations one after the other; first the `first` operations of everybody. */
export async function chains(
  pace: Pace,
  server: Server,
  {
    ops,
    people,
    first,
  }: { readonly ops: readonly string[]; readonly people: number; readonly first: number },
): Promise<void> {
  const all = Array.from({ length: people }, (_, person) => person);
  const early = ops.slice(0, first).flatMap((op, at) => all.map((person) => ({ op, person, at })));
  const late = all.flatMap((person) => ops.slice(first).map((op, at) => ({ op, person, at: first + at })));
  const left = new Set([...early, ...late]);
  const done = all.map(() => 0);
  const running = new Set<Promise<void>>();
  while (left.size + running.size > 0) {
    const isFree = running.size - pace.status.waiting < pace.parallelism;
    const held = new Map<string, boolean>();
    const mayBegin = ({ op, person, at }: { op: string; person: number; at: number }): boolean => {
      if (done[person] !== at) return false;
      if (!held.has(op)) held.set(op, pace.isHeld(op));
      return !held.get(op);
    };
    const step = isFree ? [...left].find(mayBegin) : undefined;
    if (step) {
      left.delete(step);
      const work = pace
        .run(step.op, () => server.call(step.op))
        .finally(() => {
          done[step.person]! += 1;
          running.delete(work);
        });
      running.add(work);
    } else await Promise.race([...running, pace.change()]);
  }
}
