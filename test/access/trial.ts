/** One plan of a random account, and what the judge says of it. */
import { makePlan } from '../../src/plan/index.ts';
import type { Change, Plan } from '../../src/kinds/plan.ts';
import { parseRef, type Ref } from '../../src/core/references.ts';
import type { AccountState, Group, Identity, User } from '../../src/core/state.ts';
import { requestAt, type Reading } from '../policy/evaluator.ts';
import type { Random } from '../sim/random.ts';
import { desiredOf } from '../support/account.ts';
import { Judge, principalsOf } from './judge.ts';
import { editedAccount, start } from './random-accounts.ts';

/** Somebody who may do something after a plan that they could not before. */
interface Gainer {
  readonly ref: Ref;
  readonly reading: Reading;
  readonly requests: readonly number[];
}

interface Trial {
  readonly live: AccountState;
  readonly desired: AccountState;
  readonly plan: Plan;
  readonly gainers: readonly Gainer[];
  /** Whoever gains where no change says so, and changes without which somebody would gain less, and that do not say so. */
  readonly wrong: readonly object[];
}

export const isOpen = ({ effect }: Change): boolean => effect === 'widens' || effect === 'unclear';

/** IAM deletes and moves no policy that somebody holds, and of roles no plan takes any. A boundary is never gone for a moment. */
function withHeldPolicies(desired: AccountState, live: AccountState): AccountState {
  const [roles, users] = [[...live.roles.values()], [...live.users.values()]];
  const byRoles = new Set(
    roles.flatMap(({ attachedPolicyArns, boundary }) => [...attachedPolicyArns, boundary]),
  );
  const bounding = new Set([...roles, ...users].map(({ boundary }) => boundary));
  const stay = [...live.policies.values()].filter(({ name, arn }) => {
    const wanted = desired.policies.get(name);
    return wanted ? wanted.arn !== arn && (byRoles.has(arn) || bounding.has(arn)) : byRoles.has(arn);
  });
  const arns = new Map(stay.map(({ name, arn }) => [desired.policies.get(name)?.arn, arn] as const));
  const spelled = (arn: string): string => arns.get(arn) ?? arn;
  const respelled = <T extends Identity & { readonly boundary?: string | null }>(one: T): T => ({
    ...one,
    attachedPolicyArns: one.attachedPolicyArns.map(spelled),
    ...(one.boundary ? { boundary: spelled(one.boundary) } : {}),
  });
  return {
    ...desired,
    users: new Map([...desired.users].map(([name, user]) => [name, respelled(user)])),
    groups: new Map([...desired.groups].map(([name, group]) => [name, respelled(group)])),
    policies: new Map([
      ...desired.policies,
      ...stay.map((was) => {
        const { path, arn } = was;
        return [was.name, { ...was, ...desired.policies.get(was.name), path, arn }] as const;
      }),
    ]),
  };
}

/** As the account is to be after it: what no file declares stays (roles, what they hold, AWS's quarantine). */
function asAfter(wanted: AccountState, live: AccountState): AccountState {
  const desired = withHeldPolicies(wanted, live);
  const kept = <T extends Identity>(is: T, was: Identity | undefined): T => {
    const quarantine = (was?.attachedPolicyArns ?? []).filter((arn) => arn.includes('Quarantine'));
    return { ...is, attachedPolicyArns: [...new Set([...is.attachedPolicyArns, ...quarantine])] };
  };
  const groupWas = ({ name, renamedFrom }: Group): Group | undefined =>
    live.groups.get(renamedFrom ?? name) ?? live.groups.get(name);
  return {
    ...desired,
    users: new Map([...desired.users].map(([name, user]) => [name, kept(user, live.users.get(name))])),
    groups: new Map([...desired.groups].map(([name, group]) => [name, kept(group, groupWas(group))])),
    roles: live.roles,
  };
}

/** As the account is before it, under the names of after. */
function asBefore(live: AccountState, desired: AccountState): AccountState {
  const names = new Map(
    [...desired.groups.values()].flatMap(({ name, renamedFrom }) =>
      renamedFrom === undefined ? [] : [[renamedFrom, name] as const],
    ),
  );
  const now = (name: string): string => names.get(name) ?? name;
  return {
    ...live,
    groups: new Map([...live.groups.values()].map((group) => [now(group.name), group])),
    users: new Map([...live.users].map(([name, user]) => [name, { ...user, groups: user.groups.map(now) }])),
  };
}

export function trial(random: Random, names: readonly string[], most = 16): Trial | null {
  const from = start(random);
  const desired = editedAccount(random, from, names);
  const { plan } = makePlan(
    { ...desiredOf({}), state: desired },
    from.live,
    new Date('2026-07-01T00:00:00Z'),
  );
  if (!plan || plan.changes.length === 0) return null;
  const judge = new Judge(from, random, most);
  const [before, after] = [asBefore(from.live, desired), asAfter(desired, from.live)];
  const gainers = principalsOf(before, after).flatMap((ref): Gainer[] =>
    judge
      .gained(before, after, ref)
      .filter(({ requests }) => requests.length > 0)
      .map((one) => ({ ref, ...one })),
  );
  const wrong = gainers.flatMap((gainer): object[] => {
    const { ref, reading, requests } = gainer;
    const show = { ref, reading, request: requestAt(requests[0]!, judge.universe(ref)) };
    const entry = plan.access.find(({ principal }) => principal === ref);
    const untold = entry && entry.gained.length > 0 ? [] : [{ ...show, untold: 'access' }];
    const silent = plan.changes.some(isOpen) ? [] : [{ ...show, untold: 'any change' }];
    return [
      ...untold,
      ...silent,
      ...needed(gainer, { plan, before, after, judge }).map((id) => ({ ...show, id })),
    ];
  });
  return { live: from.live, desired, plan, gainers, wrong };
}

/**
 * Changes that say that nobody gains, and without which somebody would not have gained. What only comes by another way
 * than before is put down to the Deny or boundary that kept it out, and what somebody new gains to their own change.
 */
function needed(
  { ref, reading, requests }: Gainer,
  world: { plan: Plan; before: AccountState; after: AccountState; judge: Judge },
): string[] {
  const { plan, before, after, judge } = world;
  if (!principalsOf(before).includes(ref)) return [];
  const granted = judge.allowed(before, ref, reading, false);
  const held = judge.documents(before, ref);
  return plan.changes
    .filter((change) => !isOpen(change))
    .filter((change) => {
      const without = reverted(change, before, after);
      if (!without) return false;
      const allowed = judge.allowed(without, ref, reading);
      const still = judge.allowed(without, ref, reading, false);
      const never = [...judge.documents(without, ref)]
        .filter(([place, document]) => held.get(place) !== document)
        .map(([, document]) => document);
      return requests.some(
        (at) => !allowed[at] && (!granted[at] || still[at]) && !judge.denies(never, ref, reading, at),
      );
    })
    .map(({ id }) => id);
}

/** The account after all changes but one; null: it cannot be left out, or what it does is told by others. */
function reverted(change: Change, before: AccountState, after: AccountState): AccountState | null {
  const { kind, name, aspect, action } = change;
  if (kind === 'policy') {
    const was = before.policies.get(name);
    if (aspect !== 'document' || !was) return null;
    return { ...after, policies: new Map(after.policies).set(name, was) };
  }
  if (kind !== 'user' && kind !== 'group') return null;
  const [was, is] = [
    kind === 'user' ? before.users.get(name) : before.groups.get(name),
    kind === 'user' ? after.users.get(name) : after.groups.get(name),
  ];
  const withMembers = (of: (user: User) => boolean): AccountState['users'] =>
    new Map(
      [...after.users].map(([key, user]) => [
        key,
        !before.users.has(key)
          ? user
          : {
              ...user,
              groups: of(user)
                ? [...new Set([...user.groups, name])]
                : user.groups.filter((one) => one !== name),
            },
      ]),
    );
  const wereMembers = withMembers((user) => before.users.get(user.name)?.groups.includes(name) ?? false);
  if (aspect === 'members') return { ...after, users: wereMembers };
  if (kind === 'group' && action === 'delete')
    return { ...after, users: wereMembers, groups: new Map(after.groups).set(name, was as never) };
  if (!was || !is) return null;
  const place = (fields: object): AccountState =>
    kind === 'user'
      ? { ...after, users: new Map(after.users).set(name, { ...is, ...fields } as never) }
      : { ...after, groups: new Map(after.groups).set(name, { ...is, ...fields }) };
  if (aspect === 'attach') return place({ attachedPolicyArns: was.attachedPolicyArns });
  if (aspect === 'boundary') return place({ boundary: (was as User).boundary });
  if (aspect !== 'policies') return null;
  const policy = parseRef(change.id).part[1]!;
  const { [policy]: _is, ...rest } = is.policies;
  const old = was.policies[policy];
  return place({ policies: old ? { ...rest, [policy]: old } : rest });
}
