/** Documents and requests at random, with names, conditions and values as AWS has them. */
import * as fc from 'fast-check';
import type { JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';

/** Requests: every action on every resource. */
export const awsNames = {
  actions: ['s3:GetObject', 's3:PutObject', 'iam:GetUser'],
  resources: [
    'arn:aws:s3:::b/home/anna/x',
    'arn:aws:s3:::b/home/ben/x',
    'arn:aws:s3:::b',
    'arn:aws:iam::123456789012:user/anna',
  ],
} as const;

const actions = ['*', 's3:*', 's3:Get*', 'S3:getobject', 's3:?utObject', 'iam:*', 'iam:GetUser', '*:*Object'];
const resources = [
  '*',
  'arn:aws:s3:::b/*',
  'arn:aws:s3:::b',
  'arn:aws:s3:::?',
  'arn:aws:s3:::*/x',
  'arn:aws:s3:::b/home/${aws:username}/*',
  "arn:aws:s3:::b/home/${aws:PrincipalTag/team, 'ben'}/x",
  'arn:aws:iam::*:user/${aws:username}',
  'arn:aws:iam::123456789012:*',
];

/** Keys by the kind of operator that takes them, with values of policies and of requests. */
const conditions: readonly {
  readonly key: string;
  readonly operators: readonly string[];
  readonly values: readonly string[];
  readonly actual: readonly string[];
  readonly isSet?: true;
}[] = [
  {
    key: 'aws:PrincipalTag/team',
    operators: [
      'StringEquals',
      'StringNotEquals',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
      'StringLike',
      'StringNotLike',
    ],
    values: ['a', 'A', 'a*', '?', '*', '${aws:username}', '${*}', 'a${*}', ''],
    actual: ['a', 'A', 'ab', 'anna', '', '*', 'a*', '${aws:username}'],
  },
  {
    key: 'aws:username',
    operators: ['StringEquals', 'StringLike'],
    values: ['anna', 'b*'],
    actual: ['anna', 'ben'],
  },
  {
    key: 'aws:SourceIp',
    operators: ['IpAddress', 'NotIpAddress'],
    values: ['10.0.0.0/8', '10.0.0.0/16', '203.0.113.9', '2001:db8::/32', '0.0.0.0/0', '::/0'],
    actual: ['10.0.0.1', '10.1.0.1', '203.0.113.9', '203.0.113.8', '2001:db8::1', '2001:DB9::1'],
  },
  {
    key: 's3:max-keys',
    operators: [
      'NumericEquals',
      'NumericNotEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    values: ['9', '10', '10.0', '-1.5'],
    actual: ['9', '10', '10.00', '11', '-2'],
  },
  {
    key: 'aws:CurrentTime',
    operators: [
      'DateEquals',
      'DateNotEquals',
      'DateLessThan',
      'DateLessThanEquals',
      'DateGreaterThan',
      'DateGreaterThanEquals',
    ],
    values: ['2026-01-01', '2026-01-01T01:00:00+01:00', '1767225600', '2027-01-01T00:00:00Z'],
    actual: ['2026-01-01T00:00:00Z', '2026-06-01T12:00:00Z', '2025-12-31T23:59:59Z', '1767225600'],
  },
  {
    key: 'aws:MultiFactorAuthPresent',
    operators: ['Bool'],
    values: ['true', 'false', 'True'],
    actual: ['true', 'false'],
  },
  {
    key: 'aws:SourceArn',
    operators: ['ArnLike', 'ArnEquals', 'ArnNotLike', 'ArnNotEquals'],
    values: ['arn:aws:sns:*:123456789012:t', 'arn:aws:sns:*:*:*', 'arn:aws:s?s:eu-west-1:123456789012:t:*'],
    actual: ['arn:aws:sns:eu-west-1:123456789012:t', 'arn:aws:sqs:eu-west-1:123456789012:t:1'],
  },
  {
    key: 'aws:TagKeys',
    operators: ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike'].flatMap((operator) => [
      `ForAllValues:${operator}`,
      `ForAnyValue:${operator}`,
    ]),
    values: ['a', 'b', 'a*', '*'],
    actual: ['a', 'b', 'ab', ''],
    isSet: true,
  },
  { key: 's3:x-amz-acl', operators: ['BinaryEquals'], values: ['YQ==', 'Yg=='], actual: ['YQ==', 'Yg=='] },
];

const some = (values: readonly string[]): fc.Arbitrary<string | string[]> =>
  fc.oneof(
    fc.constantFrom(...values),
    fc.subarray([...values], { minLength: 1, maxLength: Math.min(3, values.length) }),
  );

const condition: fc.Arbitrary<JsonObject> = fc
  .constantFrom(...conditions)
  .chain(({ key, operators, values, isSet }) =>
    fc
      .record({
        operator: fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom(...operators) },
          { weight: 1, arbitrary: fc.constant('Null') },
        ),
        values: some(values),
        isAbsent: fc.constantFrom('true', 'false'),
        ifExists: fc.boolean(),
      })
      .map(({ operator, values: list, isAbsent, ifExists }): JsonObject =>
        operator === 'Null'
          ? { Null: { [key]: isAbsent } }
          : { [operator + (ifExists && !isSet ? 'IfExists' : '')]: { [key]: list } },
      ),
  );

const statement: fc.Arbitrary<JsonObject> = fc
  .record({
    effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
    actionField: fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
    actions: some(actions),
    resourceField: fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
    resources: some(resources),
    conditions: fc.array(condition, { maxLength: 2 }),
  })
  .map((one) => ({
    Effect: one.effect,
    [one.actionField]: one.actions,
    [one.resourceField]: one.resources,
    // Of the same operator, the last counts.
    ...(one.conditions.length > 0 ? { Condition: Object.assign({}, ...one.conditions) as JsonObject } : {}),
  }));

export const awsDocument: fc.Arbitrary<PolicyDocument> = fc
  .record({
    version: fc.constantFrom('2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17'),
    statements: fc.array(statement, { minLength: 1, maxLength: 3 }),
  })
  .map(({ version, statements }) => ({ Version: version, Statement: statements }));

/** Values of every key; empty: the request does not have it. */
export type AwsContext = Readonly<Record<string, readonly string[]>>;
export const awsContext: fc.Arbitrary<AwsContext> = fc.record(
  Object.fromEntries(
    conditions.map(({ key, actual, isSet }) => [
      key,
      fc.subarray([...actual], { minLength: 0, maxLength: isSet ? 3 : 1 }),
    ]),
  ),
);
