import * as given from '../given.ts';
import { call, fails, stackd, works, type Call, type RawCall, type Row } from '../row.ts';

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
  ...onWire,
];
