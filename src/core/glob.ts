import { nameKey } from './names.ts';

/**
 * Name patterns of `ignore`: `*` matches any text, `?` any one character, everything else itself without case. Matched
 * by hand: as a regular expression, a pattern of many stars could take years.
 */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const matchesKey = globMatcher(patterns.map(nameKey));
  return (name) => matchesKey(nameKey(name));
}

/** The same for texts in which case counts. */
export const globMatcher =
  (patterns: readonly string[]): ((text: string) => boolean) =>
  (text) =>
    patterns.some((pattern) => matches(pattern, text));

/** Whether a text matches a pattern, in which one character stands for any text and another for any one character. */
export function matches(pattern: string, text: string, any = '*', one = '?'): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length;) {
    const expected = pattern[at];
    if (expected === any) {
      star = at++;
      resume = index;
    } else if (expected !== undefined && (expected === one || expected === text[index])) {
      at++;
      index++;
    } else if (star !== -1) {
      // Let the last star take one more character.
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === any) at++;
  return at === pattern.length;
}
