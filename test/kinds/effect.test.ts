import { describe, expect, test } from 'vitest';
import type { WordedPlan } from '../../src/kinds/plan.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { AccountState, PolicyDocument } from '../../src/core/state.ts';
import { documentOf } from '../../src/access/documents.ts';
import { dangerousEffect, effectOf, limitEffect } from '../../src/kinds/access.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aRole } from '../rails/support.ts';
import { aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';
import { inputOf } from '../support/input.ts';
import { tell, wordedPlan } from '../support/words.ts';

const allow = (Action: string | string[], Resource = '*', rest: object = {}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource, ...rest }],
});
const codes = ({ dangers = [] }: ReturnType<typeof dangerousEffect>): string[] =>
  dangers.map(({ code }) => code);
const all = allow('*');
const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

describe('what newly makes an administrator is named', () => {
  test('from nothing', () => {
    expect(tell(dangerousEffect(null, all))).toMatchObject({
      effect: 'widens',
      reason: 'makes an administrator',
    });
    expect(codes(dangerousEffect(null, all))).toEqual(['administrator']);
  });
  test('under a condition, with the condition', () => {
    expect(tell(dangerousEffect(null, allow('*', '*', mfa))).reason).toBe(
      'makes an administrator if Bool aws:MultiFactorAuthPresent true',
    );
  });
  test('when the condition goes', () => {
    const told = dangerousEffect(allow('*', '*', mfa), all);
    expect(tell(told).reason).toBe('makes an administrator');
    expect(codes(told)).toEqual(['administrator']);
  });
  test.each([
    ['goes', all, null],
    [
      'was one before',
      all,
      { ...all, Statement: [{ Effect: 'Allow', Action: ['*', 's3:*'], Resource: '*' }] },
    ],
    ['gets less', all, allow('iam:*')],
  ])('not what %s', (_, before, after) => {
    expect(dangerousEffect(before, after).dangers).toBeUndefined();
  });
});

describe('what newly grants privilege escalation is named by its actions', () => {
  test('two actions that are dangerous together', () => {
    const told = dangerousEffect(allow('lambda:*'), allow(['lambda:*', 'iam:PassRole']));
    expect(tell(told).reason).toMatch(
      /; grants privilege escalation: iam:PassRole with lambda:CreateFunction$/,
    );
    expect(codes(told)).toContain('iam:PassRole+lambda:CreateFunction');
  });
  test('all of IAM', () => {
    expect(tell(dangerousEffect(null, allow('iam:*'))).reason).toMatch(
      /grants privilege escalation: iam:\*$/,
    );
  });
  test('the same action on more', () => {
    const own = 'arn:aws:iam::123456789012:user/dale';
    expect(codes(dangerousEffect(allow('iam:CreateAccessKey', own), allow('iam:CreateAccessKey')))).toEqual([
      'iam:CreateAccessKey',
    ]);
  });
  test('many, counted', () => {
    expect(tell(dangerousEffect(null, allow(['iam:Put*', 'iam:Attach*']))).reason).toMatch(
      /: iam:\w+, iam:\w+ and \d+ more$/,
    );
  });
  test('not what was there before, whatever else comes', () => {
    const before = allow('iam:PutUserPolicy');
    const statements = [before, allow('s3:*')].flatMap((one) => one['Statement'] as JsonObject[]);
    const after = { ...before, Statement: statements };
    expect(dangerousEffect(before, after).dangers).toBeUndefined();
  });
  test('what grants all but something is open-ended', () => {
    const { Action: _, ...rest } = (all['Statement'] as [{ Action: string }])[0];
    const told = dangerousEffect(null, { Statement: [{ ...rest, NotAction: 'iam:*' }] });
    expect(codes(told)).toContain('allow-not-action');
  });
});

test('a boundary grants nothing by itself', () => {
  expect(tell(limitEffect(allow('s3:*'), all))).toEqual({ effect: 'widens', reason: 's3:* becomes * on *' });
});

test('of AWS’s own policies, those that make administrators are known', () => {
  const state: AccountState = desiredOf({}).state;
  const of = (name: string) =>
    codes(dangerousEffect(null, documentOf(state, `arn:aws:iam::aws:policy/${name}`)));
  expect(of('AdministratorAccess')).toEqual(['administrator']);
  expect(of('IAMFullAccess')).toEqual(['iam-full-access']);
  expect(of('ReadOnlyAccess')).toEqual([]);
});

describe('in a plan', () => {
  const planOf = (
    live: Parameters<typeof desiredOf>[0],
    desired: Parameters<typeof desiredOf>[0],
  ): WordedPlan =>
    wordedPlan(makePlan(desiredOf(desired), desiredOf(live).state, new Date('2027-01-01T00:00:00Z')));
  const admins = aGroup('admins', { policies: { all } });

  test('who joins administrators, and who only leaves them', () => {
    const joins = planOf(
      { users: [aUser('dale')], groups: [admins] },
      { users: [aUser('dale', { groups: ['admins'] })], groups: [admins] },
    );
    expect(joins.changes.map(({ dangers }) => dangers?.[0]?.code)).toEqual(['administrator']);
    const leaves = planOf(
      { users: [aUser('dale', { groups: ['admins'] })], groups: [admins] },
      { users: [aUser('dale')], groups: [admins] },
    );
    expect(leaves.changes.map(({ dangers }) => dangers)).toEqual([undefined]);
  });

  test('a policy that nobody holds grants nothing; a boundary’s limits nothing', () => {
    const limits = aPolicy('limits', allow('s3:*'));
    const wide = aPolicy('limits', all);
    const alone = planOf({ policies: [limits] }, { policies: [wide] });
    expect(alone.changes[0]).toMatchObject({ effect: 'none', reason: 'nothing holds it' });
    const bare = aUser('dale', { boundary: limits.arn });
    const nothing = planOf({ policies: [limits], users: [bare] }, { policies: [wide], users: [bare] });
    expect(nothing.changes[0]).toMatchObject({ effect: 'none' });
    const user = { ...bare, policies: { own: all } };
    const bound = planOf({ policies: [limits], users: [user] }, { policies: [wide], users: [user] });
    // What the boundary kept out of what the user holds.
    expect(bound.changes[0]).toMatchObject({
      effect: 'widens',
      reason: 'makes an administrator; held by user dale (as boundary)',
      dangers: [{ code: 'administrator' }],
    });
    const held = aUser('dale', { attachedPolicyArns: [limits.arn] });
    const holds = planOf({ policies: [limits], users: [held] }, { policies: [wide], users: [held] });
    expect(holds.changes[0]!.reason).toBe('makes an administrator; held by user dale');
    expect(holds.changes[0]!.dangers).toHaveLength(1);
  });

  test('the patch of a change leads from what IAM has to what the files say', () => {
    const [joins] = planOf(
      { users: [aUser('dale')], groups: [admins] },
      { users: [aUser('dale', { groups: ['admins'] })], groups: [admins] },
    ).changes;
    expect(joins!.patch).toEqual([{ op: 'add', path: '/members/0', value: 'dale' }]);
    const [made] = planOf({}, { groups: [admins] }).changes;
    expect(made!.patch).toMatchObject([{ op: 'add', path: '', value: { members: [] } }]);
    const [gone] = planOf({ groups: [admins] }, {}).changes;
    expect(gone!.patch).toEqual([{ op: 'remove', path: '' }]);
  });

  test('a policy that only bounds a role is held: what widens it is told', () => {
    const limits = aPolicy('limits', allow('s3:*'));
    const live = {
      ...desiredOf({ policies: [limits] }).state,
      roles: new Map([['runner', aRole('runner', { boundary: limits.arn, policies: { own: all } })]]),
    };
    const wide = desiredOf({ policies: [aPolicy('limits', all)] });
    expect(wordedPlan(makePlan(wide, live, new Date())).changes).toMatchObject([
      { effect: 'widens', reason: 'makes an administrator; held by role runner (as boundary)' },
    ]);
  });

  test('who comes to hold an ignored policy gets what it says in IAM', () => {
    const theirs = aPolicy('theirs', all);
    const wanted = desiredOf(
      { users: [aUser('dale', { attachedPolicyArns: [theirs.arn] })] },
      { ignore: { users: [], groups: [], policies: ['theirs'], roles: [] } },
    );
    const live = desiredOf({ users: [aUser('dale')], policies: [theirs] });
    expect(makePlan(wanted, live.state, new Date()).plan!.changes).toMatchObject([
      { effect: 'widens', dangers: [{ code: 'administrator' }] },
    ]);
  });

  test('what only AWS knows is denied whole while it goes together with other access', () => {
    const arns = ['AmazonConnectReadOnlyAccess', 'ReadOnlyAccess'].map(
      (name) => `arn:aws:iam::aws:policy/${name}`,
    );
    const groups = [aGroup('g', { policies: { p: allow('s3:*') } })];
    const { steps } = planOf(
      { groups, users: [aUser('dale', { attachedPolicyArns: arns, groups: ['g'] })] },
      { groups, users: [aUser('dale')] },
    );
    const guard = steps.find(({ op }) => op === 'PutUserPolicy')!;
    expect(JSON.parse(inputOf(guard)['PolicyDocument'] as string)).toMatchObject({
      Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
    });
  });

  test('2,000 users who join dangerous groups are judged once per group', () => {
    const groups = ['a', 'b', 'c'].map((name) =>
      aGroup(name, { policies: { p: allow(['iam:PassRole', 'lambda:*', 'ec2:*', `s3:${name}`]) } }),
    );
    const users = Array.from({ length: 2_000 }, (_, index) =>
      aUser(`u${index}`, { groups: ['a', 'b', 'c'] }),
    );
    const plan = planOf({ groups }, { groups, users });
    expect(plan.changes).toHaveLength(2_000);
    // The very same reasons, one of each group and one of all: whoever judged a group again would have made others.
    expect(new Set<object>(plan.changes.flatMap(({ reasons }): readonly object[] => reasons)).size).toBe(4);
    expect(plan.changes.every(({ dangers = [] }) => dangers.length > 3)).toBe(true);
  });
});

describe('what AWS defines is known by its name alone', () => {
  const none: AccountState = { users: new Map(), groups: new Map(), policies: new Map() } as never;
  const aws = (name: string): PolicyDocument => documentOf(none, `arn:aws:iam::aws:policy/${name}`);
  const allBut = (NotAction: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', NotAction, Resource: '*' }],
  });
  test.each([
    ['an inverse of actions', allBut(['iam:*', 'organizations:*']), 'AWSOrganizationsFullAccess'],
    ['a pattern of actions', allow(['s3:*', 'aws-managed:*']), 'AmazonS3FullAccess'],
    ['another name', aws('ReadOnlyAccess'), 'AmazonS3FullAccess'],
    ['all of it under a condition', allow('*', '*', mfa), 'ReadOnlyAccess'],
  ])('%s does not cover it', (_, before, name) => {
    expect(effectOf(before, aws(name)).effect).toBe('unclear');
    expect(limitEffect(before, aws(name)).effect).toBe('unclear');
  });
  test('itself and everything do', () => {
    expect(effectOf(aws('ReadOnlyAccess'), aws('ReadOnlyAccess')).effect).toBe('none');
    expect(effectOf(all, aws('ReadOnlyAccess')).effect).toBe('narrows');
    expect(tell(effectOf(null, aws('ReadOnlyAccess')))).toMatchObject({
      effect: 'widens',
      reason: 'allows what AWS defines as ReadOnlyAccess',
    });
  });
  test.each(['AmazonConnectReadOnlyAccess', 'MadeByAWSTomorrow'])('%s may deny', (name) => {
    expect(effectOf(aws(name), null).effect).toBe('unclear');
    expect(tell(effectOf(null, aws(name))).reason).toBe(
      `allows what AWS defines as ${name}; denies what AWS defines as ${name}`,
    );
  });
});
