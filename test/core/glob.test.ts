import { expect, test } from 'vitest';
import { globMatcher } from '../../src/core/glob.ts';

test.each([
  ['svc-*', 'svc-build', true],
  ['svc-*', 'my-svc-build', false],
  ['svc-*', 'svc', false],
  ['*-legacy', 'svc-legacy', true],
  ['*-legacy', 'svc-legacy-2', false],
  ['svc', 'svc', true],
  ['svc', 'svc2', false],
  ['svc', 'sv', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['*', 'anything', true],
  ['**', 'anything', true],
  ['a.c', 'abc', false],
  ['A*', 'abc', false],
  ['*a*b', 'xaybzb', true],
])('%s and %s: %s', (pattern, name, expected) => {
  expect(globMatcher([pattern])(name)).toBe(expected);
  expect(globMatcher(['nobody', pattern])(name)).toBe(expected);
});

test('no pattern matches nothing', () => {
  expect(globMatcher([])('dale')).toBe(false);
});
