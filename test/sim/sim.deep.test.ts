import { expect, test } from 'vitest';
import { addTo, describeFailure, noTotals } from './report.ts';
import { runScript } from './run.ts';
import { drawScript, eventKinds } from './script.ts';
import { shrink } from './shrink.ts';

/** A fixed number of runs; `npm run sim` has as many as you like (README.md). */
const runs = Number(process.env['ROLLCALL_SIM_RUNS'] ?? 500);
const first = Number(process.env['ROLLCALL_SIM_SEED'] ?? 1);

test(`${runs} accounts keep every promise`, { timeout: 600_000 }, async () => {
  const totals = noTotals();
  for (let seed = first; seed < first + runs; seed += 1) {
    const script = drawScript(seed);
    const outcome = await runScript(script);
    addTo(totals, outcome);
    if (outcome.failure) {
      throw new Error(describeFailure(seed, {}, await shrink(script, outcome, 200)));
    }
  }
  expect(totals.calls).toBeGreaterThan(runs * 40);
  // Every kind of fault has struck.
  expect(Object.keys(totals.events).sort()).toEqual([...eventKinds].sort());
});

test('the same seed gives the same trace', async () => {
  for (let seed = first; seed < first + 25; seed += 1) {
    const [one, other] = [await runScript(drawScript(seed)), await runScript(drawScript(seed))];
    expect([seed, one.hash, one.figures]).toEqual([seed, other.hash, other.figures]);
  }
});

test('other seeds give other traces', async () => {
  const hashes = new Set<string>();
  for (let seed = first; seed < first + 10; seed += 1) hashes.add((await runScript(drawScript(seed))).hash);
  expect(hashes.size).toBe(10);
});

test('runs through the SDK and past it go the same way', async () => {
  let different = 0;
  for (let seed = first; seed < first + 30; seed += 1) {
    const script = drawScript(seed);
    const [through, past] = [
      await runScript({ ...script, wire: true }),
      await runScript({ ...script, wire: false }),
    ];
    if (through.hash !== past.hash) different += 1;
  }
  // Reads that run side by side may be tried again in another order.
  expect(different).toBeLessThanOrEqual(2);
});
