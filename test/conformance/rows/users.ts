import * as given from '../given.ts';
import { api, call, fails, guide, model, quotaPage, works, type Row } from '../row.ts';

const { lorax, nobody, makeUser, makePolicy, reports, tag } = given;
const user = [makeUser];
const caseless = 'Names are not distinguished by case.';
const ids = guide('reference_identifiers', 'AIDA: IAM user');

export const users: readonly Row[] = [
  works(
    'answers the user with its path, ARN and id',
    call('CreateUser', { ...lorax, Path: '/partners/' }),
    {
      User: {
        Path: '/partners/',
        UserName: 'lorax',
        UserId: '~/^AIDA[A-Z0-9]{16,}$/',
        Arn: given.arn('user/partners/lorax'),
        CreateDate: '~any',
      },
    },
    { source: ids },
  ),
  works('the path is / unless given', makeUser, { User: { Path: '/', Arn: given.arn('user/lorax') } }),
  works('tags are in the answer', call('CreateUser', { ...lorax, Tags: [tag('team', 'images')] }), {
    User: { Tags: [{ Key: 'team', Value: 'images' }] },
  }),
  works(
    'the boundary is in the answer',
    call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
    { User: { PermissionsBoundary: { PermissionsBoundaryArn: reports.PolicyArn } } },
    { setup: [makePolicy] },
  ),
  fails('the name is taken', makeUser, 'EntityAlreadyExists', { setup: user }),
  fails(
    'the name is taken in another case',
    call('CreateUser', { UserName: 'LORAX' }),
    'EntityAlreadyExists',
    {
      setup: user,
      source: api('CreateUser', caseless),
    },
  ),
  fails(
    'the boundary is not there',
    call('CreateUser', { ...lorax, PermissionsBoundary: given.noPolicy.PolicyArn }),
    'NoSuchEntity',
  ),
  fails('a tag key twice', call('CreateUser', { ...lorax, ...given.sameTagTwice }), 'InvalidInput'),
  fails('more users than the quota', call('CreateUser', { UserName: 'one-more' }), 'LimitExceeded', {
    setup: [call('CreateUser', { UserName: 'u{i}' }, { times: 3 })],
    options: { quotas: { usersPerAccount: 3 } },
  }),
  fails('no name', call('CreateUser'), 'ValidationError', { source: model('userNameType') }),
  fails('a space in the name', call('CreateUser', { UserName: 'a b' }), 'ValidationError', {
    source: model('userNameType'),
  }),
  fails('a name of 65 characters', call('CreateUser', { UserName: 'a'.repeat(65) }), 'ValidationError', {
    source: model('userNameType'),
  }),
  works(
    'a name of 64 characters',
    call('CreateUser', { UserName: 'a'.repeat(64) }),
    {},
    {
      source: model('userNameType'),
    },
  ),
  works(
    'all characters that names may have',
    call('CreateUser', { UserName: 'A_z-9+=,.@' }),
    {},
    {
      source: model('userNameType'),
    },
  ),
  fails('a path without slashes', call('CreateUser', { ...lorax, Path: 'partners' }), 'ValidationError', {
    source: model('pathType'),
  }),
  fails(
    'a path without its last slash',
    call('CreateUser', { ...lorax, Path: '/partners' }),
    'ValidationError',
    { source: model('pathType') },
  ),
  fails(
    'a path of 513 characters',
    call('CreateUser', { ...lorax, Path: `/${'a'.repeat(511)}/` }),
    'ValidationError',
    { source: model('pathType') },
  ),
  fails(
    'more than 50 tags',
    call('CreateUser', { ...lorax, Tags: Array.from({ length: 51 }, (_, index) => tag(`k${index}`)) }),
    'ValidationError',
    { source: model('tagListType') },
  ),

  works(
    'by name',
    call('GetUser', lorax),
    { User: { UserName: 'lorax', UserId: '$0.User.UserId' } },
    {
      setup: user,
    },
  ),
  works(
    'without a name: the owner of the key that signed',
    call('GetUser', {}, { as: '$1.AccessKey' }),
    { User: { UserName: 'lorax' } },
    {
      setup: [makeUser, call('CreateAccessKey', lorax)],
      source: api('GetUser', 'If you do not specify a user name, IAM determines the user name implicitly'),
    },
  ),
  fails('of nobody', call('GetUser', nobody), 'NoSuchEntity'),

  works(
    'of an empty account',
    call('ListUsers'),
    { Users: [] },
    {
      source: api('ListUsers', 'If there are none, the operation returns an empty list.'),
    },
  ),
  works(
    'below a path',
    call('ListUsers', { PathPrefix: '/partners/' }),
    { Users: [{ UserName: 'buzzo' }] },
    { setup: [makeUser, call('CreateUser', { UserName: 'buzzo', Path: '/partners/' })] },
  ),
  works(
    'a prefix need not end with a slash',
    call('ListUsers', { PathPrefix: '/part' }),
    { Users: [{ UserName: 'buzzo' }] },
    {
      setup: [makeUser, call('CreateUser', { UserName: 'buzzo', Path: '/partners/' })],
      source: model('pathPrefixType'),
    },
  ),
  works(
    'without tags and boundary',
    call('ListUsers'),
    { Users: [{ UserName: 'lorax', Tags: '~absent', PermissionsBoundary: '~absent' }] },
    {
      setup: [
        makePolicy,
        call('CreateUser', { ...lorax, Tags: [tag('a')], PermissionsBoundary: reports.PolicyArn }),
      ],
      source: api('ListUsers', 'This operation does not return the following attributes'),
    },
  ),
  fails('a prefix without its slash', call('ListUsers', { PathPrefix: 'partners' }), 'ValidationError', {
    source: model('pathPrefixType'),
  }),

  works('renames', call('UpdateUser', { ...lorax, NewUserName: 'dale' }), {}, { setup: user }),
  works(
    'of a renamed user, whose id stays',
    call('GetUser', { UserName: 'dale' }),
    {
      User: { UserName: 'dale', UserId: '$0.User.UserId', Arn: given.arn('user/dale') },
    },
    {
      setup: [makeUser, call('UpdateUser', { ...lorax, NewUserName: 'dale' })],
      source: guide('id_users_rename', 'the unique ID for the user remains the same'),
    },
  ),
  works(
    'of a renamed user with its policies, groups and keys',
    call('ListGroupsForUser', { UserName: 'dale' }),
    { Groups: [{ GroupName: 'admins' }] },
    {
      setup: [
        makeUser,
        given.makeGroup,
        call('AddUserToGroup', { ...lorax, ...given.admins }),
        call('UpdateUser', { ...lorax, NewUserName: 'dale' }),
      ],
      source: guide('id_users_rename', 'stays in the same groups under the new name'),
    },
  ),
  fails('of nobody', call('UpdateUser', { ...nobody, NewPath: '/x/' }), 'NoSuchEntity'),
  fails(
    'the new name is taken',
    call('UpdateUser', { ...lorax, NewUserName: 'Dale' }),
    'EntityAlreadyExists',
    {
      setup: [makeUser, call('CreateUser', { UserName: 'dale' })],
    },
  ),
  fails('a bad new path', call('UpdateUser', { ...lorax, NewPath: 'x' }), 'ValidationError', {
    setup: user,
    source: model('pathType'),
  }),

  works('of a bare user', call('DeleteUser', lorax), {}, { setup: user }),
  fails('of nobody', call('DeleteUser', nobody), 'NoSuchEntity'),

  works('adds', call('TagUser', { ...lorax, Tags: [tag('team')] }), {}, { setup: user }),
  works(
    'of a user with an overwritten tag',
    call('ListUserTags', lorax),
    { Tags: [{ Key: 'team', Value: 'b' }] },
    {
      setup: [
        makeUser,
        call('TagUser', { ...lorax, Tags: [tag('team', 'a')] }),
        call('TagUser', { ...lorax, Tags: [tag('team', 'b')] }),
      ],
      source: api('TagUser', 'that tag is overwritten with the new value'),
    },
  ),
  fails('of nobody', call('TagUser', { ...nobody, Tags: [tag('team')] }), 'NoSuchEntity'),
  fails('a key twice', call('TagUser', { ...lorax, ...given.sameTagTwice }), 'InvalidInput', { setup: user }),
  fails('a 51st tag', call('TagUser', { ...lorax, Tags: [tag('k50')] }), 'LimitExceeded', {
    setup: [makeUser, call('TagUser', { ...lorax, Tags: [tag('k{i}')] }, { times: 50 })],
    source: quotaPage('Tags that can be attached to an IAM user: 50'),
  }),
  fails(
    'a key of 129 characters',
    call('TagUser', { ...lorax, Tags: [tag('k'.repeat(129))] }),
    'ValidationError',
    { setup: user, source: model('tagKeyType') },
  ),
  fails(
    'a value of 257 characters',
    call('TagUser', { ...lorax, Tags: [tag('k', 'v'.repeat(257))] }),
    'ValidationError',
    { setup: user, source: model('tagValueType') },
  ),
  fails(
    'a key with a forbidden character',
    call('TagUser', { ...lorax, Tags: [tag('k#')] }),
    'ValidationError',
    {
      setup: user,
      source: model('tagKeyType'),
    },
  ),
  fails('the reserved prefix aws:', call('TagUser', { ...lorax, Tags: [tag('aws:x')] }), 'InvalidInput', {
    setup: user,
    source: guide('id_tags', 'You cannot create a tag key or value that begins with the text aws:'),
  }),
  works(
    'an empty value',
    call('TagUser', { ...lorax, Tags: [tag('k', '')] }),
    {},
    {
      setup: user,
      source: model('tagValueType'),
    },
  ),
  works(
    'removes',
    call('UntagUser', { ...lorax, TagKeys: ['team'] }),
    {},
    {
      setup: [call('CreateUser', { ...lorax, Tags: [tag('team')] })],
    },
  ),
  works(
    'of a user after UntagUser',
    call('ListUserTags', lorax),
    { Tags: [{ Key: 'b' }] },
    {
      setup: [
        call('CreateUser', { ...lorax, Tags: [tag('a'), tag('b')] }),
        call('UntagUser', { ...lorax, TagKeys: ['a'] }),
      ],
      source: api('UntagUser', 'Removes the specified tags from the user.'),
    },
  ),
  fails('of nobody', call('UntagUser', { ...nobody, TagKeys: ['team'] }), 'NoSuchEntity'),
  works('of a user without any', call('ListUserTags', lorax), { Tags: [] }, { setup: user }),
  fails('of nobody', call('ListUserTags', nobody), 'NoSuchEntity'),

  works(
    'sets',
    call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
    {},
    {
      setup: [makeUser, makePolicy],
    },
  ),
  works(
    'of a user with a boundary',
    call('GetUser', lorax),
    { User: { PermissionsBoundary: { PermissionsBoundaryArn: reports.PolicyArn } } },
    {
      setup: [
        makeUser,
        makePolicy,
        call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
      ],
      source: api('PutUserPermissionsBoundary'),
    },
  ),
  fails(
    'of nobody',
    call('PutUserPermissionsBoundary', { ...nobody, PermissionsBoundary: reports.PolicyArn }),
    'NoSuchEntity',
    { setup: [makePolicy] },
  ),
  fails(
    'a policy that is not there',
    call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: given.noPolicy.PolicyArn }),
    'NoSuchEntity',
    { setup: user },
  ),
  fails(
    'no ARN',
    call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: given.notAnArn.PolicyArn }),
    'ValidationError',
    { setup: user, ...given.unparsed },
  ),
  works(
    'removes',
    call('DeleteUserPermissionsBoundary', lorax),
    {},
    {
      setup: [makePolicy, call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn })],
    },
  ),
  fails('of nobody', call('DeleteUserPermissionsBoundary', nobody), 'NoSuchEntity'),
];

const { makeGroup, admins, makePhone, enablePhone } = given;
const leftovers = 'you must delete the items attached to the user manually, or the deletion fails';
const inTheWay: readonly (readonly [string, readonly Row['setup'][number][]])[] = [
  ['an attached policy', [makePolicy, call('AttachUserPolicy', { ...lorax, ...reports })]],
  [
    'an inline policy',
    [call('PutUserPolicy', { ...lorax, PolicyName: 'p', PolicyDocument: given.anyDocument })],
  ],
  ['an access key', [call('CreateAccessKey', lorax)]],
  [
    'an inactive access key',
    [
      call('CreateAccessKey', lorax),
      call('UpdateAccessKey', { ...lorax, AccessKeyId: '$1.AccessKey.AccessKeyId', Status: 'Inactive' }),
    ],
  ],
  ['a login profile', [call('CreateLoginProfile', { ...lorax, Password: given.password })]],
  ['an MFA device', [makePhone, enablePhone]],
  [
    'a signing certificate',
    [call('UploadSigningCertificate', { ...lorax, CertificateBody: given.certificate })],
  ],
  ['an SSH public key', [call('UploadSSHPublicKey', { ...lorax, SSHPublicKeyBody: given.sshKey })]],
  [
    'a Git credential',
    [call('CreateServiceSpecificCredential', { ...lorax, ServiceName: 'codecommit.amazonaws.com' })],
  ],
  ['a membership', [makeGroup, call('AddUserToGroup', { ...lorax, ...admins })]],
];

export const deletions: readonly Row[] = inTheWay.map(([what, setup]) =>
  fails(`of a user with ${what}`, call('DeleteUser', lorax), 'DeleteConflict', {
    setup: [makeUser, ...setup],
    source: api('DeleteUser', leftovers),
  }),
);
