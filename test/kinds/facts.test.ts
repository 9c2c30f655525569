import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Fact } from '../../src/kinds/plan.ts';
import { driftOf } from '../../src/plan/drift.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aUser, desiredOf, noCredentials } from '../support/account.ts';

const live = desiredOf({
  users: [
    aUser('dale', { groups: ['readers'], credentials: noCredentials }),
    aUser('lorax', { id: 'AIDALORAX', groups: ['readers'], credentials: noCredentials }),
  ],
  groups: [aGroup('readers'), aGroup('writers')],
});
const desired = desiredOf({
  users: [aUser('dale', { groups: ['writers'] }), aUser('melvins', { groups: ['readers'] })],
  groups: [aGroup('readers'), aGroup('writers')],
});
const plan = makePlan(desired, live.state, new Date('2027-01-01T00:00:00Z')).plan!;

test('a membership has one form in a change of its group, of a new user and of one who leaves', () => {
  const facts = plan.changes.flatMap((change) =>
    (change.facts as readonly Fact[]).map((fact) => ({ change: change.id, ...fact })),
  );
  const membership = (change: string, user: string, group: string, after: boolean) => ({
    change,
    fact: 'membership',
    user,
    group,
    before: !after,
    after,
  });
  expect(facts).toEqual([
    membership('user:lorax', 'lorax', 'readers', false),
    membership('user:melvins', 'melvins', 'readers', true),
    membership('group:readers/members', 'dale', 'readers', false),
    membership('group:writers/members', 'dale', 'writers', true),
  ]);
});

test('drift has the facts of the plan, turned round', () => {
  const drift = driftOf(plan, { desired: desired.state, live: live.state });
  const back = drift.flatMap(({ facts }) =>
    facts.map(({ before, after, ...rest }) => ({ ...rest, before: after, after: before })),
  );
  expect(back).toEqual(plan.changes.flatMap(({ facts }) => facts as readonly Fact[]));
});

test('words are made by render alone', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const others = files.filter(
    (file) =>
      // What a rail says is the message of an error.
      !/^(?:render|kinds|rails)\//.test(file) &&
      /kinds\/(?:\w+\/)?words\.ts'/.test(readFileSync(`src/${file}`, 'utf8')),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(others).toEqual([]);
});
