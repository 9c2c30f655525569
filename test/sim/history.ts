import type { Group, ManagedPolicy, User } from '../../src/core/state.ts';
import type { Random } from './random.ts';
import { noRoles, randomRoles, renamedInTrusts, roleEdits, settleRemoved, withoutNamed } from './roles.ts';
import { anyCase, folded, names, policyArn, randomDocument, randomInline } from './universe.ts';
import type { Manifest, SimUser } from './universe.ts';

/** Manifests and their edits, as a team would make them over weeks. Never invalid: that is the loader's business. */

export const day = 24 * 3600_000;
const awsArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess', 'arn:aws:iam::aws:policy/AWSDenyAll'];

/** Policies that are nearly too large: the temporary ones have no room then. */
export interface Tastes {
  readonly tight: boolean;
  readonly credentials: boolean;
  /** Whether there are roles, and what goes with them. */
  readonly roles: boolean;
}

const inlineOf = (random: Random, { tight }: Tastes): User['policies'] =>
  Object.fromEntries(
    random
      .some(names.inline, 0.4)
      .map((name) => [
        anyCase(random, name),
        randomInline(random, tight && random.chance(0.6) ? 'large' : 'small'),
      ]),
  );

const fits = (policies: User['policies']): boolean => JSON.stringify(policies).length < 1950;

function aUser(
  random: Random,
  name: string,
  manifest: Pick<Manifest, 'groups' | 'policies'>,
  tastes: Tastes,
): SimUser {
  const arns = manifest.policies.map(({ arn }) => arn);
  const inline = inlineOf(random, tastes);
  const credentials = tastes.credentials || random.chance(0.2);
  return {
    name,
    path: random.chance(0.85) ? '/' : '/team/',
    tags: random.chance(0.3) ? { team: random.pick(['a', 'b']) } : {},
    groups: random.some(manifest.groups, 0.4).map((group) => group.name),
    policies: fits(inline) ? inline : {},
    attachedPolicyArns: random.some([...arns, ...random.some(awsArns, 0.15)], 0.3).sort(),
    boundary: arns.length > 0 && random.chance(0.2) ? random.pick(arns) : null,
    ...(credentials && random.chance(0.5) ? { accessKey: aKey(random) } : {}),
    ...(credentials && random.chance(0.3) ? { console: {} } : {}),
    ...(random.chance(0.08) ? { suspended: true } : {}),
  };
}

/** An inline policy is renamed, two exchange their names, or one becomes a managed policy or was one. */
function moveText(
  random: Random,
  { policies, attachedPolicyArns }: Pick<Group, 'policies' | 'attachedPolicyArns'>,
  all: readonly ManagedPolicy[],
): { identity: Pick<Group, 'policies' | 'attachedPolicyArns'>; policies: readonly ManagedPolicy[] } | null {
  const inline = Object.keys(policies);
  const free = names.inline.filter((name) => !inline.some((one) => folded(one) === name));
  const [one, other] = inline;
  const managed = random.maybe(all.filter(({ arn }) => attachedPolicyArns.includes(arn)));
  const unused = names.policies.filter((name) => !all.some((policy) => policy.name === name));
  const { [one ?? '']: document, ...rest } = policies;
  const kind = random.int(3);
  if (kind === 0 && one !== undefined && other !== undefined) {
    return {
      identity: {
        attachedPolicyArns,
        policies: { ...policies, [one]: policies[other]!, [other]: policies[one]! },
      },
      policies: all,
    };
  }
  if (kind === 1 && managed && free.length > 0) {
    return {
      identity: {
        attachedPolicyArns: attachedPolicyArns.filter((arn) => arn !== managed.arn),
        policies: { ...policies, [random.pick(free)]: managed.document },
      },
      policies: all,
    };
  }
  if (kind === 2 && document?.['Version'] === '2012-10-17' && unused.length > 0) {
    const name = random.pick(unused);
    const policy: ManagedPolicy = { name, path: '/', arn: policyArn(name), document };
    return {
      identity: { attachedPolicyArns: [...attachedPolicyArns, policy.arn].sort(), policies: rest },
      policies: [...all, policy],
    };
  }
  return document && free.length > 0
    ? {
        identity: { attachedPolicyArns, policies: { ...rest, [random.pick(free)]: document } },
        policies: all,
      }
    : null;
}

const aKey = (random: Random): NonNullable<User['accessKey']> => ({
  count: random.chance(0.85) ? 1 : 2,
  ...(random.chance(0.4) ? { rotateAfter: random.pick([1, 30, 90]), grace: random.pick([1, 7]) } : {}),
});

const aGroup = (random: Random, name: string, policies: readonly ManagedPolicy[], tastes: Tastes): Group => ({
  name,
  path: random.chance(0.9) ? '/' : '/team/',
  policies: inlineOf(random, tastes),
  attachedPolicyArns: random.some(
    policies.map(({ arn }) => arn),
    0.35,
  ),
});

function aPolicy(random: Random, name: string): ManagedPolicy {
  const path = random.chance(0.8) ? '/' : '/x/';
  return {
    name,
    path,
    arn: policyArn(name, path),
    document: randomDocument(random),
    ...(random.chance(0.2) ? { tags: { owner: random.pick(['a', 'b']) } } : {}),
  };
}

export function randomManifest(random: Random, tastes: Tastes): Manifest {
  const policies = random.some(names.policies, 0.5).map((name) => aPolicy(random, name));
  const groups = random.some(names.groups, 0.55).map((name) => aGroup(random, name, policies, tastes));
  const users = random
    .some(names.users, 0.65)
    .map((name) => aUser(random, name, { groups, policies }, tastes));
  const people = users.length > 0 ? users : [aUser(random, 'u1', { groups, policies }, tastes)];
  return {
    users: people,
    groups,
    policies,
    ...(tastes.roles ? randomRoles(random, { users: people, policies }) : noRoles),
    protect: random.chance(0.2)
      ? [
          anyCase(
            random,
            random.pick([
              ...names.users,
              ...names.groups,
              ...names.policies,
              ...(tastes.roles ? names.roles : []),
            ]),
          ),
        ]
      : [],
    maxUsers: random.chance(0.2) ? random.int(3) : null,
  };
}

type Edit = (random: Random, manifest: Manifest, tastes: Tastes, now: number) => Manifest | null;

/** Changes one user, if there is one that `wants`. */
const onUser =
  (
    change: (
      user: SimUser,
      random: Random,
      manifest: Manifest,
      tastes: Tastes,
      now: number,
    ) => SimUser | null,
  ): Edit =>
  (random, manifest, tastes, now) => {
    const user = random.maybe(manifest.users);
    const changed = user && change(user, random, manifest, tastes, now);
    return changed
      ? { ...manifest, users: manifest.users.map((one) => (one === user ? changed : one)) }
      : null;
  };

const toggle = <T>(list: readonly T[], item: T): T[] =>
  list.includes(item) ? list.filter((one) => one !== item) : [...list, item].sort();

const without = <T extends object, K extends keyof T>(object: T, key: K): Omit<T, K> => {
  const { [key]: _gone, ...rest } = object;
  return rest;
};

/** `renamedFrom` stays in the files until the old name is used again. */
function settleRenames(manifest: Manifest): Manifest {
  const settle = <T extends { name: string; renamedFrom?: string }>(items: readonly T[]): T[] =>
    items.map((item) =>
      item.renamedFrom !== undefined && items.some(({ name }) => name === folded(item.renamedFrom!))
        ? (without(item, 'renamedFrom') as T)
        : item,
    );
  return { ...manifest, users: settle(manifest.users), groups: settle(manifest.groups) };
}

const isBoundary = (manifest: Manifest, arn: string): boolean =>
  [...manifest.users, ...manifest.roles].some(({ boundary }) => boundary === arn);

const edits: readonly (readonly [weight: number, edit: Edit])[] = [
  // People come and go.
  [
    3,
    (random, manifest, tastes) => {
      const name = random.maybe(
        names.users.filter((one) => !manifest.users.some((user) => user.name === one)),
      );
      return name === undefined
        ? null
        : { ...manifest, users: [...manifest.users, aUser(random, name, manifest, tastes)] };
    },
  ],
  [
    4,
    (random, manifest) => {
      const gone = random.maybe(manifest.users);
      if (!gone) return null;
      const rest = { ...manifest, users: manifest.users.filter((user) => user !== gone) };
      return random.chance(0.6) ? withoutNamed(rest, 'user', gone.name) : rest;
    },
  ],
  // A user turns into another one at once.
  [
    1,
    (random, manifest, tastes) => {
      const user = random.maybe(manifest.users);
      return user
        ? {
            ...manifest,
            users: manifest.users.map((one) =>
              one === user ? aUser(random, user.name, manifest, tastes) : one,
            ),
          }
        : null;
    },
  ],
  [
    1,
    (random, manifest) => {
      const user = random.maybe(manifest.users);
      const name = random.maybe(
        names.users.filter(
          (one) =>
            !manifest.users.some((other) => other.name === one || folded(other.renamedFrom ?? '') === one),
        ),
      );
      return user && name !== undefined
        ? {
            ...manifest,
            users: manifest.users.map((one) =>
              one === user ? { ...user, name, renamedFrom: anyCase(random, user.name) } : one,
            ),
            // By their name they are whom a trust names, whatever they are called by now.
            roles: random.chance(0.8) ? renamedInTrusts(manifest.roles, user.name, name) : manifest.roles,
          }
        : null;
    },
  ],
  [
    4,
    onUser((user, random, manifest) => {
      const group = random.maybe(manifest.groups);
      return group ? { ...user, groups: toggle(user.groups, group.name) } : null;
    }),
  ],
  [
    3,
    onUser((user, random, _manifest, tastes) => {
      const policies = inlineOf(random, tastes);
      return fits(policies) ? { ...user, policies } : null;
    }),
  ],
  [
    3,
    onUser((user, random, manifest) => {
      const arn = random.maybe([...manifest.policies.map((policy) => policy.arn), ...awsArns]);
      return arn === undefined ? null : { ...user, attachedPolicyArns: toggle(user.attachedPolicyArns, arn) };
    }),
  ],
  [
    2,
    onUser((user, random, manifest) => ({
      ...user,
      boundary: random.maybe([null, ...manifest.policies.map((policy) => policy.arn)]) ?? null,
    })),
  ],
  [1, onUser((user) => ({ ...user, path: user.path === '/' ? '/team/' : '/' }))],
  [
    1,
    onUser((user, random) => ({ ...user, tags: { [random.pick(['team', 'x'])]: random.pick(['a', 'b']) } })),
  ],
  [2, onUser((user) => (user.suspended ? without(user, 'suspended') : { ...user, suspended: true }))],
  [
    2,
    onUser((user, random) =>
      user.accessKey && random.chance(0.6)
        ? without(user, 'accessKey')
        : { ...user, accessKey: aKey(random) },
    ),
  ],
  [1, onUser((user) => (user.console ? without(user, 'console') : { ...user, console: {} }))],
  [
    1,
    onUser((user, random, _manifest, _tastes, now) => ({
      ...user,
      expires: now + random.between(1, 40) * day,
    })),
  ],
  [
    1,
    onUser((user, random, _manifest, _tastes, now) => {
      const group = random.maybe(user.groups);
      return group === undefined
        ? null
        : { ...user, until: { ...user.until, [group]: now + random.between(1, 40) * day } };
    }),
  ],
  // Groups.
  [
    1,
    (random, manifest, tastes) => {
      const name = random.maybe(
        names.groups.filter((one) => !manifest.groups.some((group) => group.name === one)),
      );
      if (name === undefined) return null;
      const groups = [...manifest.groups, aGroup(random, name, manifest.policies, tastes)];
      return {
        ...manifest,
        groups,
        users: manifest.users.map((user) =>
          random.chance(0.5) ? { ...user, groups: toggle(user.groups, name) } : user,
        ),
      };
    },
  ],
  [
    1,
    (random, manifest) => {
      const gone = random.maybe(manifest.groups);
      return gone
        ? {
            ...manifest,
            groups: manifest.groups.filter((group) => group !== gone),
            users: manifest.users.map((user) => ({
              ...user,
              groups: user.groups.filter((group) => group !== gone.name),
            })),
          }
        : null;
    },
  ],
  [
    1,
    (random, manifest) => {
      const group = random.maybe(manifest.groups);
      const name = random.maybe(
        names.groups.filter(
          (one) =>
            !manifest.groups.some((other) => other.name === one || folded(other.renamedFrom ?? '') === one),
        ),
      );
      if (!group || name === undefined) return null;
      return {
        ...manifest,
        groups: manifest.groups.map((one) =>
          one === group ? { ...group, name, renamedFrom: anyCase(random, group.name) } : one,
        ),
        users: manifest.users.map((user) => ({
          ...user,
          groups: user.groups.map((one) => (one === group.name ? name : one)),
          ...(user.until?.[group.name] === undefined ? {} : { until: {} }),
        })),
      };
    },
  ],
  [
    3,
    (random, manifest, tastes) => {
      const group = random.maybe(manifest.groups);
      return group
        ? {
            ...manifest,
            groups: manifest.groups.map((one) =>
              one === group
                ? {
                    ...aGroup(random, group.name, manifest.policies, tastes),
                    ...(group.renamedFrom === undefined ? {} : { renamedFrom: group.renamedFrom }),
                  }
                : one,
            ),
          }
        : null;
    },
  ],
  // What a user or a group holds keeps its text and changes its place.
  [
    4,
    (random, manifest) => {
      const identity = random.maybe([...manifest.users, ...manifest.groups, ...manifest.roles]);
      const moved = identity && moveText(random, identity, manifest.policies);
      if (!moved || !fits(moved.identity.policies)) return null;
      const replace = <T extends object>(one: T): T =>
        (one as object) === identity ? { ...one, ...moved.identity } : one;
      return {
        ...manifest,
        users: manifest.users.map(replace),
        groups: manifest.groups.map(replace),
        roles: manifest.roles.map(replace),
        policies: moved.policies,
      };
    },
  ],
  // Managed policies.
  [
    1,
    (random, manifest) => {
      const name = random.maybe(
        names.policies.filter((one) => !manifest.policies.some((policy) => policy.name === one)),
      );
      return name === undefined
        ? null
        : { ...manifest, policies: [...manifest.policies, aPolicy(random, name)] };
    },
  ],
  [
    1,
    (random, manifest) => {
      const gone = random.maybe(manifest.policies);
      const holds = (attachedPolicyArns: readonly string[]): string[] =>
        attachedPolicyArns.filter((arn) => arn !== gone?.arn);
      return gone
        ? {
            ...manifest,
            policies: manifest.policies.filter((policy) => policy !== gone),
            users: manifest.users.map((user) => ({
              ...user,
              attachedPolicyArns: holds(user.attachedPolicyArns),
              boundary: user.boundary === gone.arn ? null : user.boundary,
            })),
            groups: manifest.groups.map((group) => ({
              ...group,
              attachedPolicyArns: holds(group.attachedPolicyArns),
            })),
            roles: manifest.roles.map((role) => ({
              ...role,
              attachedPolicyArns: holds(role.attachedPolicyArns),
              boundary: role.boundary === gone.arn ? null : role.boundary,
            })),
          }
        : null;
    },
  ],
  [
    4,
    (random, manifest) => {
      const policy = random.maybe(manifest.policies);
      return policy
        ? {
            ...manifest,
            policies: manifest.policies.map((one) =>
              one === policy ? { ...policy, document: randomDocument(random) } : one,
            ),
          }
        : null;
    },
  ],
  [
    1,
    (random, manifest) => {
      const policy = random.maybe(manifest.policies.filter(({ arn }) => !isBoundary(manifest, arn)));
      if (!policy) return null;
      const path = policy.path === '/' ? '/x/' : '/';
      const arn = policyArn(policy.name, path);
      const moved = (attachedPolicyArns: readonly string[]): string[] =>
        attachedPolicyArns.map((one) => (one === policy.arn ? arn : one)).sort();
      return {
        ...manifest,
        policies: manifest.policies.map((one) => (one === policy ? { ...policy, path, arn } : one)),
        users: manifest.users.map((user) => ({
          ...user,
          attachedPolicyArns: moved(user.attachedPolicyArns),
        })),
        groups: manifest.groups.map((group) => ({
          ...group,
          attachedPolicyArns: moved(group.attachedPolicyArns),
        })),
        roles: manifest.roles.map((role) => ({
          ...role,
          attachedPolicyArns: moved(role.attachedPolicyArns),
        })),
      };
    },
  ],
];

/** One to five edits at once: a pull request. */
export function edited(random: Random, manifest: Manifest, tastes: Tastes, now: number): Manifest {
  let current = manifest;
  for (
    let left = random.weighted([
      [4, 1],
      [3, 2],
      [2, 4],
      [1, 6],
    ]);
    left > 0;
    left -= 1
  ) {
    // Half of what changes where there are roles is about them.
    const next =
      tastes.roles && random.chance(0.5)
        ? random.weighted(roleEdits)(random, current)
        : random.weighted(edits)(random, current, tastes, now);
    current = settleRenames(next ?? current);
  }
  return settleRemoved(manifest, current);
}
