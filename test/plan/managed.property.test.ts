import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Desired, ManageRule } from '../../src/core/desired.ts';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import type { AccountState } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';

/**
 * Whatever the account, the manifests, and those at the base: no step touches a stranger, and who was declared and no
 * longer is goes. What is managed is decided here once more, in the words of docs/manifests.md.
 */

const [users, groups, policies] = [
  ['u1', 'u2', 'u3', 'u4'],
  ['g1', 'g2', 'g3'],
  ['p1', 'p2', 'p3'],
] as const;
const sections = { user: 'users', group: 'groups', policy: 'policies' } as const;
type Section = (typeof sections)[keyof typeof sections];
type Names = { readonly [section in Section]: readonly string[] };

const document = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const arnOf = (name: string): string => aPolicy(name, document('*')).arn;
const some = <T>(of: readonly T[]): fc.Arbitrary<T[]> => fc.subarray([...of]);
const path = fc.constantFrom('/', '/team/', '/team/a/', '/teams/');
const tags = fc.constantFrom({}, { team: 'x' }, { team: 'y' }, { 'rollcall-managed': 'true' });

const account = fc.record({
  users: fc.tuple(
    ...users.map((name) =>
      fc
        .record({ path, tags, groups: some(groups), attach: some(policies), inline: fc.boolean() })
        .map((one) =>
          aUser(name, {
            path: one.path,
            tags: one.tags,
            groups: one.groups,
            attachedPolicyArns: one.attach.map(arnOf),
            policies: one.inline ? { own: document('s3:*') } : {},
            id: `AIDA${name}`,
            credentials: noCredentials,
          }),
        ),
    ),
  ),
  groups: fc.tuple(
    ...groups.map((name) =>
      fc
        .record({ path, attach: some(policies) })
        .map((one) => aGroup(name, { path: one.path, attachedPolicyArns: one.attach.map(arnOf) })),
    ),
  ),
  policies: fc.tuple(
    ...policies.map((name) =>
      fc.constantFrom('s3:*', 'sqs:*').map((action) => aPolicy(name, document(action))),
    ),
  ),
});

const names: fc.Arbitrary<Names> = fc.record({
  users: some(users),
  groups: some(groups),
  policies: some(policies),
});
const rule = fc.constantFrom<ManageRule[]>(
  'declared',
  'declared',
  'all',
  { paths: ['/team/'] },
  { names: ['*', '!?1'] },
  { tags: { team: 'x' } },
  { names: ['*'], tags: { team: 'x' } },
);
const manage = fc.record({
  users: rule,
  groups: rule.filter((one) => typeof one === 'string' || one.tags === undefined),
  policies: rule.filter((one) => typeof one === 'string' || one.tags === undefined),
});

type Account = typeof account extends fc.Arbitrary<infer T> ? T : never;

/** A part of the account as manifests might declare it, and some of it otherwise. */
function declare(from: Account, wanted: Names, rest: Partial<Desired> = {}): Desired {
  const kept = (name: string): boolean => wanted.groups.includes(name);
  return desiredOf(
    {
      users: from.users
        .filter(({ name }) => wanted.users.includes(name))
        .map((user, index) => ({
          ...aUser(user.name, { path: user.path, policies: user.policies }),
          groups: index % 2 === 0 ? user.groups.filter(kept) : [...wanted.groups],
          attachedPolicyArns: wanted.policies.map(arnOf),
        })),
      groups: from.groups
        .filter(({ name }) => kept(name))
        .map((group) => ({ ...group, attachedPolicyArns: wanted.policies.map(arnOf) })),
      policies: wanted.policies.map((name) => aPolicy(name, document('s3:*'))),
    },
    rest,
  );
}

const without = (all: readonly string[], ...others: (readonly string[])[]): string[] =>
  all.filter((name) => !others.flat().includes(name));

interface World {
  readonly from: Account;
  readonly manifests: Desired;
  readonly before: Names | null;
  readonly wanted: Names;
}

const world: fc.Arbitrary<World> = fc
  .record({ from: account, wanted: names, before: fc.option(names), gone: names, left: names, manage })
  .map(({ from, wanted, before, gone, left, manage: rules }) => {
    const ignore = Object.fromEntries(
      Object.values(sections).map((section) => [
        section,
        without(left[section], wanted[section], gone[section]),
      ]),
    );
    const removed = Object.fromEntries(
      Object.values(sections).map((section) => [section, without(gone[section], wanted[section])]),
    );
    return { from, wanted, before, manifests: declare(from, wanted, { manage: rules, ignore, removed }) };
  });

/** By the words of the docs. */
function isManaged(
  { from, manifests, before, wanted }: World,
  kind: keyof typeof sections,
  name: string,
): boolean {
  const section = sections[kind];
  if (manifests.ignore[section]!.includes(name)) return false;
  if (wanted[section].includes(name) || before?.[section].includes(name)) return true;
  if (manifests.removed[section]!.includes(name)) return true;
  const said = manifests.manage[section]!;
  if (typeof said === 'string') return said === 'all';
  const object = (
    from[section] as readonly { name: string; path: string; tags?: Record<string, string> }[]
  ).find((one) => one.name === name)!;
  if (said.paths === undefined && said.names === undefined) return false;
  return (
    (said.paths === undefined || object.path.startsWith('/team/')) &&
    (said.names === undefined || said.names.length === 1 || !name.endsWith('1')) &&
    (said.tags === undefined || object.tags?.['team'] === 'x')
  );
}

/** Strangers that a step is about. Who leaves leaves everything, and an attachment is its holder's. */
function strangersTouched(one: World, leaving: ReadonlySet<string>, step: Step): string[] {
  if (isLook(step)) return [];
  const { UserName, GroupName, PolicyArn } = step.input as { readonly [field: string]: string | undefined };
  const about = [
    { kind: 'user', name: UserName },
    { kind: 'group', name: leaving.has(UserName ?? '') ? undefined : GroupName },
    { kind: 'policy', name: /^(?:At|De)tach/.test(step.op) ? undefined : PolicyArn?.split('/').at(-1) },
  ] as const;
  return about.flatMap(({ kind, name }) =>
    name === undefined || isManaged(one, kind, name) ? [] : [`${step.op} ${kind} ${name}`],
  );
}

test('no step touches a stranger, and who was declared goes', () => {
  const seen = { strangers: 0, removals: 0, plans: 0 };
  fc.assert(
    fc.property(world, (one) => {
      const { from, manifests, before, wanted } = one;
      const live: AccountState = desiredOf(from).state;
      const base = before && { rev: 'main', commit: 'c', desired: declare(from, before) };
      const { plan, problems } = makePlan(manifests, live, new Date(0), new Set(), base);
      expect(problems).toBeUndefined();
      const leaving = new Set(
        plan!.changes.filter(({ action }) => action === 'offboard').map(({ name }) => name),
      );
      expect(plan!.steps.flatMap((step) => strangersTouched(one, leaving, step))).toEqual([]);
      const going = users.filter((name) => isManaged(one, 'user', name) && !wanted.users.includes(name));
      expect([...leaving].sort()).toEqual(going);
      seen.plans += 1;
      seen.removals += going.length;
      seen.strangers += users.filter((name) => !isManaged(one, 'user', name)).length;
    }),
    { numRuns: 300, seed: 13 },
  );
  // It is about something.
  expect(Math.min(seen.removals, seen.strangers)).toBeGreaterThan(seen.plans / 2);
});
