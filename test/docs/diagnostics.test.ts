import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { describe, expect, onTestFinished, test } from 'vitest';
import { explanations } from '../../src/core/diagnostics.ts';
import type { Explanation } from '../../src/core/diagnostics.ts';
import { Report } from '../../src/core/report.ts';
import { loadManifests } from '../../src/manifest/index.ts';

const root = resolve(import.meta.dirname, '../..');
const all: readonly (readonly [code: string, Explanation])[] = Object.entries(explanations);
const byCode = all.toSorted(([a], [b]) => (a < b ? -1 : 1));

const section = ([code, { means, why, fix, example, shows }]: (typeof all)[number]): string =>
  `## ${code}

${means}

\`\`\`${shows ?? 'yaml'}
${example}
\`\`\`

**Why:** ${why}

**What to do:** ${fix}`;

const page = `# Diagnostics

<!-- Made by \`npm run diagnostics\` from src/core/diagnostics.ts; do not edit. -->

Every error and warning about manifests ends in its code: \`[unknown-key]\`. \`rollcall explain-code CODE\` prints what
stands here. Codes stay as they are when a message changes, so scripts may rely on them (\`rollcall validate --json\`).

${byCode.map(section).join('\n\n')}
`;

test('docs/diagnostics.md says what the code says (npm run diagnostics)', async () => {
  const file = join(root, 'docs/diagnostics.md');
  const text = await format(page, { ...(await resolveConfig(file)), filepath: file });
  await expect(text).toMatchFileSnapshot(file);
});

test('a code without an explanation does not compile', () => {
  const report = new Report();
  // @ts-expect-error: no such code
  report.error('no-such-code', undefined, 'wrong');
  report.error('unknown-key', undefined, 'right');
  expect(report.list()).toHaveLength(2);
});

test('every code is in use', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'core/diagnostics.ts')
    .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
    .join('\n');
  expect(all.filter(([code]) => !source.includes(`'${code}'`)).map(([code]) => code)).toEqual([]);
});

describe('every example shows its code', () => {
  const shown = all.filter(([, { shows }]) => shows !== 'text');

  test('and most codes have one', () => expect(shown.length).toBeGreaterThan(all.length / 2));

  test.each(shown)('%s', async (code, { example, shows }) => {
    const dir = mkdtempSync(join(tmpdir(), 'rollcall-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    if (shows === 'json') writeFileSync(join(dir, 'document.json'), example);
    const manifest = shows === 'json' ? 'policies: { reports: { document: ./document.json } }' : example;
    writeFileSync(join(dir, 'example.yaml'), `${manifest}\n`);
    if (!/account/.test(example)) writeFileSync(join(dir, 'account.yaml'), "account: '123456789012'\n");
    const { diagnostics } = await loadManifests(dir, { now: new Date('2027-01-01T00:00:00Z') });
    expect(diagnostics.map((one) => one.code)).toContain(code);
  });
});
