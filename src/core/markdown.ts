import { clean } from './text.ts';

/**
 * Other people's text as a code span: nothing in it is markup, a mention, a link or HTML, whatever it holds.
 * Source: GitHub Flavored Markdown, "Code spans": the fence is longer than any run of backticks inside.
 */
export function codeSpan(text: string): string {
  const body = clean(text);
  const runs = body.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  const pad = /^`|`$|^ .* $|^\s*$/.test(body) ? ' ' : '';
  return `${fence}${pad}${body}${pad}${fence}`;
}
