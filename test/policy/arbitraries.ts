/** Documents at random, over few names, so that they often overlap. */
import * as fc from 'fast-check';
import type { PolicyDocument } from '../../src/core/state.ts';
import type { Universe } from './evaluator.ts';

const actionPatterns = ['*', '*:*', 'a:*', 'a:x', 'a:?', 'A:X', 'b:*', '*:x', 'a:x*', 'a:xy', 'b:y'];
const resourcePatterns = [
  '*',
  'r:*',
  'r:1',
  'r:?',
  'r:1*',
  '*:1',
  'r:*2',
  'r:*:2',
  's:1',
  'r:?2',
  'r:${u}',
  'r:${u}*',
  'r:${*}',
  's:${v}',
  "r:${u, '1'}",
  'r:${$}{u}',
];

/** One alone or a list of up to three, also with repeats. */
const oneOrMany = (values: readonly string[]): fc.Arbitrary<string | string[]> =>
  fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }));

const conditionBlock = fc.dictionary(
  fc.constantFrom('u', 'v', 'V'),
  oneOrMany(['1', '2', '${u}', '${v}', '${$}{u}']),
  {
    minKeys: 1,
    maxKeys: 2,
  },
);
const condition = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.dictionary(
      fc.constantFrom('StringEquals', 'StringNotEquals', 'stringequals', 'StringEqualsIfExists'),
      conditionBlock,
      { minKeys: 1, maxKeys: 2 },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom({ Null: { u: true } }, { Null: { u: 'false' } }, {}) },
);

type Fields = { readonly [field: string]: unknown };

/** Without the fields that are undefined. */
const present = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const statement = (who: fc.Arbitrary<Fields>): fc.Arbitrary<Fields> =>
  fc
    .record({
      effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
      sid: fc.constantFrom(undefined, undefined, 'One', 'Two'),
      actionField: fc.constantFrom('Action', 'Action', 'Action', 'NotAction'),
      actions: oneOrMany(actionPatterns),
      resourceField: fc.constantFrom('Resource', 'Resource', 'Resource', 'NotResource'),
      resources: oneOrMany(resourcePatterns),
      condition,
      who,
    })
    .map(({ effect, sid, actionField, actions, resourceField, resources, condition: when, who: names }) =>
      present({
        Sid: sid,
        Effect: effect,
        Principal: names.Principal,
        [actionField]: actions,
        [resourceField]: resources,
        Condition: when,
      }),
    );

const document = (who: fc.Arbitrary<Fields>): fc.Arbitrary<PolicyDocument> =>
  fc
    .record({
      version: fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17', undefined),
      statements: fc.oneof(statement(who), fc.array(statement(who), { minLength: 1, maxLength: 3 })),
    })
    .map(({ version, statements }) => present({ Version: version, Statement: statements }) as PolicyDocument);

export const identityDocument = document(fc.constant({}));

const principals = [
  '111111111111',
  'arn:aws:iam::111111111111:root',
  'arn:aws:iam::111111111111:role/r',
  '*',
];
export const resourceDocument = document(
  fc.oneof(
    fc.constant({ Principal: '*' }),
    oneOrMany(principals).map((names) => ({ Principal: { AWS: names } })),
    oneOrMany(principals.slice(0, 2)).map((names) => ({ Principal: { AWS: names, Service: 'ec2' } })),
  ),
);

/** Two documents, often a small step apart: the second takes over statements of the first. */
export const related = (one: fc.Arbitrary<PolicyDocument>): fc.Arbitrary<[PolicyDocument, PolicyDocument]> =>
  fc.tuple(one, one, fc.boolean(), fc.nat(7)).map(([a, b, mixed, mask]) => {
    if (!mixed) return [a, b];
    const all = [a.Statement, b.Statement].flat() as unknown as PolicyDocument[];
    const part = all.filter((_, index) => ((mask >> (index % 3)) & 1) === 1);
    return [a, { ...a, Statement: part.length > 0 ? part : all }];
  });

/** Every request over the names above. */
export const universe: Universe = {
  actions: ['a:x', 'a:y', 'a:xy', 'b:x', 'b:y'],
  resources: ['r:', 'r:1', 'r:2', 'r:12', 'r:1:2', 'r:3', 's:1', 'r:${u}', 'r:*', 'r::2'],
  contexts: [
    {},
    { u: '' },
    { u: '1' },
    { u: '1:', v: '2' },
    { u: '2', v: '1' },
    { v: '1' },
    { v: '${u}' },
    { u: '*', v: '*' },
  ],
  principals: ['nobody'],
};

export const universeOfPrincipals: Universe = {
  ...universe,
  principals: [
    'AWS 111111111111',
    'AWS arn:aws:iam::111111111111:role/r',
    'AWS arn:aws:iam::222222222222:role/r',
    'Service ec2',
  ],
};
