import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../../src/core/state.ts';
import { differenceText } from '../../../src/policy/index.ts';
import {
  checkTrust,
  commonTrust,
  compareTrust,
  isNobody,
  nobodyTrust,
  orphansIn,
  principalsIn,
  sameTrust,
  trustClass,
  trustDangers,
  withoutPrincipal,
} from '../../../src/policy/trust/index.ts';

const account = '123456789012';
const place = { account, partition: 'aws' };
const arn = (rest: string, of = account): string => `arn:aws:iam::${of}:${rest}`;
const dale = arn('user/dale');
const ops = arn('role/ci/ops');
const foreign = '999999999999';

type Principal = string | { readonly [type: string]: string | readonly string[] };
const allow = (
  Principal: Principal,
  Condition?: object,
  Action: string | readonly string[] = 'sts:AssumeRole',
): PolicyDocument =>
  ({ Effect: 'Allow', Principal, Action, ...(Condition ? { Condition } : {}) }) as PolicyDocument;
const deny = (Principal: Principal): PolicyDocument => ({
  Effect: 'Deny',
  Principal,
  Action: 'sts:AssumeRole',
});
const trust = (...Statement: PolicyDocument[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const aws = (...names: string[]): PolicyDocument => trust(allow({ AWS: names }));

const github = 'token.actions.githubusercontent.com';
const provider = arn(`oidc-provider/${github}`);
const web = (Condition?: object): PolicyDocument =>
  trust(allow({ Federated: provider }, Condition, 'sts:AssumeRoleWithWebIdentity'));
const sub = `${github}:sub`;

describe('sameTrust', () => {
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['an account by id and by :root', aws(account), aws(arn('root'))],
    ['another account likewise', aws(foreign), aws(arn('root', foreign))],
    ['everybody in both spellings', trust(allow('*')), aws('*')],
    ['another order', aws(dale, ops), aws(ops, dale)],
    ['one in a list', trust(allow({ AWS: dale })), aws(dale)],
    ['one statement or two', aws(dale, ops), trust(allow({ AWS: ops }), allow({ AWS: dale }))],
    ['actions in other case', aws(dale), trust(allow({ AWS: dale }, undefined, 'STS:assumerole'))],
    [
      'actions spread over statements',
      trust(allow({ AWS: dale }, undefined, ['sts:TagSession', 'sts:AssumeRole'])),
      trust(allow({ AWS: dale }), allow({ AWS: dale }, undefined, 'sts:TagSession')),
    ],
    ['labels', trust({ Sid: 'A', ...allow({ AWS: dale }) }), aws(dale)],
    ['no condition', trust(allow({ AWS: dale }, {})), aws(dale)],
    [
      'keys of conditions in other case',
      trust(allow({ AWS: foreign }, { StringEquals: { 'sts:ExternalId': ['a'] } })),
      trust(allow({ AWS: foreign }, { stringequals: { 'sts:externalid': 'a' } })),
    ],
  ])('%s', (_, a, b) => {
    expect(sameTrust(a, b)).toBe(true);
    expect(compareTrust(a, b, place).effect).toBe('none');
    expect(trustClass(a, b, place).cls).toBe('neutral');
  });

  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['the id of a deleted user and the user', aws('AIDAJQABLZS4A3QDU576Q'), aws(dale)],
    ['ids of two', aws('AIDAJQABLZS4A3QDU576Q'), aws('AROAJQABLZS4A3QDU576Q')],
    ['an id and nobody', aws('AIDAJQABLZS4A3QDU576Q', dale), aws(dale)],
    ['a user and their account', aws(dale), aws(account)],
    ['a Deny of everybody and of all identities', trust(deny('*')), trust(deny({ AWS: '*' }))],
    ['a condition', aws(dale), trust(allow({ AWS: dale }, { Bool: { 'aws:MultiFactorAuthPresent': true } }))],
    ['a service and an account', trust(allow({ Service: 'ec2.amazonaws.com' })), aws('ec2.amazonaws.com')],
  ])('not %s', (_, a, b) => {
    expect(sameTrust(a, b)).toBe(false);
    expect(sameTrust(b, a)).toBe(false);
  });
});

describe('compareTrust', () => {
  test.each<[string, PolicyDocument, PolicyDocument, string, string]>([
    ['a user more', aws(dale), aws(dale, ops), 'widens', 'grant'],
    ['a user less', aws(dale, ops), aws(ops), 'narrows', 'revoke'],
    ['one for another', aws(dale), aws(ops), 'mixed', 'swap'],
    // Naming somebody lets them in without a policy of their own; their account does not.
    ['their account in place of a user', aws(dale), aws(account), 'mixed', 'swap'],
    ['a user in place of their account', aws(account), aws(dale), 'mixed', 'swap'],
    // Of another account both need one.
    [
      'a user of another account in place of it',
      aws(foreign),
      aws(arn('user/x', foreign)),
      'narrows',
      'revoke',
    ],
    ['another account in place of its role', aws(arn('role/x', foreign)), aws(foreign), 'widens', 'grant'],
    ['everybody', aws(dale, foreign), trust(allow('*')), 'widens', 'grant'],
    ['no longer everybody', aws('*'), aws(account), 'narrows', 'revoke'],
    [
      'a condition more',
      aws(foreign),
      trust(allow({ AWS: foreign }, { StringEquals: { 'sts:ExternalId': 'a' } })),
      'narrows',
      'revoke',
    ],
    ['a Deny more', aws(account), trust(allow({ AWS: account }), deny({ AWS: dale })), 'narrows', 'restrain'],
    ['a Deny less', trust(allow({ AWS: account }), deny({ AWS: dale })), aws(account), 'widens', 'release'],
    ['a user less for a Deny of all', aws(dale), nobodyTrust, 'narrows', 'restrain'],
    [
      'tags of sessions',
      aws(dale),
      trust(allow({ AWS: dale }, undefined, ['sts:AssumeRole', 'sts:TagSession'])),
      'widens',
      'grant',
    ],
    ['all of STS', aws(dale), trust(allow({ AWS: dale }, undefined, 'sts:*')), 'widens', 'grant'],
    ['who was deleted and is there again', aws('AIDAJQABLZS4A3QDU576Q'), aws(dale), 'widens', 'grant'],
    ['who was deleted out of it', aws('AIDAJQABLZS4A3QDU576Q', dale), aws(dale), 'none', 'neutral'],
    [
      'one repository of an organisation',
      web({ StringLike: { [sub]: 'repo:acme/*' } }),
      web({ StringLike: { [sub]: 'repo:acme/web:*' } }),
      'narrows',
      'revoke',
    ],
    [
      'NotPrincipal',
      aws('*'),
      trust({ Effect: 'Allow', NotPrincipal: { AWS: dale }, Action: 'sts:AssumeRole' }),
      'mixed',
      'swap',
    ],
  ])('%s', (_, before, after, effect, cls) => {
    expect(compareTrust(before, after, place).effect).toBe(effect);
    expect(trustClass(before, after, place).cls).toBe(cls);
  });

  test('says who comes and who goes', () => {
    const { difference } = compareTrust(aws(dale), aws(ops), place);
    expect(differenceText(difference)).toBe(`sts:AssumeRole for ${dale} becomes for ${ops}`);
  });
});

describe('the trust between two', () => {
  test('keeps what both say', () => {
    expect(commonTrust(aws(dale, ops), aws(ops, foreign), place)['Statement']).toEqual([
      { Effect: 'Allow', Principal: { AWS: ops }, Action: 'sts:AssumeRole' },
    ]);
  });

  test('lets in nobody where they have nothing in common, or would be too long', () => {
    expect(commonTrust(aws(dale), aws(ops), place)).toBe(nobodyTrust);
    const many = (of: string) =>
      trust(
        ...Array.from({ length: 30 }, (_, at) => deny({ AWS: arn(`user/${of}${at}`) })),
        allow({ AWS: dale }),
      );
    expect(commonTrust(many('a'), many('b'), place)).toBe(nobodyTrust);
  });

  test('holds no ids of the deleted, which IAM does not take again', () => {
    const gone = 'AIDAJQABLZS4A3QDU576Q';
    expect(commonTrust(aws(gone, dale), aws(gone, dale, ops), place)['Statement']).toEqual([
      { Effect: 'Allow', Principal: { AWS: dale }, Action: 'sts:AssumeRole' },
    ]);
  });
});

describe('withoutPrincipal', () => {
  const person = { arn: dale, id: 'AIDAJQABLZS4A3QDU576Q' };

  test('takes somebody out, by ARN and by id, and leaves the rest', () => {
    const { document, ...found } = withoutPrincipal(
      trust(
        allow({ AWS: [dale, ops], Service: 'ec2.amazonaws.com' }),
        allow({ AWS: person.id }),
        deny({ AWS: dale }),
      ),
      person,
    );
    expect(document['Statement']).toEqual([allow({ AWS: ops, Service: 'ec2.amazonaws.com' })]);
    expect(found).toEqual({ changed: true, unreachable: false, orphans: [], conditions: [] });
  });

  test('lets in nobody where they were the only one', () => {
    const found = withoutPrincipal(trust({ Sid: 'A', ...allow({ AWS: dale }) }, deny({ AWS: ops })), person);
    expect(found).toMatchObject({ changed: true, unreachable: true });
    expect(isNobody(found.document)).toBe(true);
  });

  test('takes out who was deleted before, too, since IAM does not take their ids again', () => {
    const found = withoutPrincipal(aws(dale, ops, 'AROAJQABLZS4A3QDU576Q'), person);
    expect(found.orphans).toEqual(['AROAJQABLZS4A3QDU576Q']);
    expect(found.document['Statement']).toEqual([allow({ AWS: ops })]);
    expect(withoutPrincipal(aws(dale, 'AROAJQABLZS4A3QDU576Q'), person).unreachable).toBe(true);
  });

  test('takes out the sessions of a role', () => {
    const found = withoutPrincipal(
      aws(`arn:aws:sts::${account}:assumed-role/ops/alice`, `arn:aws:sts::${account}:assumed-role/opsy/a`),
      { arn: ops, id: 'AROAJQABLZS4A3QDU576Q' },
    );
    expect(found.document['Statement']).toEqual([
      allow({ AWS: `arn:aws:sts::${account}:assumed-role/opsy/a` }),
    ]);
  });

  test('tells of conditions that name them, and leaves those', () => {
    const document = trust(
      allow({ AWS: account }, { ArnLike: { 'aws:PrincipalArn': [arn('user/da*'), ops, '*'] } }),
      allow({ AWS: account }, { StringEquals: { 'aws:username': 'dale' } }),
    );
    const found = withoutPrincipal(document, person);
    expect(found.document).toBe(document);
    expect(found.conditions).toEqual([
      { statement: 0, operator: 'ArnLike', key: 'aws:PrincipalArn', value: arn('user/da*') },
      { statement: 1, operator: 'StringEquals', key: 'aws:username', value: 'dale' },
    ]);
  });
});

test('principalsIn says who is named, and what they are', () => {
  const session = `arn:aws:sts::${account}:assumed-role/ops/alice`;
  const found = principalsIn(
    trust(
      allow('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } }),
      allow({ AWS: [account, dale, ops, session, 'AIDAJQABLZS4A3QDU576Q'], Service: 'ec2.amazonaws.com' }),
      deny({ Federated: [provider, arn('saml-provider/okta'), 'accounts.google.com'] }),
    ),
  );
  expect(
    found.map(({ effect, conditional, statement, ...named }) => [statement, effect, conditional, named]),
  ).toEqual([
    [0, 'Allow', true, { type: 'anybody' }],
    [1, 'Allow', false, { type: 'account', account }],
    [1, 'Allow', false, { type: 'user', account, name: 'dale', arn: dale }],
    [1, 'Allow', false, { type: 'role', account, name: 'ops', arn: ops }],
    [1, 'Allow', false, { type: 'assumed-role', account, name: 'ops', session: 'alice', arn: session }],
    [1, 'Allow', false, { type: 'orphan', id: 'AIDAJQABLZS4A3QDU576Q' }],
    [1, 'Allow', false, { type: 'service', service: 'ec2.amazonaws.com' }],
    [2, 'Deny', false, { type: 'oidc', issuer: github, arn: provider }],
    [2, 'Deny', false, { type: 'saml', account, name: 'okta', arn: arn('saml-provider/okta') }],
    [2, 'Deny', false, { type: 'oidc', issuer: 'accounts.google.com', arn: null }],
  ]);
  expect(orphansIn(aws('AIDAA1', dale, 'AROAA2', 'AIDAA1'))).toEqual(['AIDAA1', 'AROAA2']);
});

describe('checkTrust', () => {
  const codes = (document: unknown, whereItStands = false): string[] =>
    checkTrust(document as PolicyDocument, { partition: 'aws', whereItStands }).map(
      ({ severity, code }) => `${severity} ${code}`,
    );

  test.each<[string, unknown, string[]]>([
    ['a resource', trust({ ...allow({ AWS: dale }), Resource: '*' }), ['error trust-resource']],
    ['nobody named', trust({ Effect: 'Allow', Action: 'sts:AssumeRole' }), ['error trust-principal']],
    [
      'NotPrincipal',
      trust({ Effect: 'Allow', NotPrincipal: { AWS: dale }, Action: 'sts:AssumeRole' }),
      ['error trust-principal'],
    ],
    ['a part of names', aws(arn('role/ci-*')), ['error trust-principal']],
    ['a group', aws(arn('group/admins')), ['error trust-principal']],
    ['a name', aws('dale'), ['error trust-principal']],
    ['another partition', aws('arn:aws-cn:iam::123456789012:root'), ['error trust-principal']],
    ['an unknown type', trust(allow({ Aws: dale })), ['error trust-principal']],
    ['no types', trust(allow({})), ['error trust-principal']],
    ['an empty list', trust(allow({ AWS: [] })), ['error trust-principal']],
    ['a service without a domain', trust(allow({ Service: 'lambda' })), ['error trust-principal']],
    [
      'an issuer with its scheme',
      trust(allow({ Federated: `https://${github}` })),
      ['error trust-principal'],
    ],
    ['an action of S3', trust(allow({ AWS: dale }, undefined, 's3:GetObject')), ['error trust-action']],
    ['every action', trust(allow({ AWS: dale }, undefined, '*')), ['error trust-action']],
    ['no action', trust({ Effect: 'Allow', Principal: '*' }), ['error policy-missing']],
    ['a misspelt element', trust({ ...allow({ AWS: dale }), Principle: {} }), ['error policy-unknown']],
    [
      'a scheme in a key',
      web({ StringEquals: { [`https://${sub}`]: 'repo:a/b' } }),
      ['error trust-issuer', 'error policy-condition'],
    ],
    ['the id of who was deleted', aws('AIDAJQABLZS4A3QDU576Q'), ['warning trust-principal']],
    ['as much as fits', aws(...Array.from({ length: 45 }, (_, at) => arn(`user/${at}`))), []],
    [
      'more than 2,048',
      aws(...Array.from({ length: 80 }, (_, at) => arn(`user/${at}`))),
      ['warning trust-size'],
    ],
    [
      'more than 8,192',
      aws(...Array.from({ length: 400 }, (_, at) => arn(`user/${at}`))),
      ['error trust-size'],
    ],
    ['an account', aws(account), []],
    [
      'all that a role is assumed by',
      trust(allow({ AWS: dale }, undefined, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'])),
      [],
    ],
  ])('%s', (_, document, found) => {
    expect(codes(document)).toEqual(found);
  });

  test('a misspelt Principal is found', () => {
    const [issue] = checkTrust(trust({ Effect: 'Allow', Principle: '*', Action: 'sts:AssumeRole' }), {});
    expect(issue).toMatchObject({ code: 'policy-unknown', hint: 'did you mean "Principal"?' });
  });

  test.each<[string, object | undefined]>([
    ['no condition', undefined],
    ['only the audience', { StringEquals: { [`${github}:aud`]: 'sts.amazonaws.com' } }],
    ['a bare wildcard', { StringLike: { [sub]: '*' } }],
    ['question marks and stars', { StringLike: { [sub]: '?*' } }],
    ['a bare wildcard among others', { StringLike: { [sub]: ['repo:acme/web:*', '*'] } }],
    ['what holds without the claim', { 'ForAllValues:StringLike': { [sub]: 'repo:acme/web:*' } }],
    ['what holds without the claim, too', { StringLikeIfExists: { [sub]: 'repo:acme/web:*' } }],
    ['what holds of all others', { StringNotLike: { [sub]: 'repo:acme/web:*' } }],
    ['that the claim is there', { Null: { [sub]: 'false' } }],
    ['the claim of another issuer', { StringLike: { 'gitlab.com:sub': 'project_path:a/b:*' } }],
  ])('a trust of GitHub with %s is refused, and a warning where it stands', (_, condition) => {
    expect(codes(web(condition))).toEqual(['error trust-issuer']);
    expect(codes(web(condition), true)).toEqual(['warning trust-issuer']);
  });

  test.each<[string, object]>([
    ['a branch', { StringEquals: { [sub]: 'repo:acme/web:ref:refs/heads/main' } }],
    ['a repository', { StringLike: { [sub]: 'repo:acme/web:*' } }],
    ['a repository with numbers', { StringLike: { [sub]: 'repo:acme@123/web@456:*' } }],
    ['an organisation', { StringLike: { [sub]: 'repo:acme/*' } }],
    // A danger, but IAM takes it.
    ['every repository', { StringLike: { [sub]: 'repo:*' } }],
    ['another case of the key', { stringlike: { [sub.toUpperCase()]: 'repo:acme/web:*' } }],
    ['one of several values', { 'ForAnyValue:StringEquals': { [sub]: ['repo:acme/web:environment:a'] } }],
  ])('a trust of GitHub with %s is taken', (_, condition) => {
    expect(codes(web(condition)).filter((code) => code !== 'warning policy-condition')).toEqual([]);
  });

  test('each shared issuer has its claim', () => {
    const of = (issuer: string, key: string): string[] =>
      codes(
        trust(
          allow(
            { Federated: arn(`oidc-provider/${issuer}`) },
            { StringEquals: { [`${issuer}:${key}`]: 'x' } },
            'sts:AssumeRoleWithWebIdentity',
          ),
        ),
      );
    for (const issuer of ['gitlab.com', 'app.terraform.io', 'agent.buildkite.com']) {
      expect(of(issuer, 'sub')).toEqual([]);
      expect(of(issuer, 'aud')).toEqual(['error trust-issuer']);
    }
    for (const issuer of ['api.pulumi.com/oidc', 'oidc.vercel.com']) {
      expect(of(issuer, 'aud')).toEqual([]);
      expect(of(issuer, 'sub')).toEqual(['error trust-issuer']);
    }
    expect(of('login.example.com', 'email')).toEqual([]);
  });
});

describe('trustDangers', () => {
  const codes = (document: PolicyDocument, before: PolicyDocument | null = null): unknown[] =>
    trustDangers(before, document, {
      ...place,
      providers: new Set([provider, arn('saml-provider/okta')]),
    }).map(({ code, ...rest }) => [code, rest]);
  const issuer = github;

  test('everybody first, and none that was there', () => {
    const open = trust(allow({ AWS: foreign }), allow('*'));
    expect(codes(open)).toEqual([
      ['trusts-everybody', { conditions: null }],
      ['trusts-account', { account: foreign, who: null, guarded: false }],
    ]);
    expect(codes(open, trust(allow('*')))).toEqual([
      ['trusts-account', { account: foreign, who: null, guarded: false }],
    ]);
    expect(codes(trust(deny('*')))).toEqual([]);
    expect(codes(trust(allow('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-a' } })))).toMatchObject([
      ['trusts-everybody', { conditions: { tests: [{ key: 'aws:PrincipalOrgID' }] } }],
    ]);
  });

  test('another account, with or without what keeps others of it out', () => {
    expect(
      codes(trust(allow({ AWS: arn('role/x', foreign) }, { StringEquals: { 'sts:ExternalId': 'a' } }))),
    ).toEqual([['trusts-account', { account: foreign, who: arn('role/x', foreign), guarded: true }]]);
    expect(codes(aws(account, dale, ops))).toEqual([]);
  });

  test.each<[string, object | undefined, unknown[]]>([
    ['no subject', undefined, [['trusts-every-token', { issuer, claim: sub }]]],
    [
      'every repository',
      { StringLike: { [sub]: 'repo:*' } },
      [['trusts-every-repository', { subject: 'repo:*' }]],
    ],
    ['less than repo:', { StringLike: { [sub]: 're*' } }, [['trusts-every-repository', { subject: 're*' }]]],
    [
      'whoever is called so',
      { StringLike: { [sub]: 'repo:acme*' } },
      [['trusts-every-repository', { subject: 'repo:acme*' }]],
    ],
    [
      'an organisation',
      { StringLike: { [sub]: 'repo:acme/*' } },
      [['trusts-organisation', { organisation: 'acme', subject: 'repo:acme/*' }]],
    ],
    [
      'its repositories with numbers',
      { StringLike: { [sub]: 'repo:acme@12/*' } },
      [['trusts-organisation', { organisation: 'acme', subject: 'repo:acme@12/*' }]],
    ],
    [
      'some of its repositories',
      { StringLike: { [sub]: 'repo:acme/web*:ref:refs/heads/main' } },
      [['trusts-organisation', { organisation: 'acme', subject: 'repo:acme/web*:ref:refs/heads/main' }]],
    ],
    ['a repository', { StringLike: { [sub]: 'repo:acme/web:*' } }, []],
    ['a star that is none', { StringEquals: { [sub]: 'repo:acme/*' } }, []],
    [
      'a repository besides',
      { StringLike: { [sub]: 'repo:acme/*' }, StringEquals: { [`${github}:repository`]: 'acme/web' } },
      [],
    ],
  ])('GitHub with %s', (_, condition, found) => {
    expect(codes(web(condition))).toEqual(found);
  });

  test('providers that nobody declared, and SAML without an audience', () => {
    const saml = (name: string, condition?: object): PolicyDocument =>
      trust(allow({ Federated: arn(`saml-provider/${name}`) }, condition, 'sts:AssumeRoleWithSAML'));
    const audience = { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } };
    expect(codes(saml('okta', audience))).toEqual([]);
    expect(codes(saml('okta'))).toEqual([['trusts-every-audience', { provider: 'okta' }]]);
    expect(codes(saml('other', audience))).toEqual([
      ['trusts-unknown-provider', { arn: arn('saml-provider/other') }],
    ]);
  });

  test('a provider in place of another, and not one more or one less', () => {
    const of = (...names: string[]): PolicyDocument =>
      trust(
        ...names.map((name) =>
          allow(
            { Federated: arn(`oidc-provider/${name}`) },
            { StringLike: { [`${name}:sub`]: 'x' } },
            'sts:AssumeRoleWithWebIdentity',
          ),
        ),
      );
    const between = (before: PolicyDocument, after: PolicyDocument): unknown[] =>
      trustDangers(before, after, { account, partition: 'aws' }).map(({ code, ...rest }) => [code, rest]);
    expect(between(of('a.example.com'), of('b.example.com'))).toEqual([
      ['trusts-other-provider', { provider: 'b.example.com', before: ['a.example.com'] }],
    ]);
    expect(between(of('a.example.com'), of('a.example.com', 'b.example.com'))).toEqual([]);
    expect(between(of('a.example.com', 'b.example.com'), of('b.example.com'))).toEqual([]);
    expect(between(trust(allow({ Service: 'ec2.amazonaws.com' })), of('b.example.com'))).toEqual([]);
  });
});
