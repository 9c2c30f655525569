import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import type { PolicyDocument, Role, User } from '../../src/core/state.ts';
import { denyAll } from '../../src/access/documents.ts';
import { makePlan } from '../../src/plan/index.ts';
import { accountId, aGroup, aPolicy, aRole, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { gainedBeyond, reachable } from '../support/reach.ts';
import { pick, playSteps, randomOf } from '../support/schedules.ts';
import { accountAfter, perform } from '../support/steps.ts';

/**
 * For random pairs of accounts whose roles trust users, the account, each other and others: whichever order the steps take
 * that their needs allow, and whatever fails, nobody can do at any moment, by themselves or through roles, what they can do
 * on neither side.
 */

const [userNames, roleNames] = [
  ['u1', 'u2'],
  ['r1', 'r2', 'r3'],
] as const;
const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;
const userArn = (name: string): string => `arn:aws:iam::${accountId}:user/${name}`;
const probes = ['s3:GetObject', 's3:PutObject', 'ec2:StartInstances'].flatMap((action) =>
  ['arn:aws:s3:::a/x', 'arn:aws:s3:::b/x'].map((resource) => [action, resource] as const),
);

const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
  Action: fc.constantFrom('s3:GetObject', 's3:*', 'ec2:*', 'sts:AssumeRole', 'sts:AssumeRole', 'sts:*', '*'),
  Resource: fc.constantFrom('*', '*', 'arn:aws:s3:::a/*', ...roleNames.map(roleArn), roleArn('*')),
});
const document: fc.Arbitrary<PolicyDocument> = fc
  .array(statement, { minLength: 1, maxLength: 2 })
  .map((Statement) => ({ Version: '2012-10-17', Statement }));
const inline = fc.dictionary(fc.constantFrom('i1', 'i2'), document, { maxKeys: 2 });

const trustOf = (names: readonly string[]): fc.Arbitrary<PolicyDocument> =>
  fc
    .array(
      fc.record({
        Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Allow', 'Deny'),
        Principal: fc.oneof(
          { weight: 3, arbitrary: fc.subarray([...names], { minLength: 1 }).map((AWS) => ({ AWS })) },
          {
            weight: 3,
            arbitrary: fc.constantFrom(
              { AWS: accountId },
              { AWS: '999999999999' },
              { Service: 'lambda.amazonaws.com' },
              '*' as const,
            ),
          },
        ),
        Condition: fc.constantFrom(null, null, null, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      }),
      { minLength: 1, maxLength: 2 },
    )
    .map((Statement) => ({
      Version: '2012-10-17',
      Statement: Statement.map(({ Condition, ...rest }) => ({
        ...rest,
        Action: 'sts:AssumeRole',
        ...(Condition ? { Condition } : {}),
      })),
    }));

const state = fc
  .record({
    policies: fc
      .subarray(['p1', 'p2'])
      .chain((names) =>
        fc.tuple(
          ...names.map((name) =>
            fc.tuple(document, fc.constantFrom('/', '/x/')).map(([doc, path]) => aPolicy(name, doc, path)),
          ),
        ),
      ),
    users: fc.subarray([...userNames], { minLength: 1 }),
    roles: fc.subarray([...roleNames], { minLength: 1 }),
  })
  .chain(({ policies, users, roles }) => {
    const arns = policies.map(({ arn }) => arn);
    const attachedPolicyArns = fc.subarray(arns).map((list) => [...list].sort());
    const boundary = fc.constantFrom(null, null, ...arns);
    const trust = trustOf([...users.map(userArn), ...roles.map(roleArn)]);
    return fc.record({
      policies: fc.constant(policies),
      groups: fc.record({ policies: inline, attachedPolicyArns }).map((rest) => [aGroup('g1', rest)]),
      users: fc.tuple(
        ...users.map((name) =>
          fc
            .record({
              policies: inline,
              attachedPolicyArns,
              groups: fc.subarray(['g1']),
              boundary,
              suspended: fc.constantFrom(false, false, false, false, true),
            })
            .map((rest) => aUser(name, rest)),
        ),
      ),
      roles: fc.tuple(
        ...roles.map((name) =>
          fc
            .record({ trust, policies: inline, attachedPolicyArns, boundary, revoke: fc.boolean() })
            .map(({ trust: who, revoke, ...rest }) =>
              aRole(name, who, { ...rest, ...(revoke ? { revoke } : {}) }),
            ),
        ),
      ),
    });
  });

type Parts = Parameters<typeof desiredOf>[0];

/** The parts as an account has them that was made so. */
const asLive = ({ users = [], roles = [], ...rest }: Parts): Parts => ({
  ...rest,
  roles: roles.map(({ revoke: _revoke, ...role }): Role => ({
    ...role,
    description: '',
    maxSession: 3600,
    instanceProfiles: [],
  })),
  users: users.map(({ suspended, policies, ...user }): User => ({
    ...user,
    policies: suspended ? { ...policies, 'rollcall-suspended': denyAll } : policies,
    credentials: noCredentials,
  })),
});

const all = { manage: { roles: 'all' } } as const;
const say = (steps: readonly Step[]): string =>
  steps
    .map(
      ({ id, op, cls, about, needs, input }) =>
        `${id} ${op} ${cls} ${about} (${needs.join(' ')}) ${String(Object.values(input).find((one) => String(one).startsWith('{')) ?? '')}`,
    )
    .join('\n');

const shownTrusts = ({ roles = [] }: Parts): string[] =>
  roles.map(({ name, trust }) => `${name} ${JSON.stringify(trust['Statement'])}`);

/** A boundary that is re-created is refused by the planner; the property is about what can be planned. */
const planned = (...args: Parameters<typeof makePlan>) => makePlan(...args).plan ?? null;

test('nobody gains through roles on the way, whatever order, whatever fails', { timeout: 240_000 }, () => {
  let [moments, plans] = [0, 0];
  fc.assert(
    fc.property(state, state, fc.nat(), (first, second, seed) => {
      const parts = asLive(first);
      const setUp = planned(desiredOf(parts, all), desiredOf({}).state, new Date())!.steps;
      const plan = planned(desiredOf(second, all), desiredOf(parts).state, new Date());
      fc.pre(plan !== null);
      const { steps } = plan;
      plans += 1;
      const initial = reachable(accountAfter(setUp), probes);
      const final = reachable(accountAfter([...setUp, ...steps]), probes);
      const [had, has] = [first, second].map(
        (side) =>
          new Set([
            ...side.users.map(({ name }) => `user ${name}`),
            ...side.roles.map(({ name }) => `role ${name}`),
          ]),
      ) as [Set<string>, Set<string>];
      const isOnOneSide = (ref: string): boolean => had.has(ref) !== has.has(ref);
      const random = randomOf(seed);
      for (let run = 0; run < 3; run += 1) {
        const iam = accountAfter(setUp);
        const failures = run === 0 ? 0 : 0.2;
        const went: string[] = [];
        const effect = (step: Step): void => {
          const refused = perform(iam, step);
          went.push(refused ? `${step.id}!` : step.id);
          if (isLook(step)) return;
          moments += 1;
          const gained = gainedBeyond(reachable(iam, probes), initial, final, isOnOneSide);
          const unexpected = failures === 0 ? refused : null;
          if (gained.length === 0 && unexpected === null) return;
          throw new Error(
            [
              `gained ${gained.join(', ')}; refused ${unexpected}; after ${went.join(' ')} of`,
              say(steps),
              'before',
              ...shownTrusts(parts),
              'target',
              ...shownTrusts(second),
            ].join('\n'),
          );
        };
        const fate = () =>
          random() < failures ? pick(['refused', 'lost', 'late'] as const, random) : 'done';
        playSteps(
          steps,
          { width: 1 + Math.floor(random() * 8), anyOrder: random() < 0.8, fate, effect },
          random,
        );
        const end = failures === 0 ? reachable(iam, probes) : final;
        expect(end).toEqual(final);
      }
    }),
    { numRuns: Number(process.env['ROLLCALL_RUNS'] ?? 25), endOnFailure: false },
  );
  expect(plans).toBeGreaterThan(10);
  expect(moments).toBeGreaterThan(300);
});
