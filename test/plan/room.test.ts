import { expect, test } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { denyAll } from '../../src/access/documents.ts';
import { inlineRoom } from '../../src/plan/room.ts';
import { documentSize } from '../../src/policy/index.ts';
import { aUser, desiredOf } from '../support/account.ts';

const allow = (Resource: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }],
});
const [small, large] = [allow('arn:aws:s3:::a'), allow(`arn:aws:s3:::${'a'.repeat(500)}`)];
const sides = (live: object, desired: object) => ({
  live: desiredOf({ users: [aUser('dale', { policies: { ...live } })] }).state,
  desired: desiredOf({ users: [aUser('dale', { policies: { ...desired } })] }).state,
});

test.each([
  ['one that grows', { p: small }, { p: large }, documentSize(large)],
  ['one that shrinks', { p: large }, { p: small }, documentSize(large)],
  ['one that goes and one that comes', { p: small }, { q: large }, documentSize(small) + documentSize(large)],
  ['none but the one that it is for', { mine: large }, { mine: small }, 0],
])('an inline policy must fit beside what is there at any time: %s', (_what, live, desired, used) => {
  expect(inlineRoom(sides(live, desired), 'user:dale', 'mine')).toBe(limits.inlineUser - used);
});

test('the deny of a suspension takes room, though no file holds it', () => {
  const state = desiredOf({ users: [aUser('dale', { suspended: true })] }).state;
  const room = inlineRoom({ live: desiredOf({}).state, desired: state }, 'user:dale', 'mine');
  expect(room).toBe(limits.inlineUser - documentSize(denyAll));
});
