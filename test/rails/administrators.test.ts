import { describe, expect, test } from 'vitest';
import type { Desired, Ignore } from '../../src/core/desired.ts';
import type {
  AccountState,
  Credentials,
  Group,
  ManagedPolicy,
  PolicyDocument,
  Role,
  User,
} from '../../src/core/state.ts';
import { denyAll } from '../../src/access/documents.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials, trusting } from '../support/account.ts';
import { allow, aRole, messagesOf, withKeys, withPassword } from './support.ts';

const admins = aGroup('admins', { policies: { allow_all: allow('*') } });
const refused = ['last-administrator: nobody would be left who can administer the account'];

const live = (
  users: readonly User[],
  {
    groups = [admins],
    policies = [],
    roles = [],
  }: { groups?: readonly Group[]; policies?: readonly ManagedPolicy[]; roles?: readonly Role[] } = {},
): AccountState => ({
  ...desiredOf({
    users: users.map((user) => ({ credentials: noCredentials, id: `AIDA${user.name}`, ...user })),
    groups,
    policies,
  }).state,
  roles: new Map(roles.map((role) => [role.name, role])),
});

const files = (
  users: readonly User[],
  {
    groups = [admins],
    policies = [],
    ignore = {},
  }: { groups?: readonly Group[]; policies?: readonly ManagedPolicy[]; ignore?: Partial<Ignore> } = {},
): Desired => ({
  ...desiredOf({ users, groups, policies }),
  ignore: { users: [], groups: [], policies: [], roles: [], ...ignore },
});

const admin = (name: string, rest: Partial<User> = {}): User => aUser(name, { groups: ['admins'], ...rest });
const plain = aUser('dale');

describe('a suspended administrator does not count as the last one', () => {
  test('suspended in the files', () => {
    expect(
      messagesOf(live([admin('buzzo'), plain]), files([admin('buzzo', { suspended: true }), plain])),
    ).toEqual(refused);
    expect(
      messagesOf(
        live([admin('buzzo'), admin('lorax'), plain, aUser('x'), aUser('y')]),
        files([admin('buzzo', { suspended: true }), plain, aUser('x'), aUser('y')]),
      ),
    ).toEqual(refused);
    // Somebody else is left.
    expect(
      messagesOf(
        live([admin('buzzo'), admin('lorax')]),
        files([admin('buzzo', { suspended: true }), admin('lorax')]),
      ),
    ).toEqual([]);
  });

  const deny = (Action: string): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action, Resource: '*' }],
  });
  const shutOut: [string, Partial<User>][] = [
    ['by rollcall', { policies: { 'rollcall-suspended': denyAll } }],
    ['by an offboarding that was cut short', { policies: { 'rollcall-offboarding-deny': denyAll } }],
    ['by hand, under another name', { policies: { incident: deny('*') } }],
    ['from IAM alone', { policies: { incident: deny('iam:*') } }],
    [
      'by an older Version of the language',
      { policies: { incident: { ...deny('*'), Version: '2008-10-17' } } },
    ],
    ['by a boundary', { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' }],
    ['by an attached policy', { attachedPolicyArns: ['arn:aws:iam::aws:policy/AWSDenyAll'] }],
    [
      'by AWS, for a leaked key',
      { attachedPolicyArns: ['arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3'] },
    ],
    ['by a group', { groups: ['admins', 'shut'] }],
  ];
  const shut = aGroup('shut', { policies: { no: denyAll } });

  test.each(shutOut)('ignored by the files, and denied everything %s', (_how, rest) => {
    const outsider = admin('svc-old', rest);
    const ignore = { users: ['svc-*'], groups: ['shut'] };
    const groups = [admins, shut];
    const before = live([outsider, admin('buzzo'), plain], { groups });
    expect(messagesOf(before, files([aUser('buzzo'), plain], { ignore }))).toEqual(refused);
    // Who is let in stands in.
    const other = live([admin('svc-old'), admin('buzzo'), plain], { groups });
    expect(messagesOf(other, files([aUser('buzzo'), plain], { ignore }))).toEqual([]);
  });

  test('the only one, denied everything already, may leave', () => {
    const before = live([admin('buzzo', { policies: { 'rollcall-suspended': denyAll } }), plain]);
    expect(messagesOf(before, files([plain]))).toEqual([]);
  });

  test('AWS’s quarantine stays on who is declared, though no file says so', () => {
    const quarantined = { attachedPolicyArns: ['arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3'] };
    const before = live([admin('buzzo', quarantined), admin('lorax'), plain, aUser('x')]);
    expect(messagesOf(before, files([admin('buzzo'), plain, aUser('x')]))).toEqual(refused);
  });
});

describe('a boundary', () => {
  const some = aPolicy('some', allow('s3:*'));
  const all = aPolicy('all', allow('*'));
  const iam = aPolicy('iam', allow('iam:*'));
  const no = aPolicy('no', {
    Version: '2012-10-17',
    Statement: [
      ...(allow('*').Statement as PolicyDocument[]),
      { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
    ],
  });
  const policies = [some, all, iam, no];

  test('that allows less does not stand in for an administrator without', () => {
    const before = live([admin('buzzo'), admin('lorax', { boundary: some.arn }), plain, aUser('x')], {
      policies,
    });
    const leaves = files([admin('lorax', { boundary: some.arn }), plain, aUser('x')], { policies });
    expect(messagesOf(before, leaves)).toEqual(refused);
    const kept = files([admin('lorax', { boundary: all.arn }), plain, aUser('x')], { policies });
    expect(messagesOf(before, kept)).toEqual([]);
  });

  test('that comes to the last one takes them', () => {
    const before = live([admin('buzzo')], { policies });
    expect(messagesOf(before, files([admin('buzzo', { boundary: some.arn })], { policies }))).toEqual(
      refused,
    );
  });

  test('that allows less of all administrators leaves them counted, so that the last of them does not go unseen', () => {
    const bounded = admin('buzzo', { boundary: iam.arn });
    const before = live([bounded, plain], { policies });
    expect(messagesOf(before, files([plain], { policies }))).toEqual(refused);
    expect(messagesOf(before, files([bounded, { ...plain, tags: { a: 'b' } }], { policies }))).toEqual([]);
  });

  test('that leaves nothing of IAM leaves no administrator', () => {
    for (const boundary of [some.arn, no.arn]) {
      const bounded = admin('buzzo', { boundary });
      expect(messagesOf(live([bounded, plain], { policies }), files([plain], { policies }))).toEqual([]);
      const other = admin('lorax', { boundary: iam.arn });
      expect(messagesOf(live([other, bounded], { policies }), files([bounded], { policies }))).toEqual(
        refused,
      );
    }
  });

  test('of who is left is told', () => {
    const bounded = admin('lorax', { boundary: iam.arn });
    const before = live([admin('buzzo'), bounded, plain], { policies });
    expect(messagesOf(before, files([bounded, plain], { policies }))).toEqual([
      `${refused[0]} but within a permissions boundary that allows less: user lorax`,
    ]);
  });
});

describe('an administrator', () => {
  const doc = (...Statement: PolicyDocument[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
  const most = aGroup('most', {
    policies: { p: doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }) },
  });
  const iam = aGroup('iam', { policies: { p: allow('iam:*') } });
  const groups = [admins, most, iam];

  test('is one by the sum of two groups, too', () => {
    const sum = aUser('lorax', { groups: ['iam', 'most'] });
    const half = aUser('lorax', { groups: ['most'] });
    const before = live([admin('buzzo'), sum, plain], { groups });
    expect(messagesOf(before, files([sum, plain], { groups }))).toEqual([]);
    expect(messagesOf(before, files([half, plain], { groups }))).toEqual(refused);
    expect(messagesOf(live([sum, plain], { groups }), files([half, plain], { groups }))).toEqual(refused);
  });

  const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
  const conditioned: [string, PolicyDocument][] = [
    ['is allowed all with MFA', doc({ Effect: 'Allow', Action: '*', Resource: '*', ...mfa })],
    [
      'is denied all without MFA',
      doc(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        {
          Effect: 'Deny',
          NotAction: 'iam:*MFA*',
          Resource: '*',
          Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
        },
      ),
    ],
  ];
  test.each(conditioned)('who %s does not stand in for one who always can, and counts', (_how, document) => {
    const lorax = aUser('lorax', { policies: { p: document } });
    const before = live([admin('buzzo'), lorax, plain]);
    const told = [`${refused[0]} but under conditions: user lorax`];
    expect(messagesOf(before, files([lorax, plain]))).toEqual(told);
    expect(messagesOf(before, files([admin('buzzo'), plain]))).toEqual([]);
    // Where nobody else is, they are not made to be more than before.
    expect(messagesOf(live([lorax, plain]), files([{ ...lorax, tags: { a: 'b' } }, plain]))).toEqual([]);
    expect(messagesOf(live([lorax, plain]), files([plain]))).toEqual(refused);
  });

  test('who is asked for MFA from now on is told of', () => {
    const [, [, document]] = conditioned as [unknown, [string, PolicyDocument]];
    const before = live([admin('buzzo'), plain]);
    const after = files([aUser('buzzo', { policies: { p: document } }), plain]);
    expect(messagesOf(before, after)).toEqual([`${refused[0]} but under conditions: user buzzo`]);
  });

  test('is none where what cannot be read may deny it everything', () => {
    const unseen = 'arn:aws:iam::aws:policy/AWSDenyAll';
    const before = live([admin('buzzo'), admin('lorax', { attachedPolicyArns: [unseen] }), plain]);
    const after = files([admin('lorax', { attachedPolicyArns: [unseen] }), plain]);
    expect(messagesOf(before, after)).toEqual(refused);
  });
});

describe('the last one loses every way in', () => {
  const both = withKeys(['AKIA1'], { loginProfile: withPassword.loginProfile });
  test.each<[string, Credentials, Partial<User>, string[]]>([
    ['the only key goes', withKeys(['AKIA1']), {}, refused],
    ['the password goes', withPassword, {}, refused],
    ['both go', both, {}, refused],
    ['the password stays', both, { console: {} }, []],
    ['the key stays', both, { accessKey: { count: 1 } }, []],
    ['a password comes', withKeys(['AKIA1']), { console: {} }, []],
    ['nothing was there', noCredentials, { tags: { a: 'b' } }, []],
  ])('%s', (_what, credentials, rest, told) => {
    const users = [admin('buzzo', { credentials }), plain, aUser('x'), aUser('y')];
    expect(messagesOf(live(users), files([admin('buzzo', rest), plain, aUser('x'), aUser('y')]))).toEqual(
      told,
    );
  });
});

describe('who is left by what the files do not touch', () => {
  test('a member of an ignored group, or a holder of an ignored policy', () => {
    const all = aPolicy('aws-all', allow('*'));
    const groups = [admins, aGroup('sso-admins', { policies: { allow_all: allow('*') } })];
    const ignore = { groups: ['sso-*'], policies: ['aws-*'], users: ['svc-*'] };
    const before = (lorax: Partial<User>): AccountState =>
      live([admin('buzzo'), aUser('lorax', lorax), aUser('svc-1'), plain], { groups, policies: [all] });
    const after = files([aUser('buzzo'), aUser('lorax'), plain], { ignore });
    expect(messagesOf(before({ groups: ['sso-admins'] }), after)).toEqual([]);
    expect(messagesOf(before({}), after)).toEqual(refused);
    const outsider = live([admin('buzzo'), aUser('svc-1', { attachedPolicyArns: [all.arn] }), plain], {
      policies: [all],
    });
    expect(messagesOf(outsider, files([aUser('buzzo'), plain], { ignore }))).toEqual([]);
  });

  test('a role, unless everything is denied to it', () => {
    const trust = trusting('999999999999');
    const role = (rest: Partial<Role> = {}): Role =>
      aRole('repair', { policies: { all: allow('*') }, trust, ...rest });
    const after = files([aUser('buzzo'), plain]);
    expect(messagesOf(live([admin('buzzo'), plain], { roles: [role()] }), after)).toEqual([]);
    for (const rest of [
      { policies: { all: allow('*'), none: denyAll } },
      { boundary: 'arn:aws:iam::aws:policy/AWSDenyAll' },
    ])
      expect(messagesOf(live([admin('buzzo'), plain], { roles: [role(rest)] }), after)).toEqual(refused);
  });
});

describe('a role counts by who may assume it', () => {
  const letting = (Principal: object | string, rest: object = {}): PolicyDocument =>
    ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'sts:*', ...rest }],
    }) as unknown as PolicyDocument;
  const arn = (rest: string, account = '123456789012'): string => `arn:aws:iam::${account}:${rest}`;
  const repair = (trust: PolicyDocument, rest: Partial<Role> = {}): Role =>
    aRole('repair', { policies: { all: allow('*') }, trust, ...rest });
  const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
  const byDale = letting({ AWS: arn('user/dale') });
  const under = (how: string): string[] => [`${refused[0]} but ${how}: role repair`];
  /** What is told where the only user who administers leaves, with such roles left. */
  const told = (roles: readonly Role[], dale: Partial<User> = {}): string[] =>
    messagesOf(live([admin('buzzo'), aUser('dale', dale)], { roles }), files([aUser('dale', dale)]));

  const github = 'token.actions.githubusercontent.com';
  const claims = { [`${github}:aud`]: 'sts.amazonaws.com', [`${github}:sub`]: 'repo:acme/web:*' };
  const oidc = { Federated: arn(`oidc-provider/${github}`) };
  const saml = { Federated: arn('saml-provider/okta') };
  const elsewhere = { AWS: arn('root', '999999999999') };
  const service = { Service: 'ec2.amazonaws.com' };

  test.each<[string, PolicyDocument, string[]]>([
    ['a user whom it names', byDale, []],
    ['another account', letting(elsewhere), []],
    [
      'another account, with an external id, which it knows',
      letting(elsewhere, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
      [],
    ],
    ['another account, with a second factor', letting(elsewhere, mfa), under('under conditions')],
    ['a repository', letting(oidc, { Condition: { StringLike: claims } }), []],
    [
      'people of a SAML provider',
      letting(saml, { Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } } }),
      [],
    ],
    [
      'people of a SAML provider, from one address',
      letting(saml, { Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }),
      under('under conditions'),
    ],
    ['a user, with a second factor', letting({ AWS: arn('user/dale') }, mfa), under('under conditions')],
    ['a service alone', letting(service), under('as a role that an AWS service alone may assume')],
    ['nobody', { Version: '2012-10-17', Statement: [] }, refused],
    ['somebody who was deleted', letting({ AWS: 'AIDAXXXXXXXXXXXXXXXXX' }), refused],
    ['users of the account, of whom none may', letting({ AWS: arn('root') }), refused],
    ['a role that nobody may assume', letting({ AWS: arn('role/hop') }), refused],
  ])('%s', (_who, trust, expected) => {
    expect(told([repair(trust)])).toEqual(expected);
  });

  test('a user by their own policies, where it trusts the account', () => {
    const policies = { own: allow('sts:AssumeRole') };
    expect(told([repair(letting({ AWS: arn('root') }))], { policies })).toEqual([]);
  });

  test('a user through another role', () => {
    const roles = [aRole('hop', { trust: byDale }), repair(letting({ AWS: arn('role/hop') }))];
    expect(told(roles)).toEqual([]);
    const asked = [aRole('hop', { trust: letting({ AWS: arn('user/dale') }, mfa) }), roles[1]!];
    expect(told(asked)).toEqual(under('under conditions'));
  });

  test('a user who can still do something', () => {
    const quarantine = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3';
    for (const dale of [
      { policies: { 'rollcall-suspended': denyAll } },
      { attachedPolicyArns: [quarantine] },
    ] satisfies Partial<User>[])
      expect(
        messagesOf(
          live([admin('buzzo'), aUser('dale', dale)], { roles: [repair(byDale)] }),
          files([], { ignore: { users: ['dale'] } }),
        ).filter((text) => text.startsWith('last-')),
      ).toEqual(refused);
    const keys = [aUser('dale', { credentials: withKeys(['AKIA1']) }), aUser('x'), aUser('y')];
    const roles = [repair(byDale)];
    const leaves = (dale: Partial<User>) =>
      messagesOf(
        live([admin('buzzo'), ...keys], { roles }),
        files([aUser('dale', dale), aUser('x'), aUser('y')]),
      );
    expect(leaves({ accessKey: { count: 1 } })).toEqual([]);
    expect(leaves({})).toEqual(refused);
  });

  test('a user by another name, which IAM knows the trust to mean', () => {
    const before = live([admin('buzzo'), plain], { roles: [repair(byDale)] });
    expect(messagesOf(before, files([aUser('melvins', { renamedFrom: 'dale' })]))).toEqual([]);
  });

  test('that nobody could assume before, is not missed', () => {
    const before = live([plain], { roles: [repair({})] });
    expect(messagesOf(before, files([{ ...plain, tags: { a: 'b' } }]))).toEqual([]);
  });

  test('the last one whom its trust lets in stays', () => {
    const roles = (trust: PolicyDocument): Role[] => [repair(trust)];
    const wanted = (trust: PolicyDocument): Desired => {
      const all = files([plain]);
      return {
        ...all,
        manage: { roles: 'all' },
        state: { ...all.state, roles: new Map([['repair', repair(trust)]]) },
      };
    };
    const before = live([plain], { roles: roles(byDale) });
    const closed = letting(service);
    expect(messagesOf(before, wanted(closed))).toEqual(
      under('as a role that an AWS service alone may assume'),
    );
    expect(messagesOf(before, wanted(letting(elsewhere)))).toEqual([]);
  });
});
