import { randomAt } from './random.ts';
import type { Script } from './script.ts';

const isReading = (): boolean => process.getActiveResourcesInfo().some((one) => one.startsWith('FSReq'));

/** Whoever can be dead: nothing of it moves then but what it has sent. */
interface Mover {
  readonly dead: boolean;
}

/** A call on its way to IAM, an answer on its way back, or a delivery. */
interface Turn {
  readonly mover: Mover;
  readonly order: number;
  readonly go: () => void;
}

interface Clock {
  readonly now: Date;
  readonly violation: unknown;
  pass(ms: number): void;
}

/**
 * Who moves next: once nothing else can happen, one of the calls that are on their way, by chance; where none is, time
 * passes until the first wait is over. The same seed gives the same order.
 */
export class Flow {
  readonly #script: Script;
  readonly #clock: Clock;
  #turns: Turn[] = [];
  #waits: (Turn & { readonly until: number })[] = [];
  #moves = 0;
  #moving = false;
  /** Rounds of the event loop without anything new: the SDK needs some of them for a call. */
  #still = 0;

  constructor(script: Script, clock: Clock) {
    this.#script = script;
    this.#clock = clock;
  }

  /** @param order tells the calls of all processes apart, in an order that does not depend on how they are sent. */
  async turn(mover: Mover, order: number): Promise<void> {
    await new Promise<void>((go) => {
      this.#turns.push({ mover, order, go });
      this.#move();
    });
  }

  async wait(mover: Mover, order: number, ms: number): Promise<void> {
    await new Promise<void>((go) => {
      this.#waits.push({ mover, order, go, until: this.#clock.now.getTime() + ms });
      this.#move();
    });
  }

  /** Whether a call of a process that has died meanwhile reaches IAM. */
  arrives(order: number): boolean {
    return randomAt(this.#script.seed, 10, order).chance(0.5);
  }

  /** Whether anything of it is on its way. */
  holds(mover: Mover): boolean {
    return this.#clock.violation === null && this.#turns.some((turn) => turn.mover === mover);
  }

  #move(): void {
    this.#still = 0;
    if (this.#moving) return;
    this.#moving = true;
    const patience = this.#script.wire ? 4 : 1;
    const look = (): void => {
      // A file that is read takes as long as it takes: nothing overtakes it.
      this.#still = isReading() ? 0 : this.#still + 1;
      if (this.#still > patience) {
        const next = this.#clock.violation === null ? this.#next() : null;
        if (next === null) {
          this.#moving = false;
          return;
        }
        this.#still = 0;
        this.#moves += 1;
        next.go();
      }
      setImmediate(look);
    };
    setImmediate(look);
  }

  #next(): Turn | null {
    const random = randomAt(this.#script.seed, 9, this.#moves);
    this.#waits = this.#waits
      .filter(({ mover }) => !mover.dead)
      .sort((a, b) => a.until - b.until || a.order - b.order);
    const [wait] = this.#waits;
    const now = this.#clock.now.getTime();
    // Some calls are on their way for long.
    if (wait && (wait.until <= now || this.#turns.length === 0 || random.chance(0.05))) {
      this.#waits.shift();
      if (wait.until > now) this.#clock.pass(wait.until - now);
      return wait;
    }
    const one = this.#turns.length > 1 ? this.#choose(random) : this.#turns[0];
    if (!one) return null;
    this.#turns = this.#turns.filter((turn) => turn !== one);
    return one;
  }

  /** One of two processes may be much quicker for a while, and one of many calls much slower. */
  #choose(random: ReturnType<typeof randomAt>): Turn {
    const { seed } = this.#script;
    const turns = this.#turns.sort((a, b) => a.order - b.order);
    const first = turns[0]!.mover;
    const others = turns.filter(({ mover }) => mover !== first);
    const share = randomAt(seed, 5, this.#moves >> 5).pick([0.03, 0.5, 0.5, 0.97]);
    const mine =
      others.length === 0 || random.chance(share) ? turns.filter(({ mover }) => mover === first) : others;
    return random.weighted(mine.map((turn) => [randomAt(seed, 11, turn.order).chance(0.2) ? 0.03 : 1, turn]));
  }
}
