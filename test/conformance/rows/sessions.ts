import { generateKeyPairSync, sign } from 'node:crypto';
import * as given from '../given.ts';
import { call, common, fails, guide, sts, works, type Call, type Row } from '../row.ts';

/** Sessions of roles and users: who may open them, and what they may do. */
const { account, arn, deployer, lorax, makeUser, makeOidc, tag } = given;

const trusting = (Principal: object, rest: object = {}): Call =>
  call('CreateRole', {
    ...deployer,
    Path: '/ci/',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...rest }],
    }),
  });
const own = { AWS: account };
const byLorax = { AWS: arn('user/lorax') };
const role = { RoleArn: arn('role/ci/deployer'), RoleSessionName: 'night' };
const open = (fields: object = {}, as?: Call['as']): Call =>
  call('AssumeRole', { ...role, ...fields }, as === undefined ? {} : { as });
const key = [makeUser, call('CreateAccessKey', lorax)];
const asLorax = { enforce: true };
const may = (Action: string, Effect = 'Allow'): string => given.document({ Effect, Action });
const loraxMay = call('PutUserPolicy', { ...lorax, PolicyName: 'p', PolicyDocument: may('sts:AssumeRole') });
const roleMay = (PolicyDocument: string): Call =>
  call('PutRolePolicy', { ...deployer, PolicyName: 'p', PolicyDocument });
/** Ten policies whose ARNs leave no room. */
const longPath = `/${'x'.repeat(400)}/`;
const longPolicy = call('CreatePolicy', { PolicyName: 'p', Path: longPath, PolicyDocument: may('s3:*') });
const longArns = Array.from({ length: 10 }, () => ({ arn: arn(`policy${longPath}p`) }));
const list = call('ListUsers', {}, { as: '$1.Credentials' });
const session = 'assumed-role/deployer/night';

/** A role that another one opens. */
const second = { RoleArn: arn('role/second'), RoleSessionName: 'two' };
const chained = (fields: object = {}): Call =>
  call('AssumeRole', { ...second, ...fields }, { as: '$2.Credentials' });
const chain = (Action: readonly string[], fields: object): readonly Call[] => [
  trusting(own, { Action: 'sts:*' }),
  call('CreateRole', {
    RoleName: 'second',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: role.RoleArn }, Action }],
    }),
  }),
  open(fields),
];
const identified = { SourceIdentity: 'lorax' };
const monitored = (says: string) => guide('id_credentials_temp_control-access_monitor', says);

const evaluation = (says: string) => guide('reference_policies_evaluation-logic', says);
const principal = (says: string) => guide('reference_policies_elements_principal', says);
const globalKeys = (says: string) => guide('reference_policies_condition-keys', says);

const assumed: readonly Row[] = [
  works(
    'answers keys and the session',
    open(),
    {
      Credentials: {
        AccessKeyId: '~/^ASIA[A-Z0-9]{16}$/',
        SecretAccessKey: '~any',
        SessionToken: '~any',
        Expiration: '~any',
      },
      AssumedRoleUser: {
        AssumedRoleId: '~/^AROA[A-Z0-9]+:night$/',
        Arn: `arn:aws:sts::${account}:${session}`,
      },
    },
    { setup: [trusting(own)], source: sts('AssumeRole') },
  ),
  works(
    'of the session of a role, without the path of the role',
    call('GetCallerIdentity', {}, { as: '$1.Credentials' }),
    {
      Account: account,
      Arn: `arn:aws:sts::${account}:${session}`,
      UserId: '$1.AssumedRoleUser.AssumedRoleId',
    },
    { setup: [trusting(own), open()], source: sts('GetCallerIdentity') },
  ),
  fails('of no such role', open(), 'AccessDenied', { source: sts('AssumeRole') }),
  fails('of what is no ARN', open({ RoleArn: 'nothing-valid-in-here' }), 'ValidationError', {
    source: sts('AssumeRole'),
  }),
  fails('a session with a colon in its name', open({ RoleSessionName: 'Session1:2' }), 'ValidationError', {
    source: sts('AssumeRole'),
  }),
  fails('of a role that trusts a service', open(), 'AccessDenied', {
    setup: [trusting({ Service: 'ec2.amazonaws.com' })],
    source: sts('AssumeRole'),
  }),
  works(
    'of a role that names the user',
    open({}, '$1.AccessKey'),
    {},
    {
      setup: [...key, trusting(byLorax)],
      options: asLorax,
      source: sts(
        'AssumeRole',
        "Attach a policy to the user that allows the user to call AssumeRole (as long as the role's trust policy trusts the account). Add the user as a principal directly in the role's trust policy.",
      ),
    },
  ),
  fails(
    'of a role that trusts the account, by a user without policies',
    open({}, '$1.AccessKey'),
    'AccessDenied',
    {
      setup: [...key, trusting(own)],
      options: asLorax,
      source: sts('AssumeRole'),
    },
  ),
  works(
    'of a role that trusts the account, by a user whose policy allows it',
    open({}, '$1.AccessKey'),
    {},
    {
      setup: [...key, trusting(own), loraxMay],
      options: asLorax,
      source: sts('AssumeRole'),
    },
  ),
  fails('of a role that names the user, who is denied it', open({}, '$1.AccessKey'), 'AccessDenied', {
    setup: [
      ...key,
      trusting(byLorax),
      call('PutUserPolicy', { ...lorax, PolicyName: 'd', PolicyDocument: may('sts:*', 'Deny') }),
    ],
    options: asLorax,
    source: evaluation('an explicit deny in any policy overrides the allow'),
  }),
  works(
    'of a role that trusts everybody',
    open({}, '$1.AccessKey'),
    {},
    {
      setup: [...key, trusting({ AWS: '*' })],
      options: asLorax,
      source: principal('* means everybody'),
    },
  ),
  fails('of a role that names a user of that name who is gone', open({}, '$4.AccessKey'), 'AccessDenied', {
    setup: [makeUser, trusting(byLorax), call('DeleteUser', lorax), makeUser, call('CreateAccessKey', lorax)],
    options: asLorax,
    source: principal('the policy no longer applies to a user that is created again'),
  }),
  works(
    'with the external id',
    open({ ExternalId: 'x-1' }),
    {},
    {
      setup: [trusting(own, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } })],
      source: sts(
        'AssumeRole',
        'A unique identifier that might be required when you assume a role in another account',
      ),
    },
  ),
  fails('without the external id', open(), 'AccessDenied', {
    setup: [trusting(own, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } })],
    source: sts('AssumeRole'),
  }),
  fails('without the MFA that the trust wants', open(), 'AccessDenied', {
    setup: [trusting(own, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
    source: sts('AssumeRole', '"Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}}'),
  }),
  works(
    'with the MFA that the trust wants',
    open({ ...given.phone, TokenCode: '123456' }, '$1.AccessKey'),
    {},
    {
      setup: [
        ...key,
        given.makePhone,
        given.enablePhone,
        trusting(byLorax, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      ],
      source: sts('AssumeRole'),
    },
  ),
  fails('for longer than the role lets it', open({ DurationSeconds: 3601 }), 'ValidationError', {
    setup: [trusting(own)],
    source: sts(
      'AssumeRole',
      'If you specify a value higher than this setting or the administrator setting (whichever is lower), the operation fails',
    ),
  }),
  fails('for less than fifteen minutes', open({ DurationSeconds: 899 }), 'ValidationError', {
    setup: [trusting(own)],
    source: sts('AssumeRole', 'The value specified can range from 900 seconds (15 minutes)'),
  }),
  fails(
    'from a session, for longer than an hour',
    open({ DurationSeconds: 7200 }, '$2.Credentials'),
    'ValidationError',
    {
      setup: [
        trusting(own),
        call('UpdateRole', { ...deployer, MaxSessionDuration: 43_200 }),
        open(),
        call('UpdateAssumeRolePolicy', {
          ...deployer,
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Principal: { AWS: role.RoleArn }, Action: 'sts:AssumeRole' }],
          }),
        }),
      ],
      source: sts(
        'AssumeRole',
        'Role chaining limits your Amazon Web Services CLI or Amazon Web Services API role session to a maximum of one hour',
      ),
    },
  ),
  fails('of itself, which it does not trust', open({}, '$2.Credentials'), 'AccessDenied', {
    setup: [trusting({ AWS: arn('user/sandbox-operator') }), roleMay(may('*')), open()],
    source: guide(
      'id_roles_update-role-trust-policy',
      'a role does not trust itself unless its trust says so',
    ),
  }),
  fails('a session policy that is no JSON', open({ Policy: '{' }), 'MalformedPolicyDocument', {
    setup: [trusting(own)],
    source: sts('AssumeRole'),
  }),
  fails(
    'session policies that take too much room',
    open({ Policy: given.document({ Resource: `arn:aws:s3:::${'x'.repeat(2100)}` }) }),
    'PackedPolicyTooLarge',
    {
      setup: [trusting(own)],
      source: sts('AssumeRole'),
    },
  ),
  fails('tags that the trust does not let be passed', open({ Tags: [tag('a')] }), 'AccessDenied', {
    setup: [trusting(own)],
    source: guide('id_session-tags', 'the trust must allow sts:TagSession'),
  }),

  works(
    'a source identity that goes along',
    chained(),
    { SourceIdentity: 'lorax' },
    {
      setup: chain(['sts:AssumeRole', 'sts:SetSourceIdentity'], identified),
      source: monitored('the value persists when a role is used to assume another role'),
    },
  ),
  fails('a source identity that is changed', chained({ SourceIdentity: 'dale' }), 'AccessDenied', {
    setup: chain(['sts:AssumeRole', 'sts:SetSourceIdentity'], identified),
    source: monitored('the value that is set cannot be changed during the role session'),
  }),
  fails('a source identity that the next trust does not let be set', chained(), 'AccessDenied', {
    setup: chain(['sts:AssumeRole'], identified),
    source: monitored('the trust of every role of a chain must allow sts:SetSourceIdentity'),
  }),
  fails('transitive tags that the next trust does not let be passed', chained(), 'AccessDenied', {
    setup: chain(['sts:AssumeRole'], { Tags: [tag('a')], TransitiveTagKeys: ['a'] }),
    source: guide('id_session-tags', 'the trust must allow sts:TagSession'),
  }),

  fails('a session whose role has no policy', list, 'AccessDenied', {
    setup: [trusting(own), open()],
    source: evaluation('by default all requests are denied'),
  }),
  works(
    'a session whose role has a policy',
    list,
    { Users: [] },
    {
      setup: [trusting(own), open(), roleMay(may('iam:ListUsers'))],
      source: sts('AssumeRole'),
    },
  ),
  works(
    'a session whose role is allowed what is of no user',
    list,
    { Users: [] },
    {
      setup: [
        trusting(own),
        open(),
        roleMay(given.document({ Action: 'iam:ListUsers', Condition: { Null: { 'aws:username': 'true' } } })),
      ],
      source: globalKeys('aws:username: requests of the root user or of roles do not include it'),
    },
  ),
  works(
    'a session whose role is denied what a user does',
    list,
    { Users: [] },
    {
      setup: [
        trusting(own),
        open(),
        roleMay(may('iam:ListUsers')),
        call('PutRolePolicy', {
          ...deployer,
          PolicyName: 'd',
          PolicyDocument: given.document({
            Effect: 'Deny',
            Action: '*',
            Condition: { StringEquals: { 'aws:username': 'lorax' } },
          }),
        }),
      ],
      source: globalKeys('aws:username: requests of the root user or of roles do not include it'),
    },
  ),
  fails('a session whose session policy does not allow it', list, 'AccessDenied', {
    setup: [trusting(own), open({ Policy: may('s3:*') }), roleMay(may('iam:ListUsers'))],
    source: sts(
      'AssumeRole',
      "The resulting session's permissions are the intersection of the role's identity-based policy and the session policies",
    ),
  }),
  fails('a session that is older than a revocation', list, 'AccessDenied', {
    setup: [
      trusting(own),
      open(),
      roleMay(may('*')),
      call('PutRolePolicy', {
        ...deployer,
        PolicyName: 'AWSRevokeOlderSessions',
        PolicyDocument: given.document({
          Effect: 'Deny',
          Action: ['*'],
          Resource: ['*'],
          Condition: { DateLessThan: { 'aws:TokenIssueTime': '2099-01-01T00:00:00Z' } },
        }),
      }),
    ],
    source: guide('id_roles_use_revoke-sessions', 'a policy denies what was issued before a time'),
  }),
  works(
    'a session that is newer than a revocation',
    list,
    { Users: [] },
    {
      setup: [
        trusting(own),
        open(),
        roleMay(may('*')),
        call('PutRolePolicy', {
          ...deployer,
          PolicyName: 'AWSRevokeOlderSessions',
          PolicyDocument: given.document({
            Effect: 'Deny',
            Action: ['*'],
            Resource: ['*'],
            Condition: { DateLessThan: { 'aws:TokenIssueTime': '2020-01-01T00:00:00Z' } },
          }),
        }),
      ],
      source: guide('id_roles_use_revoke-sessions', 'a policy denies what was issued before a time'),
    },
  ),
  fails('a session whose role is gone', list, 'InvalidClientTokenId', {
    setup: [trusting(own), open(), call('DeleteRole', deployer)],
    source: common('InvalidClientTokenId: the token is of nobody who is there'),
  }),
  fails('a session that is over', list, 'ExpiredToken', {
    setup: [trusting(own), open(), roleMay(may('*')), { waitMs: 3_600_000 }],
    source: common('ExpiredTokenException: the token that was provided has expired'),
  }),
  works(
    'shows when a session was used last',
    call('GetRole', deployer),
    { Role: { RoleLastUsed: { LastUsedDate: '~any', Region: 'us-east-1' } } },
    {
      setup: [trusting(own), open(), call('GetCallerIdentity', {}, { as: '$1.Credentials' })],
    },
  ),
];

const token = call('GetSessionToken', {}, { as: '$1.AccessKey' });
const noIam = sts(
  'GetSessionToken',
  'You cannot call any IAM API operations unless MFA authentication information is included in the request',
);
const users: readonly Row[] = [
  works(
    'of a user',
    token,
    { Credentials: { AccessKeyId: '~/^ASIA/', SessionToken: '~any', Expiration: '~any' } },
    { setup: key, source: sts('GetSessionToken') },
  ),
  works(
    'of a session of a user',
    call('GetCallerIdentity', {}, { as: '$2.Credentials' }),
    { Arn: arn('user/lorax'), UserId: '$0.User.UserId' },
    {
      setup: [...key, token],
      source: sts('GetCallerIdentity'),
    },
  ),
  fails(
    'the session of a user without MFA',
    call('ListUsers', {}, { as: '$2.Credentials' }),
    'InvalidClientTokenId',
    {
      setup: [...key, token],
      source: common('the session cannot call IAM without MFA (GetSessionToken)'),
    },
  ),
  works(
    'the session of a user with MFA',
    call('ListUsers', {}, { as: '$4.Credentials' }),
    { Users: [lorax] },
    {
      setup: [
        ...key,
        given.makePhone,
        given.enablePhone,
        call('GetSessionToken', { ...given.phone, TokenCode: '123456' }, { as: '$1.AccessKey' }),
      ],
      source: noIam,
    },
  ),
  fails(
    "somebody else's device",
    call('GetSessionToken', { ...given.phone, TokenCode: '123456' }, { as: '$1.AccessKey' }),
    'AccessDenied',
    {
      setup: [...key, given.makePhone],
      source: sts('GetSessionToken'),
    },
  ),
  fails('from a session', call('GetSessionToken', {}, { as: '$2.Credentials' }), 'AccessDenied', {
    setup: [...key, token],
    source: sts('GetSessionToken', 'You cannot call any STS API except AssumeRole or GetCallerIdentity'),
  }),
  works(
    'of a guest',
    call('GetFederationToken', { Name: 'guest' }, { as: '$1.AccessKey' }),
    {
      Credentials: { AccessKeyId: '~/^ASIA/' },
      FederatedUser: {
        Arn: `arn:aws:sts::${account}:federated-user/guest`,
        FederatedUserId: `${account}:guest`,
      },
    },
    { setup: key, source: sts('GetFederationToken') },
  ),
  fails(
    'a session policy that is no JSON',
    call('GetFederationToken', { Name: 'guest', Policy: '{' }),
    'MalformedPolicyDocument',
    {
      source: sts('GetFederationToken'),
    },
  ),
  fails(
    'session policies that take too much room',
    call('GetFederationToken', { Name: 'guest', Policy: may('s3:*'), PolicyArns: longArns }),
    'PackedPolicyTooLarge',
    { setup: [longPolicy], source: sts('GetFederationToken') },
  ),
  fails(
    'from the session of a role',
    call('GetFederationToken', { Name: 'guest' }, { as: '$1.Credentials' }),
    'AccessDenied',
    {
      setup: [trusting(own), open()],
      source: sts(
        'GetFederationToken',
        'You must call the GetFederationToken operation using the long-term security credentials of an IAM user.',
      ),
    },
  ),
  works(
    'of a federated user',
    call('GetCallerIdentity', {}, { as: '$2.Credentials' }),
    { Arn: `arn:aws:sts::${account}:federated-user/guest` },
    {
      setup: [...key, call('GetFederationToken', { Name: 'guest' }, { as: '$1.AccessKey' })],
      source: sts('GetFederationToken', 'You cannot call any STS operations except GetCallerIdentity.'),
    },
  ),
  works(
    'of a key',
    call('GetAccessKeyInfo', { AccessKeyId: '$1.AccessKey.AccessKeyId' }),
    { Account: account },
    {
      setup: key,
      source: sts('GetAccessKeyInfo'),
    },
  ),
  fails(
    'of what is too short for a key',
    call('GetAccessKeyInfo', { AccessKeyId: 'AKIA' }),
    'ValidationError',
    {
      source: sts('GetAccessKeyInfo'),
    },
  ),
];

// As of the servers' clock, which stands at this time.
const now = Date.parse('2026-03-01T12:00:00Z') / 1000;
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const options = {
  issuers: { [given.issuer.Url]: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
};
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(claims: object): string {
  const all = {
    iss: given.issuer.Url,
    aud: 'sts.amazonaws.com',
    sub: 'repo:acme/web:ref:refs/heads/main',
    iat: now,
    exp: now + 300,
    ...claims,
  };
  const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'k' })}.${encoded(all)}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), pair.privateKey).toString('base64url')}`;
}
const withToken = (WebIdentityToken: string): Call =>
  call('AssumeRoleWithWebIdentity', { ...role, WebIdentityToken });
const trustsGithub = trusting(
  { Federated: given.oidc.OpenIDConnectProviderArn },
  {
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/web:*' } },
  },
);
const federated = { setup: [makeOidc, trustsGithub], options, source: sts('AssumeRoleWithWebIdentity') };

const identities: readonly Row[] = [
  works(
    'answers keys, the session and the subject',
    withToken(signed({})),
    {
      Credentials: { AccessKeyId: '~/^ASIA/' },
      AssumedRoleUser: { Arn: `arn:aws:sts::${account}:${session}` },
      SubjectFromWebIdentityToken: 'repo:acme/web:ref:refs/heads/main',
      Audience: 'sts.amazonaws.com',
    },
    federated,
  ),
  fails(
    'a subject that the trust does not take',
    withToken(signed({ sub: 'repo:acme/x:ref:refs/heads/main' })),
    'AccessDenied',
    federated,
  ),
  fails('an issuer without a provider', withToken(signed({})), 'InvalidIdentityToken', {
    ...federated,
    setup: [],
  }),
  fails(
    'an audience that is no client of the provider',
    withToken(signed({ aud: 'acme' })),
    'InvalidIdentityToken',
    federated,
  ),
  fails('a token that is none', withToken('abcd'), 'InvalidIdentityToken', federated),
  fails(
    'a token that was changed',
    withToken(`${signed({}).slice(0, -8)}AAAAAAAA`),
    'InvalidIdentityToken',
    federated,
  ),
  fails('a token that is over', withToken(signed({ exp: now - 300 })), 'ExpiredTokenException', federated),
  works(
    'a token that is over for less than five minutes',
    withToken(signed({ exp: now - 299 })),
    {},
    {
      ...federated,
      source: guide('id_roles_providers_oidc', 'five minutes more are given'),
    },
  ),
  fails(
    'a session policy that is no JSON',
    call('AssumeRoleWithWebIdentity', { ...role, WebIdentityToken: signed({}), Policy: '{' }),
    'MalformedPolicyDocument',
    federated,
  ),
  fails(
    'session policies that take too much room',
    call('AssumeRoleWithWebIdentity', {
      ...role,
      WebIdentityToken: signed({}),
      Policy: may('s3:*'),
      PolicyArns: longArns,
    }),
    'PackedPolicyTooLarge',
    {
      ...federated,
      setup: [makeOidc, trustsGithub, longPolicy],
    },
  ),
];

export const sessions: readonly Row[] = [...assumed, ...users, ...identities];
