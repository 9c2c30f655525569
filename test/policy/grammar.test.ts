import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { checkDocument, withVersion, type DocumentUse } from '../../src/policy/grammar/index.ts';
import { checkDocument as store } from '../../src/sandbox/iam/grammar.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { grammarRows } from './grammar-rows.ts';

/** One grammar: what `validate` takes, IAM and the sandbox take, and the other way round. */

/** Both not part of the project. */
const corpus = '/work/shared/corpus';
const table = `${corpus}/policy-grammar.ndjson`;
const managed = `${corpus}/aws-managed-policies.ndjson.gz`;

const linesOf = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** What validate calls errors. */
const errorsOf = (document: Json, use: DocumentUse, partition = 'aws'): string[] =>
  checkDocument(document, use, partition)
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);

/** What the sandbox answers; null if it stores the document. */
function answerOf(document: Json, use: DocumentUse, partition = 'aws'): string | null {
  try {
    store(JSON.stringify(document), { use, partition });
    return null;
  } catch (thrown) {
    return (thrown as Error).message;
  }
}

/** Rollcall writes a version where there is none, so that its absence is no error of the manifests. */
const isVersionAlone = (answer: string, document: Json): boolean =>
  answer.includes('version') &&
  !Object.hasOwn(document as object, 'Version') &&
  answerOf(withVersion(document as PolicyDocument), 'managed') === null;

test.each(grammarRows)('$what', ({ document, answer }) => {
  expect(answerOf(document, 'managed')).toBe(answer);
  const isTaken = answer === null || isVersionAlone(answer, document);
  expect(errorsOf(document, 'managed').length === 0).toBe(isTaken);
});

test('inline policies may have the version of 2008, or none', () => {
  const Statement = { Effect: 'Allow', Action: '*', Resource: '*' };
  for (const document of [{ Version: '2008-10-17', Statement }, { Statement }]) {
    expect(answerOf(document, 'inline')).toBeNull();
    expect(errorsOf(document, 'inline')).toEqual([]);
    expect(answerOf(document, 'managed')).toBe('Policy document must be version 2012-10-17 or greater.');
  }
});

test.each(['aws', 'aws-cn', 'aws-us-gov'])(
  'an account of %s has resources of its own partition',
  (partition) => {
    for (const other of ['aws', 'aws-cn', 'aws-us-gov', '*']) {
      const arn = `arn:${other}:s3:::jobs`;
      const document = {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Action: 's3:*', Resource: arn },
      };
      const isRight = other === '*' || other === partition;
      expect(answerOf(document, 'inline', partition)).toBe(
        isRight ? null : `Partition "${other}" is not valid for resource "${arn}".`,
      );
      expect(errorsOf(document, 'inline', partition)).toHaveLength(isRight ? 0 : 1);
    }
  },
);

const words = (text: string): readonly string[] => text.split(' ');
const cells = {
  action: [...words('* *:* s3:Get* s3 s3:a:b s3: a.b-c:d'), 's3: x', 's 3:x', ''],
  resource: [
    ...words(
      '* x a:b arn:aws arn:aws: arn:aws:s3 arn:aws:s3:::b arn:aws:s3::b arn:aws:s3:*:*:b arn:aws:iam::1:user/x',
    ),
    ...words(
      'arn:aws:iam::1:x arn:aws:iam:*::* arn:*:sqs:a:b:c arn:aws-cn:s3:::b arn:aws:s*:::x arn:aws::::x',
    ),
    ...words('arn:aws:sqs:* foo:aws:sqs:a:b:c arn:aws:s3:::${aws:x} arn:${a:b'),
    '',
  ],
  date: words('2026 2026-12-31 2026-12-31T1:2:3Z 31.12.2026 T 5T 99999999999999999999 x ${a:b} true'),
};
const odd = fc.constantFrom<Json>(null, 1, true, {}, [], [null], [[]], { a: 'b' });
const texts = (of: readonly string[]): fc.Arbitrary<Json> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...of) },
    { weight: 4, arbitrary: fc.array(fc.oneof(fc.constantFrom(...of), fc.constant(null)), { maxLength: 3 }) },
    { weight: 1, arbitrary: odd },
  );
const operator = fc.constantFrom(
  ...words(
    'StringEquals stringlike ForAnyValue:StringEqualsIfExists forallvalues:Bool ForAnyValues:Bool DateLessThan',
  ),
  ...words('ForAllValues:dateequalsifexists NullIfExists Null Nothing __proto__'),
  '',
);
const condition = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.dictionary(
      operator,
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc.dictionary(fc.constantFrom('a', 'aws:x', 'https://x:y'), texts(cells.date), {
            maxKeys: 2,
          }),
        },
        { weight: 1, arbitrary: odd },
      ),
      { maxKeys: 2 },
    ),
  },
  { weight: 1, arbitrary: odd },
);
const statement = fc.record(
  {
    Sid: fc.constantFrom<Json>('A', 'a', 'a_b', 'a-b', '', 1, 'é'),
    Effect: fc.constantFrom<Json>('Allow', 'Allow', 'Allow', 'Deny', 'deny', 'x', 1),
    Action: texts(cells.action),
    NotAction: texts(cells.action),
    Resource: texts(cells.resource),
    NotResource: texts(cells.resource),
    Condition: condition,
    Principal: fc.constant('*'),
    Other: fc.constant(1),
  },
  { requiredKeys: ['Effect', 'Action', 'Resource'] },
);
const document = fc.record(
  {
    Version: fc.constantFrom<Json>('2012-10-17', '2008-10-17', '2012', 1, null),
    Id: fc.constantFrom<Json>('x', 1),
    Statement: fc.oneof(
      statement,
      fc.array(fc.oneof({ weight: 9, arbitrary: statement }, { weight: 1, arbitrary: odd }), {
        maxLength: 2,
      }),
    ),
    Foo: fc.constant(1),
  },
  { requiredKeys: ['Statement'] },
);
/** Most of the above are refused. In these one thing at most is odd. */
const nearlyGood = fc
  .tuple(
    fc.constantFrom('Action', 'Resource', 'Condition'),
    fc.constantFrom(...cells.action),
    fc.constantFrom(...cells.resource),
    condition,
  )
  .map(([odd, Action, Resource, Condition]) => ({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: odd === 'Action' ? Action : '*',
      Resource: odd === 'Resource' ? Resource : '*',
      ...(odd === 'Condition' ? { Condition } : {}),
    },
  }));

test('validate and the sandbox take and refuse the same documents', () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(document, nearlyGood),
      fc.constantFrom<DocumentUse>('inline', 'managed'),
      fc.constantFrom('aws', 'aws-cn'),
      (value, use, partition) => {
        const json = JSON.parse(JSON.stringify(value)) as PolicyDocument;
        const written = withVersion(json);
        const errors = errorsOf(json, use, partition);
        const answer = answerOf(written, use, partition);
        expect({ refused: errors.length > 0, errors, answer }).toEqual({
          refused: answer !== null,
          errors,
          answer,
        });
        if (answer === null) taken += 1;
      },
    ),
    { numRuns: 5000 },
  );
  expect(taken).toBeGreaterThan(500);
});

test.skipIf(!existsSync(table))(
  `both agree with AWS on documents that were tried on it (skipped where ${table} is not there)`,
  () => {
    const documents = linesOf(readFileSync(table, 'utf8')) as {
      valid: boolean;
      document: Json;
      message?: string;
    }[];
    expect(documents.length).toBeGreaterThan(100);
    for (const { valid, document, message } of documents) {
      expect([document, answerOf(document, 'managed')]).toEqual([document, valid ? null : message]);
      expect([document, errorsOf(document, 'managed').length === 0]).toEqual([document, valid]);
    }
  },
);

test.skipIf(!existsSync(managed))(
  `nothing in AWS's own policies is refused (skipped where ${managed} is not there)`,
  () => {
    const policies = linesOf(gunzipSync(readFileSync(managed)).toString()) as {
      name: string;
      document: Json;
    }[];
    expect(policies.length).toBeGreaterThan(1500);
    const refused = policies.filter(
      ({ document }) => answerOf(document, 'managed') !== null || errorsOf(document, 'managed').length > 0,
    );
    expect(refused.map(({ name }) => name)).toEqual([]);
  },
);
