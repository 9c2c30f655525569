import type { Desired } from '../core/desired.ts';
import { ofApply } from '../core/plan.ts';
import type { KindName, Plan } from '../core/plan.ts';
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

/** The caller itself and what `rails.protect` names: no step may touch them. */
function untouchables({ plan, manifests, caller }: RailInput): Trip[] {
  const self = /^arn:[^:]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(caller)?.[1];
  const { protect } = manifests.rails;
  const fields = { user: 'UserName', group: 'GroupName', policy: 'PolicyName' } as const;
  const touched = (kind: KindName, name: string): string[] => {
    // A change bears the new name of what it renames; its step has the old one.
    const named = new Set(
      plan.steps.filter(({ input }) => input[fields[kind]] === name).map(({ change }) => change),
    );
    return plan.changes
      .filter(
        (change) =>
          (change.kind === kind && change.name === name) ||
          ((change.kind === kind || (kind === 'user' && change.kind === 'group')) && named.has(change.id)),
      )
      .map((change) => `${change.kind} ${change.name}: ${change.summary}`);
  };
  const list = (changes: readonly string[]): string => changes.join('; ');
  const trips: Trip[] = [];
  const own = self === undefined ? [] : touched('user', self);
  if (own.length > 0) {
    trips.push(
      trip('caller', `the plan touches ${self}, who runs it: ${list(own)}`, 'let somebody else run it'),
    );
  }
  const kinds = { user: protect.users, group: protect.groups, policy: protect.policies } as const;
  for (const kind of ['user', 'group', 'policy'] as const) {
    for (const name of kinds[kind]) {
      const changes = touched(kind, name);
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
    const all = [...state.users.values()].filter(({ groups }) => groups.includes(group));
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
