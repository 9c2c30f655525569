/**
 * `rollcall/policy`: what IAM policy documents allow, and what a change of one does to access. Pure functions of parsed
 * JSON, without any call.
 */
import { accessBy } from '../access/compare.ts';
import { dangersOf, isAdministrator as administrates, openTrust } from '../access/dangers.ts';
import type { Json } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { dangerText } from '../kinds/danger-words.ts';
import { checkDocument as check } from '../policy/grammar/index.ts';
import { compareDocuments as compare, differenceText } from '../policy/index.ts';

export type { Json, JsonObject } from '../core/json.ts';
export type { PolicyDocument } from '../core/state.ts';
export { explain, sameMeaning } from '../policy/index.ts';

/** What it does to access when one policy document replaces another. */
export interface Comparison {
  /**
   * `narrows`: proved that nothing becomes allowed; `widens`: proved that nothing stops being allowed; `none`: both;
   * `mixed`: neither could be proved, so it may widen.
   */
  readonly effect: 'widens' | 'narrows' | 'none' | 'mixed';
  /** One short sentence. */
  readonly reason: string;
}

/**
 * Compares the meaning of documents, wildcards and conditions included. The result holds whatever other policies their
 * holder has.
 *
 * @param before null if there was none.
 * @param after null if there is none any more.
 */
export function compareDocuments(before: PolicyDocument | null, after: PolicyDocument | null): Comparison {
  const { effect, difference } = compare(before, after);
  return { effect, reason: differenceText(difference) };
}

/** What is wrong with a document, or hardly says what was meant. */
export interface DocumentIssue {
  /** IAM refuses errors. */
  readonly severity: 'error' | 'warning';
  /** Stable name of the rule. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Steps into the document: keys and list positions. */
  readonly path: readonly (string | number)[];
}

/** Holds a document to the grammar of identity policies, as it is to be used. */
export const checkDocument = (document: Json, use: 'inline' | 'managed'): readonly DocumentIssue[] =>
  check(document, use);

/**
 * Whether a document by itself makes its holder an administrator: every action on every resource, by all statements
 * together, without conditions, and not all of what decides who may do what is denied again.
 */
export const isAdministrator = (document: PolicyDocument): boolean => administrates(accessBy(document));

/** What nobody should overlook in a document. */
export interface Danger {
  /** Stable: `administrator`, …, or the actions that make it, such as `iam:PassRole+lambda:CreateFunction`. */
  readonly code: string;
  readonly text: string;
}

/** Every known danger in a document: administrators, privilege escalations, and grants that are wider than they look. */
export const dangers = (document: PolicyDocument): readonly Danger[] =>
  [...dangersOf(null, document), ...openTrust(document)].map((danger) => ({
    code: danger.code,
    text: dangerText(danger),
  }));
