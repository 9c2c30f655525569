import { denyAll, isQuarantine, withAwsPolicies } from '../access/documents.ts';
import type { AccountState, User } from '../core/state.ts';
import { suspendedDeny } from './access.ts';
import type { Context } from './kind.ts';

/**
 * What the account will be, as far as policies go. The manifests do not say what they ignore, and it stays as it is, with
 * the memberships in it: an ignored user can gain by a declared group or policy, and a declared one by an ignored group.
 * AWS's quarantine and roles stay as well. A suspension is the Deny that it puts.
 */
export function afterwards({
  desired,
  live,
  inScope,
}: Pick<Context, 'desired' | 'live' | 'inScope'>): AccountState {
  const state = withAwsPolicies(desired, live);
  const outside = <T>(kind: string, objects: ReadonlyMap<string, T>): [string, T][] =>
    [...objects].filter(([name]) => !inScope(kind, name));
  const declared = [...state.users].map(([name, user]): [string, User] => {
    const { groups = [], attachedPolicyArns = [] } = liveOf(user, live) ?? {};
    const kept = groups.filter((group) => !inScope('group', group));
    const quarantine = attachedPolicyArns.filter(isQuarantine);
    if (kept.length + quarantine.length === 0 && user.suspended !== true) return [name, user];
    return [
      name,
      {
        ...user,
        groups: [...user.groups, ...kept],
        attachedPolicyArns: [...user.attachedPolicyArns, ...quarantine],
        ...(user.suspended ? { policies: { ...user.policies, [suspendedDeny]: denyAll } } : {}),
      },
    ];
  });
  return {
    ...state,
    users: new Map([...outside('user', live.users), ...declared]),
    groups: new Map([...outside('group', live.groups), ...state.groups]),
    policies: new Map([...outside('policy', live.policies), ...state.policies]),
    roles: live.roles,
  };
}

/** A declared user as IAM has it, before a rename or after it. */
export const liveOf = ({ name, renamedFrom }: User, live: AccountState): User | undefined =>
  live.users.get(name) ?? live.users.get(renamedFrom ?? name);
