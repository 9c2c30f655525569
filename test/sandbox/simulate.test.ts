import * as sdk from '@aws-sdk/client-iam';
import type {
  SimulateCustomPolicyCommandInput,
  SimulatePrincipalPolicyCommandInput,
} from '@aws-sdk/client-iam';
import {
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  integer,
  letrec,
  nat,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statementSpans } from '../../src/sandbox/iam/simulation/positions.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { clientOf, policy, sandboxFor, trust } from './helpers.ts';
import { seenVerdicts, verdicts } from './verdicts.ts';

const account = 'arn:aws:iam::123456789012:';
const key = 'arn:aws:s3:::b/k';

/** The answers of a sandbox to simulations, over HTTP. */
async function simulator() {
  const { sandbox, client } = await sandboxFor();
  const custom = (input: Partial<SimulateCustomPolicyCommandInput>) =>
    client.send(
      new sdk.SimulateCustomPolicyCommand({ PolicyInputList: [], ActionNames: ['s3:GetObject'], ...input }),
    );
  const principal = (input: Partial<SimulatePrincipalPolicyCommandInput>) =>
    client.send(
      new sdk.SimulatePrincipalPolicyCommand({
        PolicySourceArn: `${account}user/dale`,
        ActionNames: ['s3:GetObject'],
        ...input,
      }),
    );
  return { sandbox, client, custom, principal };
}

const statement = (fields: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*', ...fields }],
  });

describe('SimulateCustomPolicy', () => {
  it('gives the verdicts of AWS', async () => {
    const { custom } = await simulator();
    const wrong: unknown[] = [];
    const all = [...verdicts, ...seenVerdicts];
    for (const { name, policies, boundary, action, resource, context = {}, verdict, source } of all) {
      const { EvaluationResults: results } = await custom({
        // Policies hold Latin letters only; others are written as escapes.
        PolicyInputList: policies.map((document) =>
          JSON.stringify(document).replace(
            /[^\u0000-\u00ff]/g,
            (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
          ),
        ),
        ...(boundary ? { PermissionsBoundaryPolicyInputList: [JSON.stringify(boundary)] } : {}),
        ActionNames: [action],
        ...(resource === undefined ? {} : { ResourceArns: [resource] }),
        ContextEntries: Object.entries(context).map(([ContextKeyName, values]) => ({
          ContextKeyName: ContextKeyName,
          ContextKeyValues: [...values],
          ContextKeyType: 'stringList',
        })),
      });
      const said = results?.[0]?.EvalDecision;
      if (said !== verdict) wrong.push([name, said, verdict, source]);
    }
    expect(wrong).toEqual([]);
    expect(verdicts.length).toBeGreaterThan(90);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('answers as the example of the AWS CLI', async () => {
    const { custom } = await simulator();
    const PolicyInputList = [
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":' +
        '{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}',
    ];
    const at = (time: string) =>
      custom({
        PolicyInputList,
        ActionNames: ['dynamodb:CreateBackup'],
        ContextEntries: [
          { ContextKeyName: 'aws:CurrentTime', ContextKeyValues: [time], ContextKeyType: 'date' },
        ],
      });
    expect(await at('2019-04-25T11:00:00Z')).toMatchObject({
      IsTruncated: false,
      EvaluationResults: [
        {
          EvalActionName: 'dynamodb:CreateBackup',
          EvalResourceName: '*',
          EvalDecision: 'allowed',
          MatchedStatements: [
            {
              SourcePolicyId: 'PolicyInputList.1',
              SourcePolicyType: 'IAM Policy',
              StartPosition: { Line: 1, Column: 38 },
              EndPosition: { Line: 1, Column: 167 },
            },
          ],
          MissingContextValues: [],
        },
      ],
    });
    const [early] = (await at('2014-04-25T11:00:00Z')).EvaluationResults!;
    expect(early).toMatchObject({ EvalDecision: 'implicitDeny', MatchedStatements: [] });
    expect(early).not.toHaveProperty('ResourceSpecificResults');
  });

  it('shows where the statements are that decide, in a document of many lines', async () => {
    const { custom } = await simulator();
    const document = JSON.stringify(
      {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['s3:*'], Resource: 'arn:aws:s3:::"}]\\/*' },
          { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
          { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' },
        ],
      },
      null,
      4,
    );
    const { EvaluationResults: results } = await custom({
      PolicyInputList: [policy('Allow', 's3:*'), document],
      ActionNames: ['s3:GetObject', 's3:PutObject'],
    });
    const lines = document.split('\n');
    // The second statement begins where the first ends; the third, a deny, stands alone.
    expect(results!.map(({ MatchedStatements }) => MatchedStatements)).toEqual([
      [
        expect.objectContaining({ SourcePolicyId: 'PolicyInputList.1' }),
        {
          SourcePolicyId: 'PolicyInputList.2',
          SourcePolicyType: 'IAM Policy',
          StartPosition: { Line: 10, Column: 10 },
          EndPosition: { Line: 15, Column: 10 },
        },
      ],
      [
        {
          SourcePolicyId: 'PolicyInputList.2',
          SourcePolicyType: 'IAM Policy',
          StartPosition: { Line: 15, Column: 10 },
          EndPosition: { Line: 20, Column: 10 },
        },
      ],
    ]);
    expect([lines[9], lines[14], lines[19]]).toEqual(['        },', '        },', '        }']);
  });

  it('judges each resource by itself', async () => {
    const { custom } = await simulator();
    const PolicyInputList = [
      policy('Allow', 's3:*', 'arn:aws:s3:::b/*'),
      policy('Deny', '*', 'arn:aws:s3:::b/x'),
    ];
    const ResourceArns = ['arn:aws:s3:::b/k', 'arn:aws:s3:::other/k', 'arn:aws:s3:::b/x'];
    const decisions = async (arns: string[]) => {
      const [result] = (await custom({ PolicyInputList, ResourceArns: arns })).EvaluationResults!;
      return [
        result!.EvalResourceName,
        result!.EvalDecision,
        result!.ResourceSpecificResults!.map((one) => [one.EvalResourceName, one.EvalResourceDecision]),
      ];
    };
    expect(await decisions([ResourceArns[0]!])).toEqual([key, 'allowed', [[key, 'allowed']]]);
    expect(await decisions(ResourceArns.slice(0, 2))).toEqual([
      '*',
      'implicitDeny',
      [
        [key, 'allowed'],
        ['arn:aws:s3:::other/k', 'implicitDeny'],
      ],
    ]);
    expect((await decisions(ResourceArns))[1]).toBe('explicitDeny');
  });

  it('names the condition keys that nobody gave: those of all policies, as AWS does', async () => {
    const { custom } = await simulator();
    const PolicyInputList = [
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 's3:ListBucket',
            Resource: 'arn:aws:s3:::b',
            Condition: { StringLike: { 'aws:PrincipalTag/allowed_service': 's3' } },
          },
          { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/${aws:username}' },
          { Effect: 'Allow', Action: 'ec2:*', Resource: "${$}${aws:PrincipalTag/x, 'y'}" },
        ],
      }).replace('${$}', 'arn:aws:ec2:*:*:${$}'),
      JSON.stringify({
        Version: '2008-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::${aws:userid}' }],
      }),
    ];
    const missing = async (input: object) =>
      (await custom({ PolicyInputList, ActionNames: ['s3:ListBucket'], ...input })).EvaluationResults![0]!;
    expect((await missing({})).MissingContextValues).toEqual([
      'aws:PrincipalTag/allowed_service',
      'aws:username',
      'aws:PrincipalTag/x',
    ]);
    const named = await missing({
      ResourceArns: ['arn:aws:s3:::b'],
      CallerArn: `${account}user/dale`,
      ContextEntries: [
        { ContextKeyName: 'AWS:principaltag/X', ContextKeyValues: ['1'], ContextKeyType: 'string' },
      ],
    });
    expect(named.MissingContextValues).toEqual([]);
    expect(named.ResourceSpecificResults![0]!.MissingContextValues).toEqual([
      'aws:PrincipalTag/allowed_service',
    ]);
  });

  it('says whether the boundary allows', async () => {
    const { custom } = await simulator();
    const within = async (...boundary: string[]) => {
      const { EvaluationResults: results } = await custom({
        PolicyInputList: [policy('Allow', 's3:*')],
        PermissionsBoundaryPolicyInputList: boundary,
        ResourceArns: [key],
      });
      const { EvalDecision: decision, PermissionsBoundaryDecisionDetail: detail, ...rest } = results![0]!;
      expect(rest.ResourceSpecificResults![0]!.PermissionsBoundaryDecisionDetail).toEqual(detail);
      return [
        decision,
        detail?.AllowedByPermissionsBoundary,
        rest.MatchedStatements!.map((one) => one.SourcePolicyId),
      ];
    };
    expect(await within()).toEqual(['allowed', undefined, ['PolicyInputList.1']]);
    expect(await within(policy('Allow', '*'))).toEqual(['allowed', true, ['PolicyInputList.1']]);
    expect(await within(policy('Allow', 'ec2:*'))).toEqual(['implicitDeny', false, []]);
    expect(await within(policy('Deny', '*'))).toEqual([
      'explicitDeny',
      false,
      ['PermissionsBoundaryPolicyInputList.1'],
    ]);
    await expect(within(policy('Allow', '*'), policy('Allow', '*'))).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
  });

  it('pages by action', async () => {
    const { sandbox, client, custom } = await simulator();
    const ActionNames = ['s3:A', 's3:B', 's3:A', 'ec2:C', 's3:D'];
    const input = { PolicyInputList: [policy('Allow', 's3:*')], ActionNames };
    const seen: unknown[] = [];
    for await (const page of sdk.paginateSimulateCustomPolicy({ client, pageSize: 2 }, { ...input })) {
      seen.push(page.EvaluationResults!.map((one) => `${one.EvalActionName} ${one.EvalDecision}`));
    }
    expect(seen).toEqual([
      ['s3:A allowed', 's3:B allowed'],
      ['s3:A allowed', 'ec2:C implicitDeny'],
      ['s3:D allowed'],
    ]);
    const { Marker } = await custom({ ...input, MaxItems: 1 });
    await expect(custom({ ...input, ActionNames: ['s3:A'], Marker })).rejects.toMatchObject({
      name: 'ValidationError',
    });
    // A page has an end whatever is asked: 100 actions on 5,000 resources are a page for every two actions.
    const ResourceArns = Array.from({ length: 5000 }, (_, index) => `arn:aws:s3:::b/${index}`);
    const many = await custom({ ...input, ResourceArns });
    expect([many.IsTruncated, many.EvaluationResults!.length]).toEqual([true, 2]);
    const long = policy('Allow', 's3:*', `arn:aws:s3:::${'*a'.repeat(6000)}`);
    const less = await custom({ ...input, PolicyInputList: [long], ResourceArns });
    expect([less.IsTruncated, less.EvaluationResults!.length]).toEqual([true, 1]);
    await expect(custom({ ...input, PolicyInputList: [long, long], ResourceArns })).rejects.toMatchObject({
      name: 'InvalidInputException',
    });
    sandbox.faults.add({ kind: 'truncate-page', times: 1 });
    expect((await custom(input)).EvaluationResults).toHaveLength(1);
  });

  it.each<[string, Partial<SimulateCustomPolicyCommandInput>, string, string]>([
    ['a document that is no JSON', { PolicyInputList: ['{'] }, 'InvalidInputException', 'PolicyInputList.1'],
    [
      'a boundary that is no policy',
      { PermissionsBoundaryPolicyInputList: ['{}'] },
      'InvalidInputException',
      'Boundary',
    ],
    [
      'a resource policy among the policies',
      { PolicyInputList: [trust] },
      'InvalidInputException',
      'principal',
    ],
    ['an action with a wildcard', { ActionNames: ['s3:*'] }, 'InvalidInputException', 'wildcards'],
    [
      'an action without a service',
      { ActionNames: ['GetObject'] },
      'InvalidInputException',
      'service:action',
    ],
    ['an action of two characters', { ActionNames: ['s3'] }, 'ValidationError', "'actionNames'"],
    [
      'a resource that is no ARN',
      { ResourceArns: ['b/k'] },
      'InvalidInputException',
      'ResourceNames are not in a valid ARN format: b/k.',
    ],
    [
      'a role as the caller',
      { CallerArn: `${account}role/r` },
      'InvalidInputException',
      'Invalid caller - Caller must be an IAM user in this context.',
    ],
    [
      'an owner that is no account',
      { ResourceOwner: '123456789012' },
      'InvalidInputException',
      "'123456789012' is not a valid as a Resource Owner.",
    ],
    [
      'an owner elsewhere',
      { ResourceOwner: 'arn:aws:iam::210987654321:root' },
      'NotImplemented',
      'other accounts',
    ],
    ['a resource policy', { ResourcePolicy: '{}' }, 'NotImplemented', 'no resource policies'],
    [
      'an unknown scenario',
      { ResourceHandlingOption: 'EC2-Classic' },
      'InvalidInputException',
      'EC2-Classic',
    ],
    [
      'a scenario without its resources',
      {
        ResourceHandlingOption: 'EC2-VPC-EBS',
        ResourceArns: ['arn:aws:ec2:eu-west-1:123456789012:instance/*'],
      },
      'InvalidInputException',
      'image, security-group, network-interface, volume',
    ],
    [
      'a key of four characters',
      { ContextEntries: [{ ContextKeyName: 'a:bc', ContextKeyType: 'string' }] },
      'ValidationError',
      'contextKeyName',
    ],
    [
      'a type of key that is none',
      { ContextEntries: [{ ContextKeyName: 'aws:x', ContextKeyType: 'text' as 'string' }] },
      'ValidationError',
      'enum value set',
    ],
  ])('refuses %s', async (_name, input, name, message) => {
    const { custom } = await simulator();
    await expect(custom(input)).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });

  it('takes the ARNs of Amazon S3 that have a region, as policies of AWS do', async () => {
    const { custom } = await simulator();
    const grants = 'arn:aws:s3:*:*:access-grants/default/*';
    const { EvaluationResults: results } = await custom({
      PolicyInputList: [policy('Allow', 's3:GetDataAccess', grants)],
      ActionNames: ['s3:GetDataAccess'],
      ResourceArns: ['arn:aws:s3:eu-west-1:123456789012:access-grants/default/x'],
    });
    expect(results![0]!.EvalDecision).toBe('allowed');
  });

  it('takes a scenario with all its resources, and its own account as the owner', async () => {
    const { custom } = await simulator();
    const types = [
      'instance/*',
      'image/ami-1',
      'security-group/sg-1',
      'network-interface/*',
      'subnet/subnet-1',
    ];
    const { EvaluationResults: results } = await custom({
      PolicyInputList: [policy('Allow', 'ec2:RunInstances')],
      ActionNames: ['ec2:RunInstances'],
      ResourceOwner: `${account}root`,
      ResourceHandlingOption: 'EC2-VPC-InstanceStore-Subnet',
      ResourceArns: types.map((type) => `arn:aws:ec2:eu-west-1:123456789012:${type}`),
    });
    expect(results![0]).toMatchObject({ EvalDecision: 'allowed' });
    expect(results![0]!.ResourceSpecificResults).toHaveLength(5);
  });
});

it('finds statements in every way of writing a document', () => {
  const text = string({
    unit: constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', 'a', 'Statement'),
  });
  const value = letrec((tie) => ({
    any: oneof({ maxDepth: 3 }, text, boolean(), integer(), tie('list'), tie('map')),
    list: array(tie('any'), { maxLength: 3 }),
    map: dictionary(text, tie('any'), { maxKeys: 3 }),
  }));
  const documents = record({
    first: text,
    statements: array(value.map, { minLength: 1, maxLength: 4 }),
    indent: nat(4),
  });
  assert(
    property(documents, boolean(), ({ first, statements, indent }, single) => {
      const Statement = single ? statements[0] : statements;
      const document = JSON.stringify({ Id: first, Statement, Version: '2012-10-17' }, null, indent);
      const lines = document.split('\n');
      const offset = ({ Line = 0, Column = 0 }) =>
        lines.slice(0, Line - 1).join('\n').length + Column - (Line > 1 ? 0 : 1);
      const found = statementSpans(document).map(({ start, end }) =>
        document.slice(offset(start), offset(end)),
      );
      const parsed: unknown[] = found.map((piece) =>
        JSON.parse(single ? `{${piece}` : piece.replace(/^,/, '')),
      );
      expect(parsed).toEqual(single ? [Statement] : Statement);
    }),
    { numRuns: 300 },
  );
});

/** dale, in the group admins, beside the role deployer. */
function populate({ call }: Sandbox): void {
  call('CreateUser', { UserName: 'dale', Path: '/x/', Tags: [{ Key: 'team', Value: 'images' }] });
  call('CreateGroup', { GroupName: 'admins' });
  call('AddUserToGroup', { UserName: 'dale', GroupName: 'admins' });
  call('CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
  call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: policy('Allow', 's3:ListBucket') });
  call('PutUserPolicy', {
    UserName: 'dale',
    PolicyName: 'own',
    PolicyDocument: policy('Allow', 's3:GetObject'),
  });
  call('AttachUserPolicy', { UserName: 'dale', PolicyArn: `${account}policy/reports` });
  call('PutGroupPolicy', {
    GroupName: 'admins',
    PolicyName: 'run',
    PolicyDocument: policy('Allow', 'ec2:*'),
  });
  call('AttachGroupPolicy', { GroupName: 'admins', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
  call('PutRolePolicy', { RoleName: 'deployer', PolicyName: 'out', PolicyDocument: policy('Deny', 's3:*') });
}
const dale = { PolicySourceArn: `${account}user/x/dale` };

describe('SimulatePrincipalPolicy', () => {
  it("takes a user's own, attached and groups' policies", async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    const { EvaluationResults: results } = await principal({
      ...dale,
      ActionNames: ['s3:GetObject', 's3:ListBucket', 'ec2:RunInstances', 'iam:GetUser', 'iam:CreateUser'],
    });
    expect(
      results!.map((one) => [
        one.EvalDecision,
        one.MatchedStatements!.map(({ SourcePolicyId }) => SourcePolicyId).join(),
      ]),
    ).toEqual([
      ['allowed', 'user_dale_own'],
      ['allowed', 'reports'],
      ['allowed', 'group_admins_run'],
      ['allowed', 'IAMReadOnlyAccess'],
      ['implicitDeny', ''],
    ]);
  });

  it('takes the policies of a group or of a role', async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    const ofGroup = await principal({
      PolicySourceArn: `${account}group/admins`,
      ActionNames: ['s3:GetObject', 'ec2:RunInstances'],
    });
    expect(ofGroup.EvaluationResults!.map((one) => one.EvalDecision)).toEqual(['implicitDeny', 'allowed']);
    const ofRole = await principal({ PolicySourceArn: `${account}role/deployer` });
    expect(ofRole.EvaluationResults![0]).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'role_deployer_out', SourcePolicyType: 'IAM Policy' }],
    });
  });

  it('keeps to the boundary, and to another one that is given', async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    const decide = async (input: object = {}) => {
      const [result] = (await principal({ ...dale, ...input })).EvaluationResults!;
      return [result!.EvalDecision, result!.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary];
    };
    expect(await decide()).toEqual(['allowed', undefined]);
    sandbox.call('PutUserPermissionsBoundary', {
      UserName: 'dale',
      PermissionsBoundary: `${account}policy/reports`,
    });
    expect(await decide()).toEqual(['implicitDeny', false]);
    expect(await decide({ PermissionsBoundaryPolicyInputList: [policy('Allow', '*')] })).toEqual([
      'allowed',
      true,
    ]);
  });

  it('adds policies that come with the call', async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    const { EvaluationResults: results } = await principal({
      ...dale,
      PolicyInputList: [policy('Deny', 's3:*')],
    });
    expect(results![0]).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1' }],
    });
  });

  it('calls as the user itself, unless another caller is given', async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    sandbox.call('CreateUser', { UserName: 'lorax' });
    const PolicyInputList = [
      statement({ Action: 'sqs:A', Resource: 'arn:aws:sqs:eu-west-1:1:${aws:username}' }),
      statement({ Action: 'sqs:B', Condition: { StringEquals: { 'aws:PrincipalTag/team': 'images' } } }),
      statement({
        Action: 'sqs:C',
        Condition: { ArnEquals: { 'aws:PrincipalArn': `${account}user/x/dale` } },
      }),
      statement({ Action: 'sqs:D', Condition: { StringEquals: { 'aws:PrincipalType': 'User' } } }),
    ];
    const decide = async (input: object) => {
      const { EvaluationResults: results } = await principal({
        ...dale,
        PolicyInputList,
        ActionNames: ['sqs:A', 'sqs:B', 'sqs:C', 'sqs:D'],
        ResourceArns: ['arn:aws:sqs:eu-west-1:1:dale'],
        ...input,
      });
      return results!
        .map((one) => (one.EvalDecision === 'allowed' ? one.EvalActionName!.slice(-1) : '-'))
        .join('');
    };
    expect(await decide({})).toBe('ABCD');
    expect(await decide({ CallerArn: `${account}user/lorax` })).toBe('---D');
    expect(await decide({ PolicySourceArn: `${account}role/deployer` })).toBe('----');
    expect(
      await decide({ PolicySourceArn: `${account}group/admins`, CallerArn: `${account}user/x/dale` }),
    ).toBe('ABCD');
  });

  it.each([
    ['user/nobody', 'NoSuchEntityException', 'The user with name nobody cannot be found.'],
    ['user/dale', 'NoSuchEntityException', 'The user with name dale cannot be found.'],
    ['group/none', 'NoSuchEntityException', 'The group with name none cannot be found.'],
    ['role/none', 'NoSuchEntityException', 'The role with name none cannot be found.'],
    [
      'policy/reports',
      'InvalidInputException',
      `Invalid Entity Arn: ${account}policy/reports does not clearly define entity type and name.`,
    ],
  ])('does not find %s', async (type, name, message) => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    await expect(principal({ PolicySourceArn: `${account}${type}` })).rejects.toMatchObject({
      name,
      message,
    });
  });

  it('agrees with what the sandbox lets a user do', async () => {
    const { sandbox, principal } = await simulator();
    populate(sandbox);
    for (const action of [
      's3:GetObject',
      's3:ListBucket',
      'ec2:RunInstances',
      'iam:GetUser',
      'iam:CreateUser',
    ]) {
      const { EvaluationResults: results } = await principal({ ...dale, ActionNames: [action] });
      expect([action, results![0]!.EvalDecision === 'allowed']).toEqual([
        action,
        sandbox.allows('dale', action, '*'),
      ]);
    }
  });

  it('needs a permission on whose policies are simulated', async () => {
    const { sandbox } = await sandboxFor({ enforce: true });
    populate(sandbox);
    sandbox.call('CreateUser', { UserName: 'lorax' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    const client = clientOf(sandbox, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    const ask = (PolicySourceArn: string) =>
      client.send(new sdk.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['s3:GetObject'] }));
    sandbox.call('PutUserPolicy', {
      UserName: 'lorax',
      PolicyName: 'ask',
      PolicyDocument: policy('Allow', 'iam:SimulatePrincipalPolicy', dale.PolicySourceArn),
    });
    expect((await ask(dale.PolicySourceArn)).EvaluationResults).toHaveLength(1);
    await expect(ask(`${account}group/admins`)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`iam:SimulatePrincipalPolicy on resource: ${account}group/admins `),
    });
    client.destroy();
  });
});
