/** How many gain and lose, and what is said of a policy of AWS that nobody looked at. */
import { mark } from '../../src/core/marked.ts';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import type { AccessEntry, AccessPiece, Plan } from '../../src/kinds/plan.ts';
import { accessLines } from '../../src/render/access.ts';
import { sections, summary } from '../../src/render/sections.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { renderPlan } from '../../src/render/terminal.ts';
import { makePlan } from '../../src/plan/index.ts';
import { allow, doc } from '../policy/documents.ts';
import { aGroup, aUser, desiredOf } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';
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
    who: `user ${mark('anna')}`,
    isOne: true,
    what: `what the policy ${mark('ReadOnlyAccess')} of AWS allows; not looked at`,
    through: `by the policy ${mark('aws:ReadOnlyAccess')}`,
  });
});

const planOf = (live: Parameters<typeof desiredOf>[0], desired: Parameters<typeof desiredOf>[0]) =>
  wordedPlan(makePlan(desiredOf(desired), desiredOf(live).state, new Date()));

test('a policy that gives nobody anything says why', () => {
  const admins = aGroup('admins', { policies: { all: doc(allow('*')) } });
  const plan = planOf({ groups: [aGroup('admins')] }, { groups: [admins] });
  expect(renderPlan(plan, pc.createColors(false))).toContain('inline policy +all  (it has no members)');
  expect(renderMarkdown(plan, [])).toContain('no effect on access: it has no members');
});

test('a tag that some policy may go by comes after what grants', () => {
  const [anna, ben] = [aUser('anna'), aUser('ben')];
  const plan = planOf(
    { users: [anna, ben] },
    {
      users: [
        { ...anna, tags: { team: 'a' } },
        { ...ben, policies: { p: doc(allow('s3:*')) } },
      ],
    },
  );
  const [widens] = sections(plan);
  expect(widens?.changes.map(({ name }) => name)).toEqual(['ben', 'anna']);
});
