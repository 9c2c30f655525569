/** Trusts at random, over few names, so that they often overlap. */
import * as fc from 'fast-check';
import type { PolicyDocument } from '../../../src/core/state.ts';
import { gone, provider, service, session, subject, users } from './judge.ts';

const names = [
  ...users,
  session,
  gone,
  '*',
  '111111111111',
  'arn:aws:iam::111111111111:root',
  'arn:aws:iam::222222222222:root',
];
const oneOrMany = (values: readonly string[]): fc.Arbitrary<string | string[]> =>
  fc.oneof(fc.constantFrom(...values), fc.array(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }));

const principal = fc.oneof(
  { weight: 1, arbitrary: fc.constant('*') },
  { weight: 5, arbitrary: oneOrMany(names).map((AWS) => ({ AWS })) },
  { weight: 1, arbitrary: fc.constant({ Service: service }) },
  { weight: 2, arbitrary: fc.constant({ Federated: [provider] }) },
  { weight: 1, arbitrary: oneOrMany(names).map((AWS) => ({ AWS, Service: service })) },
);
const actions = [
  'sts:AssumeRole',
  'sts:assumerole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRole*',
  'sts:*',
  'sts:TagSession',
];
const conditions = [
  undefined,
  undefined,
  undefined,
  {},
  { StringEquals: { 'sts:ExternalId': 'x' } },
  { StringEquals: { 'sts:externalid': ['x', 'y'] } },
  { StringLike: { 'sts:ExternalId': '*' } },
  { StringNotEquals: { 'sts:ExternalId': 'x' } },
  { StringLike: { [subject]: 'repo:acme/*' } },
  { StringLike: { [subject]: ['repo:acme/web:*'] } },
  { StringEquals: { [subject]: 'repo:acme/web:ref:a' } },
];

const statement = fc
  .record({
    Effect: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny'),
    Principal: principal,
    Action: oneOrMany(actions),
    Condition: fc.constantFrom(...conditions),
    Sid: fc.constantFrom(undefined, undefined, 'One'),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));

export const trust: fc.Arbitrary<PolicyDocument> = fc
  .record({
    version: fc.constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
    statements: fc.oneof(statement, fc.array(statement, { minLength: 1, maxLength: 3 })),
  })
  .map(({ version, statements }) => ({ Version: version, Statement: statements }) as PolicyDocument);

/** Two, often a small step apart: the second takes over statements of the first. */
export const related: fc.Arbitrary<[PolicyDocument, PolicyDocument]> = fc
  .tuple(trust, trust, fc.boolean(), fc.nat(7))
  .map(([a, b, mixed, mask]) => {
    if (!mixed) return [a, b];
    const all = [a['Statement'], b['Statement']].flat() as PolicyDocument[];
    const part = all.filter((_, index) => ((mask >> (index % 3)) & 1) === 1);
    return [a, { ...a, Statement: part.length > 0 ? part : all }];
  });
