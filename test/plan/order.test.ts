import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

const deny = (Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 's3:GetObject', Resource }],
});

test('what the guard of a killed run denies stays denied until the next run ends', () => {
  const both = (Action: string) => ({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action, Resource: '*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ],
  });
  const groups = [
    aGroup('one', { policies: { p: both('s3:*') } }),
    aGroup('two', { policies: { p: both('ec2:*') } }),
  ];
  const guard = { 'rollcall-guard': deny('arn:aws:s3:::left-over/*') };
  const live = desiredOf({ groups, users: [aUser('dale', { groups: ['one'], policies: guard })] });
  const wanted = desiredOf({ groups, users: [aUser('dale', { groups: ['two'] })] });
  const steps = makePlan(wanted, live.state, new Date()).plan!.steps;
  const [first] = steps;
  expect(first).toMatchObject({ op: 'PutUserPolicy', purpose: 'guard' });
  expect(inputOf(first!)['PolicyDocument']).toContain('arn:aws:s3:::left-over/*');
  expect(steps.at(-1)).toMatchObject({ op: 'DeleteUserPolicy', purpose: 'lift-guard' });
});

test('a suspended user can be made while the policy that bounds them moves out of their group', () => {
  const old = aPolicy('limits', deny('*'), '/x/');
  const moved = aPolicy('limits', deny('arn:aws:s3:::a/*'));
  const live = desiredOf({ policies: [old], groups: [aGroup('staff', { attachedPolicyArns: [old.arn] })] });
  const wanted = desiredOf({
    policies: [moved],
    groups: [aGroup('staff')],
    users: [aUser('lorax', { groups: ['staff'], boundary: moved.arn, suspended: true })],
  });
  const { plan } = makePlan(wanted, live.state, new Date());
  const ops = plan!.steps.map(({ op }) => op);
  expect(ops).toContain('DetachGroupPolicy');
  expect(ops.indexOf('PutUserPolicy')).toBeGreaterThan(ops.indexOf('DetachGroupPolicy'));
});
