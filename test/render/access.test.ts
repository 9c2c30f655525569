/** How many gain and lose, and what is said of a policy of AWS that nobody looked at. */
import { expect, test } from 'vitest';
import type { AccessEntry, AccessPiece, Plan } from '../../src/kinds/plan.ts';
import { accessLines } from '../../src/render/access.ts';
import { summary } from '../../src/render/sections.ts';
import { withWords } from '../../src/render/words.ts';
import { emptyPlan, storyPlan } from './plans.ts';

const [change] = storyPlan().changes;

const gives = (certain: boolean): AccessPiece => ({
  grant: {
    actions: { names: ['s3:GetObject'] },
    resources: { names: ['*'] },
    principals: null,
    conditions: null,
  },
  by: { inline: 'p' },
  certain,
});
const entry = (principal: string, gained: AccessPiece[], lost: AccessPiece[] = []): AccessEntry => ({
  principal,
  gained,
  lost,
});

const planWith = (access: readonly AccessEntry[]) =>
  withWords<Plan>({ ...emptyPlan, access, changes: [change!] });

const told = (access: readonly AccessEntry[]): string => {
  const parts = planWith(access).summary.split('; ');
  return parts.slice(2, -1).join('; ');
};

test('the totals count people and roles once each, and who only may gain apart', () => {
  const [sure, perhaps] = [gives(true), gives(false)];
  expect(told([])).toBe('');
  expect(told([entry('user:anna', [perhaps, sure])])).toBe('1 user gains access');
  expect(told([entry('user:anna', [perhaps])])).toBe('1 user may gain access');
  expect(told([entry('role:deploy', [], [perhaps])])).toBe('1 role may lose access');
  expect(
    told([
      entry('user:anna', [sure, sure]),
      entry('user:ben', [sure], [sure]),
      entry('role:deploy', [sure]),
      entry('user:carl', [perhaps], [sure]),
      { ...entry('user:dora', []), leaves: true },
    ]),
  ).toBe('2 users and 1 role gain access, 1 user may gain, 3 users lose');
});

test('thousands are grouped, and a plan without changes says so', () => {
  const all = Array.from({ length: 5000 }, (_, index) => entry(`user:u${index}`, [gives(true)]));
  expect(told(all)).toBe('5,000 users gain access');
  expect(summary(emptyPlan)).toBe('nothing to change');
});

test('what a policy of AWS allows that nobody looked at is told without a guess', () => {
  const unseen: AccessPiece = {
    grant: { awsDefined: 'ReadOnlyAccess' },
    by: { arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    certain: false,
  };
  const [line] = accessLines(planWith([entry('user:anna', [unseen])]));
  expect(line).toEqual({
    sign: '+',
    who: 'user anna',
    what: 'what the policy ReadOnlyAccess of AWS allows; not looked at',
    through: 'by the policy aws:ReadOnlyAccess',
  });
});
