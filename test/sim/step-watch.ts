import type { StepResult } from '../../src/aws/execute.ts';
import type { Pace } from '../../src/aws/pace.ts';
import type { Step } from '../../src/core/plan.ts';
import { inputOf } from '../support/input.ts';
import { Violation } from './violation.ts';
import { writtenOn } from './wire.ts';

/** Holds the beginnings and ends of the steps of one apply against the promises (README.md). */
export class StepWatch {
  readonly #steps: readonly Step[];
  readonly #signal: AbortSignal;
  readonly #pace: Pace;
  readonly #passed = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #running = new Map<string, Step>();
  #told = 0;

  constructor(steps: readonly Step[], { signal, pace }: { signal: AbortSignal; pace: Pace }) {
    this.#steps = steps;
    this.#signal = signal;
    this.#pace = pace;
  }

  /** The executor has chosen a step, and asks whether it may begin. */
  chosen(): void {}

  started(step: Step): void {
    if (this.#signal.aborted)
      throw new Violation('interrupt', `${step.id} ${step.op} begins although interrupted`);
    const missing = step.needs.find((need) => !this.#passed.has(need));
    if (missing !== undefined) {
      throw new Violation('dependencies', `${step.id} ${step.op} begins before ${missing} is done`);
    }
    const object = objectOf(step);
    for (const other of this.#running.values()) {
      if (this.#pace.parallelism === 1) {
        throw new Violation('one-writer', `${step.id} ${step.op} begins while ${other.id} ${other.op} runs`);
      }
      if (object === null || objectOf(other) !== object) continue;
      throw new Violation(
        'one-writer',
        `${step.id} ${step.op} on ${object} begins while ${other.id} ${other.op} runs`,
      );
    }
    this.#running.set(step.id, step);
  }

  ended({ step, status }: StepResult): void {
    this.#running.delete(step.id);
    this.#ended.add(step.id);
    // What is optional may be refused, and holds nothing up.
    if (status === 'done' || (status === 'refused' && step.optional === true)) this.#passed.add(step.id);
  }

  /** Whatever ended first, people are told in the order of the plan. */
  told({ step }: StepResult): void {
    const expected = this.#steps[this.#told];
    this.#told += 1;
    if (step !== expected) throw new Violation('order', `${step.id} is told where ${expected?.id} is next`);
    if (!this.#ended.has(step.id)) throw new Violation('order', `${step.id} is told before it ended`);
  }

  over(results: readonly StepResult[]): void {
    const ids = results.map(({ step }) => step.id).join(' ');
    const planned = this.#steps.map(({ id }) => id).join(' ');
    if (ids !== planned) throw new Violation('order', `the results are ${ids} where the plan is ${planned}`);
    if (this.#told < this.#steps.length) throw new Violation('order', 'not all results were told');
    if (this.#running.size > 0) throw new Violation('order', 'it ended while steps ran');
  }
}

const objectOf = (step: Step): string | null => {
  const input = inputOf(step);
  return writtenOn(step.op, (name) => (typeof input[name] === 'string' ? input[name] : ''));
};
