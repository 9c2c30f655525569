import { MinHeap } from '../core/heap.ts';
import { isLook } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import { objectOf } from '../core/references.ts';

type State = 'waiting' | 'ready' | 'running' | 'aside' | 'ended';

/**
 * Which step may begin: one whose needs are met, and while no other writes on the same object. Steps are told by their
 * place in the plan, and the first in the plan goes first.
 */
export class Schedule {
  readonly #steps: readonly Step[];
  /** What each step writes on: IAM refuses two writes on one object at the same time (ConcurrentModification). */
  readonly #objects: readonly (string | null)[];
  readonly #followers: readonly (readonly number[])[];
  /** How many needs of each step are not met yet. */
  readonly #unmet: number[];
  readonly #state: State[];
  /** Steps that are ready, by operation: those of one are passed over together. */
  readonly #ready = new Map<string, MinHeap>();
  /** Ready steps that found another writing on their object, by that. Objects without any are free. */
  readonly #busy = new Map<string, number[]>();
  #readyCount = 0;
  /** Steps that deny somebody everything, which are ready or running. */
  #denies = 0;

  constructor(steps: readonly Step[]) {
    const places = new Map(steps.map(({ id }, index) => [id, index]));
    const followers: number[][] = steps.map(() => []);
    for (const [index, { needs }] of steps.entries()) {
      for (const need of needs) followers[places.get(need)!]!.push(index);
    }
    this.#steps = steps;
    this.#objects = steps.map((step) => (isLook(step) ? null : objectOf(step.about)));
    this.#followers = followers;
    this.#unmet = steps.map(({ needs }) => needs.length);
    this.#state = steps.map(() => 'waiting');
    for (const [index, count] of this.#unmet.entries()) if (count === 0) this.#makeReady(index);
  }

  get hasReady(): boolean {
    return this.#readyCount > 0;
  }

  /** Whether somebody is to be denied everything now. */
  get hasDenies(): boolean {
    return this.#denies > 0;
  }

  /** The next step, which is running from now on, or null where none may begin. */
  next(isHeld: (step: Step) => boolean): number | null {
    let best: MinHeap | null = null;
    for (const heap of this.#ready.values()) {
      if (heap.first === undefined || isHeld(this.#steps[heap.first]!)) continue;
      this.#parkBusy(heap);
      if (heap.first !== undefined && heap.first < (best?.first ?? Infinity)) best = heap;
    }
    const index = best?.pop();
    if (index === undefined) return null;
    this.#readyCount -= 1;
    this.#state[index] = 'running';
    const object = this.#objects[index]!;
    if (object !== null) this.#busy.set(object, []);
    return index;
  }

  /** Takes steps off the top of a heap that cannot begin, until their object is free again. */
  #parkBusy(heap: MinHeap): void {
    for (let { first } = heap; first !== undefined; { first } = heap) {
      const object = this.#objects[first]!;
      const parked = object === null ? undefined : this.#busy.get(object);
      if (!parked) return;
      heap.pop();
      parked.push(first);
    }
  }

  /** It did not begin, or is to begin once more. */
  putBack(index: number): void {
    this.#release(index);
    this.#makeReady(index);
  }

  /** It has run and is neither done nor failed: it stays where it is until it is put back or has ended. */
  setAside(index: number): void {
    this.#release(index);
    this.#state[index] = 'aside';
  }

  /** @returns the steps that can never begin because it failed. */
  end(index: number, passed: boolean): readonly number[] {
    this.#release(index);
    this.#state[index] = 'ended';
    if (this.#steps[index]!.cls === 'deny') this.#denies -= 1;
    if (!passed) return this.#drop(index);
    for (const next of this.#followers[index]!) {
      this.#unmet[next]! -= 1;
      if (this.#unmet[next] === 0 && this.#state[next] === 'waiting') this.#makeReady(next);
    }
    return [];
  }

  #drop(failed: number): readonly number[] {
    const dropped: number[] = [];
    const queue = [failed];
    for (let missing = queue.pop(); missing !== undefined; missing = queue.pop()) {
      for (const next of this.#followers[missing]!) {
        if (this.#state[next] !== 'waiting') continue;
        this.#state[next] = 'ended';
        dropped.push(next);
        queue.push(next);
      }
    }
    return dropped;
  }

  /** Those that have not ended, nor were dropped. */
  left(): readonly number[] {
    return this.#state.flatMap((state, index) => (state === 'ended' ? [] : [index]));
  }

  #makeReady(index: number): void {
    if (this.#state[index] === 'waiting' && this.#steps[index]!.cls === 'deny') this.#denies += 1;
    this.#state[index] = 'ready';
    this.#readyCount += 1;
    this.#queue(index);
  }

  #queue(index: number): void {
    const { op } = this.#steps[index]!;
    const heap = this.#ready.get(op) ?? new MinHeap();
    this.#ready.set(op, heap);
    heap.push(index);
  }

  #release(index: number): void {
    const object = this.#objects[index]!;
    if (this.#state[index] !== 'running' || object === null) return;
    const parked = this.#busy.get(object) ?? [];
    this.#busy.delete(object);
    for (const other of parked) this.#queue(other);
  }
}
