/** Whom the trust policy of a role lets in, as far as whose own policies must allow it too. */
import { isObject, type Json } from '../core/json.ts';
import { parseRef, type Ref } from '../core/references.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { texts } from '../policy/statement.ts';

export function principalArn({ account, partition, users, roles }: AccountState, ref: Ref): string {
  const { kind, name } = parseRef(ref);
  if (kind === 'role') return roles.get(name)?.arn ?? '';
  return `arn:${partition}:iam::${account}:user${users.get(name)?.path ?? '/'}${name}`;
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

const namesOf = (principal: Json | undefined): readonly string[] =>
  texts(isObject(principal ?? null) ? (principal as { AWS?: Json }).AWS : principal) ?? [];

const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value];
