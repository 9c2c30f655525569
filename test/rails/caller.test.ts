import { expect, test } from 'vitest';
import { makePlan, scopeOf } from '../../src/plan/index.ts';
import { checkRails } from '../../src/rails/index.ts';
import { accountId, aUser, desiredOf } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';
import { now } from './support.ts';

test.each([
  ['user/lorax', 1],
  ['user/ops/eu/lorax', 1],
  ['user/lorax/dale', 0],
  ['user/ops/lorax2', 0],
  ['role/lorax', 0],
])('a plan that touches lorax is refused to lorax alone, whatever the path: %s', (caller, violations) => {
  const manifests = desiredOf({ users: [aUser('lorax', { tags: { team: 'trees' } })] });
  const live = desiredOf({ users: [aUser('lorax')] }).state;
  const told = checkRails({
    plan: wordedPlan(makePlan(manifests, live, now)),
    manifests,
    live,
    caller: `arn:aws:iam::${accountId}:${caller}`,
    inScope: scopeOf(manifests, live),
  });
  expect(told.map(({ rail }) => rail)).toEqual(Array.from({ length: violations }, () => 'caller'));
});
