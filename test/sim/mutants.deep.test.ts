import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

/**
 * All of them take a quarter of an hour (`npm run mutants`). Here a part of them, another every day, so that in a week
 * or so each has had its turn; `ROLLCALL_MUTANTS=3/8` names the part.
 */
const parts = 8;
const today = Math.floor(Date.now() / 86_400_000) % parts;
const part = process.env['ROLLCALL_MUTANTS'] ?? `${today + 1}/${parts}`;

const script = 'scripts/seeded-bugs.mjs';
const names = JSON.parse(
  execFileSync(process.execPath, [script, '--list', '--shard', part], { encoding: 'utf8' }),
) as string[];

describe(`seeded bugs, part ${part}`, () => {
  test('there are some', () => expect(names.length).toBeGreaterThan(0));

  // That the checks pass without a bug is what the rest of the suite shows.
  test.each(names)('%s: is caught', { timeout: 600_000 }, async (name) => {
    const ended = promisify(execFile)(process.execPath, [script, '--passed', '--only', name]);
    // What it printed tells more than that it failed.
    const { stdout } = await ended.catch((error: unknown) => error as { stdout: string });
    expect(stdout).toMatch(/^1 mutants apply\.\ncaught {4}/);
  });
});
