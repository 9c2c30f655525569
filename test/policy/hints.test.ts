import { describe, expect, it, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { didYouMean } from '../../src/core/text.ts';
import { hinter, loadServices } from '../../src/policy/hints/index.ts';
import { allow, deny, doc } from './documents.ts';

const hintsOf = hinter(await loadServices(), (_kind, word, candidates) => didYouMean(word, candidates));
const age = /(?: \(|^compared with )AWS as of \d{4}-\d\d-\d\d, iam-data [\d.]+\)?$/;

/** `place within the statement: message (hint)`, the age of the data left out. */
const shown = (document: PolicyDocument): string[] =>
  hintsOf(document).map(({ severity, code, path, message, hint = '' }) => {
    expect(severity).toBe('warning');
    if (code !== 'policy-condition-value') expect(hint).toMatch(age);
    return `${path.slice(2).join('.')}: ${message} (${hint.replace(age, '')})`;
  });

const bucket = 'arn:aws:s3:::reports';
const objects = 'arn:aws:s3:::reports/*';

describe('actions', () => {
  test.each<[string, string[]]>([
    ['s3:GetObject', []],
    ['S3:getobject', []],
    ['s3:Get*', []],
    ['s3:G?tObject', []],
    ['*', []],
    ['*:*', []],
    ['s3:GetObjct', ['AWS has no action "s3:GetObjct" (did you mean "s3:GetObject"?)']],
    ['s3:GetObjct*', ['no action of AWS matches "s3:GetObjct*" ()']],
    ['s3:?', ['no action of AWS matches "s3:?" ()']],
    ['s4:*', ['AWS has no service "s4" (did you mean "s3"?)']],
    ['lamda:InvokeFunction', ['AWS has no service "lamda" (did you mean "lambda"?)']],
    ['nothing-like-it:Get', ['AWS has no service "nothing-like-it" ()']],
    ['constructor:Get', ['AWS has no service "constructor" ()']],
  ])('%s', (action, wanted) => {
    const at = (element: string): string[] => wanted.map((text) => `${element}: ${text}`);
    expect(shown(doc(allow(action)))).toEqual(at('Action'));
    expect(shown(doc(deny(action)))).toEqual(at('Action'));
    expect(shown(doc({ Effect: 'Allow', NotAction: action, Resource: '*' }))).toEqual(at('NotAction'));
  });

  it('are each at their place, in a document of one statement too', () => {
    const statement = allow(['s3:GetObject', 's3:GetObjct', 's3:Put*', 's4:Get']);
    const places = (document: PolicyDocument): string[] =>
      hintsOf(document).map(({ path }) => path.join('.'));
    expect(places(doc(allow('s3:*'), statement))).toEqual(['Statement.1.Action.1', 'Statement.1.Action.3']);
    const one = { Version: '2012-10-17', Statement: statement };
    expect(places(one)).toEqual(['Statement.Action.1', 'Statement.Action.3']);
  });
});

type Texts = string | string[];
const inSpans = 'arn:aws:logs:*:*:log-group:aws/spans';

describe('resources', () => {
  test.each<[string, Texts, Texts]>([
    ['an object', 's3:GetObject', objects],
    ['a bucket', 's3:ListBucket', bucket],
    ['each for one of the actions', ['s3:GetObject', 's3:ListBucket'], [bucket, objects]],
    ['each for one of the actions of a pattern', 's3:*', [bucket, objects]],
    ['a pattern that may be either', ['s3:GetObject', 's3:ListBucket'], 'arn:aws:s3:::reports*'],
    ['everything of a service', 's3:ListBucket', 'arn:aws:s3:::*'],
    ['everything of a service, for what takes none', 's3:ListAllMyBuckets', 'arn:aws:s3:::*'],
    ['a pattern, for what takes none', 'logs:DescribeLogGroups', 'arn:aws:logs:*:*:log-group:*'],
    ['for a pattern of which some take none', 's3:List*', bucket],
    ['an ARN that is cut short', 's3:GetObject', 'arn:aws:s3'],
    ['a policy variable', 's3:GetObject', 'arn:aws:s3:::${aws:PrincipalTag/place}'],
    ['a role with a path', 'iam:PassRole', 'arn:aws:iam::123456789012:role/team/app'],
    ['a name with slashes', 'logs:PutLogEvents', 'arn:aws:logs:*:*:log-group:/aws/x:log-stream:y'],
    ['another partition', 's3:GetObject', 'arn:aws-cn:s3:::reports/*'],
    ['of another service', 'ebs:GetSnapshotBlock', 'arn:aws:ec2:eu-west-1::snapshot/snap-1'],
    [
      'of a service under its other name',
      'codestar-connections:UseConnection',
      'arn:aws:codeconnections:*:*:connection/*',
    ],
    ['beside everything', ['s3:GetObject', '*'], bucket],
    ['everything', 's3:ListAllMyBuckets', [bucket, '*']],
  ])('taken: %s', (_name, action, resource) => {
    expect(shown(doc(allow(action, resource)))).toEqual([]);
  });

  const anObject = '"arn:aws:s3:*:*:accesspoint/*/object/*", "arn:aws:s3:::*/*"';
  test.each<[string, Texts, Texts, string[]]>([
    [
      'a bucket for what takes objects',
      's3:GetObject',
      bucket,
      [`Resource: "s3:GetObject" does not take "${bucket}" (it takes ${anObject})`],
    ],
    [
      'objects for what takes a bucket',
      's3:ListBucket',
      objects,
      [
        `Resource: "s3:ListBucket" does not take "${objects}" (it takes "arn:aws:s3:*:*:accesspoint/*", "arn:aws:s3:::*")`,
      ],
    ],
    [
      'one of two actions has none',
      ['s3:GetObject', 's3:PutBucketTagging'],
      objects,
      ['Action.1: "s3:PutBucketTagging" takes none of the resources beside it (it takes "arn:aws:s3:::*")'],
    ],
    [
      'a pattern of actions has none',
      ['s3:GetObject', 'sqs:Send*'],
      objects,
      ['Action.1: "sqs:Send*" takes none of the resources beside it (it takes "arn:aws:sqs:*:*:*")'],
    ],
    [
      'one of two resources is of none',
      ['s3:GetObject', 's3:PutObject'],
      [bucket, objects],
      [`Resource.0: none of the actions beside it takes "${bucket}" (they take ${anObject})`],
    ],
    [
      'one thing for what takes none',
      's3:ListAllMyBuckets',
      bucket,
      [`Resource: "s3:ListAllMyBuckets" does not take "${bucket}" (it takes no resource but "*")`],
    ],
    [
      'what takes none beside what does',
      ['s3:GetObject', 's3:ListBucket', 's3:ListAllMyBuckets'],
      [bucket, objects],
      [
        'Action.2: "s3:ListAllMyBuckets" takes none of the resources beside it (it takes no resource but "*")',
      ],
    ],
    [
      'in another partition the hint is for that',
      'sqs:SendMessage',
      'arn:aws-cn:sns:*:*:jobs',
      [
        'Resource: "sqs:SendMessage" does not take "arn:aws-cn:sns:*:*:jobs" (it takes "arn:aws-cn:sqs:*:*:*")',
      ],
    ],
    [
      'beside an unknown action, which may take anything',
      ['s3:GetObject', 's3:Qqqqqqqqqqq'],
      [objects, 'arn:aws:sns:*:*:jobs'],
      ['Action.1: AWS has no action "s3:Qqqqqqqqqqq" ()'],
    ],
  ])('not taken: %s', (_name, action, resource, wanted) => {
    expect(shown(doc(allow(action, resource)))).toEqual(wanted);
    expect(shown(doc(deny(action, resource)))).toEqual(wanted);
  });

  it('say nothing of what is left out', () => {
    expect(shown(doc({ Effect: 'Deny', Action: 's3:GetObject', NotResource: bucket }))).toEqual([]);
    expect(shown(doc({ Effect: 'Deny', NotAction: 's3:GetObject', Resource: bucket }))).toEqual([]);
  });

  it('may hold `${` as plain text where there are no variables', () => {
    const statement = allow('s3:GetObject', 'arn:aws:s3:::${x}');
    expect(shown(doc(statement))).toEqual([]);
    expect(shown({ Version: '2008-10-17', Statement: [statement] })).toHaveLength(1);
  });
});

describe('conditions', () => {
  const hints = (operator: string, key: string, value: Json, action: Json = 's3:*'): string[] =>
    shown(doc(allow(action, '*', { Condition: { [operator]: { [key]: value } } })));

  test.each([
    ['aws:SourceIp'],
    ['AWS:sourceip'],
    ['aws:PrincipalTag/team'],
    ['s3:prefix'],
    ['s3:ExistingObjectTag/class'],
    ['token.actions.githubusercontent.com:sub'],
    ['saml:aud'],
  ])('know the key %s', (key) => {
    expect(hints('StringEquals', key, 'x')).toEqual([]);
  });

  test.each<[string, string, string]>([
    ['aws:SourcIp', 'AWS has no condition key "aws:SourcIp"', 'did you mean "aws:SourceIp"?'],
    ['SourceIp', 'AWS has no condition key "SourceIp"', 'did you mean "aws:SourceIp"?'],
    ['aws:PrincipalTag', 'AWS has no condition key "aws:PrincipalTag"', 'did you mean "aws:PrincipalTag/*"?'],
    ['s3:prefx', 'AWS has no condition key "s3:prefx"', 'did you mean "s3:prefix"?'],
    ['kms:ViaService', 'no action beside it has the condition key "kms:ViaService"', ''],
  ])('do not know the key %s', (key, message, hint) => {
    expect(hints('StringEquals', key, 'x')).toEqual([`Condition.StringEquals.${key}: ${message} (${hint})`]);
    expect(hintsOf(doc(allow('s3:*', '*', { Condition: { Null: { [key]: 'true' } } })))).toMatchObject([
      { on: 'key', code: 'policy-condition-key' },
    ]);
  });

  it('take a key of a service beside what may be of that service', () => {
    expect(hints('StringEquals', 'kms:ViaService', 'x', ['s3:*', 'kms:*'])).toEqual([]);
    expect(hints('StringEquals', 'kms:ViaService', 'x', '*')).toEqual([]);
    const others = { Effect: 'Deny', NotAction: 's3:*', Resource: '*' };
    expect(shown(doc({ ...others, Condition: { StringEquals: { 'kms:ViaService': 'x' } } }))).toEqual([]);
  });

  test.each<[string, Json[], Json[]]>([
    [
      'IpAddress',
      ['10.0.0.0/8', '203.0.113.7', '2001:db8::/32', '::', '0.0.0.0/0', '${aws:PrincipalTag/net}'],
      [
        '300.1.1.1/33',
        '10.0.0.0/33',
        '2001:db8::/129',
        '10.0.0.0/',
        '10.0.0/8',
        '10.0.0.0/8/8',
        'office',
        '*',
      ],
    ],
    ['NotIpAddress', ['10.0.0.0/8'], ['10.0.0.256']],
    ['Bool', ['true', 'False', true], ['maybe', 'yes', '1', '']],
    ['BoolIfExists', ['false'], ['no']],
    ['Null', ['true', false], ['null']],
    ['NumericLessThan', ['10', 3600, '-1', '1.5'], ['abc', '1h', '', '0x10']],
    ['ForAnyValue:NumericEquals', ['1'], ['one']],
    [
      'DateGreaterThan',
      ['2027-01-31T00:00:00Z', '2027-01-31', '2027', '2027-01-31T10:00+02:00', '2028-02-29', '1767225600', 0],
      ['2027-02-29', '2027-13-01', '31.01.2027', '2027-01-31T25:00:00Z', 'tomorrow', '2027-1-31'],
    ],
    ['BinaryEquals', ['QmluYXJ5', 'QQ=='], ['QmluYXJ', 'ä']],
    ['ArnLike', ['arn:aws:iam::*:role/x', '*'], ['role/x', '123456789012']],
    ['StringEquals', ['anything', ''], []],
  ])('%s compares only what it can', (operator, right, wrong) => {
    const key = 'aws:SourceIp';
    expect(hints(operator, key, right)).toEqual([]);
    const found = hintsOf(
      doc(allow('s3:*', '*', { Condition: { [operator]: { [key]: [...right, ...wrong] } } })),
    );
    expect(found.map(({ code }) => code)).toEqual(wrong.map(() => 'policy-condition-value'));
    expect(found.map(({ path }) => path.at(-1))).toEqual(wrong.map((_, index) => right.length + index));
  });

  it('say what would be right', () => {
    expect(hints('Bool', 'aws:SecureTransport', 'maybe')).toEqual([
      'Condition.Bool.aws:SecureTransport: "maybe" is nothing that Bool can compare (write true or false)',
    ]);
  });
});

/** Statements of AWS's own policies, by the policy and what is wrong in it (as of November 2026). */
describe('policies of AWS', () => {
  test.each<[string, Texts, Texts, string[]]>([
    ['AIOpsAssistantPolicy', ['s3:GetObject', 's3:GetObjectAcl'], 'arn:aws:s3:::amplify', ['Resource']],
    [
      'SystemAdministrator',
      ['iam:GetRole', 'iam:ListRoles'],
      'arn:aws:iam::*:role/rds-monitoring-role',
      ['Action.1'],
    ],
    ['AmazonLaunchWizardFullaccess', 's3:ListObjectsV2', '*', ['Action']],
    ['AWSIoT1ClickReadOnlyAccess', 'iot1click:Get*', '*', ['Action']],
    [
      'BedrockAgentCoreFullAccess',
      'logs:PutIndexPolicy',
      [inSpans, `${inSpans}:*`],
      ['Resource.0', 'Action'],
    ],
    [
      'AWSQuickSetupDevOpsGuruPermissionsBoundary',
      'devops-guru:AddNotificationChannel',
      ['arn:aws:devops-guru:*:*:/channels', 'arn:aws:sns:*:*:*'],
      ['Resource.0'],
    ],
    // The reference lags behind: these are right, and not warned of.
    ['AWSCloud9User', 'ssmmessages:OpenDataChannel', 'arn:aws:ssm:*:*:session/*', []],
    ['CloudWatchReadOnlyAccess', 'logs:DescribeLogGroups', 'arn:aws:logs:*:*:log-group::log-stream:*', []],
    ['AWSBackupOperatorAccess', 'fsx:DescribeBackups', 'arn:aws:fsx:*:*:backup/*', []],
  ])('%s', (_policy, action, resource, places) => {
    expect(hintsOf(doc(allow(action, resource))).map(({ path }) => path.slice(2).join('.'))).toEqual(places);
  });
});
