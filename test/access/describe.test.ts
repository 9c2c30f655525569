/** What a line says that somebody gains or loses is what lies within their boundary. */
import { expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { allow, doc } from '../policy/documents.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';

const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };
const houdini = 'arn:aws:s3:::houdini/*';

/** Of whoever comes into a group within a boundary: what the plan says, and of the group, and once they leave it again. */
function saysOf(granted: PolicyDocument, limit: PolicyDocument) {
  const groups = [aGroup('team', { policies: { granted } })];
  const policies = [aPolicy('limit', limit)];
  const melvins = aUser('melvins', { boundary: `arn:aws:iam::${accountId}:policy/limit` });
  const alone = desiredOf({ groups, policies, users: [melvins] });
  const joined = desiredOf({ groups, policies, users: [{ ...melvins, groups: ['team'] }] });
  const [comes, leaves] = [
    makePlan(joined, desiredOf({ groups, policies }).state, new Date()),
    makePlan(alone, joined.state, new Date()),
  ].map(wordedPlan);
  return {
    gained: comes!.access.flatMap(({ gained }) => gained.map(({ text }) => text)),
    lost: leaves!.access.flatMap(({ lost }) => lost.map(({ text }) => text)),
    reason: comes!.changes.find(({ kind }) => kind === 'user')?.reason,
  };
}

test.each<[string, PolicyDocument, PolicyDocument, string[]]>([
  ['all', doc(allow('*')), doc(allow('s3:*', houdini)), [`s3:* on ${houdini}`]],
  ['less than the boundary', doc(allow('s3:Get*', houdini)), doc(allow('s3:*')), [`s3:Get* on ${houdini}`]],
  [
    'by several statements of the boundary',
    doc(allow(['s3:*', 'ec2:*', 'sqs:*'])),
    doc(allow('S3:List*'), allow('ec2:*', '*', mfa)),
    ['ec2:* on * if Bool aws:MultiFactorAuthPresent true', 'S3:List* on *'],
  ],
  ['twice in the boundary', doc(allow('s3:Get*')), doc(allow('s3:*'), allow('s3:G*')), ['s3:Get* on *']],
  [
    'all but some',
    doc(allow('*')),
    doc({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
    ['all actions except iam:* on *'],
  ],
])('within a boundary: %s', (_, granted, limit, said) => {
  const { gained, lost, reason } = saysOf(granted, limit);
  expect([...gained].sort()).toEqual([...said].sort());
  expect([...lost].sort()).toEqual([...said].sort());
  for (const one of said) expect(reason).toContain(one);
});
