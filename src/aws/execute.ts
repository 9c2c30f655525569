import { setMaxListeners } from 'node:events';
import { byText } from '../core/json.ts';
import { isRemoval } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Plan } from '../kinds/plan.ts';
import type { Aws } from './client.ts';
import { StepRunner } from './run-step.ts';
import type { Outcome, StepResult, Stop } from './run-step.ts';
import { Schedule } from './schedule.ts';
import { Trial } from './trial.ts';
import type { SecretSink } from './secrets.ts';

export type { StepResult } from './run-step.ts';

export interface ExecuteOptions {
  readonly sink: SecretSink;
  readonly onStart?: (step: Step, index: number) => void;
  /** Called as soon as a step has ended; for one that cannot begin, once all steps before it have ended. */
  readonly onEnd?: (result: StepResult, index: number) => void;
  /** The same in the order of the plan: called once all steps before it have ended, too. */
  readonly onResult?: (result: StepResult, index: number) => void;
  /** Once it is aborted, running steps may end, and no other begins. */
  readonly signal?: AbortSignal;
  readonly guard?: Guard;
}

/** What keeps other applies away while this one runs (lock.ts). No method throws. */
export interface Guard {
  /** Null, or the reason why no further step may begin. */
  check(): Promise<string | null>;
  /** Whether others are still kept away, as far as can be told without asking. */
  holds(): boolean;
  /** Called when the account's quota of policies is full. @returns whether room for one policy was made. */
  makeRoom(): Promise<boolean>;
}

export const unguarded: Guard = {
  check: () => Promise.resolve(null),
  holds: () => true,
  makeRoom: () => Promise.resolve(false),
};

/**
 * Runs a plan's steps, up to `pace.parallelism` at a time: each as soon as those that it needs are done, and of several
 * the one that stands first in the plan (docs/decisions/safe-order.md). When a step fails, the steps that need it are
 * skipped and the others go on. It throws for no answer of IAM's: every step gets a result.
 *
 * @returns the results in the order of the plan.
 */
export const execute = (plan: Plan, aws: Aws, options: ExecuteOptions): Promise<StepResult[]> =>
  new Execution(plan, aws, options).run();

/** Whether it may leave room in a quota for what another step makes. */
const makesRoom = (step: Step): boolean =>
  isRemoval(step) || step.purpose === 'update-policy' || step.purpose === 'narrow';

const interrupted: Stop = { message: 'interrupted', remedy: 'again' };

class Execution {
  readonly #steps: readonly Step[];
  readonly #aws: Aws;
  readonly #options: ExecuteOptions;
  readonly #guard: Guard;
  readonly #schedule: Schedule;
  readonly #runner: StepRunner;
  readonly #results: Results;
  #running = 0;
  /** Steps that may make room and have not ended, and those that are done. */
  #room = { open: 0, done: 0 };
  /** Steps for which a quota had no room, each with the others that were done when it was tried. */
  readonly #aside = new Map<
    number,
    { readonly outcome: Exclude<Outcome, 'withdrawn'>; readonly done: number }
  >();
  readonly #triedAgain = new Set<number>();
  readonly #stops: Stop[] = [];
  /** What IAM throttled while the account was read. */
  readonly #throttledBefore: ReadonlyMap<string, number>;
  /** Operations that deny somebody everything. */
  readonly #denyOps: ReadonlySet<string>;
  readonly #trial = new Trial();
  /** Aborted when there is a stop: steps that wait for their turn wait no longer. */
  readonly #halt = new AbortController();
  /** What went wrong in this program itself. */
  readonly #errors: unknown[] = [];
  #hearsPace = false;
  #woken = false;
  #resume: () => void = () => {};

  constructor({ steps, account, partition }: Plan, aws: Aws, options: ExecuteOptions) {
    this.#steps = steps;
    this.#aws = aws;
    this.#options = options;
    this.#guard = options.guard ?? unguarded;
    this.#schedule = new Schedule(steps);
    this.#denyOps = new Set(steps.filter(({ cls }) => cls === 'deny').map(({ op }) => op));
    this.#throttledBefore = new Map(steps.map(({ op }) => [op, aws.pace.timesThrottled(op)]));
    this.#results = new Results(steps, options, () => aws.now().toISOString());
    this.#room.open = steps.filter(makesRoom).length;
    setMaxListeners(0, this.#halt.signal);
    this.#runner = new StepRunner(aws, {
      place: { account, partition },
      sink: options.sink,
      permit: { signal: this.#halt.signal, mayGo: () => this.#guard.holds() },
      makeRoom: () => this.#guard.makeRoom(),
    });
  }

  async run(): Promise<StepResult[]> {
    const { signal } = this.#options;
    const interrupt = (): void => this.#stop(interrupted);
    if (signal?.aborted) interrupt();
    signal?.addEventListener('abort', interrupt);
    while (!this.#isOver()) {
      this.#woken = false;
      const index = this.#mayBegin() ? this.#schedule.next((step) => this.#isHeld(step)) : null;
      if (index !== null) await this.#begin(index);
      else await this.#change();
    }
    signal?.removeEventListener('abort', interrupt);
    if (this.#errors.length > 0) throw this.#errors[0];
    const [why] = this.#stops.sort((a, b) => rank(a) - rank(b) || byText(a.message, b.message));
    for (const index of this.#schedule.left()) this.#results.skip(index, why);
    return this.#results.all();
  }

  #isOver(): boolean {
    if (this.#running > 0) return false;
    return this.#stops.length > 0 || (!this.#schedule.hasReady && !this.#tryAgain());
  }

  /** One at a time means the order of the plan. */
  get #inOrder(): boolean {
    return this.#aws.pace.parallelism === 1;
  }

  /** A step that waits because IAM throttles its operation keeps no other from running. */
  #mayBegin(): boolean {
    const { parallelism, status } = this.#aws.pace;
    const waiting = this.#inOrder ? 0 : status.waiting;
    return this.#stops.length === 0 && this.#running - waiting < parallelism;
  }

  /**
   * Whether a step would have to wait as IAM throttles it, or keeps somebody's deny waiting: with one limit for all calls,
   * each that passes a deny takes its place. Where each operation has a limit of its own, that is found out soon.
   */
  #isHeld({ op, cls }: Step): boolean {
    if (this.#inOrder) return false;
    const { pace } = this.#aws;
    if (pace.isHeld(op)) return true;
    if (cls === 'deny' || !this.#schedule.hasDenies) return false;
    if (pace.timesThrottled(op) === this.#throttledBefore.get(op)!) return false;
    const passed = { first: 0, others: 0 };
    for (const one of this.#throttledBefore.keys())
      passed[this.#denyOps.has(one) ? 'first' : 'others'] += pace.timesPassed(one);
    return !this.#trial.lets(pace.now, passed);
  }

  async #begin(index: number): Promise<void> {
    await this.#checkGuard();
    if (this.#stops.length > 0) {
      this.#schedule.putBack(index);
      return;
    }
    this.#running += 1;
    void this.#runToEnd(index);
  }

  async #runToEnd(index: number): Promise<void> {
    try {
      const step = this.#steps[index]!;
      this.#options.onStart?.(step, index);
      const { open, done } = this.#room;
      const roomMayCome = open > (makesRoom(step) ? 1 : 0) && !this.#triedAgain.has(index);
      const outcome = await this.#runner.run(step, roomMayCome);
      if (outcome === 'withdrawn') this.#schedule.putBack(index);
      else if (outcome.full) {
        this.#schedule.setAside(index);
        this.#aside.set(index, { outcome, done });
      } else this.#end(index, outcome);
    } catch (error) {
      this.#errors.push(error);
      this.#stop(interrupted);
    }
    this.#running -= 1;
    this.#wake();
  }

  async #checkGuard(): Promise<void> {
    const lost = await this.#guard.check();
    if (lost !== null) this.#stop({ message: lost, remedy: 'again' });
  }

  #end(index: number, { result, stop }: Exclude<Outcome, 'withdrawn'>): void {
    if (stop) this.#stop(stop);
    const { status } = result;
    const dropped = this.#schedule.end(index, status === 'done' || status === 'refused');
    for (const one of [index, ...dropped]) if (makesRoom(this.#steps[one]!)) this.#room.open -= 1;
    if (makesRoom(result.step) && status === 'done') this.#room.done += 1;
    this.#results.end(index, result, dropped);
  }

  #stop(why: Stop): void {
    this.#stops.push(why);
    this.#halt.abort();
    this.#wake();
  }

  /**
   * Nothing else can run: now for the steps that a quota had no room for. Something may have made some meanwhile.
   *
   * @returns whether a step may begin.
   */
  #tryAgain(): boolean {
    const all = [...this.#aside].sort(([a], [b]) => a - b);
    this.#aside.clear();
    for (const [index, { outcome, done }] of all) {
      // Room for a policy can be made in another way too.
      if (this.#room.done > done || this.#steps[index]!.op === 'CreatePolicy') {
        this.#triedAgain.add(index);
        this.#schedule.putBack(index);
      } else this.#end(index, outcome);
    }
    return this.#schedule.hasReady;
  }

  /** Waits until more may be possible. */
  async #change(): Promise<void> {
    void this.#hearPace();
    // The lock is renewed though no step begins for minutes.
    if (this.#aws.pace.status.waiting > 0 && this.#stops.length === 0) await this.#checkGuard();
    if (!this.#woken) await new Promise<void>((resolve) => (this.#resume = resolve));
  }

  async #hearPace(): Promise<void> {
    if (this.#hearsPace) return;
    this.#hearsPace = true;
    await this.#aws.pace.change();
    this.#hearsPace = false;
    this.#wake();
  }

  #wake(): void {
    this.#woken = true;
    this.#resume();
  }
}

/** Of several reasons, the one that another run does not mend. */
const rank = ({ remedy }: Stop): number => (remedy === 'again' ? 1 : 0);

/** What became of the steps, told in the order of the plan whatever the order in which they end. */
class Results {
  readonly #steps: readonly Step[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #options: Pick<ExecuteOptions, 'onEnd' | 'onResult'>;
  readonly #now: () => string;
  readonly #results: (StepResult | undefined)[] = [];
  /** Steps that cannot begin, as one that they need failed. Which one they name is known when all those have ended. */
  readonly #dropped = new Set<number>();
  #told = 0;

  constructor(steps: readonly Step[], options: ExecuteOptions, now: () => string) {
    this.#steps = steps;
    this.#places = new Map(steps.map(({ id }, index) => [id, index]));
    this.#options = options;
    this.#now = now;
  }

  end(index: number, result: StepResult, dropped: readonly number[] = []): void {
    for (const other of dropped) this.#dropped.add(other);
    this.#note(index, result);
    for (; this.#told < this.#steps.length; this.#told += 1) {
      if (this.#dropped.has(this.#told)) this.#note(this.#told, this.#skipped(this.#told, this.#missing()));
      const next = this.#results[this.#told];
      if (!next) break;
      this.#options.onResult?.(next, this.#told);
    }
  }

  skip(index: number, why: Partial<Stop> = {}): void {
    this.end(index, this.#skipped(index, why));
  }

  all(): StepResult[] {
    return this.#results as StepResult[];
  }

  #note(index: number, result: StepResult): void {
    this.#results[index] = result;
    this.#options.onEnd?.(result, index);
  }

  #skipped(index: number, why: Partial<Stop>): StepResult {
    return { step: this.#steps[index]!, status: 'skipped', at: this.#now(), ...why };
  }

  #missing(): Partial<Stop> {
    const needed = this.#steps[this.#told]!.needs.map((id) => this.#results[this.#places.get(id)!]!);
    const missing = needed.find(({ status }) => status === 'failed' || status === 'skipped');
    return missing ? { message: `needs ${missing.step.op} (${missing.step.id})` } : {};
  }
}
