/**
 * What AWS says about requests: verdicts of its documents, and of calls to it that others recorded. Plain data, so that
 * any evaluator can be held against it. Accounts and buckets are as in the documents, or short.
 */
export interface Case {
  readonly name: string;
  /** Identity-based policies: those of the user and its groups alike. */
  readonly policies: readonly object[];
  readonly boundary?: object;
  readonly action: string;
  /** Default: `*`. */
  readonly resource?: string;
  /** Values of condition keys; those that are not here are not in the request. */
  readonly context?: Readonly<Record<string, readonly string[]>>;
  readonly verdict: 'allowed' | 'explicitDeny' | 'implicitDeny';
  readonly source: string;
}

const page = (name: string): string => `https://docs.aws.amazon.com/IAM/latest/UserGuide/${name}.html`;
const operators = page('reference_policies_elements_condition_operators');
const multivalued = page('reference_policies_condition-single-vs-multi-valued-context-keys');
const condition = page('reference_policies_elements_condition');
const variables = page('reference_policies_variables');
const logic = page('reference_policies_evaluation-logic');
const boundaries = page('access_policies_boundaries');

const document = (...statements: object[]): object => ({ Version: '2012-10-17', Statement: statements });
const allow = (fields: object): object =>
  document({ Effect: 'Allow', Action: '*', Resource: '*', ...fields });
const deny = (fields: object): object => document({ Effect: 'Deny', Action: '*', Resource: '*', ...fields });

type Row = readonly [
  name: string,
  given: Omit<Case, 'name' | 'verdict' | 'source'>,
  verdict: Case['verdict'],
];
const from = (source: string, ...rows: readonly Row[]): Case[] =>
  rows.map(([name, given, verdict]) => ({ name, ...given, verdict, source }));

/** One condition on an Allow of everything. */
const when = (block: object, context: Case['context'] = {}): Row[1] => ({
  policies: [allow({ Condition: block })],
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::b/k',
  context,
});
/** One condition on a Deny of everything, beside an Allow of everything. */
const unless = (block: object, context: Case['context'] = {}): Row[1] => ({
  ...when(block, context),
  policies: [allow({}), deny({ Condition: block })],
});

const logicCases = from(
  logic,
  ['no policy at all', { policies: [], action: 's3:GetObject' }, 'implicitDeny'],
  ['an allow', { policies: [allow({})], action: 's3:GetObject' }, 'allowed'],
  [
    'an allow of something else',
    { policies: [allow({ Action: 'ec2:*' })], action: 's3:GetObject' },
    'implicitDeny',
  ],
  [
    'a deny in another policy beats the allow',
    { policies: [allow({}), deny({ Action: 's3:*' })], action: 's3:GetObject' },
    'explicitDeny',
  ],
  [
    'a deny in the same policy, wherever it stands',
    {
      policies: [
        document(
          { Effect: 'Deny', Action: 's3:*', Resource: '*' },
          { Effect: 'Allow', Action: '*', Resource: '*' },
        ),
      ],
      action: 's3:GetObject',
    },
    'explicitDeny',
  ],
  [
    'a deny needs no allow to count',
    { policies: [deny({ Action: 's3:*' })], action: 's3:GetObject' },
    'explicitDeny',
  ],
);

const elementCases = [
  ...from(
    page('reference_policies_elements_action'),
    [
      'actions without case',
      { policies: [allow({ Action: 'IAM:listaccesskeys' })], action: 'iam:ListAccessKeys' },
      'allowed',
    ],
    [
      'a star in an action',
      { policies: [allow({ Action: 'iam:*AccessKey*' })], action: 'iam:UpdateAccessKey' },
      'allowed',
    ],
    [
      'a star is within its service',
      { policies: [allow({ Action: 's3:*' })], action: 's3express:GetObject' },
      'implicitDeny',
    ],
  ),
  ...from(
    page('reference_policies_elements_notaction'),
    [
      'NotAction with Allow: all but those',
      { policies: [allow({ NotAction: 'iam:*', Action: undefined })], action: 'ec2:RunInstances' },
      'allowed',
    ],
    [
      'NotAction with Allow: those are not denied, only not allowed',
      { policies: [allow({ NotAction: 'iam:*', Action: undefined })], action: 'iam:CreateUser' },
      'implicitDeny',
    ],
    [
      'NotAction with Allow: another policy may allow those',
      {
        policies: [allow({ NotAction: 'iam:*', Action: undefined }), allow({ Action: 'iam:GetUser' })],
        action: 'iam:GetUser',
      },
      'allowed',
    ],
    [
      'NotAction with Deny and no MFA: IAM is left',
      {
        policies: [
          allow({}),
          deny({
            NotAction: 'iam:*',
            Action: undefined,
            Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
          }),
        ],
        action: 'iam:EnableMFADevice',
      },
      'allowed',
    ],
    [
      'NotAction with Deny and no MFA: all else is denied',
      {
        policies: [
          allow({}),
          deny({
            NotAction: 'iam:*',
            Action: undefined,
            Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
          }),
        ],
        action: 's3:GetObject',
      },
      'explicitDeny',
    ],
  ),
  ...from(
    page('reference_policies_elements_notresource'),
    [
      'NotResource with Deny: the named bucket is left',
      {
        policies: [
          allow({ Action: 's3:*' }),
          deny({
            Action: 's3:*',
            Resource: undefined,
            NotResource: ['arn:aws:s3:::HRBucket/Payroll', 'arn:aws:s3:::HRBucket/Payroll/*'],
          }),
        ],
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::HRBucket/Payroll/a',
      },
      'allowed',
    ],
    [
      'NotResource with Deny: others are denied',
      {
        policies: [
          allow({ Action: 's3:*' }),
          deny({
            Action: 's3:*',
            Resource: undefined,
            NotResource: ['arn:aws:s3:::HRBucket/Payroll', 'arn:aws:s3:::HRBucket/Payroll/*'],
          }),
        ],
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::HRBucket/Other/a',
      },
      'explicitDeny',
    ],
  ),
  ...from(
    page('reference_policies_elements_resource'),
    [
      'a star in a resource',
      {
        policies: [allow({ Resource: 'arn:aws:iam::111122223333:user/*' })],
        action: 'iam:GetUser',
        resource: 'arn:aws:iam::111122223333:user/sales/anna',
      },
      'allowed',
    ],
    [
      'a question mark is one character',
      {
        policies: [allow({ Resource: 'arn:aws:s3:::bucket-?/*' })],
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::bucket-12/a',
      },
      'implicitDeny',
    ],
    [
      'resources with case',
      {
        policies: [allow({ Resource: 'arn:aws:s3:::Bucket/*' })],
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::bucket/a',
      },
      'implicitDeny',
    ],
    [
      'a bucket is not what is in it',
      {
        policies: [allow({ Resource: 'arn:aws:s3:::bucket/*' })],
        action: 's3:ListBucket',
        resource: 'arn:aws:s3:::bucket',
      },
      'implicitDeny',
    ],
  ),
];

const stringCases = from(
  operators,
  [
    'StringEquals',
    when({ StringEquals: { 'aws:PrincipalTag/job': 'admin' } }, { 'aws:PrincipalTag/job': ['admin'] }),
    'allowed',
  ],
  [
    'StringEquals with case',
    when({ StringEquals: { 'aws:PrincipalTag/job': 'admin' } }, { 'aws:PrincipalTag/job': ['Admin'] }),
    'implicitDeny',
  ],
  [
    'StringEquals without the key',
    when({ StringEquals: { 'aws:PrincipalTag/job': 'admin' } }),
    'implicitDeny',
  ],
  [
    'StringEqualsIgnoreCase',
    when(
      { StringEqualsIgnoreCase: { 'aws:PrincipalTag/job': 'admin' } },
      { 'aws:PrincipalTag/job': ['Admin'] },
    ),
    'allowed',
  ],
  [
    'StringNotEquals',
    when({ StringNotEquals: { 'aws:PrincipalTag/job': 'admin' } }, { 'aws:PrincipalTag/job': ['admin'] }),
    'implicitDeny',
  ],
  [
    'StringNotEquals without the key',
    when({ StringNotEquals: { 'aws:PrincipalTag/job': 'admin' } }),
    'allowed',
  ],
  [
    'StringNotEqualsIgnoreCase',
    when(
      { StringNotEqualsIgnoreCase: { 'aws:PrincipalTag/job': 'admin' } },
      { 'aws:PrincipalTag/job': ['ADMIN'] },
    ),
    'implicitDeny',
  ],
  [
    'StringLike',
    when({ StringLike: { 's3:prefix': ['', 'home/', 'home/?nna/*'] } }, { 's3:prefix': ['home/anna/x'] }),
    'allowed',
  ],
  [
    'StringLike with case',
    when({ StringLike: { 's3:prefix': 'Home/*' } }, { 's3:prefix': ['home/x'] }),
    'implicitDeny',
  ],
  [
    'StringLike with the empty text',
    when({ StringLike: { 's3:prefix': ['', 'home/'] } }, { 's3:prefix': [''] }),
    'allowed',
  ],
  [
    'StringNotLike',
    when({ StringNotLike: { 's3:prefix': 'home/*' } }, { 's3:prefix': ['home/x'] }),
    'implicitDeny',
  ],
  ['StringNotLike without the key', when({ StringNotLike: { 's3:prefix': 'home/*' } }), 'allowed'],
  [
    'StringNotEqualsIfExists on a Deny denies even without the key',
    unless({ StringNotEqualsIfExists: { 'aws:RequestTag/team': 'a' } }),
    'explicitDeny',
  ],
);

const numberCases = from(
  operators,
  [
    'NumericLessThanEquals at the bound',
    when({ NumericLessThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': ['10'] }),
    'allowed',
  ],
  [
    'NumericLessThanEquals above',
    when({ NumericLessThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': ['11'] }),
    'implicitDeny',
  ],
  [
    'NumericLessThan at the bound',
    when({ NumericLessThan: { 's3:max-keys': '10' } }, { 's3:max-keys': ['10'] }),
    'implicitDeny',
  ],
  [
    'NumericGreaterThan compares numbers, not texts',
    when({ NumericGreaterThan: { 's3:max-keys': '9' } }, { 's3:max-keys': ['10'] }),
    'allowed',
  ],
  [
    'NumericGreaterThanEquals with decimals',
    when({ NumericGreaterThanEquals: { 's3:max-keys': '9.5' } }, { 's3:max-keys': ['9.49'] }),
    'implicitDeny',
  ],
  ['NumericEquals', when({ NumericEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': ['10.0'] }), 'allowed'],
  [
    'NumericNotEquals',
    when({ NumericNotEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': ['10'] }),
    'implicitDeny',
  ],
  [
    'NumericLessThanEquals without the key',
    when({ NumericLessThanEquals: { 's3:max-keys': '10' } }),
    'implicitDeny',
  ],
);

const issued = 'aws:TokenIssueTime';
const dateCases = from(
  operators,
  [
    'DateGreaterThan later',
    when({ DateGreaterThan: { [issued]: '2020-01-01T00:00:01Z' } }, { [issued]: ['2020-01-01T00:00:02Z'] }),
    'allowed',
  ],
  [
    'DateGreaterThan at that time',
    when({ DateGreaterThan: { [issued]: '2020-01-01T00:00:01Z' } }, { [issued]: ['2020-01-01T00:00:01Z'] }),
    'implicitDeny',
  ],
  [
    'DateGreaterThan without the key',
    when({ DateGreaterThan: { [issued]: '2020-01-01T00:00:01Z' } }),
    'implicitDeny',
  ],
  [
    'DateGreaterThanEquals at that time',
    when(
      { DateGreaterThanEquals: { [issued]: '2020-01-01T00:00:01Z' } },
      { [issued]: ['2020-01-01T00:00:01Z'] },
    ),
    'allowed',
  ],
  [
    'DateLessThan with a date alone',
    when(
      { DateLessThan: { 'aws:CurrentTime': '2020-07-01' } },
      { 'aws:CurrentTime': ['2020-06-30T23:59:59Z'] },
    ),
    'allowed',
  ],
  [
    'DateLessThanEquals in seconds since 1970',
    when({ DateLessThanEquals: { 'aws:EpochTime': '1577836801' } }, { 'aws:EpochTime': ['1577836801'] }),
    'allowed',
  ],
  [
    'DateEquals in another notation',
    when(
      { DateEquals: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
      { 'aws:CurrentTime': ['2020-01-01T01:00:00+01:00'] },
    ),
    'allowed',
  ],
  [
    'DateNotEquals',
    when(
      { DateNotEquals: { 'aws:CurrentTime': '2020-01-01T00:00:00Z' } },
      { 'aws:CurrentTime': ['2020-01-01T00:00:00Z'] },
    ),
    'implicitDeny',
  ],
);

const otherCases = from(
  operators,
  [
    'Bool on a Deny, without TLS',
    unless({ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': ['false'] }),
    'explicitDeny',
  ],
  [
    'Bool on a Deny, with TLS',
    unless({ Bool: { 'aws:SecureTransport': 'false' } }, { 'aws:SecureTransport': ['true'] }),
    'allowed',
  ],
  [
    'BinaryEquals',
    when(
      { BinaryEquals: { 'x:key': 'QmluYXJ5VmFsdWVJbkJhc2U2NA==' } },
      { 'x:key': ['QmluYXJ5VmFsdWVJbkJhc2U2NA=='] },
    ),
    'allowed',
  ],
  [
    'BinaryEquals of other bytes',
    when({ BinaryEquals: { 'x:key': 'QmluYXJ5VmFsdWVJbkJhc2U2NA==' } }, { 'x:key': ['QmluYXJ5'] }),
    'implicitDeny',
  ],
  [
    'ArnLike compares part by part',
    when(
      { ArnLike: { 'aws:SourceArn': 'arn:aws:someservice:*:111122223333:finance/*' } },
      {
        'aws:SourceArn': [
          'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
        ],
      },
    ),
    'implicitDeny',
  ],
  [
    'StringLike of the same compares the text as a whole',
    when(
      { StringLike: { 'aws:SourceArn': 'arn:aws:someservice:*:111122223333:finance/*' } },
      {
        'aws:SourceArn': [
          'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
        ],
      },
    ),
    'allowed',
  ],
  [
    'ArnEquals takes wildcards, as ArnLike does',
    when(
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:123456789012:t-?' } },
      { 'aws:SourceArn': ['arn:aws:sns:eu-west-1:123456789012:t-1'] },
    ),
    'allowed',
  ],
  [
    'ArnEquals without the key',
    when({ ArnEquals: { 'aws:SourceArn': 'arn:aws:sns:*:123456789012:t' } }),
    'implicitDeny',
  ],
  [
    'ArnNotLike without the key',
    when({ ArnNotLike: { 'aws:SourceArn': 'arn:aws:sns:*:123456789012:t' } }),
    'allowed',
  ],
  [
    'ArnNotEquals',
    when(
      { ArnNotEquals: { 'aws:SourceArn': 'arn:aws:sns:*:123456789012:t' } },
      { 'aws:SourceArn': ['arn:aws:sns:eu-west-1:123456789012:t'] },
    ),
    'implicitDeny',
  ],
  ['Null true, of a key that is not there', when({ Null: { [issued]: 'true' } }), 'allowed'],
  [
    'Null true, of a key that is there',
    when({ Null: { [issued]: 'true' } }, { [issued]: ['2020-01-01T00:00:00Z'] }),
    'implicitDeny',
  ],
  [
    'Null false, of a key that is there',
    when({ Null: { [issued]: 'false' } }, { [issued]: ['2020-01-01T00:00:00Z'] }),
    'allowed',
  ],
  [
    'StringLikeIfExists without the key',
    when({ StringLikeIfExists: { 'ec2:InstanceType': ['t1.*', 't2.*'] } }),
    'allowed',
  ],
  [
    'StringLikeIfExists with a value that fits',
    when(
      { StringLikeIfExists: { 'ec2:InstanceType': ['t1.*', 't2.*'] } },
      { 'ec2:InstanceType': ['t2.nano'] },
    ),
    'allowed',
  ],
  [
    'StringLikeIfExists with another value',
    when(
      { StringLikeIfExists: { 'ec2:InstanceType': ['t1.*', 't2.*'] } },
      { 'ec2:InstanceType': ['m3.large'] },
    ),
    'implicitDeny',
  ],
  [
    'StringLike without the key',
    when({ StringLike: { 'ec2:InstanceType': ['t1.*', 't2.*'] } }),
    'implicitDeny',
  ],
);

const from4and6 = { IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '2001:DB8:1234:5678::/64'] } };
const addressCases = from(
  operators,
  ['IpAddress within IPv4', when(from4and6, { 'aws:SourceIp': ['203.0.113.255'] }), 'allowed'],
  ['IpAddress outside IPv4', when(from4and6, { 'aws:SourceIp': ['203.0.114.0'] }), 'implicitDeny'],
  ['IpAddress within IPv6', when(from4and6, { 'aws:SourceIp': ['2001:db8:1234:5678:9::1'] }), 'allowed'],
  ['IpAddress outside IPv6', when(from4and6, { 'aws:SourceIp': ['2001:db8:1234:5679::1'] }), 'implicitDeny'],
  [
    'IpAddress without a prefix is one address',
    when({ IpAddress: { 'aws:SourceIp': '203.0.113.7' } }, { 'aws:SourceIp': ['203.0.113.8'] }),
    'implicitDeny',
  ],
  ['IpAddress without the key', when(from4and6), 'implicitDeny'],
  [
    'NotIpAddress within',
    when({ NotIpAddress: from4and6.IpAddress }, { 'aws:SourceIp': ['203.0.113.9'] }),
    'implicitDeny',
  ],
  [
    'NotIpAddress outside',
    when({ NotIpAddress: from4and6.IpAddress }, { 'aws:SourceIp': ['2001:db8::1'] }),
    'allowed',
  ],
);

const attributes = 'dynamodb:requestedAttributes';
const all = { 'ForAllValues:StringLike': { [attributes]: ['PostDateTime', 'Message', 'Tags'] } };
const any = { 'ForAnyValue:StringLike': { [attributes]: ['ID', 'PostDateTime'] } };
const setCases = from(
  multivalued,
  ['ForAllValues: all are in the list', when(all, { [attributes]: ['PostDateTime', 'Message'] }), 'allowed'],
  ['ForAllValues: one is not', when(all, { [attributes]: ['PostDateTime', 'UserName'] }), 'implicitDeny'],
  ['ForAllValues without the key', when(all), 'allowed'],
  ['ForAllValues of an empty text', when(all, { [attributes]: [''] }), 'allowed'],
  [
    'ForAnyValue on a Deny: one is in the list',
    unless(any, { [attributes]: ['UserName', 'Message', 'PostDateTime'] }),
    'explicitDeny',
  ],
  ['ForAnyValue on a Deny: none is', unless(any, { [attributes]: ['UserName'] }), 'allowed'],
  ['ForAnyValue on a Deny without the key', unless(any), 'allowed'],
  [
    'ForAnyValue of an empty text',
    when({ 'ForAnyValue:StringLike': { [attributes]: '*' } }, { [attributes]: [''] }),
    'implicitDeny',
  ],
);

const tagKeys = { 'ForAllValues:StringNotLike': { 'aws:TagKeys': 'key1*' } };
const exampleCases = from(
  page('reference_policies_condition_examples-multi-valued-context-keys'),
  [
    'ForAllValues with an inverted operator: it matches',
    unless(tagKeys, { 'aws:TagKeys': ['key1:legal'] }),
    'allowed',
  ],
  [
    'ForAllValues with an inverted operator: both match',
    unless(tagKeys, { 'aws:TagKeys': ['key1:hr', 'key1:personnel'] }),
    'allowed',
  ],
  [
    'ForAllValues with an inverted operator: it does not match',
    unless(tagKeys, { 'aws:TagKeys': ['key2:audit'] }),
    'explicitDeny',
  ],
  ['ForAllValues with an inverted operator without the key', unless(tagKeys), 'explicitDeny'],
);

const conditionCases = from(
  condition,
  [
    'names of keys without case',
    when({ StringEquals: { 'AWS:PRINCIPALTAG/job': 'admin' } }, { 'aws:PrincipalTag/job': ['admin'] }),
    'allowed',
  ],
  [
    'two operators, of which one fails',
    when(
      { StringEquals: { 'aws:b': 'x' }, Bool: { 'aws:SecureTransport': 'true' } },
      { 'aws:b': ['x'], 'aws:SecureTransport': ['false'] },
    ),
    'implicitDeny',
  ],
  [
    'two keys of one operator, of which one fails',
    when({ StringEquals: { 'aws:b': 'x', 'aws:c': 'y' } }, { 'aws:b': ['x'], 'aws:c': ['z'] }),
    'implicitDeny',
  ],
  ['one of two values', when({ StringEquals: { 'aws:b': ['x', 'y'] } }, { 'aws:b': ['y'] }), 'allowed'],
  [
    'neither of two values, negated',
    when({ StringNotEquals: { 'aws:b': ['x', 'y'] } }, { 'aws:b': ['y'] }),
    'implicitDeny',
  ],
);

const home = allow({
  Action: 's3:*',
  Resource: ['arn:aws:s3:::b/home/${aws:username}', 'arn:aws:s3:::b/home/${aws:username}/*'],
});
const variableCases = from(
  variables,
  [
    "one's own home",
    {
      policies: [home],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/home/anna/x',
      context: { 'aws:username': ['anna'] },
    },
    'allowed',
  ],
  [
    "somebody else's home",
    {
      policies: [home],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/home/ben/x',
      context: { 'aws:username': ['anna'] },
    },
    'implicitDeny',
  ],
  [
    'a variable without a value fits nothing',
    { policies: [home], action: 's3:GetObject', resource: 'arn:aws:s3:::b/home//x' },
    'implicitDeny',
  ],
  [
    'a variable in a document of 2008 is text',
    {
      policies: [{ ...home, Version: '2008-10-17' }],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/home/anna/x',
      context: { 'aws:username': ['anna'] },
    },
    'implicitDeny',
  ],
  [
    'a default for a variable without a value',
    {
      policies: [allow({ Resource: "arn:aws:s3:::b/${aws:PrincipalTag/team, 'company-wide'}" })],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/company-wide',
    },
    'allowed',
  ],
  [
    'a star in the value of a variable is a star',
    {
      policies: [allow({ Resource: 'arn:aws:s3:::b/${aws:PrincipalTag/team}' })],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/anything',
      context: { 'aws:PrincipalTag/team': ['*'] },
    },
    'implicitDeny',
  ],
  [
    'a star that is meant',
    {
      policies: [allow({ Resource: 'arn:aws:s3:::b/${*}' })],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/x',
    },
    'implicitDeny',
  ],
  [
    'a variable in a condition',
    when(
      { StringEquals: { 'aws:ResourceTag/owner': '${aws:username}' } },
      { 'aws:ResourceTag/owner': ['anna'], 'aws:username': ['anna'] },
    ),
    'allowed',
  ],
  [
    'an inverted operator matches where a variable has no value',
    {
      policies: [
        allow({}),
        deny({
          Action: 's3:GetObject',
          Condition: { StringNotEquals: { 's3:ExistingObjectTag/Team': '${aws:PrincipalTag/Team}' } },
        }),
      ],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/k',
      context: { 's3:ExistingObjectTag/Team': ['a'] },
    },
    'explicitDeny',
  ],
  [
    'other operators do not match where a variable has no value',
    when(
      { StringLike: { 's3:ExistingObjectTag/Team': '${aws:PrincipalTag/Team}*' } },
      { 's3:ExistingObjectTag/Team': ['a'] },
    ),
    'implicitDeny',
  ],
  [
    'an invalid statement with NotResource allows nothing',
    {
      policies: [allow({ Resource: undefined, NotResource: 'arn:aws:s3:::b/${aws:PrincipalTag/team}/*' })],
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/x',
    },
    'implicitDeny',
  ],
);

const bounds = allow({ Action: ['s3:*', 'cloudwatch:*', 'ec2:*'] });
const boundaryCases = from(
  boundaries,
  [
    'Shirley: iam:CreateUser is outside her boundary',
    { policies: [allow({ Action: 'iam:CreateUser' })], boundary: bounds, action: 'iam:CreateUser' },
    'implicitDeny',
  ],
  ['a boundary grants nothing', { policies: [], boundary: bounds, action: 's3:GetObject' }, 'implicitDeny'],
  [
    'within both',
    { policies: [allow({ Action: 's3:*' })], boundary: bounds, action: 's3:GetObject' },
    'allowed',
  ],
  [
    'a boundary that denies',
    {
      policies: [allow({})],
      boundary: document(
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: 's3:*', Resource: '*' },
      ),
      action: 's3:GetObject',
    },
    'explicitDeny',
  ],
  [
    'a deny of the policies within the boundary',
    { policies: [allow({}), deny({ Action: 's3:*' })], boundary: bounds, action: 's3:GetObject' },
    'explicitDeny',
  ],
);

const cli = 'https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-custom-policy.html';
const backup = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: '*',
    Condition: { DateGreaterThan: { 'aws:CurrentTime': '2018-08-16T12:00:00Z' } },
  },
};
const recorded = [
  ...from(
    cli,
    [
      'the example that is allowed',
      {
        policies: [backup],
        action: 'dynamodb:CreateBackup',
        context: { 'aws:CurrentTime': ['2019-04-25T11:00:00Z'] },
      },
      'allowed',
    ],
    [
      'the example that is too early',
      {
        policies: [backup],
        action: 'dynamodb:CreateBackup',
        context: { 'aws:CurrentTime': ['2014-04-25T11:00:00Z'] },
      },
      'implicitDeny',
    ],
  ),
  ...from('https://github.com/aws/aws-sdk-java-v2/issues/1751', [
    'a key that another statement asks for does not matter',
    {
      policies: [
        document(
          {
            Effect: 'Allow',
            Action: 'ec2:DeleteVolume',
            Resource: 'arn:aws:ec2:*:*:volume/*',
            Condition: { StringEquals: { 'ec2:ResourceTag/some_tag': 'true' } },
          },
          {
            Effect: 'Allow',
            Action: 'elasticfilesystem:CreateFileSystem',
            Resource: '*',
            Condition: { StringEquals: { 'aws:RequestTag/t': 'x' } },
          },
        ),
      ],
      action: 'ec2:DeleteVolume',
      resource: 'arn:aws:ec2:us-west-2:123456789012:volume/*',
      context: { 'ec2:ResourceTag/some_tag': ['true'] },
    },
    'allowed',
  ]),
];

/**
 * Conditions as AWS itself decided them in September 2026, on an Allow and on a Deny: the operator, the key, what it is
 * compared with, the values of the request (none: the key is not in it), whether the condition holds.
 */
const seen = (
  file: string,
  ...rows: readonly (readonly [
    operator: string,
    key: string,
    expected: string | readonly string[],
    values: readonly string[],
    holds: boolean,
  ])[]
): Case[] =>
  rows.flatMap(([operator, key, expected, values, holds]) => {
    const context = values.length === 0 ? {} : { [key]: values };
    const block = { [operator]: { [key]: expected } };
    const name = `${operator} of ${key} ${JSON.stringify(expected)}, ${JSON.stringify(values)}`;
    return from(
      `https://github.com/radkawar/stackd/blob/9dc356f5e5cc49d2d334178a09c1398dd1c62617/testdata/aws/iam/${file}.json`,
      [`${name}, on an Allow`, when(block, context), holds ? 'allowed' : 'implicitDeny'],
      [`${name}, on a Deny`, unless(block, context), holds ? 'explicitDeny' : 'allowed'],
    );
  });
const ofRequest = 'aws:RequestTag/value';
/** What AWS itself was seen to decide, some of which its documents leave open. */
export const seenVerdicts: readonly Case[] = [
  // Without a quantifier, a key of several values fits only where it is not there.
  ...seen(
    'condition_sets',
    ['StringEquals', 'aws:TagKeys', 'team', [], false],
    ['StringEquals', 'aws:TagKeys', 'team', ['team'], false],
    ['StringEquals', 'aws:TagKeys', 'team', ['team', 'env'], false],
    ['StringNotEquals', 'aws:TagKeys', 'team', [], true],
    ['StringNotEquals', 'aws:TagKeys', 'team', ['team'], false],
    ['StringNotEquals', 'aws:TagKeys', 'team', ['env'], false],
    ['StringEqualsIfExists', 'aws:TagKeys', 'team', [], true],
    ['StringEqualsIfExists', 'aws:TagKeys', 'team', ['team'], false],
    ['StringNotEqualsIfExists', 'aws:TagKeys', 'team', [], true],
    ['StringNotEqualsIfExists', 'aws:TagKeys', 'team', ['env'], false],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'team', [], false],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'team', ['team', 'env'], true],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', 'team', [], false],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', 'team', ['team'], false],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', 'team', ['team', 'env'], true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'team', [], true],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'team', ['team', 'env'], false],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', 'team', [], true],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', 'team', ['env'], true],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', 'team', ['team', 'env'], false],
    ['Null', ofRequest, 'true', [''], false],
    ['Null', ofRequest, 'false', [''], true],
    ['Null', ofRequest, 'true', [], true],
    ['StringEquals', ofRequest, '', [''], true],
    ['StringEquals', ofRequest, '', ['capture'], false],
    ['ForAllValues:StringEquals', ofRequest, 'capture', [''], false],
    ['ForAllValues:StringEquals', ofRequest, 'capture', [], true],
    ['ForAnyValue:StringEquals', ofRequest, '', [''], true],
    ['ForAnyValue:StringEquals', ofRequest, '', [], false],
  ),
  ...seen(
    'condition_values',
    ['NumericEquals', ofRequest, '1', ['01'], true],
    ['NumericEquals', ofRequest, '1', ['+1'], true],
    ['NumericEquals', ofRequest, '1', ['1.0'], true],
    ['NumericEquals', ofRequest, '1', ['1e0'], true],
    ['NumericEquals', ofRequest, '1.', ['1'], true],
    ['NumericEquals', ofRequest, '1', ['no-number'], false],
    ['NumericEquals', ofRequest, '1', [''], false],
    ['NumericEquals', ofRequest, '1', ['NaN'], false],
    ['NumericEquals', ofRequest, '1', ['Infinity'], false],
    ['NumericNotEquals', ofRequest, '1', ['1e0'], false],
    ['NumericNotEquals', ofRequest, '1', ['no-number'], true],
    ['NumericNotEquals', ofRequest, '1', [''], true],
    ['NumericEquals', ofRequest, '9007199254740993', ['9007199254740992'], false],
    ['NumericLessThan', ofRequest, '9007199254740993', ['9007199254740992'], true],
    ['ForAnyValue:NumericEquals', 'aws:TagKeys', '1', ['no-number', '1'], true],
    ['ForAllValues:NumericNotEquals', 'aws:TagKeys', '1', ['no-number', '2'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['1893456000'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['+1893456000'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['2030-01-01'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['2030-01-01T00:00:00'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['2030-01-01T00:00:00.0001Z'], true],
    ['DateEquals', ofRequest, '2030-01-01T00:00:00Z', ['not-a-date'], false],
    ['DateNotEquals', ofRequest, '2030-01-01T00:00:00Z', ['not-a-date'], true],
    ['Bool', ofRequest, 'TRUE', ['true'], true],
    ['Bool', ofRequest, 'false', [''], true],
    ['Bool', ofRequest, 'false', [' true '], true],
    ['Bool', ofRequest, 'yes', ['false'], true],
  ),
  ...seen(
    'condition_strings',
    ['StringEqualsIgnoreCase', ofRequest, 'prod', ['PrOd'], true],
    ['StringEqualsIgnoreCase', ofRequest, 'I', ['\u0131'], false],
    ['StringEqualsIgnoreCase', ofRequest, 'i', ['\u0130'], false],
    ['StringEqualsIgnoreCase', ofRequest, 'K', ['\u212a'], true],
    ['StringEqualsIgnoreCase', ofRequest, 's', ['\u017f'], false],
    ['StringEqualsIgnoreCase', ofRequest, '\u00df', ['\u1e9e'], true],
    ['StringEqualsIgnoreCase', ofRequest, '\u00df', ['SS'], false],
    ['StringEqualsIgnoreCase', ofRequest, '\u03a3', ['\u03c2'], false],
    ['StringEqualsIgnoreCase', ofRequest, '\u039f\u03a3', ['\u03bf\u03c2'], true],
    ['StringEqualsIgnoreCase', ofRequest, '\u039f\u03a3', ['\u03bf\u03c3'], false],
    ['StringNotEqualsIgnoreCase', ofRequest, '\u00c9', ['\u00e9'], false],
  ),
  ...seen(
    'condition_ip',
    ['IpAddress', ofRequest, '192.0.2.5/24', ['192.0.2.1'], true],
    ['IpAddress', ofRequest, '192.0.2.0/31', ['192.0.2.2'], false],
    ['IpAddress', ofRequest, '192.0.2.0/0', ['203.0.113.1'], true],
    ['IpAddress', ofRequest, '192.0.2.0/0', ['2001:db8::1'], false],
    ['IpAddress', ofRequest, '192.000.002.0/24', ['192.0.2.1'], true],
    ['IpAddress', ofRequest, '192.000.002.1', ['192.0.2.1'], true],
    ['IpAddress', ofRequest, '192.0.2.0/024', ['192.0.2.1'], true],
    ['IpAddress', ofRequest, '192.0.2.0/+24', ['192.0.2.1'], true],
    ['NotIpAddress', ofRequest, ['192.0.2.0/24', 'not-an-ip'], ['192.0.2.1'], false],
    ['NotIpAddress', ofRequest, ['192.0.2.0/24', 'not-an-ip'], ['192.0.3.1'], true],
    ['IpAddress', ofRequest, ['2001:db8::5/64', '2001:db8::/64'], ['2001:db8::1'], true],
  ),
];

export const verdicts: readonly Case[] = [
  ...logicCases,
  ...elementCases,
  ...stringCases,
  ...numberCases,
  ...dateCases,
  ...otherCases,
  ...addressCases,
  ...setCases,
  ...exampleCases,
  ...conditionCases,
  ...variableCases,
  ...boundaryCases,
  ...recorded,
];
