import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const dir = mkdtempSync(join(tmpdir(), 'rollcall-summary-'));

/** A report of vitest's JSON reporter: files, each with its own status and those of its tests. */
function report(name: string, ...files: readonly [status: string, ...tests: readonly string[]][]): string {
  const file = join(dir, name);
  const testResults = files.map(([status, ...tests]) => ({
    status,
    assertionResults: tests.map((one) => ({ status: one })),
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

const summary = (...files: readonly string[]): { code: number | null; said: string } => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/summary.mjs', ...files], {
    encoding: 'utf8',
  });
  return { code: status, said: stdout };
};

const good = report('good', ['passed', 'passed', 'passed', 'skipped'], ['passed', 'passed', 'todo']);

test('adds up the reports of both commands', () => {
  const more = report('more', ['passed', 'passed', 'pending']);
  expect(summary(good, more)).toEqual({ code: 0, said: '4 passed, 0 failed, 3 skipped\n' });
});

test('fails where a test does', () => {
  const bad = report('bad', ['failed', 'failed', 'passed', 'failed']);
  expect(summary(good, bad)).toEqual({ code: 1, said: '4 passed, 2 failed, 2 skipped\n' });
});

test('a file that cannot be loaded and a report that nobody wrote are a failure each', () => {
  const broken = report('broken', ['failed'], ['failed', 'passed']);
  expect(summary(good, broken, join(dir, 'none'))).toEqual({
    code: 1,
    said: '4 passed, 3 failed, 2 skipped\n',
  });
});

test('linters that find something are a failure, though every test passes', () => {
  expect(summary('--failed', 'lint', good)).toEqual({
    code: 1,
    said: 'failed: lint\n3 passed, 1 failed, 2 skipped\n',
  });
});
