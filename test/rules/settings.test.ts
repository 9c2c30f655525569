/**
 * Every setting that the manifests have, changed: the account is as the files say; then one setting is another. The plan
 * must tell it, by a change or as a changed rule, or it stands below why it need not. So does a new setting of the schema.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desired } from '../../src/core/desired.ts';
import type { Plan } from '../../src/kinds/plan.ts';
import { planAccount } from '../../src/app/session.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import schema from '../../schemas/manifest.schema.json' with { type: 'json' };
import { accountId, allRails, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { scratch, write } from '../support/cli.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

/** Every setting, as `users.*.groups[].expires`. */
function settings(node: Schema, path = ''): string[] {
  if (node.$ref !== undefined) {
    const { $ref, ...rest } = node;
    const found = (schema.$defs as unknown as Record<string, Schema>)[$ref.replace('#/$defs/', '')]!;
    return settings({ ...found, ...rest }, path);
  }
  const below = [
    ...Object.entries(node.properties ?? {}).map(([name, one]) => [`.${name}`, one] as const),
    ...Object.values(node.patternProperties ?? {}).map((one) => ['.x-', one] as const),
    ...(typeof node.additionalProperties === 'object' ? [['.*', node.additionalProperties] as const] : []),
    ...(node.items ? [['[]', node.items] as const] : []),
  ];
  return below.length === 0 ? [path.slice(1)] : below.flatMap(([part, one]) => settings(one, path + part));
}

/** Why the plan says nothing of it. */
const harmless: readonly (readonly [setting: RegExp, why: string])[] = [
  [/^version$/, 'there is one'],
  [/^account\.id$/, 'another account is another account: it is compared with nothing'],
  [/^partition$/, 'likewise'],
  [/^roles\.\*\.instanceProfile$/, 'the changes of its profile tell it'],
  [/^(roles|instanceProfiles)\.\*\.path$/, 'IAM cannot move it: such a plan is refused'],
  [/^roles\.\*\.trust\[\]\.(saml|oidc)$/, 'another provider is another form'],
  [/\.renamedFrom$/, 'the object has the new name, and nothing has the old one'],
  [/\.(Id|Sid)$/, 'it means nothing to IAM: the plan has a note'],
  [/\.Version$/, 'what it changes is told; without variables it changes nothing'],
  [
    /(^|\.)x-$|\.(owner|ticket)\[\]$|\.note$|^(users|groups|instanceProfiles|identityProviders\.(oidc|saml))\.\*\.(.+\.)?description$|^roles\.\*\.attach\[\]\.description$/,
    'for people only',
  ],
];

const github = 'token.actions.githubusercontent.com';
const provider = (text: string): string => `${ben}identityProviders: { oidc: { ${github}: { ${text} } } }\n`;
const xml = (entity: string): string =>
  `metadata: '<EntityDescriptor entityID="${entity}">${'x'.repeat(1000)}</EntityDescriptor>'`;
const saml = (text: string): string => `${ben}identityProviders: { saml: { okta: { ${text} } } }\n`;
const profile = (text: string): string => `${ben}instanceProfiles: { spare: { ${text} } }\n`;
/** What stands below a section, which may be nested. */
const below = (name: string, text: string): string => {
  const [top, ...inner] = name.split('.');
  return inner.length === 0 ? `${top}: ${text}` : `${top}: { ${inner[0]}: ${text} }`;
};

const open = "Effect: Allow, Principal: { AWS: '*' }, Action: 'sts:AssumeRole'";

type Files = string | ((account: TestAccount) => string);
type Pair = readonly [before: Files, after: Files];

const [ben, staff] = ['users: { ben: {} }\n', 'groups: { staff: { members: [ben] } }\n'];
const user = (text: string): string => `users: { ben: { ${text} } }\n`;
const group = (text: string): string => `${ben}groups: { staff: { ${text} } }\n`;
const policy = (text: string): string =>
  `policies: { p: { document: { Statement: { Effect: Allow, Action: 's3:*', Resource: '*' } }, ${text} } }\n`;
const forInstances = '[{ service: ec2.amazonaws.com }]';
const role = (text: string): string => `roles: { r: { trust: ${forInstances}, ${text} } }\n`;
const trusting = 'identityProviders: { oidc: { id.example.com: { audiences: [a] } } }\n';
const trusted = (form: string): string => role('').replace('{ service: ec2.amazonaws.com }', `{ ${form} }`);
const all = `${ben}${staff}${policy('')}${role('')}`;
const rails = (text: string): string => `${all}rails: { ${text} }\n`;
const section = (name: string, text: string): string => `${all}${name}: { ${text} }\n`;
const password = (text: string): string =>
  `account: { id: '${accountId}', passwordPolicy: { minimumLength: 20, ${text} } }\n${ben}`;
const alias = (text: string): string => `account: { id: '${accountId}', alias: ${text} }\n${ben}`;
const [one, other] = [
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg',
];
const keyOf = ({ sandbox }: TestAccount): string =>
  sandbox.call('ListAccessKeys', { UserName: 'ben' }).AccessKeyMetadata![0]!.AccessKeyId!;
const passwordOf = ({ sandbox }: TestAccount): string =>
  sandbox.call('GetLoginProfile', { UserName: 'ben' }).LoginProfile!.CreateDate!.toISOString();

const both = (of: (text: string) => string, before: string, after: string): Pair => [of(before), of(after)];

const pairs: Readonly<Record<string, Pair>> = {
  'account.alias': both(alias, 'acme-lab', 'acme-prod'),
  ...Object.fromEntries(
    [
      ['requireSymbols', 'true', 'false'],
      ['requireNumbers', 'true', 'false'],
      ['requireUppercase', 'true', 'false'],
      ['requireLowercase', 'true', 'false'],
      ['allowUsersToChange', 'false', 'true'],
      ['maxAge', '90d', '365d'],
      ['reusePrevention', '12', '2'],
    ].map(([name, was, is]) => [
      `account.passwordPolicy.${name}`,
      both(password, `${name}: ${was}`, `${name}: ${is}`),
    ]),
  ),
  'account.passwordPolicy.minimumLength': both((length) => password('').replace('20', length), '20', '8'),
  'account.passwordPolicy.hardExpiry': both(
    password,
    'maxAge: 90d, hardExpiry: true',
    'maxAge: 90d, hardExpiry: false',
  ),
  ...Object.fromEntries(
    ['users', 'groups', 'policies', 'roles'].flatMap((name) => [
      [
        `manage.${name}.names[]`,
        both((t) => section('manage', `${name}: { names: [${t}] }`), "'*'", "'*', '!a'"),
      ],
      [`manage.${name}.paths[]`, both((t) => section('manage', `${name}: { paths: [${t}] }`), '/', '/team/')],
      [`removed.${name}[]`, both((t) => section('removed', `${name}: [${t}]`), 'old', 'older')],
      [`ignore.${name}[]`, both((t) => section('ignore', `${name}: [${t}]`), 'a*', "'?a'")],
      [`rails.maxRemovals.${name}`, both((t) => rails(`maxRemovals: { ${name}: ${t} }`), '5', '500')],
      [
        `rails.protect.${name}[]`,
        both(
          (t) => rails(`protect: { ${name}: [${t}] }`),
          { users: 'ben', groups: 'staff', policies: 'p', roles: 'r' }[name]!,
          '',
        ),
      ],
    ]),
  ),
  ...Object.fromEntries(
    ['instanceProfiles', 'identityProviders.oidc', 'identityProviders.saml'].flatMap((name) => {
      const said = (key: string) => (text: string) => section(key, below(name, text));
      return [
        [`manage.${name}.names[]`, both((t) => said('manage')(`{ names: [${t}] }`), "'*'", "'*', '!a'")],
        [`manage.${name}.tags.*`, both((t) => said('manage')(`{ tags: { team: ${t} } }`), 'x', 'y')],
        [`removed.${name}[]`, both((t) => said('removed')(`[${t}]`), 'old', 'older')],
        [`ignore.${name}[]`, both((t) => said('ignore')(`[${t}]`), 'a*', "'?a'")],
        [`rails.protect.${name}[]`, both((t) => rails(`protect: { ${below(name, `[${t}]`)} }`), 'a', '')],
      ];
    }),
  ),
  'manage.instanceProfiles.paths[]': both(
    (t) => section('manage', `instanceProfiles: { paths: [${t}] }`),
    '/',
    '/team/',
  ),
  ...Object.fromEntries(
    ['instanceProfiles', 'identityProviders'].map((name) => [
      `rails.maxRemovals.${name}`,
      both((t) => rails(`maxRemovals: { ${name}: ${t} }`), '5', '500'),
    ]),
  ),
  'instanceProfiles.*.role': both(
    (t) => `${ben}roles: { r: { trust: ${forInstances} } }\ninstanceProfiles: { spare: { ${t} } }\n`,
    'role: r',
    '',
  ),
  'instanceProfiles.*.tags.*': both(profile, 'tags: { team: x }', 'tags: { team: y }'),
  'instanceProfiles.*.expires': both(profile, 'expires: 2028-01-01', 'expires: 2038-01-01'),
  'identityProviders.oidc.*.audiences[]': both(provider, 'audiences: [a]', 'audiences: [b]'),
  'identityProviders.oidc.*.thumbprints[]': both(
    (t) => provider(`audiences: [a], thumbprints: ['${t.repeat(40)}']`),
    '1',
    '2',
  ),
  'identityProviders.oidc.*.tags.*': both(provider, 'tags: { team: x }', 'tags: { team: y }'),
  'identityProviders.oidc.*.expires': both(provider, 'expires: 2028-01-01', 'expires: 2038-01-01'),
  'identityProviders.saml.*.metadata': both(saml, xml('a'), xml('b')),
  'identityProviders.saml.*.tags.*': both(
    saml,
    `${xml('a')}, tags: { team: x }`,
    `${xml('a')}, tags: { team: y }`,
  ),
  'identityProviders.saml.*.expires': both(
    saml,
    `${xml('a')}, expires: 2028-01-01`,
    `${xml('a')}, expires: 2038-01-01`,
  ),
  'manage.users.tags.*': both((t) => section('manage', `users: { tags: { team: ${t} } }`), 'x', 'y'),
  'manage.roles.tags.*': both((t) => section('manage', `roles: { tags: { team: ${t} } }`), 'x', 'y'),
  'manage.policies.tags.*': both((t) => section('manage', `policies: { tags: { team: ${t} } }`), 'x', 'y'),
  'rails.maxRemovals.percent': both((t) => rails(`maxRemovals: { percent: ${t} }`), '10', '100'),
  'rails.maxRemovals.memberships': both((t) => rails(`maxRemovals: { memberships: ${t} }`), '5', '50'),
  'rails.deny[].danger': both((t) => rails(`deny: [${t}]`), 'administrator', 'escalation'),
  'rails.deny[].except.roles[]': both(
    (t) => rails(`deny: [{ danger: administrator, except: { roles: [${t}] } }]`),
    'a',
    'a, b',
  ),
  'rails.deny[].except.users[]': both(
    (t) => `${ben}rails: { deny: [{ danger: administrator, except: { users: [${t}] } }] }`,
    '',
    'ben',
  ),
  'rails.minMembers.*': both((t) => rails(`minMembers: { ${t} }`), 'staff: 1', ''),
  serviceCredentials: both((t) => `${ben}serviceCredentials: ${t}`, 'forbidden', 'allowed'),
  'users.*.path': both(user, 'path: /a/', 'path: /b/'),
  'users.*.tags.*': both(user, 'tags: { team: x }', 'tags: { team: y }'),
  'users.*.groups[].name': both(
    (t) => `groups: { a: {}, b: {} }\n${user(`groups: [{ name: ${t} }]`)}`,
    'a',
    'b',
  ),
  'users.*.groups[].expires': both(
    (t) => `groups: { a: {} }\n${user(`groups: [{ name: a, expires: ${t} }]`)}`,
    '2028-01-01',
    '2038-01-01',
  ),
  'users.*.boundary': both(user, 'boundary: aws:ReadOnlyAccess', 'boundary: aws:PowerUserAccess'),
  'users.*.expires': both(user, 'expires: 2028-01-01', 'expires: 2038-01-01'),
  'users.*.suspended': both(user, 'suspended: true', 'suspended: false'),
  'users.*.accessKey.deliverTo': both(
    user,
    `accessKey: { deliverTo: ${one} }`,
    `accessKey: { deliverTo: ${other} }`,
  ),
  'users.*.accessKey.count': both(user, 'accessKey: { count: 1 }', 'accessKey: { count: 2 }'),
  'users.*.accessKey.ids[]': [user('accessKey: {}'), (at) => user(`accessKey: { ids: [${keyOf(at)}] }`)],
  'users.*.accessKey.rotateAfter': both(
    user,
    'accessKey: { rotateAfter: 90d }',
    'accessKey: { rotateAfter: 900d }',
  ),
  'users.*.accessKey.grace': both(
    user,
    'accessKey: { rotateAfter: 90d, grace: 1d }',
    'accessKey: { rotateAfter: 90d, grace: 30d }',
  ),
  'users.*.console.deliverTo': both(
    user,
    `console: { deliverTo: ${one} }`,
    `console: { deliverTo: ${other} }`,
  ),
  'users.*.console.createdAt': [
    user('console: {}'),
    (at) => user(`console: { createdAt: '${passwordOf(at)}' }`),
  ],
  'users.*.serviceCredentials': both(user, 'serviceCredentials: forbidden', 'serviceCredentials: allowed'),
  'groups.*.path': both(group, 'path: /a/', 'path: /b/'),
  'groups.*.members[].name': [
    'users: { ben: {}, dale: {} }\ngroups: { staff: { members: [{ name: ben }] } }',
    'users: { ben: {}, dale: {} }\ngroups: { staff: { members: [{ name: dale }] } }',
  ],
  'groups.*.members[].expires': both(
    group,
    'members: [{ name: ben, expires: 2028-01-01 }]',
    'members: [{ name: ben, expires: 2038-01-01 }]',
  ),
  'policies.*.path': both(policy, 'path: /a/', 'path: /b/'),
  'policies.*.description': both(policy, 'description: a', 'description: b'),
  'policies.*.tags.*': both(policy, 'tags: { team: x }', 'tags: { team: y }'),
  'roles.*.description': both(role, 'description: a', 'description: b'),
  'roles.*.maxSession': both(role, 'maxSession: 1h', 'maxSession: 12h'),
  'roles.*.boundary': both(role, 'boundary: aws:ReadOnlyAccess', 'boundary: aws:PowerUserAccess'),
  'roles.*.tags.*': both(role, 'tags: { team: x }', 'tags: { team: y }'),
  'roles.*.revoke': both(role, 'revoke: true', 'revoke: false'),
  'roles.*.expires': both(role, 'expires: 2028-01-01', 'expires: 2038-01-01'),
  ...Object.fromEntries(
    (
      [
        [
          'github.repo[]',
          'github: { repo: [acme/a], environment: p }',
          'github: { repo: [acme/b], environment: p }',
        ],
        [
          'github.environment[]',
          'github: { repo: acme/a, environment: [p] }',
          'github: { repo: acme/a, environment: [q] }',
        ],
        ['github.branch[]', 'github: { repo: acme/a, branch: [p] }', 'github: { repo: acme/a, branch: [q] }'],
        ['github.tag[]', 'github: { repo: acme/a, tag: [p] }', 'github: { repo: acme/a, tag: [q] }'],
        [
          'github.ref[]',
          'github: { repo: acme/a, ref: [refs/heads/p] }',
          'github: { repo: acme/a, ref: [refs/heads/q] }',
        ],
        [
          'github.pullRequest',
          'github: { repo: acme/a, pullRequest: true }',
          'github: { repo: acme/a, branch: p }',
        ],
        [
          'github.subject[]',
          "github: { subject: ['repo:acme/a:p'] }",
          "github: { subject: ['repo:acme/a:q'] }",
        ],
        [
          'github.audience[]',
          'github: { repo: acme/a, branch: p, audience: [x] }',
          'github: { repo: acme/a, branch: p, audience: [y] }',
        ],
        ['service[]', 'service: [lambda.amazonaws.com]', 'service: [ecs.amazonaws.com]'],
        ['account[]', "account: ['999999999999']", "account: ['888888888888']"],
        [
          'role[]',
          "role: ['arn:aws:iam::999999999999:role/a']",
          "role: ['arn:aws:iam::999999999999:role/b']",
        ],
        [
          'user[]',
          "user: ['arn:aws:iam::999999999999:user/a']",
          "user: ['arn:aws:iam::999999999999:user/b']",
        ],
        [
          'externalId[]',
          "account: '999999999999', externalId: [abc]",
          "account: '999999999999', externalId: [abd]",
        ],
        ['mfa', "account: '999999999999', mfa: true", "account: '999999999999'"],
        [
          'org[]',
          "account: '999999999999', org: [o-aaaaaaaaaa]",
          "account: '999999999999', org: [o-bbbbbbbbbb]",
        ],
      ] as const
    ).map(([name, before, after]) => [`roles.*.trust[].${name}`, both(trusted, before, after)]),
  ),
  ...Object.fromEntries(
    (
      [
        ['subject[]', 'subject: [a]', 'subject: [b]'],
        ['audience[]', 'audience: [a], subject: s', 'audience: [b], subject: s'],
        [
          'conditions.*',
          'conditions: { StringEquals: { "id.example.com:org": a } }',
          'conditions: { StringEquals: { "id.example.com:org": b } }',
        ],
      ] as const
    ).map(([name, before, after]) => [
      `roles.*.trust[].${name}`,
      both((t) => trusting + trusted(`oidc: id.example.com, ${t}`), before, after),
    ]),
  ),
  ...attached('roles', role),
  ...attached('users', user),
  ...attached('groups', group),
  ...documented('users.*.policies.*', (text) => user(`policies: { p: ${text} }`)),
  ...documented('groups.*.policies.*', (text) => group(`policies: { p: ${text} }`)),
  ...documented('roles.*.policies.*', (text) => role(`policies: { p: ${text} }`)),
  ...documented('policies.*.document', (text) => `policies: { p: { document: ${text} } }`),
};

function attached(name: string, holder: (text: string) => string): Record<string, Pair> {
  const of = (text: string): string => holder(`attach: [{ policy: aws:${text} }]`);
  return {
    [`${name}.*.attach[].policy`]: both(of, 'ReadOnlyAccess', 'PowerUserAccess'),
    [`${name}.*.attach[].expires`]: both(
      of,
      'ReadOnlyAccess, expires: 2028-01-01',
      'ReadOnlyAccess, expires: 2038-01-01',
    ),
  };
}

function documented(path: string, holder: (text: string) => string): Record<string, Pair> {
  const of = (what: string): string => holder(`{ Statement: [{ ${what} }] }`);
  const [s3, all] = ["Action: ['s3:*']", "Resource: ['*']"];
  const arn = (name: string): string => `['arn:aws:s3:::${name}/*']`;
  return {
    [`${path}.Statement[].Effect`]: both(of, `Effect: Allow, ${s3}, ${all}`, `Effect: Deny, ${s3}, ${all}`),
    [`${path}.Statement[].Action[]`]: both(
      of,
      `Effect: Allow, ${s3}, ${all}`,
      `Effect: Allow, Action: ['iam:*'], ${all}`,
    ),
    [`${path}.Statement[].NotAction[]`]: both(
      of,
      `Effect: Allow, NotAction: ['s3:*'], ${all}`,
      `Effect: Allow, NotAction: ['iam:*'], ${all}`,
    ),
    [`${path}.Statement[].Resource[]`]: both(
      of,
      `Effect: Allow, ${s3}, Resource: ${arn('a')}`,
      `Effect: Allow, ${s3}, Resource: ${arn('b')}`,
    ),
    [`${path}.Statement[].NotResource[]`]: both(
      of,
      `Effect: Allow, ${s3}, NotResource: ${arn('a')}`,
      `Effect: Allow, ${s3}, NotResource: ${arn('b')}`,
    ),
    [`${path}.Statement[].Condition.*.*[]`]: both(
      of,
      `Effect: Allow, ${s3}, ${all}, Condition: { IpAddress: { 'aws:SourceIp': [10.0.0.0/8] } }`,
      `Effect: Allow, ${s3}, ${all}, Condition: { IpAddress: { 'aws:SourceIp': [0.0.0.0/0] } }`,
    ),
  };
}

/** What comes or goes as a whole: no setting of its own. */
const wholes: readonly (readonly [name: string, ...Pair])[] = [
  ['a password policy', password(''), ben],
  ['an alias', alias('acme-lab'), ben],
  ['no alias at all', alias('acme-lab'), alias('false')],
  ['an access key', user('accessKey: {}'), ben],
  ['a password', user('console: {}'), ben],
  ['tags of a user', user('tags: { team: x }'), ben],
  ['a boundary', user('boundary: aws:ReadOnlyAccess'), ben],
  ['attachments of a user', user('attach: [aws:ReadOnlyAccess]'), ben],
  [
    'policies of a user',
    user('policies: { p: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } }'),
    ben,
  ],
  ['groups of a user', `groups: { a: {} }\n${user('groups: [a]')}`, `groups: { a: {} }\n${ben}`],
  ['members', group('members: [ben]'), group('')],
  ['attachments of a group', group('attach: [aws:ReadOnlyAccess]'), group('')],
  [
    'a membership that its group says now',
    `groups: { a: {} }\n${user('groups: [{ name: a, expires: 2028-01-01 }]')}`,
    `groups: { a: { members: [ben] } }\n${ben}`,
  ],
  ['a user', 'users: { ben: {}, dale: {} }', ben],
  ['a group', `${ben}${staff}`, ben],
  ['a policy', `${ben}${policy('')}`, ben],
  ['a role', `${ben}${role('')}`, `${ben}roles: {}`],
  ['all roles, in scope no more', `${ben}${role('')}`, ben],
  ['a trust as a whole', role(''), role('').replace(forInstances, `{ Statement: [{ ${open} }] }`)],
  [
    'policies of a role',
    role('policies: { p: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } }'),
    role(''),
  ],
  ['a boundary of a role', role('boundary: aws:ReadOnlyAccess'), role('')],
  [
    'all rails',
    rails('maxRemovals: { users: 5 }, protect: { users: [ben] }, deny: [administrator]'),
    rails(''),
  ],
  ['all of ignore', section('ignore', "users: ['svc-*']"), section('ignore', '')],
  ['all of manage', section('manage', 'users: declared'), section('ignore', '')],
  ['manage declared', section('manage', 'groups: all'), section('manage', 'groups: declared')],
  ['all of removed', section('removed', 'users: [old]'), section('removed', '')],
  ['a user who is ignored now', 'users: { ben: {}, dale: {} }', `${ben}ignore: { users: [dale] }`],
  [
    'an entry that is dropped from two names of protect',
    rails('protect: { users: [ben, dale] }'),
    rails('protect: { users: [ben] }'),
  ],
  ['an end that is over', user('expires: 2028-01-01'), user('expires: 2026-01-01')],
];

describe('every setting of the schema', () => {
  const all = [...new Set(settings(schema as unknown as Schema))];
  const isHarmless = (setting: string): boolean => harmless.some(([pattern]) => pattern.test(setting));

  test('has a pair of files, or a reason to have none', () => {
    expect(all.length).toBeGreaterThan(120);
    expect(all.filter((setting) => !isHarmless(setting) && pairs[setting] === undefined)).toEqual([]);
    // No pair and no reason outlives its setting.
    expect(Object.keys(pairs).filter((setting) => isHarmless(setting) || !all.includes(setting))).toEqual([]);
    expect(harmless.filter(([pattern]) => !all.some((setting) => pattern.test(setting)))).toEqual([]);
  });
});

const now = new Date('2027-01-10T00:00:00Z');
let at: TestAccount;
beforeAll(async () => void (at = await testAccount({ start: now, transport: 'direct' })));
afterAll(async () => await at.close());

async function load(files: Files): Promise<Desired> {
  const text = typeof files === 'string' ? files : files(at);
  const head = text.startsWith('account:') ? '' : `account: '${accountId}'\n`;
  const dir = write(scratch(), { 'access.yaml': head + text });
  const { desired, diagnostics } = await loadManifests(dir, { now });
  if (!desired) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return desired;
}

async function planned(before: Desired, after: Desired): Promise<Plan> {
  const base = { rev: 'main', commit: '0'.repeat(40), desired: before };
  return (await planAccount(after, at.aws, { overrides: allRails, base, now })).plan;
}

const toldIn = ({ changes, rules }: Plan): string[] => [...changes, ...rules].map(({ id }) => id);

describe('is told', () => {
  const cases = [...Object.entries(pairs).map(([name, pair]) => [name, ...pair] as const), ...wholes];
  test.each(cases)('%s', async (_, first, second) => {
    const before = await load(first);
    await reconcile(before, at.aws);
    const after = await load(second);
    expect(toldIn(await planned(before, before)), 'nothing').toEqual([]);
    expect(toldIn(await planned(before, after)), 'forth').not.toEqual([]);
    // Somebody did it by hand: then the files follow, and the pull request says so all the same.
    await reconcile(after, at.aws);
    expect(toldIn(await planned(before, after)), 'of what is there already').not.toEqual([]);
    expect(toldIn(await planned(after, before)), 'back').not.toEqual([]);
  });
});
