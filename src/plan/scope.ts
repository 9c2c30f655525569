import { isQuarantine } from '../access/documents.ts';
import type { Ignore } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import type { AccountState, User } from '../core/state.ts';
import { kinds } from '../kinds/index.ts';

/** What the manifests rule over: everything except what `ignore` names, and the lock of whoever applies. */
export function scopeOf(ignore: Ignore): (kind: string, name: string) => boolean {
  const isOut = new Map(
    kinds.map((kind) => {
      const isIgnored = nameMatcher(ignore[kind.section] ?? []);
      return [kind.name, (name: string) => isIgnored(name) || kind.isOurs?.(name) === true];
    }),
  );
  return (kind, name) => isOut.get(kind)?.(name) !== true;
}

/**
 * What the account will be: the manifests do not say what they ignore, and it stays as it is, with the memberships in
 * it. An ignored user can gain by a declared group or policy, and a declared one by an ignored group. AWS's quarantine
 * stays as well.
 */
export function withIgnored(
  desired: AccountState,
  live: AccountState,
  inScope: (kind: string, name: string) => boolean,
): AccountState {
  const ignored = <T>(kind: string, objects: ReadonlyMap<string, T>): [string, T][] =>
    [...objects].filter(([name]) => !inScope(kind, name));
  const keeping = ([name, user]: [string, User]): [string, User] => {
    const { groups = [], attachedPolicyArns = [] } = live.users.get(name) ?? {};
    const kept = groups.filter((group) => !inScope('group', group));
    const quarantine = attachedPolicyArns.filter(
      (arn) => isQuarantine(arn) && !user.attachedPolicyArns.includes(arn),
    );
    if (kept.length === 0 && quarantine.length === 0) return [name, user];
    return [
      name,
      {
        ...user,
        groups: [...user.groups, ...kept],
        attachedPolicyArns: [...user.attachedPolicyArns, ...quarantine],
      },
    ];
  };
  return {
    ...desired,
    groups: new Map([...desired.groups, ...ignored('group', live.groups)]),
    users: new Map([...[...desired.users].map(keeping), ...ignored('user', live.users)]),
  };
}
