import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stableJson, type Json, type JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { dangersOf } from '../../src/access/dangers.ts';
import * as policy from '../../src/policy/index.ts';
import { canonical, sameMeaning } from '../../src/policy/index.ts';
import { identityDocument, resourceDocument } from './arbitraries.ts';

const allow = (fields: JsonObject): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...fields }],
});
const trust = (principal: Json, effect = 'Allow'): PolicyDocument => ({
  Statement: [{ Effect: effect, Principal: principal, Action: 'sts:AssumeRole' }],
});
const account = '123456789012';
const when = (condition: Json): PolicyDocument => allow({ Condition: condition });

describe('the same meaning', () => {
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['a text or a list of one', allow({ Action: ['s3:GetObject'] }), allow({ Action: 's3:GetObject' })],
    ['order and repeats of a set', allow({ Resource: ['b', 'a', 'b'] }), allow({ Resource: ['a', 'b'] })],
    ['case of actions', allow({ Action: ['S3:getobject', 's3:GetObject'] }), allow({})],
    ['*:* and *', allow({ Action: '*:*' }), allow({ Action: '*' })],
    ['a statement or a list of one', { Statement: (allow({}).Statement as Json[])[0]! }, allow({})],
    ['no version where it changes nothing', { Statement: allow({}).Statement! }, allow({})],
    ['labels', { ...allow({ Sid: 'One' }), Id: 'x' }, allow({ Sid: 'Two' })],
    ['an empty condition', allow({ Condition: {} }), allow({})],
    ['case of operators and keys', when({ BOOL: { 'AWS:x': 'true' } }), when({ Bool: { 'aws:X': 'true' } })],
    ['true and "true"', when({ Bool: { 'aws:x': true } }), when({ Bool: { 'aws:x': ['true'] } })],
    ['5 and "5"', when({ NumericEquals: { k: [5] } }), when({ NumericEquals: { k: '5' } })],
    ['an account and its root', trust({ AWS: account }), trust({ AWS: [`arn:aws:iam::${account}:root`] })],
    ['everybody, allowed', trust('*'), trust({ AWS: ['*'] })],
    [
      'order and repeats of statements',
      {
        Statement: [allow({ Resource: 'a' }), allow({}), allow({ Sid: 'x' })].flatMap(
          (d) => d.Statement as Json[],
        ),
      },
      { Statement: [allow({}), allow({ Resource: 'a' })].flatMap((d) => d.Statement as Json[]) },
    ],
  ])('%s', (_, a, b) => {
    expect(sameMeaning(a, b)).toBe(true);
    expect(canonical(a)).toEqual(canonical(b));
    // Labels mean nothing, and are shown.
    const shown = policy
      .readableDiff(a, b)
      .filter(({ sign, text }) => sign !== ' ' && !/"(?:Sid|Id)":/.test(text));
    expect(shown).toEqual([]);
    expect(policy.jsonPatch(a, b)).toEqual([]);
    expect(policy.compareDocuments(a, b)).toMatchObject({
      effect: 'none',
      addsAllow: false,
      removesDeny: false,
    });
  });
});

describe('another meaning', () => {
  const variable = { Resource: 'arn:aws:s3:::b/${aws:username}' };
  test.each<[string, PolicyDocument, PolicyDocument]>([
    ['case of resources', allow({ Resource: 'arn:aws:s3:::A' }), allow({ Resource: 'arn:aws:s3:::a' })],
    ['case of condition values', when({ StringEquals: { k: 'A' } }), when({ StringEquals: { k: 'a' } })],
    [
      'Action and NotAction',
      allow({}),
      { Statement: [{ Effect: 'Allow', NotAction: 's3:GetObject', Resource: '*' }] },
    ],
    ['a version where variables are', allow(variable), { Statement: allow(variable).Statement! }],
    [
      'an operator with a prefix',
      when({ StringEquals: { k: 'a' } }),
      when({ 'ForAllValues:StringEquals': { k: 'a' } }),
    ],
    ['everybody, denied', trust('*', 'Deny'), trust({ AWS: '*' }, 'Deny')],
    ['two principals', trust({ AWS: account }), trust({ AWS: [account, '210987654321'] })],
    [
      'an account and its root as a service',
      trust({ Service: account }),
      trust({ Service: `arn:aws:iam::${account}:root` }),
    ],
    ['an unknown field', allow({ Comment: 'x' }), allow({})],
    ['keys that would become one', when({ Bool: { K: 'true', k: 'false' } }), when({ Bool: { k: 'false' } })],
  ])('%s', (_, a, b) => {
    expect(sameMeaning(a, b)).toBe(false);
    expect(policy.readableDiff(a, b)).not.toEqual([]);
    expect(policy.jsonPatch(a, b)).not.toEqual([]);
  });

  test('the missing version is the old one', () => {
    expect(canonical({ Statement: [variable] }).Version).toBe('2008-10-17');
    expect(canonical(allow({})).Version).toBeUndefined();
  });
});

test('the input stays as it is', () => {
  const document = allow({ Action: ['s3:PutObject', 's3:GetObject'], Condition: { Bool: { k: [true] } } });
  const copy = structuredClone(document);
  canonical(document);
  policy.pretty(document);
  policy.intersection(document, document);
  policy.jsonPatch(document, allow({}));
  expect(document).toEqual(copy);
});

/** Another spelling of the same: sets shuffled and repeated, lists of one, keys in another order. */
function respell(value: Json, pick: () => number, inSet = false): Json {
  if (typeof value === 'string') return inSet && pick() % 3 === 0 ? [value] : value;
  if (Array.isArray(value)) {
    const items = (value as readonly Json[]).map((item) => respell(item, pick));
    if (pick() % 2 === 0) items.reverse();
    if (pick() % 3 === 0) items.push(items[0]!);
    return items.length === 1 && pick() % 2 === 0 ? items[0]! : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const sets = /^(Not)?(Action|Resource)$|^AWS$|^Service$|^[uvV]$/;
  const entries = Object.entries(value).map(([key, field]): [string, Json] => [
    key,
    respell(field, pick, sets.test(key)),
  ]);
  return Object.fromEntries(pick() % 2 === 0 ? entries.reverse() : entries);
}

describe('properties', () => {
  const document = fc.oneof(identityDocument, resourceDocument);
  const picks = fc.infiniteStream(fc.nat(11));

  test('spelling changes no meaning', () => {
    fc.assert(
      fc.property(document, picks, (original, stream) => {
        const other = respell(original, () => stream.next().value) as PolicyDocument;
        expect(stableJson(canonical(other))).toBe(stableJson(canonical(original)));
        expect(policy.compareDocuments(original, other).effect).toBe('none');
      }),
      { numRuns: 700 },
    );
  });

  test('canonical is its own canonical form, and pretty keeps the meaning', () => {
    fc.assert(
      fc.property(document, (original) => {
        const once = canonical(original);
        expect(canonical(once)).toEqual(once);
        expect(JSON.stringify(canonical(once))).toBe(JSON.stringify(once));
        expect(sameMeaning(JSON.parse(policy.pretty(original)) as PolicyDocument, original)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('sameMeaning is an equivalence', () => {
    fc.assert(
      fc.property(document, document, document, (a, b, c) => {
        expect(sameMeaning(a, a)).toBe(true);
        expect(sameMeaning(a, b)).toBe(sameMeaning(b, a));
        const chain = sameMeaning(a, b) && sameMeaning(b, c);
        expect(!chain || sameMeaning(a, c)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('names of JavaScript are names like others', () => {
    const odd = JSON.parse('{"__proto__": ["b", "a"], "constructor": "c"}') as JsonObject;
    const document = trust(odd);
    expect(JSON.stringify(canonical(document))).toContain('"__proto__":["a","b"]');
    const half = trust(JSON.parse('{"__proto__": ["a"]}') as JsonObject);
    expect(JSON.stringify(policy.intersection(document, half))).toContain('"__proto__":"a"');
    expect(policy.compareDocuments(document, half).effect).toBe('narrows');
  });

  test('what looks like a variable in a label changes nothing', () => {
    const labelled = (Version: string): PolicyDocument => ({
      Version,
      Statement: [{ Sid: '${', Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    });
    expect(sameMeaning(labelled('2008-10-17'), labelled('2012-10-17'))).toBe(true);
    expect(canonical(canonical(labelled('2012-10-17')))).toEqual(canonical(labelled('2012-10-17')));
  });

  test('whatever a document holds, nothing throws', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    const field = fc.oneof(json, fc.constantFrom<Json>('*', ['*'], [], {}, 'Allow', { AWS: ['*', 1] }));
    const fields = [
      'Effect',
      'Action',
      'NotAction',
      'Resource',
      'Principal',
      'NotPrincipal',
      'Condition',
      'Sid',
    ];
    const statement = fc.dictionary(fc.constantFrom(...fields, '__proto__', 'constructor'), field);
    const odd = fc.record(
      { Version: field, Id: field, Statement: fc.oneof(field, statement, fc.array(statement)), other: field },
      { requiredKeys: [] },
    ) as fc.Arbitrary<PolicyDocument>;
    fc.assert(
      fc.property(odd, odd, (a, b) => {
        expect(sameMeaning(a, a)).toBe(true);
        expect(canonical(canonical(a))).toEqual(canonical(a));
        expect(policy.compareDocuments(a, a).effect).toBe('none');
        policy.compareDocuments(a, b);
        policy.compareDocuments(null, b);
        policy.intersection(a, b);
        dangersOf(null, a);
        policy.explain(a);
        policy.readableDiff(a, b);
        policy.jsonPatch(a, b);
        policy.documentSize(a);
        policy.hasAllow(a);
        policy.hasDeny(a);
      }),
      { numRuns: 150 },
    );
  });
});
