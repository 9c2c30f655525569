import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { compareDocuments, differenceText, explain, hasAllow, hasDeny } from '../../src/policy/index.ts';
import { doc } from './documents.ts';

const allow = (action: Json, resource: Json = '*', condition?: Json): JsonObject => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...(condition === undefined ? {} : { Condition: condition }),
});
const deny = (action: Json, resource: Json = '*', condition?: Json): JsonObject => ({
  ...allow(action, resource, condition),
  Effect: 'Deny',
});
const allExcept = (action: Json): JsonObject => ({ Effect: 'Allow', NotAction: action, Resource: '*' });
const trust = (principal: Json): PolicyDocument =>
  doc({ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' });
const houdini = 'arn:aws:s3:::houdini/*';
const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } };
const from = (...ranges: string[]): Json => ({ IpAddress: { 'aws:SourceIp': ranges } });
const notFrom = (...ranges: string[]): Json => ({ NotIpAddress: { 'aws:SourceIp': ranges } });

describe('effect and reason', () => {
  test.each<[PolicyDocument | null, PolicyDocument | null, string, string]>([
    [
      doc(allow('s3:*', houdini)),
      doc(allow('s3:PutObject', houdini)),
      'narrows',
      `s3:* becomes s3:PutObject on ${houdini}`,
    ],
    [doc(allow('s3:Get*')), doc(allow('s3:*')), 'widens', 's3:Get* becomes s3:* on *'],
    [
      doc(allow('s3:*'), deny('s3:DeleteObject')),
      doc(allow('s3:*')),
      'widens',
      'removes a Deny (s3:DeleteObject on *)',
    ],
    [
      doc(allow('s3:*')),
      doc(allow('s3:*'), deny('s3:DeleteObject')),
      'narrows',
      'denies s3:DeleteObject on *',
    ],
    [null, doc(allow('iam:PassRole')), 'widens', 'allows iam:PassRole on *'],
    [doc(allow('iam:PassRole')), null, 'narrows', 'no longer allows iam:PassRole on *'],
    [null, doc(deny('*')), 'narrows', 'denies * on *'],
    [doc(deny('*')), null, 'widens', 'removes a Deny (* on *)'],
    [doc(allow('*'), deny('iam:*')), null, 'mixed', 'removes a Deny (iam:* on *); no longer allows * on *'],
    [null, null, 'none', 'the same access'],
    [doc(allow('s3:Get*')), doc(allow('s3:Put*')), 'mixed', 's3:Get* becomes s3:Put* on *'],
    [doc(allow('s3:*', 'a')), doc(allow('s3:*', ['a', 'b'])), 'widens', 's3:* on a becomes on a and b'],
    [
      doc(allow('s3:*')),
      doc(allow('s3:*', '*', mfa)),
      'narrows',
      's3:* on * becomes only if Bool aws:MultiFactorAuthPresent true',
    ],
    [
      doc(allow('s3:*', '*', mfa)),
      doc(allow('s3:*')),
      'widens',
      's3:* on * no longer only if Bool aws:MultiFactorAuthPresent true',
    ],
    [
      doc(deny('s3:*')),
      doc(deny('s3:*', '*', mfa)),
      'widens',
      'Deny of s3:* on * becomes only if Bool aws:MultiFactorAuthPresent true',
    ],
    // One statement as several, and several as one.
    [
      doc(allow(['s3:Get*', 's3:Put*'], ['a', 'b'])),
      doc(allow('s3:Get*', ['a', 'b']), allow('s3:Put*', 'a'), allow('s3:Put*', 'b')),
      'none',
      'the same access',
    ],
    [doc(allow('s3:*'), allow('s3:GetObject', 'a')), doc(allow('s3:*')), 'none', 'the same access'],
    // Pieces: only what is new is named.
    [
      doc(
        allow(['s3:GetObject', 's3:ListBucket', 'ec2:DescribeInstances', 'ec2:RunInstances', 'kms:Decrypt']),
      ),
      doc(
        allow([
          's3:GetObject',
          's3:ListBucket',
          'ec2:DescribeInstances',
          'ec2:RunInstances',
          'kms:Decrypt',
          'kms:Encrypt',
          'iam:PassRole',
        ]),
      ),
      'widens',
      'allows iam:PassRole and kms:Encrypt on *',
    ],
    // NotAction.
    [
      doc(allExcept('iam:*')),
      doc(allExcept(['iam:*', 'kms:*'])),
      'narrows',
      'all actions except iam:* becomes all actions except iam:* and kms:* on *',
    ],
    [
      doc(allExcept('iam:*')),
      doc(allExcept('iam:Create*')),
      'widens',
      'all actions except iam:* becomes all actions except iam:Create* on *',
    ],
    [doc(allExcept('iam:*')), doc(allow('*')), 'widens', 'all actions except iam:* becomes * on *'],
    [doc(allExcept('iam:*')), doc(allow('s3:*')), 'narrows', 'all actions except iam:* becomes s3:* on *'],
    [doc(allExcept('iam:*')), doc(allow('i*')), 'mixed', 'all actions except iam:* becomes i* on *'],
    [doc(allow('s3:*')), doc(allExcept('s3:*')), 'mixed', ''],
    // Values of conditions are alternatives; of negated ones they add up.
    [
      doc(allow('s3:*', '*', from('10.0.0.0/8'))),
      doc(allow('s3:*', '*', from('10.0.0.0/8', '1.1.1.1/32'))),
      'widens',
      's3:* on * if IpAddress aws:SourceIp 10.0.0.0/8 becomes if',
    ],
    [
      doc(allow('s3:*', '*', notFrom('10.0.0.0/8'))),
      doc(allow('s3:*', '*', notFrom('10.0.0.0/8', '1.1.1.1/32'))),
      'narrows',
      '',
    ],
    [doc(allow('s3:*', '*', from('10.0.0.0/8'))), doc(allow('s3:*', '*', from('1.1.1.1/32'))), 'mixed', ''],
    [
      doc(allow('s3:*', '*', mfa)),
      doc(allow('s3:*', '*', { ...(from('10.0.0.0/8') as JsonObject), ...mfa })),
      'narrows',
      '',
    ],
    // Trust policies.
    [
      trust({ AWS: ['111111111111', '222222222222'] }),
      trust({ AWS: 'arn:aws:iam::111111111111:root' }),
      'narrows',
      'sts:AssumeRole for 111111111111 and 222222222222 becomes for 111111111111',
    ],
    [
      trust({ AWS: 'arn:aws:iam::111111111111:user/a' }),
      trust('*'),
      'widens',
      'sts:AssumeRole for arn:aws:iam::111111111111:user/a becomes for everybody',
    ],
    [trust({ AWS: '111111111111' }), trust({ AWS: 'arn:aws:iam::111111111111:role/r' }), 'mixed', ''],
    // "*" is not known to take in services.
    [trust({ Service: 'ec2.amazonaws.com' }), trust('*'), 'mixed', ''],
    // A variable without a value may void the whole condition.
    [
      doc(allow('s3:*', '*', { StringEquals: { k: 'a' } })),
      doc(allow('s3:*', '*', { StringEquals: { k: ['a', '${aws:username}'] } })),
      'mixed',
      '',
    ],
    // What cannot be read is equal to itself only.
    [
      doc({ Effect: 'Allow', Action: [], Resource: '*' }),
      doc({ Effect: 'Allow', Action: [], Resource: '*' }),
      'none',
      'the same access',
    ],
    [
      doc(allow('*')),
      doc(allow('*'), { Effect: 'Allow', Action: { odd: true }, Resource: '*' }),
      'widens',
      'allows what an unreadable statement says',
    ],
    [doc(allow('*')), doc(allow('*'), { Effect: 'allow', Action: 'x:y', Resource: '*' }), 'mixed', ''],
    // One key in two spellings: which of them counts is not known.
    [
      doc(allow('s3:*', '*', { StringEquals: { 'aws:PrincipalTag/a': 'x', 'aws:principaltag/A': 'y' } })),
      doc(allow('s3:*', '*', { StringEquals: { 'aws:PrincipalTag/a': 'y' } })),
      'mixed',
      '',
    ],
  ])('%#: %j → %j: %s', (before, after, effect, reason) => {
    const found = compareDocuments(before, after);
    expect(found.effect).toBe(effect);
    expect(differenceText(found.difference)).toContain(reason);
  });

  test('says which side of Allow and Deny moves', () => {
    expect(
      compareDocuments(doc(allow('a:*'), deny('b:*')), doc(allow('a:x'), deny('b:x'), deny('c:*'))),
    ).toMatchObject({
      effect: 'mixed',
      addsAllow: false,
      removesAllow: true,
      addsDeny: true,
      removesDeny: true,
    });
  });

  test('a policy variable is one only in the current version', () => {
    const own = allow('s3:*', 'arn:aws:s3:::home/${aws:username}/*');
    const old = { Version: '2008-10-17', Statement: [own] };
    expect(compareDocuments(doc(own), old).effect).toBe('mixed');
    expect(compareDocuments(doc(allow('s3:*')), old).effect).toBe('narrows');
    expect(compareDocuments(doc(allow('s3:*', 'arn:aws:s3:::home/*')), doc(own)).effect).toBe('narrows');
  });

  test('a reason is one line of limited length whatever the document holds', () => {
    const names = Array.from({ length: 200 }, (_, index) => `s3:Action${index}\n\u202e${'x'.repeat(300)}`);
    const reason = differenceText(
      compareDocuments(null, doc(allow(names, names), deny(names), allow('a:b'), allow('c:d'))).difference,
    );
    expect(reason).not.toMatch(/[\n\u202e]/);
    expect(reason.length).toBeLessThan(6000);
    expect(reason).toContain('and 196 more');
  });
});

test('two full-size documents compare in milliseconds', () => {
  const actions = Array.from(
    { length: 130 },
    (_, index) => `service${index % 7}:Action${index}${index % 3 ? '' : '*'}`,
  );
  const some = Array.from({ length: 20 }, (_, index) =>
    allow(actions.slice(index * 5, index * 5 + 3), `arn:aws:s3:::b${index}/*`),
  );
  const a = doc(allow(actions, ['arn:aws:s3:::abc*', 'arn:aws:s3:::d?f*/x']), ...some);
  const b = doc(allow(actions.slice(1), ['arn:aws:s3:::abc*', 'arn:aws:s3:::d?f*/x']), ...some);
  for (let warm = 0; warm < 20; warm += 1) compareDocuments(a, b);
  const started = performance.now();
  for (let run = 0; run < 10; run += 1) compareDocuments(a, b);
  // 4 ms on a quiet machine.
  expect((performance.now() - started) / 10).toBeLessThan(50);
});

test('explain says each statement in a sentence', () => {
  expect(
    explain(
      doc(
        allow('s3:*', houdini),
        deny(['s3:DeleteObject', 's3:PutObject'], '*', mfa),
        allExcept('iam:*'),
        { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
        { Effect: 'Maybe' },
      ),
    ),
  ).toEqual([
    `allow s3:* on ${houdini}`,
    'allow sts:AssumeRole for Service ec2.amazonaws.com',
    'allow all actions except iam:* on *',
    'deny s3:DeleteObject and s3:PutObject on * if Bool aws:MultiFactorAuthPresent true',
    'unreadable statement {"Effect":"Maybe"}',
  ]);
});

test('hasAllow and hasDeny', () => {
  expect([hasAllow(doc(allow('*'))), hasDeny(doc(allow('*')))]).toEqual([true, false]);
  expect([hasAllow(doc(deny('*'))), hasDeny(doc(deny('*')))]).toEqual([false, true]);
  expect(hasDeny({ Statement: deny('*') })).toBe(true);
  expect([hasAllow({}), hasDeny({ Statement: [] })]).toEqual([false, false]);
});

test('explain leaves nothing out: a reviewer sees no other form of a new document', () => {
  const actions = ['a:A', 'b:B', 'c:C', 'd:D', 'e:E', 'secretsmanager:GetSecretValue', 'z:Z'];
  const resources = ['d', 'e', 'f', 'g', 'h', `payroll-${'x'.repeat(400)}-end`].map(
    (name) => `arn:aws:s3:::${name}`,
  );
  const [line] = explain({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: actions, Resource: resources },
  });
  for (const name of [...actions, ...resources]) expect(line).toContain(name);
});

test('a change of the Version alone says what it changes', () => {
  const Statement = { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::h/${aws:username}/*' };
  const { effect, difference } = compareDocuments({ Statement }, { Version: '2012-10-17', Statement });
  expect(effect).toBe('mixed');
  expect(differenceText(difference)).toBe(
    'Version 2008-10-17 becomes 2012-10-17, which changes what ${…} means',
  );
});
