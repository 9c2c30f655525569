import { expect, test } from 'vitest';
import { trustsOf } from '../../src/app/receipts/trust.ts';
import { sessionsSince } from '../../src/app/receipts/sessions.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { AccountState } from '../../src/core/state.ts';
import { desiredOf } from '../support/account.ts';

const lorax = {
  name: 'lorax',
  id: 'AIDAAAAAAAAAAAAAAAAAA',
  arn: 'arn:aws:iam::123456789012:user/trees/lorax',
};
const root = 'arn:aws:iam::123456789012:root';
const allow = (Principal: Json, Condition?: Json): JsonObject => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...(Condition ? { Condition } : {}),
});

function trusts(Statement: JsonObject | JsonObject[]) {
  const role = {
    name: 'gardener',
    path: '/',
    policies: {},
    attachedPolicyArns: [],
    boundary: null,
    tags: {},
    trust: { Version: '2012-10-17', Statement },
    arn: 'arn:aws:iam::123456789012:role/gardener',
  };
  const state: AccountState = { ...desiredOf({}).state, roles: new Map([['gardener', role]]) };
  return trustsOf(state, lorax).map(({ how, conditional }) => (conditional ? `${how}, conditional` : how));
}

test.each<[what: string, trust: JsonObject | JsonObject[], how: string[]]>([
  ['the ARN', allow({ AWS: lorax.arn }), ['user']],
  ['the ARN among others', [allow({ AWS: ['arn:aws:iam::123456789012:user/dale', lorax.arn] })], ['user']],
  ['the id, as AWS shows a user that is gone', allow({ AWS: lorax.id }), ['user']],
  ['somebody else', allow({ AWS: 'arn:aws:iam::123456789012:user/lorax' }), []],
  ['the account', allow({ AWS: root }), ['account']],
  ['the account by number', allow({ AWS: ['123456789012'] }), ['account']],
  ['another account', allow({ AWS: '210987654321' }), []],
  ['anyone', allow('*'), ['anyone']],
  ['anyone of AWS', allow({ AWS: '*' }), ['anyone']],
  ['all but one', { Effect: 'Allow', NotPrincipal: { AWS: root }, Action: '*' }, ['anyone']],
  ['a service', allow({ Service: 'ec2.amazonaws.com' }), []],
  ['a federation', allow({ Federated: 'cognito-identity.amazonaws.com' }), []],
  ['a denial', { ...allow({ AWS: lorax.arn }), Effect: 'Deny' }, []],
  [
    'the account, under MFA',
    allow({ AWS: root }, { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
    ['account, conditional'],
  ],
  [
    'the name in a condition',
    allow({ AWS: root }, { StringEquals: { 'aws:username': ['dale', 'lorax'] } }),
    ['condition, conditional'],
  ],
  [
    'a pattern of the ARN',
    allow('*', { ArnLike: { 'AWS:PrincipalArn': 'arn:aws:iam::*:user/trees/*' } }),
    ['condition, conditional'],
  ],
  ['a pattern of everybody', allow('*', { StringLike: { 'aws:username': '*' } }), ['anyone, conditional']],
  [
    'everybody but',
    allow({ AWS: root }, { StringNotEquals: { 'aws:username': 'lorax' } }),
    ['account, conditional'],
  ],
  [
    'two ways: the more personal one',
    [allow({ AWS: root }), allow({ AWS: lorax.arn }, { Bool: {} })],
    ['user, conditional'],
  ],
  ['nothing', [], []],
])('%s', (_what, trust, how) => {
  expect(trusts(trust)).toEqual(how);
});

test('sessions end so long after the deny; without one there is no end', () => {
  const ends = (deniedAt: string | null) => sessionsSince(deniedAt, true).map(({ expiresAt }) => expiresAt);
  expect(ends('2027-12-31T23:30:00.000Z')).toEqual([
    '2028-01-02T11:30:00.000Z',
    '2028-01-01T11:30:00.000Z',
    '2028-01-01T11:30:00.000Z',
    '2028-01-01T12:30:00.000Z',
  ]);
  expect(ends(null)).toEqual([null, null, null, null]);
});
