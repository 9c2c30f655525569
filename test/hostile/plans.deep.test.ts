import { afterAll, describe, expect, it } from 'vitest';
import { account, refusal, sign, text, writes } from './forging.ts';
import type { Loose } from './forging.ts';
import { fuzz, mutate, nastyTexts } from './support.ts';

afterAll(() => account.close());

describe('a saved plan', () => {
  it('is refused when any of its bytes means something else', async () => {
    const data = Buffer.from(text);
    const tried = await fuzz('mutated plan files', async (random) => {
      await refusal(mutate(data, random, nastyTexts).toString());
    });
    expect(tried).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });

  it('is refused when its content is changed, with the digest that belongs to that', async () => {
    const values: unknown[] = [null, true, 0, 1e308, -1, '', [], {}, [[]], 'DeleteUser', 's1', '__proto__'];
    const tried = await fuzz('forged plans', async (random) => {
      const plan = JSON.parse(text) as Loose;
      // Somewhere in it, something else.
      let at: unknown = plan;
      let field: string | undefined;
      for (let depth = 1 + random.below(5); depth > 0; depth--) {
        const next: unknown = field === undefined ? at : (at as Record<string, unknown>)[field];
        if (typeof next !== 'object' || next === null || Object.keys(next).length === 0) break;
        at = next;
        field = random.pick(Object.keys(next));
      }
      const identity = at as Record<string, unknown>;
      const what = random.below(4);
      if (what === 0) delete identity[field!];
      else if (what === 1) identity[random.pick(nastyTexts)] = random.pick(values);
      else identity[field!] = random.pick([...values, ...Object.values(identity)]);
      await refusal(sign(plan));
    });
    expect(tried).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });
});
