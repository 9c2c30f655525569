import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { TestAccount } from '../support/account.ts';

/** Names that YAML takes for something else, or that files and objects of JavaScript stumble over. */
const oddNames =
  'on No null true 123 1e3 0x1f .5 = - -- 2027-01-31 1_000 1,2 . .. .hidden node_modules constructor __proto__ toString account users @a a,b x=y a.b@c Y NaN _ e +1 con -x'.split(
    ' ',
  );

const name = fc.oneof(
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/) },
  { weight: 1, arbitrary: fc.constantFrom(...oddNames) },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9+=,.@_-]{1,12}$/) },
);

const path = fc.oneof(
  { weight: 3, arbitrary: fc.constant('/') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/partners/',
      '/a/b/',
      '/A/',
      '/a//b/',
      '/../',
      '/.git/',
      '/#x:-y/',
      '/\'"/',
      '/node_modules/',
      '/account/',
      '/main/',
      '/%41/',
      '/*/',
    ),
  },
);

const tagText = fc.oneof(
  fc.constantFrom(
    'images',
    'no',
    '12',
    'Zoë',
    '東京',
    'a b',
    ' x ',
    'a: b',
    '+',
    '/',
    '=',
    '2027-01-31',
    'a\u00a0b',
    '\u3000',
  ),
  fc.stringMatching(/^[\p{L}\p{N}_.:/=+@ -]{1,10}$/u),
);
const tagKey = tagText.filter((text) => !/^aws:/i.test(text));

const action = fc.constantFrom(
  's3:*',
  's3:GetObject',
  'S3:getobject',
  '*',
  'iam:Get*',
  'sts:AssumeRole',
  '*:*',
);
const resource = fc.constantFrom(
  '*',
  'arn:aws:s3:::houdini/*',
  'arn:aws:s3:::${aws:username}/*',
  'arn:aws:iam::123456789012:user/#x: y',
  'arn:aws:s3:::it\'s"q',
  'arn:aws:s3:::caf\u00e9/*',
  'arn:aws:s3:::tab\tline\nend',
);
const oneOrMore = (one: fc.Arbitrary<string>): fc.Arbitrary<Json> =>
  fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 4 }));
const condition: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.constantFrom('StringEquals', 'stringlike', 'Bool', 'ForAnyValue:StringLike', 'NumericLessThan'),
  fc.dictionary(
    fc.constantFrom('aws:username', 'aws:RequestTag/a b', 's3:prefix', 'aws:TagKeys'),
    fc.oneof(
      fc.constantFrom<Json>('true', true, 12, 1.5, 'x', '', 2 ** 53, ['a', 'b'], ['on', 3, false], []),
    ),
    { maxKeys: 2 },
  ),
  { maxKeys: 2 },
);
const statement: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      Effect: fc.constantFrom('Allow', 'Deny'),
      Resource: oneOrMore(resource),
      Action: oneOrMore(action),
      Condition: condition,
    },
    { requiredKeys: ['Effect', 'Resource', 'Action'] },
  )
  .chain((one) => fc.shuffledSubarray(Object.entries(one), { minLength: Object.keys(one).length }))
  .map((entries) => Object.fromEntries<Json>(entries))
  .map(({ Action, ...rest }): JsonObject => ({
    ...rest,
    [rest['Effect'] === 'Deny' ? 'NotAction' : 'Action']: Action!,
  }));

const document = (versions: readonly (string | null)[]): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      version: fc.constantFrom(...versions),
      id: fc.constantFrom(null, null, null, 'An id: #1'),
      statements: fc.array(statement, { minLength: 1, maxLength: 4 }),
      single: fc.boolean(),
      sids: fc.boolean(),
    })
    .map(({ version, id, statements, single, sids }) => ({
      Statement: single
        ? statements[0]!
        : statements.map((one, index) => (sids ? { Sid: `S${index}`, ...one } : one)),
      ...(id === null ? {} : { Id: id }),
      ...(version === null ? {} : { Version: version }),
    }));

const managed = document(['2012-10-17']);
const inline = document(['2012-10-17', '2012-10-17', '2008-10-17', null]);

const attachable = [
  'arn:aws:iam::aws:policy/ReadOnlyAccess',
  'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess',
  'arn:aws:iam::aws:policy/AWSDenyAll',
  'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2',
];

export interface Recipe {
  readonly policies: readonly {
    name: string;
    path: string;
    document: JsonObject;
    description: string;
    tags: [string, string][];
  }[];
  readonly groups: readonly {
    name: string;
    path: string;
    inline: JsonObject | null;
    inlineName: string;
    attach: number[];
  }[];
  readonly users: readonly {
    name: string;
    path: string;
    tags: [string, string][];
    groups: number[];
    inline: JsonObject | null;
    inlineName: string;
    attach: number[];
    boundary: number | null;
    keys: number;
    inactive: boolean;
    console: boolean;
    mark: 'none' | 'suspended' | 'offboarding' | 'guard' | 'undelivered';
  }[];
  readonly roles: readonly string[];
  /** Credentials come before the report, so that it shows them. */
  readonly reportFirst: boolean;
}

const uniquely = { selector: ({ name }: { name: string }) => name.toLowerCase() };
const tags = fc.uniqueArray(fc.tuple(tagKey, tagText), {
  selector: ([key]) => key.toLowerCase(),
  maxLength: 3,
});
const picks = fc.uniqueArray(fc.nat(20), { maxLength: 3 });

export const recipe: fc.Arbitrary<Recipe> = fc.record({
  policies: fc.uniqueArray(
    fc.record({
      name,
      path,
      document: managed,
      description: fc.constantFrom(
        '',
        '',
        'Reads reports',
        'two\nlines: #1',
        ' Ünï "q" \u2028\u0085 end ',
        "it's",
        '123',
        '\ud83d\ude00',
      ),
      tags,
    }),
    { ...uniquely, maxLength: 4 },
  ),
  groups: fc.uniqueArray(
    fc.record({ name, path, inline: fc.option(inline), inlineName: name, attach: picks }),
    { ...uniquely, maxLength: 4 },
  ),
  users: fc.uniqueArray(
    fc.record({
      name,
      path,
      tags,
      groups: picks,
      inline: fc.option(inline),
      inlineName: name,
      attach: picks,
      boundary: fc.option(fc.nat(20), { freq: 3 }),
      keys: fc.constantFrom(0, 0, 1, 2),
      inactive: fc.boolean(),
      console: fc.boolean(),
      mark: fc.constantFrom(
        ...(['none', 'none', 'none', 'none', 'suspended', 'offboarding', 'guard', 'undelivered'] as const),
      ),
    }),
    { ...uniquely, maxLength: 6 },
  ),
  roles: fc.subarray(['ci', 'AWSServiceRoleForSupport', 'AWSReservedSSO_Admin_1', 'x=y']),
  reportFirst: fc.boolean(),
});

const denyAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
});

/** Makes it so. What the sandbox refuses, as IAM would, is left out. */
export async function build({ sandbox }: TestAccount, recipe: Recipe): Promise<void> {
  const attempt = (make: () => unknown): boolean => {
    try {
      make();
      return true;
    } catch {
      return false;
    }
  };
  const toTags = (list: readonly [string, string][]) => list.map(([Key, Value]) => ({ Key, Value }));
  const arns = [...attachable];
  for (const { name, path, document, description, tags } of recipe.policies) {
    attempt(() => {
      const { Policy } = sandbox.call('CreatePolicy', {
        PolicyName: name,
        Path: path,
        PolicyDocument: JSON.stringify(document, null, 1),
        ...(description === '' ? {} : { Description: description }),
        Tags: toTags(tags),
      });
      arns.push(Policy!.Arn!);
    });
  }
  const arn = (pick: number): string => arns[pick % arns.length]!;
  const groups: string[] = [];
  for (const { name, path, inline, inlineName, attach } of recipe.groups) {
    if (!attempt(() => sandbox.call('CreateGroup', { GroupName: name, Path: path }))) continue;
    groups.push(name);
    if (inline) {
      attempt(() =>
        sandbox.call('PutGroupPolicy', {
          GroupName: name,
          PolicyName: inlineName,
          PolicyDocument: JSON.stringify(inline),
        }),
      );
    }
    for (const pick of attach)
      attempt(() => sandbox.call('AttachGroupPolicy', { GroupName: name, PolicyArn: arn(pick) }));
  }
  for (const user of recipe.users) {
    const UserName = user.name;
    const made = attempt(() =>
      sandbox.call('CreateUser', {
        UserName,
        Path: user.path,
        Tags: toTags(user.tags),
        ...(user.boundary === null ? {} : { PermissionsBoundary: arn(user.boundary) }),
      }),
    );
    if (!made) continue;
    if (user.inline) {
      attempt(() =>
        sandbox.call('PutUserPolicy', {
          UserName,
          PolicyName: user.inlineName,
          PolicyDocument: JSON.stringify(user.inline),
        }),
      );
    }
    for (const pick of user.attach)
      attempt(() => sandbox.call('AttachUserPolicy', { UserName, PolicyArn: arn(pick) }));
    for (const pick of groups.length > 0 ? user.groups : [])
      attempt(() => sandbox.call('AddUserToGroup', { UserName, GroupName: groups[pick % groups.length]! }));
    const suspended = user.mark === 'suspended';
    for (let n = 0; n < user.keys; n += 1) {
      const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
      if (suspended || (user.inactive && n === 0)) {
        sandbox.call('UpdateAccessKey', {
          UserName,
          AccessKeyId: AccessKey!.AccessKeyId!,
          Status: 'Inactive',
        });
      }
    }
    if (user.console && !suspended)
      sandbox.call('CreateLoginProfile', { UserName, Password: 'Correct-Horse-9!' });
    const marks = {
      suspended: 'rollcall-suspended',
      offboarding: 'rollcall-offboarding-deny',
      guard: 'rollcall-guard',
    };
    if (user.mark === 'undelivered') {
      attempt(() =>
        sandbox.call('TagUser', { UserName, Tags: [{ Key: 'rollcall-undelivered', Value: 'none' }] }),
      );
    } else if (user.mark !== 'none') {
      const PolicyName = marks[user.mark];
      attempt(() => sandbox.call('PutUserPolicy', { UserName, PolicyName, PolicyDocument: denyAll }));
    }
  }
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
  });
  for (const RoleName of recipe.roles)
    attempt(() => sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: trust }));
}
