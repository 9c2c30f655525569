import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Assumptions, isCertain } from '../../src/access/assume.ts';
import type { AccountState, PolicyDocument, Role, User } from '../../src/core/state.ts';
import { emptyState } from '../../src/core/state.ts';
import { trust as randomTrust } from '../policy/trust/arbitraries.ts';
import { asks, mayAssume, place } from '../policy/trust/judge.ts';
import { aUser } from '../support/account.ts';

const account = '111111111111';
const arn = (rest: string, of = account): string => `arn:aws:iam::${of}:${rest}`;
const one = (statement: object): PolicyDocument =>
  ({ Version: '2012-10-17', Statement: [statement] }) as unknown as PolicyDocument;
const trusting = (Principal: unknown, rest: object = {}): PolicyDocument =>
  one({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...rest });
const assume = (Resource: string, rest: object = {}): PolicyDocument =>
  one({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource, ...rest });
const administrator = one({ Effect: 'Allow', Action: '*', Resource: '*' });

const aRole = (name: string, trust: PolicyDocument, rest: Partial<Role> = {}): Role => ({
  name,
  path: '/',
  arn: arn(`role/${name}`),
  policies: {},
  attachedPolicyArns: [],
  boundary: null,
  tags: {},
  trust,
  ...rest,
});
const anna = (rest: Partial<User> = {}): User => aUser('anna', { arn: arn('user/anna'), ...rest });

const stateOf = (users: readonly User[], roles: readonly Role[]): AccountState => ({
  ...emptyState(account, 'aws'),
  users: new Map(users.map((user) => [user.name, user])),
  roles: new Map(roles.map((role) => [role.name, role])),
});

/** How anna may assume the role `deploy`. */
function how(trust: PolicyDocument, user: Partial<User> = {}, others: Partial<AccountState> = {}): unknown {
  const role = aRole('deploy', trust);
  const found = new Assumptions({ ...stateOf([anna(user)], [role]), ...others }).between('user:anna', role);
  return found && [found.by, found.certain];
}

describe('a user of the account', () => {
  const named = trusting({ AWS: arn('user/anna') });
  const open = trusting({ AWS: arn('root') });
  const mine = { policies: { own: assume(arn('role/deploy')) } };
  const denied = {
    policies: { own: { ...assume('*'), Statement: { Effect: 'Deny', Action: 'sts:*', Resource: '*' } } },
  } as Partial<User>;
  const boundary = arn('policy/nothing');
  const nothing = new Map([
    [
      'nothing',
      {
        name: 'nothing',
        path: '/',
        arn: boundary,
        document: one({ Effect: 'Allow', Action: 's3:*', Resource: '*' }),
      },
    ],
  ]);

  test.each<[string, PolicyDocument, Partial<User>, unknown]>([
    ['named, without a policy', named, {}, ['name', true]],
    ['named, and denied by a policy of their own', named, denied, null],
    // A boundary limits what identity policies give, and the trust is none.
    ['named, with a boundary that does not allow it', named, { boundary }, ['name', true]],
    ['named, suspended', named, { suspended: true }, null],
    [
      'named by id or as somebody else',
      trusting({ AWS: ['AIDAXXXXXXXXXXXXXXXXX', arn('user/ben')] }),
      {},
      null,
    ],
    ['everybody', trusting('*'), {}, ['name', true]],
    ['their account, without a policy', open, {}, null],
    ['their account, with a policy', open, mine, ['account', true]],
    [
      'their account, as an administrator',
      trusting({ AWS: account }),
      { policies: { all: administrator } },
      ['account', true],
    ],
    [
      'their account, with a policy for another role',
      open,
      { policies: { own: assume(arn('role/other')) } },
      null,
    ],
    [
      'their account, with a policy under conditions',
      open,
      { policies: { own: assume('*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }) } },
      ['account', false],
    ],
    ['their account, outside the boundary', open, { ...mine, boundary }, null],
    ['another account', trusting({ AWS: arn('root', '222222222222') }), mine, null],
    ['a service', trusting({ Service: 'ec2.amazonaws.com' }), mine, null],
    [
      'named, with a second factor',
      trusting({ AWS: arn('user/anna') }, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      {},
      ['name', false],
    ],
    [
      'the account, for this user alone',
      trusting({ AWS: arn('root') }, { Condition: { StringEquals: { 'aws:username': 'anna' } } }),
      mine,
      ['account', true],
    ],
    [
      'the account, for another user alone',
      trusting({ AWS: arn('root') }, { Condition: { ArnEquals: { 'aws:PrincipalArn': arn('user/ben') } } }),
      mine,
      null,
    ],
    ['tagging alone', trusting({ AWS: arn('user/anna') }, { Action: 'sts:TagSession' }), mine, null],
    [
      'tokens alone',
      trusting({ AWS: arn('user/anna') }, { Action: 'sts:AssumeRoleWithWebIdentity' }),
      mine,
      null,
    ],
    [
      'everybody but somebody',
      one({ Effect: 'Allow', NotPrincipal: { AWS: arn('user/ben') }, Action: 'sts:AssumeRole' }),
      {},
      ['name', false],
    ],
  ])('%s', (_, trust, user, found) => {
    expect(how(trust, user, { policies: nothing })).toEqual(found);
  });

  test('a Deny of the trust counts, by name, for all and for the account', () => {
    for (const Principal of ['*', { AWS: '*' }, { AWS: arn('user/anna') }, { AWS: account }]) {
      const Statement = [
        { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' },
        { Effect: 'Deny', Principal, Action: 'sts:AssumeRole' },
      ];
      expect(how({ Version: '2012-10-17', Statement })).toBe(null);
    }
  });

  test('a role must have it within its boundary, even where it is named', () => {
    const target = aRole('deploy', trusting({ AWS: arn('role/ci') }));
    const state = stateOf(
      [],
      [aRole('ci', trusting({ Service: 'ec2.amazonaws.com' }), { boundary }), target],
    );
    expect(new Assumptions({ ...state, policies: nothing }).of(target)).toEqual([]);
    expect(new Assumptions(stateOf([], [aRole('ci', trusting('*')), target])).of(target)).toMatchObject([
      { principal: 'role:ci', by: 'name', certain: true },
    ]);
  });
});

test('others are told as the trust names them', () => {
  const provider = arn('oidc-provider/token.actions.githubusercontent.com');
  const Statement = [
    {
      Effect: 'Allow',
      Principal: {
        AWS: ['222222222222', arn('user/x', '222222222222'), arn('root'), 'AIDAX1'],
        Service: 'ec2.amazonaws.com',
      },
      Action: 'sts:AssumeRole',
    },
    {
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/web:*' } },
    },
    { Effect: 'Allow', Principal: { Federated: arn('saml-provider/okta') }, Action: 'sts:AssumeRole' },
    { Effect: 'Deny', Principal: { AWS: arn('user/x', '222222222222') }, Action: 'sts:*' },
  ];
  const role = aRole('deploy', { Version: '2012-10-17', Statement });
  const found = new Assumptions(stateOf([], [role])).outsidersOf(role);
  expect(found.map(({ named, certain }) => [named.type, certain])).toEqual([
    ['account', true],
    ['service', true],
    ['oidc', false],
  ]);
  expect(found[2]!.trust[0]!.conditions).toMatchObject([{ values: ['repo:acme/web:*'] }]);
});

test('ways lead from role to role, the shortest first, and end where they began', () => {
  const to = (name: string) => trusting({ AWS: arn(`role/${name}`) });
  const roles = [
    aRole('a', trusting({ AWS: [arn('user/anna'), arn('role/c')] })),
    aRole('b', to('a')),
    aRole('c', trusting({ AWS: [arn('role/b'), arn('role/d')] })),
    aRole(
      'd',
      trusting({ AWS: arn('user/anna') }, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
    ),
    aRole('e', to('e')),
  ];
  const ways = new Assumptions(stateOf([anna()], roles)).waysOf('user:anna');
  expect(ways.map((way) => [way.map(({ role }) => role).join(' '), isCertain(way)])).toEqual([
    ['role:a', true],
    ['role:d', false],
    ['role:a role:b', true],
    ['role:d role:c', false],
  ]);
});

test('what is said of users and roles is so, whatever the trust and the request', () => {
  const seen = { sure: 0, maybe: 0, no: 0 };
  fc.assert(
    fc.property(randomTrust, fc.boolean(), (trust, isLet) => {
      const role = aRole('target', trust);
      const policies = isLet ? { own: assume('*') } : {};
      const users = ['ann', 'ben'].map((name) => aUser(name, { arn: arn(`user/${name}`), policies }));
      const found = new Assumptions(
        stateOf(users, [role, aRole('r', trusting({ Service: 'x' }), { policies })]),
      );
      for (const principal of ['user:ann', 'user:ben', 'role:r']) {
        const is = found.between(principal, role);
        const name = arn(principal.replace(':', '/'));
        const answers = asks
          .filter(
            (ask) =>
              ask.caller.name === name && ask.caller.isLet === isLet && ask.action === 'sts:assumerole',
          )
          .map((ask) => mayAssume(trust, ask, { deniesByAccount: true, anyKind: false }));
        expect(answers.length).toBeGreaterThan(0);
        seen[is === null ? 'no' : is.certain ? 'sure' : 'maybe'] += 1;
        const wrong = is === null ? answers.includes(true) : is.certain && answers.includes(false);
        if (wrong) throw new Error(JSON.stringify({ principal, isLet, is, answers, trust }, null, 1));
      }
    }),
    { numRuns: 400 },
  );
  expect(place.account).toBe(account);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});
