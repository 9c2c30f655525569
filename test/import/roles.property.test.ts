/** An import of any roles, instance profiles and providers plans nothing, and is the same each time. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { layouts } from '../../src/manifest/write/index.ts';
import { accountId, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { filesIn, importInto, planned, withDirectory } from './support.ts';

const own = (what: string): string => `arn:aws:iam::${accountId}:${what}`;
const github = 'token.actions.githubusercontent.com';
const name = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/) },
  fc.constantFrom('on', 'No', 'null', '123', '1e3', '-', '.', '@a', 'a,b', 'x=y', 'constructor', 'Users'),
);
const path = fc.constantFrom('/', '/', '/', '/ci/', '/a//b/', '/#x:-y/');
const tags = fc.uniqueArray(
  fc.tuple(fc.constantFrom('team', 'no', '12', 'a b', 'Zoë'), fc.constantFrom('', 'on', '1', 'x: y', ' z ')),
  { selector: ([key]) => key, maxLength: 3 },
);
const text = fc.constantFrom('', '', 'Deploys web', 'two\nlines: #1', "it's", '123', ' x ');
const urls = [
  github,
  'b.example.com',
  'b.example.com/x/Y',
  'oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539',
];
const people = ['dale', 'lorax', 'gone'];

const all = fc.constantFrom;
/** Principal, action and conditions of a statement of a trust. */
const federated = (provider: string, action: string, Condition: { [operator: string]: Json }): object => ({
  Principal: { Federated: own(provider) },
  Action: action,
  Condition,
});
const party: fc.Arbitrary<object> = fc.oneof(
  all(
    { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    {
      Principal: { Service: ['lambda.amazonaws.com', 'ec2.amazonaws.com'] },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    },
    { Principal: { AWS: accountId }, Action: 'sts:AssumeRole' },
    {
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    },
    { Principal: { AWS: '*' }, Action: 'sts:*' },
  ),
  fc
    .tuple(
      fc.subarray(
        [
          ...people.map((one) => own(`user/${one}`)),
          own('role/base'),
          'arn:aws:iam::999999999999:root',
          '999999999999',
        ],
        {
          minLength: 1,
        },
      ),
      all<object>(
        {},
        { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
        { Condition: { StringEquals: { 'sts:ExternalId': ['acme-1', 'acme-2'] } } },
        {
          Condition: {
            StringEquals: { 'sts:ExternalId': 'on' },
            Bool: { 'aws:MultiFactorAuthPresent': true },
          },
        },
        { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } },
        { Sid: 'People' },
        { Condition: { StringLike: { 'sts:ExternalId': ['x', ''] } } },
        { Condition: { StringLike: { 'aws:PrincipalOrgID': 'o-*' } } },
      ),
    )
    .map(([AWS, more]) => ({ Principal: { AWS }, Action: 'sts:AssumeRole', ...more })),
  fc
    .tuple(
      all('StringEquals', 'StringLike'),
      all<Json>(
        'repo:acme/web:environment:',
        'repo:acme/web:ref:',
        'repo:acme/web:*',
        'repo:acme/web:ref:refs/heads/main',
        'repo:acme@1/web@2:environment:prod',
        ['repo:acme/web:pull_request', 'repo:acme/api:ref:refs/tags/v*'],
      ),
      fc.boolean(),
    )
    .map(([operator, sub, aud]) =>
      federated(`oidc-provider/${github}`, 'sts:AssumeRoleWithWebIdentity', {
        [operator]: { [`${github}:sub`]: sub },
        ...(aud
          ? {
              [operator === 'StringLike' ? 'StringEquals' : 'StringLike']: {
                [`${github}:aud`]: 'sts.amazonaws.com',
              },
            }
          : {}),
      }),
    ),
  all('b.example.com', 'b.example.com/x/Y', 'nowhere.example.com').map((url) =>
    federated(`oidc-provider/${url}`, 'sts:AssumeRoleWithWebIdentity', {
      StringEquals: { [`${url}:sub`]: 's' },
    }),
  ),
  all('okta', 'nowhere').map((one) =>
    federated(`saml-provider/${one}`, 'sts:AssumeRoleWithSAML', {
      StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' },
    }),
  ),
);
const trust = fc
  .tuple(
    fc.array(fc.tuple(party, fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny')), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
  )
  .map(([parties, Version]) =>
    JSON.stringify({ Version, Statement: parties.map(([one, Effect]) => ({ Effect, ...one })) }),
  );

const uniquely = { selector: (one: { name: string }) => one.name.toLowerCase() };
const recipe = fc.record({
  providers: fc.subarray(urls),
  audiences: fc.uniqueArray(fc.constantFrom('sts.amazonaws.com', 'x', 'a b', 'https://a/#b'), {
    maxLength: 3,
  }),
  saml: fc.subarray(['okta', 'no', '12']),
  roles: fc.uniqueArray(
    fc.record({
      name,
      path,
      text,
      tags,
      trust,
      maxSession: fc.constantFrom(3600, 3600, 5400, 43_200),
      attach: fc.boolean(),
    }),
    { ...uniquely, maxLength: 4 },
  ),
  profiles: fc.uniqueArray(fc.record({ name, path, tags, role: fc.option(fc.nat(4)) }), {
    ...uniquely,
    maxLength: 4,
  }),
  sameName: fc.boolean(),
  tags,
});
type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

/** Makes it so. What the sandbox refuses, as IAM would, is left out. */
function build({ sandbox }: TestAccount, made: Recipe): void {
  const attempt = (make: () => unknown): boolean => {
    try {
      make();
      return true;
    } catch {
      return false;
    }
  };
  const list = (of: readonly [string, string][]) => of.map(([Key, Value]) => ({ Key, Value }));
  for (const UserName of people) sandbox.call('CreateUser', { UserName });
  sandbox.call('CreateRole', {
    RoleName: 'base',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    }),
  });
  for (const url of made.providers)
    attempt(() =>
      sandbox.call('CreateOpenIDConnectProvider', {
        Url: `https://${url}`,
        ClientIDList: made.audiences,
        Tags: list(made.tags),
      }),
    );
  for (const Name of made.saml)
    sandbox.call('CreateSAMLProvider', {
      Name,
      SAMLMetadataDocument: `<EntityDescriptor entityID="https://${Name}.example.com">\n${'x'.repeat(1000)}\n</EntityDescriptor>\n`,
      Tags: list(made.tags),
    });
  const roles = ['base'];
  for (const one of made.roles) {
    const { name: RoleName } = one;
    const isThere = attempt(() =>
      sandbox.call('CreateRole', {
        RoleName,
        Path: one.path,
        AssumeRolePolicyDocument: one.trust,
        MaxSessionDuration: one.maxSession,
        Tags: list(one.tags),
        ...(one.text === '' ? {} : { Description: one.text }),
      }),
    );
    if (!isThere) continue;
    roles.push(RoleName);
    if (one.attach)
      sandbox.call('AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
  }
  const profiles = [
    ...made.profiles,
    ...(made.sameName
      ? roles.map((one) => ({ name: one, path: '/', tags: [], role: roles.indexOf(one) }))
      : []),
  ];
  for (const { name: InstanceProfileName, path: Path, tags: ofProfile, role } of profiles) {
    attempt(() =>
      sandbox.call('CreateInstanceProfile', { InstanceProfileName, Path, Tags: list(ofProfile) }),
    );
    const RoleName = role === null ? undefined : roles[role % roles.length];
    if (RoleName !== undefined)
      attempt(() => sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName, RoleName }));
  }
  // What trusts named is an id from then on.
  sandbox.call('DeleteUser', { UserName: 'gone' });
}

test('whatever roles, profiles and providers there are: an empty plan, nothing left for a second import, the same bytes', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, fc.constantFrom(...layouts), fc.boolean(), async (made, layout, withTags) => {
      const there = await testAccount({ transport: 'direct', journalCap: 10 });
      try {
        build(there, made);
        const imported = async (): Promise<Record<string, string>> =>
          await withDirectory(async (dir) => {
            const { pending, problems } = await importInto(dir, there, { layout, tags: withTags });
            const files = filesIn(dir);
            expect({ files, pending, problems }).toEqual({ files, pending: [], problems: [] });
            expect({ files, changes: (await planned(dir, there)).changes }).toEqual({ files, changes: [] });
            const again = await importInto(dir, there, { layout, tags: withTags });
            expect(again.edits.map((edit) => edit.name)).toEqual([]);
            return files;
          });
        expect(await imported()).toEqual(await imported());
      } finally {
        await there.close();
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 20) },
  );
});
