import type { Collection, Member, Syntax } from './syntax.ts';
import { breakOf, isBlankLine, lineEnd, lineStart, skipBlanks, type Splice } from './text.ts';

/** Joins lines into text to be inserted. */
export const joined = (text: string, indent: string, lines: readonly string[]): string =>
  lines.map((line) => `${indent}${line}${breakOf(text)}`).join('');

/** Where a new line can begin after the line at an offset, and the line break that it may need first. */
export const lineAfter = (text: string, at: number): { at: number; text: string } => {
  const end = at > 0 && text[at - 1] === '\n' ? at : lineEnd(text, at);
  return { at: end, text: end > 0 && text[end - 1] !== '\n' ? breakOf(text) : '' };
};

/** The place below an entry and the more deeply indented comments that belong to it. */
export function behind(syntax: Syntax, { from, to }: Member): { at: number; text: string } {
  const { text } = syntax;
  const indent = from - lineStart(text, from);
  const place = lineAfter(text, to);
  for (let next = place.at; next < text.length; next = lineEnd(text, next)) {
    if (isBlankLine(text, next)) continue;
    const at = skipBlanks(text, next);
    if (at - next <= indent || !syntax.isCommentAt(at)) break;
    place.at = lineEnd(text, next);
    place.text = text[place.at - 1] === '\n' ? '' : breakOf(text);
  }
  return place;
}

/** Adds to the end of `{ … }` or `[ … ]`; on a line of its own if the last entry has one. */
export function spliceFlow(syntax: Syntax, held: Collection, entries: readonly string[]): Splice[] {
  const { text } = syntax;
  const { from, to } = held.inside!;
  const last = held.members.at(-1);
  if (!last) {
    const space = held.kind === 'flow-seq' ? '' : ' ';
    return [{ from, to: from, text: `${space}${entries.join(', ')}${text[from] === ' ' ? '' : space}` }];
  }
  const trailing = held.commas.find((at) => at >= last.to && at < to);
  const comma = trailing === undefined ? ',' : '';
  const end = trailing === undefined ? last.to : trailing + 1;
  const start = lineStart(text, last.from);
  const ownLine = start > from && skipBlanks(text, start) === last.from && lineEnd(text, end) < to;
  if (!ownLine) {
    return [
      { from: end, to: end, text: `${comma} ${entries.join(', ')}${trailing === undefined ? '' : ','}` },
    ];
  }
  // Below the comment beside the last entry.
  const below = lineEnd(text, end);
  const indent = text.slice(start, last.from);
  const lines = entries.map((entry, index) =>
    trailing === undefined && index === entries.length - 1 ? entry : `${entry},`,
  );
  return [
    ...(comma === '' ? [] : [{ from: end, to: end, text: comma }]),
    { from: below, to: below, text: joined(text, indent, lines) },
  ];
}
