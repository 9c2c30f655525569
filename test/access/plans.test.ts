/** What changes and the table of a plan say of who gains, against the evaluator that is written apart. */
import { expect, test } from 'vitest';
import { randomAt } from '../sim/random.ts';
import { edits } from './random-accounts.ts';
import { trial } from './trial.ts';

const runs = Number(process.env['ROLLCALL_RUNS'] ?? 150);

test('nobody gains where no change says so, and each change without which they would not says so', () => {
  const seen = { gains: 0, silent: 0 };
  for (let seed = 1; seed <= runs; seed += 1) {
    const random = randomAt(seed);
    const names = Array.from({ length: random.between(1, 4) }, () => random.pick(Object.keys(edits)));
    const one = trial(random, names);
    if (!one) continue;
    expect(one.wrong, `seed ${seed}: ${names.join(', ')}`).toEqual([]);
    if (one.gainers.length > 0) seen.gains += 1;
    else if (one.plan.access.every(({ gained }) => gained.length === 0)) seen.silent += 1;
  }
  // It says nothing if nobody gains, or if everything is called a gain.
  expect(seen.gains).toBeGreaterThan(runs / 8);
  expect(seen.silent).toBeGreaterThan(runs / 8);
}, 600_000);
