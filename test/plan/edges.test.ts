import { expect, test } from 'vitest';
import type { Step } from '../../src/core/plan.ts';
import type { AccessKey, PolicyDocument } from '../../src/core/state.ts';
import { denyAll } from '../../src/access/documents.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';

/** What must come before something else waits for nothing less than that: its place in the list says nothing to many calls at once. */

type Parts = Parameters<typeof desiredOf>[0];
const document = (Effect: 'Allow' | 'Deny', Action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: '*' }],
});
const key: AccessKey = {
  id: 'AKIA1',
  status: 'Inactive',
  createdAt: '2026-01-01T00:00:00Z',
  lastUsedAt: null,
};
const inactive = { ...noCredentials, accessKeys: [key] };
const rules = {
  minimumLength: 14,
  requireSymbols: false,
  requireNumbers: false,
  requireUppercase: false,
  requireLowercase: false,
  allowUsersToChange: true,
  maxAge: null,
  reusePrevention: null,
  hardExpiry: false,
};

function plan(live: Parts, wanted: Parts): readonly Step[] {
  const { steps } = makePlan(desiredOf(wanted), desiredOf(live).state, new Date('2026-06-01')).plan!;
  return steps;
}

/** Whether the one waits for the other, directly or not. */
function waits(
  steps: readonly Step[],
  later: (step: Step) => boolean,
  earlier: (step: Step) => boolean,
): boolean {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const reaches = (step: Step): boolean =>
    step.needs.map((id) => byId.get(id)!).some((need) => earlier(need) || reaches(need));
  const from = steps.filter(later);
  expect(from).not.toEqual([]);
  expect(steps.some(earlier)).toBe(true);
  return from.every(reaches);
}
const op =
  (name: string) =>
  (step: Step): boolean =>
    step.op === name;
const purpose =
  (name: Step['purpose']) =>
  (step: Step): boolean =>
    step.purpose === name;

test('a tag whose key differs in case alone comes once the other one is gone', () => {
  const steps = plan(
    { users: [aUser('dale', { tags: { Team: 'a' } })] },
    { users: [aUser('dale', { tags: { team: 'a' } })] },
  );
  expect(waits(steps, op('TagUser'), op('UntagUser'))).toBe(true);
});

test('a new user or group gets the name of another once that one is renamed', () => {
  const steps = plan(
    { users: [aUser('dale')], groups: [aGroup('staff')] },
    {
      users: [aUser('dale'), aUser('dale-b', { renamedFrom: 'dale' })],
      groups: [aGroup('staff'), aGroup('crew', { renamedFrom: 'staff' })],
    },
  );
  expect(waits(steps, op('CreateUser'), op('UpdateUser'))).toBe(true);
  expect(waits(steps, op('CreateGroup'), op('UpdateGroup'))).toBe(true);
});

test.each([
  ['an inline policy', { policies: { 'rollcall-suspended': denyAll } }, null],
  ['the boundary', { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' }, null],
  [
    'a boundary that another one takes the place of',
    { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' },
    'limits',
  ],
])('what a suspension made inactive works again before its deny goes: %s', (_, denied, boundary) => {
  const limits = aPolicy('limits', document('Allow', 's3:*'));
  const steps = plan(
    {
      policies: [limits],
      users: [aUser('dale', { ...denied, tags: { 'rollcall-deactivated': 'AKIA1' }, credentials: inactive })],
    },
    {
      policies: [limits],
      users: [aUser('dale', { accessKey: { count: 1 }, boundary: boundary && limits.arn })],
    },
  );
  const lifts = (step: Step): boolean =>
    step.purpose === 'lift-deny' || step.op === 'PutUserPermissionsBoundary';
  expect(waits(steps, lifts, purpose('reactivate-credential'))).toBe(true);
});

test('who is suspended instead of leaving keeps the deny that says so until the record of an earlier suspension is gone', () => {
  const steps = plan(
    {
      users: [
        aUser('dale', {
          policies: { 'rollcall-offboarding-deny': denyAll },
          tags: { 'rollcall-deactivated': 'AKIA1' },
          credentials: inactive,
        }),
      ],
    },
    { users: [aUser('dale', { suspended: true })] },
  );
  expect(waits(steps, purpose('lift-deny'), purpose('clear-suspension'))).toBe(true);
});

test('a password is made by the rules that the account has from then on', () => {
  const wanted = desiredOf({ users: [aUser('dale', { console: {} })] });
  const live = desiredOf({ users: [] });
  const of = (state: typeof live.state, minimumLength: number) => ({
    ...state,
    others: new Map([['password', new Map([['policy', { ...rules, minimumLength }]])]]),
  });
  const { steps } = makePlan(
    { ...wanted, state: of(wanted.state, 30) },
    of(live.state, 14),
    new Date('2026-06-01'),
  ).plan!;
  expect(waits(steps, op('CreateLoginProfile'), op('UpdateAccountPasswordPolicy'))).toBe(true);
});

test('a policy at another path bounds somebody who held it, and what it says comes in another policy: no step waits for itself', () => {
  const text = document('Allow', 's3:*');
  const [old, moved] = [aPolicy('p', text, '/x/'), aPolicy('p', text)];
  const other = (Action: string) => aPolicy('other', Action === '' ? text : document('Allow', Action));
  for (const [was, is] of [
    [[old.arn], [other('').arn]],
    [[other('').arn, old.arn].sort(), [other('').arn]],
  ] as const) {
    const steps = plan(
      { policies: [old, other('ec2:*')], users: [aUser('dale', { attachedPolicyArns: was })] },
      {
        policies: [moved, other('')],
        users: [aUser('dale', { attachedPolicyArns: is, boundary: moved.arn })],
      },
    );
    expect(waits(steps, purpose('drop-copy'), op('CreatePolicyVersion'))).toBe(true);
    expect(waits(steps, op('DetachUserPolicy'), purpose('keep-copy'))).toBe(true);
  }
});
