import { expect, test } from 'vitest';
import type { AccountState, User } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { allow, aRole, now } from '../rails/support.ts';
import { aGroup, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { denyAll } from '../../src/access/documents.ts';

type Side = Parameters<typeof desiredOf>[0];

const live = ({ users = [], ...rest }: Side): AccountState => ({
  ...desiredOf({
    users: users.map((user) => ({ credentials: noCredentials, id: `AIDA${user.name}`, ...user })),
    ...rest,
  }).state,
  roles: new Map([['deploy', aRole('deploy')]]),
});

/** Who gains what and loses what by the plan. */
function access(before: Side, after: Side, ignore: Record<string, string[]> = {}): unknown {
  const { plan } = makePlan({ ...desiredOf(after), ignore }, live(before), now);
  return plan?.access.map(({ principal, leaves, gained, lost }) => [
    principal,
    ...(leaves ? ['leaves'] : []),
    ...gained.map(({ grant }) => `+${JSON.stringify(grant)}`),
    ...lost.map(({ grant }) => `-${JSON.stringify(grant)}`),
  ]);
}

const read = { policies: { p: allow('s3:Get*') } };
const write = { policies: { p: allow('s3:*') } };
const inOps = (name: string, rest: Partial<User> = {}): User => aUser(name, { groups: ['ops'], ...rest });

test('who is ignored stays, and has what the plan gives to their group', () => {
  const told = access(
    { users: [inOps('svc-1')], groups: [aGroup('ops', read)] },
    { groups: [aGroup('ops', write)] },
    { users: ['svc-*'] },
  );
  expect(told).toEqual([['user:svc-1', expect.stringMatching(/^\+.*s3:\*/)]]);
});

test('the groups that are ignored stay those of who is declared', () => {
  const groups = [aGroup('sso', write)];
  const told = access(
    { users: [aUser('dale', { groups: ['sso'] })], groups },
    { users: [aUser('dale', read)] },
    { groups: ['sso'] },
  );
  expect(told).toEqual([]);
});

test('who is suspended loses all, gains nothing while they are, and has it again afterwards', () => {
  const dale = inOps('dale');
  const suspended = inOps('dale', { suspended: true });
  const denied = inOps('dale', { policies: { 'rollcall-suspended': denyAll } });
  const [ops, more] = [aGroup('ops', read), aGroup('ops', write)];
  expect(access({ users: [dale], groups: [ops] }, { users: [suspended], groups: [ops] })).toEqual([
    ['user:dale', expect.stringMatching(/^-.*s3:Get\*/i)],
  ]);
  expect(access({ users: [denied], groups: [ops] }, { users: [suspended], groups: [more] })).toEqual([]);
  expect(access({ users: [denied], groups: [ops] }, { users: [dale], groups: [ops] })).toEqual([
    ['user:dale', expect.stringMatching(/^\+.*s3:Get\*/i)],
  ]);
});

test('AWS’s quarantine stays', () => {
  const quarantine = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3';
  const told = access(
    { users: [inOps('dale', { attachedPolicyArns: [quarantine] })], groups: [aGroup('ops', read)] },
    { users: [inOps('dale', read)], groups: [aGroup('ops', read)] },
  );
  expect(told).toEqual([]);
});
