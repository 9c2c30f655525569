import { describe, expect, test } from 'vitest';
import { remove } from '../../src/manifest/edit/index.ts';
import { RollcallError, formatLocation } from '../../src/core/errors.ts';
import { Source } from '../../src/core/tree.ts';
import { removePaths, sourceOf, targetOf } from './support.ts';

type Case = readonly [name: string, before: string, path: readonly (string | number)[], after: string];

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

describe('block mappings', () => {
  const cases: Case[] = [
    [
      'an entry of one line',
      lines('users:', '  dale: {}', '  lorax: { groups: [admins] } # flies', '  buzzo: {}'),
      ['users', 'lorax'],
      lines('users:', '  dale: {}', '  buzzo: {}'),
    ],
    [
      'an entry of several lines, with the comments in it',
      lines(
        'users:',
        '  lorax: # him',
        '    # why',
        '    groups:',
        '      - admins',
        '',
        '    # later',
        '  dale: {}',
      ),
      ['users', 'lorax'],
      lines('users:', '  dale: {}'),
    ],
    [
      'its comment directly above goes, another block of comments stays',
      lines(
        'users:',
        '  # The administrators.',
        '',
        '  # Trees.',
        '  # Many.',
        '  lorax: {}',
        '  # Surf.',
        '  dale: {}',
      ),
      ['users', 'lorax'],
      lines('users:', '  # The administrators.', '', '  # Surf.', '  dale: {}'),
    ],
    [
      'a comment at another indentation is not its own',
      lines('users:', '  dale:', '    groups: []', '    # about dale', '# ---', '  lorax: {}', '  buzzo: {}'),
      ['users', 'lorax'],
      lines('users:', '  dale:', '    groups: []', '    # about dale', '# ---', '  buzzo: {}'),
    ],
    [
      'of two blank lines that would meet, one stays',
      lines('users:', '  dale: {}', '', '  lorax: {}', '', '  buzzo: {}'),
      ['users', 'lorax'],
      lines('users:', '  dale: {}', '', '  buzzo: {}'),
    ],
    [
      'the blank line after a first entry goes',
      lines('users:', '  lorax: {}', '', '  buzzo: {}'),
      ['users', 'lorax'],
      lines('users:', '  buzzo: {}'),
    ],
    [
      'the blank line before a last entry goes',
      lines('users:', '  buzzo: {}', '', '  lorax: {}'),
      ['users', 'lorax'],
      lines('users:', '  buzzo: {}'),
    ],
    [
      'the blank line before the next section stays',
      lines('users:', '  buzzo: {}', '  lorax: {}', '', 'groups: {}'),
      ['users', 'lorax'],
      lines('users:', '  buzzo: {}', '', 'groups: {}'),
    ],
    [
      'the only entry',
      lines('users:', '  lorax: {}', 'groups: {}'),
      ['users', 'lorax'],
      lines('users: {}', 'groups: {}'),
    ],
    [
      'the only entry of an anchored mapping with comments',
      lines('users: &all # people', '  # Trees.', '', '  # Him.', '  lorax: {} # gone', '', 'groups: {}'),
      ['users', 'lorax'],
      lines('users: &all {} # people', '  # Trees.', '', 'groups: {}'),
    ],
    ['all that a file says', lines('# Top.', 'users: {}'), ['users'], lines('# Top.', '{}')],
    ['all after a directive', lines('---', 'users:', '  lorax: {}'), ['users'], lines('--- {}')],
    [
      'no final newline',
      'users:\n  dale: {}\n  lorax:\n    groups: [a]',
      ['users', 'lorax'],
      'users:\n  dale: {}\n',
    ],
    ['the only one, no final newline', 'users:\n  lorax:', ['users', 'lorax'], 'users: {}\n'],
    [
      'CRLF',
      'users:\r\n  dale: {}\r\n\r\n  # Him.\r\n  lorax: {} # x\r\n\r\n  buzzo: {}\r\n',
      ['users', 'lorax'],
      'users:\r\n  dale: {}\r\n\r\n  buzzo: {}\r\n',
    ],
    ['the only one, CRLF', 'users:\r\n  lorax: {}\r\n', ['users', 'lorax'], 'users: {}\r\n'],
    [
      'tabs in comments',
      lines('users:', '  dale: {}\t#\ttabs\tstay', '  #\tHis.', '  lorax: {}\t#\tgo'),
      ['users', 'lorax'],
      lines('users:', '  dale: {}\t#\ttabs\tstay'),
    ],
    [
      'quoted keys',
      lines('users:', '  "dale": {}', "  'lorax': {}", '  "a\\u0062c": {}'),
      ['users', 'lorax'],
      lines('users:', '  "dale": {}', '  "a\\u0062c": {}'),
    ],
    [
      'a key with an escape',
      lines('users:', '  "lor\\u0061x": {}', '  b: {}'),
      ['users', 'lorax'],
      lines('users:', '  b: {}'),
    ],
    [
      'an explicit key',
      lines('users:', '  ? lorax', '  : {}', '  ? dale', '  : {}'),
      ['users', 'lorax'],
      lines('users:', '  ? dale', '  : {}'),
    ],
    [
      'an anchored key and a tagged value',
      lines('users:', '  &k lorax: !!map', '    groups: []', '  dale: {}'),
      ['users', 'lorax'],
      lines('users:', '  dale: {}'),
    ],
    [
      'a text block, of which blank lines at the end are part',
      lines('x-a:', '  lorax: |+', '    text', '', '  dale: {}'),
      ['x-a', 'lorax'],
      lines('x-a:', '  dale: {}'),
    ],
    [
      'blank lines after it must not become those of a text above',
      lines('x-a:', '  dale: |+', '    text', '  lorax: {}', '', '  buzzo: {}'),
      ['x-a', 'lorax'],
      lines('x-a:', '  dale: |+', '    text', '  buzzo: {}'),
    ],
    [
      'a number sign in a text is no comment',
      lines('x-a: |', '  # text', 'users:', '  lorax: {}', 'groups: {}'),
      ['users'],
      lines('x-a: |', '  # text', 'groups: {}'),
    ],
    [
      'first in a list item',
      lines('x-a:', '  - lorax: 1 # x', '    dale: 2'),
      ['x-a', 0, 'lorax'],
      lines('x-a:', '  - dale: 2'),
    ],
    [
      'alone in a list item',
      lines('x-a:', '  - lorax: 1 # x', '  - b'),
      ['x-a', 0, 'lorax'],
      lines('x-a:', '  - {} # x', '  - b'),
    ],
    [
      'an entry that uses an anchor, beside a merge key',
      lines(
        'x-t: &t',
        '  path: /a/',
        'users:',
        '  lorax:',
        '    <<: *t',
        '    groups: []',
        '  dale:',
        '    <<: *t',
      ),
      ['users', 'lorax'],
      lines('x-t: &t', '  path: /a/', 'users:', '  dale:', '    <<: *t'),
    ],
    [
      'an entry that a merge key brings goes from where it is written',
      lines('x-t: &t', '  lorax: {}', '  dale: {}', 'users:', '  <<: *t', '  buzzo: {}'),
      ['users', 'lorax'],
      lines('x-t: &t', '  dale: {}', 'users:', '  <<: *t', '  buzzo: {}'),
    ],
    [
      'the comment that begins a file is the file’s',
      lines('# yaml-language-server: $schema=x', 'users: {}', 'groups: {}'),
      ['users'],
      lines('# yaml-language-server: $schema=x', 'groups: {}'),
    ],
  ];
  test.each(cases)('%s', (_name, before, path, after) => {
    expect(removePaths(before, path)).toBe(after);
  });
});

describe('block lists', () => {
  const cases: Case[] = [
    [
      'an item',
      lines('members:', '  - dale', '  - lorax # flies', '  - buzzo'),
      ['members', 1],
      lines('members:', '  - dale', '  - buzzo'),
    ],
    [
      'an item of several lines, not indented',
      lines('members:', '- name: lorax', '  # soon', '  expires: 2027-01-31', '- dale'),
      ['members', 0],
      lines('members:', '- dale'),
    ],
    [
      'the only item',
      lines('members:', '  - lorax', 'x-a: 1'),
      ['members', 0],
      lines('members: []', 'x-a: 1'),
    ],
    [
      'a list in a list',
      lines('x-a:', '  - - lorax', '    - dale', '  - b'),
      ['x-a', 0, 0],
      lines('x-a:', '  - - dale', '  - b'),
    ],
    [
      'an alias',
      lines('x-l: &l lorax', 'members:', '  - *l', '  - dale'),
      ['members', 0],
      lines('x-l: &l lorax', 'members:', '  - dale'),
    ],
    ['an empty item', lines('x-a:', '  -', '  - b'), ['x-a', 0], lines('x-a:', '  - b')],
  ];
  test.each(cases)('%s', (_name, before, path, after) => {
    expect(removePaths(before, path)).toBe(after);
  });
});

describe('flow style', () => {
  const cases: Case[] = [
    ['first', '[lorax, dale]\n', [0], '[dale]\n'],
    ['middle', '[ a,lorax , b ]\n', [1], '[ a,b ]\n'],
    ['last', '[ a, lorax ]\n', [1], '[ a ]\n'],
    ['only', '[ lorax ]\n', [0], '[]\n'],
    ['only, with a trailing comma', '[ lorax, ]\n', [0], '[]\n'],
    ['last, with a trailing comma', '[ a, lorax, ]\n', [1], '[ a, ]\n'],
    [
      'entry',
      'users: { dale: {}, "lorax": { groups: [a] }, b: {} } # x\n',
      ['users', 'lorax'],
      'users: { dale: {}, b: {} } # x\n',
    ],
    ['only entry', 'users: { lorax: {} } # x\n', ['users', 'lorax'], 'users: {} # x\n'],
    ['JSON', '{"users":{"dale":{},"lorax":{}}}', ['users', 'lorax'], '{"users":{"dale":{}}}'],
    ['a key alone', '{ dale, lorax, b }\n', ['lorax'], '{ dale, b }\n'],
    ['an explicit key', '{ ? lorax : 1, b: 2 }\n', ['lorax'], '{ b: 2 }\n'],
    ['a text with a comma and a bracket', "['a,]', 'lorax', \"b]\"]\n", [1], '[\'a,]\', "b]"]\n'],
    [
      'own lines',
      lines('users: {', '  # Surf.', '  dale: {},', '  # Trees.', '  lorax: {}, # flies', '  b: {}', '}'),
      ['users', 'lorax'],
      lines('users: {', '  # Surf.', '  dale: {},', '  b: {}', '}'),
    ],
    [
      'last of own lines',
      lines('users: {', '  dale: {}, # surf', '  lorax: {} # flies', '}'),
      ['users', 'lorax'],
      lines('users: {', '  dale: {} # surf', '}'),
    ],
    [
      'last of own lines, with a trailing comma',
      lines('x-a: [', '    dale,', '    lorax,', '  ]'),
      ['x-a', 1],
      lines('x-a: [', '    dale,', '  ]'),
    ],
    [
      'only on its own line',
      lines('x-a: [', '    # His.', '    lorax, # x', '  ]'),
      ['x-a', 0],
      lines('x-a: []'),
    ],
    [
      'only, with a comment of its own block',
      lines('x-a: [', '    # All.', '', '    lorax,', '  ]'),
      ['x-a', 0],
      lines('x-a: [', '    # All.', '', '  ]'),
    ],
    [
      'two on a line',
      lines('x-a: [ a,', '  lorax, # both', '  b ]'),
      ['x-a', 1],
      lines('x-a: [ a,', '  b ]'),
    ],
    [
      'last on a line of several',
      lines('x-a: [ a, lorax, # both', '  b ]'),
      ['x-a', 1],
      lines('x-a: [ a, # both', '  b ]'),
    ],
    ['first, with its comment', lines('x-a: [ lorax, # his', '  b ]'), ['x-a', 0], lines('x-a: [ b ]')],
    [
      'last, after a comment',
      lines('x-a: [ a, # first', '  lorax ]'),
      ['x-a', 1],
      lines('x-a: [ a # first', ' ]'),
    ],
    ['commas in front', lines('x-a: [ a', '  , lorax', '  , b ]'), ['x-a', 1], lines('x-a: [ a', '  , b ]')],
    [
      'over several lines',
      lines('users: { dale: {}, lorax: {', '    groups: [a]', '  }, b: {} }'),
      ['users', 'lorax'],
      lines('users: { dale: {}, b: {} }'),
    ],
    ['CRLF', 'x-a: [\r\n  dale,\r\n  lorax\r\n]\r\n', ['x-a', 1], 'x-a: [\r\n  dale\r\n]\r\n'],
    ['a pair in a list', '[ a: 1, lorax: 2 ]\n', [1], '[ a: 1 ]\n'],
  ];
  test.each(cases)('%s', (_name, before, path, after) => {
    expect(removePaths(before, path)).toBe(after);
  });
});

test('several at once, each place once and what is within another with it', () => {
  const before = lines(
    'x-team: &team [lorax, dale]',
    'users:',
    '  lorax: {}',
    '  buzzo: {}',
    '  dale:',
    '    tags: { a: b }',
    'groups:',
    '  one: { members: *team }',
    '  two: { members: [lorax, dale, buzzo] }',
  );
  expect(
    removePaths(
      before,
      ['x-team', 0],
      ['groups', 'one', 'members', 0],
      ['users', 'lorax'],
      ['x-team', 1],
      ['users', 'dale', 'tags'],
      ['users', 'dale'],
      ['groups', 'two', 'members', 1],
      ['groups', 'two', 'members', 0],
    ),
  ).toBe(
    lines(
      'x-team: &team []',
      'users:',
      '  buzzo: {}',
      'groups:',
      '  one: { members: *team }',
      '  two: { members: [buzzo] }',
    ),
  );
});

test('a byte order mark stays', () => {
  const bytes = Buffer.from('\ufeffusers:\n  lorax: {}\n  b: {}\n');
  const source = new Source('m.yaml', 'm.yaml', bytes, new TextDecoder().decode(bytes));
  expect(Buffer.from(remove(source, [targetOf(source, ['users', 'lorax'])]).bytes).toString()).toBe(
    '\ufeffusers:\n  b: {}\n',
  );
});

describe('anchors', () => {
  const refusal = (text: string, ...paths: (string | number)[][]): string[] => {
    try {
      removePaths(text, ...paths);
    } catch (error) {
      if (!(error instanceof RollcallError)) throw error;
      const [one] = error.diagnostics;
      return [error.message, formatLocation(one!.at!), formatLocation(one!.related![0]!.at)];
    }
    return ['not refused'];
  };

  test('one that is used elsewhere is refused with both places', () => {
    const text = lines(
      'users:',
      '  lorax: &him',
      '    groups: []',
      '  dale: *him',
      '  buzzo:',
      '    <<: *him',
    );
    expect(refusal(text, ['users', 'lorax'])).toEqual([
      'the anchor &him cannot be removed: something else uses it',
      'm.yaml:2:10',
      'm.yaml:4:9',
    ]);
  });

  test('deep inside, in a key, in a list', () => {
    const text = lines(
      'users:',
      '  lorax: { groups: [&g admins] }',
      '  &k dale: { groups: [*g] }',
      'x-k: *k',
    );
    expect(refusal(text, ['users', 'lorax'])).toEqual([
      'the anchor &g cannot be removed: something else uses it',
      'm.yaml:2:21',
      'm.yaml:3:23',
    ]);
    expect(refusal(text, ['users', 'dale'])[0]).toBe(
      'the anchor &k cannot be removed: something else uses it',
    );
  });

  test('with all its uses it goes', () => {
    const text = lines(
      'users:',
      '  lorax: &him',
      '    groups: &g []',
      '    x: *g',
      '  buzzo: {}',
      '  dale: *him',
    );
    expect(removePaths(text, ['users', 'lorax'], ['users', 'dale'])).toBe(lines('users:', '  buzzo: {}'));
  });

  test('of two of one name, the one that is meant counts', () => {
    const text = lines('x-a: &a 1', 'users:', '  lorax: &a {}', '  dale: &a {}', '  buzzo: *a');
    expect(removePaths(text, ['users', 'lorax'])).toBe(
      lines('x-a: &a 1', 'users:', '  dale: &a {}', '  buzzo: *a'),
    );
    expect(refusal(text, ['users', 'dale'])[0]).toContain('&a cannot be removed');
  });
});

test('other bytes are never touched: a file that is odd throughout', () => {
  const before =
    '%YAML 1.2\n---\n\n# a\r\nusers  :   \n   "dale"  :   {   }   # x  \n   lorax:    {}\n\n\n   b:\n        path:   \'/a/\'  \n...\n# end';
  expect(removePaths(before, ['users', 'lorax'])).toBe(before.replace('   lorax:    {}\n', ''));
  expect(sourceOf(before).text).toBe(before);
});
