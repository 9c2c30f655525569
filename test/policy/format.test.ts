import fastJsonPatch from 'fast-json-patch';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { documentSize, jsonPatch, pretty, readableDiff, sameMeaning } from '../../src/policy/index.ts';
import { identityDocument, related } from './arbitraries.ts';
import { allow, doc } from './documents.ts';

const show = (before: PolicyDocument | null, after: PolicyDocument | null): string[] =>
  readableDiff(before, after).map(({ sign, text }) => sign + text);

test('pretty has one order of fields, sets and statements, and the case of the author', () => {
  const document = {
    Statement: {
      Resource: ['b', 'a'],
      Condition: { Bool: { k: true } },
      Action: ['s3:PutObject', 's3:GetObject'],
      Effect: 'Allow',
      Sid: 'One',
    },
    Version: '2012-10-17',
  };
  expect(pretty(document)).toBe(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "One",
      "Effect": "Allow",
      "Action": [
        "s3:GetObject",
        "s3:PutObject"
      ],
      "Resource": [
        "a",
        "b"
      ],
      "Condition": {
        "Bool": {
          "k": "true"
        }
      }
    }
  ]
}`);
});

test('pretty escapes what a terminal would hide or obey', () => {
  const document = doc(allow('s3:*', 'arn:\u202e\u0007\u{e0041}\u2028x'));
  expect(pretty(document)).toContain(String.raw`arn:\u202e\u0007\udb40\udc41\u2028x`);
  expect(JSON.parse(pretty(document))).toEqual(document);
});

describe('readableDiff', () => {
  const many = Array.from({ length: 12 }, (_, index) => `s3:Action${String(index).padStart(2, '0')}`);

  test('shows a change with three lines around it and marks what is left out', () => {
    const changed = many.with(6, 's3:Action06x');
    expect(show(doc(allow(many)), doc(allow(changed)))).toEqual([
      ' … 9 lines',
      '         "s3:Action03",',
      '         "s3:Action04",',
      '         "s3:Action05",',
      '-        "s3:Action06",',
      '+        "s3:Action06x",',
      '         "s3:Action07",',
      '         "s3:Action08",',
      '         "s3:Action09",',
      ' … 7 lines',
    ]);
  });

  test('keeps a statement that changed in its place', () => {
    const before = doc(allow('a:x', 'r'), allow('m:y', 's'), allow('z:z', 't'));
    const after = doc(allow('z:z', 't'), allow('q:y', 's'), allow('a:x', 'r'));
    expect(show(before, after).filter((line) => !line.startsWith(' '))).toEqual([
      '-      "Action": "m:y",',
      '+      "Action": "q:y",',
    ]);
  });

  test('shows a new or a removed document whole', () => {
    const lines = pretty(doc(allow('*'))).split('\n');
    expect(show(null, doc(allow('*')))).toEqual(lines.map((line) => `+${line}`));
    expect(show(doc(allow('*')), null)).toEqual(lines.map((line) => `-${line}`));
    expect(show(null, null)).toEqual([]);
  });

  test('taken forward and back it adds up to both documents', () => {
    fc.assert(
      fc.property(related(identityDocument), ([a, b]) => {
        const there = readableDiff(a, b);
        const count = (sign: string): number => there.filter((line) => line.sign === sign).length;
        const size = (document: PolicyDocument): number => pretty(document).split('\n').length;
        expect(count('+') - count('-')).toBe(sameMeaning(a, b) ? 0 : size(b) - size(a));
        expect(there.length === 0).toBe(sameMeaning(a, b));
      }),
      { numRuns: 250 },
    );
  });
});

describe('jsonPatch', () => {
  test('names what changed in a document and elsewhere', () => {
    const user = (path: string, document: PolicyDocument): Json => ({ path, policies: { p: document } });
    expect(
      jsonPatch(
        user('/', doc(allow(['a:x', 'a:y']), allow('b:*'))),
        user('/team/', doc(allow('b:*'), allow(['a:y', 'a:z']))),
      ),
    ).toEqual([
      { op: 'replace', path: '/policies/p/Statement/1/Action/1', value: 'a:z' },
      { op: 'replace', path: '/policies/p/Statement/1/Action/0', value: 'a:y' },
      { op: 'replace', path: '/path', value: '/team/' },
    ]);
    expect(jsonPatch(user('/', doc(allow('A:X'))), user('/', { Statement: allow(['a:x']) }))).toEqual([]);
  });

  test('null is nothing there', () => {
    expect(jsonPatch(null, doc(allow('*')))).toEqual([{ op: 'add', path: '', value: doc(allow('*')) }]);
    expect(jsonPatch(doc(allow('*')), null)).toEqual([{ op: 'remove', path: '' }]);
    expect(jsonPatch(null, null)).toEqual([]);
    expect(jsonPatch('a', 'b')).toEqual([{ op: 'replace', path: '', value: 'b' }]);
    expect(jsonPatch(['a'], ['a', 'b'])).toEqual([{ op: 'add', path: '/1', value: 'b' }]);
  });

  test('leads to a document of the meaning of the second', () => {
    fc.assert(
      fc.property(related(identityDocument), ([a, b]) => {
        const patch = jsonPatch(a, b);
        const start = JSON.parse(pretty(a)) as PolicyDocument;
        const end = fastJsonPatch.applyPatch(start, patch, true, false).newDocument;
        expect(sameMeaning(end, b)).toBe(true);
      }),
      { numRuns: 250 },
    );
  });
});

test('documentSize counts characters without white space', () => {
  expect(documentSize({ Version: '2012-10-17', Statement: [] })).toBe(39);
  expect(documentSize({ Sid: 'a b\tc' })).toBe('{"Sid":"ab\\tc"}'.length);
});
