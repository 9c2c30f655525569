import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { aUser, desiredOf } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

test('each service credential that the files forbid is deleted, the active ones inactive first', () => {
  const credential = (id: string, status: 'Active' | 'Inactive') => ({
    id,
    status,
    service: 'codecommit.amazonaws.com',
  });
  const live = desiredOf({
    users: [
      aUser('dale', {
        serviceCredentials: [credential('ACCA1', 'Active'), credential('ACCA2', 'Inactive')],
      }),
    ],
  });
  const wanted = desiredOf({ users: [aUser('dale', { forbidsServiceCredentials: true })] });
  const { steps } = makePlan(wanted, live.state, new Date()).plan!;
  expect(steps.map((step) => `${step.op} ${inputOf(step)['ServiceSpecificCredentialId'] as string}`)).toEqual(
    [
      'UpdateServiceSpecificCredential ACCA1',
      'DeleteServiceSpecificCredential ACCA1',
      'DeleteServiceSpecificCredential ACCA2',
    ],
  );
});
