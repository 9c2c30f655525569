import type { Desired } from '../core/desired.ts';
import { sameName } from '../core/names.ts';
import { ofApply } from '../core/plan.ts';
import type { Change, KindName, Plan } from '../core/plan.ts';
import type { RailName, Trip } from '../core/rails.ts';
import type { AccountState, User } from '../core/state.ts';
import { documentOf } from '../kinds/access.ts';
import { isAdministrator } from '../policy/index.ts';

export interface RailInput {
  readonly plan: Plan;
  readonly manifests: Desired;
  readonly live: AccountState;
  /** ARN of whoever runs this. */
  readonly caller: string;
  readonly inScope: (kind: KindName, name: string) => boolean;
}

/** All rails that a plan runs into, before its first write. An empty plan runs into none. */
export function checkRails(all: RailInput): Trip[] {
  const input = { ...all, plan: ofApply(all.plan) };
  if (input.plan.changes.length === 0) return [];
  return [
    ...rootCaller(input),
    ...untouchables(input),
    ...removals(input),
    ...minMembers(input),
    ...lastAdministrator(input),
  ];
}

const trip = (rail: RailName, message: string, otherwise: string): Trip => ({
  rail,
  message,
  hint: `${otherwise}, or add --override ${rail} for this plan only`,
});

function rootCaller({ caller }: RailInput): Trip[] {
  if (!/^arn:[^:]+:iam::\d{12}:root$/.test(caller)) return [];
  return [
    trip(
      'root-caller',
      'these are the root user’s credentials',
      'use a role made for this (docs/permissions.md)',
    ),
  ];
}

/** The caller itself and what `rails.protect` names: no plan may touch them. */
function untouchables(input: RailInput): Trip[] {
  const { caller, manifests } = input;
  const self = /^arn:[^:]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(caller)?.[1];
  const { protect } = manifests.rails;
  const list = (changes: readonly Change[]): string =>
    changes.map((change) => `${change.kind} ${change.name}: ${change.summary}`).join('; ');
  const trips: Trip[] = [];
  const own = self === undefined ? [] : touching('user', self, input);
  if (own.length > 0) {
    trips.push(
      trip('caller', `the plan touches ${self}, who runs it: ${list(own)}`, 'let somebody else run it'),
    );
  }
  const kinds = { user: protect.users, group: protect.groups, policy: protect.policies } as const;
  for (const kind of ['user', 'group', 'policy'] as const) {
    for (const name of kinds[kind]) {
      const changes = touching(kind, name, input);
      if (changes.length === 0) continue;
      trips.push(
        trip(
          'protected',
          `the plan touches the protected ${kind} ${name}: ${list(changes)}`,
          `declare ${name} as it is in IAM, take it out of rails.protect`,
        ),
      );
    }
  }
  return trips;
}

/**
 * The changes that touch an object: its own, and for users and groups every membership that comes or goes, or whose
 * other end gets another name. Who else holds a policy is no part of the policy.
 */
function touching(kind: KindName, name: string, { plan, live }: RailInput): Change[] {
  const fields = {
    user: ['UserName', 'NewUserName'],
    group: ['GroupName', 'NewGroupName'],
    policy: [],
  } as const;
  // A rename has the new name, and its step the one before; a user who comes or goes joins and leaves by steps.
  const bySteps = new Set(
    plan.steps
      .filter(({ input }) =>
        fields[kind].some((field) => typeof input[field] === 'string' && sameName(input[field], name)),
      )
      .map(({ change }) => change),
  );
  const isMember = (user: string, group: string): boolean =>
    [...live.users.values()].some(
      (one) => sameName(one.name, user) && one.groups.some((other) => sameName(other, group)),
    );
  const renamesOtherEnd = ({ kind: other, action, id }: Change): boolean => {
    if (action !== 'rename' || other === kind || kind === 'policy') return false;
    const step = plan.steps.find(({ change }) => change === id);
    const from = step?.input[other === 'user' ? 'UserName' : 'GroupName'];
    if (typeof from !== 'string') return false;
    return kind === 'group' ? isMember(from, name) : isMember(name, from);
  };
  return plan.changes.filter(
    (change) =>
      (change.kind === kind && sameName(change.name, name)) ||
      bySteps.has(change.id) ||
      renamesOtherEnd(change),
  );
}

/** At most max(5, 25 %) of a kind may go in one plan, unless `rails.maxRemovals` says otherwise. */
function removals({ plan, manifests, live, inScope }: RailInput): Trip[] {
  const { maxRemovals } = manifests.rails;
  const trips: Trip[] = [];
  for (const kind of ['user', 'group', 'policy'] as const) {
    const key = kind === 'policy' ? 'policies' : (`${kind}s` as const);
    const going = plan.changes.filter(
      (change) => change.kind === kind && (change.action === 'offboard' || change.action === 'delete'),
    );
    const total = [...live[key].keys()].filter((name) => inScope(kind, name)).length;
    const percent = maxRemovals.percent ?? 25;
    const limit = Math.max(maxRemovals[key] ?? 5, Math.floor((total * percent) / 100));
    if (kind === 'user' && manifests.state.users.size === 0 && going.length > 0) {
      trips.push(
        trip(
          'empty-manifest',
          `no file declares any user, and ${count(total, kind)} would be offboarded`,
          'check --manifests and that all files are there',
        ),
      );
    } else if (going.length > limit) {
      trips.push(
        trip(
          'max-removals',
          `${count(going.length, kind)} of ${total} would be removed; at most ${limit} may go in one plan`,
          `remove them in several pull requests, raise rails.maxRemovals`,
        ),
      );
    }
  }
  return trips;
}

const count = (n: number, kind: KindName): string =>
  `${n} ${kind === 'policy' ? (n === 1 ? 'policy' : 'policies') : n === 1 ? kind : `${kind}s`}`;

/** A suspended member can do nothing for the group. */
function minMembers({ manifests }: RailInput): Trip[] {
  const { state, rails } = manifests;
  return Object.entries(rails.minMembers).flatMap(([group, min]) => {
    const all = [...state.users.values()].filter(({ groups }) =>
      groups.some((name) => sameName(name, group)),
    );
    const members = all.filter(({ suspended }) => suspended !== true).length;
    if (members >= min) return [];
    const uncounted = all.length === members ? '' : ', the suspended not counted';
    return [
      trip(
        'min-members',
        `group ${group} would have ${members} of at least ${min} members${uncounted}`,
        `add members or lower rails.minMembers.${group}`,
      ),
    ];
  });
}

/** Somebody can administer now, and nobody could afterwards: user or role. */
function lastAdministrator({ manifests, live, inScope }: RailInput): Trip[] {
  const outside = new Map([...live.users].filter(([name]) => !inScope('user', name)));
  const after = {
    ...manifests.state,
    users: new Map([...manifests.state.users, ...outside]),
    roles: live.roles,
  };
  if (administrators(live) === 0 || administrators(after) > 0) return [];
  return [
    trip(
      'last-administrator',
      'nobody would be left who can administer the account',
      'keep one user with Action "*" on Resource "*"',
    ),
  ];
}

function administrators(state: AccountState): number {
  const admin = (holder: Pick<User, 'policies' | 'attached'>): boolean =>
    [...Object.values(holder.policies), ...holder.attached.map((arn) => documentOf(state, arn))].some(
      isAdministrator,
    );
  const groups = new Set([...state.groups.values()].filter(admin).map(({ name }) => name));
  const users = [...state.users.values()].filter(
    (user) => user.suspended !== true && (admin(user) || user.groups.some((group) => groups.has(group))),
  );
  return users.length + [...state.roles.values()].filter(admin).length;
}
