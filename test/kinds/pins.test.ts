import { expect, test } from 'vitest';
import type { AccessKey } from '../../src/core/state.ts';
import { denyAll } from '../../src/access/documents.ts';
import { suspendedDeny } from '../../src/kinds/access.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aUser, desiredOf, noCredentials } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

const key = (id: string, status: AccessKey['status']): AccessKey => ({
  id,
  status,
  createdAt: '2027-01-01T00:00:00Z',
  lastUsedAt: null,
});

test.each<[AccessKey['status'], string[]]>([
  ['Active', ['DeleteAccessKey AKIATWO']],
  // Somebody made it inactive, and the other one may be what the person has instead.
  ['Inactive', []],
])('a key that nobody pinned goes only while the pinned one works: %s', (status, expected) => {
  const accessKeys = [key('AKIAONE', status), key('AKIATWO', 'Inactive')];
  const live = desiredOf({ users: [aUser('dale', { credentials: { ...noCredentials, accessKeys } })] });
  const wanted = desiredOf({ users: [aUser('dale', { accessKey: { count: 1, ids: ['AKIAONE'] } })] });
  const { steps } = makePlan(wanted, live.state, new Date('2027-06-01T00:00:00Z')).plan!;
  expect(steps.map((step) => `${step.op} ${inputOf(step)['AccessKeyId'] as string}`)).toEqual(expected);
});

const pinned = aUser('dale', {
  accessKey: { count: 1, ids: ['AKIAONE'] },
  console: { createdAt: '2027-01-01T00:00:00Z' },
});
const dangersOf = (live: Parameters<typeof desiredOf>[0]): string[] =>
  makePlan(desiredOf({ users: [pinned] }), desiredOf(live).state, new Date('2027-06-01T00:00:00Z'))
    .plan!.changes.flatMap(({ dangers = [] }) => [...dangers])
    .map(({ code }) => code);

test('what was pinned and is gone is told where it is re-created, and where its user is', () => {
  const lost = aUser('dale', { credentials: noCredentials });
  expect(dangersOf({ users: [lost] })).toEqual(['swapped-key', 'swapped-password']);
  expect(dangersOf({})).toEqual(['swapped-key', 'swapped-password']);
});

test('the password that a suspension took is not told as lost', () => {
  const credentials = { ...noCredentials, accessKeys: [key('AKIAONE', 'Active')] };
  const suspended = aUser('dale', { policies: { [suspendedDeny]: denyAll }, credentials });
  expect(dangersOf({ users: [suspended] })).not.toContain('swapped-password');
});
