import { describe, expect, it } from 'vitest';
import { diagnose } from './support.ts';
import type { Expected } from './support.ts';

const account = 'account: "123456789012"\n';
const user = (body: string): string => `${account}users:\n  dale:\n${body.replace(/^/gm, '    ')}\n`;

const cases: Record<string, readonly [string, ...Expected[]]> = {
  'unquoted account': [
    'account: ▸123456789012\nusers: { dale: {} }\n',
    [
      'unquoted-account',
      'the account id is not in quotes: YAML reads it as a number',
      'quote it: account: "123456789012"',
    ],
  ],
  'unquoted account with a leading zero': [
    'account: ▸012345678901\nusers: { dale: {} }\n',
    [
      'unquoted-account',
      'the account id is not in quotes: YAML reads it as a number and loses its leading zero',
      'quote it: account: "012345678901"',
    ],
  ],
  'account of another length': [
    'account: ▸"12345"\nusers: { dale: {} }\n',
    ['bad-value', '"account" is not valid: write exactly twelve digits'],
  ],
  'account that is a list': [
    'account: ▸["123456789012"]\nusers: { dale: {} }\n',
    ['wrong-type', '"account" must be a string or a mapping, but is a list'],
  ],
  'unknown key at the top': [
    `${account}▸user: {}\nusers: { dale: {} }\n`,
    ['unknown-key', 'unknown key "user" in the manifest', 'did you mean "users"?'],
  ],
  'unknown key without anything near': [
    `${account}▸zebra: {}\nusers: { dale: {} }\n`,
    [
      'unknown-key',
      'unknown key "zebra" in the manifest',
      'known keys: version, account, partition, manage, removed, rails, ignore, serviceCredentials, users, groups, policies, roles, instanceProfiles, identityProviders',
    ],
  ],
  'unknown key of a user': [
    user('▸expire: 2027-01-31'),
    ['unknown-key', 'unknown key "expire" in user "dale"', 'did you mean "expires"?'],
  ],
  'a key that other tools use': [
    `${account}users: { dale: {} }\ngroups:\n  admins:\n    ▸users: [dale]\n`,
    ['unknown-key', 'unknown key "users" in group "admins"', 'did you mean "members"?'],
  ],
  'unknown key deep inside': [
    user('accessKey: { ▸rotate: 90d }'),
    ['unknown-key', 'unknown key "rotate" in "accessKey" of user "dale"', 'did you mean "rotateAfter"?'],
  ],
  'a policy document at the top': [
    `${account}users: { dale: {} }\n▸Statement: []\n`,
    [
      'unknown-key',
      'unknown key "Statement" in the manifest',
      'to use this file as a policy document, name it in a manifest: document: ./file.yaml',
    ],
  ],
  'a policy document without document:': [
    `${account}policies:\n  ▸▸read: { Statement: [] }\n`.replace('▸▸read: { ', '▸read: { ▸'),
    ['missing-key', 'policy "read" has no "document"', 'write document: ./file.json, or the document itself'],
    ['unknown-key', 'unknown key "Statement" in policy "read"', 'put the policy document under "document:"'],
  ],
  'a document right under a user': [
    user('▸Statement: []'),
    [
      'unknown-key',
      'unknown key "Statement" in user "dale"',
      'put the policy document under a name in "policies:"',
    ],
  ],
  'a misspelt required key is told once': [
    `${account}policies:\n  read: { ▸documnt: ./x.json }\n`,
    ['unknown-key', 'unknown key "documnt" in policy "read"', 'did you mean "document"?'],
  ],
  'membership without a name': [
    user('groups: [▸{ expires: 2027-01-31 }]'),
    ['missing-key', 'entry 1 of "groups" of user "dale" has no "name"'],
  ],
  version: [`version: ▸2\n${account}users: { dale: {} }\n`, ['bad-value', '"version" must be 1']],
  'a list where a mapping belongs': [
    `${account}users: ▸[dale]\n`,
    ['wrong-type', '"users" must be a mapping, but is a list', 'write names as keys: { dale: {} }'],
  ],
  'users in a list, each with its name': [
    `${account}users: ▸\n  - name: dale\n    groups: [admins]\n  - buzzo: { path: /a/ }\ngroups: { admins: {} }\n`.replace(
      '▸\n  - name',
      '\n  ▸- name',
    ),
    [
      'wrong-type',
      '"users" must be a mapping, but is a list',
      'write names as keys: { dale: { groups: [admins] }, buzzo: { path: /a/ } }',
    ],
  ],
  'policies in a list': [
    `${account}policies: ▸[{ PolicyName: read, document: { Statement: { Effect: Allow, Action: 's3:Get*', Resource: '*' } } }]\n`,
    ['wrong-type', '"policies" must be a mapping, but is a list', 'write names as keys: { read: … }'],
  ],
  'many groups in a list': [
    `${account}groups: ▸[administrators, developers, operations, security-reviewers, support]\n`,
    [
      'wrong-type',
      '"groups" must be a mapping, but is a list',
      'write names as keys: { administrators: …, developers: …, operations: …, … }',
    ],
  ],
  'groups with their members alone': [
    `${account}users: { dale: {} }\ngroups: { admins: ▸[dale] }\n`,
    [
      'wrong-type',
      'group "admins" must be a mapping, but is a list',
      'write { admins: { members: [dale] } }',
    ],
  ],
  'users with their groups alone': [
    `${account}users: { dale: ▸[admins] }\ngroups: { admins: {} }\n`,
    ['wrong-type', 'user "dale" must be a mapping, but is a list', 'write { dale: { groups: [admins] } }'],
  ],
  'members in a mapping': [
    `${account}users: { dale: {}, buzzo: {} }\ngroups: { admins: { members: ▸{ dale: {}, buzzo: } } }\n`,
    [
      'wrong-type',
      '"members" of group "admins" must be a list, but is a mapping',
      'write a list: [dale, buzzo]',
    ],
  ],
  "tags as IAM's API has them": [
    user('tags: ▸[{ Key: team, Value: x }]'),
    [
      'wrong-type',
      '"tags" of user "dale" must be a mapping, but is a list',
      'write names as keys: { team: x }',
    ],
  ],
  'statements without their document': [
    `${account}policies: { p: { document: ▸[{ Effect: Allow, Action: 's3:Get*', Resource: '*' }] } }\n`,
    [
      'wrong-type',
      '"document" of policy "p" must be a mapping or a string, but is a list',
      'write { Statement: … }, with the list in it',
    ],
  ],
  'one group instead of a list': [
    user('groups: ▸admins'),
    ['wrong-type', '"groups" of user "dale" must be a list, but is a string', 'write a list: [admins]'],
  ],
  'managed policies under policies': [
    user('policies: ▸[read-reports]'),
    [
      'wrong-type',
      '"policies" of user "dale" must be a mapping, but is a list',
      'inline policies are written name: document; to attach managed ones, list them under attach',
    ],
  ],
  'a tag that is a number': [
    user('tags: { cost: ▸0042 }'),
    ['wrong-type', 'tag "cost" of user "dale" must be a string, but is a number', 'quote it: "0042"'],
  ],
  'accessKey without a value': [
    user('▸accessKey:').replace('▸accessKey:', 'accessKey:▸'),
    [
      'wrong-type',
      '"accessKey" of user "dale" must be a mapping, but is empty',
      'write accessKey: {} for all defaults, or drop the key',
    ],
  ],
  'an external id that is too short': [
    'account: "123456789012"\nroles: { r: { trust: [{ account: "999999999999", externalId: ▸x }] } }',
    [
      'bad-value',
      '"externalId" of entry 1 of "trust" of role "r" is too short: at least 2 characters are needed',
    ],
  ],
  'the same in a list': [
    'account: "123456789012"\nroles: { r: { trust: [{ account: "999999999999", externalId: [▸x] }] } }',
    [
      'bad-value',
      'entry 1 of "externalId" of entry 1 of "trust" of role "r" is too short: at least 2 characters are needed',
    ],
  ],
  'an environment that is empty': [
    'account: "123456789012"\nroles: { r: { trust: [{ github: { repo: acme/web, environment: ▸"" } }] } }',
    ['bad-value', '"github.environment" of entry 1 of "trust" of role "r" is empty'],
  ],
  'an external id that is empty': [
    'account: "123456789012"\nroles: { r: { trust: [{ account: "999999999999", externalId: ▸"" }] } }',
    ['bad-value', '"externalId" of entry 1 of "trust" of role "r" is empty'],
  ],
  'accessKey: true': [
    user('accessKey: ▸true'),
    [
      'wrong-type',
      '"accessKey" of user "dale" must be a mapping, but is a boolean',
      'write {} or { deliverTo: … }',
    ],
  ],
  'suspended: yes is text in YAML 1.2': [
    user('suspended: ▸yes'),
    ['wrong-type', '"suspended" of user "dale" must be true or false, but is a string', 'write true'],
  ],
  'suspended: off': [
    user('suspended: ▸off'),
    ['wrong-type', '"suspended" of user "dale" must be true or false, but is a string', 'write false'],
  ],
  'console: true': [
    user('console: ▸true'),
    [
      'wrong-type',
      '"console" of user "dale" must be a mapping, but is a boolean',
      'write {} or { deliverTo: … }',
    ],
  ],
  'console: no': [
    user('console: ▸no'),
    [
      'wrong-type',
      '"console" of user "dale" must be a mapping, but is a string',
      'drop the key: without it, there is no password',
    ],
  ],
  'days without their unit': [
    user('accessKey: { rotateAfter: ▸90 }'),
    ['wrong-type', '"accessKey.rotateAfter" of user "dale" must be a string, but is a number', 'write 90d'],
  ],
  'days that nothing makes right': [
    user('accessKey: { rotateAfter: ▸0 }'),
    [
      'wrong-type',
      '"accessKey.rotateAfter" of user "dale" must be a string, but is a number',
      'write a number of days, such as 90d',
    ],
  ],
  'a date without its hyphens': [
    user('expires: ▸20270131'),
    ['wrong-type', '"expires" of user "dale" must be a string, but is a number', 'write 2027-01-31'],
  ],
  'a number that is no date': [
    user('expires: ▸20271331'),
    [
      'wrong-type',
      '"expires" of user "dale" must be a string, but is a number',
      'write a date such as 2027-01-31, or an instant such as 2027-01-31T18:00:00Z',
    ],
  ],
  'a pattern instead of a list': [
    `${account}ignore: { groups: ▸'*' }\nusers: { dale: {} }\n`,
    ['wrong-type', '"ignore.groups" must be a list, but is a string', "write a list: ['*']"],
  ],
  'several groups in one text': [
    user('groups: ▸admins, readers'),
    [
      'wrong-type',
      '"groups" of user "dale" must be a list, but is a string',
      'write a list: [admins, readers]',
    ],
  ],
  'document that is a number': [
    user('policies: { p: ▸1 }'),
    ['wrong-type', 'inline policy "p" of user "dale" must be a mapping or a string, but is a number'],
  ],
  'number of keys': [
    user('accessKey: { count: ▸3 }'),
    ['bad-value', '"accessKey.count" of user "dale" must be 1 or 2'],
  ],
  days: [
    user('accessKey: { rotateAfter: ▸3 months }'),
    ['bad-value', '"accessKey.rotateAfter" of user "dale" is not valid: write a number of days, such as 90d'],
  ],
  percent: [
    `${account}rails: { maxRemovals: { percent: ▸101 } }\nusers: { dale: {} }\n`,
    ['bad-value', '"rails.maxRemovals.percent" must be at most 100'],
  ],
  'negative removals': [
    `${account}rails: { maxRemovals: { users: ▸-1 } }\nusers: { dale: {} }\n`,
    ['bad-value', '"rails.maxRemovals.users" must be at least 0'],
  ],
  'half a user': [
    `${account}rails: { maxRemovals: { users: ▸0.5 } }\nusers: { dale: {} }\n`,
    ['wrong-type', '"rails.maxRemovals.users" must be a whole number, but is a number'],
  ],
  'a pattern in protect': [
    `${account}rails: { protect: { users: [▸▸"svc-*"] } }\nusers: { dale: {} }\n`,
    [
      'bad-value',
      'entry 1 of "rails.protect.users" is not valid: use only letters (A-Z, a-z), digits and + = , . @ _ -',
    ],
    [
      'warning unknown-protected',
      'the protected user "svc-*" is not declared: if it exists, every plan will be refused',
      'declare it under users, or list it under ignore.users',
    ],
  ],
  'user name': [
    `${account}users:\n  ▸da le: {}\n`,
    ['bad-name', '"da le" is not a user name: use only letters (A-Z, a-z), digits and + = , . @ _ -'],
  ],
  'length of a user name': [
    `${account}users:\n  ▸${'d'.repeat(65)}: {}\n`,
    ['bad-name', `the user name "${'d'.repeat(65)}" has 65 characters; IAM allows 64`],
  ],
  'group name': [
    `${account}groups:\n  ▸ops/eu: {}\n`,
    ['bad-name', '"ops/eu" is not a group name: use only letters (A-Z, a-z), digits and + = , . @ _ -'],
  ],
  'name of an inline policy': [
    user('policies: { ▸a b: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } }'),
    ['bad-name', '"a b" is not a policy name: use only letters (A-Z, a-z), digits and + = , . @ _ -'],
  ],
  path: [
    user('path: ▸partners'),
    [
      'bad-value',
      '"path" of user "dale" is not valid: begin and end with /, and use no spaces or characters outside ASCII',
    ],
  ],
  'path of a policy': [
    `${account}policies: { p: { path: ▸/a!/, document: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } } }\n`,
    [
      'bad-value',
      '"path" of policy "p" is not valid: begin and end with /, and between use only letters, digits and . , + @ = _ -',
    ],
  ],
  'length of a path': [
    user(`path: ▸/${'p'.repeat(511)}/`),
    ['too-long', '"path" of user "dale" has 513 characters; at most 512 are allowed'],
  ],
  'length of a description': [
    `${account}policies: { p: { description: ▸${'d'.repeat(1001)}, document: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } } }\n`,
    ['too-long', '"description" of policy "p" has 1001 characters; at most 1000 are allowed'],
  ],
  'characters of a tag key': [
    user('tags: { ▸"a*b": x }'),
    ['bad-name', '"a*b" is not a tag key: use only letters, digits, spaces and _ . : / = + - @'],
  ],
  'characters of a tag value': [
    user('tags: { a: ▸"x;y" }'),
    [
      'bad-value',
      'tag "a" of user "dale" is not valid: use only letters, digits, spaces and _ . : / = + - @',
    ],
  ],
  'number of tags': [
    user(`▸tags: { ${Array.from({ length: 51 }, (_, index) => `k${index}: v`).join(', ')} }`),
    ['quota', '"tags" of user "dale" has 51 entries; IAM allows 50'],
  ],
  'all errors at once': [
    user('▸foo: 1\npath: ▸x\ngroups: ▸1'),
    [
      'unknown-key',
      'unknown key "foo" in user "dale"',
      'known keys: path, tags, groups, policies, attach, boundary, expires, suspended, accessKey, console, serviceCredentials, renamedFrom, owner, ticket, note, description',
    ],
    [
      'bad-value',
      '"path" of user "dale" is not valid: begin and end with /, and use no spaces or characters outside ASCII',
    ],
    ['wrong-type', '"groups" of user "dale" must be a list, but is a number'],
  ],
};

describe('the schema, in one sentence each', () => {
  it.each(Object.entries(cases))('%s', async (_, [yaml, ...expected]) => {
    const { found, wanted } = await diagnose(yaml, expected);
    expect(found).toEqual(wanted);
  });
});
