// Hostile input for longer than the tests do: `npm run fuzz -- --seconds 300 [--seed 7]`; writes the figures.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } },
});
const seed = values.seed ?? String(Date.now() % 100_000);
const out = mkdtempSync(join(tmpdir(), 'rollcall-fuzz-'));
const { status } = spawnSync(
  'npx',
  [
    'vitest',
    'run',
    'test/hostile',
    '--isolate',
    '--test-timeout',
    String(1000 * Number(values.seconds) + 60_000),
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_SECONDS: values.seconds, FUZZ_SEED: seed, FUZZ_OUT: out },
  },
);
process.exitCode = status ?? 1;

if (status === 0) {
  const counts = {};
  for (const file of readdirSync(out)) {
    for (const [kind, number] of Object.entries(JSON.parse(readFileSync(join(out, file), 'utf8')))) {
      counts[kind] = (counts[kind] ?? 0) + number;
    }
  }
  const inputs = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  const total = Object.values(inputs).reduce((sum, number) => sum + number, 0);
  const report = { seconds: Number(values.seconds), seed: Number(seed), total, inputs };
  mkdirSync('docs/reliability', { recursive: true });
  writeFileSync('docs/reliability/fuzz.json', `${JSON.stringify(report, null, 2)}\n`);
  console.log(`${total} inputs, seed ${seed}: docs/reliability/fuzz.json`);
}
rmSync(out, { recursive: true });
