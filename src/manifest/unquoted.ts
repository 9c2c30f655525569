import { quote } from '../core/text.ts';
import type { Source } from '../core/tree.ts';

/** Nobody writes a longer pattern. */
const longest = 200;

/** What a line holds up to an offset. */
const before = ({ text }: Source, offset: number): string =>
  text.slice(Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - longest), offset);

/**
 * What somebody wrote as text from an offset on, without quotes: to the end of the line, to a comment, or, between
 * brackets, to the end of the entry.
 */
function plainFrom(source: Source, offset: number): string {
  const [line] = /[^\r\n]*/.exec(source.text.slice(offset, offset + longest))!;
  const plain = line.replace(/\s#.*$/, '');
  const lead = before(source, offset);
  const open = lead.replace(/[^[{]/g, '').length - lead.replace(/[^\]}]/g, '').length;
  return (open > 0 || /[,\]}]\s*$/.test(plain) ? plain.replace(/[,\]}].*$/, '') : plain).trim();
}

/** The same with its key and in quotes: `quote it: Resource: "*"`. */
export function quoteHint(source: Source, offset: number, text = plainFrom(source, offset)): string {
  const [, key = ''] = /(?:^|[\s{,-])([\w'"]+: +)$/.exec(before(source, offset)) ?? [];
  return `quote it: ${key}${quote(text)}`;
}

/** The alias right before what does not belong there, such as `*` in `*: {}`; null if there is none. */
export function aliasBefore(source: Source, offset: number): { text: string; offset: number } | null {
  const lead = before(source, offset);
  const [, alias] = /(?:^|[\s[{,])(\*[^\s,[\]{}]*)\s*$/.exec(lead) ?? [];
  if (alias === undefined) return null;
  return { text: alias.replace(/:$/, ''), offset: offset - lead.length + lead.lastIndexOf(alias) };
}
