import type { Json } from '../../src/core/json.ts';

/**
 * Documents and what IAM answers to each, as managed policies of an account of the partition `aws`. Sources of the rules
 * are in `src/core/policy-grammar`; here is where each kind of case is from.
 */
export interface GrammarRow {
  readonly what: string;
  readonly document: Json;
  /** IAM's text; null if it takes the document. */
  readonly answer: string | null;
  readonly source: string;
}

const guide = (page: string): string => `IAM User Guide, reference_policies_${page}`;
/** Its table of documents, each tried on AWS, and the checks that were made from it: which faults IAM finds, in what order. */
const moto = 'getmoto/moto, moto/iam/policy_validation.py';
const managed = "AWS's own managed policies";
/** Reports of people whom IAM answered so. */
const report = (issue: string): string => `github.com/${issue}`;

const syntax = 'Syntax errors in policy.';
const version = 'Policy document must be version 2012-10-17 or greater.';
const legacy = 'The policy failed legacy parsing';
const vendor = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
const colons = 'Actions/Condition can contain only one colon.';
const qualified = 'Resource vendor must be fully qualified and cannot contain regexes.';
const iamPath =
  'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, ' +
  'mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.';
const notArn = (resource: string): string => `Resource ${resource} must be in ARN format or "*".`;
const notPartition = (partition: string, arn: string): string =>
  `Partition "${partition}" is not valid for resource "${arn}".`;
const noRegionS3 = (arn: string): string => `Resource ${arn} can not contain region information.`;
const noRegionIam = (arn: string): string => `IAM resource ${arn} cannot contain region information.`;

const good = {
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: 'arn:aws:sqs:eu-west-1:111122223333:jobs',
};
const whole = (...statements: Json[]): Json => ({ Version: '2012-10-17', Statement: statements });
const without = (...keys: string[]): Json =>
  Object.fromEntries(Object.entries(good).filter(([key]) => !keys.includes(key)));

type Short = readonly [what: string, document: Json, answer: string | null, source: string];

const documents: readonly Short[] = [
  ['a text', 'Allow', syntax, guide('grammar')],
  ['a list', [whole(good)], syntax, guide('grammar')],
  ['no statement', { Version: '2012-10-17', Id: 'a' }, syntax, guide('elements_statement')],
  ['an empty list of statements', whole(), syntax, guide('elements_statement')],
  ['a statement that is a number', whole(good, 1), syntax, guide('grammar')],
  ['a statement that is null', { Version: '2012-10-17', Statement: null }, syntax, guide('grammar')],
  [
    'an element that is none',
    { Version: '2012-10-17', Statement: good, Owner: 'x' },
    syntax,
    guide('grammar'),
  ],
  ['an element in other capitals', { version: '2012-10-17', Statement: good }, syntax, guide('grammar')],
  ['an Id', { Version: '2012-10-17', Id: 'team jobs', Statement: good }, null, guide('elements_id')],
  ['an Id that is a number', { Version: '2012-10-17', Id: 7, Statement: good }, syntax, guide('elements_id')],
  ['another version', { Version: '2012-10-18', Statement: good }, syntax, guide('elements_version')],
  [
    'a version that is a list',
    { Version: ['2012-10-17'], Statement: good },
    syntax,
    guide('elements_version'),
  ],
  ['the version of 2008', { Version: '2008-10-17', Statement: good }, version, guide('elements_version')],
  ['no version', { Statement: good }, version, guide('elements_version')],
  ['one statement without a list', { Version: '2012-10-17', Statement: good }, null, guide('grammar')],
  [
    'no version and a bad date',
    { Statement: { ...good, Condition: { DateEquals: { a: 'x' } } } },
    version,
    moto,
  ],
  ['no version and a bad shape', { Statement: { ...good, Sid: 1 } }, syntax, moto],
];

const statements: readonly Short[] = [
  ['an element that is none', { ...good, Resources: '*' }, syntax, guide('grammar')],
  ['no effect', without('Effect'), syntax, guide('elements_effect')],
  ['an effect that is none', { ...good, Effect: 'Permit' }, syntax, guide('elements_effect')],
  ['an effect in other capitals', { ...good, Effect: 'DENY' }, legacy, moto],
  ['an effect in a list', { ...good, Effect: ['Allow'] }, syntax, guide('elements_effect')],
  [
    'a principal',
    { ...good, Principal: '*' },
    'Policy document should not specify a principal.',
    guide('elements_principal'),
  ],
  ['a Sid', { ...good, Sid: 'Jobs1' }, null, guide('elements_sid')],
  ['an empty Sid', { ...good, Sid: '' }, null, guide('elements_sid')],
  ['a Sid that is a list', { ...good, Sid: ['a'] }, syntax, moto],
  [
    'a Sid with a hyphen',
    { ...good, Sid: 'send-jobs' },
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    report('Wolox/carthage_cache/issues/22'),
  ],
  ['a Sid with an underscore', { ...good, Sid: 'Send_Jobs' }, null, moto],
  [
    'no action',
    without('Action'),
    'Policy statement must contain actions.',
    report('aws/aws-cdk/issues/9633'),
  ],
  ['an empty list of actions', { ...good, Action: [] }, 'Policy statement must contain actions.', moto],
  ['an action and all others', { ...good, NotAction: 'sqs:*' }, syntax, guide('elements_notaction')],
  [
    'no resource',
    without('Resource'),
    'Policy statement must contain resources.',
    guide('elements_resource'),
  ],
  ['an empty list of resources', { ...good, Resource: [] }, 'Policy statement must contain resources.', moto],
  ['a resource and all others', { ...good, NotResource: [] }, syntax, guide('elements_notresource')],
  [
    'all actions but one on all resources but one',
    { Effect: 'Deny', NotAction: 'sqs:*', NotResource: '*' },
    null,
    guide('elements_notaction'),
  ],
  ['an action without its service and no resource', { Effect: 'Allow', Action: 'send' }, vendor, moto],
  [
    'no action and a resource that is none',
    { ...(without('Action') as object), Resource: 'arn:aws:sqs::x' },
    legacy,
    moto,
  ],
];

const actions: readonly Short[] = (
  [
    ['everything', '*', null, guide('elements_action')],
    ['everything of every service', '*:*', null, guide('elements_action')],
    ['wildcards', 'sqs:*Mess?ge', null, guide('elements_action')],
    ['a service that AWS does not have', 'no-such.service1:Do', null, moto],
    ['white space in the name', 'sqs: Send Message ', null, moto],
    ['other characters in the name', 'sqs:Send/Mess[a]ge', null, moto],
    ['several', ['sqs:SendMessage', 'sqs:Receive*'], null, guide('elements_action')],
    ['no service', 'SendMessage', vendor, report('aws-cloudformation/cfn-lint/issues/4022')],
    ['an empty text', '', vendor, moto],
    ['two colons', 'sqs:Send:Message', colons, report('aws-cloudformation/cfn-lint/issues/935')],
    ['two colons in the second', ['sqs:*', 'a:b:c'], colons, report('garnaat/kappa/issues/111')],
    ['white space in the service', 's qs:SendMessage', 'Vendor s qs is not valid', moto],
    ['a wildcard in the service', 'sq*:SendMessage', 'Vendor sq* is not valid', moto],
    ['an underscore in the service', 's_qs:SendMessage', 'Vendor s_qs is not valid', moto],
    ['a number', 7, syntax, guide('grammar')],
    ['a list in a list', [['sqs:*']], syntax, guide('grammar')],
    ['null', ['sqs:*', null], syntax, guide('grammar')],
    ['a mapping', { sqs: '*' }, syntax, guide('grammar')],
  ] as const
).map(([what, Action, answer, source]) => [`action: ${what}`, { ...good, Action }, answer, source]);

const resources: readonly Short[] = (
  [
    ['everything', '*', null, guide('elements_resource')],
    ['wildcards', 'arn:aws:sqs:*:*:j?bs-*', null, guide('elements_resource')],
    ['any partition', 'arn:*:sqs:*:*:jobs', null, managed],
    ['colons in the name', 'arn:aws:logs:eu-west-1:111122223333:log-group:a:*', null, managed],
    ['a variable with a colon', 'arn:aws:s3:::home/${aws:username}/*', null, guide('variables')],
    ['a service that AWS does not have', 'arn:aws:no-such-service:eu-west-1::x', null, moto],
    ['a region of EC2', 'arn:aws:ec2:eu-west-1::image/*', null, managed],
    ['cut short', 'arn:aws:sqs:eu-west-1', null, moto],
    ['cut short with a wildcard', 'arn:aws:codebuild:*', null, report('garnaat/kappa/issues/111')],
    ['null beside another', ['arn:aws:sqs:*:*:jobs', null], null, moto],
    ['null alone', null, syntax, guide('grammar')],
    ['a mapping in the list', ['*', {}], syntax, guide('grammar')],
    ['a number', 1, syntax, guide('grammar')],
    ['a name', 'jobs', notArn('jobs'), report('felipefrizzo/terraform-aws-transfer-server/issues/6')],
    ['an empty text', '', notArn(''), report('felipefrizzo/terraform-aws-transfer-server/issues/6')],
    ['a name in the list', ['*', 'jobs'], notArn('jobs'), moto],
    [
      'white space before',
      ' arn:aws:sqs:*:*:jobs',
      notArn(' arn:aws:sqs:*:*:jobs'),
      guide('elements_resource'),
    ],
    ['no arn in front', 'aws:sqs:::jobs', notPartition('sqs', 'arn:sqs:::jobs:*'), moto],
    ['one colon', 'queue:jobs', notPartition('jobs', 'arn:jobs:*:*:*:*'), moto],
    ['two colons', 'q:eu:jobs', notPartition('eu', 'arn:eu:jobs:*:*:*'), moto],
    [
      'a partition that is none',
      'arn:amazon:sqs:::jobs:a',
      notPartition('amazon', 'arn:amazon:sqs:::jobs:a'),
      moto,
    ],
    ['no partition', 'arn::sqs:::jobs', notPartition('', 'arn::sqs:::jobs'), moto],
    [
      'the partition of China',
      'arn:aws-cn:iam::111122223333:user/${aws:username}',
      notPartition('aws-cn', 'arn:aws-cn:iam::111122223333:user/${aws:username}'),
      report('terraform-aws-modules/terraform-aws-iam/issues/39'),
    ],
    [
      'a variable for the partition',
      'arn:${ARN_PARTITION}:s3:::jobs',
      notPartition('${ARN_PARTITION}', 'arn:${ARN_PARTITION}:s3:::jobs'),
      report('cloudera-labs/cloudera.exe/issues/112'),
    ],
    ['no service', 'arn:aws', qualified, moto],
    ['a wildcard for the service', 'arn:aws:*', qualified, moto],
    ['a wildcard in the service', 'arn:aws:sq?:::jobs', qualified, moto],
    ['an empty service', 'arn:aws::::jobs', legacy, moto],
    ['too few colons', 'arn:aws:sqs::jobs', legacy, moto],
    ['too few colons after another fault', ['jobs', 'arn:aws:sqs::jobs'], notArn('jobs'), moto],
    ['IAM: a user', 'arn:aws:iam::111122223333:user/team/dale', null, guide('elements_resource')],
    ['IAM: everything of an account', 'arn:aws:iam::111122223333:*', null, managed],
    ['IAM: the root user', 'arn:aws:iam::*:root', null, managed],
    ['IAM: a provider', 'arn:aws:iam::111122223333:oidc-provider/id.example.com/a', null, moto],
    ['IAM: a name alone', 'arn:aws:iam::111122223333:dale', iamPath, moto],
    ['IAM: a type in the plural', 'arn:aws:iam::111122223333:users/dale', iamPath, moto],
    ['IAM: a type with a wildcard', 'arn:aws:iam::111122223333:role*', iamPath, moto],
    [
      'IAM: a region',
      'arn:aws:iam:us-east-1:111122223333:role/*',
      noRegionIam('arn:aws:iam:us-east-1:111122223333:role/*'),
      report('aws/aws-cdk/issues/13104'),
    ],
    ['IAM: any region', 'arn:aws:iam:*:*:role/a', noRegionIam('arn:aws:iam:*:*:role/a'), moto],
    ['IAM: cut short', 'arn:aws:iam', noRegionIam('arn:aws:iam'), moto],
    ['S3: a bucket', 'arn:aws:s3:::jobs', null, guide('elements_resource')],
    ['S3: objects', 'arn:aws:s3:::jobs/*', null, guide('elements_resource')],
    [
      'S3: a bucket with a region',
      'arn:aws:s3:us-west-2:111122223333:jobs/a',
      noRegionS3('arn:aws:s3:us-west-2:111122223333:jobs/a'),
      report('aws/aws-cdk/issues/22445'),
    ],
    ['S3: any region', 'arn:aws:s3:*:*:jobs', noRegionS3('arn:aws:s3:*:*:jobs'), moto],
    ['S3: cut short', 'arn:aws:s3:*', noRegionS3('arn:aws:s3:*'), moto],
    [
      'S3: an access point',
      'arn:aws:s3:eu-west-1:111122223333:accesspoint/jobs/object/*',
      null,
      report('getmoto/moto/issues/6742'),
    ],
    ['S3: grants', 'arn:aws:s3:*:*:access-grants/default', null, managed],
    [
      'S3: a job',
      'arn:aws:s3:eu-west-1:111122223333:job/*',
      null,
      'Service Authorization Reference, list_amazons3',
    ],
  ] as const
).map(([what, Resource, answer, source]) => [`resource: ${what}`, { ...good, Resource }, answer, source]);

const operators = guide('elements_condition_operators');
const conditions: readonly Short[] = (
  [
    ['none', {}, null, guide('grammar')],
    ['a list', [], syntax, guide('grammar')],
    ['a list of mappings', [{ Bool: { 'aws:SecureTransport': 'true' } }], syntax, guide('grammar')],
    ['a text', 'x', syntax, guide('grammar')],
    ['an operator with a text', { Bool: 'true' }, syntax, guide('grammar')],
    ['an operator that is none', { StringIs: { 'aws:username': 'x' } }, syntax, operators],
    ['an operator that is none, with nothing to compare', { StringIs: {} }, null, moto],
    ['operators that are none, with nothing to compare', { a: {}, b: {} }, null, moto],
    ['a set operator', { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a*', 'b'] } }, null, operators],
    ['a set operator and IfExists', { 'ForAnyValue:StringEqualsIfExists': { a: 'x' } }, null, operators],
    ['a set operator with two colons', { 'ForAnyValue::StringEquals': { a: 'x' } }, syntax, moto],
    ['a set operator in the plural', { 'ForAnyValues:StringEquals': { a: 'x' } }, syntax, operators],
    ['IfExists with Null', { NullIfExists: { a: 'true' } }, syntax, operators],
    ['a key without a service', { StringEquals: { username: 'x' } }, null, moto],
    ['a key with more colons', { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': 'x' } }, null, managed],
    [
      'a key with a scheme',
      { StringEquals: { 'https://id.example.com:sub': 'x' } },
      'Condition can contain only one colon.',
      report('terraform-aws-modules/terraform-aws-eks/issues/1084'),
    ],
    ['a number', { NumericLessThan: { 's3:max-keys': 10 } }, null, guide('elements_datatypes')],
    ['true', { Bool: { 'aws:SecureTransport': [true, 'False'] } }, null, moto],
    ['a mapping as value', { StringEquals: { 'aws:username': {} } }, syntax, guide('grammar')],
    ['null as value', { StringEquals: { 'aws:username': null } }, syntax, guide('grammar')],
    ['an IP address that is none', { IpAddress: { 'aws:SourceIp': '300.1.1.1' } }, null, moto],
    ['a number that is none', { NumericEquals: { 's3:max-keys': 'ten' } }, null, moto],
  ] as const
).map(([what, Condition, answer, source]) => [`condition: ${what}`, { ...good, Condition }, answer, source]);

const dates: readonly Short[] = (
  [
    ['2026-12-31T23:59:59Z', null],
    ['2026-12-31t23:59:59z', null],
    ['2026-12-31', null],
    ['2026-12', null],
    ['02T', null],
    ['2026-12-31T7:05:09', null],
    ['2026-12-31T23:59:59.123456789+01:30', null],
    ['2026-12-31T23:59:59-05:00', null],
    ['2026-12-31T23:59+02', null],
    ['1798761599', null],
    ['9223372036854775807', null],
    ['-292275054', null],
    ['292278993-01-01', null],
    [1798761599, null],
    ['', legacy],
    ['tomorrow', legacy],
    ['31.12.2026', legacy],
    ['31/12/2026', legacy],
    ['2026-12-31 23:59:59', legacy],
    ['2026-13-01', legacy],
    ['2026-12-32', legacy],
    ['2026-00-10', legacy],
    ['2026-12-31-01', legacy],
    ['2026-12-31T24:00:00Z', legacy],
    ['2026-12-31T23:60:00Z', legacy],
    ['2026-12-31T23:59:60Z', legacy],
    ['2026-12-31T23:59:59+1', legacy],
    ['2026-12-31T23:59:59+24:00', legacy],
    ['2026-12-31T23:59:59.1234567890Z', legacy],
    ['2026-12-31T23:59:59Zulu', legacy],
    ['9223372036854775808', legacy],
    ['-292275055', legacy],
    ['292278994-01-01', legacy],
    ['1.5', legacy],
    ['${aws:PrincipalTag/until}', legacy],
    [true, legacy],
  ] as const
).flatMap(([text, answer], index): Short[] => {
  const operator = ['DateLessThan', 'ForAllValues:DateGreaterThanIfExists', 'DateNotEquals'][index % 3]!;
  const Condition = { [operator]: { 'aws:CurrentTime': ['2026-01-01T00:00:00Z', text] } };
  return [[`date: ${JSON.stringify(text)}`, { ...good, Condition }, answer, moto]];
});

const several: readonly Short[] = [
  [
    'a Sid twice',
    whole({ ...good, Sid: 'A' }, { ...good, Sid: 'A' }),
    'Statement IDs (SID) in a single policy must be unique.',
    guide('elements_sid'),
  ],
  [
    'a Sid in other capitals',
    whole({ ...good, Sid: 'A' }, { ...good, Sid: 'a' }),
    null,
    guide('elements_sid'),
  ],
  [
    'a Sid twice, and no action',
    whole({ ...good, Sid: 'A' }, { Sid: 'A', Effect: 'Allow' }),
    'Statement IDs (SID) in a single policy must be unique.',
    moto,
  ],
  [
    'a bad date after a bad resource',
    whole({ ...good, Resource: 'jobs' }, { ...good, Condition: { DateEquals: { a: 'x' } } }),
    legacy,
    moto,
  ],
  [
    'a bad resource after a bad action',
    whole({ ...good, Action: 'a:b:c' }, { ...good, Resource: 'jobs' }),
    notArn('jobs'),
    moto,
  ],
];

const row = ([what, document, answer, source]: Short): GrammarRow => ({ what, document, answer, source });

export const grammarRows: readonly GrammarRow[] = [
  ...documents.map(row),
  ...several.map(row),
  ...[...statements, ...actions, ...resources, ...conditions, ...dates].map(
    ([what, statement, answer, source]): GrammarRow => row([what, whole(statement), answer, source]),
  ),
];
