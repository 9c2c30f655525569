import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Schedule } from '../../src/aws/schedule.ts';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';

interface Sketch {
  readonly op?: string;
  readonly about?: string;
  readonly needs?: readonly number[];
  readonly look?: boolean;
}

/** Steps in the order of a plan: `needs` are places of earlier ones. */
const stepsOf = (sketches: readonly Sketch[]): Step[] =>
  sketches.map(
    ({ op = 'TagUser', about = 'user:dale', needs = [], look = false }, index) =>
      ({
        id: `s${index + 1}`,
        op,
        input: {},
        needs: needs.map((place) => `s${place + 1}`),
        change: about,
        about,
        touches: [about],
        purpose: look ? 'identify-user' : 'tag',
        cls: 'neutral',
      }) as unknown as Step,
  );

const free = (): boolean => false;

const anyPlan = fc
  .array(
    fc.record({
      op: fc.constantFrom('A', 'B', 'C'),
      about: fc.constantFrom('user:a', 'user:a/tags', 'user:b', 'group:a', 'user:c'),
      look: fc.boolean(),
      needs: fc.array(fc.nat(30), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 30 },
  )
  .map((all) =>
    stepsOf(
      all.map((one, index) => ({
        ...one,
        needs: [...new Set(one.needs.map((need) => need % (index + 1)))].filter((need) => need < index),
      })),
    ),
  );

/** What the scheduler is asked, and how each step that ran ends. */
const anyCourse = fc.infiniteStream(fc.nat(1000));

/** Runs a plan to its end, in an order that the course decides, and holds every moment to what is promised. */
function play(steps: readonly Step[], course: Iterator<number>, most: number): void {
  const dice = (sides: number): number => Number(course.next().value) % sides;
  const schedule = new Schedule(steps);
  const places = new Map(steps.map(({ id }, index) => [id, index]));
  const needs = steps.map((step) => step.needs.map((id) => places.get(id)!));
  const objectOf = (index: number): string => steps[index]!.about.split('/')[0]!;
  const running = new Set<number>();
  const aside: number[] = [];
  const passed = new Set<number>();
  const ended = new Map<number, 'passed' | 'failed' | 'dropped'>();
  const end = (index: number, as: 'passed' | 'failed' | 'dropped'): void => {
    expect(ended.has(index)).toBe(false);
    ended.set(index, as);
    if (as === 'passed') passed.add(index);
  };
  const mayBegin = (index: number, held: string | null): boolean =>
    !ended.has(index) &&
    !running.has(index) &&
    !aside.includes(index) &&
    steps[index]!.op !== held &&
    needs[index]!.every((need) => passed.has(need)) &&
    (isLook(steps[index]!) ||
      ![...running].some((other) => !isLook(steps[other]!) && objectOf(other) === objectOf(index)));
  for (;;) {
    const held = ['A', 'B', 'C', null, null, null][dice(6)]!;
    const index = running.size < most ? schedule.next(({ op }) => op === held) : null;
    // The first in the plan of all that may begin.
    const first = running.size < most ? steps.findIndex((_, one) => mayBegin(one, held)) : -1;
    expect(index ?? -1).toBe(first);
    if (index !== null) {
      running.add(index);
      continue;
    }
    const all = [...running];
    const next = all[dice(Math.max(1, all.length))];
    if (next === undefined) {
      if (schedule.hasReady) continue;
      const again = aside.pop();
      if (again === undefined) break;
      schedule.putBack(again);
      continue;
    }
    running.delete(next);
    const fate = dice(8);
    if (fate === 0) schedule.putBack(next);
    else if (fate === 1) {
      schedule.setAside(next);
      aside.push(next);
    } else {
      end(next, fate === 2 ? 'failed' : 'passed');
      for (const dropped of schedule.end(next, fate !== 2)) end(dropped, 'dropped');
    }
  }
  // Each ended once, and only what needs a failed step was dropped.
  expect(ended.size).toBe(steps.length);
  expect(schedule.left()).toEqual([]);
  for (const [index, own] of needs.entries()) {
    const missing = own.some((need) => ended.get(need) !== 'passed');
    expect(ended.get(index) === 'dropped').toBe(missing);
  }
}

describe('a schedule', () => {
  test('in any order of ends: needs first, no two writes on one object, each once, and none for nothing', () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(anyPlan, anyCourse, fc.integer({ min: 1, max: 16 }), (steps, course, most) => {
        play(steps, course[Symbol.iterator](), most);
      }),
      { numRuns: 500 },
    );
  });

  test('is the order of the plan where one step runs at a time', () => {
    fc.assert(
      fc.property(anyPlan, (steps) => {
        const schedule = new Schedule(steps);
        const order: (number | null)[] = [];
        for (const _ of steps) {
          order.push(schedule.next(free));
          schedule.end(order.at(-1)!, true);
        }
        expect(order).toEqual(steps.map((_, index) => index));
        expect(schedule.next(free)).toBeNull();
      }),
    );
  });

  test('lets others pass a step whose operation is held, or whose object is written on', () => {
    const schedule = new Schedule(
      stepsOf([{ op: 'A' }, { op: 'A' }, { op: 'B', about: 'user:lorax' }, { op: 'B', look: true }]),
    );
    expect(schedule.next(({ op }: { readonly op: string }) => op === 'A')).toBe(2);
    expect(schedule.next(free)).toBe(0);
    // The other write on dale waits; the look does not.
    expect(schedule.next(free)).toBe(3);
    expect(schedule.next(free)).toBeNull();
    schedule.end(0, true);
    expect(schedule.next(free)).toBe(1);
  });

  test('looks at few steps of many: 25,000, of which 5,000 are ready and 4,000 held', () => {
    const sketches = Array.from({ length: 5000 }, (_, user) => ({
      op: user % 5 === 0 ? 'B' : 'A',
      about: `user:u${user}`,
    }));
    const later = sketches.flatMap(({ about }, user) =>
      Array.from({ length: 4 }, (_, part) => ({
        op: `C${part}`,
        about: `${about}/tags`,
        needs: [part === 0 ? user : 5000 + user * 4 + part - 1],
      })),
    );
    const schedule = new Schedule(stepsOf([...sketches, ...later]));
    let asked = 0;
    const isHeld = ({ op }: { readonly op: string }): boolean => {
      asked += 1;
      return op === 'A';
    };
    let ran = 0;
    for (let next = schedule.next(isHeld); next !== null; next = schedule.next(isHeld)) {
      schedule.end(next, true);
      ran += 1;
    }
    expect(ran).toBe(5000);
    // Once for each operation.
    expect(asked).toBeLessThanOrEqual(6 * (ran + 1));
    for (let next = schedule.next(free); next !== null; next = schedule.next(free)) {
      schedule.end(next, true);
      ran += 1;
    }
    expect(ran).toBe(25_000);
  });
});
