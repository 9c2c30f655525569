import * as given from '../given.ts';
import { api, call, fails, localstack, model, quotaPage, works, type Call, type Row } from '../row.ts';

const { deployer, makeOidc, makeProfile, fillProfile, makeRole, makeSaml, makeServiceRole } = given;
const { issuer, makeServerCertificate, metadata, oidc, saml, serverCertificate, serviceRole, shop, web } =
  given;
const noProfile = { InstanceProfileName: 'none' };
const noOidc = { OpenIDConnectProviderArn: given.arn('oidc-provider/none.example.com') };
const noCertificate = { ServerCertificateName: 'none' };
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
];

const tagA = { Tags: [given.tag('a')] };

type Ids = Readonly<Record<string, unknown>>;

/** Tags of a kind of object, each with three operations of its own. */
function tags(kind: string, made: Call, one: Ids, none: Ids): readonly Row[] {
  const [add, remove, list] = [`Tag${kind}`, `Untag${kind}`, `List${kind}Tags`] as const;
  return [
    works('adds', call(add, { ...one, ...tagA }), {}, { setup: [made] }),
    fails('that is not there', call(add, { ...none, ...tagA }), 'NoSuchEntity'),
    fails('a key twice', call(add, { ...one, ...given.sameTagTwice }), 'InvalidInput', { setup: [made] }),
    fails('a 51st tag', call(add, { ...one, Tags: [given.tag('k50')] }), 'LimitExceeded', {
      setup: [made, call(add, { ...one, Tags: [given.tag('k{i}')] }, { times: 50 })],
    }),
    works('removes', call(remove, { ...one, TagKeys: ['a'] }), {}, { setup: [made] }),
    fails('that is not there', call(remove, { ...none, TagKeys: ['a'] }), 'NoSuchEntity'),
    works(
      'by their keys',
      call(list, one),
      { Tags: [given.tag('a'), given.tag('b', 'y')], IsTruncated: false },
      {
        setup: [made, call(add, { ...one, Tags: [given.tag('b', 'y'), given.tag('a')] })],
        source: api(list, 'The returned list of tags is sorted by tag key'),
      },
    ),
    fails('that is not there', call(list, none), 'NoSuchEntity'),
  ];
}

const addClient = (ClientID: string, of: Ids = oidc): Call =>
  call('AddClientIDToOpenIDConnectProvider', { ...of, ClientID });
const removeClient = (ClientID: string, of: Ids = oidc): Call =>
  call('RemoveClientIDFromOpenIDConnectProvider', { ...of, ClientID });
const thumbprints = (ThumbprintList: readonly string[], of: Ids = oidc): Call =>
  call('UpdateOpenIDConnectProviderThumbprint', { ...of, ThumbprintList });

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
  fails('that is not there', call('DeleteOpenIDConnectProvider', noOidc), 'NoSuchEntity', {
    message: `OpenId connect Provider ${noOidc.OpenIDConnectProviderArn} cannot be found.`,
    source: localstack(
      'test_iam_oidc::test_delete_open_id_connect_provider',
      'though its page calls it idempotent',
    ),
  }),
  fails('the ARN of a role', call('DeleteOpenIDConnectProvider', ofAnotherKind), 'InvalidInput'),
  works('adds', addClient('a.example.com'), {}, { setup: [makeOidc] }),
  works(
    'after one was added',
    call('GetOpenIDConnectProvider', oidc),
    { ClientIDList: ['sts.amazonaws.com', 'a.example.com'] },
    { setup: [makeOidc, addClient('a.example.com')] },
  ),
  works(
    'one that is there already',
    addClient('sts.amazonaws.com'),
    {},
    {
      setup: [makeOidc],
      source: api('AddClientIDToOpenIDConnectProvider', 'if you add an existing client ID to the provider'),
    },
  ),
  fails('a client more than the quota', addClient('c'), 'LimitExceeded', {
    setup: [makeOidc, addClient('b')],
    options: { quotas: { clientsPerProvider: 2 } },
  }),
  fails('of a provider that is not there', addClient('a', noOidc), 'NoSuchEntity'),
  fails('the ARN of a role', addClient('a', ofAnotherKind), 'InvalidInput'),
  works('removes', removeClient('sts.amazonaws.com'), {}, { setup: [makeOidc] }),
  works(
    'after the last client is gone',
    call('GetOpenIDConnectProvider', oidc),
    { ClientIDList: [] },
    { setup: [makeOidc, removeClient('sts.amazonaws.com')] },
  ),
  works(
    'one that is not there',
    removeClient('none'),
    {},
    {
      setup: [makeOidc],
      source: api(
        'RemoveClientIDFromOpenIDConnectProvider',
        'if you try to remove a client ID that does not exist',
      ),
    },
  ),
  fails('of a provider that is not there', removeClient('a', noOidc), 'NoSuchEntity'),
  fails('the ARN of a role', removeClient('a', ofAnotherKind), 'InvalidInput'),
  works('replaces all', thumbprints(['b'.repeat(40)]), {}, { setup: [makeOidc] }),
  works(
    'after its thumbprints were replaced',
    call('GetOpenIDConnectProvider', oidc),
    { ThumbprintList: ['b'.repeat(40)] },
    {
      setup: [makeOidc, thumbprints(['b'.repeat(40)])],
      source: api('UpdateOpenIDConnectProviderThumbprint', '(The lists are not merged.)'),
    },
  ),
  fails('six', thumbprints(Array.from({ length: 6 }, (_, n) => String(n).repeat(40))), 'InvalidInput', {
    setup: [makeOidc],
  }),
  fails('of a provider that is not there', thumbprints(['b'.repeat(40)], noOidc), 'NoSuchEntity'),
  fails('the ARN of a role', thumbprints(['b'.repeat(40)], ofAnotherKind), 'InvalidInput'),
  ...tags('OpenIDConnectProvider', makeOidc, oidc, noOidc),
  fails('the ARN of a role', call('TagOpenIDConnectProvider', { ...ofAnotherKind, ...tagA }), 'InvalidInput'),
  fails(
    'the ARN of a role',
    call('UntagOpenIDConnectProvider', { ...ofAnotherKind, TagKeys: ['a'] }),
    'InvalidInput',
  ),
  fails('the ARN of a role', call('ListOpenIDConnectProviderTags', ofAnotherKind), 'InvalidInput'),
];

const otherMetadata = metadata.replace('idp.example.com', 'idp.example.org');
const samlKey = serverCertificate.PrivateKey;
const noSamlArn = { SAMLProviderArn: given.arn('role/deployer') };

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
  works(
    'answers the ARN',
    call('UpdateSAMLProvider', { ...saml, SAMLMetadataDocument: otherMetadata }),
    saml,
    {
      setup: [makeSaml],
    },
  ),
  works(
    'its new metadata and keys by their ids',
    call('GetSAMLProvider', saml),
    {
      SAMLMetadataDocument: otherMetadata,
      AssertionEncryptionMode: 'Allowed',
      PrivateKeyList: [{ KeyId: '~/^[A-Z0-9]{22}$/', Timestamp: '~any' }],
    },
    {
      setup: [
        makeSaml,
        call('UpdateSAMLProvider', {
          ...saml,
          SAMLMetadataDocument: otherMetadata,
          AssertionEncryptionMode: 'Allowed',
          AddPrivateKey: samlKey,
        }),
      ],
    },
  ),
  fails(
    'metadata that are none',
    call('UpdateSAMLProvider', { ...saml, SAMLMetadataDocument: 'x'.repeat(1000) }),
    'InvalidInput',
    {
      setup: [makeSaml],
    },
  ),
  fails('a third key', call('UpdateSAMLProvider', { ...saml, AddPrivateKey: samlKey }), 'LimitExceeded', {
    setup: [makeSaml, call('UpdateSAMLProvider', { ...saml, AddPrivateKey: samlKey }, { times: 2 })],
  }),
  fails(
    'a key for another',
    call('UpdateSAMLProvider', {
      ...saml,
      AddPrivateKey: samlKey,
      RemovePrivateKey: '$2.PrivateKeyList.0.KeyId',
    }),
    'InvalidInput',
    {
      setup: [
        makeSaml,
        call('UpdateSAMLProvider', { ...saml, AddPrivateKey: samlKey }),
        call('GetSAMLProvider', saml),
      ],
      source: api('UpdateSAMLProvider', 'remove the old key in a separate request'),
    },
  ),
  works(
    'takes a key away',
    call('UpdateSAMLProvider', { ...saml, RemovePrivateKey: '$2.PrivateKeyList.0.KeyId' }),
    {},
    {
      setup: [
        makeSaml,
        call('UpdateSAMLProvider', { ...saml, AddPrivateKey: samlKey }),
        call('GetSAMLProvider', saml),
      ],
    },
  ),
  fails('that is not there', call('UpdateSAMLProvider', noSaml), 'NoSuchEntity'),
  ...tags('SAMLProvider', makeSaml, saml, noSaml),
  fails('the ARN of a role', call('TagSAMLProvider', { ...noSamlArn, ...tagA }), 'InvalidInput'),
  fails('the ARN of a role', call('UntagSAMLProvider', { ...noSamlArn, TagKeys: ['a'] }), 'InvalidInput'),
  fails('the ARN of a role', call('ListSAMLProviderTags', noSamlArn), 'InvalidInput'),
];

const certificates: readonly Row[] = [
  works(
    'answers what is known of it, and never its key',
    call('UploadServerCertificate', {
      ...serverCertificate,
      Path: '/cloudfront/',
      Tags: [given.tag('team')],
    }),
    {
      ServerCertificateMetadata: {
        Path: '/cloudfront/',
        ServerCertificateName: 'shop',
        ServerCertificateId: '~/^ASCA[A-Z0-9]{16,}$/',
        Arn: given.arn('server-certificate/cloudfront/shop'),
        UploadDate: '~any',
        Expiration: '~any',
      },
      Tags: [given.tag('team')],
    },
  ),
  fails('the name is taken', makeServerCertificate, 'EntityAlreadyExists', {
    setup: [makeServerCertificate],
  }),
  fails(
    'no certificate',
    call('UploadServerCertificate', { ...serverCertificate, CertificateBody: 'x' }),
    'MalformedCertificate',
  ),
  fails(
    'the key of another',
    call('UploadServerCertificate', { ...serverCertificate, CertificateBody: given.certificate }),
    'KeyPairMismatch',
  ),
  works(
    'with the certificate that signed it',
    call('UploadServerCertificate', {
      ...serverCertificate,
      CertificateChain: serverCertificate.CertificateBody,
    }),
  ),
  fails(
    'a chain that did not sign it',
    call('UploadServerCertificate', { ...serverCertificate, CertificateChain: given.certificate }),
    'MalformedCertificate',
  ),
  fails(
    'a tag key twice',
    call('UploadServerCertificate', { ...serverCertificate, ...given.sameTagTwice }),
    'InvalidInput',
  ),
  fails('a certificate more than the quota', makeServerCertificate, 'LimitExceeded', {
    setup: [
      call('UploadServerCertificate', { ...serverCertificate, ServerCertificateName: 'c{i}' }, { times: 2 }),
    ],
    options: { quotas: { serverCertificatesPerAccount: 2 } },
    source: quotaPage('an account has 20 server certificates'),
  }),
  works(
    'as it was uploaded',
    call('GetServerCertificate', shop),
    {
      ServerCertificate: {
        ServerCertificateMetadata: { ServerCertificateName: 'shop' },
        CertificateBody: serverCertificate.CertificateBody,
        CertificateChain: '~absent',
      },
    },
    { setup: [makeServerCertificate] },
  ),
  fails('that is not there', call('GetServerCertificate', noCertificate), 'NoSuchEntity'),
  works(
    'by its new name and path',
    call('GetServerCertificate', { ServerCertificateName: 'store' }),
    { ServerCertificate: { ServerCertificateMetadata: { Arn: given.arn('server-certificate/eu/store') } } },
    {
      setup: [
        makeServerCertificate,
        call('UpdateServerCertificate', { ...shop, NewServerCertificateName: 'store', NewPath: '/eu/' }),
      ],
    },
  ),
  works(
    'renames',
    call('UpdateServerCertificate', { ...shop, NewServerCertificateName: 'store' }),
    {},
    {
      setup: [makeServerCertificate],
    },
  ),
  fails('that is not there', call('UpdateServerCertificate', noCertificate), 'NoSuchEntity'),
  fails(
    'a name that is taken',
    call('UpdateServerCertificate', { ...shop, NewServerCertificateName: 'store' }),
    'EntityAlreadyExists',
    {
      setup: [
        makeServerCertificate,
        call('UploadServerCertificate', { ...serverCertificate, ServerCertificateName: 'store' }),
      ],
    },
  ),
  works('that is there', call('DeleteServerCertificate', shop), {}, { setup: [makeServerCertificate] }),
  fails('that is not there', call('DeleteServerCertificate', noCertificate), 'NoSuchEntity'),
  works('of an account without any', call('ListServerCertificates'), { ServerCertificateMetadataList: [] }),
  works(
    'below a path, without the tags',
    call('ListServerCertificates', { PathPrefix: '/eu/' }),
    {
      ServerCertificateMetadataList: [{ ServerCertificateName: 'store', Tags: '~absent' }],
      IsTruncated: false,
    },
    {
      setup: [
        makeServerCertificate,
        call('UploadServerCertificate', {
          ...serverCertificate,
          ServerCertificateName: 'store',
          Path: '/eu/',
          Tags: [given.tag('a')],
        }),
      ],
    },
  ),
  works(
    'counts them',
    call('GetAccountSummary'),
    { SummaryMap: { ServerCertificates: 1, ServerCertificatesQuota: 20 } },
    { setup: [makeServerCertificate] },
  ),
  ...tags('ServerCertificate', makeServerCertificate, shop, noCertificate),
];

/** Providers of identities, and what hands roles to instances. */
export const federation: readonly Row[] = [
  ...profiles,
  ...tags('InstanceProfile', makeProfile, web, noProfile),
  ...oidcProviders,
  ...samlProviders,
  ...certificates,
];
