import { makePlan } from '../../src/plan/index.ts';
import { wordedPlan } from '../support/words.ts';
import { aGroup, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { awsPolicies, policiesOf, type Row, type Side } from './everyday.ts';

const given = <T>(
  one: Partial<T> | null | undefined,
  make: (name: string, rest: Partial<T>) => T,
  name: string,
  always: boolean,
): T[] => (one === null || (one === undefined && !always) ? [] : [make(name, one ?? {})]);

const sideOf = (side: Side) => {
  const desired = desiredOf({
    users: [...given(side.ann, aUser, 'ann', true), ...given(side.ben, aUser, 'ben', false)],
    groups: [
      ...given(side.devs, aGroup, 'devs', true),
      ...given(side.ops, aGroup, 'ops', true),
      ...(side.more ?? []),
    ],
    policies: policiesOf(side),
  });
  const expiring = (side.expiring ?? []).map((ref) => ({
    ref,
    what: ref,
    at: '2026-01-01T00:00:00Z',
    expired: true,
  }));
  return { ...desired, expiring };
};

/** The changes of the plan of an everyday edit. */
export function changesOf({ before, after }: Row) {
  const { state } = sideOf(before);
  const users = new Map(
    [...state.users].map(([name, user]) => [name, { ...user, credentials: noCredentials }]),
  );
  return wordedPlan(
    makePlan(sideOf(after), { ...state, users, awsPolicies }, new Date('2026-07-01T00:00:00Z')),
  ).changes;
}
