import type { Step } from '../../src/core/plan.ts';

/** From 0 to below 1, the same numbers for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(items: readonly T[], random: () => number): T =>
  items[Math.floor(random() * items.length)]!;

/** What becomes of a call: `lost`: done without an answer; `late`: given up, and done some time later. */
export type Fate = 'done' | 'refused' | 'lost' | 'late';

interface Play {
  /** How many calls may be in flight. */
  readonly width: number;
  /** Of the steps that may begin, any does; otherwise the first in the plan. */
  readonly anyOrder: boolean;
  readonly fate: (step: Step) => Fate;
  /** The call has its effect. */
  readonly effect: (step: Step) => void;
}

/**
 * Steps as they might be run: each begins once those that it needs are answered, has its effect at one moment and its
 * answer at a later one, both drawn. It knows nothing of the program but `needs`.
 */
export function playSteps(steps: readonly Step[], play: Play, random: () => number): void {
  const waiting = [...steps];
  const done = new Set<string>();
  const failed = new Set<string>();
  const running: { readonly step: Step; readonly fate: Fate; sent: boolean }[] = [];
  const late: Step[] = [];
  const begin = (): boolean => {
    const ready = waiting.filter(({ needs }) => needs.every((id) => done.has(id)));
    if (ready.length === 0 || running.length >= play.width) return false;
    const step = play.anyOrder ? pick(ready, random) : ready[0]!;
    waiting.splice(waiting.indexOf(step), 1);
    running.push({ step, fate: play.fate(step), sent: false });
    return true;
  };
  const fail = (id: string): void => {
    failed.add(id);
    for (const step of waiting.filter(({ needs }) => needs.some((need) => failed.has(need)))) {
      if (!waiting.includes(step)) continue;
      waiting.splice(waiting.indexOf(step), 1);
      fail(step.id);
    }
  };
  for (;;) {
    while (begin());
    if (running.length === 0) break;
    if (late.length > 0 && random() < 0.3)
      play.effect(late.splice(Math.floor(random() * late.length), 1)[0]!);
    const one = pick(running, random);
    if (!one.sent) {
      one.sent = true;
      if (one.fate === 'done' || one.fate === 'lost') play.effect(one.step);
      continue;
    }
    running.splice(running.indexOf(one), 1);
    if (one.fate === 'late') late.push(one.step);
    if (one.fate === 'done') done.add(one.step.id);
    else fail(one.step.id);
  }
  for (const step of late) play.effect(step);
}
