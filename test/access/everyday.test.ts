import { describe, expect, test } from 'vitest';
import { changesOf } from './everyday-plan.ts';
import { rows } from './everyday.ts';

describe('edits of every day', () => {
  test.each(rows.map((row) => [row.edit, row] as const))('%s', (_, row) => {
    const changes = changesOf(row);
    const told = Object.fromEntries(changes.map(({ id, effect }) => [id, effect]));
    expect(told).toEqual(row.told ?? row.is);
    expect(changes[0]?.reasons[0]?.code).toBe(row.reason ?? changes[0]?.reasons[0]?.code);
    const codes = changes
      .filter(({ effect }) => effect === 'unclear')
      .map(({ reasons }) => reasons.some(({ code }) => code === 'may-match' || code === 'not-proved'));
    expect(codes).not.toContain(false);
  });

  test('few are told otherwise than they are', () => {
    expect(rows.length).toBeGreaterThanOrEqual(66);
    expect(rows.filter(({ told }) => told !== undefined).length).toBeLessThanOrEqual(1);
  });
});
