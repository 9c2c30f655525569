import { codeSpan } from '../../core/markdown.ts';
import { formatLocation } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { plural } from '../../core/text.ts';
import { bodyLength } from './sticky.ts';

/** A text that is made to fit into that many bytes. */
export type Page = (limit: number) => string;

const shorten = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}\n… cut here; the job's log has all of it`;

/** Other people's text, unchanged, in a code block that nothing in it can end. */
function fenced(text: string, most: number): string {
  const shown = shorten(text, most);
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown.trimEnd()}\n${fence}\n`;
}

const most = 50;

export function invalidPage(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const lines = errors.slice(0, most).map(({ at, message, hint }) => {
    const place = at ? `${codeSpan(formatLocation(at))}: ` : '';
    return `- ${place}${codeSpan(message)}${hint ? `. Hint: ${codeSpan(hint)}` : ''}`;
  });
  const rest = errors.length - lines.length;
  return [
    `### rollcall: the manifests have ${plural(errors.length, 'error')}`,
    '',
    'There is no plan until they are right.',
    '',
    ...lines,
    ...(rest > 0 ? [`- … and ${rest} more in the job's log`] : []),
    '',
  ].join('\n');
}

export const failedPage = (title: string, said: string): string =>
  `### rollcall: ${title}\n\n${fenced(said, 20_000)}`;

/** Characters of what was made, which a page of a job shows whole: nobody is told it again. */
const mostMade = 700_000;

/**
 * The page about an apply, by its exit code.
 *
 * @param made what it made, which is in stdout too, unless that is too long to be shown whole.
 */
export function appliedPage(code: number | null, stdout: string, stderr: string, made = ''): string {
  const titles: { readonly [code: string]: string } = {
    0: 'applied',
    2: 'applied, but for what only a person can settle',
    3: 'refused by a rail; nothing was changed',
    4: 'the plan is stale; nothing was changed',
    5: 'partly applied',
  };
  const title = titles[String(code)] ?? 'apply failed';
  // Overridden rails are at the top of stdout, and must be seen however much went wrong, so only stderr is cut short.
  const said = [shorten(stderr.trim(), 10_000), stdout.trim()].filter((text) => text !== '');
  const page = failedPage(title, said.join('\n\n'));
  return page.includes(made.trim()) ? page : `${page}\n${fenced(made, mostMade)}`;
}

/** The page with a line about where it comes from. */
export function signed(page: Page, about: { readonly commit?: string; readonly runUrl?: string }): string {
  const { commit, runUrl } = about;
  const parts = [
    ...(commit && /^[0-9a-f]{7,64}$/.test(commit) ? [`commit ${commit.slice(0, 12)}`] : []),
    ...(runUrl ? [`[run](${runUrl})`] : []),
  ];
  const line = parts.length === 0 ? '' : `\n<sub>${parts.join(' · ')}</sub>\n`;
  return page(bodyLength - line.length - room) + line;
}

/** Room for a hidden first line. */
const room = 100;
