import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import type { Credentials, PolicyDocument, User } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { IamError } from '../../src/sandbox/wire/errors.ts';
import {
  aGroup,
  aPolicy,
  aUser,
  desiredOf,
  noCredentials,
  reconcile,
  testAccount,
} from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

/** Whoever leaves or is suspended is denied everything before anything else happens, however many they are. */

const document = (Effect: 'Allow' | 'Deny', Action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: '*' }],
});
const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);

let account: TestAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

const credentials = (name: string): Credentials => ({
  ...noCredentials,
  accessKeys: [
    {
      id: `AKIA${name.toUpperCase()}`,
      status: 'Active',
      createdAt: '2026-01-01T00:00:00Z',
      lastUsedAt: null,
    },
  ],
  loginProfile: { createdAt: '2026-01-01T00:00:00Z' },
});
const person = (name: string, rest: Partial<User> = {}): User =>
  aUser(name, { credentials: credentials(name), groups: ['staff'], ...rest });

const isDeny = ({ purpose, cls }: Step): boolean => cls === 'deny' && purpose === 'deny-everything';
const isPin = ({ purpose, cls }: Step): boolean => cls === 'deny' && purpose === 'identify-user';

/** Twenty leave, three are suspended, two come, and others change, with a group and a policy. */
function eventfulPlan() {
  const leavers = numbered('leaver', 20);
  const away = numbered('away', 3);
  const [old, moved] = [aPolicy('p', document('Allow', 's3:*')), aPolicy('p', document('Allow', 's3:Get*'))];
  const live = desiredOf({
    users: [
      ...leavers.map((name) => person(name, { attachedPolicyArns: [old.arn] })),
      ...away.map((name) => person(name)),
      person('stays', { policies: { a: document('Allow', 'ec2:*'), d: document('Deny', 'ec2:Run*') } }),
    ],
    groups: [aGroup('staff', { policies: { g: document('Allow', 'sqs:*') } }), aGroup('empty')],
    policies: [old],
  });
  const wanted = desiredOf({
    users: [
      ...away.map((name) => person(name, { suspended: true })),
      person('stays', { policies: { b: document('Allow', 'ec2:*') }, tags: { team: 'x' } }),
      ...numbered('new', 2).map((name) => aUser(name, { groups: ['staff'], accessKey: { count: 1 } })),
    ],
    groups: [aGroup('staff', { policies: { g: document('Allow', 'sns:*') } }), aGroup('fresh')],
    policies: [moved],
  });
  const { steps } = makePlan(wanted, live.state, new Date('2026-06-01')).plan!;
  return { steps, people: [...leavers, ...away] };
}

test('all are denied first, then their credentials stop working, then the rest; who leaves is removed late', () => {
  const { steps, people } = eventfulPlan();
  const denies = steps.slice(0, 2 * people.length);
  expect(denies.every((step) => isPin(step) || isDeny(step))).toBe(true);
  // Each pin directly before its deny: the first are denied as early as can be, too.
  expect(denies.filter((_, index) => index % 2 === 1).every(isDeny)).toBe(true);
  expect(new Set(denies.filter(isDeny).map((step) => inputOf(step)['UserName'])).size).toBe(people.length);

  const rest = steps.slice(denies.length);
  const stopped = rest.findLastIndex(({ cls }) => cls === 'disable');
  expect(rest.slice(0, stopped + 1).every(({ cls }) => cls === 'disable')).toBe(true);
  expect(new Set(rest.slice(0, stopped + 1).map(({ purpose }) => purpose))).toEqual(
    new Set(['deactivate-credential', 'delete-credential', 'record-suspension']),
  );
  const place = (is: (step: Step) => boolean) => steps.findIndex(is);
  const removal = place(({ cls }) => cls === 'offboard');
  // Nobody who stays keeps for longer what is taken from them, as people who are denied already are removed.
  expect(steps.findLastIndex(({ cls }) => cls === 'restrain' || cls === 'revoke')).toBeLessThan(removal);
  expect(place(({ op }) => op === 'CreateUser')).toBeGreaterThan(
    steps.findLastIndex(({ op }) => op === 'DeleteUser'),
  );
});

test('a deny waits for its own user alone', () => {
  const { steps } = eventfulPlan();
  const byId = new Map(steps.map((step) => [step.id, step]));
  for (const step of steps.filter(isDeny)) {
    const before = step.needs.map((id) => byId.get(id)!);
    expect(before.map((one) => [one.purpose, one.about])).toEqual([
      ['identify-user', `user:${String(inputOf(step)['UserName'])}`],
    ]);
  }
});

test('who is suspended under a new name is renamed as early as they can be denied', () => {
  const live = desiredOf({
    users: [person('anna'), person('zoe'), person('stays', { policies: { a: document('Allow', 's3:*') } })],
    groups: [aGroup('staff')],
  });
  const wanted = desiredOf({
    users: [person('zoe-b', { renamedFrom: 'zoe', suspended: true }), person('stays')],
    groups: [aGroup('staff')],
  });
  const { steps } = makePlan(wanted, live.state, new Date('2026-06-01')).plan!;
  expect(steps.slice(0, 5).map(({ op }) => op)).toEqual([
    'GetUser',
    'PutUserPolicy',
    'UpdateUser',
    'GetUser',
    'PutUserPolicy',
  ]);
});

/** What a step waits for, directly or not. */
function awaited(steps: readonly Step[], step: Step): Set<string> {
  const byId = new Map(steps.map((one) => [one.id, one]));
  const all = new Set<string>();
  const queue = [...step.needs];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (all.has(id)) continue;
    all.add(id);
    queue.push(...byId.get(id)!.needs);
  }
  return all;
}

test('in no plan does a write stand before a deny that does not wait for it', () => {
  const names = ['u1', 'u2', 'u3', 'u4'];
  const fate = fc.constantFrom('leaves', 'suspended', 'renamed', 'changes', 'comes', 'nowhere');
  const policies = fc.dictionary(
    fc.constantFrom('i1', 'i2'),
    fc.constantFrom(document('Allow', 's3:*'), document('Deny', 's3:*'), document('Allow', '*')),
  );
  const groups = fc.subarray(['g1', 'g2']);
  const user = fc.record({ fate, before: policies, after: policies, was: groups, is: groups });
  let denied = 0;
  fc.assert(
    fc.property(fc.tuple(...names.map(() => user)), (users) => {
      const people = users.map((one, index) => ({ ...one, name: names[index]! }));
      const side = (state: 'live' | 'desired') =>
        desiredOf({
          groups: [aGroup('g1', { policies: { p: document('Allow', 'ec2:*') } }), aGroup('g2')],
          users: people.flatMap(({ fate: what, name, before, after, was, is }) => {
            if (state === 'live') {
              return what === 'comes' || what === 'nowhere'
                ? []
                : [person(name, { policies: before, groups: was })];
            }
            if (what === 'leaves' || what === 'nowhere') return [];
            return [
              person(what === 'renamed' ? `new-${name}` : name, {
                policies: after,
                groups: is,
                suspended: what === 'suspended' || what === 'renamed',
                ...(what === 'renamed' ? { renamedFrom: name } : {}),
              }),
            ];
          }),
        });
      const { plan } = makePlan(side('desired'), side('live').state, new Date('2026-06-01'));
      const { steps } = plan!;
      for (const [index, step] of steps.entries()) {
        if (!isDeny(step)) continue;
        denied += 1;
        const needed = awaited(steps, step);
        const early = steps
          .slice(0, index)
          .filter((one) => !isLook(one) && !isDeny(one) && !needed.has(one.id))
          // What another deny waits for goes with that one.
          .filter(
            (one) => !steps.slice(0, index).some((deny) => isDeny(deny) && awaited(steps, deny).has(one.id)),
          );
        expect(early.map(({ id, op }) => `${id} ${op}`)).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['ROLLCALL_RUNS'] ?? 100) },
  );
  expect(denied).toBeGreaterThan(100);
});

test('a deny that IAM refuses holds back what is about that person, and nobody else', async () => {
  account = await testAccount();
  const { aws, sandbox } = account;
  const leavers = numbered('leaver', 4);
  const common = {
    groups: [aGroup('staff', { policies: { g: document('Allow', 'sqs:*') } }), aGroup('other')],
  };
  await reconcile(
    desiredOf({
      ...common,
      users: [
        ...leavers.map((name) => aUser(name, { groups: ['other'], accessKey: { count: 1 } })),
        aUser('stuck', { groups: ['staff'], accessKey: { count: 1 }, console: {} }),
        aUser('stays', { policies: { a: document('Allow', 'ec2:*') } }),
      ],
    }),
    aws,
  );
  sandbox.faults.beforeCall = ({ op, input }) => {
    if (op === 'PutUserPolicy' && input['UserName'] === 'stuck')
      throw new IamError('AccessDenied', 'not you');
  };
  const target = desiredOf({
    groups: [
      aGroup('staff', { policies: { g: document('Allow', 'sqs:*'), h: document('Allow', 'sns:*') } }),
      aGroup('other'),
    ],
    users: [aUser('stays', { groups: ['other'] }), aUser('comes', { groups: ['other'] })],
  });
  const { results } = await reconcile(target, aws);
  const left = results.filter(({ status }) => status !== 'done');
  expect(left.filter(({ status }) => status === 'failed').map(({ step }) => step.about)).toEqual([
    'user:stuck/policies/rollcall-offboarding-deny',
  ]);
  // And what gives that person access: the policy of their group.
  expect([...new Set(left.map(({ step }) => step.change))].sort()).toEqual([
    'group:staff/policies/h',
    'user:stuck',
  ]);
  for (const name of leavers)
    expect(() => sandbox.call('GetUser', { UserName: name })).toThrow(/cannot be found/);
  expect(sandbox.allows('stuck', 'sns:Publish', '*')).toBe(false);
  sandbox.faults.beforeCall = null;
  const again = await reconcile(target, aws);
  expect(again.results.every(({ status }) => status === 'done')).toBe(true);
});
