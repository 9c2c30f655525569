import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globIncludes, includes, includesResource, mayOverlap, readGlob } from '../../src/policy/glob.ts';

test.each([
  ['*', '', true],
  ['*', 's3:*', true],
  ['s3:*', '*', false],
  ['s3:Get*', 's3:GetObject', true],
  ['s3:GetObject', 's3:Get*', false],
  ['?', '*', false],
  ['?*', '*', false],
  ['*?', '?*', true],
  ['?*', '*?', true],
  ['*?*?*', '??*', true],
  ['??*', '?*', false],
  // A star that may be empty: the character for `?` comes from what stands beside it.
  ['?*b', '*bb', true],
  ['*b?', 'b*bb', true],
  ['*a*b*', '*ab*', true],
  ['*ab*', '*a*b*', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a*c', false],
  ['*aab*', '*aaab*', true],
  ['*?a', '*a', false],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b/x*y?', true],
  ['arn:aws:s3:::b/*', 'arn:aws:s3:::b', false],
  ['ab', 'ab', true],
  ['', '', true],
  ['', '*', false],
  ['***', '*', true],
])('globIncludes(%j, %j) is %j', (wide, narrow, expected) => {
  expect(globIncludes(wide, narrow)).toBe(expected);
});

const pattern = (symbols: string, maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...symbols.split('')), { maxLength }).map((parts) => parts.join(''));
const expression = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll('?', '.').replaceAll('*', '.*')}$`);

/** Every text that stars of these lengths make, with `#` for a character that no pattern names. */
function texts(narrow: string, fillings: readonly string[]): string[] {
  return narrow
    .split('')
    .reduce(
      (made, char) =>
        char === '*'
          ? made.flatMap((text) => fillings.map((filling) => text + filling))
          : made.flatMap((text) => (char === '?' ? ['a', '#'] : [char]).map((one) => text + one)),
      [''],
    );
}

describe('against brute force', () => {
  const fillings = ['', 'a', 'b', '#', '##', 'ab', '###', '####', '######'];
  test('globIncludes is sound and complete', () => {
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(pattern('ab?*', 6), pattern('ab?**', 5), (wide, narrow) => {
        const all = expression(wide);
        const brute = texts(narrow, fillings).every((text) => all.test(text));
        seen[brute ? 'yes' : 'no'] += 1;
        expect(globIncludes(wide, narrow)).toBe(brute);
      }),
      { numRuns: 3000 },
    );
    expect(seen.yes).toBeGreaterThan(200);
  });

  const words = ['a', 'b', '#'].reduce<string[]>(
    (made) => ['', ...made.flatMap((text) => ['a', 'b', '#'].map((char) => text + char))],
    [''],
  );
  const longer = words.flatMap((text) => words.map((other) => text + other));
  test('mayOverlap is right both ways', () => {
    fc.assert(
      fc.property(pattern('ab?*', 4), pattern('ab?*', 4), (a, b) => {
        const [left, right] = [expression(a), expression(b)];
        const brute = longer.some((text) => left.test(text) && right.test(text));
        expect(mayOverlap(readGlob(a), readGlob(b))).toBe(brute);
      }),
      { numRuns: 1500 },
    );
  });

  test('globIncludes orders patterns: it holds of itself, and from one to the next', () => {
    fc.assert(
      fc.property(pattern('ab?*', 5), pattern('ab?*', 5), pattern('ab?*', 5), (a, b, c) => {
        expect(globIncludes(a, a)).toBe(true);
        const chain = globIncludes(a, b) && globIncludes(b, c);
        expect(!chain || globIncludes(a, c)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

test('long patterns take no exponential time', () => {
  const started = performance.now();
  expect(globIncludes('*a?'.repeat(300), '*b?'.repeat(300))).toBe(false);
  expect(globIncludes(`${'*a'.repeat(200)}*`, `${'*a'.repeat(201)}*`)).toBe(true);
  expect(globIncludes('*'.repeat(5000), '?'.repeat(5000))).toBe(true);
  expect(mayOverlap(readGlob('*a'.repeat(500)), readGlob('a*'.repeat(500)))).toBe(true);
  expect(performance.now() - started).toBeLessThan(3000);
});

describe('policy variables', () => {
  const both = (wide: string, narrow: string): boolean =>
    includes(readGlob(wide, true), readGlob(narrow, true));
  test.each([
    ['home/*', 'home/${aws:username}', true],
    ['home/${aws:username}/*', 'home/${aws:username}/x', true],
    ['home/${aws:username}', 'home/${aws:userid}', false],
    ['home/${aws:username}', 'home/*', false],
    // A variable may be longer or shorter than one character.
    ['home/?', 'home/${aws:username}', false],
    ['home/?*', 'home/${aws:username}', false],
    ['?b*', '${aws:username}bb', false],
    ['home/${*}', 'home/x', false],
    ['*', '${*}', true],
  ])('%j includes %j: %j', (wide, narrow, expected) => {
    expect(both(wide, narrow)).toBe(expected);
  });

  test('`${…}` is plain text with wildcards in it for the old version', () => {
    expect(includes(readGlob('${*}'), readGlob('${x}'))).toBe(true);
    expect(includes(readGlob('${*}', true), readGlob('${x}'))).toBe(false);
    expect(includes(readGlob('${x}'), readGlob('${x}', true))).toBe(false);
    expect(mayOverlap(readGlob('a/${x}', true), readGlob('a/b'))).toBe(true);
  });
});

test.each([
  ['arn:aws:s3:::*', 'arn:aws:s3:::b/x', true],
  ['arn:aws:ec2:*:*:instance/*', 'arn:aws:ec2:eu-west-1:1:instance/i-1', true],
  ['arn:*', 'arn:aws:ec2:*:1:instance/*', true],
  ['arn:aws:s3:::a*b', 'arn:aws:s3:::axb', true],
  ['arn:aws:s3:::a*b', 'arn:aws:s3:::a*b', true],
  // Only if a wildcard within a segment crossed a colon.
  ['arn:aws:x:a*z:y', 'arn:aws:x:a:z:y', false],
  ['arn:aws:x:a?z', 'arn:aws:x:a:z', false],
  ['arn:aws:x:a*b*', 'arn:aws:x:ab:y', true],
])('includesResource(%j, %j) is %j', (wide, narrow, expected) => {
  expect(includesResource(readGlob(wide), readGlob(narrow))).toBe(expected);
});
