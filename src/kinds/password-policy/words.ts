import { plural } from '../../core/text.ts';
import { fill } from '../change.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';
import { signOf } from '../facts.ts';
import type { PasswordPolicy, Rule } from './about.ts';

/** Null: there is no policy on that side. */
export interface RuleFact {
  readonly fact: 'password-rule';
  readonly rule: Rule;
  readonly before: PasswordPolicy[Rule] | null;
  readonly after: PasswordPolicy[Rule] | null;
}
export interface PolicyFact {
  readonly fact: 'password-policy';
  readonly before: boolean;
  readonly after: boolean;
}

const reasonTexts = {
  'passwords-only': () => 'it changes what passwords must be like, and nobody’s permissions',
  weaker: ({ rules }: { rules: readonly Rule[] }) =>
    `passwords may be weaker than before: ${rules.map((rule) => names[rule]).join(', ')}`,
  'aws-default': () => 'AWS’s default takes its place: 8 characters of three kinds',
};

const dangerTexts = {
  'passwords-expire': ({ days, locked }: { days: number; locked: boolean }) =>
    `passwords older than ${plural(days, 'day')} expire at once: ${
      locked
        ? 'who has one cannot sign in until an administrator sets a new one'
        : 'who has one must set a new one at the next sign-in'
    }`,
};

export type PasswordPolicyChange = Changes<
  'password',
  { object: RuleFact | PolicyFact },
  FromTemplates<typeof reasonTexts>,
  FromTemplates<typeof dangerTexts>
>;

export const expiryLabel = 'expires passwords';

const names: { readonly [rule in Rule]: string } = {
  minimumLength: 'minimum length',
  requireSymbols: 'symbols required',
  requireNumbers: 'numbers required',
  requireUppercase: 'upper case required',
  requireLowercase: 'lower case required',
  allowUsersToChange: 'users may change it',
  maxAge: 'maximum age in days',
  reusePrevention: 'earlier passwords not to be used again',
  hardExpiry: 'hard expiry',
};

const valueText = (value: RuleFact['after']): string =>
  value === null ? 'none' : typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);

const factText = (fact: RuleFact | PolicyFact): string =>
  fact.fact === 'password-policy'
    ? 'a policy of the account’s own'
    : `${names[fact.rule]}: ${valueText(fact.before)} → ${valueText(fact.after)}`;

export const passwordPolicyWords: Words<PasswordPolicyChange> = {
  summary({ facts }) {
    const policy = facts.find(({ fact }) => fact === 'password-policy');
    if (policy) return policy.after ? 'set' : 'removed';
    return facts.map(factText).join(', ');
  },
  details: ({ facts, reasons }) => [
    ...(facts.some(({ fact }) => fact === 'password-policy')
      ? facts
          .filter((fact) => fact.fact === 'password-rule')
          .map((fact) => ({
            sign: signOf(fact),
            text: `${names[fact.rule]}: ${valueText(fact.after ?? fact.before)}`,
          }))
      : []),
    // No effect on access, but what a reviewer must know.
    ...reasons
      .filter(({ code }) => code !== 'passwords-only')
      .map((one) => ({ sign: ' ' as const, text: fill(reasonTexts, one) })),
  ],
  fact: (fact) => `${signOf(fact)} ${factText(fact)}`,
  reason: (one) => fill(reasonTexts, one),
  danger: (one) => ({ label: expiryLabel, text: fill(dangerTexts, one) }),
};
