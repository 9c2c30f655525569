import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { generatePassword } from '../../src/app/delivery/index.ts';
import type { PasswordRules } from '../../src/aws/secrets.ts';

/** What IAM's documentation of UpdateAccountPasswordPolicy asks of a password; null: its default policy. */
function violations(password: string, rules: PasswordRules | null): string[] {
  const has = {
    symbols: /[!@#$%^&*()_+\-=[\]{}|']/.test(password),
    numbers: /[0-9]/.test(password),
    uppercase: /[A-Z]/.test(password),
    lowercase: /[a-z]/.test(password),
  };
  const most = 128;
  const wrong: [boolean, string][] = [
    [password.length < (rules?.minimumLength ?? 8), 'too short'],
    [password.length > most, 'too long'],
    [rules?.requireSymbols === true && !has.symbols, 'no symbol'],
    [rules?.requireNumbers === true && !has.numbers, 'no number'],
    [rules?.requireUppercase === true && !has.uppercase, 'no upper case'],
    [rules?.requireLowercase === true && !has.lowercase, 'no lower case'],
    [rules === null && Object.values(has).filter(Boolean).length < 3, 'fewer than three classes'],
    [/[^A-Za-z0-9!@#$%^&*()_+\-=[\]{}|']/.test(password), 'a character that IAM does not count'],
  ];
  return wrong.filter(([is]) => is).map(([, what]) => what);
}

const policies: fc.Arbitrary<PasswordRules | null> = fc.option(
  fc.record(
    {
      minimumLength: fc.integer({ min: 6, max: 128 }),
      requireSymbols: fc.boolean(),
      requireNumbers: fc.boolean(),
      requireUppercase: fc.boolean(),
      requireLowercase: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
);

test('every password meets its policy, is long enough and has all four classes', () => {
  const all = { requireSymbols: true, requireNumbers: true, requireUppercase: true, requireLowercase: true };
  fc.assert(
    fc.property(policies, (rules) => {
      const password = generatePassword(rules);
      expect(violations(password, rules)).toEqual([]);
      expect(violations(password, all)).toEqual([]);
      expect(password).toHaveLength(Math.max(24, rules?.minimumLength ?? 0));
    }),
    { numRuns: 2000 },
  );
});

test('no character is taken for another', () => {
  const seen = new Set(Array.from({ length: 500 }, () => generatePassword({ minimumLength: 128 })).join(''));
  for (const letter of "0Oo1lI|'") expect(seen).not.toContain(letter);
  expect(seen.size).toBe(74);
});

test('never longer than IAM takes', () => {
  expect(generatePassword({ minimumLength: 500 })).toHaveLength(128);
});

test('all characters come equally often', () => {
  const counts = new Map<string, number>();
  const text = Array.from({ length: 2000 }, () => generatePassword({ minimumLength: 128 })).join('');
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  const expected = text.length / 74;
  // 73 degrees of freedom: 150 is passed by chance less than once in a million runs.
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(chiSquared).toBeLessThan(150);
});
