import type { Collection, Syntax } from './syntax.ts';
import { contentEnd, lineEnd, lineStart, skipBlanks, skipBlanksBack, type Splice } from './text.ts';

/** Removes a member from `{ a: 1, b: 2 }` or `[a, b]`, on however many lines. */
export function removeFromFlow(syntax: Syntax, collection: Collection, index: number): Splice[][] {
  const { text } = syntax;
  const { members, commas } = collection;
  const inside = collection.inside!;
  const { from, to } = members[index]!;
  const previous = members[index - 1];
  const next = members[index + 1];
  const commaBefore = previous && commas.find((at) => at >= previous.to && at < from);
  const commaAfter = commas.find((at) => at >= to && (!next || at < next.from));
  const cut = (start: number, end: number): Splice => ({ from: start, to: end, text: '' });

  if (members.length === 1 && isOnlyOwn(syntax, collection)) return [[cut(inside.from, inside.to)]];

  // Also the comma before it, if there is none after it: `[a, b]` becomes `[a]`.
  const dangling = commaAfter === undefined && commaBefore !== undefined ? commaBefore : null;
  const said = (commaAfter ?? to - 1) + 1;
  const rest = skipBlanks(text, said);
  const endsLine = rest >= contentEnd(text, rest) || syntax.isCommentAt(rest);
  const start = lineStart(text, from);
  const beginsLine = skipBlanks(text, start) === from && start > inside.from;
  if (beginsLine && endsLine) {
    return [
      [
        ...(dangling === null ? [] : [cut(dangling, dangling + 1)]),
        cut(leadingComments(syntax, from, inside.from), lineEnd(text, rest)),
      ],
    ];
  }
  if (dangling !== null) {
    const gap = text.slice(dangling + 1, from);
    return gap.trim() === '' && !gap.includes('\n')
      ? [[cut(dangling, to)]]
      : [[cut(dangling, dangling + 1), cut(skipBlanksBack(text, from), to)]];
  }
  if (commaAfter === undefined) return [[cut(from, to)]];
  if (!endsLine) return [[cut(from, rest)]];
  // It is the last on its line. A comment there belongs to it only if nothing else is on the line.
  const isFirst = skipBlanksBack(text, from) === inside.from;
  const ownGap = next && text.slice(contentEnd(text, rest), next.from).trim() === '';
  return isFirst && ownGap ? [[cut(from, next.from)]] : [[cut(skipBlanksBack(text, from), said)]];
}

/** Whether the brackets contain only this member and a comment beside it. */
function isOnlyOwn(syntax: Syntax, { members, inside }: Collection): boolean {
  const { text } = syntax;
  const { from, to } = members[0]!;
  const start = leadingComments(syntax, from, inside!.from);
  const end = Math.min(inside!.to, contentEnd(text, to));
  return !syntax.hasComment(inside!.from, start) && !syntax.hasComment(end, inside!.to);
}

/** Comment lines directly above, at the same indentation. */
function leadingComments(syntax: Syntax, from: number, least: number): number {
  const { text } = syntax;
  let start = lineStart(text, from);
  const indent = from - start;
  if (skipBlanks(text, start) !== from) return from;
  while (start > least) {
    const above = lineStart(text, start - 1);
    const at = skipBlanks(text, above);
    if (above <= least || at - above !== indent || !syntax.isCommentAt(at)) break;
    start = above;
  }
  return start;
}
