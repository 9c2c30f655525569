import type { Collection, Syntax } from './syntax.ts';
import { contentEnd, isBlankLine, lineEnd, lineStart, skipBlanks, type Splice } from './text.ts';

const emptyOf = (collection: Collection): string => (collection.kind.endsWith('map') ? '{}' : '[]');

/**
 * Ways to remove a member from a block collection, the tidiest first. They differ in the blank lines around it, which
 * may be part of a neighbour's text.
 */
export function removeFromBlock(syntax: Syntax, collection: Collection, index: number): Splice[][] {
  const { text } = syntax;
  const { members } = collection;
  const { from, to } = members[index]!;
  const start = lineStart(text, from);
  const isAlone = members.length === 1;
  if (skipBlanks(text, start) !== from) return [removeInline(syntax, collection, index)];

  const lines = { from: leadingComments(syntax, from), to: trailingComments(syntax, from, to) };
  const withText = (region: { from: number; to: number }): Splice[] => [
    ...(isAlone ? [emptied(syntax, collection, from, region)] : []),
    { ...region, text: '' },
  ];
  if (isAlone && syntax.before(from) === null) {
    // It is everything that the file contains.
    return [[{ ...lines, text: `${emptyOf(collection)}${text.slice(contentEnd(text, to), lines.to)}` }]];
  }
  const after = blankLinesAfter(text, lines.to);
  return [
    withText(withBlankLines(syntax, collection, index, lines)),
    withText(lines),
    withText({ from: lines.from, to: after.at(-1) ?? lines.to }),
  ];
}

/** `users:` becomes `users: {}`. */
function emptied(
  syntax: Syntax,
  collection: Collection,
  from: number,
  region: { readonly from: number },
): Splice {
  const at = Math.min(syntax.before(from)!.to, region.from);
  return { from: at, to: at, text: ` ${emptyOf(collection)}` };
}

/** Removes a member that shares its first line with its parent: `- name: lorax`. */
function removeInline(syntax: Syntax, collection: Collection, index: number): Splice[] {
  const { text } = syntax;
  const { from, to } = collection.members[index]!;
  if (collection.members.length === 1) return [{ from, to, text: emptyOf(collection) }];
  // Up to the next thing that follows, even if it is a comment.
  let next = to > from && text[to - 1] === '\n' ? to : lineEnd(text, to);
  while (next < text.length && isBlankLine(text, next)) next = lineEnd(text, next);
  return [{ from, to: skipBlanks(text, next), text: '' }];
}

/**
 * Comment lines directly above, at the same indentation. A comment at the beginning of the file belongs to the file.
 */
function leadingComments(syntax: Syntax, from: number): number {
  const first = lineStart(syntax.text, from);
  const start = commentsAbove(syntax, from);
  return start === 0 && start !== first ? first : start;
}

/** Where the comment lines directly above begin, at the same indentation; else the beginning of the line. */
export function commentsAbove(syntax: Syntax, from: number): number {
  const { text } = syntax;
  let start = lineStart(text, from);
  const indent = from - start;
  while (start > 0) {
    const above = lineStart(text, start - 1);
    const at = skipBlanks(text, above);
    if (at - above !== indent || !syntax.isCommentAt(at)) break;
    start = above;
  }
  return start;
}

/** The end of the member's lines, with more deeply indented comments below. */
function trailingComments(syntax: Syntax, from: number, to: number): number {
  const { text } = syntax;
  const indent = from - lineStart(text, from);
  let end = text[to - 1] === '\n' ? to : lineEnd(text, to);
  for (let next = end; next < text.length; next = lineEnd(text, next)) {
    if (isBlankLine(text, next)) continue;
    const at = skipBlanks(text, next);
    if (at - next <= indent || !syntax.isCommentAt(at)) break;
    end = lineEnd(text, next);
  }
  return end;
}

/** Ends of the blank lines from an offset on. */
function blankLinesAfter(text: string, at: number): number[] {
  const ends: number[] = [];
  for (let next = at; next < text.length && isBlankLine(text, next); next = lineEnd(text, next)) {
    ends.push(lineEnd(text, next));
  }
  return ends;
}

/** Starts of the blank lines before an offset, the nearest first. */
function blankLinesBefore(text: string, at: number): number[] {
  const starts: number[] = [];
  for (let next = at; next > 0;) {
    next = lineStart(text, next - 1);
    if (!isBlankLine(text, next)) break;
    starts.push(next);
  }
  return starts;
}

/** Adds the blank lines that would otherwise meet others, begin the collection or end the file. */
function withBlankLines(
  syntax: Syntax,
  collection: Collection,
  index: number,
  lines: { from: number; to: number },
): { from: number; to: number } {
  const { text } = syntax;
  const before = blankLinesBefore(text, lines.from);
  const after = blankLinesAfter(text, lines.to);
  if ((after.at(-1) ?? lines.to) >= text.length && before.length > 0) {
    return { from: before.at(-1)!, to: text.length };
  }
  const identity = index === 0 ? syntax.before(collection.members[0]!.from) : null;
  const isFirst =
    collection.members.length > 1 && identity !== null && lineEnd(text, identity.to) === lines.from;
  const surplus = isFirst ? after.length : Math.min(before.length, after.length);
  return { from: lines.from, to: surplus === 0 ? lines.to : after[surplus - 1]! };
}
