import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostile, hostileTexts } from './arbitraries.ts';
import { hostileMarkdown, outsideOfCode } from './github.ts';

const extensions = ['autolink', 'table', 'strikethrough', 'tasklist', 'footnotes'];

/** GitHub's own parser, where it is installed (Debian: cmark-gfm). */
const cmark = (markdown: string): string => {
  const args = ['--unsafe', '--hardbreaks', ...extensions.flatMap((name) => ['-e', name])];
  const { stdout, status } = spawnSync('cmark-gfm', args, { input: markdown, encoding: 'utf8' });
  if (status !== 0) throw new Error('cmark-gfm failed');
  return stdout;
};
const hasCmark = spawnSync('cmark-gfm', ['--version']).status === 0;

describe('text of others changes nothing around it', () => {
  const plain = hostileMarkdown('plain');

  test.skipIf(!hasCmark)(`so says GitHub's parser too${hasCmark ? '' : ' (skipped: no cmark-gfm)'}`, () => {
    const expected = outsideOfCode(cmark(plain));
    for (const text of hostileTexts) expect(outsideOfCode(cmark(hostileMarkdown(text)))).toBe(expected);
    fc.assert(
      fc.property(hostile, (text) => {
        expect(outsideOfCode(cmark(hostileMarkdown(text)))).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });
});
