import type { Quotas } from './iam/context.ts';

export interface IamOptions {
  /** Twelve digits; default 123456789012. */
  readonly account?: string;
  readonly partition?: string;
  /** Keeps the account in this file; without it everything is lost when the sandbox ends. */
  readonly file?: string;
  readonly clock?: () => Date;
  /** The same seed gives the same ids and secrets in the same order. */
  readonly seed?: number;
  /** Evaluate the policies of users who call with keys made here. */
  readonly enforce?: boolean;
  /** Refuse access keys that are neither the operator's nor made here. */
  readonly strict?: boolean;
  /** Quotas that are raised (or lowered, for tests), as AWS Support would. */
  readonly quotas?: Partial<Quotas>;
  /** Account aliases that other accounts have: an alias is unique in all of AWS. */
  readonly takenAliases?: readonly string[];
  /**
   * Public keys (PEM, RSA) of issuers of identity tokens, by the issuer's URL. The sandbox signs for all others itself.
   */
  readonly issuers?: Readonly<Record<string, string>>;
  /** How many calls the journal keeps; default 100,000. */
  readonly journalCap?: number;
}
