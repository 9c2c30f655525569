import { arn } from '../conformance/given.ts';
import { call, type Call } from '../conformance/row.ts';
import { error, type Case, type Expected, type Step } from './case.ts';

/** The tests of IAM without those of service-linked roles. */

const nothing: Expected = { ok: {} };
const trustOf = (statement: object) => ({ Version: '2012-10-17', Statement: [statement] });
const trusting = (service: string) =>
  trustOf({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
const listing = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['lambda:ListFunctions'], Resource: ['*'] }],
});

/** A call whose answer was recorded under a name. */
export const recorded = (entry: string, made: Call, expected: Expected): Step => ({
  ...made,
  entry,
  expected,
});

/** A role as CreateRole answers it, without its longest session. */
export const newRole = (
  name: string,
  trust: object,
  { path = '/', ...more }: Record<string, unknown> = {},
) => ({
  Path: path,
  RoleName: name,
  RoleId: '~/^AROA/',
  Arn: arn(`role${path as string}${name}`),
  CreateDate: '~any',
  AssumeRolePolicyDocument: trust,
  ...more,
});
const listedRole = (...args: Parameters<typeof newRole>) => ({
  ...newRole(...args),
  MaxSessionDuration: 3600,
});
const fullRole = (...args: Parameters<typeof newRole>) => ({ ...listedRole(...args), RoleLastUsed: {} });
const roleList = (role: object): Expected => ({ ok: { Roles: [role], IsTruncated: false } });

export const makeRole = (name: string, trust: object, more: object = {}): Call =>
  call('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust), ...more });

const policy = {
  PolicyName: 'lister',
  PolicyId: '~/^ANPA/',
  Arn: arn('policy/lister'),
  Path: '/',
  DefaultVersionId: 'v1',
  AttachmentCount: 0,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: true,
  CreateDate: '~any',
  UpdateDate: '~any',
};

/** Attaching by what is no ARN, by a name, by the ARN of nothing, by an ARN. */
function attaching(test: string, make: Call, op: string, holder: object): Case {
  const attach = (PolicyArn: string): Call => call(op, { ...holder, PolicyArn });
  const unparsed = error('ValidationError', 400, 'Invalid ARN:  Could not be parsed!');
  const none = arn('policy/lister123');
  return {
    test: `TestIAMIntegrations::${test}`,
    steps: [
      make,
      recorded(
        'create_policy_response',
        call('CreatePolicy', { PolicyName: 'lister', PolicyDocument: listing }),
        { ok: { Policy: policy } },
      ),
      recorded('non_existent_malformed_policy_arn', attach('a-long-name-that-is-no-arn'), unparsed),
      recorded('existing_policy_name_provided', attach('lister-by-its-own-name'), unparsed),
      recorded(
        'valid_arn_not_existent',
        attach(none),
        error('NoSuchEntity', 404, `Policy ${none} does not exist or is not attachable.`),
      ),
      recorded('valid_policy_arn', attach(arn('policy/lister')), nothing),
    ],
  };
}

const tags = [{ Key: 'test', Value: 'value' }];
const ec2 = trusting('ec2.amazonaws.com');
const inLists = trustOf({
  Effect: 'Allow',
  Principal: { Service: ['ec2.amazonaws.com'] },
  Action: ['sts:AssumeRole'],
});
const lambda = trusting('lambda.amazonaws.com');

const roles: readonly Case[] = [
  {
    test: 'TestIAMExtensions::test_create_role_with_malformed_assume_role_policy_document',
    steps: [
      recorded(
        'invalid-json',
        call('CreateRole', {
          RoleName: 'broken',
          AssumeRolePolicyDocument:
            '{"Version":"2012-10-17","Statement":[{"Action":"sts:AssumeRole","Principal":"*","Effect":"Allow",}]}',
        }),
        error('MalformedPolicyDocument', 400, 'This policy contains invalid Json'),
      ),
    ],
  },
  {
    test: 'TestIAMExtensions::test_role_with_path_lifecycle',
    steps: [
      recorded('create-role-response', makeRole('path-role', lambda, { Path: '/paths/' }), {
        ok: { Role: newRole('path-role', lambda, { path: '/paths/' }) },
      }),
      recorded('get-role-response', call('GetRole', { RoleName: 'path-role' }), {
        ok: { Role: fullRole('path-role', lambda, { path: '/paths/' }) },
      }),
      recorded('delete-role-response', call('DeleteRole', { RoleName: 'path-role' }), nothing),
    ],
  },
  {
    test: 'TestIAMIntegrations::test_update_assume_role_policy',
    steps: [
      recorded('created_role', makeRole('again', inLists), { ok: { Role: newRole('again', inLists) } }),
      recorded(
        'updated_policy',
        call('UpdateAssumeRolePolicy', { RoleName: 'again', PolicyDocument: JSON.stringify(inLists) }),
        nothing,
      ),
    ],
  },
  {
    test: 'TestIAMIntegrations::test_create_describe_role',
    steps: [
      recorded('create_role_result', makeRole('told', ec2, { Path: '/told-of/' }), {
        ok: { Role: newRole('told', ec2, { path: '/told-of/' }) },
      }),
      recorded('get_role_result', call('GetRole', { RoleName: 'told' }), {
        ok: { Role: fullRole('told', ec2, { path: '/told-of/' }) },
      }),
      recorded(
        'list_roles_result',
        call('ListRoles', { PathPrefix: '/told-of/' }),
        roleList(listedRole('told', ec2, { path: '/told-of/' })),
      ),
    ],
  },
  {
    test: 'TestIAMIntegrations::test_list_roles_with_permission_boundary',
    steps: [
      recorded('created_role', makeRole('bounded', ec2, { Path: '/bounded/' }), {
        ok: { Role: newRole('bounded', ec2, { path: '/bounded/' }) },
      }),
      call('CreatePolicy', { PolicyName: 'lister', PolicyDocument: listing }),
      call('PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary: '$1.Policy.Arn' }),
      recorded(
        'list_roles_result',
        call('ListRoles', { PathPrefix: '/bounded/' }),
        roleList(listedRole('bounded', ec2, { path: '/bounded/' })),
      ),
    ],
  },
  attaching('test_role_attach_policy', makeRole('holder', ec2), 'AttachRolePolicy', { RoleName: 'holder' }),
  attaching('test_user_attach_policy', call('CreateUser', { UserName: 'holder' }), 'AttachUserPolicy', {
    UserName: 'holder',
  }),
  {
    test: 'TestIAMIntegrations::test_delete_non_existent_policy_returns_no_such_entity',
    steps: [
      recorded(
        'delete-non-existent-policy-exc',
        call('DeletePolicy', { PolicyArn: arn('policy/non-existent-policy') }),
        error('NoSuchEntity', 404, `Policy ${arn('policy/non-existent-policy')} was not found.`),
      ),
    ],
  },
  {
    test: 'TestRoles::test_role_with_tags',
    steps: [
      recorded('create-role-response', makeRole('tagged', ec2, { Path: '/role-with-tags/', Tags: tags }), {
        ok: { Role: newRole('tagged', ec2, { path: '/role-with-tags/', Tags: tags }) },
      }),
      recorded('get-role-response', call('GetRole', { RoleName: 'tagged' }), {
        ok: { Role: fullRole('tagged', ec2, { path: '/role-with-tags/', Tags: tags }) },
      }),
      recorded(
        'list-role-response',
        call('ListRoles', { PathPrefix: '/role-with-tags/' }),
        roleList(listedRole('tagged', ec2, { path: '/role-with-tags/' })),
      ),
    ],
  },
];

/** Documents come back as they were sent, with what was escaped in them still escaped. */
const escapedArn = encodeURIComponent('arn:aws:apigateway:us-east-1::/restapis/aaeeieije');
const escapedDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['apigatway:PUT'],
      Resource: [`arn:aws:apigateway:us-east-1::/tags/${escapedArn}`],
    },
  ],
};
const inline = { PolicyName: 'escaped', PolicyDocument: JSON.stringify(escapedDocument) };
const escapedTrust = trustOf({
  Effect: 'Allow',
  Principal: { Service: 'lambda.amazonaws.com' },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'aws:SourceArn': escapedArn } },
});
const got = (holder: object): Expected => ({
  ok: { ...holder, PolicyName: 'escaped', PolicyDocument: escapedDocument },
});

const encoding: readonly Case[] = [
  {
    test: 'TestIAMPolicyEncoding::test_put_user_policy_encoding',
    steps: [
      call('CreateUser', { UserName: 'ada' }),
      call('PutUserPolicy', { UserName: 'ada', ...inline }),
      recorded(
        'get-policy-response',
        call('GetUserPolicy', { UserName: 'ada', PolicyName: 'escaped' }),
        got({ UserName: 'ada' }),
      ),
    ],
  },
  {
    test: 'TestIAMPolicyEncoding::test_put_role_policy_encoding',
    steps: [
      recorded('create-role-response', makeRole('escaping', escapedTrust, { Path: '/escaped/' }), {
        ok: { Role: newRole('escaping', escapedTrust, { path: '/escaped/' }) },
      }),
      call('PutRolePolicy', { RoleName: 'escaping', ...inline }),
      recorded(
        'get-policy-response',
        call('GetRolePolicy', { RoleName: 'escaping', PolicyName: 'escaped' }),
        got({ RoleName: 'escaping' }),
      ),
      recorded('get-role-response', call('GetRole', { RoleName: 'escaping' }), {
        ok: { Role: fullRole('escaping', escapedTrust, { path: '/escaped/' }) },
      }),
      recorded(
        'list-roles-response',
        call('ListRoles', { PathPrefix: '/escaped/' }),
        roleList(listedRole('escaping', escapedTrust, { path: '/escaped/' })),
      ),
    ],
  },
  {
    test: 'TestIAMPolicyEncoding::test_put_group_policy_encoding',
    steps: [
      call('CreateGroup', { GroupName: 'web' }),
      call('PutGroupPolicy', { GroupName: 'web', ...inline }),
      recorded(
        'get-policy-response',
        call('GetGroupPolicy', { GroupName: 'web', PolicyName: 'escaped' }),
        got({ GroupName: 'web' }),
      ),
    ],
  },
];

/** What a principal's policies allow; the statement stands at the same place in each. */
const matched = [
  {
    SourcePolicyId: '~any',
    SourcePolicyType: 'IAM Policy',
    StartPosition: { Line: 1, Column: 41 },
    EndPosition: { Line: 1, Column: 113 },
  },
];
const simulated = (action: string, decision: string, MatchedStatements: readonly object[]) => ({
  EvalActionName: action,
  EvalResourceName: 'arn:aws:s3:::bucket',
  EvalDecision: decision,
  EvalDecisionDetails: {},
  MatchedStatements,
  MissingContextValues: [],
  OrganizationsDecisionDetail: { AllowedByOrganizations: true },
  ResourceSpecificResults: [
    {
      EvalResourceName: 'arn:aws:s3:::bucket',
      EvalResourceDecision: decision,
      MatchedStatements,
      MissingContextValues: [],
    },
  ],
});

const simulation: readonly Case[] = (
  [
    ['role', makeRole('simulated', trusting('apigateway.amazonaws.com')), 'AttachRolePolicy', 'RoleName'],
    ['group', call('CreateGroup', { GroupName: 'simulated' }), 'AttachGroupPolicy', 'GroupName'],
    ['user', call('CreateUser', { UserName: 'simulated' }), 'AttachUserPolicy', 'UserName'],
  ] as const
).map(([kind, make, attach, name]) => ({
  test: `TestIAMIntegrations::test_simulate_principle_policy[${kind}]`,
  steps: [
    call('CreatePolicy', {
      PolicyName: 'putter',
      // The position that AWS tells depends on the spaces, which are those of Python's JSON.
      PolicyDocument:
        '{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}',
    }),
    make,
    call(attach, { [name]: 'simulated', PolicyArn: '$0.Policy.Arn' }),
    recorded(
      'response',
      call('SimulatePrincipalPolicy', {
        PolicySourceArn: arn(`${kind}/simulated`),
        ActionNames: ['s3:PutObject', 's3:GetObjectVersion'],
        ResourceArns: ['arn:aws:s3:::bucket'],
      }),
      {
        ok: {
          EvaluationResults: [
            simulated('s3:PutObject', 'allowed', matched),
            simulated('s3:GetObjectVersion', 'implicitDeny', []),
          ],
          IsTruncated: false,
        },
      },
    ),
  ],
}));

const ada = { UserName: 'ada' };
const makeAda = recorded('create-user-response', call('CreateUser', ada), {
  ok: {
    User: { Path: '/', UserName: 'ada', UserId: '~/^AIDA/', Arn: arn('user/ada'), CreateDate: '~any' },
  },
});
const credential = (service: string, more: object = {}) => ({
  UserName: 'ada',
  ServiceName: service,
  ServiceUserName: 'ada-at-123456789012',
  ServiceSpecificCredentialId: '~/^ACCA/',
  Status: 'Active',
  CreateDate: '~any',
  ...more,
});
const codecommit = 'codecommit.amazonaws.com';
const make = (service: string): Step =>
  recorded(
    'create-service-specific-credential-response',
    call('CreateServiceSpecificCredential', { ...ada, ServiceName: service }),
    { ok: { ServiceSpecificCredential: credential(service, { ServicePassword: '~any' }) } },
  );
const id = { ServiceSpecificCredentialId: '$1.ServiceSpecificCredential.ServiceSpecificCredentialId' };
const listed = (entry: string, service: string, ...found: readonly object[]): Step =>
  recorded(entry, call('ListServiceSpecificCredentials', { ...ada, ServiceName: service }), {
    ok: { ServiceSpecificCredentials: found },
  });
const unsupported = (service: string): Expected =>
  error('NoSuchEntity', 404, `No such service ${service} is supported for Service Specific Credentials`);
const creating = (entry: string, user: string, service: string, expected: Expected): Step =>
  recorded(
    entry,
    call('CreateServiceSpecificCredential', { UserName: user, ServiceName: service }),
    expected,
  );

/** The three calls that change a credential, each refused. */
const refused = (user: string, credentialId: object, what: string, expected: Expected): readonly Step[] =>
  (['update', 'reset', 'delete'] as const).map((verb) =>
    recorded(
      `${verb}-wrong-${what}`,
      call(`${verb.charAt(0).toUpperCase()}${verb.slice(1)}ServiceSpecificCredential`, {
        UserName: user,
        ...credentialId,
        ...(verb === 'update' ? { Status: 'Inactive' } : {}),
      }),
      expected,
    ),
  );

const lifecycle = (service: string): Case => ({
  test: `TestIAMServiceSpecificCredentials::test_service_specific_credential_lifecycle[${service}]`,
  steps: [
    makeAda,
    make(service),
    listed('list-service-specific-credentials-response-before-update', service, credential(service)),
    recorded(
      'update-service-specific-credential-response',
      call('UpdateServiceSpecificCredential', { ...ada, ...id, Status: 'Inactive' }),
      nothing,
    ),
    listed(
      'list-service-specific-credentials-response-after-update',
      service,
      credential(service, { Status: 'Inactive' }),
    ),
    recorded(
      'reset-service-specific-credential-response',
      call('ResetServiceSpecificCredential', { ...ada, ...id }),
      {
        ok: {
          ServiceSpecificCredential: credential(service, { Status: 'Inactive', ServicePassword: '~any' }),
        },
      },
    ),
    recorded(
      'delete-service-specific-credentials-response',
      call('DeleteServiceSpecificCredential', { ...ada, ...id }),
      nothing,
    ),
  ],
});

const unknownUser = (name: string): Expected =>
  error('NoSuchEntity', 404, `The user with name ${name} cannot be found.`);

const credentials: readonly Case[] = [
  lifecycle(codecommit),
  lifecycle('cassandra.amazonaws.com'),
  {
    test: 'TestIAMServiceSpecificCredentials::test_create_service_specific_credential_invalid_user',
    steps: [
      creating(
        'invalid-user-name-exception',
        'non-existent-user',
        codecommit,
        unknownUser('non-existent-user'),
      ),
      creating(
        'invalid-user-and-service-exception',
        'non-existent-user',
        'nonexistentservice.amazonaws.com',
        unknownUser('non-existent-user'),
      ),
    ],
  },
  {
    test: 'TestIAMServiceSpecificCredentials::test_create_service_specific_credential_invalid_service',
    steps: [
      makeAda,
      ...(
        [
          ['invalid-service-exception', 'nonexistentservice.amazonaws.com'],
          ['invalid-service-completely-malformed-exception', 'o3on3n3onosneo'],
          ['invalid-service-existing-but-unsupported-exception', 'lambda.amazonaws.com'],
        ] as const
      ).map(([entry, service]) => creating(entry, 'ada', service, unsupported(service))),
    ],
  },
  {
    test: 'TestIAMServiceSpecificCredentials::test_list_service_specific_credential_different_service',
    steps: [
      makeAda,
      recorded(
        'list-service-specific-credentials-invalid-service',
        call('ListServiceSpecificCredentials', { ...ada, ServiceName: 'nonexistentservice.amazonaws.com' }),
        unsupported('nonexistentservice.amazonaws.com'),
      ),
      make(codecommit),
      listed('list-service-specific-credentials-response-wrong-service', 'cassandra.amazonaws.com'),
    ],
  },
  {
    test: 'TestIAMServiceSpecificCredentials::test_delete_user_after_service_credential_created',
    steps: [
      makeAda,
      make(codecommit),
      recorded(
        'delete-user-existing-credential',
        call('DeleteUser', ada),
        error('DeleteConflict', 409, 'Cannot delete entity, must remove referenced objects first.'),
      ),
    ],
  },
  {
    test: 'TestIAMServiceSpecificCredentials::test_id_match_user_mismatch',
    steps: [
      makeAda,
      make(codecommit),
      ...refused('wrong-user-name', id, 'user-name', unknownUser('wrong-user-name')),
    ],
  },
  ...(
    [
      [
        'totally-wrong-credential-id-with-hyphens',
        error(
          'ValidationError',
          400,
          "1 validation error detected: Value at 'serviceSpecificCredentialId' failed to satisfy constraint: " +
            'Member must satisfy regular expression pattern: [\\w]+',
        ),
      ],
      [
        'satisfiesregexbutstillinvalid',
        error('NoSuchEntity', 404, 'No such credential satisfiesregexbutstillinvalid exists'),
      ],
    ] as const
  ).map(([wrong, expected]) => ({
    test: `TestIAMServiceSpecificCredentials::test_user_match_id_mismatch[${wrong}]`,
    steps: [
      makeAda,
      make(codecommit),
      ...refused('ada', { ServiceSpecificCredentialId: wrong }, 'id', expected),
    ],
  })),
  {
    test: 'TestIAMServiceSpecificCredentials::test_invalid_update_parameters',
    steps: [
      makeAda,
      make(codecommit),
      recorded(
        'update-invalid-status',
        call('UpdateServiceSpecificCredential', { ...id, Status: 'Invalid' }),
        error(
          'ValidationError',
          400,
          "1 validation error detected: Value at 'status' failed to satisfy constraint: " +
            'Member must satisfy enum value set',
        ),
      ),
    ],
  },
];

export const iam: readonly Case[] = [...roles, ...encoding, ...simulation, ...credentials];
