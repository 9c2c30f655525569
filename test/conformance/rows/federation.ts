import * as given from '../given.ts';
import { api, call, fails, model, quotaPage, works, type Row } from '../row.ts';

const { deployer, makeOidc, makeProfile, fillProfile, makeRole, makeSaml, makeServiceRole } = given;
const { issuer, metadata, oidc, saml, serviceRole, web } = given;
const noProfile = { InstanceProfileName: 'none' };
const noOidc = { OpenIDConnectProviderArn: given.arn('oidc-provider/none.example.com') };
const noSaml = { SAMLProviderArn: given.arn('saml-provider/none') };
const ofAnotherKind = { OpenIDConnectProviderArn: given.arn('role/deployer') };

const profiles: readonly Row[] = [
  works('answers the profile with its ARN and id', call('CreateInstanceProfile', { ...web, Path: '/ec2/' }), {
    InstanceProfile: {
      Path: '/ec2/',
      InstanceProfileName: 'web',
      InstanceProfileId: '~/^AIPA[A-Z0-9]{16,}$/',
      Arn: given.arn('instance-profile/ec2/web'),
      CreateDate: '~any',
      Roles: [],
    },
  }),
  fails('the name is taken', makeProfile, 'EntityAlreadyExists', { setup: [makeProfile] }),
  fails('a tag key twice', call('CreateInstanceProfile', { ...web, ...given.sameTagTwice }), 'InvalidInput'),
  fails('a profile more than the quota', makeProfile, 'LimitExceeded', {
    setup: [call('CreateInstanceProfile', { InstanceProfileName: 'p{i}' }, { times: 2 })],
    options: { quotas: { profilesPerAccount: 2 } },
  }),
  works('puts the role into it', fillProfile, {}, { setup: [makeRole, makeProfile] }),
  fails('no such role', fillProfile, 'NoSuchEntity', { setup: [makeProfile] }),
  fails('no such profile', fillProfile, 'NoSuchEntity', { setup: [makeRole] }),
  fails('a second role', fillProfile, 'LimitExceeded', {
    setup: [makeRole, makeProfile, fillProfile],
    source: api('AddRoleToInstanceProfile', 'An instance profile can contain only one role'),
  }),
  fails(
    'a role of a service',
    call('AddRoleToInstanceProfile', { ...web, ...serviceRole }),
    'UnmodifiableEntity',
    { setup: [makeServiceRole, makeProfile] },
  ),
  works(
    'with its role and tags',
    call('GetInstanceProfile', web),
    {
      InstanceProfile: {
        Roles: [{ RoleName: 'deployer', Arn: given.arn('role/deployer') }],
        Tags: [given.tag('team')],
      },
    },
    {
      setup: [makeRole, call('CreateInstanceProfile', { ...web, Tags: [given.tag('team')] }), fillProfile],
    },
  ),
  fails('that is not there', call('GetInstanceProfile', noProfile), 'NoSuchEntity'),
  works('of an account without any', call('ListInstanceProfiles'), { InstanceProfiles: [] }),
  works(
    'without the tags',
    call('ListInstanceProfiles'),
    { InstanceProfiles: [{ InstanceProfileName: 'web', Tags: '~absent' }] },
    {
      setup: [call('CreateInstanceProfile', { ...web, Tags: [given.tag('team')] })],
      source: api('ListInstanceProfiles', 'this operation does not return tags'),
    },
  ),
  works(
    'of a role without any',
    call('ListInstanceProfilesForRole', deployer),
    { InstanceProfiles: [] },
    { setup: [makeRole] },
  ),
  works(
    'that the role is in',
    call('ListInstanceProfilesForRole', deployer),
    { InstanceProfiles: [{ InstanceProfileName: 'web' }] },
    { setup: [makeRole, makeProfile, fillProfile] },
  ),
  fails('that is not there', call('ListInstanceProfilesForRole', { RoleName: 'nobody' }), 'NoSuchEntity'),
  works(
    'takes the role out of it',
    call('RemoveRoleFromInstanceProfile', { ...web, ...deployer }),
    {},
    {
      setup: [makeRole, makeProfile, fillProfile],
    },
  ),
  fails(
    'a role that is not in it',
    call('RemoveRoleFromInstanceProfile', { ...web, ...deployer }),
    'NoSuchEntity',
    { setup: [makeRole, makeProfile] },
  ),
  fails(
    'a role of a service',
    call('RemoveRoleFromInstanceProfile', { ...web, ...serviceRole }),
    'UnmodifiableEntity',
    { setup: [makeServiceRole, makeProfile] },
  ),
  works('that is empty', call('DeleteInstanceProfile', web), {}, { setup: [makeProfile] }),
  fails('that is not there', call('DeleteInstanceProfile', noProfile), 'NoSuchEntity'),
  fails('a role is in it', call('DeleteInstanceProfile', web), 'DeleteConflict', {
    setup: [makeRole, makeProfile, fillProfile],
    source: api('DeleteInstanceProfile', 'The instance profile must not have an associated role.'),
  }),
  works('of an account without any', call('ListServerCertificates'), { ServerCertificateMetadataList: [] }),
];

const oidcProviders: readonly Row[] = [
  works('answers the ARN', makeOidc, { ...oidc }),
  fails('the address has one already', makeOidc, 'EntityAlreadyExists', { setup: [makeOidc] }),
  fails(
    'an address that is no https',
    call('CreateOpenIDConnectProvider', { Url: 'http://token.actions.githubusercontent.com' }),
    'ValidationError',
    { source: api('CreateOpenIDConnectProvider', 'The URL must begin with') },
  ),
  fails(
    'a query in the address',
    call('CreateOpenIDConnectProvider', { Url: `${issuer.Url}/?a=b` }),
    'ValidationError',
    { source: api('CreateOpenIDConnectProvider', 'query parameters are not') },
  ),
  fails(
    'a tag key twice',
    call('CreateOpenIDConnectProvider', { ...issuer, ...given.sameTagTwice }),
    'InvalidInput',
  ),
  fails(
    'a thumbprint of 41 characters',
    call('CreateOpenIDConnectProvider', { ...issuer, ThumbprintList: ['a'.repeat(41)] }),
    'ValidationError',
    { source: model('thumbprintType') },
  ),
  fails(
    'six thumbprints',
    call('CreateOpenIDConnectProvider', {
      ...issuer,
      ThumbprintList: Array.from({ length: 6 }, (_, n) => String(n).repeat(40)),
    }),
    'InvalidInput',
  ),
  fails(
    'a client more than the quota',
    call('CreateOpenIDConnectProvider', { ...issuer, ClientIDList: ['a', 'b', 'c'] }),
    'LimitExceeded',
    { options: { quotas: { clientsPerProvider: 2 } } },
  ),
  fails('a provider more than the quota', makeOidc, 'LimitExceeded', {
    setup: [call('CreateOpenIDConnectProvider', { Url: 'https://{i}.example.com' }, { times: 2 })],
    options: { quotas: { providersPerAccount: 2 } },
    source: quotaPage('an account has 100 OpenID Connect providers'),
  }),
  works(
    'without the scheme of its address',
    call('GetOpenIDConnectProvider', oidc),
    {
      Url: 'token.actions.githubusercontent.com',
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
      CreateDate: '~any',
    },
    { setup: [makeOidc] },
  ),
  fails('that is not there', call('GetOpenIDConnectProvider', noOidc), 'NoSuchEntity'),
  fails('the ARN of a role', call('GetOpenIDConnectProvider', ofAnotherKind), 'InvalidInput'),
  works('of an account without any', call('ListOpenIDConnectProviders'), { OpenIDConnectProviderList: [] }),
  works(
    'the ARN of each',
    call('ListOpenIDConnectProviders'),
    { OpenIDConnectProviderList: [{ Arn: oidc.OpenIDConnectProviderArn }] },
    { setup: [makeOidc] },
  ),
  works('that is there', call('DeleteOpenIDConnectProvider', oidc), {}, { setup: [makeOidc] }),
  works(
    'that is not there',
    call('DeleteOpenIDConnectProvider', noOidc),
    {},
    {
      source: api('DeleteOpenIDConnectProvider', 'This operation is idempotent'),
    },
  ),
  fails('the ARN of a role', call('DeleteOpenIDConnectProvider', ofAnotherKind), 'InvalidInput'),
];

const samlProviders: readonly Row[] = [
  works('answers the ARN', makeSaml, { ...saml }),
  fails('the name is taken', makeSaml, 'EntityAlreadyExists', { setup: [makeSaml] }),
  fails(
    'metadata that are none',
    call('CreateSAMLProvider', { Name: 'idp', SAMLMetadataDocument: 'x'.repeat(1000) }),
    'InvalidInput',
  ),
  fails(
    'metadata of 999 characters',
    call('CreateSAMLProvider', { Name: 'idp', SAMLMetadataDocument: metadata.slice(0, 999) }),
    'ValidationError',
    { source: model('SAMLMetadataDocumentType') },
  ),
  fails('a provider more than the quota', makeSaml, 'LimitExceeded', {
    setup: [call('CreateSAMLProvider', { Name: 'p{i}', SAMLMetadataDocument: metadata }, { times: 2 })],
    options: { quotas: { providersPerAccount: 2 } },
    source: quotaPage('an account has 100 SAML providers'),
  }),
  works(
    'with its metadata',
    call('GetSAMLProvider', saml),
    { SAMLMetadataDocument: metadata, CreateDate: '~any', ValidUntil: '~any' },
    { setup: [makeSaml] },
  ),
  fails('that is not there', call('GetSAMLProvider', noSaml), 'NoSuchEntity'),
  fails(
    'the ARN of a role',
    call('GetSAMLProvider', { SAMLProviderArn: given.arn('role/deployer') }),
    'InvalidInput',
  ),
  works('of an account without any', call('ListSAMLProviders'), { SAMLProviderList: [] }),
  works(
    'the ARN of each',
    call('ListSAMLProviders'),
    { SAMLProviderList: [{ Arn: saml.SAMLProviderArn, CreateDate: '~any' }] },
    { setup: [makeSaml] },
  ),
  works('that is there', call('DeleteSAMLProvider', saml), {}, { setup: [makeSaml] }),
  fails('that is not there', call('DeleteSAMLProvider', noSaml), 'NoSuchEntity'),
  fails(
    'the ARN of a role',
    call('DeleteSAMLProvider', { SAMLProviderArn: given.arn('role/deployer') }),
    'InvalidInput',
  ),
];

/** Providers of identities, and what hands roles to instances. */
export const federation: readonly Row[] = [...profiles, ...oidcProviders, ...samlProviders];
