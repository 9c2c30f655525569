import { join } from 'node:path';
import * as fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import type { WordedPlan } from '../../src/kinds/plan.ts';
import { clean } from '../../src/core/text.ts';
import { makePlan } from '../../src/plan/index.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import type { MarkdownOptions } from '../../src/render/markdown.ts';
import { aUser, desiredOf } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';
import { hostile, hostileTexts } from './arbitraries.ts';
import { hostileMarkdown, outsideOfCode } from './github.ts';
import { emptyPlan, hostilePlan, largePlan, someTrips, storyPlan } from './plans.ts';

const snapshot = (name: string): string => join(import.meta.dirname, 'snapshots', name);

const gfmToHtml = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

const bytes = (text: string): number => Buffer.byteLength(text);

describe('as a reviewer reads it', () => {
  test.each<[string, WordedPlan, boolean, MarkdownOptions]>([
    ['story', storyPlan(), true, {}],
    ['nothing', emptyPlan, false, {}],
    ['drift', storyPlan(), false, { title: 'Drift in account 123456789012', marker: 'drift' }],
    ['tight', largePlan(60), true, { limit: 6_000, whole: 'https://github.com/o/r/actions/runs/1' }],
    ['hostile', hostilePlan('`x` <b>@dale</b> | #1\nhttps://example.com').plan, false, {}],
  ])('%s', async (name, plan, violations, options) => {
    const text = renderMarkdown(plan, violations ? someTrips : [], options);
    await expect(text).toMatchFileSnapshot(snapshot(`${name}.md.txt`));
  });
});

describe('text of others changes nothing around it', () => {
  const plain = hostileMarkdown('plain');

  test.each(hostileTexts.map((text) => [JSON.stringify(text), text]))('%s', (_, text) => {
    expect(outsideOfCode(gfmToHtml(hostileMarkdown(text)))).toBe(outsideOfCode(gfmToHtml(plain)));
  });

  test('whatever it is', () => {
    const expected = outsideOfCode(gfmToHtml(plain));
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outsideOfCode(gfmToHtml(hostileMarkdown(text)))).toBe(expected);
      }),
      { numRuns: 80 },
    );
  });

  test('it is all there, but for what nobody could see', () => {
    const text = 'a`b <i> & "c" @dale';
    const codes = [...gfmToHtml(hostileMarkdown(text)).matchAll(/<code[^>]*>([^<]*)<\/code>/g)];
    const escaped = text
      .replace('&', '&amp;')
      .replace('<', '&lt;')
      .replace('>', '&gt;')
      .replaceAll('"', '&quot;');
    expect(codes.filter(([, code]) => code === escaped).length).toBeGreaterThan(15);
  });

  test('no control, direction or invisible character is left', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = hostileMarkdown(text).replaceAll('\n', '');
        expect(clean(markdown).replaceAll('\ufe0f', '')).toBe(markdown);
      }),
      { numRuns: 60 },
    );
  });

  test('a long text is cut in its line, and whole among the details', () => {
    const name = (index: number): string => `user-${String(index).padStart(4, '0')}`;
    const added = Array.from({ length: 200 }, (_, index) => name(index));
    const attached = (attachedPolicyArns: string[]) => ({ users: [aUser('dale', { attachedPolicyArns })] });
    const arns = added.map((one) => `arn:aws:iam::aws:policy/${one}`);
    const plan = wordedPlan(
      makePlan(desiredOf(attached(arns)), desiredOf(attached([])).state, new Date('2027-01-01T00:00:00Z')),
    );
    const text = renderMarkdown(plan, []);
    expect(text).toContain('characters more)');
    for (const one of added) {
      expect(text).toMatch(new RegExp(`^ {2}\\+ attached policy aws:${one}$`, 'm'));
    }
  });

  test.each([0, 1])('a text is cut between its characters (%i units before those of two)', (before) => {
    const hint = `${'x'.repeat(before)}${'🦫'.repeat(600)}`;
    const text = renderMarkdown(emptyPlan, [{ ...someTrips[0]!, hint }]);
    expect(text).toContain('🦫` … (');
    expect(text).not.toContain('\ufffd');
  });
});

/** What each section says it has, shows, and says it does not show. */
function count(markdown: string) {
  const sections = markdown.split(/^(?=### |<summary>)/m).slice(1);
  return sections.map((section) => {
    const [heading = ''] = section.split('\n');
    const notShown = /^- \*\*(?:… and )?(.*) not shown here/m.exec(section)?.[1] ?? '';
    const shown = section.match(/^- \*\*(?:Offboard|Delete|Create|Change|Rename) /gm)?.length ?? 0;
    const hidden = [...notShown.split(' of them')[0]!.matchAll(/([\d,]+) (?:users?|groups?|polic)/g)]
      .map(([, digits]) => Number(digits!.replaceAll(',', '')))
      .reduce((sum, n) => sum + n, 0);
    const said = Number(/\(([\d,]+)\)/.exec(heading)?.[1]!.replaceAll(',', ''));
    return { heading, said, shown, hidden, diffs: section.match(/^ {2}`{3,}diff$/gm)?.length ?? 0 };
  });
}

describe('any size fits', () => {
  test('3,000 changes: each removal and many grants by name, the rest counted', () => {
    const text = renderMarkdown(largePlan(3_000), someTrips);
    expect(bytes(text)).toBeLessThanOrEqual(65_536);
    const [removes, widens, narrows, other] = count(text);
    expect(removes).toMatchObject({ said: 600, shown: 600, hidden: 0 });
    expect(widens!.shown).toBeGreaterThan(500);
    for (const section of [removes!, widens!, narrows!, other!])
      expect(section.shown + section.hidden).toBe(section.said);
    expect(text.indexOf('### Removes')).toBeLessThan(text.indexOf('### Widens'));
    expect(text.match(/🚨 \*\*administrator\*\*/g)).toHaveLength(60);
  });

  test('50,000 changes, in seconds: neither removals nor grants push the other out', () => {
    const started = performance.now();
    const text = renderMarkdown(largePlan(50_000), []);
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(bytes(text)).toBeLessThanOrEqual(65_536);
    const found = count(text);
    expect(found.map(({ said }) => said)).toEqual([10_000, 20_000, 10_000, 10_000]);
    for (const { said, shown, hidden } of found) expect(shown + hidden).toBe(said);
    expect(found[0]!.shown).toBeGreaterThan(300);
    expect(found[1]!.shown).toBeGreaterThan(300);
    expect(text).toContain('of them dangerous');
    // What has no room is not looked for in vain: the frame is small.
    expect(bytes(text)).toBeGreaterThan(65_000);
  });

  test('a step summary takes more', () => {
    const text = renderMarkdown(largePlan(3_000), [], { limit: 1024 * 1024 });
    expect(count(text).map(({ hidden }) => hidden)).toEqual([0, 0, 0, 0]);
    expect(bytes(text)).toBeGreaterThan(300_000);
  });

  test('with ever less room, what matters least goes first', () => {
    const plan = largePlan(100);
    const whole = bytes(renderMarkdown(plan, [], { limit: 1_000_000 }));
    for (let limit = whole; limit >= 4_000; limit -= 500) {
      const text = renderMarkdown(plan, [], { limit });
      expect(bytes(text)).toBeLessThanOrEqual(limit);
      const [removes, widens, narrows, other] = count(text);
      for (const { said, shown, hidden } of [removes!, widens!, narrows!, other!])
        expect(shown + hidden).toBe(said);
      // A few that are shorter than what had no room may slip in.
      const wrong = [
        narrows!.diffs < 20 && other!.diffs >= 5,
        widens!.diffs < 20 && narrows!.diffs >= 5,
        narrows!.shown < 20 && other!.shown >= 5,
        removes!.shown + widens!.shown < 60 && narrows!.shown >= 5,
      ];
      expect([limit, ...wrong]).toEqual([limit, false, false, false, false]);
      expect(text.includes('Not all fits here')).toBe(limit < whole);
    }
  });

  test('what one rail says many times leaves room for what the others say', () => {
    const names = Array.from({ length: 300 }, (_, n) => `the plan touches the protected user someone-${n}`);
    const said = [
      ...names.map((message) => ({ rail: 'protected' as const, message, hint: '' })),
      { rail: 'last-administrator' as const, message: 'nobody would be left', hint: '' },
    ];
    const plan = { ...largePlan(500), overridden: said.map(({ rail, message }) => ({ rail, message })) };
    for (const text of [
      renderMarkdown(plan, [], { limit: 4_000 }),
      renderMarkdown(largePlan(500), said, { limit: 4_000 }),
    ]) {
      expect(bytes(text)).toBeLessThanOrEqual(4_000);
      expect(text).toContain('`the plan touches the protected user someone-0`');
      expect(text).toContain('> - `last-administrator`: `nobody would be left`');
      expect(text).toMatch(/^> - … \d+ `protected` more$/m);
    }
  });

  test('long texts of four-byte characters, many rails and notes', () => {
    const { plan, violations } = hostilePlan('😀'.repeat(2_000));
    const many = {
      ...plan,
      changes: Array.from({ length: 300 }, () => plan.changes).flat(),
      notes: Array.from({ length: 500 }, () => '😀'.repeat(300)),
    };
    const text = renderMarkdown(many, Array.from({ length: 200 }, () => violations).flat());
    expect(bytes(text)).toBeLessThanOrEqual(65_536);
    for (const { said, shown, hidden } of count(text).slice(0, 4)) expect(shown + hidden).toBe(said);
    expect(text).toMatch(/> - … \d+ `protected` more/);
    expect(text).toMatch(/- … \d+ not shown here/);
  });

  test('whatever the plan and the limit', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 4_000, max: 12_000 }), (text, limit) => {
        const { plan, violations } = hostilePlan(text);
        const markdown = renderMarkdown(plan, violations, { limit });
        expect(bytes(markdown)).toBeLessThanOrEqual(limit);
        expect(markdown.startsWith('<!-- rollcall:plan:123456789012 -->\n')).toBe(true);
        const html = outsideOfCode(gfmToHtml(markdown));
        expect(html).not.toMatch(
          /<(?!\/?(?:h2|h3|p|strong|em|ul|li|code|pre|br|blockquote|details|summary)\b|!-- roll)/,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('a limit without room for the frame is refused', () => {
    expect(() => renderMarkdown(storyPlan(), [], { limit: 100 })).toThrow(RangeError);
    expect(() => renderMarkdown(storyPlan(), [], { title: 'x'.repeat(70_000) })).toThrow(RangeError);
  });
});

test('the address of the whole plan cannot end its link', () => {
  const text = renderMarkdown(largePlan(3_000), [], { whole: 'https://h/a)b[c]<d>?e=f g' });
  expect(text).toContain('(https://h/a%29b%5bc%5d%3Cd%3E?e=f%20g)');
});

test('an account of a plan edited by hand does not break the marker', () => {
  const plan = { ...emptyPlan, account: '1 --> <h1>2' };
  expect(renderMarkdown(plan, [])).toMatch(/^<!-- rollcall:plan:112 -->\n## Plan for AWS account 112\n/);
});
