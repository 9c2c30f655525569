import { clean } from './text.ts';

/** cmark-gfm reads no code span whose fence is longer than 80 backticks, so long runs are replaced by their length. */
const tame = (text: string): string => clean(text).replaceAll(/`{40,}/g, (run) => `\\u0060×${run.length}`);

/** One backtick more than the longest run in the texts, and at least `least`. */
function fenceFor(texts: readonly string[], least: number): string {
  let longest = least - 1;
  for (const text of texts) for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return '`'.repeat(longest + 1);
}

/**
 * Other people's text as a code span: nothing in it is markup, a mention, a link or HTML, whatever it holds.
 * Source: GitHub Flavored Markdown, "Code spans": the fence is longer than any run of backticks inside, and one
 * space on both sides is taken off. GitHub reads a dollar sign beside a backtick as mathematics.
 */
export function codeSpan(text: string): string {
  const body = tame(text);
  const fence = fenceFor([body], 1);
  const pad = /^[`$]|[`$]$|^ .* $|^\s*$/.test(body) ? ' ' : '';
  return `${fence}${pad}${body}${pad}${fence}`;
}

/** Other people's lines as a fenced block of code, likewise. */
export function codeBlock(lines: readonly string[], language: string): string {
  const body = lines.map(tame);
  const fence = fenceFor(body, 3);
  return [`${fence}${language}`, ...body, fence].join('\n');
}
