/** How much work a plan's effects on access take, counted: seconds depend on the machine. */
import { expect, test } from 'vitest';
import { accessOf, ask } from '../../src/access/ask.ts';
import type { AccountState, PolicyDocument, User } from '../../src/core/state.ts';
import { emptiness, setOf, stepsSoFar, within } from '../../src/access/sets.ts';
import { AccessDiff } from '../../src/plan/effects.ts';
import { makePlan } from '../../src/plan/index.ts';
import { GlobReader, readStatements, type Grant } from '../../src/policy/statement.ts';
import { readGlob } from '../../src/policy/glob.ts';
import { withWords } from '../../src/render/words.ts';
import { aGroup, aUser, desiredOf } from '../support/account.ts';

const allow = (Action: string, Resource = '*'): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
});

const people = 1000;
/** @param own the policies of each, beside what all have through their group. */
const account = (shared: PolicyDocument, own: (index: number) => User['policies'] = () => ({})) =>
  desiredOf({
    users: Array.from({ length: people }, (_, index) =>
      aUser(`user${index}`, { groups: ['all'], policies: own(index) }),
    ),
    groups: [aGroup('all', { policies: { shared } })],
  });

const comparisons = (live: ReturnType<typeof account>, desired: ReturnType<typeof account>): number => {
  const diff = new AccessDiff(live.state, desired.state);
  for (const name of live.state.users.keys()) {
    const { gained } = diff.of(`user:${name}`);
    expect(gained.map(({ by }) => by.origin.through.at(-1))).toEqual([`user:${name}`]);
  }
  return diff.made;
};

test('people who hold the same are compared once, and each is told where it is from', () => {
  expect(comparisons(account(allow('s3:Get*')), account(allow('s3:*')))).toBe(1);
  // The same text in a document of each.
  const own = () => ({ own: allow('ec2:*') });
  expect(comparisons(account(allow('s3:Get*'), own), account(allow('s3:*'), own))).toBe(1);
  const ofEach = (index: number) => ({ own: allow('ec2:*', `arn:aws:ec2:::${index % 7}`) });
  expect(comparisons(account(allow('s3:Get*'), ofEach), account(allow('s3:*'), ofEach))).toBe(7);
});

test('what they gain is one object in the plan, in words too', () => {
  const now = new Date('2027-01-01T00:00:00Z');
  const { plan } = makePlan(account(allow('s3:*')), account(allow('s3:Get*')).state, now);
  expect(plan!.access).toHaveLength(people);
  for (const { access } of [plan!, withWords(plan!)])
    expect(new Set(access.flatMap(({ gained }) => gained)).size).toBe(1);
});

test('a question about the same patterns is the same question, whichever document they stand in', () => {
  const globs = new GlobReader();
  const all = readGlob('*');
  const setFrom = (document: PolicyDocument, without: PolicyDocument) => {
    const [{ actions }, { actions: out }] = [document, without].map(
      (one) => readStatements(one, globs)[0] as Grant,
    ) as [Grant, Grant];
    return within(setOf(actions, all), { ...out, not: !out.not });
  };
  const one = setFrom(allow('s3:*'), allow('s3:Get*'));
  expect(setFrom(allow('s3:*', 'arn:aws:s3:::own'), allow('s3:Get*', 'arn:aws:s3:::own'))).toBe(one);
  expect(emptiness(one, 'action')).toBe(false);
});

/** How many extents were worked out of what one policy of all allows, among the answers for each. */
function extents(document: PolicyDocument, of: (index: number) => Partial<User> = () => ({})): number {
  const users = Array.from({ length: people }, (_, index) =>
    aUser(`user${index}`, {
      groups: ['all'],
      policies: { own: allow('s3:*', `arn:aws:s3:::own${index}`) },
      ...of(index),
    }),
  );
  const { state } = desiredOf({ users, groups: [aGroup('all', { policies: { shared: document } })] });
  const question = { action: 's3:*', resource: '*', context: new Map() };
  const parts = users.flatMap(({ name }) =>
    ask(accessOf(state, `user:${name}`)!, question).parts.filter(({ allow }) => allow.origin.via === 'all'),
  );
  return new Set(parts.map(({ actions }) => actions)).size;
}

test('what a policy gives of what is asked is found out once for all who hold it', () => {
  expect(extents(allow('s3:Get*'))).toBe(1);
  // What differs between people counts only as far as a statement asks for it.
  const when = (Condition: object): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:Get*', Resource: '*', Condition }] as never,
  });
  expect(extents(when({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))).toBe(1);
  expect(extents(when({ StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/user*' } }))).toBe(1);
  const team = (index: number) => ({ tags: { team: `t${index % 7}` } });
  const ofTeam = allow('s3:Get*', 'arn:aws:s3:::${aws:PrincipalTag/team}');
  expect(extents(ofTeam, team)).toBe(7);
  // A Deny of each that takes nothing of it.
  const denies = (index: number): Partial<User> => ({
    policies: {
      own: {
        Version: '2012-10-17',
        Statement: { Effect: 'Deny', Action: 's3:Put*', Resource: `arn:aws:s3:::own${index}` },
      },
    },
  });
  expect(extents(allow('s3:Get*'), denies)).toBe(1);
});

test('who ends up with the same as another, but began with more, gains another thing', () => {
  const side = (before: boolean) =>
    desiredOf({
      users: [
        aUser('anna', { policies: { own: allow(before ? 's3:Get*' : 's3:*') } }),
        aUser('ben', { policies: { own: allow(before ? 's3:Put*' : 's3:*') } }),
        aUser('carl', { policies: { own: allow('s3:*') } }),
      ],
    }).state;
  const diff = new AccessDiff(side(true), side(false));
  const gained = (ref: string) => diff.of(ref).gained.map(({ region }) => region.actions.none.length);
  expect([gained('user:anna'), gained('user:ben'), gained('user:carl')]).toEqual([[1], [1], []]);
  expect(diff.made).toBe(3);
});

test('patterns that are hard to compare end in doubt, and not in hours', () => {
  const [letters, statements] = ['abcdefghij', 15];
  const stars = (seed: number, count: number): string =>
    Array.from({ length: count }, (_, at) => `*${letters[(seed * 7 + at * 3 + seed * at) % 10]!}`).join('');
  const patterns = Array.from({ length: statements }, (_, at) => ({
    Action: `s3:${stars(at, 3)}*`,
    Resource: `arn:aws:s3:::b/${stars(at, 5)}*`,
  }));
  const document = (all: readonly object[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: all.map((fields) => ({ Effect: 'Allow', ...fields })),
  });
  const together = {
    Action: patterns.map(({ Action }) => Action),
    Resource: patterns.map(({ Resource }) => Resource),
  };
  const inverse = patterns.map(({ Action, Resource }) => ({ NotAction: Action, NotResource: Resource }));
  for (const [before, after] of [
    [document([together]), document(patterns)],
    [document(inverse), allow('*')],
  ] as const) {
    const [live, desired] = [before, after].map(
      (own) => desiredOf({ users: [aUser('dale', { policies: { own } })] }).state,
    ) as [AccountState, AccountState];
    const from = stepsSoFar();
    new AccessDiff(live, desired).of('user:dale');
    expect(stepsSoFar() - from).toBeLessThan(statements * 1_500_000);
  }
});
