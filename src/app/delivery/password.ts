import { randomInt } from 'node:crypto';
import type { PasswordRules } from '../../aws/secrets.ts';

/** Twice and more what the policies of most accounts ask for: about 149 bits. */
const leastLength = 24;
/** Source: IAM User Guide, "Set an account password policy for IAM users" (128 is IAM's own maximum). */
const mostLength = 128;

/**
 * Without what is taken for another character in some font: 0 O o, 1 l I |, and ' which programs turn into
 * typographic quotes. The symbols are among those that IAM counts: ! @ # $ % ^ & * ( ) _ + - = [ ] { } | '
 */
const classes = [
  'abcdefghijkmnpqrstuvwxyz',
  'ABCDEFGHJKLMNPQRSTUVWXYZ',
  '23456789',
  '!@#$%^&*()_+-=[]{}',
] as const;
const alphabet = classes.join('');

/**
 * A random password that any policy of IAM accepts: it always has all four classes, so that only the length
 * depends on the policy. Without a policy (null) IAM's default asks for 8 characters of three classes.
 */
export function generatePassword(rules: PasswordRules | null): string {
  const length = Math.min(mostLength, Math.max(leastLength, rules?.minimumLength ?? 0));
  // Drawing again, rather than putting one of each class in place, keeps all passwords equally likely.
  for (;;) {
    const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]!).join('');
    if (classes.every((letters) => Array.from(letters).some((letter) => password.includes(letter))))
      return password;
  }
}
