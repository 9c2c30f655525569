/** When one condition is known to follow from another, where what AWS takes a value for is not what it looks like. */
import { expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import { compareDocuments } from '../../src/policy/index.ts';
import { doc } from './documents.ts';

const when = (operator: string, key: string, values: Json) =>
  doc({ Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { [operator]: { [key]: values } } });

const time = 'aws:CurrentTime';
const ip = 'aws:SourceIp';

test.each<[string, string, Json, Json, string]>([
  ['DateLessThan', time, '2027-01-01', '2026-01-01T00:00:00Z', 'narrows'],
  ['DateLessThan', time, '2027-01-01', '100000', 'narrows'],
  // A year for ISO 8601, and half an hour after 1970 in seconds.
  ['DateLessThan', time, '100000', '2027', 'mixed'],
  ['DateGreaterThan', time, '2027', '1767225600', 'mixed'],
  ['DateLessThan', time, '2027', '2027', 'none'],
  ['IpAddress', ip, '10.0.0.0/8', '10.1.2.3', 'narrows'],
  ['IpAddress', ip, '2001:db8::/64', '2001:db8::1/128', 'narrows'],
  // AWS takes `/32` where there is no length.
  ['IpAddress', ip, '2001:db8::/64', '2001:db8::1', 'mixed'],
  ['IpAddress', ip, '2001:db8::1', '2001:db8::1', 'none'],
])('%s %s %j becomes %j: %s', (operator, key, before, after, effect) => {
  expect(compareDocuments(when(operator, key, before), when(operator, key, after)).effect).toBe(effect);
});
