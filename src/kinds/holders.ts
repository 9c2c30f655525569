/** Who holds a managed policy or is in a group, and which of them rollcall does not manage. */
import type { AccountState } from '../core/state.ts';
import type { Holder } from './change-schema.ts';
import type { Context } from './kind.ts';

type Sides = Pick<Context, 'desired' | 'live' | 'inScope'>;

/** Made once for each state: a walk over all identities, and not one for each group or policy. */
export const indexed = <Key extends object, Value>(
  make: (key: Key) => ReadonlyMap<string, Value>,
): ((key: Key) => ReadonlyMap<string, Value>) => {
  const known = new WeakMap<Key, ReadonlyMap<string, Value>>();
  return (key) => {
    const index = known.get(key) ?? make(key);
    known.set(key, index);
    return index;
  };
};

const memberIndex = indexed((users: AccountState['users']) => {
  const index = new Map<string, Set<string>>();
  for (const { name, groups } of users.values()) {
    for (const group of groups) index.set(group, (index.get(group) ?? new Set()).add(name));
  }
  return index;
});

const nobody: ReadonlySet<string> = new Set();

/** Members of a group in text order. */
export const membersOf = ({ users }: AccountState, group: string): ReadonlySet<string> =>
  memberIndex(users).get(group) ?? nobody;

const holderIndex = indexed(({ users, groups, roles }: AccountState) => {
  const index = new Map<string, Holder[]>();
  const add = (arn: string, holder: Holder): void => {
    const list = index.get(arn);
    if (list) list.push(holder);
    else index.set(arn, [holder]);
  };
  const sides = { user: users, group: groups, role: roles } as const;
  for (const kind of ['user', 'group', 'role'] as const) {
    for (const { name, attachedPolicyArns } of sides[kind].values()) {
      for (const arn of attachedPolicyArns) add(arn, { kind, name, as: 'attachment' });
    }
  }
  for (const kind of ['user', 'role'] as const) {
    for (const { name, boundary } of sides[kind].values()) {
      if (boundary !== null) add(boundary, { kind, name, as: 'boundary' });
    }
  }
  return index;
});

/** Who holds a policy, and as what: attachments first. */
export const holders = (state: AccountState, arn: string): readonly Holder[] =>
  holderIndex(state).get(arn) ?? [];

/** Members of a group whom no plan takes out of it. */
export const strangersIn = ({ live, inScope }: Omit<Sides, 'desired'>, group: string): Holder[] =>
  [...membersOf(live, group)]
    .filter((name) => !inScope('user', name))
    .map((name): Holder => ({ kind: 'user', name, as: 'member' }));

/** Holders that will not let go of a policy, whatever the plan does, so that IAM would refuse to delete it. */
export const strangersHolding = (sides: Sides, arn: string): Holder[] =>
  holders(sides.live, arn).filter(({ kind, name }) => {
    if (!sides.inScope(kind, name)) return true;
    // A group that cannot go keeps what it has.
    return kind === 'group' && !sides.desired.groups.has(name) && strangersIn(sides, name).length > 0;
  });

/** Whether it is in no manifest and only strangers are in it. */
export const isStrangersGroup = (sides: Sides, name: string): boolean => {
  const members = membersOf(sides.live, name).size;
  return members > 0 && !sides.desired.groups.has(name) && strangersIn(sides, name).length === members;
};

/** Whether it is in no manifest and only strangers have it. */
export function isStrangersPolicy(sides: Sides, name: string): boolean {
  const live = sides.live.policies.get(name);
  if (!live || sides.desired.policies.has(name)) return false;
  const all = holders(sides.live, live.arn);
  const isStranger = ({ kind, name: holder }: Holder): boolean =>
    !sides.inScope(kind, holder) || (kind === 'group' && isStrangersGroup(sides, holder));
  return all.length > 0 && all.every(isStranger);
}
