import * as given from '../given.ts';
import { api, call, fails, guide, model, works, type Row, type Shape } from '../row.ts';

const { admins, anyDocument, deployer, document, lorax, makeGroup, makeRole, makeUser, reports } = given;
const denyAll = document({ Effect: 'Deny', Action: '*' });
const all = document({ Action: '*' });
const getObject = { ActionNames: ['s3:GetObject'] };
const custom = (input: object = {}) =>
  call('SimulateCustomPolicy', { PolicyInputList: [anyDocument], ...getObject, ...input });
const principal = (type: string, input: object = {}) =>
  call('SimulatePrincipalPolicy', { PolicySourceArn: given.arn(type), ...getObject, ...input });
const decides = (EvalDecision: string, more: Shape = {}): Shape => ({
  EvaluationResults: [{ EvalActionName: 's3:GetObject', EvalDecision, ...more }],
});
const logic = (says: string) => ({ source: guide('reference_policies_evaluation-logic', says) });
const boundaries = (says: string) => ({ source: guide('access_policies_boundaries', says) });
const quoted = (quote: string, op = 'SimulateCustomPolicy') => ({ source: api(op, quote) });

const put = (kind: string, name: object, PolicyDocument = anyDocument) =>
  call(`Put${kind}Policy`, { ...name, PolicyName: 'p', PolicyDocument });
const user = [makeUser, put('User', lorax)];
/** The date and time of the example of the AWS CLI. */
const time = { ContextKeyName: 'aws:CurrentTime', ContextKeyType: 'date' };
const after = document({ Condition: { DateGreaterThan: { 'aws:CurrentTime': '2018-08-16T12:00:00Z' } } });
const owned = document({ Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a', 's3:prefix': 'b' } } });

const ofPolicies: readonly Row[] = [
  works('an allow', custom(), decides('allowed'), logic('an explicit allow overrides the default')),
  works(
    'the statements that decide',
    custom(),
    decides('allowed', {
      EvalResourceName: '*',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1', SourcePolicyType: 'IAM Policy' }],
    }),
    quoted('A list of the statements in the input policies that determine the result for this scenario.'),
  ),
  works(
    'no statement about the action',
    custom({ PolicyInputList: [document({ Action: 'ec2:*' })] }),
    decides('implicitDeny', { MatchedStatements: [] }),
    logic('by default, all requests are implicitly denied'),
  ),
  works(
    'a deny beside an allow',
    custom({ PolicyInputList: [anyDocument, denyAll] }),
    decides('explicitDeny', { MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.2' }] }),
    quoted('In addition, the deny statement is the only entry included in the result.'),
  ),
  works(
    'a condition that holds',
    custom({
      PolicyInputList: [after],
      ContextEntries: [{ ...time, ContextKeyValues: ['2019-04-25T11:00:00Z'] }],
    }),
    decides('allowed', { MissingContextValues: [] }),
    quoted(
      'Whenever a context key is evaluated in one of the simulated IAM permissions policies, the corresponding value is supplied.',
    ),
  ),
  works(
    'a condition that does not hold',
    custom({
      PolicyInputList: [after],
      ContextEntries: [{ ...time, ContextKeyValues: ['2014-04-25T11:00:00Z'] }],
    }),
    decides('implicitDeny', { MissingContextValues: [] }),
  ),
  works(
    'condition keys that are missing',
    custom({ PolicyInputList: [owned] }),
    decides('implicitDeny', { MissingContextValues: ['aws:PrincipalTag/team', 's3:prefix'] }),
    quoted(
      'A list of context keys that are required by the included input policies but that were not provided by one of the input parameters.',
    ),
  ),
  works(
    'each resource by itself',
    custom({
      PolicyInputList: [document({ Resource: 'arn:aws:s3:::reports/*' })],
      ResourceArns: ['arn:aws:s3:::reports/a', 'arn:aws:s3:::other/a'],
    }),
    {
      EvaluationResults: [
        {
          EvalActionName: 's3:GetObject',
          ResourceSpecificResults: [
            { EvalResourceName: 'arn:aws:s3:::reports/a', EvalResourceDecision: 'allowed' },
            { EvalResourceName: 'arn:aws:s3:::other/a', EvalResourceDecision: 'implicitDeny' },
          ],
        },
      ],
    },
    quoted('Each API in the ActionNames parameter is evaluated for each resource in this list.'),
  ),
  works(
    'without a resource: all',
    custom(),
    decides('allowed', { EvalResourceName: '*', ResourceSpecificResults: '~absent' }),
    quoted('If this parameter is not provided, then the value defaults to * (all resources).'),
  ),
  works(
    'outside the boundary',
    custom({ PermissionsBoundaryPolicyInputList: [document({ Action: 'ec2:*' })] }),
    decides('implicitDeny', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }),
    boundaries('a request outside the boundary is implicitly denied'),
  ),
  works(
    'within the boundary',
    custom({ PermissionsBoundaryPolicyInputList: [all] }),
    decides('allowed', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true } }),
    boundaries('what both the policies and the boundary allow is allowed'),
  ),
  works(
    'the boundary denies',
    custom({ PermissionsBoundaryPolicyInputList: [denyAll] }),
    decides('explicitDeny', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }),
    boundaries('an explicit deny in any of the policies overrides the allow'),
  ),
  works(
    'one page',
    custom({ ActionNames: ['s3:GetObject', 's3:PutObject'], MaxItems: 1 }),
    { ...decides('allowed'), IsTruncated: true, Marker: '~any' },
    quoted('If the output is long, you can use MaxItems and Marker parameters to paginate the results.'),
  ),
  fails(
    'two boundaries',
    custom({ PermissionsBoundaryPolicyInputList: [all, all] }),
    'InvalidInput',
    quoted('You can input only one permissions boundary when you pass a policy to this operation.'),
  ),
  fails(
    'a document that is no policy',
    custom({ PolicyInputList: ['{}'] }),
    'InvalidInput',
    quoted(
      'Each document is specified as a string containing the complete, valid JSON text of an IAM policy.',
    ),
  ),
  fails(
    'a wildcard in the action',
    custom({ ActionNames: ['s3:*'] }),
    'InvalidInput',
    quoted('This operation does not support using wildcards (*) in an action name.'),
  ),
  fails(
    'an action without its service',
    custom({ ActionNames: ['GetObject'] }),
    'InvalidInput',
    quoted('Each operation must include the service identifier, such as iam:CreateUser.'),
  ),
  fails(
    'a caller that is a role',
    custom({ CallerArn: given.arn('role/deployer') }),
    'InvalidInput',
    quoted('You can specify only the ARN of an IAM user.'),
  ),
  fails('an unknown kind of simulation', custom({ ResourceHandlingOption: 'EC2-Nothing' }), 'InvalidInput'),
  fails('an action of two characters', custom({ ActionNames: ['s3'] }), 'ValidationError', {
    source: model('ActionNameType'),
  }),
  fails('an empty document', custom({ PolicyInputList: [''] }), 'ValidationError', {
    source: model('policyDocumentType'),
  }),
  fails(
    'a type of key that is none',
    custom({ ContextEntries: [{ ...time, ContextKeyType: 'text', ContextKeyValues: ['x'] }] }),
    'ValidationError',
    { source: model('ContextKeyTypeEnum') },
  ),
];

const ofPrincipals: readonly Row[] = [
  works('a user', principal('user/lorax'), decides('allowed'), { setup: user }),
  works('a user without policies', principal('user/lorax'), decides('implicitDeny'), { setup: [makeUser] }),
  works('a group', principal('group/admins'), decides('allowed'), {
    setup: [makeGroup, put('Group', admins)],
  }),
  works('a role', principal('role/deployer'), decides('allowed'), {
    setup: [makeRole, put('Role', deployer)],
  }),
  works("a user's groups", principal('user/lorax'), decides('allowed'), {
    setup: [makeUser, makeGroup, call('AddUserToGroup', { ...lorax, ...admins }), put('Group', admins)],
    ...quoted(
      'If you specify a user, then the simulation also includes all of the policies that are attached to groups that the user belongs to.',
      'SimulatePrincipalPolicy',
    ),
  }),
  works(
    'an attached policy',
    principal('user/lorax'),
    decides('allowed', {
      MatchedStatements: [{ SourcePolicyId: 'reports', SourcePolicyType: 'IAM Policy' }],
    }),
    { setup: [makeUser, given.makePolicy, call('AttachUserPolicy', { ...lorax, ...reports })] },
  ),
  works(
    'a policy beside them',
    principal('user/lorax', { PolicyInputList: [denyAll] }),
    decides('explicitDeny'),
    {
      setup: user,
      ...quoted(
        'You can optionally include a list of one or more additional policies specified as strings to include in the simulation.',
        'SimulatePrincipalPolicy',
      ),
    },
  ),
  works(
    'the boundary of the user',
    principal('user/lorax'),
    decides('implicitDeny', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false } }),
    {
      setup: [
        ...user,
        call('CreatePolicy', { PolicyName: 'bounds', PolicyDocument: document({ Action: 'ec2:*' }) }),
        call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: given.arn('policy/bounds') }),
      ],
      ...boundaries('a request outside the boundary is implicitly denied'),
    },
  ),
  works(
    'another boundary in its place',
    principal('user/lorax', { PermissionsBoundaryPolicyInputList: [all] }),
    decides('allowed', { PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: true } }),
    {
      setup: [
        ...user,
        call('CreatePolicy', { PolicyName: 'bounds', PolicyDocument: document({ Action: 'ec2:*' }) }),
        call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: given.arn('policy/bounds') }),
      ],
      ...quoted(
        'then the new permissions boundary policy is used for the simulation.',
        'SimulatePrincipalPolicy',
      ),
    },
  ),
  fails('of nobody', principal('user/nobody'), 'NoSuchEntity'),
  fails('of no group', principal('group/none'), 'NoSuchEntity'),
  fails('of no role', principal('role/none'), 'NoSuchEntity'),
  fails(
    'of a policy',
    principal('policy/reports'),
    'InvalidInput',
    quoted(
      'The Amazon Resource Name (ARN) of a user, group, or role whose policies you want to include in the simulation.',
      'SimulatePrincipalPolicy',
    ),
  ),
  fails(
    'an ARN of 19 characters',
    call('SimulatePrincipalPolicy', { PolicySourceArn: 'arn:aws:iam::1:user', ...getObject }),
    'ValidationError',
    { source: model('arnType') },
  ),
];

export const simulation: readonly Row[] = [...ofPolicies, ...ofPrincipals];
