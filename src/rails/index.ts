import type { Desired } from '../core/desired.ts';
import { nameKey, NameMap, sameName } from '../core/names.ts';
import {
  accessKeyRef,
  memberRef,
  membershipRef,
  objectRef,
  parseRef,
  passwordRef,
} from '../core/references.ts';
import { ofApply } from '../kinds/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Plan, WordedChange, WordedPlan } from '../kinds/plan.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
import type { AccountState, Identity, PolicyDocument, User } from '../core/state.ts';
import { listSome, plural } from '../core/text.ts';
import { denyAll, documentOf, isQuarantine, withAwsPolicies } from '../access/documents.ts';
import { countOf, identityKinds, kinds } from '../kinds/index.ts';
import { grantsEverything, isAdministrator, mergeDocuments } from '../policy/index.ts';

interface RailInput {
  readonly plan: WordedPlan;
  readonly manifests: Desired;
  readonly live: AccountState;
  /** ARN of whoever runs this. */
  readonly caller: string;
  readonly inScope: (kind: string, name: string) => boolean;
}

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
  ];
}

const violation = (rail: RailName, message: string, otherwise: string): RailViolation => ({
  rail,
  message,
  hint: `${otherwise}, or add --override ${rail} for this plan only`,
});

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
  const own = self === undefined ? [] : changesOf('user', self);
  if (own.length > 0) {
    violations.push(
      violation('caller', `the plan touches ${self}, who runs it: ${list(own)}`, 'let somebody else run it'),
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
  const { users, groups, policies } = manifests.state;
  const empty = (message: string): RailViolation[] => [
    violation('empty-manifest', message, 'check --manifests and that all files are there'),
  ];
  if (users.size === 0 && removed(plan, 'user').length > 0) {
    const total = countInScope(live.users, 'user', inScope);
    return empty(`no file declares any user, and ${countOf(total, 'user')} would be offboarded`);
  }
  const others = removed(plan, 'group', 'policy');
  return users.size + groups.size + policies.size === 0 && others.length > 0
    ? empty(`no file declares anything, and ${listSome(others.map(nameOf))} would be deleted`)
    : [];
}

const nameOf = ({ kind, name }: Pick<WordedChange, 'kind' | 'name'>): string => `${kind} ${name}`;

const removed = (plan: WordedPlan, ...kinds: readonly string[]): WordedChange[] =>
  plan.changes.filter(
    ({ kind, action }) => kinds.includes(kind) && (action === 'offboard' || action === 'delete'),
  );

const countInScope = (
  objects: ReadonlyMap<string, unknown>,
  kind: string,
  inScope: RailInput['inScope'],
): number => [...objects.keys()].filter((name) => inScope(kind, name)).length;

/**
 * How many may go in one plan, whatever the share that they are. One of a few objects may; memberships come and go
 * every day, and what is lost with them can be given back.
 */
const leastLimits: { readonly [key: string]: number } = { memberships: 5 };

/** What one plan takes away for good, each kind counted for itself (docs/rails.md has what counts). */
function removals({ plan, manifests, live, inScope }: RailInput): RailViolation[] {
  const { maxRemovals } = manifests.rails;
  const check = (
    key: string,
    going: number,
    total: number,
    message: (limit: number) => string,
  ): RailViolation[] => {
    const share = Math.floor((total * (maxRemovals.percent ?? 25)) / 100);
    const limit = Math.max(maxRemovals[key] ?? leastLimits[key] ?? 1, share);
    if (going <= limit) return [];
    const otherwise = `remove them in several pull requests, raise rails.maxRemovals.${key}`;
    return [violation('max-removals', message(limit), otherwise)];
  };
  const { users: people } = manifests.state;
  const objects = kinds.flatMap((kind) => {
    // That everybody leaves is told by the rail empty-manifest.
    if (kind.of(manifests.state) === people && people.size === 0) return [];
    const { name, section } = kind;
    const [going, total] = [removed(plan, name).length, countInScope(kind.of(live), name, inScope)];
    return check(
      section,
      going,
      total,
      (limit) => `${countOf(going, name)} of ${total} would be removed; at most ${limit} may go in one plan`,
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

/** A suspended member can do nothing for the group. */
function minMembers({ manifests }: RailInput): RailViolation[] {
  const { state, rails } = manifests;
  return Object.entries(rails.minMembers).flatMap(([group, min]) => {
    const all = [...state.users.values()].filter(({ groups }) =>
      groups.some((name) => sameName(name, group)),
    );
    const members = all.filter(({ suspended }) => suspended !== true).length;
    if (members >= min) return [];
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

/** Somebody can administer now, and nobody could afterwards: user or role. */
function lastAdministrator(input: RailInput): RailViolation[] {
  const { live } = input;
  const after = afterwards(input);
  // A boundary may leave enough to repair the account: who has one counts, but not in place of those who have none.
  const lost = [false, true].some(
    (unbounded) =>
      administrators(live, unbounded).length > 0 &&
      administrators(after, unbounded).every((name) => losesSignIn(name, input)),
  );
  if (!lost) return [];
  return [
    violation(
      'last-administrator',
      'nobody would be left who can administer the account',
      'keep one user with Action "*" on Resource "*"',
    ),
  ];
}

/** What the manifests declare, and what they leave as it is. */
function afterwards({ manifests, live, inScope }: RailInput): AccountState {
  const state = withAwsPolicies(manifests.state, live);
  const outside = <T>(kind: string, objects: ReadonlyMap<string, T>): [string, T][] =>
    [...objects].filter(([name]) => !inScope(kind, name));
  const declared = [...state.users].map(([name, user]): [string, User] => {
    const { groups = [], attachedPolicyArns = [] } = liveOf(user, live) ?? {};
    return [
      name,
      {
        ...user,
        groups: [...user.groups, ...groups.filter((group) => !inScope('group', group))],
        attachedPolicyArns: [...user.attachedPolicyArns, ...attachedPolicyArns.filter(isQuarantine)],
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

const liveOf = ({ name, renamedFrom }: User, live: AccountState): User | undefined =>
  live.users.get(name) ?? live.users.get(renamedFrom ?? name);

/** Whether somebody could sign in or call the API, and the plan takes their last access key or password. */
function losesSignIn(name: string, { plan, manifests, live }: RailInput): boolean {
  const user = manifests.state.users.get(name);
  const { accessKeys = [], loginProfile = null } = (user && liveOf(user, live)?.credentials) ?? {};
  const active = accessKeys.filter(({ status }) => status === 'Active');
  const own = plan.steps.filter(({ touches }) => touches.includes(objectRef('user', name)));
  return (
    active.length + (loginProfile ? 1 : 0) > 0 &&
    active.every(({ id }) => own.some(({ about }) => about === accessKeyRef(name, id))) &&
    (!loginProfile ||
      own.some(({ about, purpose }) => about === passwordRef(name) && purpose === 'delete-credential')) &&
    !own.some(({ purpose }) => purpose === 'make-secret' || purpose === 'reactivate-credential')
  );
}

/**
 * Names of users and ARNs of roles that are allowed everything, and not denied IAM: so who is suspended, by whatever
 * policy of whatever name, is none.
 *
 * @param unbounded only those who have no permissions boundary, or one that allows everything too.
 */
function administrators(state: AccountState, unbounded: boolean): string[] {
  const documents = (identity: Identity): PolicyDocument[] => [
    ...Object.values(identity.policies),
    // Whom AWS quarantines administers nothing, though the policy denies some actions alone.
    ...identity.attachedPolicyArns.map((arn) => (isQuarantine(arn) ? denyAll : documentOf(state, arn))),
  ];
  const can = (all: readonly PolicyDocument[], boundary: string | null): boolean => {
    // One statement must allow everything: most people hold none, and their documents need not be merged.
    if (!all.some(grantsAll)) return false;
    if (!isAdministrator(mergeDocuments(all))) return false;
    if (boundary === null) return true;
    const bound = documentOf(state, boundary);
    return isAdministrator(unbounded ? bound : mergeDocuments([allowAll, bound]));
  };
  const groups = new NameMap([...state.groups].map(([name, group]) => [name, documents(group)] as const));
  const users = [...state.users.values()].filter(
    (user) =>
      user.suspended !== true &&
      can([...documents(user), ...user.groups.flatMap((name) => groups.get(name) ?? [])], user.boundary),
  );
  const roles = [...state.roles.values()].filter((role) => can(documents(role), role.boundary));
  return [...users.map(({ name }) => name), ...roles.map(({ arn }) => arn)];
}

const judged = new WeakMap<PolicyDocument, boolean>();

function grantsAll(document: PolicyDocument): boolean {
  const known = judged.get(document) ?? grantsEverything(document);
  judged.set(document, known);
  return known;
}

const allowAll: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
};
