import { describe, expect, test } from 'vitest';
import { setFields } from '../../src/manifest/edit/index.ts';
import type { Setting } from '../../src/manifest/edit/index.ts';
import { Source } from '../../src/core/tree.ts';

const source = (text: string): Source => new Source('a.yaml', 'a.yaml', Buffer.from(text), text);
const ids = (user: string, ...value: string[]): Setting => ({
  user,
  section: 'accessKey',
  key: 'ids',
  value,
});
const at = (user: string, value: string): Setting => ({ user, section: 'console', key: 'createdAt', value });

/** What comes of a text, and whose fields could not be set. */
const set = (text: string, ...settings: Setting[]) => {
  const { source: edited, refused } = setFields(source(text), settings);
  return { text: edited.text, refused: refused.map(({ user }) => user) };
};

describe('fields of users are set, and every other byte stays', () => {
  test.each<[string, string, Setting[], string]>([
    [
      'empty',
      'users: { a: { accessKey: {} } }\n',
      [ids('a', 'K')],
      'users: { a: { accessKey: { ids: [K] } } }\n',
    ],
    [
      'beside others, with comments',
      'users:\n  a:\n    # their key\n    accessKey: { count: 2 } # two\n    path: /x/\n',
      [ids('a', 'K', 'L')],
      'users:\n  a:\n    # their key\n    accessKey: { count: 2, ids: [K, L] } # two\n    path: /x/\n',
    ],
    [
      'in block style',
      'users:\n  a:\n    accessKey:\n      count: 1 # one\n      # more of it\n  b: {}\n',
      [ids('a', 'K')],
      'users:\n  a:\n    accessKey:\n      count: 1 # one\n      ids: [K]\n      # more of it\n  b: {}\n',
    ],
    [
      'at the end of a file without a last line break',
      'users:\n  a:\n    console:\n      deliverTo: x',
      [at('a', '2026-01-31T12:00:00Z')],
      "users:\n  a:\n    console:\n      deliverTo: x\n      createdAt: '2026-01-31T12:00:00Z'\n",
    ],
    [
      'in place of a gone one',
      'users: { a: { accessKey: { ids: [K] } } } # K\n',
      [ids('a', 'L')],
      'users: { a: { accessKey: { ids: [L] } } } # K\n',
    ],
    [
      'one more, as in a rotation',
      'users:\n  a: { accessKey: { ids: ["K"], rotateAfter: 90d } }\n',
      [ids('a', 'K', 'L')],
      'users:\n  a: { accessKey: { ids: ["K", L], rotateAfter: 90d } }\n',
    ],
    [
      'one less, after it',
      'users:\n  a: { accessKey: { ids: [K, L], rotateAfter: 90d } }\n',
      [ids('a', 'L')],
      'users:\n  a: { accessKey: { ids: [L], rotateAfter: 90d } }\n',
    ],
    [
      'a list in block style, with its comments',
      'users:\n  a:\n    accessKey:\n      ids:\n        # laptop\n        - K # since May\n      count: 2\n',
      [ids('a', 'L', 'M')],
      'users:\n  a:\n    accessKey:\n      ids:\n        # laptop\n        - L # since May\n        - M\n      count: 2\n',
    ],
    [
      'less of a list in block style',
      'users:\n  a:\n    accessKey:\n      ids:\n        - K\n        - L # new\n',
      [ids('a', 'L')],
      'users:\n  a:\n    accessKey:\n      ids:\n        - L # new\n',
    ],
    [
      'a time, whatever its quotes',
      `users: { a: { console: { createdAt: "2026-01-31T12:00:00Z" } } }\n`,
      [at('a', '2026-02-01T00:00:00Z')],
      `users: { a: { console: { createdAt: '2026-02-01T00:00:00Z' } } }\n`,
    ],
    [
      'of several users at once, CRLF kept',
      'users:\r\n  a:\r\n    accessKey:\r\n      count: 1\r\n    console: {}\r\n  b: { accessKey: {} }\r\n',
      [ids('a', 'K'), at('a', '2026-02-01T00:00:00Z'), ids('b', 'L')],
      "users:\r\n  a:\r\n    accessKey:\r\n      count: 1\r\n      ids: [K]\r\n    console: { createdAt: '2026-02-01T00:00:00Z' }\r\n  b: { accessKey: { ids: [L] } }\r\n",
    ],
    [
      'of an alias, which others use too',
      'x-key: &key { rotateAfter: 90d }\nusers:\n  a: { accessKey: *key }\n  b:\n    accessKey: *key # as a\n',
      [ids('a', 'K'), ids('b', 'L')],
      'x-key: &key { rotateAfter: 90d }\nusers:\n  a: { accessKey: { <<: *key, ids: [K] } }\n  b:\n    accessKey: { <<: *key, ids: [L] } # as a\n',
    ],
    [
      'of a merge key',
      'x-p: &p { accessKey: { rotateAfter: 90d }, path: /p/ }\nusers:\n  a:\n    <<: *p\n    groups: [g]\n  b: { <<: *p }\n',
      [ids('a', 'K'), ids('b', 'L')],
      'x-p: &p { accessKey: { rotateAfter: 90d }, path: /p/ }\nusers:\n  a:\n    <<: *p\n    groups: [g]\n    accessKey: { rotateAfter: 90d, ids: [K] }\n  b: { <<: *p, accessKey: { rotateAfter: 90d, ids: [L] } }\n',
    ],
    [
      'of a whole user by alias',
      'x-p: &p { accessKey: {} }\nusers:\n  a: *p\n',
      [ids('a', 'K')],
      'x-p: &p { accessKey: {} }\nusers:\n  a: { <<: *p, accessKey: { ids: [K] } }\n',
    ],
    [
      'of a merge key within the field',
      'x-k: &k { rotateAfter: 90d }\nusers:\n  a: { accessKey: { <<: *k } }\n',
      [ids('a', 'K')],
      'x-k: &k { rotateAfter: 90d }\nusers:\n  a: { accessKey: { <<: *k, ids: [K] } }\n',
    ],
    [
      'in JSON',
      '{"users": {"a": {"accessKey": {"count": 1}}}}\n',
      [ids('a', 'K')],
      '{"users": {"a": {"accessKey": {"count": 1, ids: [K]}}}}\n',
    ],
  ])('%s', (_, text, settings, expected) => {
    expect(set(text, ...settings)).toEqual({ text: expected, refused: [] });
  });

  test('what others have by alias too is not set for them: it is refused, and the rest is done', () => {
    const text = 'users:\n  a: { accessKey: &key {} }\n  b: { accessKey: *key }\n  c: { accessKey: {} }\n';
    expect(set(text, ids('a', 'K'), ids('c', 'M'))).toEqual({
      text: text.replace('c: { accessKey: {} }', 'c: { accessKey: { ids: [M] } }'),
      refused: ['a'],
    });
    expect(set(text, ids('a', 'K'), ids('b', 'L'))).toEqual({
      text: 'users:\n  a: { accessKey: &key { ids: [K] } }\n  b: { accessKey: { <<: *key, ids: [L] } }\n  c: { accessKey: {} }\n',
      refused: [],
    });
  });
});
