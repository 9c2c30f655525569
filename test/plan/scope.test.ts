import { describe, expect, test } from 'vitest';
import { makePlan, scopeOf } from '../../src/plan/index.ts';
import { aRole } from '../rails/support.ts';
import { aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';

type AccountParts = Parameters<typeof desiredOf>[0];

const document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'none:null', Resource: '*' }],
};

test('the lock of another run is no policy that a plan could delete, in any case of its name', () => {
  const users = [aUser('dale')];
  for (const lock of ['rollcall-lock', 'Rollcall-Lock']) {
    const live = desiredOf({ users, policies: [aPolicy(lock, document, '/rollcall/')] });
    expect(makePlan(desiredOf({ users }), live.state, new Date()).plan!.changes).toEqual([]);
  }
});

const ignore = { users: ['svc-*'], groups: [], policies: [], roles: [] };

test('a group that only members out of scope have is out of scope, too', () => {
  const live = desiredOf({ users: [aUser('svc-a', { groups: ['staff'] })], groups: [aGroup('staff')] });
  expect(makePlan(desiredOf({}, { ignore }), live.state, new Date()).plan!.changes).toEqual([]);
});

test('a policy does not move to another path from under who is out of scope', () => {
  const [here, there] = [aPolicy('limits', document), aPolicy('limits', document, '/x/')];
  const live = {
    ...desiredOf({ policies: [here], users: [aUser('svc-a', { attachedPolicyArns: [here.arn] })] }).state,
    roles: new Map([['runner', aRole('runner', { attachedPolicyArns: [here.arn] })]]),
  };
  const { plan } = makePlan(desiredOf({ policies: [there] }, { ignore }), live, new Date());
  expect(plan!.steps).toEqual([]);
  expect(plan!.changes).toMatchObject([
    {
      id: 'policy:limits/path',
      left: [
        { kind: 'user', name: 'svc-a', as: 'attachment' },
        { kind: 'role', name: 'runner', as: 'attachment' },
      ],
    },
  ]);
});

test('what was declared is left, not forgotten, where only a role has it', () => {
  const policy = aPolicy('limits', document);
  const live = {
    ...desiredOf({ policies: [policy] }).state,
    roles: new Map([['runner', aRole('runner', { attachedPolicyArns: [policy.arn] })]]),
  };
  const before = { rev: 'main', commit: 'c', desired: desiredOf({ policies: [policy] }) };
  expect(scopeOf(desiredOf({}), live)('policy', 'limits')).toBe(false);
  expect(scopeOf(desiredOf({}), live, before)('policy', 'limits')).toBe(true);
  expect(scopeOf(desiredOf({}, { removed: { policies: ['Limits'] } }), live)('policy', 'limits')).toBe(true);
});

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

describe('what is ignored stays, and gains by what is declared', () => {
  const ignored = { users: ['svc-*'], groups: ['aws-*'], policies: [], roles: [] };
  const [narrow, wide] = [aPolicy('reports', allow('s3:Get*')), aPolicy('reports', allow('s3:*'))];
  const attachedPolicyArns = [narrow.arn];
  test.each<[string, readonly [AccountParts, AccountParts], string]>([
    [
      'an ignored user of a declared group',
      [
        { users: [aUser('svc-a', { groups: ['staff'] })], groups: [aGroup('staff')] },
        { groups: [aGroup('staff', { policies: { all: allow('s3:*') } })] },
      ],
      'user:svc-a',
    ],
    [
      'an ignored user with a declared policy',
      [{ users: [aUser('svc-a', { attachedPolicyArns })], policies: [narrow] }, { policies: [wide] }],
      'user:svc-a',
    ],
    [
      'a declared user of an ignored group with a declared policy',
      [
        {
          users: [aUser('dale', { groups: ['aws-staff'] })],
          groups: [aGroup('aws-staff', { attachedPolicyArns })],
          policies: [narrow],
        },
        { users: [aUser('dale')], policies: [wide] },
      ],
      'user:dale',
    ],
  ])('%s', (_, [before, after], principal) => {
    const { plan } = makePlan(desiredOf(after, { ignore: ignored }), desiredOf(before).state, new Date());
    expect(plan!.changes.map(({ effect }) => effect)).toEqual(['widens']);
    expect(plan!.access).toMatchObject([{ principal, gained: [{ certain: true }], lost: [] }]);
    expect(plan!.access[0]!.leaves).toBeUndefined();
  });

  test('AWS’s quarantine is no Deny that goes', () => {
    const quarantine = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3';
    const leaked = aUser('dale', { policies: { all: allow('*') }, attachedPolicyArns: [quarantine] });
    const after = { users: [aUser('dale', { policies: { all: allow('*'), more: allow('s3:*') } })] };
    const { plan } = makePlan(desiredOf(after), desiredOf({ users: [leaked] }).state, new Date());
    expect(plan!.changes.map(({ effect }) => effect)).toEqual(['none']);
    expect(plan!.access).toEqual([]);
  });
});
