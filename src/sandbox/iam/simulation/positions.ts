import type { Position } from '@aws-sdk/client-iam';

interface Span {
  readonly start: Position;
  readonly end: Position;
}

/**
 * Where the statements of a document begin and end, as AWS counts: lines and columns from 1. A statement in a list
 * begins behind the bracket or the statement before it, one without a list behind its brace; each ends behind its brace
 * (observed on AWS, and in the examples of the AWS CLI). The text is known to be JSON.
 */
export function statementSpans(text: string): readonly Span[] {
  const place = locator(text);
  let spans: Span[] = [];
  for (let at = skip(text, text.indexOf('{') + 1, ','); text[at] !== '}'; at = skip(text, at, ',')) {
    const colon = skip(text, endOfValue(text, at));
    const value = skip(text, colon + 1);
    const end = endOfValue(text, value);
    if (JSON.parse(text.slice(at, colon)) === 'Statement') {
      spans =
        text[value] === '['
          ? spansOfList(text, value, place)
          : [{ start: place(value + 1), end: place(end) }];
    }
    at = end;
  }
  return spans;
}

function spansOfList(text: string, bracket: number, place: Locator): Span[] {
  const spans: Span[] = [];
  let start = bracket + 1;
  for (let at = skip(text, start); text[at] !== ']'; at = skip(text, start, ',')) {
    const end = endOfValue(text, at);
    spans.push({ start: place(start), end: place(end) });
    start = end;
  }
  return spans;
}

type Locator = (offset: number) => Position;

/** Line and column of offsets, each of which is asked for after all smaller ones. */
function locator(text: string): Locator {
  let [line, start] = [1, 0];
  return (offset) => {
    for (let end = text.indexOf('\n', start); end !== -1 && end < offset; end = text.indexOf('\n', start)) {
      line += 1;
      start = end + 1;
    }
    return { Line: line, Column: offset - start + 1 };
  };
}

/** The next place that holds neither white space nor one of the other characters. */
function skip(text: string, from: number, others = ''): number {
  const skipped = ` \t\r\n${others}`;
  let at = from;
  while (skipped.includes(text[at]!)) at += 1;
  return at;
}

/** The place behind a value of JSON. */
function endOfValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; ;) {
    const char = text[at]!;
    if (char === '"') {
      at += 1;
      while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
      at += 1;
    } else if (char === '{' || char === '[') {
      depth += 1;
      at += 1;
      continue;
    } else if (char === '}' || char === ']') {
      depth -= 1;
      at += 1;
    } else if (/[\s:,]/.test(char)) {
      at += 1;
      continue;
    } else while (/[\w.+-]/.test(text[at]!)) at += 1;
    if (depth === 0) return at;
  }
}
