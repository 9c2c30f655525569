import type { StepResult } from '../../src/aws/execute.ts';
import type { Pace } from '../../src/aws/pace.ts';
import { deniesAccess, isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import { inputOf } from '../support/input.ts';
import { Violation } from './violation.ts';
import { writtenOn } from './wire.ts';

interface About {
  readonly signal: AbortSignal;
  readonly pace: Pace;
  /** How many calls of the process were never sent, as they were no longer wanted. */
  readonly withdrawn: () => number;
  /** Whether a quota had no room for it. */
  readonly isFull: (step: Step) => boolean;
}

interface Running {
  readonly step: Step;
  readonly object: string | null;
  /** Calls that were withdrawn before it began. */
  readonly before: number;
}

/** Holds the beginnings and ends of the steps of one apply against the promises (README.md). */
export class StepWatch {
  readonly #steps: readonly Step[];
  readonly #about: About;
  /** Steps that deny everything to somebody, and all that those need. */
  readonly #urgent: readonly Step[];
  /** Those of them that could begin when the executor chose. */
  #passedOver: readonly Step[] = [];
  readonly #passed = new Set<string>();
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #running = new Map<string, Running>();
  #told = 0;

  constructor(steps: readonly Step[], about: About) {
    this.#steps = steps;
    this.#about = about;
    const urgent = new Set(steps.filter(deniesAccess).map(({ id }) => id));
    for (const { id, needs } of [...steps].reverse()) {
      if (urgent.has(id)) for (const need of needs) urgent.add(need);
    }
    this.#urgent = steps.filter(({ id }) => urgent.has(id));
  }

  /** The executor has chosen a step, and asks whether it may begin. */
  chosen(): void {
    const { pace } = this.#about;
    const busy = new Set([...this.#running.values()].map(({ object }) => object));
    this.#passedOver = this.#urgent.filter((step) => {
      if (this.#begun.has(step.id) || this.#ended.has(step.id)) return false;
      if (pace.parallelism > 1 && pace.isHeld(step.op)) return false;
      const object = objectOf(step);
      return step.needs.every((need) => this.#passed.has(need)) && (object === null || !busy.has(object));
    });
  }

  started(step: Step): void {
    const { signal, withdrawn } = this.#about;
    if (signal.aborted) throw new Violation('interrupt', `${step.id} ${step.op} begins although interrupted`);
    const missing = step.needs.find((need) => !this.#passed.has(need));
    if (missing !== undefined) {
      throw new Violation('dependencies', `${step.id} ${step.op} begins before ${missing} is done`);
    }
    const [first] = this.#passedOver;
    if (first && !isLook(step) && !this.#urgent.includes(step)) {
      throw new Violation('deny-first', `${step.id} ${step.op} begins before ${first.id} ${first.op}`);
    }
    const object = objectOf(step);
    for (const other of this.#running.values()) this.#checkAlone(step, object, other);
    this.#running.set(step.id, { step, object, before: withdrawn() });
    this.#begun.add(step.id);
  }

  /** Another that has begun may be withdrawn, or wait for room: then it is to begin once more. */
  #checkAlone(step: Step, object: string | null, { step: other, object: on, before }: Running): void {
    const { pace, withdrawn, isFull } = this.#about;
    const inOrder = pace.parallelism === 1;
    if (step === other || (!inOrder && (object === null || on !== object))) return;
    if (withdrawn() > before || isFull(other)) {
      this.#running.delete(other.id);
      return;
    }
    const what = inOrder ? '' : ` on ${object}`;
    throw new Violation(
      'one-writer',
      `${step.id} ${step.op}${what} begins while ${other.id} ${other.op} runs`,
    );
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
  }
}

const objectOf = (step: Step): string | null => {
  const input = inputOf(step);
  return writtenOn(step.op, (name) => (typeof input[name] === 'string' ? input[name] : ''));
};
