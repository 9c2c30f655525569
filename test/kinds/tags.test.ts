import { expect, test } from 'vitest';
import { aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import { inputOf } from '../support/input.ts';

const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };

test('tag values are compared with case: policies may match on them', async () => {
  const account = await testAccount();
  try {
    const stateOf = (team: string) =>
      desiredOf({
        users: [aUser('dale', { tags: { team } })],
        policies: [{ ...aPolicy('read', document), tags: { team } }],
      });
    await reconcile(stateOf('Trees'), account.aws);
    const { plan } = await reconcile(stateOf('trees'), account.aws);
    expect(plan.steps.map((step) => [step.op, inputOf(step)['Tags']])).toEqual([
      ['TagUser', [{ Key: 'team', Value: 'trees' }]],
      ['TagPolicy', [{ Key: 'team', Value: 'trees' }]],
    ]);
    expect(account.sandbox.call('ListUserTags', { UserName: 'dale' }).Tags).toEqual([
      { Key: 'team', Value: 'trees' },
    ]);
    expect((await reconcile(stateOf('trees'), account.aws)).plan.steps).toEqual([]);
  } finally {
    await account.close();
  }
});

test('the other spelling of a key goes before the key comes: IAM takes them for one', async () => {
  const account = await testAccount({ transport: 'direct' });
  try {
    const stateOf = (key: string) => desiredOf({ users: [aUser('dale', { tags: { [key]: 'trees' } })] });
    await reconcile(stateOf('Team'), account.aws);
    const { plan } = await reconcile(stateOf('team'), account.aws);
    expect(plan.steps.map(({ op }) => op)).toEqual(['UntagUser', 'TagUser']);
    expect(account.sandbox.call('ListUserTags', { UserName: 'dale' }).Tags).toEqual([
      { Key: 'team', Value: 'trees' },
    ]);
  } finally {
    await account.close();
  }
});
