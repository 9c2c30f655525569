import * as given from '../given.ts';
import { api, call, fails, guide, model, quotaPage, works, type Row, type Source } from '../row.ts';

const { admins, deployer, lorax, makeGroup, makePolicy, makeRole, makeUser, reports } = given;
const generate = call('GenerateCredentialReport');
const hour = 3_600_000;
const reportPage = (says: string): Source => guide('id_credentials_getting-report', says);
const pages = 'You can paginate the results using the MaxItems and Marker parameters.';

const everything = [
  makePolicy,
  makeUser,
  makeGroup,
  makeRole,
  call('AddUserToGroup', { ...lorax, ...admins }),
  call('AttachUserPolicy', { ...lorax, ...reports }),
  call('PutGroupPolicy', { ...admins, PolicyName: 'p', PolicyDocument: given.anyDocument }),
];

export const accountRows: readonly Row[] = [
  works('sets', call('CreateAccountAlias', { AccountAlias: 'houdini' })),
  fails(
    'the alias is taken',
    call('CreateAccountAlias', { AccountAlias: 'houdini' }),
    'EntityAlreadyExists',
    {
      setup: [call('CreateAccountAlias', { AccountAlias: 'houdini' })],
    },
  ),
  fails('capitals', call('CreateAccountAlias', { AccountAlias: 'Houdini' }), 'ValidationError', {
    source: model('accountAliasType'),
  }),
  fails('two characters', call('CreateAccountAlias', { AccountAlias: 'ab' }), 'ValidationError', {
    source: model('accountAliasType'),
  }),
  fails('two hyphens in a row', call('CreateAccountAlias', { AccountAlias: 'a--b' }), 'ValidationError', {
    source: model('accountAliasType'),
  }),
  fails('twelve digits', call('CreateAccountAlias', { AccountAlias: '123456789012' }), 'ValidationError', {
    source: quotaPage('an account alias cannot be a 12-digit number'),
  }),
  works(
    'the one alias',
    call('ListAccountAliases'),
    { AccountAliases: ['houdini'] },
    {
      setup: [call('CreateAccountAlias', { AccountAlias: 'houdini' })],
    },
  ),
  works('none', call('ListAccountAliases'), { AccountAliases: [] }),
  works(
    'a second alias takes the place of the first',
    call('ListAccountAliases'),
    { AccountAliases: ['buzzard'] },
    {
      setup: [
        call('CreateAccountAlias', { AccountAlias: 'houdini' }),
        call('CreateAccountAlias', { AccountAlias: 'buzzard' }),
      ],
      source: guide('console_account-alias', 'an account has one alias; a new one overwrites it'),
    },
  ),
  works(
    'removes',
    call('DeleteAccountAlias', { AccountAlias: 'houdini' }),
    {},
    {
      setup: [call('CreateAccountAlias', { AccountAlias: 'houdini' })],
    },
  ),
  fails('another alias', call('DeleteAccountAlias', { AccountAlias: 'houdini' }), 'NoSuchEntity'),

  works(
    'counts and quotas',
    call('GetAccountSummary'),
    {
      SummaryMap: {
        Users: 1,
        UsersQuota: 5000,
        Groups: 1,
        GroupsQuota: 300,
        Policies: 1,
        AccessKeysPerUserQuota: 2,
        GroupsPerUserQuota: 10,
        UserPolicySizeQuota: 2048,
        GroupPolicySizeQuota: 5120,
        AttachedPoliciesPerUserQuota: 10,
        VersionsPerPolicyQuota: 5,
        MFADevices: 0,
      },
    },
    { setup: everything },
  ),

  fails('of an account without one', call('GetAccountPasswordPolicy'), 'NoSuchEntity'),
  works('sets', call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 12 })),
  works(
    'of an account with one',
    call('GetAccountPasswordPolicy'),
    {
      PasswordPolicy: {
        MinimumPasswordLength: 12,
        RequireSymbols: true,
        MaxPasswordAge: 90,
        ExpirePasswords: true,
        RequireNumbers: false,
      },
    },
    {
      setup: [
        call('UpdateAccountPasswordPolicy', {
          MinimumPasswordLength: 12,
          RequireSymbols: true,
          MaxPasswordAge: 90,
        }),
      ],
    },
  ),
  works(
    'what is not said returns to its default',
    call('GetAccountPasswordPolicy'),
    { PasswordPolicy: { MinimumPasswordLength: 6, RequireSymbols: true, ExpirePasswords: false } },
    {
      setup: [
        call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 12, MaxPasswordAge: 90 }),
        call('UpdateAccountPasswordPolicy', { RequireSymbols: true }),
      ],
      source: api('UpdateAccountPasswordPolicy', "that parameter's value reverts to its default value"),
    },
  ),
  fails(
    'a length of five',
    call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 5 }),
    'ValidationError',
    {
      source: model('minimumPasswordLengthType'),
    },
  ),
  fails(
    'an age of 1,096 days',
    call('UpdateAccountPasswordPolicy', { MaxPasswordAge: 1096 }),
    'ValidationError',
    {
      source: model('maxPasswordAgeType'),
    },
  ),
  fails('an age of zero', call('UpdateAccountPasswordPolicy', { MaxPasswordAge: 0 }), 'ValidationError', {
    source: model('maxPasswordAgeType'),
  }),
  fails(
    'none of the previous passwords',
    call('UpdateAccountPasswordPolicy', { PasswordReusePrevention: 0 }),
    'ValidationError',
    { source: model('passwordReusePreventionType') },
  ),
  fails(
    'the previous 25 passwords',
    call('UpdateAccountPasswordPolicy', { PasswordReusePrevention: 25 }),
    'ValidationError',
    { source: model('passwordReusePreventionType') },
  ),
  works(
    'of an account whose passwords never expire',
    call('GetAccountPasswordPolicy'),
    {
      PasswordPolicy: {
        ExpirePasswords: false,
        MaxPasswordAge: '~absent',
        PasswordReusePrevention: '~absent',
        AllowUsersToChangePassword: false,
      },
    },
    {
      setup: [call('UpdateAccountPasswordPolicy', {})],
      source: api('UpdateAccountPasswordPolicy', 'The result is that IAM user passwords never expire.'),
    },
  ),
  works(
    'removes',
    call('DeleteAccountPasswordPolicy'),
    {},
    {
      setup: [call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 12 })],
    },
  ),
  fails('of an account without one', call('DeleteAccountPasswordPolicy'), 'NoSuchEntity'),

  works('starts', generate, { State: 'STARTED' }, { source: model('ReportStateType') }),
  works(
    'goes on',
    generate,
    { State: 'INPROGRESS' },
    { setup: [generate], source: model('ReportStateType') },
  ),
  works(
    'is done',
    generate,
    { State: 'COMPLETE' },
    {
      setup: [generate, { waitMs: 10_000 }],
      source: reportPage('a report of the past four hours is given again'),
    },
  ),
  works(
    'starts anew after four hours',
    generate,
    { State: 'STARTED' },
    {
      setup: [generate, { waitMs: 5 * hour }],
      source: reportPage('a report of the past four hours is given again'),
    },
  ),
  fails('before any was made', call('GetCredentialReport'), 'ReportNotPresent'),
  fails('while it is made', call('GetCredentialReport'), 'ReportInProgress', { setup: [generate] }),
  fails('after four hours', call('GetCredentialReport'), 'ReportExpired', {
    setup: [generate, { waitMs: 5 * hour }],
  }),
  works(
    'a row for the root user and each user',
    call('GetCredentialReport'),
    {
      ReportFormat: 'text/csv',
      GeneratedTime: '~any',
      Content:
        '~bytes:/^user,arn,user_creation_time,password_enabled,password_last_used,.*cert_2_last_rotated.*\\n<root_account>,arn:aws:iam::123456789012:root,.*\\nlorax,arn:aws:iam::123456789012:user.lorax,/',
    },
    {
      setup: [makeUser, generate, { waitMs: 10_000 }, generate],
      source: reportPage('the columns of the report'),
    },
  ),

  works(
    'everything, with its relations',
    call('GetAccountAuthorizationDetails'),
    {
      UserDetailList: [
        {
          UserName: 'lorax',
          GroupList: ['admins'],
          AttachedManagedPolicies: [{ PolicyName: 'reports', PolicyArn: reports.PolicyArn }],
        },
      ],
      GroupDetailList: [
        {
          GroupName: 'admins',
          GroupPolicyList: [{ PolicyName: 'p', PolicyDocument: `~document:${given.anyDocument}` }],
        },
      ],
      RoleDetailList: [{ ...deployer, AssumeRolePolicyDocument: `~document:${given.trust}` }],
    },
    {
      setup: everything,
      source: api('GetAccountAuthorizationDetails', 'including their relationships to one another'),
    },
  ),
  works(
    'by kind',
    call('GetAccountAuthorizationDetails', { Filter: ['User'] }),
    { UserDetailList: [lorax], GroupDetailList: [], RoleDetailList: [] },
    {
      setup: everything,
      source: api(
        'GetAccountAuthorizationDetails',
        'You can optionally filter the results using the Filter parameter.',
      ),
    },
  ),
  works(
    "the account's own policies, with their documents",
    call('GetAccountAuthorizationDetails', { Filter: ['LocalManagedPolicy'] }),
    {
      Policies: [
        {
          PolicyName: 'reports',
          DefaultVersionId: 'v1',
          AttachmentCount: 1,
          PolicyVersionList: [{ VersionId: 'v1', Document: `~document:${given.anyDocument}` }],
        },
      ],
    },
    { setup: everything },
  ),
  fails(
    'a kind that is none',
    call('GetAccountAuthorizationDetails', { Filter: ['Robot'] }),
    'ValidationError',
    {
      source: model('EntityType'),
    },
  ),

  works(
    'of the administrator',
    call('GetCallerIdentity'),
    { Account: given.account, Arn: '~/^arn:aws:/', UserId: '~any' },
    { source: { kind: 'sts', page: 'GetCallerIdentity' } },
  ),
  works(
    'of a user',
    call('GetCallerIdentity', {}, { as: '$1.AccessKey' }),
    { Account: given.account, Arn: given.arn('user/lorax'), UserId: '$0.User.UserId' },
    {
      setup: [makeUser, call('CreateAccessKey', lorax)],
      source: { kind: 'sts', page: 'GetCallerIdentity' },
    },
  ),
];

/** Lists, with what makes several items and what an item is called. */
const lists: readonly (readonly [string, object, Row['setup'], string])[] = [
  ['ListUsers', {}, [call('CreateUser', { UserName: 'u{i}' }, { times: 3 })], 'Users'],
  ['ListGroups', {}, [call('CreateGroup', { GroupName: 'g{i}' }, { times: 3 })], 'Groups'],
  [
    'ListRoles',
    {},
    [call('CreateRole', { RoleName: 'r{i}', AssumeRolePolicyDocument: given.trust }, { times: 3 })],
    'Roles',
  ],
  [
    'ListPolicies',
    { Scope: 'Local' },
    [call('CreatePolicy', { PolicyName: 'p{i}', PolicyDocument: given.anyDocument }, { times: 3 })],
    'Policies',
  ],
  [
    'ListUserPolicies',
    lorax,
    [
      makeUser,
      call(
        'PutUserPolicy',
        { ...lorax, PolicyName: 'p{i}', PolicyDocument: given.anyDocument },
        { times: 3 },
      ),
    ],
    'PolicyNames',
  ],
  [
    'ListAttachedUserPolicies',
    lorax,
    [
      makeUser,
      call('CreatePolicy', { PolicyName: 'p{i}', PolicyDocument: given.anyDocument }, { times: 3 }),
      call('AttachUserPolicy', { ...lorax, PolicyArn: given.arn('policy/p{i}') }, { times: 3 }),
    ],
    'AttachedPolicies',
  ],
  [
    'ListGroupsForUser',
    lorax,
    [
      makeUser,
      call('CreateGroup', { GroupName: 'g{i}' }, { times: 3 }),
      call('AddUserToGroup', { ...lorax, GroupName: 'g{i}' }, { times: 3 }),
    ],
    'Groups',
  ],
  [
    'GetGroup',
    admins,
    [
      makeGroup,
      call('CreateUser', { UserName: 'u{i}' }, { times: 3 }),
      call('AddUserToGroup', { ...admins, UserName: 'u{i}' }, { times: 3 }),
    ],
    'Users',
  ],
  ['ListPolicyVersions', reports, [makePolicy, { ...given.makeVersion, times: 2 }], 'Versions'],
  [
    'ListUserTags',
    lorax,
    [makeUser, call('TagUser', { ...lorax, Tags: [given.tag('k{i}')] }, { times: 3 })],
    'Tags',
  ],
  [
    'ListVirtualMFADevices',
    {},
    [call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'p{i}' }, { times: 3 })],
    'VirtualMFADevices',
  ],
  [
    'GetAccountAuthorizationDetails',
    { Filter: ['User'] },
    [call('CreateUser', { UserName: 'u{i}' }, { times: 3 })],
    'UserDetailList',
  ],
];

/** Index of the first answer after the set-up. */
const after = (setup: Row['setup']): number => setup.length;

export const pagination: readonly Row[] = [
  ...lists.flatMap(([op, input, setup, field]) => [
    works(
      'the first page',
      call(op, { ...input, MaxItems: 2 }),
      {
        [field]: ['~any', '~any'],
        IsTruncated: true,
        Marker: '~any',
      },
      { setup },
    ),
    works(
      'the last page',
      call(op, { ...input, MaxItems: 2, Marker: `$${after(setup)}.Marker` }),
      { [field]: ['~any'], IsTruncated: false, Marker: '~absent' },
      { setup: [...setup, call(op, { ...input, MaxItems: 2 })] },
    ),
  ]),
  works(
    'a hundred unless told otherwise',
    call('ListUsers'),
    { IsTruncated: true, Marker: '~any' },
    {
      setup: [call('CreateUser', { UserName: 'u{i}' }, { times: 101 })],
      source: api('ListUsers', 'If you do not include this parameter, the number of items defaults to 100.'),
    },
  ),
  works(
    'as many as asked for, up to a thousand',
    call('ListUsers', { MaxItems: 1000 }),
    {
      IsTruncated: false,
      Marker: '~absent',
    },
    {
      setup: [call('CreateUser', { UserName: 'u{i}' }, { times: 101 })],
      source: model('maxItemsType'),
    },
  ),
  works(
    'with what came meanwhile',
    call('ListUsers', { Marker: '$1.Marker' }),
    { Users: [{ UserName: 'u1' }, { UserName: 'u2' }, { UserName: 'zzz' }] },
    {
      setup: [
        call('CreateUser', { UserName: 'u{i}' }, { times: 3 }),
        call('ListUsers', { MaxItems: 1 }),
        call('CreateUser', { UserName: 'zzz' }),
      ],
      source: api('ListUsers', pages),
    },
  ),
  fails('no items', call('ListUsers', { MaxItems: 0 }), 'ValidationError', { source: model('maxItemsType') }),
  fails('1,001 items', call('ListUsers', { MaxItems: 1001 }), 'ValidationError', {
    source: model('maxItemsType'),
  }),
  fails('a marker never given out', call('ListUsers', { Marker: 'abc' }), 'ValidationError', {
    source: api('ListUsers', 'Set it to the value of the Marker element in the response that you received'),
  }),
];
