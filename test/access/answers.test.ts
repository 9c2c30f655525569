import * as sdk from '@aws-sdk/client-iam';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accessOf, ask, everything } from '../../src/access/ask.ts';
import type { Answer, Deciding, Part, Place, Question } from '../../src/access/ask.ts';
import { principalsIn } from '../../src/access/principals.ts';
import { readAccount } from '../../src/aws/read.ts';
import type { AccountState, PolicyDocument, User } from '../../src/core/state.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf, testAccount } from '../support/account.ts';
import { seenVerdicts, verdicts, type Case } from '../sandbox/verdicts.ts';
import { accessTo } from './ask-properties.ts';

const statements = (...list: object[]): PolicyDocument =>
  ({ Version: '2012-10-17', Statement: list }) as unknown as PolicyDocument;
const allow = (Action: string | string[], Resource: string | string[] = '*', rest: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...rest,
});
const deny = (Action: string | string[], Resource: string | string[] = '*', rest: object = {}): object => ({
  ...allow(Action, Resource, rest),
  Effect: 'Deny',
});
const nothing = new Map<string, readonly string[]>();

/** What is asked of a user of this account. */
function asked(
  state: AccountState,
  name: string,
  action: string,
  resource = '*',
  context: ReadonlyMap<string, readonly string[]> = nothing,
): Answer {
  return ask(accessOf(state, `user:${name}`)!, { action, resource, context });
}
const anna = (rest: Partial<User>): AccountState => desiredOf({ users: [aUser('anna', rest)] }).state;
const where = ({ origin, index, sid }: Place): unknown[] => [
  'inline' in origin.policy ? origin.policy.inline : origin.policy.arn,
  ...(origin.via === undefined ? [] : [origin.via]),
  index,
  ...(sid === undefined ? [] : [sid]),
];
/** On what it depends that a statement applies. */
const openOf = ({ conditions, variables }: Deciding): unknown[] => [...conditions, ...variables];
const shown = ({ allow: by, actions, resources }: Part): unknown[] => [
  where(by),
  actions.patterns,
  resources.patterns,
];

/** Keys of conditions and variables that the documents of a case ask for. */
function keysOf({ policies, boundary }: Case): string[] {
  const documents = [...policies, ...(boundary ? [boundary] : [])] as { Statement: object | object[] }[];
  const conditions = documents
    .flatMap(({ Statement: list }) => list)
    .flatMap((one) => Object.values((one as { Condition?: Record<string, object> }).Condition ?? {}));
  const variables = JSON.stringify(documents).matchAll(/\$\{([^},]*)/g);
  return [...conditions.flatMap((block) => Object.keys(block)), ...[...variables].map(([, name]) => name!)];
}

/** AWS says both that such a statement is invalid and that its NotResource matches nothing. */
const undecided = 'an invalid statement with NotResource allows nothing';

describe('ask', () => {
  const decisionOn = (one: Case): string => {
    const { policies, boundary = null, action, resource = '*', context = {} } = one;
    const known = new Map(keysOf(one).map((key): [string, readonly string[]] => [key.toLowerCase(), []]));
    for (const [key, values] of Object.entries(context)) known.set(key.toLowerCase(), values);
    const held = { policies, boundary } as { policies: PolicyDocument[]; boundary: PolicyDocument | null };
    return ask(accessTo(held), { action, resource, context: known }).decision;
  };

  it('gives the verdicts of AWS', () => {
    const wrong = verdicts.flatMap((one) => {
      const { name, verdict, source } = one;
      const decision = decisionOn(one);
      const isRight = name === undecided ? decision === 'conditional' : decision === verdict;
      return isRight ? [] : [[name, decision, verdict, source]];
    });
    expect(wrong).toEqual([]);
  });

  it('says nothing else than AWS where it does not leave open what its documents do', () => {
    const wrong = seenVerdicts.flatMap((one) => {
      const decision = decisionOn(one);
      return [one.verdict, 'conditional'].includes(decision) ? [] : [[one.name, decision, one.verdict]];
    });
    expect(wrong).toEqual([]);
  });

  it('tells which statement of which policy decides, and through which group', () => {
    const { state } = desiredOf({
      users: [
        aUser('anna', {
          groups: ['readers'],
          policies: { own: statements(allow('ec2:*'), deny('s3:Delete*', '*', { Sid: 'Keep' })) },
        }),
      ],
      groups: [aGroup('readers', { policies: { read: statements(allow('iam:*'), allow('s3:*')) } })],
    });
    const read = asked(state, 'anna', 's3:GetObject', 'arn:aws:s3:::b/k');
    expect([read.decision, read.parts.map(({ allow: by }) => where(by)), read.denies]).toEqual([
      'allowed',
      [['read', 'readers', 1]],
      [],
    ]);
    expect(read.parts[0]!.allow.origin.through).toContain('user:anna/groups/readers');
    const remove = asked(state, 'anna', 's3:DeleteObject');
    expect([remove.decision, remove.denies.map(where), remove.withheld.map(where)]).toEqual([
      'explicitDeny',
      [['own', 1, 'Keep']],
      [['read', 'readers', 1]],
    ]);
    expect(asked(state, 'anna', 'sqs:SendMessage').decision).toBe('implicitDeny');
  });

  it('says of a pattern which part of it is allowed', () => {
    const state = anna({
      policies: {
        own: statements(allow(['s3:Get*', 's3:PutObject', 'ec2:*'], ['arn:aws:s3:::a/*', 'arn:aws:s3:::b'])),
      },
    });
    const answer = asked(state, 'anna', 's3:*', 'arn:aws:s3:::a/*');
    expect(answer.decision).toBe('partly');
    expect(answer.parts.map(shown)).toEqual([
      [['own', 0], ['s3:Get*', 's3:PutObject'], ['arn:aws:s3:::a/*']],
    ]);
    expect(asked(state, 'anna', 's3:GetObject*', 'arn:aws:s3:::a/x/*').decision).toBe('allowed');
  });

  it('fills in what is always known of somebody, and takes the rest from the question', () => {
    const state = anna({
      tags: { Team: 'blue' },
      policies: {
        own: statements(
          allow('s3:GetObject', 'arn:aws:s3:::b/${aws:username}/*'),
          allow('ec2:*', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue' } } }),
          allow('sqs:*', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/role': 'x' } } }),
          allow('sns:*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
        ),
      },
    });
    expect(asked(state, 'anna', 's3:GetObject', 'arn:aws:s3:::b/anna/x').decision).toBe('allowed');
    expect(asked(state, 'anna', 's3:GetObject', 'arn:aws:s3:::b/ben/x').decision).toBe('implicitDeny');
    expect(asked(state, 'anna', 'ec2:RunInstances').decision).toBe('allowed');
    expect(asked(state, 'anna', 'sqs:SendMessage').decision).toBe('implicitDeny');
    const open = asked(state, 'anna', 'sns:Publish');
    expect([open.decision, open.parts[0]!.certain, open.parts[0]!.allow.conditions]).toEqual([
      'conditional',
      false,
      [{ operator: 'IpAddress', key: 'aws:SourceIp', values: ['10.0.0.0/8'] }],
    ]);
    const from = (address: string) =>
      asked(state, 'anna', 'sns:Publish', '*', new Map([['aws:sourceip', [address]]]));
    expect(from('10.1.2.3').decision).toBe('allowed');
    expect(from('11.1.2.3').decision).toBe('implicitDeny');
  });

  it('knows a Deny whose variable has no value from one that applies', () => {
    const state = anna({
      policies: {
        own: statements(allow('s3:*'), {
          Effect: 'Deny',
          Action: 's3:*',
          NotResource: 'arn:aws:s3:::b/${aws:PrincipalTag/team}/*',
        }),
      },
    });
    const answer = asked(state, 'anna', 's3:GetObject', 'arn:aws:s3:::b/k');
    expect([answer.decision, answer.denies.flatMap(openOf)]).toEqual([
      'conditional',
      ['aws:principaltag/team'],
    ]);
  });

  it('keeps to the boundary, and to a suspension', () => {
    const boundary = aPolicy('limits', statements(allow(['s3:*', 'iam:Get*'])));
    const { state } = desiredOf({
      users: [
        aUser('anna', { boundary: boundary.arn, policies: { own: statements(allow('*')) } }),
        aUser('ben', { suspended: true, policies: { own: statements(allow('*')) } }),
      ],
      policies: [boundary],
    });
    expect(asked(state, 'anna', 's3:GetObject').boundary?.takes).toBe('all');
    expect(asked(state, 'anna', 's3:GetObject').decision).toBe('allowed');
    const outside = asked(state, 'anna', 'ec2:RunInstances');
    expect([outside.decision, outside.boundary?.takes, outside.withheld.map(where)]).toEqual([
      'implicitDeny',
      'none',
      [['own', 0]],
    ]);
    expect(asked(state, 'anna', 'iam:*').decision).toBe('partly');
    expect(asked(state, 'anna', 'iam:*').parts.map(shown)).toEqual([[['own', 0], ['iam:Get*'], ['*']]]);
    expect(asked(state, 'ben', 's3:GetObject').decision).toBe('explicitDeny');
    expect(everything(accessOf(state, 'user:ben')!, nothing).services).toEqual([]);
  });

  it('claims nothing of a policy that nobody has read', () => {
    const arn = 'arn:aws:iam::aws:policy/job-function/NetworkAdministrator';
    const state = anna({ attachedPolicyArns: [arn], policies: { own: statements(allow('s3:*')) } });
    const unseen = asked(state, 'anna', 'ec2:CreateVpc');
    expect([unseen.decision, unseen.parts, unseen.unknown.map(where)]).toEqual(['unknown', [], [[arn, 0]]]);
    expect(asked(state, 'anna', 's3:GetObject').decision).toBe('allowed');
    const quarantine = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3';
    const denied = anna({ attachedPolicyArns: [quarantine], policies: { own: statements(allow('s3:*')) } });
    expect(asked(denied, 'anna', 's3:GetObject').decision).toBe('unknown');
    expect(asked(denied, 'anna', 'ec2:CreateVpc').decision).toBe('implicitDeny');
  });
});

it('everything is by service, without what is denied or outside the boundary', () => {
  const boundary = aPolicy('limits', statements(allow(['s3:*', 'sqs:*', 'iam:Get*'])));
  const { state } = desiredOf({
    users: [
      aUser('anna', {
        boundary: boundary.arn,
        policies: {
          own: statements(
            allow(['s3:GetObject', 's3:PutObject', 'ec2:*', 'iam:*', 'sqs:SendMessage']),
            deny('sqs:*'),
            deny('s3:PutObject', 'arn:aws:s3:::prod/*'),
          ),
        },
      }),
    ],
    policies: [boundary],
  });
  const { services } = everything(accessOf(state, 'user:anna')!, nothing);
  expect(
    services.map(({ service, parts }) => [
      service,
      parts.map(({ actions, denies }) => [actions.patterns, denies.map(where)]),
    ]),
  ).toEqual([
    [
      'iam',
      [
        [
          ['iam:Get*'],
          [
            ['own', 1],
            ['own', 2],
          ],
        ],
      ],
    ],
    [
      's3',
      [
        [
          ['s3:GetObject', 's3:PutObject'],
          [
            ['own', 1],
            ['own', 2],
          ],
        ],
      ],
    ],
  ]);
});

describe('over HTTP', () => {
  it('says of an account what SimulatePrincipalPolicy says', async () => {
    const account = await testAccount();
    onTestFinished(() => account.close());
    const { call } = account.sandbox;
    const text = (...list: object[]): string => JSON.stringify(statements(...list));
    const trust = text({
      Effect: 'Allow',
      Principal: { Service: 'ec2.amazonaws.com' },
      Action: 'sts:AssumeRole',
    });
    call('CreatePolicy', { PolicyName: 'limits', PolicyDocument: text(allow(['s3:*', 'iam:Get*'])) });
    const limits = `arn:aws:iam::${accountId}:policy/limits`;
    const team = { Key: 'team', Value: 'blue' };
    call('CreateUser', { UserName: 'anna', Path: '/x/', Tags: [team], PermissionsBoundary: limits });
    call('CreateUser', { UserName: 'ben' });
    call('CreateGroup', { GroupName: 'devs' });
    call('CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
    for (const UserName of ['anna', 'ben']) call('AddUserToGroup', { UserName, GroupName: 'devs' });
    const homes = ['${aws:username}', '${aws:PrincipalTag/team}'].map((folder) =>
      allow('s3:*', `arn:aws:s3:::b/${folder}/*`),
    );
    const devs = text(...homes, allow('ec2:*'), deny('s3:DeleteObject', 'arn:aws:s3:::b/anna/*'));
    call('PutGroupPolicy', { GroupName: 'devs', PolicyName: 'home', PolicyDocument: devs });
    const readOnly = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';
    call('AttachGroupPolicy', { GroupName: 'devs', PolicyArn: readOnly });
    const ours = text(
      allow('s3:*'),
      deny('s3:*', '*', { Condition: { StringNotLike: { 'aws:PrincipalArn': '*/deployer' } } }),
    );
    call('PutRolePolicy', { RoleName: 'deployer', PolicyName: 'own', PolicyDocument: ours });
    const state = await readAccount(account.aws, { account: accountId, partition: 'aws' });
    expect(principalsIn(state)).toEqual(['user:anna', 'user:ben', 'role:deployer']);

    const ActionNames = [
      's3:GetObject',
      's3:DeleteObject',
      'ec2:RunInstances',
      'iam:GetUser',
      'iam:CreateUser',
    ];
    const ResourceArns = ['anna', 'ben', 'blue'].map((folder) => `arn:aws:s3:::b/${folder}/k`);
    const seen = new Set<string>();
    for (const [ref, PolicySourceArn] of [
      ['user:anna', `arn:aws:iam::${accountId}:user/x/anna`],
      ['user:ben', `arn:aws:iam::${accountId}:user/ben`],
      ['role:deployer', `arn:aws:iam::${accountId}:role/deployer`],
    ] as const) {
      const access = accessOf(state, ref)!;
      const { EvaluationResults: results } = await account.aws.iam.send(
        new sdk.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames, ResourceArns }),
      );
      for (const { EvalActionName: action, ResourceSpecificResults: each } of results!) {
        for (const one of each!) {
          const question: Question = { action: action!, resource: one.EvalResourceName!, context: nothing };
          const answer = ask(access, question);
          const isWithin = one.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary;
          expect([ref, question, answer.decision]).toEqual([ref, question, one.EvalResourceDecision]);
          expect(answer.boundary && answer.boundary.takes === 'all').toBe(isWithin ?? null);
          seen.add(answer.decision);
        }
      }
    }
    expect([...seen].sort()).toEqual(['allowed', 'explicitDeny', 'implicitDeny']);
  });
});
