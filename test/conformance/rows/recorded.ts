import * as given from '../given.ts';
import { call, fails, localstack, stackd, works, type Call, type RawCall, type Row } from '../row.ts';

/** What AWS was recorded to answer where its documents say nothing, or something else. */

const { anyDocument, arn, deployer, document, lorax, makeGroup, makeRole, makeUser, trust } = given;

const notSaid = (member: string, rule: string): string =>
  `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`;

const texts: readonly Row[] = [
  fails('more than a thousand items', call('ListUsers', { MaxItems: 1001 }), 'ValidationError', {
    message: notSaid('maxItems', 'have value less than or equal to 1000'),
    source: stackd('iam/account_reporting', 'IAM does not repeat the wrong value'),
  }),
  fails(
    'a filter that is none',
    call('GetAccountAuthorizationDetails', { Filter: ['Gone'] }),
    'ValidationError',
    {
      message: notSaid(
        'filter',
        'satisfy constraint: [Member must satisfy enum value set: [LocalManagedPolicy, User, AWSManagedPolicy, Role, Group]]',
      ),
      source: stackd('iam/account_reporting', 'of a list, all rules of its members are named'),
    },
  ),
  ...[lorax, deployer].flatMap((whose) =>
    ['k'.repeat(129), 'k!'].map((key) => {
      const of = 'UserName' in whose ? 'User' : 'Role';
      return fails(
        `the key ${key.slice(0, 2)}…, whose rules are told`,
        call(`Untag${of}`, { ...whose, TagKeys: [key] }),
        'ValidationError',
        {
          message: notSaid(
            'tagKeys',
            'satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater ' +
              'than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, ' +
              'Member must not be null]',
          ),
          source: localstack('test_iam_roles::test_role_tag_errors', 'that there must be one is a rule, too'),
        },
      );
    }),
  ),
  ...['GetPolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicyVersion'].map((op) =>
    fails('a version that is none', call(op, { ...given.reports, VersionId: '9' }), 'ValidationError', {
      message: notSaid('versionId', 'satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?'),
      source: localstack('test_iam_managed_policies::test_get_aws_managed_policy_version', 'the text'),
    }),
  ),
  fails(
    'several mistakes',
    call('CreateOpenIDConnectProvider', {
      Url: 'b'.repeat(256),
      ClientIDList: ['b'.repeat(256)],
      ThumbprintList: ['b'.repeat(41)],
    }),
    'ValidationError',
    {
      message:
        '3 validation errors detected: ' +
        [
          ['clientIDList', 255, 1],
          ['thumbprintList', 40, 40],
        ]
          .map(
            ([member, max, min]) =>
              `Value at '${member}' failed to satisfy constraint: Member must satisfy constraint: [Member must have ` +
              `length less than or equal to ${max}, Member must have length greater than or equal to ${min}]; `,
          )
          .join('') +
        "Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255",
      source: localstack(
        'test_iam_oidc::test_create_open_id_connect_provider_validation_errors',
        'in the order of the alphabet',
      ),
    },
  ),
];

const unusual = {
  paths: ['/team', 'team/', '/ space/', '/del\u007f/', '/\u00e9/', '//', '/team/\n', '/line\n/'],
  names: ['end\n', '\u00e9'],
};
const shown = (text: string): string => JSON.stringify(text);

const pathsAndNames: readonly Row[] = (['User', 'Group'] as const).flatMap((kind) => {
  const name = { [`${kind}Name`]: 'lorax' };
  const source = stackd('iam/identity_inputs', 'paths and names of users and groups');
  const make = call(`Create${kind}`, name);
  return [
    ...unusual.paths.flatMap((Path) => [
      fails(`the path ${shown(Path)}`, call(make.op, { ...name, Path }), 'ValidationError', { source }),
      fails(`the path ${shown(Path)}`, call(`Update${kind}`, { ...name, NewPath: Path }), 'ValidationError', {
        setup: [make],
        source,
      }),
    ]),
    works(
      'a path with an empty part',
      call(make.op, { ...name, Path: '/a//b/' }),
      { [kind]: { Path: '/a//b/' } },
      { source },
    ),
    ...unusual.names.flatMap((text) =>
      [make.op, `Get${kind}`].map((op) =>
        fails(`the name ${shown(text)}`, call(op, { [`${kind}Name`]: text }), 'ValidationError', { source }),
      ),
    ),
  ];
});

const inlineNames: readonly Row[] = (
  [
    ['User', makeUser, lorax],
    ['Group', makeGroup, given.admins],
    ['Role', makeRole, deployer],
  ] as const
).flatMap(([kind, make, holder]) => {
  const put = (PolicyName: string, PolicyDocument: string): Call =>
    call(`Put${kind}Policy`, { ...holder, PolicyName, PolicyDocument });
  const source = stackd('iam/policy_management', 'inline names have no case');
  const setup = [make, put('MixedName', anyDocument), put('mixedname', document({ Effect: 'Deny' }))];
  return [
    works(
      'two names that differ in case are one, in the first spelling',
      call(`List${kind}Policies`, holder),
      { PolicyNames: ['MixedName'] },
      { setup, source },
    ),
    works(
      'a name in another case, which the answer repeats',
      call(`Get${kind}Policy`, { ...holder, PolicyName: 'MIXEDNAME' }),
      { PolicyName: 'MIXEDNAME', PolicyDocument: `~document:${document({ Effect: 'Deny' })}` },
      { setup, source },
    ),
    works(
      'a name in another case is deleted',
      call(`List${kind}Policies`, holder),
      { PolicyNames: [] },
      { setup: [...setup, call(`Delete${kind}Policy`, { ...holder, PolicyName: 'mIxEdNaMe' })], source },
    ),
  ];
});

/** Four policies: one of them nowhere, the others attached, boundaries, or both. */
const labels = ['unused', 'attached', 'boundary', 'both'] as const;
const policyOf = (label: string) => ({ PolicyArn: arn(`policy/four/${label}`) });
const four: readonly Call[] = [
  ...labels.map((PolicyName) =>
    call('CreatePolicy', { PolicyName, Path: '/four/', PolicyDocument: anyDocument }),
  ),
  makeUser,
  makeGroup,
  makeRole,
  call('AttachUserPolicy', { ...lorax, ...policyOf('attached') }),
  call('AttachGroupPolicy', { ...given.admins, ...policyOf('attached') }),
  call('AttachRolePolicy', { ...deployer, ...policyOf('attached') }),
  call('AttachGroupPolicy', { ...given.admins, ...policyOf('both') }),
  call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: policyOf('boundary').PolicyArn }),
  call('PutRolePermissionsBoundary', { ...deployer, PermissionsBoundary: policyOf('both').PolicyArn }),
];
const everyone = { users: [lorax], groups: [given.admins], roles: [deployer] };
const nobody = { users: [], groups: [], roles: [] };
const source = stackd('iam/policy_management', 'filters of policies and of their holders');

const filters: readonly Row[] = [
  ...(
    [
      [undefined, undefined, ['attached', 'both', 'boundary', 'unused']],
      [undefined, 'PermissionsPolicy', ['attached', 'both', 'boundary', 'unused']],
      [undefined, 'PermissionsBoundary', ['attached', 'both', 'boundary', 'unused']],
      [false, 'PermissionsBoundary', ['attached', 'both', 'boundary', 'unused']],
      [true, undefined, ['attached', 'both', 'boundary']],
      [true, 'PermissionsPolicy', ['attached', 'both']],
      [true, 'PermissionsBoundary', ['both', 'boundary']],
    ] as const
  ).map(([OnlyAttached, PolicyUsageFilter, found]) =>
    works(
      `OnlyAttached ${OnlyAttached}, PolicyUsageFilter ${PolicyUsageFilter}`,
      call('ListPolicies', {
        Scope: 'Local',
        PathPrefix: '/four/',
        ...(OnlyAttached === undefined ? {} : { OnlyAttached }),
        ...(PolicyUsageFilter === undefined ? {} : { PolicyUsageFilter }),
      }),
      { Policies: found.map((PolicyName) => ({ PolicyName })) },
      { setup: four, source },
    ),
  ),
  ...(
    [
      ['unused', undefined, undefined, nobody],
      ['attached', undefined, undefined, everyone],
      ['attached', undefined, 'PermissionsPolicy', everyone],
      ['attached', undefined, 'PermissionsBoundary', nobody],
      ['boundary', undefined, undefined, { ...nobody, users: [lorax] }],
      ['boundary', undefined, 'PermissionsPolicy', nobody],
      ['boundary', undefined, 'PermissionsBoundary', { ...nobody, users: [lorax] }],
      ['both', undefined, undefined, { ...everyone, users: [] }],
      ['both', undefined, 'PermissionsPolicy', { ...nobody, groups: [given.admins] }],
      ['both', undefined, 'PermissionsBoundary', { ...nobody, roles: [deployer] }],
      ['both', 'User', undefined, nobody],
      ['both', 'Group', undefined, { ...nobody, groups: [given.admins] }],
      ['both', 'Group', 'PermissionsBoundary', nobody],
      ['both', 'Role', 'PermissionsPolicy', nobody],
      ['both', 'Role', 'PermissionsBoundary', { ...nobody, roles: [deployer] }],
      ['both', 'LocalManagedPolicy', undefined, nobody],
      ['both', 'AWSManagedPolicy', 'PermissionsBoundary', nobody],
    ] as const
  ).map(([label, EntityFilter, PolicyUsageFilter, { users, groups, roles }]) =>
    works(
      `of ${label}: EntityFilter ${EntityFilter}, PolicyUsageFilter ${PolicyUsageFilter}`,
      call('ListEntitiesForPolicy', {
        ...policyOf(label),
        ...(EntityFilter === undefined ? {} : { EntityFilter }),
        ...(PolicyUsageFilter === undefined ? {} : { PolicyUsageFilter }),
      }),
      { PolicyUsers: users, PolicyGroups: groups, PolicyRoles: roles },
      { setup: four, source },
    ),
  ),
];

const { codes, enablePhone, makePhone, phone } = given;
const other = { UserName: 'other' };
const mfa = (says: string) => stackd('iam/mfa', says);
const invalidForUser = {
  message: 'MFA Device invalid for user.',
  source: mfa('a device that the user has not'),
};
const devices: readonly Row[] = [
  works(
    'with tags, which lists leave out',
    call('ListVirtualMFADevices', { AssignmentStatus: 'Unassigned' }),
    { VirtualMFADevices: [{ ...phone, Tags: '~absent', User: '~absent', EnableDate: '~absent' }] },
    {
      setup: [call('CreateVirtualMFADevice', { ...makePhone.input, Tags: [given.tag('owner')] })],
      source: mfa('lists have no tags'),
    },
  ),
  fails('one that is there', makePhone, 'EntityAlreadyExists', {
    setup: [makePhone],
    message: 'MFA device already exists.',
    source: mfa('the text'),
  }),
  ...(['DeactivateMFADevice', 'ResyncMFADevice'] as const).flatMap((op) => {
    const of = (user: object): Call =>
      call(op, { ...user, ...phone, ...(op === 'ResyncMFADevice' ? codes : {}) });
    return [
      fails('of nobody yet', of(lorax), 'NoSuchEntity', { setup: [makeUser, makePhone], ...invalidForUser }),
      fails('of somebody else', of(other), 'NoSuchEntity', {
        setup: [makeUser, makePhone, enablePhone, call('CreateUser', other)],
        ...invalidForUser,
      }),
    ];
  }),
  fails(
    'the same code twice',
    call('EnableMFADevice', { ...enablePhone.input, AuthenticationCode2: codes.AuthenticationCode1 }),
    'InvalidAuthenticationCode',
    {
      setup: [makeUser, makePhone],
      message: 'Authentication code for device is not valid.',
      source: mfa('the text'),
    },
  ),
  fails('which the user has', enablePhone, 'EntityAlreadyExists', {
    setup: [makeUser, makePhone, enablePhone],
    message: 'MFA Device for user lorax already exists.',
    source: mfa('the text'),
  }),
  fails(
    'which another has',
    call('EnableMFADevice', { ...enablePhone.input, ...other }),
    'EntityAlreadyExists',
    {
      setup: [makeUser, makePhone, enablePhone, call('CreateUser', other)],
      message: 'MFA Device is already in use.',
      source: mfa('the text'),
    },
  ),
  fails('a virtual one', call('GetMFADevice', { ...lorax, ...phone }), 'ValidationError', {
    setup: [makeUser, makePhone, enablePhone],
    message:
      'The MFA device serial number sent in the request is invalid or not supported by this API. Currently, only ' +
      'hardware FIDO security keys are supported. Please use the compatible device or API.',
    source: mfa('of security keys only'),
  }),
  fails('that somebody has', call('DeleteVirtualMFADevice', phone), 'DeleteConflict', {
    setup: [makeUser, makePhone, enablePhone],
    message: 'MFA VirtualDevice in use. Must deactivate first.',
    source: mfa('the text'),
  }),
  fails('with a device and a key', call('DeleteUser', lorax), 'DeleteConflict', {
    setup: [makeUser, makePhone, enablePhone, call('CreateAccessKey', lorax)],
    message: 'Cannot delete entity, must remove tokens from principal first.',
    source: mfa('devices come before keys'),
  }),
];

const reporting = (says: string) => stackd('iam/account_reporting', says);
const details = (kind: string): Call => call('GetAccountAuthorizationDetails', { Filter: [kind] });
/** A page of one thing. */
const sectionsOf = (Filter: readonly string[]): readonly Call[] => [
  ...four,
  call('GetAccountAuthorizationDetails', { Filter, MaxItems: 1 }),
];
const makeVersion = call('CreatePolicyVersion', { ...policyOf('unused'), PolicyDocument: anyDocument });
const makeTold = call('CreatePolicy', {
  PolicyName: 'told',
  Path: '/four/',
  PolicyDocument: anyDocument,
  Description: 'What it is for',
  Tags: [{ Key: 'team', Value: 'x' }],
});
const account: readonly Row[] = [
  works(
    'of a user without policies',
    details('User'),
    {
      UserDetailList: [
        { ...lorax, GroupList: [], AttachedManagedPolicies: [], Tags: [], UserPolicyList: '~absent' },
      ],
      GroupDetailList: [],
      RoleDetailList: [],
      Policies: [],
    },
    { setup: [makeUser], source: reporting('users have no empty list of policies') },
  ),
  works(
    'of a group without policies',
    details('Group'),
    { GroupDetailList: [{ ...given.admins, GroupPolicyList: [], AttachedManagedPolicies: [] }] },
    { setup: [makeGroup], source: reporting('groups have') },
  ),
  works(
    'of a role without policies',
    details('Role'),
    {
      RoleDetailList: [
        {
          RolePolicyList: [],
          AttachedManagedPolicies: [],
          InstanceProfileList: [],
          Tags: [],
          RoleLastUsed: {},
        },
      ],
    },
    { setup: [makeRole], source: reporting('roles have') },
  ),
  works(
    'of a policy, without its description',
    details('LocalManagedPolicy'),
    { Policies: [{ PolicyName: 'told', Description: '~absent', Tags: '~absent' }] },
    { setup: [makeTold], source: reporting('GetPolicy alone tells the description and the tags') },
  ),
  works(
    'tells the description and the tags',
    call('GetPolicy', policyOf('told')),
    { Policy: { Description: 'What it is for', Tags: [{ Key: 'team', Value: 'x' }] } },
    { setup: [makeTold], source: reporting('GetPolicy alone tells the description and the tags') },
  ),
  fails(
    'a marker that was never given out',
    call('GetAccountAuthorizationDetails', { Filter: ['User'], Marker: 'not-an-aws-marker' }),
    'ValidationError',
    { message: 'Marker and Filter do not match', source: reporting('the text') },
  ),
  ...(
    [
      ['nothing uses', [], 0],
      ['a boundary uses', four.slice(4), 3],
      ['a user has, of AWS', [makeUser, call('AttachUserPolicy', { ...lorax, ...given.readOnly })], 1],
      [
        'bound a user, of AWS',
        [
          makeUser,
          call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: given.readOnly.PolicyArn }),
        ],
        1,
      ],
    ] as const
  ).map(([about, uses, inUse]) =>
    works(
      `versions that ${about}`,
      call('GetAccountSummary'),
      { SummaryMap: { Policies: 4, PolicyVersionsInUse: inUse } },
      {
        setup: [...four.slice(0, 4), makeVersion, ...uses],
        source: reporting('in use is the version in force of what is attached or a boundary'),
      },
    ),
  ),
];

const sections: readonly Row[] = [
  ...(
    [
      [['Role', 'Group'], { RoleDetailList: [deployer], GroupDetailList: [] }],
      [['Role', 'LocalManagedPolicy'], { RoleDetailList: [deployer], Policies: [] }],
      [['LocalManagedPolicy', 'Group'], { GroupDetailList: [given.admins], Policies: [] }],
      [['Group', 'User'], { UserDetailList: [lorax], GroupDetailList: [] }],
    ] as const
  ).map(([Filter, first]) =>
    works(
      `what comes first of ${Filter.join(' and ')}`,
      call('GetAccountAuthorizationDetails', { Filter, MaxItems: 1 }),
      { ...first, IsTruncated: true },
      { setup: four, source: reporting('users, roles, groups, policies') },
    ),
  ),
  works(
    'a marker of no filter, with the filter of all',
    call('GetAccountAuthorizationDetails', {
      Filter: ['AWSManagedPolicy', 'LocalManagedPolicy', 'Role', 'Group', 'User'],
      MaxItems: 1,
      Marker: `$${four.length}.Marker`,
    }),
    { UserDetailList: [], RoleDetailList: [deployer] },
    { setup: sectionsOf([]), source: reporting('no filter is the filter of all') },
  ),
  ...(
    [
      [[], ['User', 'Group', 'Role', 'LocalManagedPolicy'], 'Invalid Marker.'],
      [['Group', 'User', 'LocalManagedPolicy'], [], 'Invalid Marker.'],
      [['Group', 'User', 'LocalManagedPolicy'], ['Group'], 'Marker and Filter do not match'],
    ] as const
  ).map(([before, Filter, message]) =>
    fails(
      `a marker of ${before.join(', ') || 'no filter'}, with ${Filter.join(', ') || 'none'}`,
      call('GetAccountAuthorizationDetails', { Filter, MaxItems: 1, Marker: `$${four.length}.Marker` }),
      'ValidationError',
      { setup: sectionsOf(before), message, source: reporting('the two texts') },
    ),
  ),
];

const noPolicyArn = arn('not_a_policy/invalid');
const boundaries: readonly Row[] = [
  [makeRole, call('PutRolePermissionsBoundary', deployer)] as const,
  [makeUser, call('PutUserPermissionsBoundary', lorax)] as const,
  [null, makeRole] as const,
  [null, makeUser] as const,
].map(([setup, { op, input }]) =>
  fails(
    'a boundary that is no policy',
    call(op, { ...input, PermissionsBoundary: noPolicyArn }),
    'InvalidInput',
    {
      setup: setup ? [setup] : [],
      message: `ARN ${noPolicyArn} is not valid.`,
      source: localstack('test_iam_roles::test_role_permissions_boundary_errors', 'the text'),
    },
  ),
);

const providerTags: readonly Row[] = (
  [
    ['OpenIDConnectProvider', given.makeOidc, given.oidc],
    ['SAMLProvider', given.makeSaml, given.saml],
  ] as const
).flatMap(([kind, make, provider]) =>
  [call(`Tag${kind}`, { ...provider, Tags: [] }), call(`Untag${kind}`, { ...provider, TagKeys: [] })].map(
    (made) =>
      fails('none', made, 'InvalidInput', {
        setup: [make],
        source: stackd('iam/resource_inputs', 'tags of providers: at least one'),
      }),
  ),
);

const cell = '[^,]*,';
const report: readonly Row[] = [
  works(
    'dates end in Z, and active keys come first',
    call('GetCredentialReport'),
    {
      Content:
        `~bytes:/\\nlorax,arn:aws:iam::123456789012:user\\/lorax,[-\\dT:]+Z,false,N\\/A,N\\/A,N\\/A,false,` +
        `true,[-\\dT:]+Z,${cell.repeat(3)}false,[-\\dT:]+Z,/`,
    },
    {
      setup: [
        makeUser,
        call('CreateAccessKey', lorax),
        call('CreateAccessKey', lorax),
        call('UpdateAccessKey', {
          ...lorax,
          AccessKeyId: '$1.AccessKey.AccessKeyId',
          Status: 'Inactive',
        }),
        call('GenerateCredentialReport'),
        { waitMs: 5000 },
      ],
      source: stackd('iam/credential_report', 'the rows of users'),
    },
  ),
  works(
    'the account itself comes first',
    call('GetCredentialReport'),
    {
      Content: '~bytes:/^user,arn,.*\\n<root_account>,arn:aws:iam::123456789012:root,[-\\dT:]+Z,true,/',
      ReportFormat: 'text/csv',
    },
    {
      setup: [call('GenerateCredentialReport'), { waitMs: 5000 }],
      source: stackd('iam/credential_report', 'the row of the account'),
    },
  ),
];

const git = { ServiceName: 'codecommit.amazonaws.com' };
const paging: readonly Row[] = [
  works(
    'a page of one',
    call('ListServiceSpecificCredentials', { ...lorax, MaxItems: 1 }),
    { ServiceSpecificCredentials: [lorax], IsTruncated: true, Marker: '~any' },
    {
      setup: [makeUser, call('CreateServiceSpecificCredential', { ...lorax, ...git }, { times: 2 })],
      source: stackd('iam/pagination_inputs', 'pages of credentials'),
    },
  ),
  works(
    'whoever asks for no page is told of none',
    call('ListServiceSpecificCredentials', lorax),
    { ServiceSpecificCredentials: [lorax], IsTruncated: '~absent' },
    {
      setup: [makeUser, call('CreateServiceSpecificCredential', { ...lorax, ...git })],
      source: localstack('test_service_specific_credential_lifecycle', 'no IsTruncated'),
    },
  ),
];

const longText = 'x'.repeat(1000);
const roleTexts: readonly Row[] = [
  works(
    'what is not given stays',
    call('GetRole', deployer),
    { Role: { Description: 'Deploys', MaxSessionDuration: 7200 } },
    {
      setup: [
        call('CreateRole', {
          ...deployer,
          AssumeRolePolicyDocument: trust,
          Description: 'Deploys',
          MaxSessionDuration: 7200,
        }),
        call('UpdateRole', deployer),
      ],
      source: stackd('iam/resource_inputs', 'UpdateRole of nothing changes nothing'),
    },
  ),
  ...['UpdateRole', 'UpdateRoleDescription'].flatMap((op) => [
    works(
      `a description of nothing (${op})`,
      call('GetRole', deployer),
      { Role: { Description: '' } },
      {
        setup: [makeRole, call(op, { ...deployer, Description: '' })],
        source: stackd('iam/resource_inputs', 'an empty description is one'),
      },
    ),
    fails(
      'a description of 1001 letters',
      call(op, { ...deployer, Description: '\u00e9'.repeat(1001) }),
      'ValidationError',
      { setup: [makeRole], source: stackd('iam/resource_inputs', '1000 letters, whatever their bytes') },
    ),
  ]),
  works(
    'a description of 1000 letters, and of none',
    call('GetRole', deployer),
    { Role: { Description: longText.replaceAll('x', '\u00e9') } },
    {
      setup: [
        call('CreateRole', {
          ...deployer,
          AssumeRolePolicyDocument: trust,
          Description: longText.replaceAll('x', '\u00e9'),
        }),
      ],
      source: stackd('iam/resource_inputs', '1000 letters, whatever their bytes'),
    },
  ),
];

const s3 = (name: string): string => `arn:aws:s3:::b/${name}`;
const simulations: readonly Row[] = [
  works(
    'of several resources: all statements that fit, and of each its own',
    call('SimulateCustomPolicy', {
      PolicyInputList: [
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Effect: 'Allow', Action: 's3:GetObject', Resource: s3('open') },
            { Effect: 'Deny', Action: 's3:GetObject', Resource: s3('shut') },
          ],
        }),
      ],
      ActionNames: ['s3:GetObject'],
      ResourceArns: [s3('open'), s3('shut'), s3('else')],
    }),
    {
      EvaluationResults: [
        {
          EvalDecision: 'explicitDeny',
          MatchedStatements: [
            { SourcePolicyType: 'IAM Policy', StartPosition: { Line: 1, Column: 38 } },
            { SourcePolicyType: 'IAM Policy', StartPosition: { Line: 1, Column: 113 } },
          ],
          MissingContextValues: [],
          ResourceSpecificResults: [
            { EvalResourceDecision: 'allowed', MatchedStatements: [{ StartPosition: { Column: 38 } }] },
            { EvalResourceDecision: 'explicitDeny', MatchedStatements: [{ StartPosition: { Column: 113 } }] },
            {
              EvalResourceDecision: 'implicitDeny',
              MatchedStatements: '~absent',
              MissingContextValues: '~absent',
            },
          ],
        },
      ],
    },
    { source: stackd('iam/conditions', 'mixed_allow_explicit_and_implicit_deny') },
  ),
];

/** Numbers, truth values and lists as no client sends them. */
const raw = (op: string, parameters: Readonly<Record<string, string>>): RawCall => ({
  op,
  raw: new URLSearchParams({ Action: op, Version: '2010-05-08', ...parameters }).toString(),
});
const onWire: readonly Row[] = [
  ...['01', '+1'].map((MaxItems) =>
    works(
      `MaxItems ${shown(MaxItems)}`,
      raw('ListUsers', { MaxItems }),
      {},
      {
        source: stackd('iam/pagination_inputs', 'leading zeros and a plus are taken'),
      },
    ),
  ),
  ...[' 1 ', '1.0', '1e0', '2147483648'].map((MaxItems) =>
    fails(`MaxItems ${shown(MaxItems)}`, raw('ListUsers', { MaxItems }), 'MalformedInput', {
      source: stackd('iam/pagination_inputs', 'a whole number of 32 bits, and nothing around it'),
    }),
  ),
  ...['true', 'false', '1', '0'].map((OnlyAttached) =>
    works(
      `OnlyAttached ${shown(OnlyAttached)}`,
      raw('ListPolicies', { OnlyAttached }),
      {},
      {
        source: stackd('iam/credential_inputs', 'four words for two values'),
      },
    ),
  ),
  ...['True', 'FALSE', ' true', '', 'null', 'anything'].map((OnlyAttached) =>
    fails(`OnlyAttached ${shown(OnlyAttached)}`, raw('ListPolicies', { OnlyAttached }), 'MalformedInput', {
      source: stackd('iam/credential_inputs', 'four words for two values'),
    }),
  ),
  ...['0', '-1', '+1', 'one'].map((index) =>
    fails(
      `Filter.member.${index}`,
      raw('GetAccountAuthorizationDetails', { [`Filter.member.${index}`]: 'User' }),
      'MalformedInput',
      { source: stackd('iam/query_collections', 'a list counts from one') },
    ),
  ),
];

export const recorded: readonly Row[] = [
  ...texts,
  ...pathsAndNames,
  ...inlineNames,
  ...filters,
  ...roleTexts,
  ...devices,
  ...account,
  ...sections,
  ...boundaries,
  ...providerTags,
  ...report,
  ...paging,
  ...simulations,
  ...onWire,
];
