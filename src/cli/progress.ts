import type { Io } from '../app/io.ts';
import { withAws } from '../app/session.ts';
import type { Planning } from '../app/session.ts';
import type { Aws } from '../aws/client.ts';
import type { StepResult } from '../aws/execute.ts';
import type { Step } from '../core/plan.ts';
import { secondsLeft, speedOf, withSample } from '../core/progress.ts';
import type { Progress, Sample } from '../core/progress.ts';
import { courseLines, progressLine } from '../render/progress.ts';
import type { Terminal } from './terminal.ts';

/** ms: between looks, between lines where nothing can be rewritten, and between two looks of a live line. */
const [second, quietly, blink] = [1_000, 10_000, 100];
/** An apply that lasts for fewer looks needs no table. */
const short = 10;

/** Opens the connection for a command, and tells how far its work on the account is. */
export const onAccount = <T>(
  io: Io,
  terminal: Terminal,
  connection: Parameters<typeof withAws>[1],
  account: string,
  use: (aws: Aws, watch: Watch) => Promise<T>,
): Promise<T> =>
  withAws(io, connection, account, async (aws) => {
    const watch = new Watch(io, terminal, aws);
    // What is abandoned may never come to its end.
    connection.signal?.addEventListener('abort', () => watch.end(), { once: true });
    try {
      return await use(aws, watch);
    } finally {
      watch.end();
    }
  });

/** What is applied, since when, and how far it is. */
interface Applying {
  readonly began: Date;
  readonly at: number;
  readonly calls: number;
  looks: number;
  readonly total: number;
  readonly left: Map<string, number>;
  ended: number;
  /** Those that did not only fall away with another. */
  ran: number;
  failed: number;
}

/** Looks each second at how far a run is, and shows it as the terminal can. */
export class Watch {
  readonly #terminal: Terminal;
  readonly #aws: Aws;
  readonly #elapsed: () => number;
  readonly #stop: () => void;
  #phase: 'reading' | 'applying' | 'neither' = 'reading';
  #applying: Applying | null = null;
  #samples: readonly Sample[] = [];
  #lookedAt: number;
  #shownAt: number;
  #throttled = 0;
  readonly #throttledOps = new Set<string>();

  constructor(io: Io, terminal: Terminal, aws: Aws) {
    this.#terminal = terminal;
    this.#aws = aws;
    this.#elapsed = io.network.elapsed ?? (() => performance.now());
    this.#lookedAt = this.#shownAt = this.#elapsed();
    this.#look();
    this.#draw();
    this.#stop = terminal.shows === 'nothing' ? () => {} : io.every(second, () => this.#tick());
  }

  /** The account is read, and this is the plan. */
  planned({ plan, violations }: Pick<Planning, 'plan' | 'violations'>): void {
    this.#ends();
    this.#terminal.event({
      type: 'plan',
      account: plan.account,
      changes: plan.changes.length,
      byHand: plan.changes.filter(({ byHand }) => byHand).length,
      steps: plan.steps.length,
      refusedBy: violations.map(({ rail }) => rail),
    });
  }

  begins(steps: readonly Step[]): void {
    const left = new Map<string, number>();
    for (const { op } of steps) left.set(op, (left.get(op) ?? 0) + 1);
    const [at, calls, began] = [this.#elapsed(), this.#aws.calls.total, this.#aws.now()];
    this.#applying = { began, at, calls, total: steps.length, left, looks: 0, ended: 0, ran: 0, failed: 0 };
    this.#phase = steps.length > 0 ? 'applying' : 'neither';
    this.#samples = [];
    this.#look();
    this.#draw();
  }

  started({ id, op, change }: Step): void {
    this.#terminal.event({ type: 'step-start', id, op, change });
  }

  ended({ step: { id, op, change }, status, unsettled, message, hint }: StepResult): void {
    const applying = this.#applying!;
    applying.ended += 1;
    if (status !== 'skipped') applying.ran += 1;
    if (status === 'failed') applying.failed += 1;
    applying.left.set(op, applying.left.get(op)! - 1);
    this.#terminal.event({
      type: 'step-end',
      id,
      op,
      change,
      status: unsettled ? 'unknown' : status,
      ...(message === undefined ? {} : { message }),
      ...(hint === undefined ? {} : { hint }),
    });
    if (this.#elapsed() - this.#shownAt >= blink) this.#draw();
  }

  /** All steps have ended: what became of them. */
  applied({ plan }: Pick<Planning, 'plan'>, results: readonly StepResult[]): void {
    const { began, at, calls, looks } = this.#applying!;
    this.#ends();
    const seconds = (this.#elapsed() - at) / 1000;
    const count = (status: StepResult['status']): number =>
      results.filter((result) => result.status === status).length;
    this.#terminal.event({
      type: 'applied',
      done: count('done'),
      failed: count('failed'),
      refused: count('refused'),
      skipped: count('skipped'),
      seconds: Math.round(seconds * 1000) / 1000,
    });
    if (looks < short || this.#terminal.shows === 'events') return;
    const throttled = { seconds: this.#throttled / 1000, ops: [...this.#throttledOps].sort() };
    const made = this.#aws.calls.total - calls;
    this.#terminal.info(
      ...courseLines({ changes: plan.changes, results, began, seconds, calls: made, throttled }),
    );
  }

  /** The connection is closed. */
  end(): void {
    this.#ends();
    this.#stop();
  }

  #ends(): void {
    if (this.#terminal.shows === 'events') this.#tell();
    this.#phase = 'neither';
    this.#terminal.endProgress();
  }

  #tick(): void {
    this.#look();
    if (this.#applying) this.#applying.looks += 1;
    const { shows } = this.#terminal;
    if (shows === 'events') this.#tell();
    else if (shows === 'live') this.#draw();
    else if (this.#phase !== 'neither' && this.#lookedAt - this.#shownAt >= quietly) {
      this.#shownAt = this.#lookedAt;
      this.#terminal.info(progressLine(this.#progress));
    }
  }

  #look(): void {
    const at = this.#elapsed();
    const { slowed } = this.#aws.pace.status;
    if (slowed.length > 0) this.#throttled += at - this.#lookedAt;
    for (const { op } of slowed) this.#throttledOps.add(op);
    const done = this.#applying?.ran ?? sumOf(this.#aws, 'done');
    this.#samples = withSample(this.#samples, { at, calls: this.#aws.calls.total, done });
    this.#lookedAt = at;
  }

  get #progress(): Progress {
    const { calls, pace, reading } = this.#aws;
    const { inFlight, slowed } = pace.status;
    const speed = speedOf(this.#samples);
    const of = this.#applying;
    const left = of ? of.total - of.ended : sumOf(this.#aws, 'total') - sumOf(this.#aws, 'done');
    return {
      steps: of && { done: of.ended, total: of.total, failed: of.failed },
      reading: [...reading.values()],
      calls: calls.total,
      inFlight,
      slowed,
      perSecond: speed && speed.calls,
      // Of what is read, more may come.
      secondsLeft: speed && left > 0 ? secondsLeft(left, speed.done, slowed, of?.left) : null,
    };
  }

  #draw(): void {
    if (this.#phase === 'neither' || this.#terminal.shows !== 'live') return;
    this.#shownAt = this.#elapsed();
    this.#terminal.progress(progressLine(this.#progress, this.#terminal.room));
  }

  #tell(): void {
    if (this.#phase === 'neither') return;
    const { steps, reading, calls, inFlight, slowed, perSecond, secondsLeft } = this.#progress;
    const speed = { calls, inFlight, perSecond: tenth(perSecond), secondsLeft: tenth(secondsLeft) };
    for (const { op, rate, waiting } of slowed)
      this.#terminal.event({ type: 'throttled', op, perSecond: tenth(rate), waiting });
    if (steps) this.#terminal.event({ type: 'progress', ...steps, ...speed });
    else this.#terminal.event({ type: 'read', ...speed, objects: reading });
  }
}

const sumOf = ({ reading }: Aws, which: 'done' | 'total'): number =>
  [...reading.values()].reduce((sum, one) => sum + one[which], 0);

const tenth = <N extends number | null>(n: N): N => (n === null ? n : Math.round(n * 10) / 10) as N;
