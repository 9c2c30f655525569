import { objectRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';

/** What the passwords of the account's users must be like. */
export const about = {
  name: 'password',
  only: 'policy',
  plural: 'password policies',
  section: 'account.passwordPolicy',
} as const;

/** The rules as they were: gone once this plan has changed them. */
export const formerRulesRef: Ref = partRef(objectRef(about.name, about.only), 'former');

export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireSymbols: boolean;
  readonly requireNumbers: boolean;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly allowUsersToChange: boolean;
  /** Days; null: passwords do not expire. */
  readonly maxAge: number | null;
  /** How many earlier passwords cannot be used again; null: any can. */
  readonly reusePrevention: number | null;
  readonly hardExpiry: boolean;
}
export type Rule = keyof PasswordPolicy;

/** What IAM takes for what UpdateAccountPasswordPolicy leaves out, in the order in which rules are shown. */
export const defaults: PasswordPolicy = {
  minimumLength: 6,
  requireSymbols: false,
  requireNumbers: false,
  requireUppercase: false,
  requireLowercase: false,
  allowUsersToChange: false,
  maxAge: null,
  reusePrevention: null,
  hardExpiry: false,
};
export const rules = Object.keys(defaults) as readonly Rule[];
