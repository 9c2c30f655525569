import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { fromForms, toForms } from '../../src/kinds/role/trust-forms.ts';
import type { GithubForm, TrustForm } from '../../src/kinds/role/trust-forms.ts';
import { checkTrust, sameTrust } from '../../src/policy/trust/index.ts';

const account = '123456789012';
const names = {
  account,
  partition: 'aws',
  arnOf: (kind: string, name: string) => `arn:aws:iam::${account}:${kind}/${name}`,
  nameOf(arn: string) {
    const [, kind, name] = /:(user|role)\/([^/]+)$/.exec(arn) ?? [];
    return kind === undefined ? null : { kind, name: name! };
  },
};
const provider = `arn:aws:iam::${account}:oidc-provider/token.actions.githubusercontent.com`;
const sub = 'token.actions.githubusercontent.com:sub';
const aud = 'token.actions.githubusercontent.com:aud';

const only = (form: TrustForm): PolicyDocument => {
  const [statement] = fromForms([form], names)['Statement'] as PolicyDocument[];
  return statement!;
};

describe('what the forms stand for', () => {
  test.each<[GithubForm, Json]>([
    [{ repo: 'acme/web' }, { StringLike: { [sub]: 'repo:acme/web:*' } }],
    [
      { repo: 'acme/web', environment: 'prod' },
      { StringEquals: { [sub]: 'repo:acme/web:environment:prod' } },
    ],
    [
      { repo: 'acme/web', environment: 'a:b' },
      { StringEquals: { [sub]: 'repo:acme/web:environment:a%3Ab' } },
    ],
    [{ repo: 'acme/web', branch: 'main' }, { StringEquals: { [sub]: 'repo:acme/web:ref:refs/heads/main' } }],
    [
      { repo: 'acme/web', branch: 'release/*' },
      { StringLike: { [sub]: 'repo:acme/web:ref:refs/heads/release/*' } },
    ],
    [{ repo: 'acme/web', tag: 'v*' }, { StringLike: { [sub]: 'repo:acme/web:ref:refs/tags/v*' } }],
    [{ repo: 'acme/web', pullRequest: true }, { StringEquals: { [sub]: 'repo:acme/web:pull_request' } }],
    [
      { repo: 'acme/web', ref: 'refs/notes/a' },
      { StringEquals: { [sub]: 'repo:acme/web:ref:refs/notes/a' } },
    ],
    [
      { repo: 'acme@12/web@34', branch: 'main' },
      { StringEquals: { [sub]: 'repo:acme@12/web@34:ref:refs/heads/main' } },
    ],
    [
      { subject: 'repository_owner:acme:environment:prod' },
      { StringEquals: { [sub]: 'repository_owner:acme:environment:prod' } },
    ],
    [
      { repo: ['acme/web', 'acme/api'], environment: ['a', 'b'] },
      {
        StringEquals: {
          [sub]: [
            'repo:acme/web:environment:a',
            'repo:acme/web:environment:b',
            'repo:acme/api:environment:a',
            'repo:acme/api:environment:b',
          ],
        },
      },
    ],
  ])('github %j', (github, limits) => {
    const { StringEquals = {}, ...others } = limits as { StringEquals?: object };
    expect(only({ github })).toEqual({
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [aud]: 'sts.amazonaws.com', ...StringEquals }, ...others },
    });
    expect(checkTrust(fromForms([{ github }], names), { partition: 'aws' })).toEqual([]);
    expect(toForms(fromForms([{ github }], names), names)).toEqual([{ github }]);
  });

  const of = (Principal: Json, Condition?: Json, Action = 'sts:AssumeRole'): Json => ({
    Effect: 'Allow',
    Principal,
    Action,
    ...(Condition === undefined ? {} : { Condition }),
  });
  const root = 'arn:aws:iam::999999999999:root';

  test.each<[TrustForm, Json]>([
    [{ service: 'lambda.amazonaws.com' }, of({ Service: 'lambda.amazonaws.com' })],
    [
      { service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] },
      of({ Service: ['ec2.amazonaws.com', 'ssm.amazonaws.com'] }),
    ],
    [{ account: '999999999999' }, of({ AWS: root })],
    [
      { account: '999999999999', externalId: 'acme', mfa: true, org: 'o-a1b2c3d4e5' },
      of(
        { AWS: root },
        {
          StringEquals: { 'sts:ExternalId': 'acme', 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
        },
      ),
    ],
    [
      { account: '*', org: 'o-a1b2c3d4e5' },
      of('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
    ],
    [{ role: 'ops' }, of({ AWS: `arn:aws:iam::${account}:role/ops` })],
    [{ role: 'arn:aws:iam::999999999999:role/x' }, of({ AWS: 'arn:aws:iam::999999999999:role/x' })],
    [
      { user: ['dale', 'lorax'], mfa: true },
      of(
        { AWS: [`arn:aws:iam::${account}:user/dale`, `arn:aws:iam::${account}:user/lorax`] },
        { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      ),
    ],
    [
      { saml: 'okta' },
      of(
        { Federated: `arn:aws:iam::${account}:saml-provider/okta` },
        { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
        'sts:AssumeRoleWithSAML',
      ),
    ],
    [
      {
        oidc: 'gitlab.com',
        subject: 'project_path:acme/web:*',
        audience: 'https://gitlab.com',
        conditions: { StringEquals: { 'gitlab.com:ref_protected': 'true' } },
      },
      of(
        { Federated: `arn:aws:iam::${account}:oidc-provider/gitlab.com` },
        {
          StringEquals: { 'gitlab.com:ref_protected': 'true', 'gitlab.com:aud': 'https://gitlab.com' },
          StringLike: { 'gitlab.com:sub': 'project_path:acme/web:*' },
        },
        'sts:AssumeRoleWithWebIdentity',
      ),
    ],
  ])('%j', (form, statement) => {
    expect(only(form)).toEqual(statement);
    expect(toForms(fromForms([form], names), names)).toEqual([form]);
  });

  test('of SAML in other partitions', () => {
    for (const [partition, audience] of [
      ['aws-cn', 'https://signin.amazonaws.cn/saml'],
      ['aws-us-gov', 'https://signin.amazonaws-us-gov.com/saml'],
    ] as const) {
      const document = fromForms([{ saml: 'okta' }], { ...names, partition });
      expect(document).toMatchObject({
        Statement: [{ Condition: { StringEquals: { 'SAML:aud': audience } } }],
      });
      expect(toForms(document, { ...names, partition })).toEqual([{ saml: 'okta' }]);
    }
  });
});

describe('documents that are written whole', () => {
  const allow = (Principal: Json, rest: object = {}): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', ...rest }],
  });
  const root = { AWS: `arn:aws:iam::${account}:root` };
  test.each<[string, PolicyDocument]>([
    ['a Deny', { Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' }] }],
    ['everybody', allow('*')],
    ['a label of its own', allow(root, { Sid: 'Partners' })],
    ['tags of sessions', allow(root, { Action: ['sts:AssumeRole', 'sts:TagSession'] })],
    ['another action', allow(root, { Action: 'sts:AssumeRoleWithSAML' })],
    ['another condition', allow(root, { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })],
    [
      'a condition of a service',
      allow(
        { Service: 'sns.amazonaws.com' },
        { Condition: { StringEquals: { 'aws:SourceAccount': account } } },
      ),
    ],
    ['a wildcard that is none', allow(root, { Condition: { StringEquals: { 'sts:ExternalId': 'a*' } } })],
    ['who was deleted', allow({ AWS: 'AIDAJQABLZS4A3QDU576Q' })],
    ['a session', allow({ AWS: `arn:aws:sts::${account}:assumed-role/ops/alice` })],
    [
      'SAML without an audience',
      allow(
        { Federated: `arn:aws:iam::${account}:saml-provider/okta` },
        { Action: 'sts:AssumeRoleWithSAML' },
      ),
    ],
    ['NotPrincipal', { Statement: [{ Effect: 'Allow', NotPrincipal: root, Action: 'sts:AssumeRole' }] }],
    ['an id', { ...allow(root), Id: 'a', Statement: 'x' }],
    ['no statements', { Version: '2012-10-17', Statement: [] }],
  ])('%s', (_, document) => {
    expect(toForms(document, names)).toBe(null);
  });

  test('what the console writes has forms', () => {
    const document = allow(
      { AWS: [account, '999999999999'], Service: 'ec2.amazonaws.com' },
      { Sid: 'Statement1', Condition: {} },
    );
    expect(toForms(document, names)).toEqual([
      { account: [account, '999999999999'] },
      { service: 'ec2.amazonaws.com' },
    ]);
  });
});

const oneOrMany = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | T[]> =>
  fc.oneof(some, fc.uniqueArray(some, { minLength: 2, maxLength: 3 }));
const maybe = <T extends object>(some: fc.Arbitrary<T>): fc.Arbitrary<Partial<T>> =>
  fc.oneof(fc.constant({}), some);
const text = fc.constantFrom('a', 'b', 'release/*', 'v?', 'x:y');
const requirements = fc
  .tuple(
    maybe(oneOrMany(fc.constantFrom('id-1', 'id-2')).map((externalId) => ({ externalId }))),
    maybe(fc.constant({ mfa: true as const })),
    maybe(oneOrMany(fc.constantFrom('o-a1b2c3d4e5', 'o-b1b2c3d4e5')).map((org) => ({ org }))),
  )
  .map((parts) => Object.assign({}, ...parts) as object);
const audience = maybe(oneOrMany(fc.constantFrom('aud-1', 'aud-2')).map((value) => ({ audience: value })));
const repo = oneOrMany(fc.constantFrom('acme/web', 'acme/api', 'acme@1/web@2', 'acme/*'));
const part = fc.oneof(
  fc.constant({}),
  fc.constant({ pullRequest: true }),
  fc
    .tuple(fc.constantFrom('environment', 'branch', 'tag', 'ref'), oneOrMany(text))
    .map(([key, value]) => ({ [key]: value })),
);
const form = fc.oneof(
  fc.tuple(repo, part, audience).map(([r, p, a]) => ({ github: { repo: r, ...p, ...a } })),
  fc.tuple(oneOrMany(text), audience).map(([subject, a]) => ({ github: { subject, ...a } })),
  oneOrMany(fc.constantFrom('ec2.amazonaws.com', 'ssm.amazonaws.com')).map((service) => ({ service })),
  fc
    .tuple(oneOrMany(fc.constantFrom(account, '999999999999')), requirements)
    .map(([one, rest]) => ({ account: one, ...rest })),
  fc
    .tuple(fc.constantFrom('role', 'user'), oneOrMany(fc.constantFrom('a', 'b')), requirements)
    .map(([kind, one, rest]) => ({ [kind]: one, ...rest })),
  fc.tuple(fc.constantFrom('okta', 'azure'), audience).map(([saml, a]) => ({ saml, ...a })),
  fc
    .tuple(maybe(oneOrMany(text).map((subject) => ({ subject }))), audience)
    .map(([s, a]) => ({ oidc: 'login.example.com', ...s, ...a })),
) as fc.Arbitrary<TrustForm>;

test('forms and documents say the same, there and back', () => {
  fc.assert(
    fc.property(fc.array(form, { minLength: 1, maxLength: 4 }), (forms) => {
      const document = fromForms(forms, names);
      const back = toForms(document, names);
      expect(back).not.toBe(null);
      expect(sameTrust(fromForms(back!, names), document)).toBe(true);
      // What is written once is read as it was written.
      expect(toForms(fromForms(back!, names), names)).toEqual(back);
      const errors = checkTrust(document, { partition: 'aws' }).filter(
        ({ severity }) => severity === 'error',
      );
      expect(errors).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
