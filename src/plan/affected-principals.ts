import { objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { kinds } from '../kinds/index.ts';
import type { StepDraft } from '../kinds/index.ts';
import type { AccountState } from '../core/state.ts';

/** Who can act in the account, and what gives them access. */
interface Principal {
  readonly ref: Ref;
  readonly groups: readonly string[];
  /** Managed policies: attached ones and the permissions boundary. */
  readonly policies: readonly string[];
}

export const principalsOf = ({ users, roles }: AccountState): Principal[] =>
  [
    ...[...users.values()].map((user) => ({ kind: 'user', ...user })),
    ...[...roles.values()].map((role) => ({ kind: 'role', groups: [], ...role })),
  ].map(({ kind, name, groups, attachedPolicyArns, boundary }) => ({
    ref: objectRef(kind, name),
    groups,
    policies: boundary === null ? attachedPolicyArns : [...attachedPolicyArns, boundary],
  }));

/** Kinds that let people and programs assume roles: what these may do stays the same. */
export const entryKinds: ReadonlySet<string> = new Set(
  kinds.flatMap((kind) => (kind.rolesBy ? [kind.name] : [])),
);

/** Whether a step decides who comes into roles, and not what somebody may do. */
export function isOfEntry({ about }: StepDraft): boolean {
  const { kind, part } = parseRef(about);
  return part[0] === 'trust' || entryKinds.has(kind);
}

/** The principals whose access a step changes, given what it declares (`Wiring.affects`). */
export type AffectedPrincipals = (affects: Ref) => readonly Ref[];

/**
 * Membership and holding are taken from both sides, because a transition passes through states that mix them.
 */
export function affectedPrincipals(desired: AccountState, live: AccountState): AffectedPrincipals {
  const members = new Map<string, Set<Ref>>();
  const holders = new Map<string, Set<Ref>>();
  const add = (index: Map<string, Set<Ref>>, key: string, principal: Ref): void => {
    const set = index.get(key);
    if (set) set.add(principal);
    else index.set(key, new Set([principal]));
  };
  for (const { ref, groups, policies } of [live, desired].flatMap(principalsOf)) {
    for (const group of groups) add(members, group, ref);
    for (const arn of policies) add(holders, arn, ref);
  }
  for (const { name, attachedPolicyArns } of [live, desired].flatMap(({ groups }) => [...groups.values()])) {
    for (const arn of attachedPolicyArns) {
      for (const principal of members.get(name) ?? []) add(holders, arn, principal);
    }
  }
  const indexes: { readonly [kind: string]: ReadonlyMap<string, ReadonlySet<Ref>> } = {
    group: members,
    'policy-arn': holders,
  };
  return (affects) => {
    const { kind, name } = parseRef(affects);
    const index = indexes[kind];
    if (index) return [...(index.get(name) ?? [])];
    const by = kinds.find((one) => one.name === kind);
    return by?.rolesBy
      ? [...new Set([live, desired].flatMap((state) => by.rolesBy!(name, state)))]
      : [affects];
  };
}
