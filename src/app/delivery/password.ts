import { randomInt } from 'node:crypto';
import type { PasswordRules } from '../../aws/secrets.ts';

/** At least twice what the policies of most accounts ask for: about 149 bits. */
const leastLength = 24;
/** Source: IAM User Guide, "Set an account password policy for IAM users" (128 is IAM's own maximum). */
const mostLength = 128;

/**
 * No characters that look like others in some fonts (0 O o, 1 l I |), and no ' because programs turn it into
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
 * A random password that every IAM password policy accepts: it always has characters of all four classes, so only the
 * length depends on the policy. Without a policy (null), IAM's default asks for 8 characters of three classes.
 */
export function generatePassword(rules: PasswordRules | null): string {
  const length = Math.min(mostLength, Math.max(leastLength, rules?.minimumLength ?? 0));
  // Draw again until all classes are there. Placing one of each class would make some passwords likelier than others.
  for (;;) {
    const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]!).join('');
    if (classes.every((letters) => Array.from(letters).some((letter) => password.includes(letter))))
      return password;
  }
}
