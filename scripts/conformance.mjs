// Runs the conformance table against everything that is installed, and writes what was measured.
import { spawnSync } from 'node:child_process';

// Moto first: the report shows what it gave.
for (const tests of ['test/conformance/moto', 'test/conformance', 'test/replay']) {
  const { status } = spawnSync('npx', ['vitest', 'run', tests], {
    stdio: 'inherit',
    env: { ...process.env, CONFORMANCE_WRITE: '1' },
  });
  if (status !== 0) {
    process.exitCode = status ?? 1;
    break;
  }
}
