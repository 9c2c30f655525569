import { denyAll, isQuarantine, withAwsPolicies } from '../access/documents.ts';
import { principalArn } from '../access/trust.ts';
import { objectRef } from '../core/references.ts';
import type { AccountState, Role, User } from '../core/state.ts';
import { withRenamed } from '../policy/trust/index.ts';
import { inlineNamed, suspendedDeny } from './access.ts';
import { strangersHolding, strangersIn } from './holders.ts';
import type { Context } from './kind.ts';
import { isRunner } from './pipeline.ts';
import { keepPaths } from './policy/index.ts';
import { revocationName, withoutRevocation } from './role/revocation.ts';

/**
 * What the account will be, as far as policies go. The manifests do not say what they ignore, and it stays as it is, with
 * the memberships in it, and what it holds: an ignored user can gain by a declared group or policy, and a declared one by an ignored group.
 * AWS's quarantine and roles stay as well. A suspension is the Deny that it puts.
 */
export function afterwards({
  desired: wanted,
  live,
  inScope,
  runsAs,
}: Pick<Context, 'desired' | 'live' | 'inScope' | 'runsAs'>): AccountState {
  const { desired } = keepPaths(wanted, { live, inScope });
  const state = withAwsPolicies(desired, live);
  const sides = { desired, live, inScope };
  const arns = newArns(state, live);
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
    users: new Map([...[...live.users].filter(([name]) => !inScope('user', name)), ...declared]),
    groups: new Map([
      ...[...live.groups].filter(([name]) => !inScope('group', name) || strangersIn(sides, name).length > 0),
      ...state.groups,
    ]),
    policies: new Map([
      ...[...live.policies].filter(
        ([name, { arn }]) => !inScope('policy', name) || strangersHolding(sides, arn).length > 0,
      ),
      ...state.policies,
    ]),
    // What rollcall runs with is not written.
    roles: new Map([
      ...[...state.roles].filter(([name]) => !isRunner(name, runsAs)),
      ...[...live.roles]
        .filter(([name]) => isRunner(name, runsAs) || !inScope('role', name))
        .map(([name, role]) => [name, renamedIn(role, arns)] as const),
    ]),
  };
}

/** A declared user as IAM has it, before a rename or after it. */
export const liveOf = ({ name, renamedFrom }: User, live: AccountState): User | undefined =>
  live.users.get(name) ?? live.users.get(renamedFrom ?? name);

/** ARNs of users who get another name or path, with those that they have from then on. */
const newArns = (state: AccountState, live: AccountState): ReadonlyMap<string, string> =>
  new Map(
    [...state.users.values()].flatMap((user) => {
      const was = liveOf(user, live);
      if (!was || (was.name === user.name && was.path === user.path)) return [];
      return [
        [principalArn(live, objectRef('user', was.name)), principalArn(state, objectRef('user', user.name))],
      ];
    }),
  );

/** IAM knows whom a trust names by an id, so that it goes on to name them. */
const renamedIn = (role: Role, arns: ReadonlyMap<string, string>): Role => {
  const trust = arns.size === 0 ? role.trust : withRenamed(role.trust, arns);
  return trust === role.trust ? role : { ...role, trust };
};

/**
 * The account without the revocations that are not to stay as they are: who comes into a role anew is not kept out by them, so that
 * nobody gains anything where they stand, come or go.
 */
export function withoutRevocations({ live, desired }: Pick<Context, 'live' | 'desired'>): AccountState {
  const roles = [...live.roles].map(([name, role]): [string, Role] => [
    name,
    inlineNamed(desired.roles.get(name)?.policies ?? {}, revocationName)
      ? role
      : { ...role, policies: withoutRevocation(role.policies) },
  ]);
  return { ...live, roles: new Map(roles) };
}
