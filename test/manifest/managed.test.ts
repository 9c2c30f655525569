import { expect, test } from 'vitest';
import { diagnose, load, loadClean } from './support.ts';
import type { Expected } from './support.ts';

const account = 'account: "123456789012"\n';
const ben = 'users: { ben: {} }\n';

const cases: Record<string, readonly [string, ...Expected[]]> = {
  'a word that is none': [
    `${account}${ben}manage: { users: ▸declare }\n`,
    ['bad-value', '"manage.users" is not valid: write all, declared, or a mapping with names, paths or tags'],
  ],
  'a word that is none, for every section': [
    `${account}${ben}manage: ▸everything\n`,
    ['bad-value', '"manage" is not valid: write all, declared, or a mapping with users, groups or policies'],
  ],
  'a list in place of a selection': [
    `${account}${ben}manage: { users: ▸[ann, ben] }\n`,
    [
      'wrong-type',
      '"manage.users" must be a string or a mapping, but is a list',
      'write all, declared, or a mapping with names, paths or tags',
    ],
  ],
  'no value': [
    `${account}${ben}manage:\n  groups: ▸\n`,
    [
      'wrong-type',
      '"manage.groups" must be a string or a mapping, but is empty',
      'write all, declared, or a mapping with names or paths',
    ],
  ],
  'nothing selected': [
    `${account}${ben}manage: { users: ▸{}, groups: { names: ▸[] }, policies: { tags: ▸{} } }\n`,
    ['bad-value', '"manage.users" is empty', 'write all, declared, or a mapping with names, paths or tags'],
    ['bad-value', '"manage.groups.names" is empty'],
    ['bad-value', '"manage.policies.tags" is empty', 'drop the key, or put something in it'],
  ],
  'exceptions of nothing': [
    `${account}${ben}manage: { users: { names: ▸["!break-glass"] } }\n`,
    [
      'bad-value',
      'these are exceptions alone: nothing is selected',
      "write from what: ['*', '!break-glass']",
    ],
  ],
  'paths that are none': [
    `${account}${ben}manage: { users: { paths: [▸/team, ▸team/, /ok/] } }\n`,
    [
      'bad-value',
      'entry 1 of "manage.users.paths" is not valid: begin and end with /, and use no spaces or characters outside ASCII',
    ],
    [
      'bad-value',
      'entry 2 of "manage.users.paths" is not valid: begin and end with /, and use no spaces or characters outside ASCII',
    ],
  ],
  'a misspelt part': [
    `${account}${ben}manage: { users: { ▸path: [/team/] } }\n`,
    ['unknown-key', 'unknown key "path" in "manage.users"', 'did you mean "paths"?'],
  ],
  'tags, which groups do not have': [
    `${account}${ben}manage: { groups: { ▸tags: { team: a } } }\n`,
    ['unknown-key', 'unknown key "tags" in "manage.groups"', 'known keys: names, paths'],
  ],
  'a misspelt section': [
    `${account}${ben}manage: { ▸user: declared }\nremoved: { ▸group: [a] }\n`,
    ['unknown-key', 'unknown key "user" in "manage"', 'did you mean "users"?'],
    ['unknown-key', 'unknown key "group" in "removed"', 'did you mean "groups"?'],
  ],
  'removed and declared': [
    `${account}users: { ◂ben: {} }\nremoved: { users: [▸Ben] }\n`,
    [
      'removed-and-declared',
      'user "Ben" is to be removed, but is declared',
      'drop it from removed.users, or drop the declaration',
    ],
  ],
  'removed and expired': [
    `${account}users:\n  anna: {}\n  ◂ben: { expires: ▸2020-01-31 }\nremoved: { users: [▸ben] }\n`,
    [
      'warning expired',
      'user "ben" expired (2020-01-31): it is treated as not in the file',
      'remove it from the file, or give it a later date',
    ],
    [
      'removed-and-declared',
      'user "ben" is to be removed, but is declared',
      'drop it from removed.users, or drop the declaration',
    ],
  ],
  'removed and renamed': [
    `${account}users: { ◂benjamin: { renamedFrom: ben } }\nremoved: { users: [▸ben] }\n`,
    [
      'removed-and-declared',
      'user "ben" is to be removed, but "benjamin" is renamed from it',
      'drop it from removed.users, or drop renamedFrom',
    ],
  ],
  'removed and ignored': [
    `${account}${ben}removed: { users: [▸svc-old] }\nignore: { users: [svc-*] }\n`,
    [
      'removed-and-ignored',
      'user "svc-old" is to be removed, but ignore.users names it',
      'drop it from removed.users, or narrow the pattern',
    ],
  ],
  'a pattern of what is removed': [
    `${account}${ben}removed: { users: [▸svc-*] }\n`,
    [
      'bad-value',
      'entry 1 of "removed.users" is not valid: use only letters (A-Z, a-z), digits and + = , . @ _ -',
    ],
  ],
  'removed twice': [
    `${account}${ben}removed: { users: [◂anna, ▸Anna] }\n`,
    ['duplicate-entry', '"Anna" is there twice in this list', 'drop one: IAM does not tell case apart'],
  ],
  'declared and ignored, whatever is managed': [
    `${account}users: { ▸ben: {} }\nmanage: { users: declared }\nignore: { users: ["*"] }\n`,
    [
      'ignored-and-declared',
      'user "ben" is declared, but ignore.users names it too',
      'drop it here, or narrow the pattern',
    ],
  ],
  'a group that is in no file, as a stranger’s would be': [
    `${account}users: { ben: { groups: [▸ops] } }\nmanage: declared\n`,
    [
      'unknown-group',
      'there is no group "ops"',
      'declare it under groups: of a group that is not managed, so are its members',
    ],
  ],
  'a policy by a name that no file declares': [
    `${account}users: { ben: { attach: [▸reports] } }\nmanage: { policies: declared }\n`,
    [
      'unknown-policy',
      'there is no policy "reports"',
      'declare it under policies, or write the full ARN of one that is not managed',
    ],
  ],
  'an attached policy that is to go': [
    `${account}users: { ben: { attach: [▸"arn:aws:iam::123456789012:policy/x/old"] } }\nmanage: declared\nremoved: { policies: [old] }\n`,
    ['unknown-policy', 'there is no policy "old"', 'declare it under policies'],
  ],
};

test.each(Object.entries(cases))('%s', async (_, [marked, ...expected]) => {
  const { found, wanted } = await diagnose(marked, expected);
  expect(found).toEqual(wanted);
});

test('one place says what is managed of a section, and what is removed', async () => {
  const { diagnostics } = await load({
    'a.yaml': `${account}${ben}manage: declared\nremoved: { users: [anna] }\n`,
    'b.yaml': 'manage: { users: all }\nremoved: { users: [carl], groups: [old] }\n',
    'c.yaml': 'manage: declared\n',
  });
  expect(diagnostics.map(({ message, at }) => `${at?.file}:${at?.line} ${message}`)).toEqual([
    'b.yaml:1 "manage.users" is set twice',
    'b.yaml:2 "removed.users" is set twice',
    'c.yaml:1 "manage.users" is set twice',
  ]);
});

test('what is managed and removed is read, section by section', async () => {
  const desired = await loadClean({
    'a.yaml': `${account}${ben}manage: { users: declared, groups: { names: ["*", "!break-glass"], paths: [/team/] } }\n`,
    'b.yaml':
      'removed: { users: [anna], groups: [old-team] }\nmanage: { policies: { tags: { team: x }, paths: [/] } }\n',
  });
  expect(desired).toMatchObject({
    manage: {
      users: 'declared',
      groups: { names: ['*', '!break-glass'], paths: ['/team/'] },
      policies: { tags: { team: 'x' }, paths: ['/'] },
    },
    removed: { users: ['anna'], groups: ['old-team'], policies: [] },
  });
  expect((await loadClean({ 'a.yaml': `${account}${ben}` })).manage).toEqual({
    users: 'all',
    groups: 'all',
    policies: 'all',
    roles: 'declared',
    instanceProfiles: 'declared',
    'identityProviders.oidc': 'declared',
    'identityProviders.saml': 'declared',
  });
  const word = await loadClean({ 'a.yaml': `${account}${ben}manage: declared\n` });
  expect(word.manage).toEqual({
    users: 'declared',
    groups: 'declared',
    policies: 'declared',
    roles: 'declared',
    instanceProfiles: 'declared',
    'identityProviders.oidc': 'declared',
    'identityProviders.saml': 'declared',
  });
  for (const asked of ['roles: {}\n', 'roles:\n', 'manage: { roles: all }\n', 'manage: all\n']) {
    const { manage } = await loadClean({ 'a.yaml': `${account}${ben}`, 'b.yaml': asked });
    expect(manage['roles']).toBe('all');
  }
});

test.each([
  ['manage: declared', []],
  ['manage: { users: declared, groups: declared, policies: { tags: { team: x } } }', []],
  ['manage: { users: declared, groups: declared }\nignore: { policies: ["*"] }', []],
  ['manage: { users: declared, groups: declared }', ['nothing-declared']],
  ['manage: { users: declared, groups: { paths: [/team/] }, policies: declared }', ['nothing-declared']],
])('files that declare nothing and would remove nothing are no error: %s', async (settings, codes) => {
  const { diagnostics } = await load({ 'a.yaml': `${account}${settings}\n` });
  expect(diagnostics.map(({ code }) => code)).toEqual(codes);
});

test('what would be removed is named, where it is not everything', async () => {
  const { diagnostics } = await load({ 'a.yaml': `${account}manage: { users: declared }\n` });
  expect(diagnostics.map(({ message }) => message)).toEqual([
    'no file in "DIR" declares a user, a group or a policy: all groups and policies would be removed',
  ]);
});

test('what is not managed may be protected, excepted and attached by its ARN, though no file declares it', async () => {
  const others = [
    `rails: { protect: { users: [break-glass] }, deny: [{ danger: administrator, except: { users: [root-ish] } }] }`,
    'users: { ben: { attach: ["arn:aws:iam::123456789012:policy/tf/reports"] } }',
  ].join('\n');
  await loadClean({ 'a.yaml': `${account}${others}\nmanage: declared\n` });
  const { diagnostics } = await load({ 'a.yaml': `${account}${others}\n` });
  expect(diagnostics.map(({ code }) => code).sort()).toEqual([
    'unknown-policy',
    'unknown-protected',
    'unknown-user',
  ]);
});
