import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, listWords, nearest, plural, quote } from '../../src/core/text.ts';

describe('text helpers', () => {
  it('measures edits, swaps of neighbours as one', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('dale', 'dael')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('same', 'same')).toBe(0);
    expect(editDistance('completely', 'different', 2)).toBe(3);
  });

  it('finds what was probably meant', () => {
    expect(nearest('Admins', ['admins', 'admin'])).toBe('admins');
    expect(nearest('admni', ['admins', 'admin'])).toBe('admin');
    expect(nearest('read', ['read-reports', 'write-reports'])).toBe('read-reports');
    expect(nearest('read', ['read-reports', 'read-tables'])).toBeNull();
    expect(nearest('x', ['y'])).toBeNull();
    expect(nearest('ab', ['b', 'c', 'aB'])).toBe('aB');
    expect(nearest('cat', ['car', 'bat'])).toBe('bat');
    expect(didYouMean('zzz', [])).toBeUndefined();
    expect(didYouMean('lorx', ['lorax'])).toBe('did you mean "lorax"?');
  });

  it('writes lists and numbers', () => {
    expect([
      listWords([]),
      listWords(['a']),
      listWords(['a', 'b']),
      listWords(['a', 'b', 'c'], 'and'),
    ]).toEqual(['', 'a', 'a or b', 'a, b and c']);
    expect([plural(1, 'user'), plural(2, 'user'), plural(0, 'policy', 'policies')]).toEqual([
      '1 user',
      '2 users',
      '0 policies',
    ]);
    expect(quote('a"b\n')).toBe(String.raw`"a\"b\n"`);
    expect(quote('x'.repeat(100), 10)).toBe(`"${'x'.repeat(9)}…"`);
  });
});
