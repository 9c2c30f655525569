import { isLook } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import { objectOf } from '../core/references.ts';

/**
 * Which step may begin: one whose needs are met, and while no other writes on the same object. Steps are told by their
 * place in the plan, and the first in the plan goes first.
 */
export class Schedule {
  readonly #steps: readonly Step[];
  readonly #followers: readonly (readonly number[])[];
  /** How many needs of each step are not met yet. */
  readonly #waiting: number[];
  /** In the order of the plan. */
  readonly #ready: number[] = [];
  readonly #state: ('waiting' | 'ready' | 'running' | 'ended')[];
  /** Objects that a running step writes on. */
  readonly #busy = new Set<string>();

  constructor(steps: readonly Step[]) {
    const places = new Map(steps.map(({ id }, index) => [id, index]));
    const followers: number[][] = steps.map(() => []);
    for (const [index, { needs }] of steps.entries()) {
      for (const need of needs) followers[places.get(need)!]!.push(index);
    }
    this.#steps = steps;
    this.#followers = followers;
    this.#waiting = steps.map(({ needs }) => needs.length);
    this.#state = steps.map(() => 'waiting');
    for (const [index, count] of this.#waiting.entries()) if (count === 0) this.putBack(index);
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** The next step, or null where none may begin now. */
  next(isHeld: (step: Step) => boolean): number | null {
    for (const [place, index] of this.#ready.entries()) {
      const step = this.#steps[index]!;
      const object = writtenBy(step);
      if ((object !== null && this.#busy.has(object)) || isHeld(step)) continue;
      this.#ready.splice(place, 1);
      this.#state[index] = 'running';
      if (object !== null) this.#busy.add(object);
      return index;
    }
    return null;
  }

  /** It did not begin. */
  putBack(index: number): void {
    this.#release(index);
    this.#state[index] = 'ready';
    const at = this.#ready.findIndex((other) => other > index);
    this.#ready.splice(at < 0 ? this.#ready.length : at, 0, index);
  }

  /** @returns the steps that can never begin because it failed, each with a step that it misses. */
  end(index: number, passed: boolean): [step: number, missing: number][] {
    this.#release(index);
    this.#state[index] = 'ended';
    if (!passed) return this.#drop(index);
    for (const next of this.#followers[index]!) {
      this.#waiting[next]! -= 1;
      if (this.#waiting[next] === 0 && this.#state[next] === 'waiting') this.putBack(next);
    }
    return [];
  }

  #drop(failed: number): [number, number][] {
    const dropped: [number, number][] = [];
    const queue = [failed];
    for (let missing = queue.shift(); missing !== undefined; missing = queue.shift()) {
      for (const next of this.#followers[missing]!) {
        if (this.#state[next] !== 'waiting') continue;
        this.#state[next] = 'ended';
        dropped.push([next, missing]);
        queue.push(next);
      }
    }
    return dropped.sort(([a], [b]) => a - b);
  }

  /** Those that neither ran nor were dropped. */
  left(): number[] {
    return this.#state.flatMap((state, index) => (state === 'waiting' || state === 'ready' ? [index] : []));
  }

  #release(index: number): void {
    const object = writtenBy(this.#steps[index]!);
    if (this.#state[index] === 'running' && object !== null) this.#busy.delete(object);
  }
}

/** IAM refuses two writes on one object at the same time (ConcurrentModification). */
const writtenBy = (step: Step): string | null => (isLook(step) ? null : objectOf(step.about));
