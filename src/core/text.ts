import { byText } from './json.ts';

/** `1 user`, `2 users`. `plural(2, 'policy', 'policies')` for words whose plural is not made with an s. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `a`, `a or b`, `a, b or c`. */
export function listWords(words: readonly string[], conjunction = 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)!}`;
}

/** `a, b`; of more than `most` the first, and how many more. */
export const listSome = (words: readonly string[], most = 20): string =>
  words.length > most
    ? `${words.slice(0, most).join(', ')} and ${words.length - most} more`
    : words.join(', ');

/** The text in double quotes, control characters escaped, and cut to a length that fits a message. */
export function quote(text: string, most = 80): string {
  const short = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return JSON.stringify(short);
}

/**
 * Edit distance with swaps of neighbours (optimal string alignment), or `most + 1` if it is more than `most`. Distant
 * texts are given up early, so that searching many names stays cheap.
 */
export function editDistance(a: string, b: string, most = Number.MAX_SAFE_INTEGER): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      }
      row.push(distance);
      least = Math.min(least, distance);
    }
    if (least > most) return most + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * The candidate that somebody most likely meant, or null: another case, else few typing errors for its length,
 * else the one candidate that the word begins (`read` for `read-reports`). Ties go by text order.
 */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const lower = word.toLowerCase();
  let most = Math.min(3, Math.floor(word.length / 3) + (word.length > 3 ? 1 : 0));
  let best: string | null = null;
  const extensions: string[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (lower.length > 2 && other.startsWith(lower)) extensions.push(candidate);
    const distance = editDistance(lower, other, most);
    if (distance > most) continue;
    if (best === null || distance < most || byText(candidate, best) < 0) best = candidate;
    most = distance;
  }
  return best ?? (extensions.length === 1 ? extensions[0]! : null);
}

/** `did you mean "x"?`, or undefined if nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === null ? undefined : `did you mean ${quote(found)}?`;
}

/**
 * Makes other people's text, such as names and tags, safe to show: no control, line-breaking, direction-changing or
 * invisible character of theirs, and no half of a surrogate pair, reaches a terminal, a page or a log.
 */
export const clean = (text: string): string => text.replaceAll(unsafe, '\ufffd');

/** `clean` for text of several lines of our own. */
export const cleanLines = (text: string): string =>
  text.replaceAll(unsafe, (char) => (char === '\n' || char === '\t' ? char : '\ufffd'));

/**
 * JSON that is safe to show: the characters that `clean` replaces are escaped, so that it parses to the same value.
 */
export const shownJson = (value: unknown, space = 2): string =>
  JSON.stringify(value, null, space).replaceAll(unsafe, (char) => (char === '\n' ? char : escape(char)));

const escape = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');

const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
