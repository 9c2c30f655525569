/** Documents at random, with every kind of condition, over few names so that they often overlap; and edits of them. */
import type { JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import type { Random } from '../sim/random.ts';

export const actions = [
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  'ec2:RunInstances',
  'iam:PassRole',
  'iam:PutUserPolicy',
];
const actionPatterns = [
  '*',
  '*:*',
  's3:*',
  's3:*',
  's3:Get*',
  's3:*Object',
  's3:?etObject',
  'S3:getobject',
  's3:PutObject',
  's3:GetObject',
  's3:GetObject*',
  'ec2:*',
  'ec2:RunInstances',
  'iam:*',
  'iam:P*',
  'iam:PassRole',
];

export const resources = [
  'arn:aws:s3:::a/1',
  'arn:aws:s3:::a/22',
  'arn:aws:s3:::b/1',
  'arn:aws:s3:::home/u1/x',
  'arn:aws:s3:::home/u2/x',
  'arn:aws:s3:::home/${aws:username}/x',
  'arn:aws:s3:::a:1',
  'arn:aws:iam::1:role/app',
];
const plainPatterns = [
  '*',
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::a/?',
  'arn:aws:s3:::a/1',
  'arn:*:1',
  'arn:aws:s3:::b/*',
  'arn:aws:s3:::*/1',
  'arn:aws:iam::1:role/*',
  'arn:aws:s3:::home/*',
];
const variablePatterns = [
  'arn:aws:s3:::home/${aws:username}/*',
  'arn:aws:s3:::${aws:PrincipalTag/team}/*',
  "arn:aws:s3:::${aws:PrincipalTag/team, 'a'}/*",
  'arn:aws:s3:::home/${$}{aws:username}/*',
];

/** What a condition's key may be asked, and what requests have. Null: without the key. */
interface Key {
  readonly key: string;
  readonly operators: readonly string[];
  readonly values: readonly string[];
  readonly found: readonly (string | readonly string[] | null)[];
}
const order = (of: string): string[] =>
  ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].map(
    (name) => of + name,
  );
const texts = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'];
export const keys: readonly Key[] = [
  {
    key: 'aws:SourceIp',
    operators: ['IpAddress', 'IpAddress', 'NotIpAddress'],
    values: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.1.2.3/32', '192.168.0.0/16', '2001:db8::/32'],
    found: [null, '10.1.2.3', '10.1.9.9', '10.200.0.1', '192.168.1.1', '2001:db8::1'],
  },
  {
    key: 'aws:MultiFactorAuthPresent',
    operators: ['Bool'],
    values: ['true', 'false'],
    found: [null, 'true', 'false'],
  },
  {
    key: 'aws:CurrentTime',
    operators: order('Date'),
    values: ['2026-06-01T00:00:00Z', '2026-12-31', '1798675200', '2026-06-01'],
    found: ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '2026-08-01T00:00:00Z', '2026-12-31T00:00:00Z'],
  },
  {
    key: 's3:max-keys',
    operators: order('Numeric'),
    values: ['10', '100', '10.0', '-1'],
    found: [null, '-1', '5', '10', '50', '100', '200'],
  },
  {
    key: 's3:prefix',
    operators: texts,
    values: ['a', 'A', 'a/*', '?', '*', 'home/${aws:username}/*', 'b'],
    found: [null, '', 'a', 'A', 'a/x', 'home/u1/x', 'a/*'],
  },
  {
    key: 'aws:SourceArn',
    operators: ['ArnEquals', 'ArnLike', 'ArnNotLike', 'StringLike'],
    values: ['arn:aws:sns:*:1:t', 'arn:aws:sns:eu:1:t', 'arn:aws:sns:*:*:*', 'arn:aws:sns:eu:1:?'],
    found: [null, 'arn:aws:sns:eu:1:t', 'arn:aws:sns:us:1:t', 'arn:aws:sns:eu:2:t:u'],
  },
  {
    key: 'aws:TagKeys',
    operators: texts.slice(0, 4).flatMap((name) => [`ForAllValues:${name}`, `ForAnyValue:${name}`]),
    values: ['team', 'env', 't*', '*'],
    found: [null, [], ['team'], ['team', 'env'], ['x']],
  },
];

/** How much of a document is what: a whole account keeps to few condition keys, so that all their values can be tried. */
export interface Taste {
  readonly keys: readonly Key[];
  readonly variables: boolean;
}

const some = (random: Random, values: readonly string[], most = 3): string | string[] =>
  random.chance(0.5)
    ? random.pick(values)
    : Array.from({ length: random.between(1, most) }, () => random.pick(values));

function condition(random: Random, { keys: known, variables }: Taste): JsonObject {
  const found: Record<string, JsonObject> = {};
  for (let left = random.chance(0.2) ? 2 : 1; left > 0; left -= 1) {
    const { key, operators, values } = random.pick(known);
    const usable = variables ? values : values.filter((value) => !value.includes('${'));
    const operator = random.weighted<string>([
      [8, random.pick(operators)],
      [2, `${random.pick(operators)}IfExists`],
      [1, 'Null'],
    ]);
    const value = operator === 'Null' ? random.pick(['true', 'false']) : some(random, usable, 2);
    found[operator] = { ...found[operator], [key]: value };
  }
  return found;
}

export function statement(random: Random, taste: Taste): JsonObject {
  const patterns = taste.variables ? [...plainPatterns, ...variablePatterns] : plainPatterns;
  return {
    ...(random.chance(0.1) ? { Sid: random.pick(['One', 'Two']) } : {}),
    Effect: random.chance(0.72) ? 'Allow' : 'Deny',
    [random.chance(0.88) ? 'Action' : 'NotAction']: some(random, actionPatterns),
    [random.chance(0.88) ? 'Resource' : 'NotResource']: some(random, patterns),
    ...(taste.keys.length > 0 && random.chance(0.35) ? { Condition: condition(random, taste) } : {}),
  };
}

const versions = ['2012-10-17', '2012-10-17', '2012-10-17', '2008-10-17'];

export const documentOf = (Statement: readonly JsonObject[], Version = '2012-10-17'): PolicyDocument => ({
  Version,
  Statement,
});

export const document = (random: Random, taste: Taste): PolicyDocument =>
  documentOf(
    Array.from({ length: random.between(1, 3) }, () => statement(random, taste)),
    random.pick(versions),
  );

const statementsOf = ({ Statement }: PolicyDocument): JsonObject[] => [Statement].flat() as JsonObject[];

const narrower: { readonly [pattern: string]: readonly string[] } = {
  '*': ['s3:*', 'iam:*'],
  's3:*': ['s3:Get*', 's3:PutObject'],
  's3:Get*': ['s3:GetObject'],
  'iam:*': ['iam:P*', 'iam:PassRole'],
  'ec2:*': ['ec2:RunInstances'],
  'arn:aws:s3:::*': ['arn:aws:s3:::a/*', 'arn:aws:s3:::home/*'],
  'arn:aws:s3:::a/*': ['arn:aws:s3:::a/1', 'arn:aws:s3:::a/?'],
  '10.0.0.0/8': ['10.1.0.0/16'],
  '10.1.0.0/16': ['10.1.2.3'],
  'arn:aws:sns:*:*:*': ['arn:aws:sns:*:1:t'],
};

function narrow(random: Random, one: JsonObject, taste: Taste): JsonObject {
  const field = random.pick(['Action', 'Resource', 'Condition'] as const);
  if (field === 'Condition')
    return taste.keys.length === 0
      ? one
      : { ...one, Condition: { ...condition(random, taste), ...(one.Condition as JsonObject) } };
  const values = [one[field] ?? []].flat() as string[];
  if (values.length === 0) return one;
  const at = random.int(values.length);
  if (values.length > 1 && random.chance(0.5))
    return { ...one, [field]: values.filter((_, other) => other !== at) };
  const less = narrower[values[at]!];
  return less
    ? { ...one, [field]: values.map((value, other) => (other === at ? random.pick(less) : value)) }
    : one;
}

/** The same in other words. */
function respelled(random: Random, all: readonly JsonObject[]): JsonObject[] {
  const at = random.int(all.length);
  const one = all[at]!;
  const others = all.filter((_, other) => other !== at);
  const field = random.pick(['Action', 'Resource'] as const);
  const values = [one[field] ?? []].flat() as string[];
  switch (random.int(4)) {
    case 0:
      return [...others, { ...one, Sid: 'Renamed' }];
    case 1:
      return values.length > 1
        ? [...others, { ...one, [field]: values[0]! }, { ...one, [field]: values.slice(1) }]
        : [...all].reverse();
    case 2:
      return [...all, { ...one, Sid: 'Again' }];
    default: {
      // A statement within another says nothing.
      const less = narrower[values[0] ?? ''];
      return less ? [...all, { ...one, [field]: random.pick(less) }] : [...all].reverse();
    }
  }
}

/** A document a small step from another. */
export function edited(random: Random, before: PolicyDocument, taste: Taste): PolicyDocument {
  const all = statementsOf(before);
  const at = random.int(all.length);
  const without = all.filter((_, other) => other !== at);
  const next = random.weighted<() => JsonObject[]>([
    [3, () => (without.length > 0 ? without : [narrow(random, all[at]!, taste)])],
    [3, () => all.map((one, other) => (other === at ? narrow(random, one, taste) : one))],
    [3, () => respelled(random, all)],
    [1, () => [...all, { ...statement(random, taste), Effect: 'Deny' }]],
    [1, () => [...all, statement(random, taste)]],
    [1, () => [...without, statement(random, taste)]],
  ])();
  return { ...before, Statement: next };
}
