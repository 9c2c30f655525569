// Hostile input for longer than the tests do: `npm run fuzz -- --seconds 300 [--seed 7]`; writes the figures.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string' } },
});
const { status } = spawnSync('npx', ['vitest', 'run', 'test/hostile'], {
  stdio: 'inherit',
  env: {
    ...process.env,
    FUZZ_SECONDS: values.seconds,
    FUZZ_SEED: values.seed ?? String(Date.now() % 2 ** 31),
    FUZZ_WRITE: '1',
  },
});
process.exitCode = status ?? 1;
