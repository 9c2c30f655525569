import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { readRecordings } from './recording.ts';
import { differenceOf, measure, nameOf, page, pageFile, readMeasured, recordFile } from './report.ts';
import { replay, type Result } from './run.ts';
import { groups } from './table.ts';

/** Set by `npm run conformance`: what was measured is written instead of compared. */
const writes = process.env['CONFORMANCE_WRITE'] === '1';
const recordings = readRecordings();
const cases = Object.values(groups).flat();

/** A busy machine takes its time for some hundred sandboxes. */
const patience = { timeout: 300_000 };

const running = new Map<string, Promise<readonly Result[]>>();
/** Each case once, for all tests below, and one after the other. */
function resultsOf(group: string): Promise<readonly Result[]> {
  const known = running.get(group) ?? replayAll(groups[group]!);
  running.set(group, known);
  return known;
}

async function replayAll(list: readonly Case[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const one of list) results.push(...(await replay(one, recordings.get(one.test))));
  return results;
}

describe('the sandbox answers as AWS was recorded to answer', patience, () => {
  it('no test is there twice', () => {
    expect(new Set(cases.map(({ test }) => test)).size).toBe(cases.length);
  });

  it.each(Object.keys(groups))('%s, by our own table', async (group) => {
    const results = await resultsOf(group);
    const wrong = results.flatMap((result) =>
      result.own === null ? [] : [`${nameOf(result)}: ${result.own}`],
    );
    expect(wrong).toEqual([]);
  });
});

const names = Object.keys(groups);
const everything = async (): Promise<Record<string, readonly Result[]>> =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await resultsOf(name)] as const)));

describe.skipIf(recordings.size === 0)(
  `recordings${recordings.size === 0 ? ' (skipped: none at hand, see docs/sandbox-recordings.md)' : ''}`,
  () => {
    it('every recorded answer is in our table', () => {
      const ours = new Set(
        cases.flatMap(({ test, steps }) =>
          steps.flatMap((step) => ('entry' in step ? [`${test}: ${step.entry}`] : [])),
        ),
      );
      const missing = [...recordings].flatMap(([test, { 'recorded-content': content }]) =>
        Object.keys(content)
          .map((entry) => `${test}: ${entry}`)
          .filter((name) => !ours.has(name)),
      );
      // No answer: the name that the test gave its session.
      expect(
        missing.filter((name) => name !== 'TestSTSIntegrations::test_assume_role: role-session-name'),
      ).toEqual([]);
    });

    it('only what is listed with its reason differs', async () => {
      const results = Object.values(await everything()).flat();
      const differing = results.filter(({ recorded }) => recorded !== null && recorded !== undefined);
      expect(differing.map(differenceOf).filter(({ why }) => why === '')).toEqual([]);
    });
  },
);

describe('the report', patience, () => {
  const pretty = async (file: string, text: string): Promise<string> =>
    format(text, { ...(await resolveConfig(file)), filepath: file });

  it('shows what was measured (npm run conformance writes it)', async () => {
    const results = await everything();
    const isWhole = cases.every(({ test }) => recordings.has(test));
    if (writes && isWhole) {
      writeFileSync(recordFile, await pretty(recordFile, JSON.stringify(measure(results))));
    }
    const measured = readMeasured()!;
    expect(isWhole ? measure(results) : measured).toEqual(measured);
    if (writes) writeFileSync(pageFile, await pretty(pageFile, page(measured)));
    expect(existsSync(pageFile) && readFileSync(pageFile, 'utf8')).toBe(
      await pretty(pageFile, page(measured)),
    );
    for (const { entries, equal } of Object.values(measured.groups)) {
      expect(equal / entries).toBeGreaterThanOrEqual(0.95);
    }
  });

  it('counts every answer of our table', async () => {
    const { groups: counted, leftOut } = readMeasured()!;
    const results = await everything();
    for (const [name, list] of Object.entries(results)) {
      const here = list.filter(({ isLeftOut }) => !isLeftOut).length;
      expect([name, counted[name]?.entries]).toEqual([name, here]);
    }
    expect(leftOut.length).toBe(
      Object.values(results)
        .flat()
        .filter(({ isLeftOut }) => isLeftOut).length,
    );
  });
});
