import { expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';

const deny = (Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 's3:GetObject', Resource }],
});

test('a suspended user can be made while the policy that bounds them moves out of their group', () => {
  const old = aPolicy('limits', deny('*'), '/x/');
  const moved = aPolicy('limits', deny('arn:aws:s3:::a/*'));
  const live = desiredOf({ policies: [old], groups: [aGroup('staff', { attached: [old.arn] })] });
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
