import type { AccountState } from '../core/state.ts';
import type { Reach } from '../kinds/index.ts';

/**
 * The users whose access a step can change: membership and holding are taken from both sides, because a
 * transition passes through states that mix them.
 */
export function reachIndex(desired: AccountState, live: AccountState): (reach: Reach) => readonly string[] {
  const members = new Map<string, Set<string>>();
  const holders = new Map<string, Set<string>>();
  const add = (index: Map<string, Set<string>>, key: string, user: string): void => {
    const set = index.get(key);
    if (set) set.add(user);
    else index.set(key, new Set([user]));
  };
  for (const state of [live, desired]) {
    for (const user of state.users.values()) {
      for (const group of user.groups) add(members, group, user.name);
      for (const arn of user.attachedPolicyArns) add(holders, arn, user.name);
      if (user.boundary) add(holders, user.boundary, user.name);
    }
  }
  for (const state of [live, desired]) {
    for (const group of state.groups.values()) {
      for (const arn of group.attachedPolicyArns) {
        for (const user of members.get(group.name) ?? []) add(holders, arn, user);
      }
    }
  }
  return (reach) => {
    const [kind, name] = split(reach);
    if (kind === 'user') return [name];
    return [...((kind === 'group' ? members : holders).get(name) ?? [])];
  };
}

/** `policy:arn:aws:…` splits at the first colon only. */
export function split(reach: Reach): [kind: string, name: string] {
  const colon = reach.indexOf(':');
  return [reach.slice(0, colon), reach.slice(colon + 1)];
}
