import type { Desired } from '../../src/core/desired.ts';
import type { RailViolation } from '../../src/core/rails.ts';
import type { AccountState, Credentials, PolicyDocument, Role } from '../../src/core/state.ts';
import { makePlan, scopeOf } from '../../src/plan/index.ts';
import { checkRails } from '../../src/rails/index.ts';
import { accountId, noCredentials } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';

export const now = new Date('2027-06-01T00:00:00Z');

export const allow = (Action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

export const withKeys = (
  ids: readonly string[],
  rest: Partial<Credentials> = {},
  createdAt = '2027-05-01T00:00:00Z',
): Credentials => ({
  ...noCredentials,
  accessKeys: ids.map((id) => ({ id, status: 'Active', createdAt, lastUsedAt: createdAt })),
  ...rest,
});

export const withPassword: Credentials = {
  ...noCredentials,
  loginProfile: { createdAt: '2027-05-01T00:00:00Z' },
};

export const aRole = (name: string, rest: Partial<Role> = {}): Role => ({
  name,
  path: '/',
  policies: {},
  attachedPolicyArns: [],
  boundary: null,
  tags: {},
  trust: {},
  arn: `arn:aws:iam::${accountId}:role/${name}`,
  ...rest,
});

/** The rails that the plan from one to the other runs into. */
export function tripsOf(live: AccountState, manifests: Desired): RailViolation[] {
  return checkRails({
    plan: wordedPlan(makePlan(manifests, live, now)),
    manifests,
    live,
    caller: `arn:aws:sts::${accountId}:assumed-role/rollcall-apply/x`,
    inScope: scopeOf(manifests, live),
  });
}

export const messagesOf = (live: AccountState, manifests: Desired): string[] =>
  tripsOf(live, manifests).map(({ rail, message }) => `${rail}: ${message}`);
