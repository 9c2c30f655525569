import { onTestFinished } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import { savePlan } from '../../src/plan/saved.ts';
import { aGroup, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

export const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
export const reports = aPolicy('read-reports', allow('s3:GetObject'));
export const admins = aGroup('admins', { policies: { allow_all: allow('*') } });
const people = ['buzzo', 'dale', 'lorax'].map((name) => aUser(name, { groups: ['admins'] }));
const before = desiredOf(
  {
    users: [...people, aUser('melvins', { accessKey: { count: 1 } })],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'a' },
);
/** lorax leaves, dale gets a policy, melvins' key goes. */
export const after = desiredOf(
  {
    users: [people[0]!, { ...people[1]!, attachedPolicyArns: [reports.arn] }, aUser('melvins')],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'b' },
);

/** A plan from `before` to `after`, as it is saved, and the account that it is of. */
export async function reviewed(): Promise<{ account: TestAccount; saved: SavedPlan }> {
  const account = await testAccount({ transport: 'direct' });
  onTestFinished(() => account.close());
  await reconcile(before, account.aws);
  const { plan, live } = await planAccount(after, account.aws);
  return { account, saved: savePlan(plan, after, live, { rollcall: '0.1.0' }) };
}
