import type { About } from '../core/desired.ts';
import { attachmentRef, inlineRef, membershipRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { PolicyDocument } from '../core/state.ts';

/**
 * What is not as it is to be: how it is before a change and how after it. A fact has the same form wherever it occurs:
 * a membership in a change of its group, of a new user or of one who leaves. Null or false: it is not there.
 */
interface Fact<Name extends string, State> {
  readonly fact: Name;
  readonly before: State;
  readonly after: State;
  /** What the files say of it for people. */
  readonly about?: About;
}
export type AnyFact = Fact<string, unknown>;

export interface MembershipFact extends Fact<'membership', boolean> {
  readonly user: string;
  readonly group: string;
  /** It ended by itself then: ISO 8601. */
  readonly expired?: string;
  /** It will end by itself then: ISO 8601. */
  readonly until?: string;
}
export interface InlinePolicyFact extends Fact<'inline-policy', PolicyDocument | null> {
  readonly policy: string;
}
export interface AttachmentFact extends Fact<'attachment', boolean> {
  readonly arn: string;
  readonly expired?: string;
  readonly until?: string;
}
/** ARNs. */
export type BoundaryFact = Fact<'boundary', string | null>;
export interface TagFact extends Fact<'tag', string | null> {
  readonly key: string;
}
export type PathFact = Fact<'path', string | null>;
export type NameFact = Fact<'name', string>;

const isThere = (state: unknown): boolean => state !== null && state !== false;

/** What comes, what goes, and what becomes another. */
export const signOf = ({ before, after }: AnyFact): '+' | '-' | '~' =>
  isThere(before) ? (isThere(after) ? '~' : '-') : '+';

export const comes = (fact: AnyFact): boolean => signOf(fact) === '+';
export const goes = (fact: AnyFact): boolean => signOf(fact) === '-';

/** The same seen from the other side. */
export const turned = <F extends AnyFact>(fact: F): F => ({
  ...fact,
  before: fact.after,
  after: fact.before,
});

/** The path of a new object, where it is not the one that IAM gives. */
export const pathFacts = (path: string): PathFact[] =>
  path === '/' ? [] : [{ fact: 'path', before: null, after: path }];

export const isMembership = (fact: AnyFact): fact is MembershipFact => fact.fact === 'membership';
const isAttachment = (fact: AnyFact): fact is AttachmentFact => fact.fact === 'attachment';
const isInline = (fact: AnyFact): fact is InlinePolicyFact => fact.fact === 'inline-policy';

/** By what ref `Desired.sources` and `Desired.expiring` have it, where manifests declare such things one by one. */
export function declaredAs(fact: AnyFact, of: Ref): Ref | undefined {
  if (isMembership(fact)) return membershipRef(fact.user, fact.group);
  if (isAttachment(fact)) return attachmentRef(of, fact.arn);
  return isInline(fact) ? inlineRef(of, fact.policy) : undefined;
}
