import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/plan/index.ts';
import type { Plan } from '../../src/kinds/plan.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';

/** What a plan of some targets holds, of what a whole one would. */

type Side = Parameters<typeof desiredOf>[0];
const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const now = new Date('2027-01-01T00:00:00Z');

const planned = (live: Side, wanted: Side, targets: readonly string[]): ReturnType<typeof makePlan> =>
  makePlan(desiredOf(wanted), desiredOf(live).state, now, new Set(), null, targets);

function partOf(live: Side, wanted: Side, ...targets: string[]): Plan {
  const { plan, problems } = planned(live, wanted, targets);
  expect(problems).toBeUndefined();
  return plan!;
}
const ids = ({ changes }: Plan): string[] => changes.map(({ id }) => id);
const calls = ({ steps }: Plan): string[] =>
  steps.map(({ op, input }) => {
    const { UserName, GroupName, PolicyName, PolicyArn } = input as Record<string, string>;
    return [op, GroupName, UserName, PolicyName, PolicyArn?.split('policy')[1]].filter(Boolean).join(' ');
  });

test('only what concerns the target: others of the same plan stay as they are', () => {
  const live = {
    users: [aUser('anna'), aUser('ben'), aUser('lorax', { credentials: noCredentials })],
    groups: [aGroup('ops'), aGroup('old')],
    policies: [aPolicy('reports', allow('s3:Get*'))],
  };
  const wanted = {
    users: [
      aUser('anna', { path: '/team/', groups: ['ops'], tags: { team: 'a' } }),
      aUser('ben', { path: '/team/', groups: ['ops'] }),
      aUser('carl'),
    ],
    groups: [aGroup('ops', { path: '/x/' })],
    policies: [aPolicy('reports', allow('s3:Put*'))],
  };
  const plan = partOf(live, wanted, 'user:anna');
  expect(plan.targets).toEqual(['user:anna']);
  expect(ids(plan)).toEqual(['user:anna/path', 'user:anna/tags', 'group:ops/members']);
  expect(calls(plan).filter((call) => call.startsWith('AddUser'))).toEqual(['AddUserToGroup ops anna']);
  // What is asked for together is there together, and all of it is as without targets.
  const all = partOf(
    live,
    wanted,
    'user:anna',
    'user:ben',
    'user:carl',
    'user:lorax',
    'group:ops',
    'group:old',
    'policy:reports',
  );
  const { targets: _targets, ...rest } = all;
  expect(rest).toEqual(planned(live, wanted, []).plan);
});

const [reports, moved] = [aPolicy('reports', allow('s3:Get*')), aPolicy('reports', allow('s3:Get*'), '/x/')];

describe('what a target depends on comes with it', () => {
  test('a group that is to be made, with its policies, and of its members only the target', () => {
    const wanted = {
      users: [
        aUser('anna', { groups: ['ops'] }),
        aUser('ben', { groups: ['ops'] }),
        aUser('carl', { groups: ['ops'] }),
      ],
      groups: [aGroup('ops', { attachedPolicyArns: [reports.arn] }), aGroup('other')],
      policies: [reports, aPolicy('unused', allow('s3:*'))],
    };
    const plan = partOf({ users: [aUser('anna'), aUser('ben')] }, wanted, 'user:anna');
    expect(ids(plan)).toEqual(['group:ops', 'policy:reports']);
    expect(calls(plan)).toEqual([
      'CreateGroup ops',
      'CreatePolicy reports',
      'AttachGroupPolicy ops /reports',
      'AddUserToGroup ops anna',
    ]);
    expect(plan.access.map(({ principal }) => principal)).toEqual(['user:anna']);
  });

  test('a group that is there already stays as it is, and so do its policies', () => {
    const live = { users: [aUser('anna')], groups: [aGroup('ops')], policies: [reports] };
    const wanted = {
      users: [aUser('anna', { groups: ['ops'] })],
      groups: [aGroup('ops', { attachedPolicyArns: [reports.arn] })],
      policies: [aPolicy('reports', allow('*'))],
    };
    expect(calls(partOf(live, wanted, 'user:anna'))).toEqual(['AddUserToGroup ops anna']);
  });

  test('a boundary and a policy that are to be made', () => {
    const wanted = {
      users: [
        aUser('anna', { boundary: reports.arn, attachedPolicyArns: [aPolicy('more', allow('s3:*')).arn] }),
      ],
      policies: [reports, aPolicy('more', allow('s3:*'))],
    };
    expect(calls(partOf({}, wanted, 'user:anna'))).toEqual([
      'CreatePolicy more',
      'CreatePolicy reports',
      'CreateUser anna',
      'AttachUserPolicy anna /more',
    ]);
  });

  test('a group that somebody joins under its new name is renamed, with those who are in it', () => {
    const live = { users: [aUser('anna'), aUser('ben', { groups: ['admins'] })], groups: [aGroup('admins')] };
    const wanted = {
      users: [aUser('anna', { groups: ['ops'] }), aUser('ben', { groups: ['ops'], path: '/x/' })],
      groups: [aGroup('ops', { renamedFrom: 'admins' })],
    };
    expect(calls(partOf(live, wanted, 'user:anna'))).toEqual([
      'UpdateGroup admins',
      'AddUserToGroup ops anna',
    ]);
  });

  test('a policy that moves takes along what its holders hold, and nothing else of them', () => {
    const live = {
      users: [
        aUser('anna', { attachedPolicyArns: [reports.arn] }),
        aUser('lorax', { attachedPolicyArns: [reports.arn] }),
      ],
      groups: [aGroup('ops', { attachedPolicyArns: [reports.arn] })],
      policies: [reports],
    };
    const wanted = {
      users: [aUser('anna', { attachedPolicyArns: [moved.arn], path: '/team/' })],
      groups: [aGroup('ops', { attachedPolicyArns: [moved.arn], path: '/team/' })],
      policies: [moved],
    };
    for (const target of ['policy:reports', 'user:anna']) {
      const plan = partOf(live, wanted, target);
      expect(ids(plan)).toEqual([
        'user:anna/attach',
        ...(target === 'user:anna' ? ['user:anna/path'] : []),
        'user:lorax/attach',
        'group:ops/attach',
        'policy:reports',
      ]);
    }
  });

  test('a policy that goes is taken from all, and what a holder gets in its place comes', () => {
    const other = aPolicy('other', allow('s3:Put*'));
    const live = { users: [aUser('anna', { attachedPolicyArns: [reports.arn] })], policies: [reports] };
    const wanted = {
      users: [aUser('anna', { attachedPolicyArns: [other.arn], tags: { a: 'b' } })],
      policies: [other],
    };
    expect(calls(partOf(live, wanted, 'policy:reports'))).toEqual([
      'DetachUserPolicy anna /reports',
      'CreatePolicy other',
      'AttachUserPolicy anna /other',
      'DeletePolicy /reports',
    ]);
  });

  test('who leaves, and has a boundary that goes, leaves first: without it they would gain', () => {
    const live = {
      users: [aUser('anna'), aUser('lorax', { boundary: reports.arn, credentials: noCredentials })],
      policies: [reports],
    };
    const plan = partOf(live, { users: [aUser('anna', { path: '/x/' })] }, 'policy:reports');
    expect(ids(plan)).toEqual(['user:lorax', 'policy:reports']);
  });
});

describe('a target group', () => {
  const live = {
    users: [aUser('anna', { groups: ['ops'] }), aUser('ben'), aUser('lorax', { groups: ['ops'] })],
    groups: [aGroup('ops')],
  };

  test('has the members that it is declared to have; who is new or leaves does so by a change of their own', () => {
    const wanted = {
      users: [
        aUser('anna', { path: '/x/' }),
        aUser('ben', { groups: ['ops'] }),
        aUser('carl', { groups: ['ops'] }),
      ],
      groups: [aGroup('ops')],
    };
    expect(calls(partOf(live, wanted, 'group:ops'))).toEqual([
      'RemoveUserFromGroup ops anna',
      'AddUserToGroup ops ben',
    ]);
  });

  test('that goes is emptied, and nobody is offboarded for it', () => {
    const plan = partOf(live, { users: [aUser('anna'), aUser('ben')] }, 'group:ops');
    expect(calls(plan)).toEqual([
      'RemoveUserFromGroup ops anna',
      'RemoveUserFromGroup ops lorax',
      'DeleteGroup ops',
    ]);
  });
});

test('somebody who leaves can leave alone', () => {
  const live = {
    users: [
      aUser('anna', { groups: ['ops'] }),
      aUser('lorax', { groups: ['ops'], credentials: noCredentials }),
    ],
    groups: [aGroup('ops')],
  };
  const plan = partOf(live, { users: [], groups: [aGroup('ops')] }, 'user:lorax');
  expect(ids(plan)).toEqual(['user:lorax']);
  expect(plan.access.map(({ principal, leaves }) => ({ principal, leaves }))).toEqual([
    { principal: 'user:lorax', leaves: true },
  ]);
});

test('names are taken without case, and old names for the new ones', () => {
  const live = { users: [aUser('ann'), aUser('Ben')] };
  const wanted = { users: [aUser('anna', { renamedFrom: 'ann' }), aUser('Ben', { path: '/x/' })] };
  for (const target of ['user:ANNA', 'user:ann']) {
    const plan = partOf(live, wanted, target);
    expect({ targets: plan.targets, changes: ids(plan) }).toEqual({
      targets: ['user:anna'],
      changes: ['user:anna/name'],
    });
  }
  expect(ids(partOf(live, wanted, 'user:ben'))).toEqual(['user:Ben/path']);
});

test('a setting of the account is a target too', () => {
  expect(ids(partOf({}, { users: [aUser('anna')] }, 'account:alias'))).toEqual([]);
});

test.each([
  ['user:ana', 'no manifest declares this user, and the account has none', 'did you mean "user:anna"?'],
  [
    'group:anna',
    'no manifest declares this group, and the account has none',
    'name what is declared, or what the account has',
  ],
  [
    'person:anna',
    'there are no objects of the kind person',
    'write user:NAME, group:NAME, policy:NAME, role:NAME, instance-profile:NAME, oidc-provider:NAME, saml-provider:NAME, account:alias or password:policy',
  ],
  ['user:ci', 'the user is not managed, so no plan changes it', 'declare it first'],
])('%s: %s', (target, message, hint) => {
  const live = desiredOf({ users: [aUser('anna'), aUser('ci')] }).state;
  const wanted = desiredOf(
    { users: [aUser('anna')] },
    { ignore: { users: ['ci'], groups: [], policies: [] } },
  );
  const { problems } = makePlan(wanted, live, now, new Set(), null, [target]);
  expect(problems).toMatchObject([{ message: `--target ${target}: ${message}`, hint }]);
});
