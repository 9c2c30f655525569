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

function matches(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length;) {
    const expected = pattern[at];
    if (expected === '*') {
      star = at++;
      resume = index;
    } else if (expected !== undefined && (expected === '?' || expected === name[index])) {
      at++;
      index++;
    } else if (star !== -1) {
      // Let the last star take one more character.
      at = star + 1;
      index = ++resume;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
