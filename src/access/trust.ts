/** Whom the trust policy of a role lets in, as far as whose own policies must allow it too. */
import { matches } from '../core/glob.ts';
import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { parseRef, type Ref } from '../core/references.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { foldAction } from '../policy/canonical.ts';
import { texts } from '../policy/statement.ts';
import { principalOf } from './principals.ts';

/** The ARN of a user or role that there is. */
export function principalArn(state: AccountState, ref: Ref): string {
  const principal = principalOf(state, ref);
  if (principal && 'trust' in principal) return principal.arn;
  return `arn:${state.partition}:iam::${state.account}:user${principal?.path ?? '/'}${parseRef(ref).name}`;
}

/**
 * Whether somebody may be let in. Conditions and Denies are not looked at, so it may say yes of one who is not.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal".
 */
export function letsIn(
  trust: PolicyDocument,
  arn: string,
  { account, partition }: Pick<AccountState, 'account' | 'partition'>,
): boolean {
  const known = new Set(['*', account, `arn:${partition}:iam::${account}:root`, arn]);
  return listOf(trust['Statement']).some(
    (statement) =>
      isObject(statement) &&
      statement['Effect'] === 'Allow' &&
      // `NotPrincipal` with Allow lets in everybody but those named.
      ('NotPrincipal' in statement || namesOf(statement['Principal']).some((name) => known.has(name))),
  );
}

/** Whether it may keep out whom it lets in. */
export const mayDeny = (trust: PolicyDocument): boolean =>
  listOf(trust['Statement']).some((one) => !isObject(one) || one['Effect'] !== 'Allow');

const assuming = 'sts:assumerole';

/**
 * Whether anybody may assume the role, of whatever account; `maybe`: conditions or Denies may keep them out.
 *
 * Source: IAM User Guide, "AWS JSON policy elements: Principal", "All principals".
 */
export function letsInAnybody(trust: PolicyDocument): 'yes' | 'maybe' | 'no' {
  const open = listOf(trust['Statement']).filter(isObject).filter(isOfAnybody);
  const [allows, denies] = ['Allow', 'Deny'].map((effect) => open.filter((one) => one['Effect'] === effect));
  const isAlways = (one: JsonObject): boolean => one['Condition'] === undefined;
  if (allows!.length === 0 || denies!.some(isAlways)) return 'no';
  return allows!.some(isAlways) && denies!.length === 0 ? 'yes' : 'maybe';
}

/** Whether a statement is of everybody who assumes the role. */
function isOfAnybody(statement: JsonObject): boolean {
  const actions = texts(statement['Action']) ?? [];
  return (
    ('NotPrincipal' in statement || namesOf(statement['Principal']).includes('*')) &&
    actions.some((pattern) => matches(foldAction(pattern), assuming))
  );
}

const namesOf = (principal: Json | undefined): readonly string[] =>
  texts(isObject(principal ?? null) ? (principal as { AWS?: Json }).AWS : principal) ?? [];

const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
