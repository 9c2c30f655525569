/** Lines of a text by offset. Line breaks are `\n` and `\r\n`. */
export const lineStart = (text: string, at: number): number =>
  // A negative position counts as 0 for lastIndexOf.
  at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;

/** The offset after the line's break. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found + 1;
}

/** The offset of the line's break. */
export function contentEnd(text: string, at: number): number {
  const end = lineEnd(text, at);
  if (text[end - 1] !== '\n') return end;
  return end - 2 >= at && text[end - 2] === '\r' ? end - 2 : end - 1;
}

/** The first offset from `at` on that holds no space or tab. */
export function skipBlanks(text: string, at: number): number {
  let end = at;
  while (text[end] === ' ' || text[end] === '\t') end += 1;
  return end;
}

/** The offset after the last character before `at` that is no space or tab. */
export function skipBlanksBack(text: string, at: number): number {
  let start = at;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start -= 1;
  return start;
}

export const isBlankLine = (text: string, start: number): boolean =>
  skipBlanks(text, start) >= contentEnd(text, start);

/** The line break that the text uses. */
export const breakOf = (text: string): string => (/\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n');

/** Replaces the text from one offset to another. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Applies splices that do not overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const splice of [...splices].sort((a, b) => a.from - b.from)) {
    if (splice.from < at) throw new Error('splices overlap');
    parts.push(text.slice(at, splice.from), splice.text);
    at = splice.to;
  }
  return `${parts.join('')}${text.slice(at)}`;
}
