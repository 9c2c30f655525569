import { expect, test } from 'vitest';
import { denyAll } from '../../src/access/documents.ts';
import { offboardingDeny, suspendedDeny } from '../../src/kinds/access.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aUser, desiredOf, noCredentials } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

const key = {
  id: 'AKIAONE',
  status: 'Inactive',
  createdAt: '2027-01-01T00:00:00Z',
  lastUsedAt: null,
} as const;

test('the run that ends a suspension keeps the record of what an earlier one made inactive', () => {
  const live = desiredOf({
    users: [
      aUser('dale', {
        id: 'AIDADALE',
        policies: { [suspendedDeny]: denyAll },
        tags: { 'rollcall-deactivated': 'AKIAONE' },
        credentials: {
          ...noCredentials,
          accessKeys: [key],
          sshKeys: [{ id: 'APKAONE', status: 'Active' }],
        },
      }),
    ],
  });
  const wanted = desiredOf({ users: [aUser('dale', { suspended: true, accessKey: { count: 1 } })] });
  const { steps } = makePlan(wanted, live.state, new Date('2027-06-01T00:00:00Z')).plan!;
  expect(steps.find(({ purpose }) => purpose === 'record-suspension')?.input).toMatchObject({
    Tags: [{ Key: 'rollcall-deactivated', Value: 'AKIAONE APKAONE' }],
  });
});

test('the suspension of who was leaving records nothing: none of it comes back', () => {
  const live = desiredOf({
    users: [
      aUser('dale', {
        id: 'AIDADALE',
        policies: { [offboardingDeny]: denyAll },
        credentials: { ...noCredentials, accessKeys: [{ ...key, status: 'Active' }] },
      }),
    ],
  });
  const wanted = desiredOf({ users: [aUser('dale', { suspended: true, accessKey: { count: 1 } })] });
  const { steps } = makePlan(wanted, live.state, new Date('2027-06-01T00:00:00Z')).plan!;
  const purposes = steps.map(({ purpose }) => purpose);
  expect(purposes).toContain('deactivate-credential');
  expect(purposes).not.toContain('record-suspension');
});

test('the end of a suspension reads and clears the whole record, over however many tags', () => {
  const live = desiredOf({
    users: [
      aUser('dale', {
        policies: { [suspendedDeny]: denyAll },
        tags: { 'rollcall-deactivated': 'APKAONE', 'rollcall-deactivated-2': 'AKIAONE' },
        credentials: { ...noCredentials, accessKeys: [key] },
      }),
    ],
  });
  const wanted = desiredOf({ users: [aUser('dale', { accessKey: { count: 1 } })] });
  const { steps } = makePlan(wanted, live.state, new Date('2027-06-01T00:00:00Z')).plan!;
  expect(
    steps.map((step) => [step.purpose, inputOf(step)['AccessKeyId'] ?? inputOf(step)['TagKeys']]),
  ).toEqual([
    ['reactivate-credential', 'AKIAONE'],
    ['clear-suspension', ['rollcall-deactivated', 'rollcall-deactivated-2']],
    ['lift-deny', undefined],
  ]);
});
