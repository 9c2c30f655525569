import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../src/core/json.ts';
import { fileFor, flow, inChunks, scalar, yamlEntry } from '../../src/manifest/write/index.ts';

describe('texts', () => {
  test.each([
    ['melvins', 'melvins'],
    ['read-reports', 'read-reports'],
    ['aws:ReadOnlyAccess', 'aws:ReadOnlyAccess'],
    ['arn:aws:iam::aws:policy/ReadOnlyAccess', "'arn:aws:iam::aws:policy/ReadOnlyAccess'"],
    ['/partners/', '/partners/'],
    ['on', "'on'"],
    ['Y', "'Y'"],
    ['123', "'123'"],
    ['1e3', "'1e3'"],
    ['=', "'='"],
    ['~', "'~'"],
    ['null', "'null'"],
    ['2027-01-31', "'2027-01-31'"],
    ['', "''"],
    ["it's", "'it''s'"],
    ['a: b', "'a: b'"],
    ['a #b', "'a #b'"],
    ['東京', "'東京'"],
    ['two\nlines', '"two\\nlines"'],
    ['a\u00a0b', '"a\\u00a0b"'],
    ['\u202egnp', '"\\u202egnp"'],
  ])('%j is written %s', (text, written) => {
    expect(scalar(text)).toBe(written);
  });

  test('any text is read again as it was, by readers of YAML 1.1 too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const version of ['1.1', '1.2'] as const) {
          expect(parse(`[${scalar(text)}]`, { version })).toEqual([text]);
          expect(parse(`a: ${scalar(text)}\n`, { version })).toEqual({ a: text });
        }
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[-+.~\w:=/<&*!|>%@`#,? ]{0,8}$/), (text) => {
        for (const version of ['1.1', '1.2'] as const)
          expect(parse(flow([text]), { version })).toEqual([text]);
      }),
      { numRuns: 5000 },
    );
  });
});

test('any entry is read again as it was, in both styles', () => {
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('on', '1', 'a:b', '=', '<<', '? ', '- '));
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string(),
      fc.boolean(),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        key.filter((one) => one !== '__proto__'),
        tie('value'),
        { maxKeys: 3 },
      ),
    ),
  }));
  fc.assert(
    fc.property(
      key.filter((one) => one !== '__proto__'),
      value,
      (name, content) => {
        const entry = yamlEntry(name, content);
        expect(parse(entry.block.join('\n'))).toEqual({ [name]: content });
        expect(parse(`{ ${entry.flow} }`)).toEqual({ [name]: content });
      },
    ),
    { numRuns: 2000 },
  );
});

test('an entry reads as a person would write it', () => {
  const entry = yamlEntry('melvins', {
    path: '/partners/',
    tags: { team: 'images' },
    groups: ['admins', 'readers'],
    policies: {
      allow_access_houdini: {
        Statement: [
          { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::houdini/*' },
        ],
      },
    },
    accessKey: {},
  });
  expect(entry.block.join('\n')).toBe(`melvins:
  path: /partners/
  tags: { team: images }
  groups: [admins, readers]
  policies:
    allow_access_houdini:
      Statement:
        - Effect: Allow
          Action: [s3:GetObject, s3:PutObject]
          Resource: 'arn:aws:s3:::houdini/*'
  accessKey: {}`);
  expect(yamlEntry('buzzo', { groups: ['admins'] }).block).toEqual(['buzzo: { groups: [admins] }']);
  expect(yamlEntry('dale', {}).block).toEqual(['dale: {}']);
});

describe('files', () => {
  test.each([
    ['kind', 'users', '/partners/', 'users.yaml'],
    ['path', 'users', '/', 'main.yaml'],
    ['path', 'policies', '/partners/', 'paths/partners.yaml'],
    ['path', 'users', '/a/b/', 'paths/a/b.yaml'],
    ['path', 'users', '/A//b/', 'paths/a/b.yaml'],
    ['path', 'users', '/../.git/', 'paths/%2E./%2Egit.yaml'],
    ['path', 'users', '/node_modules/x*y\\/', 'paths/node%5Fmodules/x%2Ay%5C.yaml'],
  ] as const)('layout %s puts %s at %s into %s', (layout, section, path, file) => {
    expect(fileFor(layout, section, path)).toBe(file);
  });

  test('a file that would get too long is cut', () => {
    const entries = ['a', 'b', 'c'].map((name) =>
      yamlEntry(name, { tags: { long: 'x'.repeat(1024 * 1024) } }),
    );
    expect(inChunks(entries).map((chunk) => chunk.map(({ key }) => key))).toEqual([['a'], ['b'], ['c']]);
    expect(inChunks([])).toEqual([]);
  });
});
