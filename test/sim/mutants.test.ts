import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('every seeded bug still has its place in the source', () => {
  const told = execFileSync(process.execPath, ['scripts/seeded-bugs.mjs', '--check'], { encoding: 'utf8' });
  const count = /^(\d+) mutants apply\.\n$/.exec(told)?.[1];
  expect(Number(count)).toBeGreaterThanOrEqual(25);
});
