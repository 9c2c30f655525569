import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { aRole } from '../rails/support.ts';
import { aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';

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

const ignore = { users: ['svc-*'], groups: [], policies: [], roles: [] };

test('a group does not go from under members who are out of scope', () => {
  const live = desiredOf({ users: [aUser('svc-a', { groups: ['staff'] })], groups: [aGroup('staff')] });
  const { problems } = makePlan(desiredOf({}, { ignore }), live.state, new Date());
  expect(problems?.map(({ message }) => message)).toEqual([
    'group staff is in no file, but has members that are out of scope: svc-a',
  ]);
});

test('a policy does not move to another path from under who is out of scope', () => {
  const [here, there] = [aPolicy('limits', document), aPolicy('limits', document, '/x/')];
  const live = {
    ...desiredOf({ policies: [here], users: [aUser('svc-a', { attachedPolicyArns: [here.arn] })] }).state,
    roles: new Map([['runner', aRole('runner', { attachedPolicyArns: [here.arn] })]]),
  };
  const { problems } = makePlan(desiredOf({ policies: [there] }, { ignore }), live, new Date());
  expect(problems?.map(({ message }) => message)).toEqual([
    'policy limits changes its path, but is still held out of scope by user svc-a, role runner',
  ]);
});
