import { describe, expect, it } from 'vitest';
import { diagnose, load, loadClean } from './support.ts';
import type { Expected } from './support.ts';

const account = 'account: "123456789012"\n';

const cases: Record<string, readonly [string, ...Expected[]]> = {
  syntax: [
    `${account}users:\n  dale: [\n▸`,
    [
      'yaml-syntax',
      'not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
      'align it with its neighbours',
    ],
  ],
  'a tab': [
    `${account}users:\n▸\tdale: {}\n`,
    ['yaml-syntax', 'not valid YAML: tabs are not allowed as indentation', 'indent with spaces'],
  ],
  'two colons': [
    `${account}users: { dale: {} }\nx-a: ▸b: c\n`,
    [
      'yaml-syntax',
      'not valid YAML: nested mappings are not allowed in compact mappings',
      'if the value contains ": ", quote it',
    ],
  ],
  'a merge conflict': [
    `${account}users:\n▸<<<<<<< HEAD\n  dale: {}\n=======\n  buzzo: {}\n>>>>>>> more\n`,
    [
      'merge-conflict',
      'unresolved merge conflict',
      'keep what both sides mean, and remove the lines with <<<<<<<, ======= and >>>>>>>',
    ],
  ],
  'a merge conflict that would be a list of texts': [
    `${account}users: { dale: { groups: [a,\n▸<<<<<<< HEAD\nb,\n=======\nc,\n>>>>>>> more\n] } }\n`,
    [
      'merge-conflict',
      'unresolved merge conflict',
      'keep what both sides mean, and remove the lines with <<<<<<<, ======= and >>>>>>>',
    ],
  ],
  'the same key twice': [
    `${account}users:\n  dale:\n    ◂path: /a/\n    tags: {}\n    ▸path: /b/\n`,
    ['duplicate-key', 'the key "path" is there twice in user "dale"', 'keep one, with what both say'],
  ],
  'the same user twice': [
    `${account}users:\n  ◂dale: {}\n  buzzo: {}\n  ▸dale: {}\n`,
    ['duplicate-name', 'user "dale" is declared twice', 'keep one, with what both say'],
  ],
  'a custom tag': [
    `${account}users: { dale: { path: !Ref ▸x } }\n`,
    ['custom-tag', 'the tag "!Ref" has no meaning in a manifest', 'drop the tag'],
  ],
  'a tag of YAML 1.1': [
    `${account}users: { dale: { path: !!binary ▸aGk= } }\n`,
    ['custom-tag', 'the tag "tag:yaml.org,2002:binary" has no meaning in a manifest', 'drop the tag'],
  ],
  'an unknown alias': [
    `x-a: &images {}\n${account}users: { dale: ▸*image }\n`,
    ['unknown-alias', 'no anchor &image before this alias', 'did you mean "images"?'],
  ],
  'a wildcard without quotes': [
    `${account}policies: { p: { document: { Statement: { Effect: Allow, Action: ▸*, Resource: ▸* } } } }\n`,
    ['yaml-syntax', 'not valid YAML: a value that begins with * is an alias', 'quote it: Action: "*"'],
    ['yaml-syntax', 'not valid YAML: a value that begins with * is an alias', 'quote it: Resource: "*"'],
  ],
  'wildcards without quotes in blocks': [
    `${account}policies:
  p:
    document:
      Statement:
        Effect: Allow
        Action:
          - iam:*
          - ▸*
        Resource: ▸* # everything
`,
    ['yaml-syntax', 'not valid YAML: a value that begins with * is an alias', 'quote it: "*"'],
    ['yaml-syntax', 'not valid YAML: a value that begins with * is an alias', 'quote it: Resource: "*"'],
  ],
  'a wildcard without quotes in brackets over two lines': [
    `${account}policies: { p: { document: { Statement: { Effect: Allow, Action: [▸*, 's3:*'\n  ], Resource: '*' } } } }\n`,
    ['yaml-syntax', 'not valid YAML: a value that begins with * is an alias', 'quote it: "*"'],
  ],
  'a wildcard of two parts without quotes': [
    `${account}policies: { p: { document: { Statement: { Effect: Allow, Action: [s3:*, ▸*:*], NotResource: ▸*:b } } } }\n`,
    ['unknown-alias', 'no anchor &:* before this alias', 'quote it: "*:*"'],
    ['unknown-alias', 'no anchor &:b before this alias', 'quote it: NotResource: "*:b"'],
  ],
  'patterns without quotes': [
    `${account}ignore: { users: [▸*-bot, ▸*.admin*] }\n`,
    ['unknown-alias', 'no anchor &-bot before this alias', 'quote it: "*-bot"'],
    ['unknown-alias', 'no anchor &.admin* before this alias', 'quote it: "*.admin*"'],
  ],
  'an exception without quotes': [
    `${account}manage:\n  users: { names: ['*', ▸!break-glass] }\n`,
    ['custom-tag', 'the tag "!break-glass" has no meaning in a manifest', 'quote it: "!break-glass"'],
  ],
  'a wildcard as key': [
    `${account}ignore:\n  *: ▸users\n`,
    ['yaml-syntax', 'not valid YAML: unexpected scalar at node end', 'quote it: "*"'],
  ],
  'a character that YAML keeps for itself': [
    `${account}users: { dale: { tags: { mail: ▸@dale } } }\n`,
    [
      'yaml-syntax',
      'not valid YAML: plain value cannot start with reserved character @',
      'quote it: mail: "@dale"',
    ],
  ],
  'an alias in itself': [
    `x-a: &a { b: ▸*a }\n${account}users: { dale: {} }\n`,
    ['circular-alias', 'the alias *a contains itself'],
  ],
  'a merge of text': [
    `${account}users: { dale: { <<: ▸x } }\n`,
    ['bad-merge', 'a merge key (<<) takes a mapping or a list of mappings'],
  ],
  'another version of YAML': [
    `▸%YAML 1.1\n---\n${account}users: { dale: {} }\n`,
    ['yaml-version', 'YAML 1.1 is not supported', 'drop the %YAML line: rollcall reads YAML 1.2'],
  ],
  'a second document': [
    `${account}users: { dale: {} }\n▸---\nusers: { buzzo: {} }\n`,
    [
      'multiple-documents',
      'a second YAML document begins here; a manifest file holds one',
      'put it into a file of its own, or drop the --- line',
    ],
  ],
  'a key without a name': [
    `${account}users: { dale: {} }\nx-a: {▸ : 1 }\n`,
    ['bad-key', 'the key before ":" is empty'],
  ],
  'a list as key': [
    `${account}users: { dale: {} }\nx-a: { ? ▸[a] : 1 }\n`,
    ['bad-key', 'a key must be a plain name'],
  ],
  'a key that JavaScript trips over': [
    `${account}users: { ▸__proto__: {} }\n`,
    ['bad-key', 'the key "__proto__" is not allowed'],
  ],
  infinity: [
    `${account}users: { dale: {} }\nx-a: ▸.inf\n`,
    ['bad-scalar', '".inf" is not a value that a manifest can hold', 'quote it'],
  ],
  'a list at the top': ['▸- a\n', ['wrong-type', 'the manifest must be a mapping, but is a list']],
};
describe('YAML', () => {
  it.each(Object.entries(cases))('%s', async (_, [yaml, ...expected]) => {
    const { found, wanted } = await diagnose(yaml, expected);
    expect(found).toEqual(wanted);
  });

  it('tells the first ten syntax errors of a file and counts the rest', async () => {
    const { diagnostics } = await load({ 'm.yaml': `${account}x-a: "${String.raw`\q`.repeat(30)}"\n` });
    expect(diagnostics).toHaveLength(11);
    expect(diagnostics.at(-1)?.message).toBe('20 more YAML errors from here on');
  });

  it('refuses deep nesting before anything recursive sees it', async () => {
    for (const open of ['[', '{a: ', '- ', '? ']) {
      const { diagnostics } = await load({ 'm.yaml': open.repeat(5000) });
      expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
        ['too-deep', 'nested deeper than 64 levels'],
      ]);
    }
  });

  it('refuses alias bombs', async () => {
    const bomb = ['a0: &a0 [x, x]'];
    for (let level = 1; level < 30; level += 1) {
      bomb.push(`a${level}: &a${level} [*a${level - 1}, *a${level - 1}]`);
    }
    const { diagnostics } = await load({ 'm.yaml': bomb.join('\n') });
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({
      code: 'alias-limit',
      message: 'aliases repeat more than 250000 values',
      at: { file: 'm.yaml', line: 16 },
    });
  });

  it('follows aliases and merge keys: own keys win, then earlier mappings', async () => {
    const { state } = await loadClean({
      'm.yaml': `${account}
x-a: &a { path: /a/, tags: { team: a, cost: "1" } }
x-b: &b { path: /b/, suspended: true }
users:
  one: { <<: *a }
  two: { <<: [*a, *b], path: /two/ }
  three: { path: /three/, <<: *b }
  four: *a
`,
    });
    expect([...state.users.values()].map(({ name, path, suspended }) => [name, path, suspended])).toEqual([
      ['four', '/a/', undefined],
      ['one', '/a/', undefined],
      ['three', '/three/', true],
      ['two', '/two/', true],
    ]);
  });

  it('tells an error in what several aliases use once, where it is written', async () => {
    const { diagnostics } = await load({
      'm.yaml': `x-p: &p { Statement: { Effect: Allow, Action: "s3", Resource: "*" } }\n${account}users:\n  a: { policies: { p: *p } }\n  b: { policies: { p: *p } }\n`,
    });
    expect(diagnostics.map(({ code, at }) => [code, at?.line, at?.column])).toEqual([
      ['policy-action', 1, 47],
    ]);
  });

  it('keeps names as they are written', async () => {
    const { state } = await loadClean({
      'm.yaml': `${account}users: { 007: {}, null: {}, true: {}, "1.0": {} }`,
    });
    expect([...state.users.keys()]).toEqual(['007', '1.0', 'null', 'true']);
  });

  it('reads Windows line ends and a byte order mark', async () => {
    const { state } = await loadClean({
      'm.yaml': `\uFEFF${account}users:\n  dale: {}\n`.replaceAll('\n', '\r\n'),
    });
    expect([...state.users.keys()]).toEqual(['dale']);
  });
});
