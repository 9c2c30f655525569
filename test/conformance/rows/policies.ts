import * as given from '../given.ts';
import { api, call, fails, guide, model, quotaPage, works, type Call, type Row } from '../row.ts';

const { admins, deployer, lorax, makeGroup, makePolicy, makeRole, makeUser, makeVersion } = given;
const { anyDocument, document, noPolicy, notAnArn, readOnly, reports, tag } = given;
const policy = [makePolicy];
const encoded = 'Policies returned by this operation are URL-encoded compliant with RFC 3986.';
const five = 'A managed policy can have up to five versions.';

/** `Resource` of a document so large that its text without white space has more than `size` characters. */
const large = (size: number): string => document({ Resource: `arn:aws:s3:::${'x'.repeat(size)}` });

/** The three kinds of holder, which have the same operations for policies. */
const holders: readonly {
  readonly kind: 'User' | 'Group' | 'Role';
  readonly name: Readonly<Record<string, string>>;
  readonly make: Call;
  readonly inlineQuota: number;
}[] = [
  { kind: 'User', name: lorax, make: makeUser, inlineQuota: 2048 },
  { kind: 'Group', name: admins, make: makeGroup, inlineQuota: 5120 },
  { kind: 'Role', name: deployer, make: makeRole, inlineQuota: 10_240 },
];
const nobody = { UserName: 'nobody', GroupName: 'nobody', RoleName: 'nobody' };
const without = (name: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(nobody).filter(([field]) => field in name));

const ofHolders = holders.flatMap(({ kind, name, make, inlineQuota }): Row[] => {
  const none = without(name);
  const put = call(`Put${kind}Policy`, { ...name, PolicyName: 'p', PolicyDocument: anyDocument });
  const attach = call(`Attach${kind}Policy`, { ...name, ...reports });
  const attachedPolicyArns = [make, makePolicy, attach];
  const inline = { PolicyName: 'p' };
  return [
    works('stores', put, {}, { setup: [make] }),
    works(
      'replaces',
      put,
      {},
      {
        setup: [make, put],
        source: api(`Put${kind}Policy`, 'Adds or updates an inline policy document'),
      },
    ),
    fails('of nobody', call(put.op, { ...put.input, ...none }), 'NoSuchEntity'),
    fails('no JSON', call(put.op, { ...put.input, PolicyDocument: '{' }), 'MalformedPolicyDocument', {
      setup: [make],
    }),
    fails(
      `more than ${inlineQuota} characters`,
      call(put.op, { ...put.input, PolicyDocument: large(inlineQuota) }),
      'LimitExceeded',
      {
        setup: [make],
        source: quotaPage(`the sum of a ${kind.toLowerCase()}'s inline policies: ${inlineQuota}`),
      },
    ),
    works(
      'white space does not count',
      call(put.op, {
        ...put.input,
        PolicyDocument: `${anyDocument.slice(0, -1)}${' '.repeat(inlineQuota)}}`,
      }),
      {},
      { setup: [make], source: quotaPage('IAM does not count white space') },
    ),
    works(
      'answers the document URL-encoded',
      call(`Get${kind}Policy`, { ...name, ...inline }),
      { ...name, PolicyName: 'p', PolicyDocument: `~document:${anyDocument}` },
      { setup: [make, put], source: api(`Get${kind}Policy`, encoded) },
    ),
    fails('that is not there', call(`Get${kind}Policy`, { ...name, ...inline }), 'NoSuchEntity', {
      setup: [make],
    }),
    fails('of nobody', call(`Get${kind}Policy`, { ...none, ...inline }), 'NoSuchEntity'),
    works(
      'names',
      call(`List${kind}Policies`, name),
      { PolicyNames: ['p'] },
      {
        setup: [make, put],
      },
    ),
    works(
      'of one without any',
      call(`List${kind}Policies`, name),
      { PolicyNames: [] },
      {
        setup: [make],
      },
    ),
    fails('of nobody', call(`List${kind}Policies`, none), 'NoSuchEntity'),
    works('removes', call(`Delete${kind}Policy`, { ...name, ...inline }), {}, { setup: [make, put] }),
    fails('that is not there', call(`Delete${kind}Policy`, { ...name, ...inline }), 'NoSuchEntity', {
      setup: [make],
    }),
    fails('of nobody', call(`Delete${kind}Policy`, { ...none, ...inline }), 'NoSuchEntity'),

    works("a policy of AWS's", call(attach.op, { ...name, ...readOnly }), {}, { setup: [make] }),
    works('a policy of the account', attach, {}, { setup: [make, makePolicy] }),
    fails('to nobody', call(attach.op, { ...none, ...reports }), 'NoSuchEntity', { setup: policy }),
    fails('a policy that is not there', call(attach.op, { ...name, ...noPolicy }), 'NoSuchEntity', {
      setup: [make],
    }),
    fails('no ARN', call(attach.op, { ...name, ...notAnArn }), 'ValidationError', {
      ...given.unparsed,
      setup: [make],
    }),
    fails(
      'a policy for service roles',
      call(attach.op, { ...name, ...given.serviceRolePolicy }),
      'PolicyNotAttachable',
      {
        setup: [make],
      },
    ),
    fails('an eleventh', call(attach.op, { ...name, PolicyArn: given.arn('policy/p10') }), 'LimitExceeded', {
      setup: [
        make,
        call('CreatePolicy', { PolicyName: 'p{i}', PolicyDocument: anyDocument }, { times: 11 }),
        call(attach.op, { ...name, PolicyArn: given.arn('policy/p{i}') }, { times: 10 }),
      ],
      source: quotaPage(`Managed policies attached to an IAM ${kind.toLowerCase()}: 10`),
    }),
    works(
      'lists name and ARN',
      call(`ListAttached${kind}Policies`, name),
      { AttachedPolicies: [{ PolicyName: 'reports', ...reports }] },
      { setup: attachedPolicyArns },
    ),
    works(
      'below a path',
      call(`ListAttached${kind}Policies`, { ...name, PathPrefix: '/team/' }),
      { AttachedPolicies: [{ PolicyName: 'b' }] },
      {
        setup: [
          ...attachedPolicyArns,
          call('CreatePolicy', { PolicyName: 'b', Path: '/team/', PolicyDocument: anyDocument }),
          call(attach.op, { ...name, PolicyArn: given.arn('policy/team/b') }),
        ],
      },
    ),
    fails('of nobody', call(`ListAttached${kind}Policies`, none), 'NoSuchEntity'),
    works(
      'detaches',
      call(`Detach${kind}Policy`, { ...name, ...reports }),
      {},
      { setup: attachedPolicyArns },
    ),
    fails('that is not attached', call(`Detach${kind}Policy`, { ...name, ...reports }), 'NoSuchEntity', {
      setup: [make],
    }),
    fails('from nobody', call(`Detach${kind}Policy`, { ...none, ...reports }), 'NoSuchEntity'),
    fails('no ARN', call(`Detach${kind}Policy`, { ...name, ...notAnArn }), 'ValidationError', {
      ...given.unparsed,
      setup: [make],
    }),
  ];
});

/** Calls that take a policy's ARN, with the rest of their input. */
const byArn: readonly (readonly [string, object])[] = [
  ['CreatePolicyVersion', { PolicyDocument: anyDocument }],
  ['DeletePolicy', {}],
  ['DeletePolicyVersion', { VersionId: 'v1' }],
  ['GetPolicy', {}],
  ['GetPolicyVersion', { VersionId: 'v1' }],
  ['ListEntitiesForPolicy', {}],
  ['ListPolicyTags', {}],
  ['ListPolicyVersions', {}],
  ['SetDefaultPolicyVersion', { VersionId: 'v1' }],
  ['TagPolicy', { Tags: [tag('a')] }],
  ['UntagPolicy', { TagKeys: ['a'] }],
];

const managed: readonly Row[] = [
  works(
    'answers the policy with its ARN and id',
    call('CreatePolicy', {
      PolicyName: 'reports',
      Path: '/team/',
      PolicyDocument: anyDocument,
      Description: 'd',
    }),
    {
      Policy: {
        PolicyName: 'reports',
        PolicyId: '~/^ANPA[A-Z0-9]{16,}$/',
        Arn: given.arn('policy/team/reports'),
        Path: '/team/',
        DefaultVersionId: 'v1',
        AttachmentCount: 0,
        PermissionsBoundaryUsageCount: 0,
        IsAttachable: true,
        CreateDate: '~any',
        UpdateDate: '~any',
      },
    },
    { source: guide('reference_identifiers', 'ANPA: Managed policy') },
  ),
  fails('the name is taken', makePolicy, 'EntityAlreadyExists', { setup: policy }),
  fails(
    'the name is taken in another case',
    call('CreatePolicy', { PolicyName: 'Reports', PolicyDocument: anyDocument }),
    'EntityAlreadyExists',
    { setup: policy, source: api('CreatePolicy', 'Names are not distinguished by case.') },
  ),
  fails(
    'the name is taken on another path',
    call('CreatePolicy', { PolicyName: 'reports', Path: '/x/', PolicyDocument: anyDocument }),
    'EntityAlreadyExists',
    {
      setup: policy,
      source: api(
        'CreatePolicy',
        'IAM user, group, role, and policy names must be unique within the account.',
      ),
    },
  ),
  fails(
    'a document larger than 6,144 characters',
    call('CreatePolicy', { PolicyName: 'p', PolicyDocument: large(6144) }),
    'LimitExceeded',
    { source: quotaPage('The size of each managed policy cannot exceed 6,144 characters') },
  ),
  fails(
    'a tag key twice',
    call('CreatePolicy', { PolicyName: 'p', PolicyDocument: anyDocument, ...given.sameTagTwice }),
    'InvalidInput',
  ),
  fails('a policy more than the quota', makePolicy, 'LimitExceeded', {
    setup: [call('CreatePolicy', { PolicyName: 'p{i}', PolicyDocument: anyDocument }, { times: 2 })],
    options: { quotas: { policiesPerAccount: 2 } },
  }),
  fails(
    'a path with a character that other paths may have',
    call('CreatePolicy', { PolicyName: 'p', Path: '/a!b/', PolicyDocument: anyDocument }),
    'ValidationError',
    { source: model('policyPathType') },
  ),
  fails(
    'a description of 1,001 characters',
    call('CreatePolicy', { PolicyName: 'p', Description: 'd'.repeat(1001), PolicyDocument: anyDocument }),
    'ValidationError',
    { source: model('policyDescriptionType') },
  ),
  fails(
    'a document with characters that documents cannot have',
    call('CreatePolicy', { PolicyName: 'p', PolicyDocument: document({ Sid: 'Ā' }) }),
    'ValidationError',
    { source: model('policyDocumentType') },
  ),

  works(
    'with its description',
    call('GetPolicy', reports),
    { Policy: { Description: 'd', AttachmentCount: 0 } },
    {
      setup: [call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: anyDocument, Description: 'd' })],
      source: api('GetPolicy', 'This element is included in the response to the GetPolicy operation.'),
    },
  ),
  works(
    'counts what it is attached to, and whose boundary it is',
    call('GetPolicy', reports),
    { Policy: { AttachmentCount: 2, PermissionsBoundaryUsageCount: 1 } },
    {
      setup: [
        makePolicy,
        call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
        makeGroup,
        call('AttachUserPolicy', { ...lorax, ...reports }),
        call('AttachGroupPolicy', { ...admins, ...reports }),
      ],
      source: api(
        'GetPolicy',
        'The number of entities (users and roles) for which the policy is used to set the permissions boundary.',
      ),
    },
  ),
  works("of AWS's", call('GetPolicy', readOnly), { Policy: { PolicyName: 'ReadOnlyAccess', Path: '/' } }),
  works(
    "the account's own",
    call('ListPolicies', { Scope: 'Local' }),
    {
      Policies: [{ PolicyName: 'reports', Description: '~absent', Tags: '~absent' }],
    },
    {
      setup: policy,
      source: api(
        'ListPolicies',
        'To list only the customer managed policies in your Amazon Web Services account, set Scope to Local.',
      ),
    },
  ),
  works(
    'those in use',
    call('ListPolicies', { OnlyAttached: true }),
    {
      Policies: [{ PolicyName: 'reports', AttachmentCount: 1 }],
    },
    {
      setup: [makePolicy, makeUser, call('AttachUserPolicy', { ...lorax, ...reports })],
      source: api(
        'ListPolicies',
        'the returned list contains only the policies that are attached to an IAM user, group, or role',
      ),
    },
  ),
  works(
    'those used as a boundary',
    call('ListPolicies', { PolicyUsageFilter: 'PermissionsBoundary', OnlyAttached: true, Scope: 'Local' }),
    {
      Policies: [{ PolicyName: 'reports' }],
    },
    {
      setup: [
        makePolicy,
        call('CreatePolicy', { PolicyName: 'other', PolicyDocument: anyDocument }),
        call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
      ],
      source: api('ListPolicies', 'To list only the policies used to set permissions boundaries'),
    },
  ),
  fails('a scope that is none', call('ListPolicies', { Scope: 'Mine' }), 'ValidationError', {
    source: model('policyScopeType'),
  }),

  works('of one version, attached to nothing', call('DeletePolicy', reports), {}, { setup: policy }),
  fails('attached to a user', call('DeletePolicy', reports), 'DeleteConflict', {
    setup: [makePolicy, makeUser, call('AttachUserPolicy', { ...lorax, ...reports })],
    source: api('DeletePolicy', 'you must first detach the policy from all users, groups, and roles'),
  }),
  fails('attached to a group', call('DeletePolicy', reports), 'DeleteConflict', {
    setup: [makePolicy, makeGroup, call('AttachGroupPolicy', { ...admins, ...reports })],
    source: api('DeletePolicy', 'you must first detach the policy from all users, groups, and roles'),
  }),
  fails('attached to a role', call('DeletePolicy', reports), 'DeleteConflict', {
    setup: [makePolicy, makeRole, call('AttachRolePolicy', { ...deployer, ...reports })],
    source: api('DeletePolicy', 'you must first detach the policy from all users, groups, and roles'),
  }),
  fails('used as a boundary', call('DeletePolicy', reports), 'DeleteConflict', {
    setup: [makePolicy, call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn })],
    source: guide('access_policies_boundaries', 'a policy in use as a boundary cannot be deleted'),
  }),
  fails('with further versions', call('DeletePolicy', reports), 'DeleteConflict', {
    setup: [makePolicy, makeVersion],
    source: api('DeletePolicy', "you must delete all the policy's versions"),
  }),

  works(
    'answers the version',
    makeVersion,
    { PolicyVersion: { VersionId: 'v2', IsDefaultVersion: false } },
    {
      setup: policy,
    },
  ),
  works(
    'a version that becomes the default',
    call('CreatePolicyVersion', { ...makeVersion.input, SetAsDefault: true }),
    {
      PolicyVersion: { VersionId: 'v2', IsDefaultVersion: true },
    },
    { setup: policy },
  ),
  works(
    'numbers are never used again',
    makeVersion,
    { PolicyVersion: { VersionId: 'v3' } },
    {
      setup: [makePolicy, makeVersion, call('DeletePolicyVersion', { ...reports, VersionId: 'v2' })],
      source: guide(
        'access_policies_managed-versioning',
        'version identifiers increase and are not used again',
      ),
    },
  ),
  fails('a sixth version', makeVersion, 'LimitExceeded', {
    setup: [makePolicy, { ...makeVersion, times: 4 }],
    source: api('CreatePolicyVersion', five),
  }),
  fails(
    'no JSON',
    call('CreatePolicyVersion', { ...reports, PolicyDocument: '{' }),
    'MalformedPolicyDocument',
    {
      setup: policy,
    },
  ),
  works(
    'answers the document URL-encoded',
    call('GetPolicyVersion', { ...reports, VersionId: 'v1' }),
    {
      PolicyVersion: { VersionId: 'v1', IsDefaultVersion: true, Document: `~document:${anyDocument}` },
    },
    { setup: policy, source: api('GetPolicyVersion', encoded) },
  ),
  works(
    'answers any text byte for byte',
    call('GetPolicyVersion', { ...reports, VersionId: 'v1' }),
    {
      PolicyVersion: {
        Document: `~document:${document({ Resource: 'arn:aws:s3:::a b/(c)*!\'~ü&<>"%' })}`,
      },
    },
    {
      setup: [
        call('CreatePolicy', {
          PolicyName: 'reports',
          PolicyDocument: document({ Resource: 'arn:aws:s3:::a b/(c)*!\'~ü&<>"%' }),
        }),
      ],
      source: api('GetPolicyVersion', encoded),
    },
  ),
  fails('no such version', call('GetPolicyVersion', { ...reports, VersionId: 'v7' }), 'NoSuchEntity', {
    setup: policy,
  }),
  fails(
    'a version id that is none',
    call('GetPolicyVersion', { ...reports, VersionId: '7' }),
    'ValidationError',
    {
      setup: policy,
      source: model('policyVersionIdType'),
    },
  ),
  works(
    'without documents',
    call('ListPolicyVersions', reports),
    {
      Versions: [{ VersionId: 'v1', IsDefaultVersion: true, Document: '~absent' }],
    },
    {
      setup: policy,
      source: api(
        'ListPolicyVersions',
        'It is not returned in the response to the CreatePolicyVersion or ListPolicyVersions operations.',
      ),
    },
  ),
  works(
    'of another version than the default',
    call('DeletePolicyVersion', { ...reports, VersionId: 'v2' }),
    {},
    {
      setup: [makePolicy, makeVersion],
    },
  ),
  fails('of the default', call('DeletePolicyVersion', { ...reports, VersionId: 'v1' }), 'DeleteConflict', {
    setup: [makePolicy, makeVersion],
    source: api(
      'DeletePolicyVersion',
      'You cannot delete the default version from a policy using this operation.',
    ),
  }),
  fails('no such version', call('DeletePolicyVersion', { ...reports, VersionId: 'v9' }), 'NoSuchEntity', {
    setup: policy,
  }),
  works(
    'switches',
    call('SetDefaultPolicyVersion', { ...reports, VersionId: 'v2' }),
    {},
    {
      setup: [makePolicy, makeVersion],
    },
  ),
  works(
    'of a switched policy',
    call('GetPolicy', reports),
    { Policy: { DefaultVersionId: 'v2' } },
    {
      setup: [makePolicy, makeVersion, call('SetDefaultPolicyVersion', { ...reports, VersionId: 'v2' })],
      source: api(
        'SetDefaultPolicyVersion',
        "Sets the specified version of the specified policy as the policy's default (operative) version.",
      ),
    },
  ),
  fails('no such version', call('SetDefaultPolicyVersion', { ...reports, VersionId: 'v9' }), 'NoSuchEntity', {
    setup: policy,
  }),

  works('adds', call('TagPolicy', { ...reports, Tags: [tag('a')] }), {}, { setup: policy }),
  fails('a key twice', call('TagPolicy', { ...reports, ...given.sameTagTwice }), 'InvalidInput', {
    setup: policy,
  }),
  fails('a 51st tag', call('TagPolicy', { ...reports, Tags: [tag('k50')] }), 'LimitExceeded', {
    setup: [makePolicy, call('TagPolicy', { ...reports, Tags: [tag('k{i}')] }, { times: 50 })],
    source: quotaPage('Tags that can be attached to a customer managed policy: 50'),
  }),
  works('removes', call('UntagPolicy', { ...reports, TagKeys: ['a'] }), {}, { setup: policy }),
  works(
    'of a policy',
    call('ListPolicyTags', reports),
    { Tags: [{ Key: 'a', Value: 'x' }] },
    {
      setup: [makePolicy, call('TagPolicy', { ...reports, Tags: [tag('a')] })],
    },
  ),
  works(
    'users, groups and roles',
    call('ListEntitiesForPolicy', reports),
    {
      PolicyGroups: [admins],
      PolicyUsers: [lorax],
      PolicyRoles: [deployer],
    },
    {
      setup: [
        makePolicy,
        ...holders.flatMap(({ kind, name, make }) => [
          make,
          call(`Attach${kind}Policy`, { ...name, ...reports }),
        ]),
      ],
    },
  ),
  works(
    'users only',
    call('ListEntitiesForPolicy', { ...reports, EntityFilter: 'User' }),
    {
      PolicyGroups: [],
      PolicyUsers: [{ ...lorax, UserId: '$1.User.UserId' }],
    },
    {
      setup: [
        makePolicy,
        ...holders.flatMap(({ kind, name, make }) => [
          make,
          call(`Attach${kind}Policy`, { ...name, ...reports }),
        ]),
      ],
    },
  ),
  works(
    'as a boundary',
    call('ListEntitiesForPolicy', { ...reports, PolicyUsageFilter: 'PermissionsBoundary' }),
    {
      PolicyUsers: [lorax],
    },
    {
      setup: [
        makePolicy,
        call('CreateUser', { ...lorax, PermissionsBoundary: reports.PolicyArn }),
        makeGroup,
        call('AttachGroupPolicy', { ...admins, ...reports }),
      ],
      source: api('ListEntitiesForPolicy', 'To list only the policies used to set permissions boundaries'),
    },
  ),
  ...byArn.flatMap(([op, input]) => [
    fails('that is not there', call(op, { ...noPolicy, ...input }), 'NoSuchEntity'),
    fails('no ARN', call(op, { ...notAnArn, ...input }), 'ValidationError', given.unparsed),
  ]),
];

export const policies: readonly Row[] = [...ofHolders, ...managed];
