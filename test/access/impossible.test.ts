/** Requests that cannot be: what takes none of them gives nobody anything, and what takes them alone is no gain. */
import { describe, expect, test } from 'vitest';
import { Reader, gains } from '../../src/access/compare.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { PolicyDocument } from '../../src/core/state.ts';

type Conditions = Readonly<Record<string, JsonObject>>;
const statement = (effect: 'Allow' | 'Deny', conditions: Conditions): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: { Effect: effect, Action: 's3:*', Resource: '*', Condition: conditions },
});

/** What somebody gains who has an Allow when a Deny goes. */
function gained(allow: Conditions, deny: Conditions): string {
  const reader = new Reader<string>(new Set());
  const held = { document: statement('Allow', allow), origin: 'stays' };
  const goes = { document: statement('Deny', deny), origin: 'goes' };
  const [before, after] = [[held, goes], [held]].map((grants) => reader.read({ grants, boundary: null }));
  const found = gains(before!, after!);
  if (found.length === 0) return 'nothing';
  return found.some(({ doubt }) => doubt === null) ? 'certain' : 'unclear';
}

describe('a Deny that goes is no gain where it never met the Allow', () => {
  const ip = 'aws:SourceIp';
  const team = 'aws:PrincipalTag/team';
  const mfa = 'aws:MultiFactorAuthPresent';
  test.each<[Conditions, Conditions]>([
    [{ Bool: { [mfa]: 'true' } }, { BoolIfExists: { [mfa]: 'false' } }],
    [{ Bool: { [mfa]: 'true' } }, { Null: { [mfa.toLowerCase()]: 'true' } }],
    [{ IpAddress: { [ip]: '10.0.0.0/8' } }, { NotIpAddress: { [ip]: ['10.0.0.0/8', '172.16.0.0/12'] } }],
    [{ IpAddress: { [ip]: ['10.1.0.0/16', '::1/128'] } }, { IpAddress: { [ip]: '10.2.0.0/16' } }],
    [{ StringEquals: { [team]: 'red' } }, { StringEquals: { [team]: ['blue', 'green'] } }],
    [{ StringEquals: { [team]: 'red' } }, { StringNotLike: { [team]: 're*' } }],
    [{ StringLike: { [team]: 'r*' } }, { StringEqualsIgnoreCaseIfExists: { [team]: 'blue' } }],
    [{ NumericLessThan: { 's3:max-keys': '10' } }, { NumericGreaterThanEquals: { 's3:max-keys': '10' } }],
    [
      { DateLessThan: { 'aws:CurrentTime': '2027-01-01' } },
      { DateGreaterThan: { 'aws:CurrentTime': '2028-01-01' } },
    ],
  ])('%j, %j', (allow, deny) => {
    expect(gained(allow, deny)).toBe('nothing');
  });
  // Without the key, both hold; of several values, each may hold of another one; and both may hold of one.
  test.each<[Conditions, Conditions, string]>([
    [{ BoolIfExists: { [mfa]: 'true' } }, { BoolIfExists: { [mfa]: 'false' } }, 'certain'],
    [{ StringNotEquals: { [team]: 'red' } }, { StringNotEquals: { [team]: 'blue' } }, 'certain'],
    [
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } },
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'b' } },
      'certain',
    ],
    [{ StringEquals: { 'aws:TagKeys': 'a' } }, { StringEquals: { 'aws:TagKeys': 'b' } }, 'unclear'],
    [
      { NumericLessThanEquals: { 's3:max-keys': '10' } },
      { NumericGreaterThanEquals: { 's3:max-keys': '10' } },
      'certain',
    ],
    [{ StringEqualsIgnoreCase: { [team]: 'red' } }, { StringEquals: { [team]: 'RED' } }, 'certain'],
    [{ StringLike: { [team]: 'r*' } }, { StringLike: { [team]: '*d' } }, 'certain'],
    [{ Bool: { [mfa]: 'true' } }, { Bool: { 'aws:SecureTransport': 'false' } }, 'certain'],
    [{ StringEquals: { [team]: '${aws:username}' } }, { StringEquals: { [team]: 'red' } }, 'certain'],
  ])('but is one of %j, %j', (allow, deny, expected) => {
    expect(gained(allow, deny)).toBe(expected);
  });
});

test('an Allow that contradicts itself gives nothing', () => {
  const team = 'aws:PrincipalTag/team';
  const reader = new Reader<string>(new Set());
  const document = statement('Allow', {
    StringEquals: { [team]: 'red' },
    StringNotEquals: { [team]: 'red' },
  });
  const [before, after] = [[], [{ document, origin: 'comes' }]].map((grants) =>
    reader.read({ grants, boundary: null }),
  );
  expect(gains(before!, after!)).toEqual([]);
});
