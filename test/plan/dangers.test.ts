/** Dangers of a plan: whom a change makes what, by all that they hold. */
import { expect, test } from 'vitest';
import { documentOf } from '../../src/access/documents.ts';
import type { AccountState, PolicyDocument, Role } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aRole } from '../rails/support.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';
import { allow, deny, doc } from '../policy/documents.ts';

type Objects = Parameters<typeof desiredOf>[0];

/** Codes by change, and by person. */
function dangersOf(
  live: Objects,
  desired: Objects,
  roles: readonly Role[] = [],
  aws: Record<string, PolicyDocument> = {},
) {
  const state: AccountState = {
    ...desiredOf(live).state,
    roles: new Map(roles.map((role) => [role.name, role])),
    awsPolicies: new Map(Object.entries(aws).map(([name, one]) => [`arn:aws:iam::aws:policy/${name}`, one])),
  };
  const { plan, problems } = makePlan(desiredOf(desired), state, new Date('2027-01-01T00:00:00Z'));
  if (!plan) throw new Error(JSON.stringify(problems));
  const codes = (dangers: readonly { readonly code: string }[] = []): string[] =>
    dangers.map(({ code }) => code);
  return {
    changes: Object.fromEntries(plan.changes.map(({ id, dangers }) => [id, codes(dangers)])),
    people: Object.fromEntries(plan.access.map(({ principal, dangers }) => [principal, codes(dangers)])),
    plan,
  };
}

const all = doc(allow('*'));
const admins = aGroup('admins', { policies: { all } });
const pass = aGroup('pass', { policies: { p: doc(allow('iam:PassRole')) } });
const lambda = aGroup('lambda', { policies: { p: doc(allow('lambda:*', 'arn:aws:lambda:*:*:function:*')) } });
const way = 'iam:PassRole+lambda:CreateFunction';

test('halves in two groups, of which one is new', () => {
  const groups = [pass, lambda];
  const { changes, people } = dangersOf(
    { groups, users: [aUser('dale', { groups: ['lambda'] }), aUser('buzzo')] },
    { groups, users: [aUser('dale', { groups: ['lambda', 'pass'] }), aUser('buzzo', { groups: ['pass'] })] },
  );
  expect(changes).toEqual({ 'group:pass/members': [way] });
  expect(people).toEqual({ 'user:dale': [way], 'user:buzzo': [] });
});

test('only the change that brings it is marked', () => {
  const queue = doc(allow('sqs:*'));
  const { changes } = dangersOf(
    { groups: [admins], users: [aUser('dale')] },
    { groups: [admins], users: [aUser('dale', { groups: ['admins'], policies: { queue } })] },
  );
  expect(changes).toEqual({ 'group:admins/members': ['administrator'], 'user:dale/policies/queue': [] });
});

test('the sixth of those whom a change reaches', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const users = (document: PolicyDocument) => ({
    users: names.map((name) =>
      aUser(name, { groups: ['staff'], policies: name === 'f' ? { own: doc(allow('iam:PassRole')) } : {} }),
    ),
    groups: [aGroup('staff', { policies: { p: document } })],
  });
  const { changes, people } = dangersOf(
    users(doc(allow('s3:*'))),
    users(doc(allow(['s3:*', 'ec2:RunInstances']))),
  );
  expect(changes['group:staff/policies/p']).toEqual(['iam:PassRole+ec2:RunInstances']);
  expect(Object.entries(people).filter(([, dangers]) => dangers.length > 0)).toHaveLength(1);
});

test('what comes out from behind a boundary, a Deny and a group that denied', () => {
  const limits = aPolicy('limits', doc(allow('s3:*')));
  const bounded = aUser('a', { policies: { all }, boundary: limits.arn });
  const denied = aUser('b', { policies: { all, no: doc(deny('*')) } });
  const frozen = aUser('c', { policies: { all }, groups: ['frozen'] });
  const suspended = aUser('d', { policies: { all, 'rollcall-suspended': doc(deny('*')) } });
  const groups = [aGroup('frozen', { policies: { no: doc(deny('*')) } })];
  const free = (name: string) => aUser(name, { policies: { all } });
  const { changes, people } = dangersOf(
    { policies: [limits], groups, users: [bounded, denied, frozen, suspended] },
    { policies: [limits], groups, users: ['a', 'b', 'c', 'd'].map(free) },
  );
  expect(changes).toEqual({
    'user:a/boundary': ['administrator'],
    'user:b/policies/no': ['administrator'],
    'group:frozen/members': ['administrator'],
    'user:d/policies/rollcall-suspended': ['administrator'],
  });
  expect(new Set(Object.values(people).flat())).toEqual(new Set(['administrator']));
});

test('a quarantine in place of a Deny of everything', () => {
  const arn = (name: string) => `arn:aws:iam::aws:policy/${name}`;
  const bob = (name: string) => aUser('bob', { attachedPolicyArns: ['AdministratorAccess', name].map(arn) });
  const { changes, plan } = dangersOf(
    { users: [bob('AWSDenyAll')] },
    { users: [bob('AWSCompromisedKeyQuarantineV3')] },
    [],
    {
      AdministratorAccess: all,
      AWSDenyAll: doc(deny('*')),
      AWSCompromisedKeyQuarantineV3: doc(deny(['iam:CreateUser', 'iam:PutUserPolicy'])),
    },
  );
  expect(changes).toEqual({ 'user:bob/attach': ['administrator'] });
  expect(plan.changes[0]).toMatchObject({ effect: 'widens', reasons: [{ code: 'administrator' }] });
});

test('moving an administrator between groups of administrators is no news', () => {
  const groups = [
    admins,
    aGroup('owners', { attachedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }),
  ];
  const { changes } = dangersOf(
    { groups, users: [aUser('dale', { groups: ['admins'] })] },
    { groups, users: [aUser('dale', { groups: ['owners'] })] },
  );
  expect(Object.values(changes)).toEqual([[], []]);
});

test('what reaches nobody brings nobody a danger', () => {
  const { changes, plan } = dangersOf({}, { groups: [admins], policies: [aPolicy('wide', all)] });
  expect(Object.values(changes)).toEqual([[], []]);
  expect(plan.changes.map(({ effect }) => effect)).toEqual(['none', 'none']);
});

test('a user who is made with a danger, and the group that is made with it', () => {
  const { changes } = dangersOf({}, { groups: [admins], users: [aUser('dale', { groups: ['admins'] })] });
  expect(changes).toEqual({ 'group:admins': ['administrator'], 'user:dale': ['administrator'] });
});

test('becoming a role that is an administrator', () => {
  const trust = (AWS: string) => ({
    Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' },
  });
  const role = (name: string, Principal: string, document: PolicyDocument) =>
    aRole(name, { trust: trust(Principal), policies: { own: document } });
  const roles = [
    role('deploy', accountId, all),
    role('reader', accountId, doc(allow('s3:Get*'))),
    role('theirs', '210987654321', all),
    aRole('limited', { trust: trust(accountId), policies: { all, no: doc(deny('iam:*')) } }),
  ];
  const assume = doc(
    allow(
      'sts:AssumeRole',
      roles.map(({ arn }) => arn),
    ),
  );
  const { plan } = dangersOf(
    { users: [aUser('dale')] },
    { users: [aUser('dale', { policies: { assume } })] },
    roles,
  );
  expect(plan.changes[0]!.dangers).toMatchObject([{ code: 'sts:AssumeRole', of: 'deploy' }]);
});

test('policies of AWS are judged by their documents, and by name where nobody looked', () => {
  const power = 'arn:aws:iam::aws:policy/PowerUserAccess';
  const sides = [
    { users: [aUser('dale')] },
    { users: [aUser('dale', { attachedPolicyArns: [power] })] },
  ] as const;
  expect(dangersOf(...sides).changes).toEqual({ 'user:dale/attach': [] });
  const document = doc({ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*'], Resource: '*' });
  expect(dangersOf(...sides, [], { PowerUserAccess: document }).changes['user:dale/attach']).toEqual(
    expect.arrayContaining(['allow-not-action', 'lambda:UpdateFunctionCode']),
  );
  expect(documentOf(desiredOf({}).state, power)).not.toEqual(document);
});
