/**
 * `rollcall/policy`: what IAM policy documents allow, and what a change of one does to access. Pure functions of parsed
 * JSON, without any call.
 */
import type { PolicyDocument } from '../core/state.ts';
import { compareDocuments as compare } from '../policy/index.ts';

export type { Json, JsonObject } from '../core/json.ts';
export type { PolicyDocument } from '../core/state.ts';
export { checkDocument } from '../policy/grammar/index.ts';
export type { DocumentIssue } from '../policy/grammar/findings.ts';
export type { DocumentUse } from '../policy/grammar/index.ts';
export { dangers, explain, isAdministrator, sameMeaning } from '../policy/index.ts';
export type { Danger } from '../policy/index.ts';

/** What replacing one policy document by another does to the access of whoever holds it. */
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
 * Compares by what the documents mean, wildcards and conditions included. It holds for a document together with any
 * others that its holder has.
 *
 * @param before null: there was none.
 * @param after null: there is none any more.
 */
export function compareDocuments(before: PolicyDocument | null, after: PolicyDocument | null): Comparison {
  const { effect, reason } = compare(before, after);
  return { effect, reason };
}
