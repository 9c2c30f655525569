import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { aPolicy, aUser, desiredOf } from '../support/account.ts';

const document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'none:null', Resource: '*' }],
};

test('the lock of another run is no policy that a plan could delete, in any case of its name', () => {
  const users = [aUser('dale')];
  for (const lock of ['rollcall-lock', 'Rollcall-Lock']) {
    const live = desiredOf({ users, policies: [aPolicy(lock, document, '/rollcall/')] });
    expect(makePlan(desiredOf({ users }), live.state, new Date()).plan!.changes).toEqual([]);
  }
});
