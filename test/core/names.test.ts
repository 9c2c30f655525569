import { expect, test } from 'vitest';
import { globMatcher, nameMatcher } from '../../src/core/glob.ts';
import { NameMap, sameName, spellingIn } from '../../src/core/names.ts';

test('names are the same in any case', () => {
  expect(sameName('Break-Glass', 'bREAK-gLASS')).toBe(true);
  expect(sameName('break-glass', 'break_glass')).toBe(false);
});

test('a map of names keeps the first spelling and the last value', () => {
  const map = new NameMap([
    ['Dale', 1],
    ['DALE', 2],
  ]);
  expect([map.get('dale'), map.spelling('dale'), map.has('lorax')]).toEqual([1, 'Dale', false]);
  map.set('dale', 3);
  expect([map.get('DALE'), map.spelling('DALE')]).toEqual([3, 'Dale']);
  expect(map.values()).toEqual([3]);
});

test('the same spelling comes before another one', () => {
  expect(spellingIn(['Dale', 'dale'], 'dale')).toBe('dale');
  expect(spellingIn(['Dale', 'dale'], 'DALE')).toBe('Dale');
  expect(spellingIn(['lorax'], 'dale')).toBeUndefined();
});

test('patterns of names match in any case, patterns of other texts do not', () => {
  expect(nameMatcher(['SVC-*', 'b?t'])('svc-Legacy')).toBe(true);
  expect(nameMatcher(['SVC-*', 'b?t'])('BOT')).toBe(true);
  expect(nameMatcher(['SVC-*'])('service')).toBe(false);
  expect(globMatcher(['SVC-*'])('svc-legacy')).toBe(false);
});
