import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import type { AccountState, Identity, PolicyDocument, User } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import type { Iam } from '../../src/sandbox/index.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { pick, playSteps, randomOf } from '../support/schedules.ts';
import { accountAfter, perform } from '../support/steps.ts';

/**
 * For random pairs of accounts, in random schedules with failures: nobody gains on the way, and what somebody may do on
 * both sides they may do all the while, if a policy that comes to them gives nothing new. Documents name whole actions, so
 * that all that they say are small sets: which policies these are is decided here, without the engine.
 */

const actions = ['s3:GetObject', 's3:PutObject', 'ec2:StartInstances', 'sqs:SendMessage'];
type Actions = ReadonlySet<string>;

const text = fc
  .record({
    allow: fc.subarray(actions, { minLength: 1, maxLength: 3 }),
    deny: fc.oneof(
      { weight: 5, arbitrary: fc.constant([]) },
      fc.subarray(actions, { minLength: 1, maxLength: 2 }),
    ),
  })
  .map(({ allow, deny }): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: allow, Resource: '*' },
      ...(deny.length > 0 ? [{ Effect: 'Deny', Action: deny, Resource: '*' }] : []),
    ],
  }));
const [userNames, groupNames, policyNames] = [
  ['u1', 'u2', 'u3'],
  ['g1', 'g2', 'g3'],
  ['p1', 'p2', 'p3', 'p4'],
];
const arns = policyNames.map((name) => aPolicy(name, {}).arn);

const identity = {
  policies: fc.dictionary(fc.constantFrom('i1', 'i2'), text, { maxKeys: 2 }),
  attachedPolicyArns: fc.subarray(arns, { maxLength: 2 }).map((list) => [...list].sort()),
};
const state = fc.record({
  policies: fc.tuple(...policyNames.map((name) => text.map((document) => aPolicy(name, document)))),
  groups: fc.tuple(...groupNames.map((name) => fc.record(identity).map((rest) => aGroup(name, rest)))),
  users: fc.tuple(
    ...userNames.map((name) =>
      fc
        .record({
          ...identity,
          groups: fc.subarray(groupNames),
          boundary: fc.constantFrom(null, null, null, null, null, null, ...arns.slice(0, 1)),
          suspended: fc.constantFrom(false, false, false, false, false, false, false, true),
        })
        .map((rest) => aUser(name, rest)),
    ),
  ),
});
type Parts = typeof state extends fc.Arbitrary<infer T> ? T : never;

/** Mostly what is there stays, as in an account; what changes is drawn. */
const change = fc
  .tuple(state, state, fc.array(fc.nat(99), { minLength: 24, maxLength: 24 }))
  .map(([before, drawn, chances]) => {
    let at = 0;
    const mix = <T>(old: T, fresh: T, percent: number): T =>
      chances[at++ % chances.length]! < percent ? fresh : old;
    const after: Parts = {
      policies: before.policies.map((one, n) => mix(one, drawn.policies[n]!, 20)),
      groups: before.groups.map((one, n) => mix(one, drawn.groups[n]!, 25)),
      users: before.users.map((one, n) => ({
        ...mix(one, drawn.users[n]!, 80),
        suspended: drawn.users[n]!.suspended === true,
      })),
    };
    return [{ ...before, users: before.users.filter((_, n) => chances[n]! < 95) }, after] as const;
  });

const said = (document: PolicyDocument, effect: 'Allow' | 'Deny'): string[] =>
  (document['Statement'] as unknown as { Effect: string; Action: string[] }[])
    .filter(({ Effect }) => Effect === effect)
    .flatMap(({ Action }) => Action);

/** A policy of somebody: `place` is where it stands, `group` through which. */
interface Held {
  readonly place: string;
  readonly group: string | null;
  readonly arn: string | null;
  readonly document: PolicyDocument;
}

function heldBy(account: AccountState, user: User): Held[] {
  const of = (one: Identity, group: string | null): Held[] => [
    ...Object.entries(one.policies).map(([name, document]) => ({
      place: `${group} ${name}`,
      group,
      arn: null,
      document,
    })),
    ...one.attachedPolicyArns.map((arn) => ({
      place: `${group} ${arn}`,
      group,
      arn,
      document: [...account.policies.values()].find((policy) => policy.arn === arn)!.document,
    })),
  ];
  return [...of(user, null), ...user.groups.flatMap((name) => of(account.groups.get(name)!, name))];
}

const without = (some: Iterable<string>, others: Actions): string[] =>
  [...some].filter((one) => !others.has(one));
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the user may do by their policies and boundary. */
function access(account: AccountState, user: User | undefined): Actions {
  if (!user || user.suspended) return new Set();
  const held = heldBy(account, user).map(({ document }) => document);
  const bound = [...account.policies.values()].find(({ arn }) => arn === user.boundary)?.document;
  const denied = new Set([...held, ...(bound ? [bound] : [])].flatMap((one) => said(one, 'Deny')));
  const allowed = without(new Set(held.flatMap((one) => said(one, 'Allow'))), denied);
  return new Set(bound ? allowed.filter((one) => said(bound, 'Allow').includes(one)) : allowed);
}

/** What a policy or a group says of one side may reach, for a while, whoever has it on the other one. */
function deniedOnTheWay(before: AccountState, after: AccountState, sides: readonly User[]): Actions {
  const accounts = [before, after];
  const managed = (arn: string | null): PolicyDocument[] =>
    accounts.flatMap(({ policies }) =>
      [...policies.values()].filter((policy) => policy.arn === arn).map((policy) => policy.document),
    );
  const reached = sides
    .flatMap((user) =>
      accounts.flatMap((account) =>
        heldBy(account, { ...user, groups: user.groups.filter((name) => account.groups.has(name)) }),
      ),
    )
    .flatMap(({ arn, document }) => (arn === null ? [document] : managed(arn)));
  const bounds = sides.flatMap(({ boundary }) => managed(boundary));
  return new Set([
    ...[...reached, ...bounds].flatMap((one) => said(one, 'Deny')),
    ...bounds.flatMap((one) => without(actions, new Set(said(one, 'Allow')))),
  ]);
}

/** What somebody may do on both sides: all of it, what policies that stay give, and what those give that come first. */
function promised(
  before: AccountState,
  after: AccountState,
  name: string,
): { both: Actions; stays: Actions; first: Actions } {
  const [was, is] = [before.users.get(name), after.users.get(name)];
  const [had, has] = [access(before, was), access(after, is)];
  const both = new Set([...had].filter((one) => has.has(one)));
  if (!was || !is) return { both, stays: new Set(), first: new Set() };
  const [old, fresh] = [heldBy(before, was), heldBy(after, is)];
  const crossed = deniedOnTheWay(before, after, [was, is]);
  const lasting = fresh.filter((one) =>
    old.some(({ place, document }) => place === one.place && same(document, one.document)),
  );
  const denied = new Set(lasting.flatMap(({ document }) => said(document, 'Deny')));
  const saysTheSame = (arn: string): boolean => {
    const [one, other] = [before, after].map(({ policies }) =>
      [...policies.values()].find((policy) => policy.arn === arn),
    );
    return one !== undefined && same(one.document, other?.document);
  };
  const giving = (all: readonly PolicyDocument[]): string[] =>
    without(
      all.flatMap((one) => said(one, 'Allow')),
      new Set([...denied, ...all.flatMap((one) => said(one, 'Deny'))]),
    );
  /** Only what is the user's own alone: what comes to others, too, is judged by them as well. */
  const isHarmless = (one: Held): boolean => {
    if (one.arn !== null && !saysTheSame(one.arn)) return false;
    if (one.group === null)
      return (
        old.every(({ place }) => place !== one.place) && without(giving([one.document]), both).length === 0
      );
    if (was.groups.includes(one.group)) return false;
    const [group, earlier] = [after, before].map(({ groups }) => groups.get(one.group!)!);
    const isSteady = same(group, earlier) && group!.attachedPolicyArns.every(saysTheSame);
    const all = fresh.filter((other) => other.group === one.group).map(({ document }) => document);
    return isSteady && without(giving(all), both).length === 0;
  };
  const given = (some: readonly Held[]): Actions =>
    new Set(
      some
        .flatMap(({ document }) => said(document, 'Allow'))
        .filter((one) => both.has(one) && !crossed.has(one)),
    );
  return { both, stays: given(lasting), first: given(fresh.filter(isHarmless)) };
}

const held = (iam: Pick<Iam, 'allows'>): Set<string> =>
  new Set(
    userNames.flatMap((user) =>
      actions.filter((action) => iam.allows(user, action, '*')).map((action) => `${user} ${action}`),
    ),
  );
const say = (steps: readonly Step[]): string =>
  steps.map(({ id, about, op, cls, needs }) => `${id} ${op} ${about} ${cls} (${needs.join(' ')})`).join('\n');

test(
  'nobody gains, and nobody loses for a moment what policies give them that bring nothing new',
  { timeout: 240_000 },
  () => {
    const counts = { plans: 0, moments: 0, both: 0, moved: 0, kept: 0, lost: 0 };
    fc.assert(
      fc.property(change, fc.nat(), ([first, second], seed) => {
        const live = {
          ...first,
          users: first.users.map(({ suspended: _suspended, ...user }) => ({
            ...user,
            credentials: noCredentials,
          })),
        };
        const [before, after] = [desiredOf(live).state, desiredOf(second).state];
        const setUp = makePlan(desiredOf(live), desiredOf({}).state, new Date()).plan!.steps;
        const { steps } = makePlan(desiredOf(second), before, new Date()).plan!;
        const initial = held(accountAfter(setUp));
        const final = held(accountAfter([...setUp, ...steps]));
        const keeps = userNames.map((name) => ({ name, ...promised(before, after, name) }));
        const kept = keeps.flatMap(({ name, stays, first: come }) =>
          [...new Set([...stays, ...come])].map((one) => `${name} ${one}`),
        );
        expect(kept.filter((one) => !initial.has(one) || !final.has(one))).toEqual([]);
        counts.plans += 1;
        for (const { both, stays, first: come } of keeps) {
          counts.both += both.size;
          counts.moved += without(both, stays).length;
          counts.kept += without(come, stays).length;
        }
        const random = randomOf(seed);
        for (let run = 0; run < 3; run += 1) {
          const iam = accountAfter(setUp);
          const failures = run === 0 ? 0 : 0.15;
          const went: string[] = [];
          const effect = (step: Step): void => {
            went.push(step.id);
            const refused = perform(iam, step);
            if (isLook(step)) return;
            counts.moments += 1;
            const now = held(iam);
            const where = `${went.join(' ')} of\n${say(steps)}`;
            counts.lost += [...initial].filter((one) => final.has(one) && !now.has(one)).length;
            expect({
              where,
              gained: [...now].filter((one) => !initial.has(one) && !final.has(one)),
              lost: kept.filter((one) => !now.has(one)),
              refused: failures === 0 ? refused : null,
            }).toEqual({ where, gained: [], lost: [], refused: null });
          };
          const fate = () =>
            random() < failures ? pick(['refused', 'lost', 'late'] as const, random) : 'done';
          playSteps(
            steps,
            { width: 1 + Math.floor(random() * 8), anyOrder: random() < 0.7, fate, effect },
            random,
          );
        }
      }),
      { numRuns: Number(process.env['ROLLCALL_RUNS'] ?? 60), endOnFailure: false },
    );
    if (process.env['ROLLCALL_RUNS'] !== undefined) console.log(counts);
    // What is promised is no empty set.
    expect(counts.kept).toBeGreaterThan(counts.plans / 10);
  },
);
