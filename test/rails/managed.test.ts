import { expect, test } from 'vitest';
import { aUser, desiredOf, noCredentials } from '../support/account.ts';
import { messagesOf } from './support.ts';

const crew = (...names: string[]) =>
  names.map((name) => aUser(name, { id: `AIDA${name}`, credentials: noCredentials }));
const live = desiredOf({
  users: crew('u0', 'u1', 'u2', 'u3', 'u4', 'u5', 's0', 's1', 's2', 's3', 's4', 's5'),
});
const manage = { users: 'declared' } as const;

test('the share that may go is of what is managed: strangers are in no total', () => {
  const wanted = desiredOf(
    { users: crew('u0', 'u1', 'u2', 'u3') },
    { manage, removed: { users: ['u4', 'u5'] } },
  );
  expect(messagesOf(live.state, wanted)).toEqual([
    'max-removals: 2 users of 6 would be removed; at most 1 may go in one plan',
  ]);
});

test('who is named to go is not lost with a file, and still counts', () => {
  const empty = (...users: string[]) => desiredOf({}, { manage, removed: { users } });
  expect(messagesOf(live.state, empty('U0'))).toEqual([]);
  expect(messagesOf(live.state, empty('u0', 'u1', 'u2'))).toEqual([
    'max-removals: 3 users of 3 would be removed; at most 1 may go in one plan',
  ]);
});

test('an account of which nothing is declared any more is still told, where all of it is managed', () => {
  expect(messagesOf(live.state, desiredOf({}, { removed: { users: ['u0'] } }))).toEqual([
    'empty-manifest: no file declares any user, and 12 users would be offboarded',
  ]);
});
