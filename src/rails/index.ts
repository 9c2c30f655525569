import { sessionRole } from '../core/arn.ts';
import type { Desired } from '../core/desired.ts';
import { nameKey, sameName, spellingIn } from '../core/names.ts';
import { memberRef, membershipRef, objectRef, parseRef } from '../core/references.ts';
import { ofApply } from '../kinds/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Plan, WordedChange, WordedPlan } from '../kinds/plan.ts';
import { unsetRemovals, type RailViolation } from '../core/rails.ts';
import type { User } from '../core/state.ts';
import { listSome, listWords, plural } from '../core/text.ts';
import { countOf, identityKinds, isSuspended, kinds } from '../kinds/index.ts';
import { namedKinds, topOf } from '../kinds/sections.ts';
import { lastAdministrator } from './administrators.ts';
import { deny } from './deny.ts';
import { violation, type RailInput } from './violation.ts';

/** All rails that a plan runs into, before its first write. An empty plan runs into none. */
export function checkRails(all: RailInput): RailViolation[] {
  const input = { ...all, plan: ofApply(all.plan) };
  if (input.plan.changes.length === 0) return [];
  return [
    ...rootCaller(input),
    ...untouchables(input),
    ...emptyManifest(input),
    ...removals(input),
    ...minMembers(input),
    ...lastAdministrator(input),
    ...deny(input),
  ];
}

function rootCaller({ caller }: RailInput): RailViolation[] {
  if (!/^arn:[^:]+:iam::\d{12}:root$/.test(caller)) return [];
  return [
    violation(
      'root-caller',
      'these are the root user’s credentials',
      'use a role made for this (docs/permissions.md)',
    ),
  ];
}

/** The caller itself and what `rails.protect` names: no plan may touch them. */
function untouchables(input: RailInput): RailViolation[] {
  const { caller, manifests } = input;
  const self = /^arn:[^:]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(caller)?.[1];
  const { protect } = manifests.rails;
  const list = (changes: readonly WordedChange[]): string =>
    changes.map((change) => `${change.kind} ${change.name}: ${change.summary}`).join('; ');
  const violations: RailViolation[] = [];
  const changesOf = touching(input);
  const role = sessionRole(caller);
  for (const [kind, name] of [
    ['user', self],
    ['role', role],
  ] as const) {
    const own = name === undefined ? [] : changesOf(kind, name).filter(({ byHand }) => byHand !== true);
    if (own.length === 0) continue;
    violations.push(
      violation('caller', `the plan touches ${name}, who runs it: ${list(own)}`, 'let somebody else run it'),
    );
  }
  for (const { name: kind, section } of kinds) {
    for (const name of protect[section] ?? []) {
      const changes = changesOf(kind, name);
      if (changes.length === 0) continue;
      violations.push(
        violation(
          'protected',
          `the plan touches the protected ${kind} ${name}: ${list(changes)}`,
          `declare ${name} as it is in IAM, take it out of rails.protect`,
        ),
      );
    }
  }
  return violations;
}

type Touching = (kind: string, name: string) => WordedChange[];

/**
 * The changes that touch an object: its own, and for users and groups every membership that comes or goes, or whose
 * other end gets another name. Who else holds a policy is no part of the policy.
 */
function touching({ plan, live }: RailInput): Touching {
  const byObject = new Map<string, Set<string>>();
  const add = (object: string, { change }: Step): void => {
    const changes = byObject.get(object);
    if (changes) changes.add(change);
    else byObject.set(object, new Set([change]));
  };
  for (const step of plan.steps) for (const ref of step.touches) add(nameKey(ref), step);
  for (const step of plan.steps.filter(({ purpose }) => purpose === 'rename')) {
    const renamed = new Set(step.touches.map(nameKey));
    for (const user of live.users.values()) {
      const member = nameKey(objectRef('user', user.name));
      for (const group of user.groups.map((name) => nameKey(objectRef('group', name)))) {
        if (renamed.has(member)) add(group, step);
        if (renamed.has(group)) add(member, step);
      }
    }
  }
  return (kind, name) => {
    const changes = identityKinds[kind] && byObject.get(nameKey(objectRef(kind, name)));
    return plan.changes.filter(
      (change) => (change.kind === kind && sameName(change.name, name)) || changes?.has(change.id),
    );
  };
}

/** Nothing declared is far more often a wrong directory or a lost file than the wish to remove everything. */
function emptyManifest({ plan, manifests, live, inScope }: RailInput): RailViolation[] {
  const { users } = manifests.state;
  const empty = (message: string): RailViolation[] => [
    violation('empty-manifest', message, 'check --manifests and that all files are there'),
  ];
  if (users.size === 0 && unnamed(plan, manifests, 'user').length > 0) {
    const total = countInScope(live.users, 'user', inScope);
    return empty(`no file declares any user, and ${countOf(total, 'user')} would be offboarded`);
  }
  const besides = namedKinds.filter((kind) => kind.of(manifests.state) !== users);
  const others = unnamed(plan, manifests, ...besides.map(({ name }) => name));
  return namedKinds.every((kind) => kind.of(manifests.state).size === 0) && others.length > 0
    ? empty(`no file declares anything, and ${listSome(others.map(nameOf))} would be deleted`)
    : [];
}

const nameOf = ({ kind, name }: Pick<WordedChange, 'kind' | 'name'>): string => `${kind} ${name}`;

const removed = (plan: WordedPlan, ...kinds: readonly string[]): WordedChange[] =>
  plan.changes.filter(
    ({ kind, action }) => kinds.includes(kind) && (action === 'offboard' || action === 'delete'),
  );

/** Those that `removed` does not name: what it names does not go because a file was lost. */
const unnamed = (plan: WordedPlan, { removed: named }: Desired, ...of: readonly string[]): WordedChange[] =>
  removed(plan, ...of).filter(({ kind, name }) => {
    const { section } = kinds.find((one) => one.name === kind)!;
    return spellingIn(named[section] ?? [], name) === undefined;
  });

const countInScope = (
  objects: ReadonlyMap<string, unknown>,
  kind: string,
  inScope: RailInput['inScope'],
): number => [...objects.keys()].filter((name) => inScope(kind, name)).length;

/** By which `rails.maxRemovals` counts: both kinds of `identityProviders` together. */
const tops = [...new Set(namedKinds.map(({ section }) => topOf(section)))];

/** What one plan takes away for good, each kind counted for itself (docs/rails.md has what counts). */
function removals({ plan, manifests, live, inScope }: RailInput): RailViolation[] {
  const { maxRemovals } = manifests.rails;
  const check = (
    key: string,
    going: number,
    total: number,
    message: (limit: number) => string,
  ): RailViolation[] => {
    const share = Math.floor((total * (maxRemovals['percent'] ?? unsetRemovals('percent'))) / 100);
    const limit = Math.max(maxRemovals[key] ?? unsetRemovals(key), share);
    if (going <= limit) return [];
    const otherwise = `remove them in several pull requests, raise rails.maxRemovals.${key}`;
    return [violation('max-removals', message(limit), otherwise)];
  };
  const { users: people } = manifests.state;
  const objects = tops.flatMap((top) => {
    const counts = namedKinds
      .filter(({ section }) => topOf(section) === top)
      // That everybody leaves is told by the rail empty-manifest.
      .filter(
        (kind) =>
          kind.of(manifests.state) !== people ||
          people.size > 0 ||
          unnamed(plan, manifests, kind.name).length === 0,
      )
      .map(({ name, of }) => ({
        name,
        going: removed(plan, name).length,
        total: countInScope(of(live), name, inScope),
      }));
    const sum = (of: 'going' | 'total'): number => counts.reduce((all, one) => all + one[of], 0);
    const words = listWords(
      counts.flatMap(({ name, going }) => (going > 0 ? [countOf(going, name)] : [])),
      'and',
    );
    return check(
      top,
      sum('going'),
      sum('total'),
      (limit) => `${words} of ${sum('total')} would be removed; at most ${limit} may go in one plan`,
    );
  });
  const losing = withoutCredentials(plan);
  const users = countInScope(live.users, 'user', inScope);
  const left = membershipsLeft({ plan, manifests });
  const memberships = [...live.users.values()]
    .filter(({ name }) => inScope('user', name))
    .reduce((sum, { groups }) => sum + groups.filter((name) => inScope('group', name)).length, 0);
  return [
    ...objects,
    ...check(
      'users',
      losing.length,
      users,
      (limit) =>
        `${countOf(losing.length, 'user')} of ${users} would stay and lose access keys, passwords or other credentials ` +
        `(${listSome(losing)}); at most ${limit} may in one plan`,
    ),
    ...check(
      'memberships',
      left.length,
      memberships,
      (limit) =>
        `${plural(left.length, 'membership')} of ${memberships} would be removed (${listSome(left)}); ` +
        `at most ${limit} may go in one plan`,
    ),
  ];
}

/** Steps that carry out what is not an offboarding: what goes with a leaver is counted by the leaver. */
function stepsOfStaying({ changes, steps }: Plan): Step[] {
  const leaving = new Set(changes.filter(({ action }) => action === 'offboard').map(({ id }) => id));
  return steps.filter(({ change }) => !leaving.has(change));
}

/**
 * People who stay and lose what only they had. A rotation is not that; the deletion of a key that seems undelivered is,
 * as no more than a tag says so.
 */
const withoutCredentials = (plan: Plan): string[] => [
  ...new Set(
    stepsOfStaying(plan)
      .filter(({ purpose }) => purpose === 'delete-credential' || purpose === 'unassign-mfa-device')
      .map(({ about }) => parseRef(about).name),
  ),
];

/** Memberships of people who stay, of groups that go too; not those whose `expires` has passed. */
function membershipsLeft({ plan, manifests }: Pick<RailInput, 'plan' | 'manifests'>): string[] {
  const expired = new Set(manifests.expiring.filter((one) => one.expired).map(({ ref }) => nameKey(ref)));
  return stepsOfStaying(plan)
    .filter(({ purpose }) => purpose === 'leave-group')
    .map(({ about }) => parseRef(about))
    .map(({ name, part }) => ({ user: name, group: part[1]! }))
    .filter(
      ({ user, group }) =>
        !expired.has(nameKey(membershipRef(user, group))) && !expired.has(nameKey(memberRef(group, user))),
    )
    .map(({ user, group }) => `${user} in ${group}`);
}

/** A suspended member can do nothing for the group. A partial plan is not refused for members that it does not take. */
function minMembers({ plan, manifests, live }: RailInput): RailViolation[] {
  const { state, rails } = manifests;
  return Object.entries(rails.minMembers).flatMap(([group, min]) => {
    const isIn = ({ groups }: User): boolean => groups.some((name) => sameName(name, group));
    const all = [...state.users.values()].filter(isIn);
    const members = all.filter(({ suspended }) => suspended !== true).length;
    const before = [...live.users.values()].filter((user) => isIn(user) && !isSuspended(user)).length;
    if (members >= min || (plan.targets && members >= before)) return [];
    const uncounted = all.length === members ? '' : ', the suspended not counted';
    return [
      violation(
        'min-members',
        `group ${group} would have ${members} of at least ${plural(min, 'member')}${uncounted}`,
        `add members or lower rails.minMembers.${group}`,
      ),
    ];
  });
}
