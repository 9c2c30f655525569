/** Of what somebody loses or gains in part, the plan says which part. */
import { describe, expect, test } from 'vitest';
import type { PolicyDocument, User } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { allow, deny, doc } from '../policy/documents.ts';
import { aGroup, aPolicy, aUser, accountId, desiredOf, noCredentials } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';

const bound = `arn:aws:iam::${accountId}:policy/bound`;

const stateOf = (user: Partial<User>, boundary?: PolicyDocument) =>
  desiredOf({
    users: [aUser('ann', { ...user, ...(boundary ? { boundary: bound } : {}) })],
    policies: boundary ? [aPolicy('bound', boundary)] : [],
  });

const holds = (...documents: readonly PolicyDocument[]): Partial<User> => ({
  policies: Object.fromEntries(documents.map((document, at) => [`p${at}`, document])),
});

type Side = readonly [user: Partial<User>, boundary?: PolicyDocument];

function told(before: Side, after: Side): readonly string[] {
  const { state } = stateOf(...before);
  const users = new Map(
    [...state.users].map(([name, user]) => [name, { ...user, credentials: noCredentials }]),
  );
  const { access } = wordedPlan(makePlan(stateOf(...after), { ...state, users }, new Date('2026-07-01')));
  return access.flatMap(({ gained, lost }) => [
    ...gained.map(({ text }) => `+ ${text}`),
    ...lost.map(({ text }) => `- ${text}`),
  ]);
}

const bucket = 'arn:aws:s3:::reports/*';
const safe = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const ifSafe = 'if Bool aws:MultiFactorAuthPresent true';
const put = doc(allow('s3:PutObject'));
const all = doc(allow('s3:*'));

const notIam = { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' };
const several = doc(allow('s3:*'), allow('ec2:*'));

describe('what is gained or lost of a statement in part', () => {
  test.each<[string, PolicyDocument, PolicyDocument, ...string[]]>([
    ['fewer actions', all, put, '- s3:* on * except s3:PutObject'],
    ['more actions', put, all, '+ s3:* on * except s3:PutObject'],
    [
      'of several patterns those of which something changes',
      doc(allow(['s3:*', 'ec2:RunInstances', 'sqs:*'])),
      doc(allow(['s3:Get*', 'ec2:*', 'sqs:*'])),
      '+ ec2:* on * except ec2:RunInstances',
      '- s3:* on * except s3:Get*',
    ],
    [
      'fewer resources',
      doc(allow('s3:GetObject')),
      doc(allow('s3:GetObject', bucket)),
      `- s3:GetObject on all resources except ${bucket}`,
    ],
    [
      'fewer of both',
      all,
      doc(allow('s3:PutObject', bucket)),
      `- s3:* on * except s3:PutObject on ${bucket}`,
    ],
    [
      'two stay',
      all,
      doc(allow('s3:PutObject'), allow('s3:GetObject', bucket)),
      `- s3:* on * except s3:PutObject and s3:GetObject on ${bucket}`,
    ],
    [
      'what two statements keep is one exception',
      all,
      doc(allow('s3:PutObject'), allow(['s3:GetObject', 's3:Put*'])),
      '- s3:* on * except s3:GetObject and s3:Put*',
    ],
    ['a condition', all, doc(allow('s3:*', '*', { Condition: safe })), `- s3:* on * except ${ifSafe}`],
    [
      'a condition on some',
      all,
      doc(allow('s3:PutObject', '*', { Condition: safe })),
      `- s3:* on * except s3:PutObject ${ifSafe}`,
    ],
    [
      'patterns that overlap',
      doc(allow('s3:Get*')),
      doc(allow('s3:*Object')),
      '+ s3:*Object on * except s3:Get*',
      '- s3:Get* on * except s3:*Object',
    ],
    ['of everything', doc(allow('*')), doc(allow('iam:*')), '- all actions except iam:* on *'],
    [
      'too many stay to name them',
      all,
      doc(allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'])),
      '- part of s3:* on *',
    ],
    ['more than an inverse', doc(notIam), doc(allow('*')), '+ iam:* on *'],
    ['less than an inverse', doc(notIam), all, '- all actions except iam:* and s3:* on *'],
    ['a new Deny', all, doc(allow('s3:*'), deny('s3:Delete*')), '- s3:Delete* on *'],
    [
      'a new Deny under a condition',
      all,
      doc(allow('s3:*'), deny('s3:*', '*', { Condition: safe })),
      `- s3:* on * ${ifSafe}`,
    ],
  ])('%s', (_, before, after, ...lines) => {
    expect(told([holds(before)], [holds(after)])).toEqual(lines);
  });

  test('what other policies give or deny is left out, too', () => {
    const read = doc(allow('s3:GetObject'));
    const gets = [holds(read, doc(deny('s3:Delete*'))), holds(read, doc(deny('s3:Delete*')), all)] as const;
    expect(told([gets[0]], [gets[1]])).toEqual(['+ s3:* on * except s3:Delete* and s3:GetObject']);
  });

  test('a Deny that goes lets out what it took, when it did', () => {
    const everything = doc(allow('*'));
    const [none, some] = [doc(deny('s3:*')), doc(deny('s3:Delete*'))];
    expect(told([holds(everything, none)], [holds(everything, some)])).toEqual([
      '+ s3:* on * except s3:Delete*',
    ]);
    const unsafe = doc(deny('s3:*', '*', { Condition: safe }));
    expect(told([holds(everything, unsafe)], [holds(everything)])).toEqual([`+ s3:* on * ${ifSafe}`]);
  });

  test('no more than the boundary lets through', () => {
    const everything = doc(allow('*'));
    expect(told([holds(all), put], [holds(all), all])).toEqual(['+ s3:* on * except s3:PutObject']);
    expect(told([{}, all], [holds(everything), all])).toEqual(['+ s3:* on *']);
    expect(told([{}, several], [holds(everything), several]).toSorted()).toEqual([
      '+ ec2:* on *',
      '+ s3:* on *',
    ]);
    expect(told([holds(everything), all], [holds(everything)])).toEqual(['+ all actions except s3:* on *']);
    expect(told([holds(everything)], [holds(everything), all])).toEqual(['- all actions except s3:* on *']);
    const [own, any] = [doc(allow('s3:GetObject', bucket)), doc(allow('s3:GetObject'))];
    expect(told([holds(own), doc(allow('ec2:*'))], [holds(any), all])).toEqual(['+ s3:GetObject on *']);
  });
});

test('a reason names those together who gain the same, and counts the others', () => {
  const staff = (document: PolicyDocument) =>
    desiredOf({
      users: [
        aUser('ann', { groups: ['staff'] }),
        aUser('ben', { groups: ['staff'], policies: { own: put } }),
        aUser('carl', { groups: ['staff'] }),
      ],
      groups: [aGroup('staff', { policies: { own: document } })],
    });
  const plan = makePlan(staff(all), staff(doc(allow('sqs:*'))).state, new Date('2026-07-01'));
  const [change] = wordedPlan(plan).changes;
  expect(change?.reason).toBe(
    'ann and carl may also s3:* on *, and 1 other something else; ann, ben and carl may no longer sqs:* on *',
  );
});
