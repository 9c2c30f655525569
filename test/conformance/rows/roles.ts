import * as given from '../given.ts';
import {
  api,
  call,
  fails,
  guide,
  identityCenter,
  localstack,
  model,
  quotaPage,
  works,
  type Row,
} from '../row.ts';

const { deployer, makePolicy, makeRole, makeServiceRole, serviceRole, reports, tag, trust, anyDocument } =
  given;
const role = [makeRole];
const linked = [makeServiceRole, makePolicy];
const deleteServiceRole = call('DeleteServiceLinkedRole', serviceRole);
const none = { RoleName: 'nobody' };
const largeTrust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: given.account },
      Condition: { StringEquals: { 'sts:ExternalId': 'x'.repeat(2100) } },
    },
  ],
});

/** Calls that change a role: nobody but the service may, when it is linked to one. */
const changes: readonly (readonly [string, object])[] = [
  ['AttachRolePolicy', reports],
  ['DeleteRolePolicy', { PolicyName: 'p' }],
  ['DetachRolePolicy', reports],
  ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: anyDocument }],
  ['UpdateAssumeRolePolicy', { PolicyDocument: trust }],
  ['DeleteRole', {}],
  ['PutRolePermissionsBoundary', { PermissionsBoundary: reports.PolicyArn }],
  ['DeleteRolePermissionsBoundary', {}],
  ['UpdateRole', { MaxSessionDuration: 7200 }],
];
const protectedByAws = [
  'UnmodifiableEntity',
  {
    setup: [given.makeReserved],
    message: `Cannot perform the operation on the protected role '${given.reserved.RoleName}' - this role is only modifiable by AWS`,
    source: identityCenter('troubleshooting', 'roles AWSReservedSSO_ are modified in Identity Center only'),
  },
] as const;

export const roles: readonly Row[] = [
  works(
    'answers the role with its ARN and id',
    call('CreateRole', {
      ...deployer,
      AssumeRolePolicyDocument: trust,
      Path: '/ci/',
      Description: 'Deploys.',
    }),
    {
      Role: {
        Path: '/ci/',
        RoleName: 'deployer',
        RoleId: '~/^AROA[A-Z0-9]{16,}$/',
        Arn: given.arn('role/ci/deployer'),
        CreateDate: '~any',
        AssumeRolePolicyDocument: `~document:${trust}`,
      },
    },
    { source: guide('reference_identifiers', 'AROA: Role') },
  ),
  works(
    'a session lasts an hour at most unless given',
    call('GetRole', deployer),
    {
      Role: { MaxSessionDuration: 3600 },
    },
    {
      setup: role,
      source: api(
        'CreateRole',
        'If you do not specify a value for this setting, the default value of one hour is applied.',
      ),
    },
  ),
  fails('the name is taken', makeRole, 'EntityAlreadyExists', { setup: role }),
  fails(
    'the name is taken in another case',
    call('CreateRole', { RoleName: 'Deployer', AssumeRolePolicyDocument: trust }),
    'EntityAlreadyExists',
    { setup: role, source: api('CreateRole', 'Names are not distinguished by case.') },
  ),
  fails(
    'a trust policy that is no JSON',
    call('CreateRole', { ...deployer, AssumeRolePolicyDocument: '{' }),
    'MalformedPolicyDocument',
  ),
  fails(
    'a trust policy without a principal',
    call('CreateRole', {
      ...deployer,
      AssumeRolePolicyDocument: given.document({ Action: 'sts:AssumeRole' }),
    }),
    'MalformedPolicyDocument',
  ),
  fails(
    'a tag key twice',
    call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust, ...given.sameTagTwice }),
    'InvalidInput',
  ),
  fails(
    'a role more than the quota',
    call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust }),
    'LimitExceeded',
    {
      setup: [call('CreateRole', { RoleName: 'r{i}', AssumeRolePolicyDocument: trust }, { times: 2 })],
      options: { quotas: { rolesPerAccount: 2 } },
    },
  ),
  fails(
    'a trust policy larger than 2,048 characters',
    call('CreateRole', {
      ...deployer,
      AssumeRolePolicyDocument: largeTrust,
    }),
    'LimitExceeded',
    { source: quotaPage('Role trust policy JSON text: 2048 characters') },
  ),
  fails(
    'a session of more than twelve hours',
    call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust, MaxSessionDuration: 43_201 }),
    'ValidationError',
    { source: model('roleMaxSessionDurationType') },
  ),
  fails(
    'a session of less than an hour',
    call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust, MaxSessionDuration: 3599 }),
    'ValidationError',
    { source: model('roleMaxSessionDurationType') },
  ),
  fails(
    'a name of 65 characters',
    call('CreateRole', { RoleName: 'r'.repeat(65), AssumeRolePolicyDocument: trust }),
    'ValidationError',
    { source: model('roleNameType') },
  ),

  works('by name', call('GetRole', deployer), { Role: { RoleId: '$0.Role.RoleId' } }, { setup: role }),
  fails('that is not there', call('GetRole', none), 'NoSuchEntity'),
  works(
    'by path',
    call('ListRoles', { PathPrefix: '/ci/' }),
    { Roles: [{ RoleName: 'b' }] },
    {
      setup: [makeRole, call('CreateRole', { RoleName: 'b', Path: '/ci/', AssumeRolePolicyDocument: trust })],
    },
  ),
  works(
    'without tags',
    call('ListRoles'),
    { Roles: [{ RoleName: 'deployer', Tags: '~absent' }] },
    {
      setup: [call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust, Tags: [tag('a')] })],
      source: api('ListRoles', 'This operation does not return the following attributes'),
    },
  ),
  works(
    'sets',
    call('UpdateRole', { ...deployer, Description: 'New', MaxSessionDuration: 7200 }),
    {},
    {
      setup: role,
    },
  ),
  fails('that is not there', call('UpdateRole', none), 'NoSuchEntity'),
  works(
    'the description of a service-linked role',
    call('UpdateRole', { ...serviceRole, Description: 'New' }),
    {},
    {
      setup: linked,
      source: guide('id_roles_update-service-linked-role', 'the description can be edited'),
    },
  ),
  works(
    'a service-linked role',
    call('TagRole', { ...serviceRole, Tags: [tag('a')] }),
    {},
    {
      setup: linked,
      source: guide('id_roles_create-service-linked-role', 'tags are attached after the role was made'),
    },
  ),
  fails(
    'a service name with a slash',
    call('CreateServiceLinkedRole', { AWSServiceName: 'a/b' }),
    'ValidationError',
    {
      source: model('groupNameType'),
    },
  ),
  fails(
    'larger than 2,048 characters',
    call('UpdateAssumeRolePolicy', { ...deployer, PolicyDocument: largeTrust }),
    'LimitExceeded',
    { setup: role, source: quotaPage('Role trust policy JSON text: 2048 characters') },
  ),
  works(
    'answers the role',
    call('UpdateRoleDescription', { ...deployer, Description: 'New' }),
    {
      Role: { Description: 'New' },
    },
    { setup: role },
  ),
  fails('that is not there', call('UpdateRoleDescription', { ...none, Description: 'New' }), 'NoSuchEntity'),
  works('sets', call('UpdateAssumeRolePolicy', { ...deployer, PolicyDocument: trust }), {}, { setup: role }),
  fails(
    'that is not there',
    call('UpdateAssumeRolePolicy', { ...none, PolicyDocument: trust }),
    'NoSuchEntity',
  ),
  fails(
    'no JSON',
    call('UpdateAssumeRolePolicy', { ...deployer, PolicyDocument: '{' }),
    'MalformedPolicyDocument',
    {
      setup: role,
    },
  ),
  fails(
    'a document of permissions',
    call('UpdateAssumeRolePolicy', { ...deployer, PolicyDocument: anyDocument }),
    'MalformedPolicyDocument',
    { setup: role },
  ),
  works('of a bare role', call('DeleteRole', deployer), {}, { setup: role }),
  fails('that is not there', call('DeleteRole', none), 'NoSuchEntity'),
  fails('with an attached policy', call('DeleteRole', deployer), 'DeleteConflict', {
    setup: [makeRole, makePolicy, call('AttachRolePolicy', { ...deployer, ...reports })],
    source: api(
      'DeleteRole',
      'you must delete the items attached to the role manually, or the deletion fails',
    ),
  }),
  fails('with an inline policy', call('DeleteRole', deployer), 'DeleteConflict', {
    setup: [makeRole, call('PutRolePolicy', { ...deployer, PolicyName: 'p', PolicyDocument: anyDocument })],
    source: api(
      'DeleteRole',
      'you must delete the items attached to the role manually, or the deletion fails',
    ),
  }),

  works('adds', call('TagRole', { ...deployer, Tags: [tag('a')] }), {}, { setup: role }),
  fails('that is not there', call('TagRole', { ...none, Tags: [tag('a')] }), 'NoSuchEntity'),
  fails('a key twice', call('TagRole', { ...deployer, ...given.sameTagTwice }), 'InvalidInput', {
    setup: role,
  }),
  fails('a 51st tag', call('TagRole', { ...deployer, Tags: [tag('k50')] }), 'LimitExceeded', {
    setup: [makeRole, call('TagRole', { ...deployer, Tags: [tag('k{i}')] }, { times: 50 })],
    source: quotaPage('Tags that can be attached to an IAM role: 50'),
  }),
  works('removes', call('UntagRole', { ...deployer, TagKeys: ['a'] }), {}, { setup: role }),
  fails('that is not there', call('UntagRole', { ...none, TagKeys: ['a'] }), 'NoSuchEntity'),
  works(
    'of a role',
    call('ListRoleTags', deployer),
    { Tags: [{ Key: 'a', Value: 'x' }] },
    {
      setup: [makeRole, call('TagRole', { ...deployer, Tags: [tag('a')] })],
    },
  ),
  fails('that is not there', call('ListRoleTags', none), 'NoSuchEntity'),

  works(
    'sets',
    call('PutRolePermissionsBoundary', { ...deployer, PermissionsBoundary: reports.PolicyArn }),
    {},
    { setup: [makeRole, makePolicy] },
  ),
  fails(
    'that is not there',
    call('PutRolePermissionsBoundary', { ...none, PermissionsBoundary: reports.PolicyArn }),
    'NoSuchEntity',
    { setup: [makePolicy] },
  ),
  fails(
    'no ARN',
    call('PutRolePermissionsBoundary', { ...deployer, PermissionsBoundary: given.notAnArn.PolicyArn }),
    'ValidationError',
    { setup: role, ...given.unparsed },
  ),
  works(
    'removes',
    call('DeleteRolePermissionsBoundary', deployer),
    {},
    {
      setup: [
        makeRole,
        makePolicy,
        call('PutRolePermissionsBoundary', { ...deployer, PermissionsBoundary: reports.PolicyArn }),
      ],
    },
  ),
  fails('that is not there', call('DeleteRolePermissionsBoundary', none), 'NoSuchEntity'),

  works(
    'names the role after the service',
    makeServiceRole,
    {
      Role: {
        RoleName: 'AWSServiceRoleForSupport',
        Path: '/aws-service-role/support.amazonaws.com/',
        Arn: given.arn('role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport'),
      },
    },
    { source: guide('id_roles_create-service-linked-role', 'AWSServiceRoleFor') },
  ),
  fails('the role is there', makeServiceRole, 'InvalidInput', {
    setup: linked,
    message:
      'Service role name AWSServiceRoleForSupport has been taken in this account, please try a different suffix.',
    source: localstack('test_service_role_already_exists', 'the name is taken'),
  }),
  works(
    'the policy of the service is attached to its role',
    call('ListAttachedRolePolicies', serviceRole),
    { AttachedPolicies: [{ PolicyName: 'AWSSupportServiceRolePolicy' }] },
    { setup: linked, source: guide('using-service-linked-roles', 'the service defines the permissions') },
  ),
  fails(
    'a suffix for a service that takes none',
    call('CreateServiceLinkedRole', { ...makeServiceRole.input, CustomSuffix: 'mine' }),
    'InvalidInput',
    {
      message: 'Custom suffix is not allowed for support.amazonaws.com',
      source: localstack('test_service_role_lifecycle_custom_suffix_not_allowed', 'of most services'),
    },
  ),
  works(
    'a suffix for a service that takes one',
    call('CreateServiceLinkedRole', { AWSServiceName: 'connect.amazonaws.com', CustomSuffix: 'mine' }),
    { Role: { RoleName: 'AWSServiceRoleForAmazonConnect_mine' } },
    { source: localstack('test_service_role_lifecycle_custom_suffix', 'autoscaling, connect, lexv2') },
  ),
  works(
    'answers a task',
    deleteServiceRole,
    {
      DeletionTaskId:
        '~/^task\\/aws-service-role\\/support\\.amazonaws\\.com\\/AWSServiceRoleForSupport\\/[0-9a-f-]{36}$/',
    },
    { setup: linked, source: localstack('test_service_role_deletion', 'the form of the task') },
  ),
  works(
    'the role is deleted',
    call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: '$2.DeletionTaskId' }),
    { Status: 'SUCCEEDED', Reason: '~absent' },
    { setup: [...linked, deleteServiceRole], source: localstack('test_service_role_deletion', 'then') },
  ),
  fails('the role is gone', call('GetRole', serviceRole), 'NoSuchEntity', {
    setup: [...linked, deleteServiceRole],
  }),
  fails('no such role', call('DeleteServiceLinkedRole', none), 'NoSuchEntity'),
  fails('a role of no service', call('DeleteServiceLinkedRole', deployer), 'NoSuchEntity', { setup: role }),
  fails(
    'a task that is not there',
    call('GetServiceLinkedRoleDeletionStatus', {
      DeletionTaskId: `task/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport/${'0'.repeat(36)}`,
    }),
    'NoSuchEntity',
  ),
  fails(
    'an id that is no task',
    call('GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: 'task' }),
    'InvalidInput',
  ),
  ...changes.map(([op, input]) =>
    fails('of a service-linked role', call(op, { ...serviceRole, ...input }), 'UnmodifiableEntity', {
      setup: linked,
      source: api(op),
    }),
  ),
  ...[
    ...changes,
    ['UpdateRoleDescription', { Description: 'Mine' }] as const,
    ['TagRole', { Tags: [given.tag('team')] }] as const,
    ['UntagRole', { TagKeys: ['team'] }] as const,
  ].map(([op, input]) =>
    fails('of a role of Identity Center', call(op, { ...given.reserved, ...input }), ...protectedByAws),
  ),
  fails(
    'the description of a role of Identity Center',
    call('UpdateRole', { ...given.reserved, Description: 'Mine' }),
    ...protectedByAws,
  ),
  fails('it is in an instance profile', call('DeleteRole', deployer), 'DeleteConflict', {
    setup: [makeRole, given.makeProfile, given.fillProfile],
  }),
];
