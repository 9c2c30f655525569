import { expect, test } from 'vitest';
import { denyAll, suspendedDeny } from '../../src/kinds/access.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aUser, desiredOf, noCredentials } from '../support/account.ts';

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
