/**
 * Patterns with `*` (any characters, also none) and `?` (exactly one character), as IAM reads them in actions
 * and resources, compared as languages: does one match all that another matches; can two match the same text.
 *
 * Sources: IAM User Guide, "IAM JSON policy elements: Action", "… Resource" (wildcards) and
 * "IAM policy elements: Variables and tags" (`${…}`, only in documents of version 2012-10-17).
 */

/** A pattern, read once. */
export interface Glob {
  readonly source: string;
  /** Normal form: `*` and `?` are wild, a token of more than one character is a policy variable. */
  readonly tokens: readonly string[];
  readonly wild: boolean;
  readonly hasStar: boolean;
  readonly hasQuestion: boolean;
  readonly hasVariable: boolean;
  /** The plain text that it begins with, cut where a variable may begin. */
  readonly prefix: string;
  /** Nothing but the prefix and a star. */
  readonly isPrefix: boolean;
  /** Least number of characters that it matches, a variable counted as none. */
  readonly least: number;
}

const isVariable = (token: string): boolean => token.length > 1;

/**
 * Splits into tokens, with every run of wildcards re-ordered to `??…*`: the same language, one spelling.
 * An iteration by UTF-16 unit is on purpose: both sides of a comparison are cut alike.
 */
function tokenise(source: string, variables: boolean): string[] {
  const tokens: string[] = [];
  let questions = 0;
  let star = false;
  const flush = (): void => {
    for (; questions > 0; questions -= 1) tokens.push('?');
    if (star) tokens.push('*');
    star = false;
  };
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at]!;
    if (char === '*') star = true;
    else if (char === '?') questions += 1;
    else {
      flush();
      const end = variables && char === '$' && source[at + 1] === '{' ? source.indexOf('}', at) : -1;
      if (end > 0) {
        tokens.push(source.slice(at, end + 1));
        at = end;
      } else tokens.push(char);
    }
  }
  flush();
  return tokens;
}

/** @param variables whether `${…}` is a policy variable (version 2012-10-17) or plain text. */
export function readGlob(source: string, variables = false): Glob {
  const tokens = tokenise(source, variables);
  const hasStar = tokens.includes('*');
  const hasQuestion = tokens.includes('?');
  const hasVariable = tokens.some(isVariable);
  const least = tokens.reduce((sum, token) => sum + (token === '*' || isVariable(token) ? 0 : 1), 0);
  const prefix = /^[^*?$]*/.exec(source)![0];
  const isPrefix = hasStar && tokens.length === prefix.length + 1;
  const wild = hasStar || hasQuestion;
  return { source, tokens, wild, hasStar, hasQuestion, hasVariable, prefix, isPrefix, least };
}

/** The work of one comparison, in steps, beyond which it answers "not provable". */
const workLimit = 20_000_000;

const sameTokens = (a: Glob, b: Glob): boolean =>
  a.tokens.length === b.tokens.length && a.tokens.every((token, index) => token === b.tokens[index]);

/** A wide pattern with a star: text at the start, runs with gaps of at least so many characters, text at the end. */
interface Runs {
  readonly first: readonly string[];
  readonly middle: readonly (readonly string[])[];
  readonly last: readonly string[];
  /** `gaps[i]`: least characters between run i and the next (the first run is 0). */
  readonly gaps: readonly number[];
}

function split(tokens: readonly string[]): Runs {
  const runs: string[][] = [[]];
  for (const token of tokens) {
    if (token === '*') runs.push([]);
    else runs.at(-1)!.push(token);
  }
  const last = runs.pop()!;
  const gaps = runs.map((run) => {
    let gap = 0;
    for (; run.at(-1) === '?'; run.pop()) gap += 1;
    return gap;
  });
  return { first: runs[0]!, middle: runs.slice(1), last, gaps };
}

function matchesAt(run: readonly string[], text: readonly string[], at: number): boolean {
  if (at + run.length > text.length) return false;
  for (let i = 0; i < run.length; i += 1) {
    if (run[i] !== '?' && run[i] !== text[at + i]) return false;
  }
  return true;
}

/**
 * Whether `wide` matches every text that `narrow` matches. Sound and complete without policy variables, in
 * polynomial time; beyond `workLimit`, and for a variable against `?`, it answers no.
 *
 * Why it is complete: what a wildcard of `narrow` stands for is hardest to match when it is made of a character
 * that `wide` does not name, so only the lengths of its stars matter. Let a star be long: no run of `wide`
 * reaches across it, so some runs match left of it, the others right of it, and the gap between is long
 * enough. Let it be empty: if the gap is still long enough there, it is for every length between; if it is not,
 * then the runs to the right would have to begin later than they can, and the empty star alone disproves it.
 * So each star need only be tried empty and long. After a long star, all that counts is how many runs are
 * already matched, and fewer is harder: one number per star instead of two to the power of stars.
 */
export function includes(wide: Glob, narrow: Glob): boolean {
  if (!narrow.source.startsWith(wide.prefix)) return false;
  if (wide.isPrefix) return true;
  if (!wide.wild) return wide.source === narrow.source && wide.hasVariable === narrow.hasVariable;
  if (wide.least > narrow.least) return sameTokens(wide, narrow);
  if (sameTokens(wide, narrow)) return true;
  // A variable stands for any text, also none: it never counts as the one character of a `?`.
  if (narrow.hasVariable && wide.hasQuestion) return false;
  if (!wide.hasStar) {
    return (
      !narrow.hasStar &&
      narrow.tokens.length === wide.tokens.length &&
      matchesAt(wide.tokens, narrow.tokens, 0)
    );
  }
  const text: string[] = [];
  const stars: number[] = [];
  for (const token of narrow.tokens) {
    if (token === '*') stars.push(text.length);
    else text.push(token);
  }
  if ((stars.length + 1) * text.length * wide.tokens.length > workLimit) return false;

  const { first, middle, last, gaps } = split(wide.tokens);
  if (!matchesAt(first, text, 0) || stars.some((at) => at < first.length)) return false;
  if (!matchesAt(last, text, text.length - last.length)) return false;
  const endOfMiddle = text.length - last.length;

  /** Fewest middle runs matched before each long star. */
  const matched = stars.map(() => middle.length);
  /** From `start` with `done` runs behind, the stars that follow being empty: is all of `wide` matched? */
  const pass = (start: number, done: number, gap: number, nextStar: number): boolean => {
    if (start > endOfMiddle) return false;
    let count = done;
    let end = start;
    let free = start + gap;
    let star = nextStar;
    for (; count < middle.length; count += 1) {
      const run = middle[count]!;
      let at = free;
      while (at + run.length <= text.length && !matchesAt(run, text, at)) at += 1;
      if (at + run.length > text.length) break;
      end = at + run.length;
      for (; star < stars.length && stars[star]! < end; star += 1) {
        matched[star] = Math.min(matched[star]!, count);
      }
      free = end + gaps[count + 1]!;
    }
    for (; star < stars.length; star += 1) matched[star] = Math.min(matched[star]!, count);
    return count === middle.length && free <= endOfMiddle;
  };

  if (!pass(first.length, 0, gaps[0]!, 0)) return false;
  return stars.every((at, index) => pass(at, matched[index]!, 0, index + 1));
}

/** {@link includes} for patterns as text, without policy variables. */
export const globIncludes = (wide: string, narrow: string): boolean =>
  includes(readGlob(wide), readGlob(narrow));

/** Whether some text may match both. A policy variable counts as any text, so that "no" is always right. */
export function mayOverlap(a: Glob, b: Glob): boolean {
  if (!a.wild && !b.wild && !a.hasVariable && !b.hasVariable) return sameTokens(a, b);
  const common = Math.min(a.prefix.length, b.prefix.length);
  if (a.prefix.slice(0, common) !== b.prefix.slice(0, common)) return false;
  const left = a.tokens;
  const right = b.tokens;
  if (left.length * right.length > workLimit) return true;
  const open = (token: string): boolean => token === '*' || isVariable(token);
  /** `row[j]`: the rest of `left` from i and of `right` from j can match the same text. */
  let row: boolean[] = [];
  for (let i = left.length; i >= 0; i -= 1) {
    const next = row;
    row = [];
    for (let j = right.length; j >= 0; j -= 1) {
      if (i === left.length && j === right.length) row[j] = true;
      else if (i === left.length) row[j] = open(right[j]!) && row[j + 1]!;
      else if (j === right.length) row[j] = open(left[i]!) && next[j]!;
      else if (open(left[i]!)) row[j] = next[j]! || row[j + 1]!;
      else if (open(right[j]!)) row[j] = row[j + 1]! || next[j]!;
      else row[j] = (left[i] === '?' || right[j] === '?' || left[i] === right[j]) && next[j + 1]!;
    }
  }
  return row[0]!;
}

/**
 * {@link includes} for the ARNs of resources. The IAM User Guide says that wildcards act within the segments between
 * colons, and that only a `*` at the end of a segment reaches beyond; in practice they reach further. It answers
 * yes only if that is right in both readings.
 */
export function includesResource(wide: Glob, narrow: Glob): boolean {
  if (!includes(wide, narrow)) return false;
  if (!wide.wild || wide.source === narrow.source || !/[?]|\*[^:*]/.test(wide.source)) return true;
  if (wide.hasVariable || narrow.hasVariable) return false;
  const wideParts = wide.source.split(':');
  const narrowParts = narrow.source.split(':');
  const lastOpen = wideParts.at(-1)!.endsWith('*');
  if (wideParts.length > narrowParts.length) return false;
  if (wideParts.length < narrowParts.length && !lastOpen) return false;
  return wideParts.every((part, index) => {
    const other = narrowParts[index]!;
    return globIncludes(part, other) && (!other.endsWith('*') || part.endsWith('*'));
  });
}

/** What of some patterns lies within others: the narrower of two, or the first where neither is. */
export const narrower = (some: readonly Glob[], others: readonly Glob[]): readonly Glob[] =>
  some.flatMap((glob) => {
    if (others.some((other) => includes(other, glob))) return [glob];
    const near = others.filter((other) => mayOverlap(other, glob));
    return near.every((other) => includes(glob, other)) ? near : [glob];
  });
