import { describe, expect, test } from 'vitest';
import type { Step } from '../../src/core/plan.ts';
import { makePlan } from '../../src/plan/index.ts';
import type { AccessDiff } from '../../src/plan/effects.ts';
import { affectedPrincipals } from '../../src/plan/affected-principals.ts';
import { throughRoles } from '../../src/plan/through-roles.ts';
import type { ScheduledStep } from '../../src/plan/transition.ts';
import {
  accountId,
  aGroup,
  aPolicy,
  aRole,
  aUser,
  desiredOf,
  noCredentials,
  trusting,
} from '../support/account.ts';

/** Of steps on roles and on whom they let in: what may give nothing before something else has gone. */

const roleArn = (name: string): string => `arn:aws:iam::${accountId}:role/${name}`;
const userArn = (name: string): string => `arn:aws:iam::${accountId}:user/${name}`;
const doc = (...statements: readonly (readonly [Effect: string, Action: string, Resource?: string])[]) => ({
  Version: '2012-10-17',
  Statement: statements.map(([Effect, Action, Resource = '*']) => ({ Effect, Action, Resource })),
});
const assume = (name: string) => doc(['Allow', 'sts:AssumeRole', roleArn(name)]);
const [read, write] = [doc(['Allow', 's3:GetObject']), doc(['Allow', 's3:PutObject'])];
const everybody = trusting(accountId);

type Parts = Parameters<typeof desiredOf>[0];
function stepsOf(live: Parts, wanted: Parts): readonly Step[] {
  const users = live.users?.map((user) => ({ ...user, credentials: noCredentials }));
  const before = desiredOf({ ...live, ...(users ? { users } : {}) }).state;
  return makePlan(desiredOf(wanted, { manage: { roles: 'all' } }), before, new Date()).plan!.steps;
}

/** Whether one waits for the other, directly or not. */
function waits(
  steps: readonly Step[],
  then: (step: Step) => boolean,
  first: (step: Step) => boolean,
): boolean {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const seen = new Set([steps.find(then)!]);
  for (const step of seen) for (const id of step.needs) seen.add(byId.get(id)!);
  expect(steps.some(first)).toBe(true);
  return [...seen].some((step) => first(step));
}
const on =
  (about: string) =>
  (step: Step): boolean =>
    step.about === about;
const summary = (steps: readonly Step[]): string[] =>
  steps.map(({ purpose, about }) => `${purpose} ${about}`);

describe('what is behind a role comes once nobody comes in who shall not', () => {
  test('who may no longer assume it', () => {
    const steps = stepsOf(
      { users: [aUser('ben', { policies: { in: assume('ops') } })], roles: [aRole('ops', everybody)] },
      { users: [aUser('ben')], roles: [aRole('ops', everybody, { policies: { read } })] },
    );
    expect(waits(steps, on('role:ops/policies/read'), on('user:ben/policies/in'))).toBe(true);
  });

  test('whom its trust lets in no more, and what is behind the next role', () => {
    const ops = (trust: typeof everybody) => aRole('ops', trust, { policies: { in: assume('vault') } });
    const steps = stepsOf(
      { users: [aUser('ben')], roles: [ops(trusting(userArn('ben'))), aRole('vault', everybody)] },
      {
        users: [aUser('ben')],
        roles: [ops(trusting(roleArn('vault'))), aRole('vault', everybody, { policies: { read } })],
      },
    );
    expect(waits(steps, on('role:vault/policies/read'), on('role:ops/trust'))).toBe(true);
    expect(steps.filter(on('role:ops/trust')).map(({ purpose }) => purpose)).toContain('set-trust');
  });

  test('who comes there through another role', () => {
    const roles = (policies: { [name: string]: typeof read }) => [
      aRole('ops', everybody, { policies: { in: assume('vault') } }),
      aRole('vault', everybody, { policies }),
    ];
    const steps = stepsOf(
      { users: [aUser('ben', { policies: { in: assume('ops') } })], roles: roles({}) },
      { users: [aUser('ben')], roles: roles({ read }) },
    );
    expect(waits(steps, on('role:vault/policies/read'), on('user:ben/policies/in'))).toBe(true);
  });

  test('who leaves, if they might come in; nobody else', () => {
    const plan = (resource: string): readonly Step[] =>
      stepsOf(
        { users: [aUser('ben', { policies: { in: assume(resource) } })], roles: [aRole('ops', everybody)] },
        { roles: [aRole('ops', everybody, { policies: { read } })] },
      );
    const deny = (step: Step): boolean => step.purpose === 'deny-everything';
    expect(waits(plan('ops'), on('role:ops/policies/read'), deny)).toBe(true);
    expect(waits(plan('other'), on('role:ops/policies/read'), deny)).toBe(false);
  });

  test('to whom everything is allowed nothing is new', () => {
    const steps = stepsOf(
      { users: [aUser('ben', { policies: { all: doc(['Allow', '*']) } })], roles: [aRole('ops', everybody)] },
      { users: [aUser('ben')], roles: [aRole('ops', everybody, { policies: { read } })] },
    );
    expect(waits(steps, on('role:ops/policies/read'), on('user:ben/policies/all'))).toBe(false);
  });
});

test('who is let in waits for what goes from the role', () => {
  const steps = stepsOf(
    { users: [aUser('ben')], roles: [aRole('ops', everybody, { policies: { read } })] },
    { users: [aUser('ben', { policies: { in: assume('ops') } })], roles: [aRole('ops', everybody)] },
  );
  expect(waits(steps, on('user:ben/policies/in'), on('role:ops/policies/read'))).toBe(true);
});

test('where both sides of a way are written over, who comes in passes through what both documents have in common', () => {
  const steps = stepsOf(
    {
      users: [aUser('ben', { policies: { own: assume('ops') } })],
      roles: [aRole('ops', everybody, { policies: { own: read } })],
    },
    {
      users: [aUser('ben', { policies: { own: write } })],
      roles: [aRole('ops', everybody, { policies: { own: doc(['Allow', 'ec2:*']) } })],
    },
  );
  expect(summary(steps)).toEqual([
    'narrow user:ben/policies/own',
    'update-policy role:ops/policies/own',
    'update-policy user:ben/policies/own',
  ]);
});

test('while a boundary changes for another, nobody comes into a role that changes', () => {
  const policies = [
    aPolicy('one', doc(['Allow', 'sts:AssumeRole'], ['Allow', 's3:*'])),
    aPolicy('two', doc(['Allow', 's3:*'], ['Allow', 'ec2:*'])),
  ] as const;
  const ben = (boundary: string) => aUser('ben', { boundary, policies: { in: assume('ops') } });
  const steps = stepsOf(
    {
      policies,
      users: [ben(policies[0].arn)],
      roles: [aRole('ops', everybody, { policies: { own: read } })],
    },
    {
      policies,
      users: [ben(policies[1].arn)],
      roles: [aRole('ops', everybody, { policies: { own: write } })],
    },
  );
  expect(summary(steps)[0]).toBe('guard user:ben/policies/rollcall-guard');
  expect(summary(steps).at(-1)).toBe('lift-guard user:ben/policies/rollcall-guard');
  expect(waits(steps, on('role:ops/policies/own'), ({ purpose }) => purpose === 'guard')).toBe(true);
});

describe('sessions', () => {
  test('are revoked once nobody new comes in, before the role gets more', () => {
    const steps = stepsOf(
      {
        users: [aUser('ann'), aUser('ben')],
        roles: [aRole('ops', trusting(userArn('ann')), { policies: { no: doc(['Deny', 'ec2:*']) } })],
      },
      {
        users: [aUser('ann'), aUser('ben')],
        roles: [aRole('ops', trusting(userArn('ben')), { policies: { read }, revoke: true })],
      },
    );
    const revocation = ({ purpose }: Step): boolean => purpose === 'revoke-sessions';
    expect(waits(steps, revocation, ({ purpose }) => purpose === 'narrow')).toBe(true);
    expect(waits(steps, on('role:ops/policies/read'), revocation)).toBe(true);
    expect(waits(steps, on('role:ops/policies/no'), revocation)).toBe(true);
  });

  test('end before what they might come into gets more, or they would live on there', () => {
    const ops = aRole('ops', trusting(userArn('ben')), { policies: { read } });
    const steps = stepsOf(
      { users: [aUser('ben')], roles: [ops, aRole('vault', trusting(accountId))] },
      {
        users: [aUser('ben')],
        roles: [
          { ...ops, policies: {}, revoke: true },
          aRole('vault', trusting(roleArn('ops')), { policies: { write } }),
        ],
      },
    );
    const revocation = on('role:ops/policies/AWSRevokeOlderSessions');
    expect(waits(steps, on('role:vault/policies/write'), revocation)).toBe(true);
  });

  test('of a role that goes end before it is taken apart, and its boundary goes last', () => {
    const limits = aPolicy('limits', doc(['Allow', 's3:*']));
    const ops = aRole('ops', everybody, {
      policies: { no: doc(['Deny', 's3:*']), read },
      boundary: limits.arn,
    });
    const steps = stepsOf({ policies: [limits], roles: [ops] }, {});
    expect(steps.map(({ purpose, op }) => `${purpose} ${op}`)).toEqual([
      'close-trust UpdateAssumeRolePolicy',
      'revoke-sessions PutRolePolicy',
      'remove-policy DeleteRolePolicy',
      'remove-policy DeleteRolePolicy',
      'lift-deny DeleteRolePolicy',
      'delete DeleteRole',
      'delete DeletePolicy',
    ]);
    expect(
      waits(
        steps,
        ({ op }) => op === 'DeletePolicy',
        ({ op }) => op === 'DeleteRole',
      ),
    ).toBe(true);
    for (const step of steps.slice(2, 5)) expect(step.needs).toEqual(expect.arrayContaining(['s2']));
  });
});

describe('what it costs', () => {
  const names = Array.from({ length: 500 }, (_, n) => `n${n}`);

  test('nothing where no role changes: nobody’s policies are looked at', () => {
    const roles = names.map((name) => aRole(name, everybody));
    const users = names.map((name) => aUser(name));
    const { state } = desiredOf({ users, roles });
    const steps = names.map(
      (name, seq) =>
        ({
          draft: { cls: 'grant', affects: `user:${name}`, about: `user:${name}/policies/p` },
          change: '',
          seq,
        }) as unknown as ScheduledStep,
    );
    const looked = new Proxy({} as AccessDiff, {
      get: () => {
        throw new Error('looked at');
      },
    });
    const world = { live: state, desired: state, affected: affectedPrincipals(state, state), diff: looked };
    expect(throughRoles(world)(steps).size).toBe(0);
  });

  test('little where five hundred roles change that five hundred people may assume', () => {
    const staff = (document: ReturnType<typeof doc>) => aGroup('staff', { policies: { in: document } });
    const users = names.map((name) => aUser(name, { groups: ['staff'] }));
    const roles = (policies: { [name: string]: typeof read }) =>
      names.map((name) => aRole(name, everybody, { policies }));
    const steps = stepsOf(
      { users, groups: [staff(assume('*'))], roles: roles({}) },
      { users, groups: [staff(assume('n1*'))], roles: roles({ read }) },
    );
    expect(steps).toHaveLength(501);
    expect(steps.reduce((sum, { needs }) => sum + needs.length, 0)).toBe(500);
  });
});
