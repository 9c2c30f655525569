import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { clean } from '../../src/core/text.ts';
import { renderHtml } from '../../src/render/html.ts';
import { hostileTexts } from './arbitraries.ts';
import { emptyPlan, hostilePlan, largePlan, someTrips, storyPlan } from './plans.ts';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const missing = !existsSync(executablePath);

describe.skipIf(missing)(`in a browser${missing ? ` (skipped: no ${executablePath})` : ''}`, () => {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-html-'));
  const complaints: string[] = [];
  let browser: Browser;

  beforeAll(async () => {
    const quiet = ['gpu', 'quic', 'background-networking', 'component-update', 'sync'].map(
      (feature) => `--disable-${feature}`,
    );
    const args = ['--headless', '--no-sandbox', '--no-first-run', ...quiet];
    browser = await chromium.launch({ executablePath, args });
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    if (complaints.length > 0) throw new Error(complaints.splice(0).join('\n'));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(dir, { recursive: true });
  });

  let files = 0;
  async function open(html: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (
      await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
    ).newPage();
    // A violation of the page's policy is a console error too.
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) complaints.push(request.url());
    });
    const file = join(dir, `${(files += 1)}.html`);
    writeFileSync(file, html);
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  const visible = (page: Page): Promise<number> => page.locator('.change:visible').count();
  const told = (page: Page): Promise<string | null> => page.locator('output').textContent();
  /** The filter runs in the next frame. */
  const settle = (page: Page, text: string): Promise<void> =>
    page.locator('output', { hasText: text }).waitFor({ timeout: 10_000 });

  test('the filter works by keyboard alone', async () => {
    const page = await open(renderHtml(storyPlan(), someTrips));
    expect(await told(page)).toBe('9 changes');
    await page.keyboard.press('/');
    await page.keyboard.type('lambda MELVINS');
    await settle(page, '0 of 9');
    expect(await page.locator('.empty').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await settle(page, '9 changes');
    await page.keyboard.type('passrole');
    await settle(page, '1 of 9');
    expect(await page.locator('.change:visible .name').textContent()).toBe('buzzo');
    expect(await page.locator('section[data-section]:visible h2').first().textContent()).toBe(
      'Widens access 1 of 4',
    );
    // The slash is only a shortcut outside of the field.
    await page.keyboard.type('/');
    await settle(page, '0 of 9');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Narrows');
    await settle(page, '1 of 9');
    expect(await page.locator('.change:visible .name').textContent()).toBe('melvins');
  });

  test('section, kind, effect and mark together', async () => {
    const page = await open(renderHtml(storyPlan(), []));
    await page.locator('select[name=kind]').selectOption('user');
    await settle(page, '5 of 9');
    await page.locator('select[name=effect]').selectOption('widens access');
    await settle(page, '2 of 9');
    await page.getByLabel('administrators and escalations only').check();
    await settle(page, '1 of 9');
    await page.locator('select[name=section]').selectOption('Removes');
    await settle(page, '0 of 9');
    await page.getByRole('button', { name: 'Reset' }).click();
    await settle(page, '9 changes');
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.locator('details[open]').count()).toBe(0);
    await page.getByRole('button', { name: 'Open all' }).click();
    expect(await page.locator('details:not([open])').count()).toBe(0);
  });

  test('landmarks, headings and a way past them', async () => {
    const page = await open(renderHtml(storyPlan(), someTrips));
    for (const role of ['banner', 'navigation', 'search', 'main', 'contentinfo'] as const)
      expect(await page.getByRole(role).count()).toBe(1);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the changes');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('changes');
    await page.getByRole('link', { name: 'Narrows access 1' }).press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('narrows');
    const summary = page.locator('section.other summary');
    await summary.focus();
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await summary.press('Enter');
    expect(await page.locator('section.other details').getAttribute('open')).toBe('');
    const unnamed = 'form :is(input, select):not(label *), button:empty';
    expect(await page.locator(unnamed).count()).toBe(0);
  });

  test('text of others is shown as text', async () => {
    const plans = hostileTexts.map((text) => hostilePlan(text));
    const plan = {
      ...emptyPlan,
      changes: plans.flatMap(({ plan }) => plan.changes),
      notes: hostileTexts,
    };
    const page = await open(
      renderHtml(
        plan,
        plans.flatMap(({ violations }) => violations),
      ),
    );
    const shown = hostileTexts.map(clean);
    const names = await page.locator('section.removes .name').allTextContents();
    expect(names).toEqual(shown.flatMap((text) => [text, text]));
    expect(await page.locator('.refused li > .u:first-of-type').allTextContents()).toEqual(shown);
    expect(await page.locator('section.box li').allTextContents()).toEqual(shown);
    expect(await page.locator('.change').count()).toBe(6 * hostileTexts.length);
    expect(await page.locator('a').count()).toBe(5);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img, b b, li h1, form form, table, input:not(form *)').count()).toBe(0);
  });

  test('nothing that would break out could run', async () => {
    const html = renderHtml(storyPlan(), []).replace(
      '</main>',
      `<script>document.title = 'run'</script><p onclick="document.title = 'run'" style="color: red">x</p></main>`,
    );
    const page = await open(html);
    await page.locator('main > p', { hasText: /^x$/ }).click();
    expect(await page.title()).toBe('Plan for AWS account 123456789012');
    await expect.poll(() => complaints.length).toBeGreaterThanOrEqual(3);
    for (const complaint of complaints.splice(0)) expect(complaint).toContain('Content Security Policy');
  });

  test.each([
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(20, 23, 28)'],
  ] as const)('%s, as the reader prefers', async (colorScheme, ground) => {
    const page = await open(renderHtml(storyPlan(), someTrips), { colorScheme });
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(ground);
  });

  test('without scripts all is there, and no filter that does nothing', async () => {
    const page = await open(renderHtml(storyPlan(), someTrips), { javaScriptEnabled: false });
    expect(await page.locator('.change').count()).toBe(9);
    expect(await page.locator('form').isVisible()).toBe(false);
    await page.locator('section.other summary').click();
    expect(await page.getByText('allow s3:ListAllMyBuckets').isVisible()).toBe(true);
  });

  test('on paper everything is open, and nothing is cut', async () => {
    const page = await open(renderHtml(storyPlan(), []));
    await page.getByRole('button', { name: 'Close all' }).click();
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect(await page.locator('form').isVisible()).toBe(false);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
  });

  test.each([1_100, 360])('no sideways scrolling at %i pixels', async (width) => {
    const { plan, violations } = hostilePlan('x'.repeat(3_000));
    const page = await open(renderHtml(plan, violations), { viewport: { width, height: 800 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  test('3,000 changes are filtered between two key strokes', async () => {
    const page = await open(renderHtml(largePlan(3_000), []));
    await settle(page, '3,000 changes');
    await page.keyboard.press('/');
    // The first word reads the text of all changes, the others what was read.
    await page.keyboard.type('group');
    await settle(page, 'of 3,000');
    const times = await page.evaluate<number[]>(`(async () => {
      const field = document.querySelector('input[type=search]');
      const times = [];
      for (const text of ['group-0', 'group-00', 'user-001', 's3:List', '']) {
        field.value = text;
        const started = performance.now();
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        times.push(performance.now() - started);
      }
      return times;
    })()`);
    // Tens of milliseconds; the bound leaves room for a busy machine.
    expect(times.sort((a, b) => a - b)[2]).toBeLessThan(500);
    await page.locator('input[type=search]').fill('group-00011');
    await settle(page, '1 of 3,000');
    expect(await visible(page)).toBe(1);
  });

  test('an empty plan', async () => {
    const page = await open(renderHtml(emptyPlan, []));
    expect(await page.getByText('nothing to change').isVisible()).toBe(true);
  });
});
