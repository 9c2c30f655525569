import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WordedPlan } from '../../src/kinds/plan.ts';
import { renderHtml } from '../../src/render/html.ts';
import { hostile, hostileTexts } from './arbitraries.ts';
import { emptyPlan, hostilePlan, largePlan, someTrips, storyPlan } from './plans.ts';

const css = readFileSync(join(import.meta.dirname, '../../src/render/page/style.css'), 'utf8');
const snapshot = (name: string): string => join(import.meta.dirname, 'snapshots', name);

const body = (html: string): string =>
  html.replace(/^[\s\S]*<body[^>]*>/, '').replaceAll(/<script>[\s\S]*?<\/script>/g, '');

/** The page as a text browser shows it: enough to read a difference. */
const asText = (html: string): string =>
  body(html)
    .replaceAll(/<details[^>]*>/g, '\n')
    .replaceAll(/<(?:span class="[adm]"|span)>(?=[+~ -] )/g, '\n    ')
    .replaceAll(/<option[^>]*>/g, ' / ')
    .replaceAll(/<br>/g, '\n')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
    .concat('\n');

const tags = (html: string): string => (body(html).match(/<[^>]*>/g) ?? []).join('');

const hostileHtml = (text: string): string => {
  const { plan, violations } = hostilePlan(text);
  return renderHtml(plan, violations);
};

test.each<[string, WordedPlan, boolean]>([
  ['story', storyPlan(), true],
  ['nothing', emptyPlan, false],
  ['hostile', hostilePlan('`x` <b>@dale</b> & "q" \u202egpj').plan, false],
])('%s, as text', async (name, plan, violations) => {
  await expect(asText(renderHtml(plan, violations ? someTrips : []))).toMatchFileSnapshot(
    snapshot(`${name}.html.txt`),
  );
});

describe('text of others is never more than text', () => {
  test('whatever it is, the elements and their attributes are the same', () => {
    // A diff of a document has a line per line of it: its order depends on the text, its elements do not.
    const shape = (html: string): string =>
      tags(html).replaceAll(/(?:<span(?: class="[admh]")?><\/span>)+/g, '');
    const expected = shape(hostileHtml('plain'));
    for (const text of hostileTexts) expect(shape(hostileHtml(text))).toBe(expected);
    fc.assert(
      fc.property(hostile, (text) => {
        expect(shape(hostileHtml(text))).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });

  test('no attribute holds any of it', () => {
    expect(tags(hostileHtml('melvins'))).not.toContain('melvins');
  });
});

describe('the page runs nothing but its own script', () => {
  const html = renderHtml(storyPlan(), someTrips);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;

  test.each(['script', 'style'])('the hash of the %s is in the policy', (element) => {
    const [, content] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(html)!;
    const hash = createHash('sha256').update(content!).digest('base64');
    expect(policy).toContain(`${element}-src 'sha256-${hash}'`);
  });

  test('and nothing is loaded, inline or from elsewhere', () => {
    expect(policy).toMatch(/^default-src 'none'/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(html).not.toMatch(/ on[a-z]+=| style=| src=|<link|javascript:|innerHTML|insertAdjacent|eval\(/);
  });

  test('an empty plan needs no script', () => {
    expect(renderHtml(emptyPlan, [])).not.toContain('<script');
  });
});

/** Relative luminance and contrast (WCAG 2.2, "relative luminance" and "contrast ratio"). */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, blue] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

test.each([
  ['light', 0],
  ['dark', 1],
])('%s: every colour of text has the contrast that WCAG AA asks for', (_, index) => {
  const scheme = css.match(/:root \{[^}]*--bg[^}]*\}/g)![index]!;
  const colour = (name: string): string => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(scheme)![1]!;
  const pairs = [
    ...['text', 'soft', 'link', 'remove', 'widen', 'narrow', 'other'].flatMap((name) => [
      [name, 'bg'],
      [name, 'panel'],
    ]),
    ['danger', 'danger-bg'],
    ['add', 'add-bg'],
    ['del', 'del-bg'],
    ['mod', 'mod-bg'],
  ] as [string, string][];
  for (const [text, ground] of pairs)
    expect([text, ground, contrast(colour(text), colour(ground)) >= 4.5]).toEqual([text, ground, true]);
  expect(contrast(colour('focus'), colour('bg'))).toBeGreaterThanOrEqual(3);
});

test('thousands of changes are rendered at once', () => {
  const started = performance.now();
  const html = renderHtml(largePlan(3_000), []);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(html.match(/<li class="change"/g)).toHaveLength(3_000);
});
