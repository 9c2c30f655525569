import { expect, test } from 'vitest';
import { letsIn } from '../../src/access/trust.ts';
import type { Json } from '../../src/core/json.ts';

const here = { account: '123456789012', partition: 'aws' };
const dale = 'arn:aws:iam::123456789012:user/dale';

test.each<[string, Json, boolean]>([
  ['the account by its number', { AWS: '123456789012' }, true],
  ['the account by its root', { AWS: ['arn:aws:iam::1:root', 'arn:aws:iam::123456789012:root'] }, true],
  ['the user', { AWS: dale }, true],
  ['everybody', '*', true],
  ['everybody of AWS', { AWS: '*' }, true],
  ['another user', { AWS: 'arn:aws:iam::123456789012:user/buzzo' }, false],
  ['another account', { AWS: '210987654321' }, false],
  ['a service', { Service: 'ec2.amazonaws.com' }, false],
  ['an identity provider', { Federated: 'arn:aws:iam::123456789012:saml-provider/x' }, false],
])('a trust in %s', (_, Principal, expected) => {
  const statement = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
  expect(letsIn({ Statement: [statement] }, dale, here)).toBe(expected);
  expect(letsIn({ Statement: statement }, dale, here)).toBe(expected);
  expect(letsIn({ Statement: { ...statement, Effect: 'Deny' } }, dale, here)).toBe(false);
});

test('a trust in all but some lets others in', () => {
  const trust = { Statement: { Effect: 'Allow', NotPrincipal: { AWS: dale }, Action: 'sts:AssumeRole' } };
  expect(letsIn(trust, 'arn:aws:iam::123456789012:user/buzzo', here)).toBe(true);
});
