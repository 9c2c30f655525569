import { describe, expect, test } from 'vitest';
import type { Denied, Desired } from '../../src/core/desired.ts';
import type { AccountState, Group, ManagedPolicy, PolicyDocument, Role, User } from '../../src/core/state.ts';
import { denyAll } from '../../src/access/documents.ts';
import { makePlan } from '../../src/plan/index.ts';
import { accountId, aGroup, aPolicy, aUser, desiredOf, noCredentials, trusting } from '../support/account.ts';
import { allow, aRole, messagesOf, now, tripsOf } from './support.ts';

interface Side {
  readonly users?: readonly User[];
  readonly groups?: readonly Group[];
  readonly policies?: readonly ManagedPolicy[];
  readonly roles?: readonly Role[];
}

// Somebody stays an administrator, so that only this rail is run into.
const buzzo = aUser('buzzo', { policies: { all: allow('*') } });

const live = ({ users = [], groups = [], policies = [], roles = [] }: Side): AccountState => ({
  ...desiredOf({
    users: [buzzo, ...users].map((user) => ({ credentials: noCredentials, id: `AIDA${user.name}`, ...user })),
    groups,
    policies,
  }).state,
  roles: new Map(roles.map((role) => [role.name, role])),
});

const files = (denied: readonly Denied[], side: Side, ignore: Desired['ignore'] = {}): Desired => {
  const { users = [], groups = [], policies = [] } = side;
  const desired = desiredOf({ users: [buzzo, ...users], groups, policies });
  return { ...desired, rails: { ...desired.rails, deny: denied }, ignore };
};

const nobody = (danger: string, except: readonly string[] = []): Denied => ({ danger, except });
const administrators = [nobody('administrator')];
const all = { policies: { all: allow('*') } };
const admins = aGroup('admins', all);
const told = (who: string, by = 'the inline policy all', what = '* on *'): string[] => [
  `deny: the plan brings administrator to ${who}, with ${what} by ${by}`,
];
const ben = aUser('ben');

describe('nobody becomes an administrator', () => {
  const read = aPolicy('read', allow('s3:Get*'));
  const wide = { ...read, document: allow('*') };
  const holder = aUser('ben', { attachedPolicyArns: [read.arn] });
  const most = aGroup('most', {
    policies: {
      most: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }] },
    },
  });
  const iam = aGroup('iam', { policies: { iam: allow('iam:*') } });
  const cases: [string, Side, Side, readonly string[]][] = [
    ['by a policy of their own', { users: [ben] }, { users: [aUser('ben', all)] }, told('user ben')],
    [
      'by joining a group',
      { users: [ben], groups: [admins] },
      { users: [aUser('ben', { groups: ['admins'] })], groups: [admins] },
      told('user ben', 'the inline policy all through group admins'),
    ],
    [
      'by what a group gets',
      {
        users: [aUser('ben', { groups: ['admins'] }), aUser('cy', { groups: ['admins'] })],
        groups: [aGroup('admins')],
      },
      {
        users: [aUser('ben', { groups: ['admins'] }), aUser('cy', { groups: ['admins'] })],
        groups: [admins],
      },
      told('user ben, user cy', 'the inline policy all through group admins'),
    ],
    [
      'by a policy that changes, a role too',
      { users: [holder], policies: [read], roles: [aRole('deploy', { attachedPolicyArns: [read.arn] })] },
      { users: [holder], policies: [wide] },
      told('role deploy, user ben', 'the policy read', 'all actions except s3:Get* on *'),
    ],
    ['by being made', {}, { users: [aUser('ben', all)] }, told('user ben')],
    [
      'by losing the Deny of a group',
      {
        users: [aUser('ben', { ...all, groups: ['shut'] })],
        groups: [aGroup('shut', { policies: { no: denyAll } })],
      },
      { users: [aUser('ben', all)], groups: [aGroup('shut', { policies: { no: denyAll } })] },
      told('user ben', 'the inline policy all, which the inline policy no through group shut kept out'),
    ],
    [
      'by losing a boundary',
      { users: [aUser('ben', { ...all, boundary: read.arn })], policies: [read] },
      { users: [aUser('ben', all)], policies: [read] },
      told(
        'user ben',
        'the inline policy all, which the boundary read kept out',
        'all actions except s3:Get* on *',
      ),
    ],
    [
      'by the second half of it',
      { users: [aUser('ben', { groups: ['most'] })], groups: [most, iam] },
      { users: [aUser('ben', { groups: ['most', 'iam'] })], groups: [most, iam] },
      told('user ben', 'the inline policy iam through group iam', 'iam:* on *'),
    ],
    ['but a group that nobody is in may say what it wants', {}, { groups: [admins] }, []],
    ['but by a policy that nobody holds', { policies: [read] }, { policies: [wide] }, []],
    [
      'but who is one already may get it by another policy',
      { users: [aUser('ben', { groups: ['admins'] })], groups: [admins] },
      { users: [aUser('ben', all)], groups: [admins] },
      [],
    ],
    [
      'but who was made one by hand, and is declared as one now',
      { users: [aUser('ben', all)] },
      { users: [aUser('ben', { ...all, tags: { a: 'b' } })] },
      [],
    ],
    [
      'but who was made one by hand, and is one no longer',
      { users: [aUser('ben', all)] },
      { users: [ben] },
      [],
    ],
    [
      'but with a boundary that keeps it out',
      { users: [ben], policies: [read] },
      { users: [aUser('ben', { ...all, boundary: read.arn })], policies: [read] },
      [],
    ],
  ];
  test.each(cases)('%s', (_how, before, after, messages) => {
    expect(messagesOf(live(before), files(administrators, after))).toEqual(messages);
    // Without the rail nothing stops it.
    expect(messagesOf(live(before), files([], after))).toEqual([]);
  });

  test('who is ignored, by a group that is not', () => {
    const svc = aUser('svc-1', { groups: ['ops'] });
    const before = live({ users: [svc], groups: [aGroup('ops')] });
    const after = files(administrators, { groups: [aGroup('ops', all)] }, { users: ['svc-*'] });
    expect(messagesOf(before, after)).toEqual(told('user svc-1', 'the inline policy all through group ops'));
  });

  test('what to do is told', () => {
    const [first] = tripsOf(live({ users: [ben] }), files(administrators, { users: [aUser('ben', all)] }));
    expect(first?.hint).toBe(
      'drop what gives it, except them under rails.deny in a change of its own, or add --override deny for this plan only',
    );
  });
});

describe('who is excepted', () => {
  const before = live({ users: [ben], roles: [aRole('deploy')] });
  const becoming = { users: [aUser('ben', all)] };

  test.each<[string, readonly Denied[], readonly string[]]>([
    ['may', [nobody('administrator', ['user:ben'])], []],
    ['may, in any case', [nobody('administrator', ['user:Ben'])], []],
    ['is a user, and not a role of that name', [nobody('administrator', ['role:ben'])], told('user ben')],
    ['may, and others may not', [nobody('administrator', ['user:cy'])], told('user ben')],
    [
      'from administrators has all that they have',
      [nobody('administrator', ['user:ben']), nobody('escalation')],
      [],
    ],
  ])('%s', (_what, denied, messages) => {
    expect(messagesOf(before, files(denied, becoming))).toEqual(messages);
  });

  test('is so by the name that the plan leaves them with', () => {
    const renamed = { users: [aUser('benny', { ...all, renamedFrom: 'ben' })] };
    expect(messagesOf(before, files([nobody('administrator', ['user:benny'])], renamed))).toEqual([]);
    expect(messagesOf(before, files([nobody('administrator', ['user:ben'])], renamed))).toEqual(
      told('user benny'),
    );
    // A rename by itself brings nothing.
    const was = live(becoming);
    expect(messagesOf(was, files(administrators, renamed))).toEqual([]);
  });

  test('and is not there, is noted', () => {
    const denied = [nobody('escalation', ['role:Deploy', 'role:gone', 'user:ben', 'user:svc-old'])];
    const { plan } = makePlan(files(denied, becoming, { users: ['svc-*'] }), before, now);
    expect(plan?.notes).toEqual([
      'rails.deny excepts role gone from escalation, but there is no such role',
      'rails.deny excepts user svc-old from escalation, but there is no such user',
    ]);
  });
});

describe('ways to become an administrator', () => {
  const doc = (...actions: string[]): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  });
  const lambda = doc('iam:PassRole', 'lambda:CreateFunction', 'lambda:InvokeFunction');
  const stopped = (document: PolicyDocument, ...denied: string[]): string[] =>
    messagesOf(
      live({ users: [ben] }),
      files(
        denied.map((danger) => nobody(danger)),
        { users: [aUser('ben', { policies: { p: document } })] },
      ),
    ).map((message) =>
      message.replace(/^deny: the plan brings (\S+) (?:\(\S+\) )?to user ben, with .*$/s, '$1'),
    );

  test.each<[string, PolicyDocument, readonly string[], readonly string[]]>([
    ['any', lambda, ['escalation'], ['escalation']],
    [
      'one by its actions',
      lambda,
      ['iam:PassRole+lambda:CreateFunction'],
      ['iam:PassRole+lambda:CreateFunction'],
    ],
    ['each with an action', lambda, ['iam:PassRole'], ['iam:PassRole']],
    ['not another', lambda, ['iam:PassRole+ec2:RunInstances', 'iam:CreateAccessKey', 'administrator'], []],
    [
      'any by iam:*',
      doc('iam:*'),
      ['administrator', 'escalation', 'iam:CreateAccessKey'],
      ['escalation', 'iam:CreateAccessKey'],
    ],
    [
      'any by *, where no word is said of administrators',
      doc('*'),
      ['escalation', 'iam:PassRole'],
      ['escalation', 'iam:PassRole'],
    ],
    [
      'by * only administrators, where they are named',
      doc('*'),
      ['escalation', 'administrator'],
      ['administrator'],
    ],
    ['none by reading', doc('iam:Get*', 's3:*'), ['escalation', 'administrator'], []],
  ])('%s', (_what, document, denied, names) => {
    expect(stopped(document, ...denied)).toEqual(names);
  });

  test('halves in two groups are found', () => {
    const groups = [
      aGroup('pass', { policies: { p: doc('iam:PassRole') } }),
      aGroup('run', { policies: { p: doc('lambda:CreateFunction', 'lambda:InvokeFunction') } }),
    ];
    const before = live({ users: [aUser('ben', { groups: ['pass'] })], groups });
    const after = files([nobody('escalation')], {
      users: [aUser('ben', { groups: ['pass', 'run'] })],
      groups,
    });
    expect(messagesOf(before, after)).toEqual([
      expect.stringMatching(
        /^deny: the plan brings escalation \(iam:PassRole\+lambda:CreateFunction\) to user ben, with /,
      ),
    ]);
  });
});

describe('by a role that lets them in', () => {
  const arn = (rest: string): string => `arn:aws:iam::${accountId}:${rest}`;
  const role = (name: string, who: readonly string[], policies: Role['policies'] = {}): Role =>
    aRole(name, { trust: trusting(...who), policies });
  const admin = (...who: string[]): Role => role('adm', who, all.policies);
  const users = [ben, aUser('cy')];
  const ask = (
    before: readonly Role[],
    after: readonly Role[],
    except: readonly string[] = [],
    to = users,
  ) => {
    const wanted = files([nobody('administrator', except)], { users: to });
    const desired = {
      ...wanted,
      state: { ...wanted.state, roles: new Map(after.map((one) => [one.name, one])) },
      manage: { roles: 'all' as const },
    };
    return messagesOf(live({ users, roles: before }), desired);
  };
  const [cy, him] = [arn('user/cy'), arn('user/ben')];

  test('by name, and through another role', () => {
    expect(ask([admin(cy)], [admin(cy, him)])).toEqual([
      'deny: the plan brings administrator to user ben, with role adm, which they may assume',
    ]);
    expect(
      ask([admin(arn('role/hop')), role('hop', [cy])], [admin(arn('role/hop')), role('hop', [cy, him])]),
    ).toEqual([
      'deny: the plan brings administrator to user ben, with role adm, which they may assume through role hop',
    ]);
  });

  test('from another account', () => {
    expect(ask([admin(cy)], [admin(cy, '999999999999')])).toEqual([
      'deny: the plan brings administrator to account 999999999999, with role adm, which they may assume',
    ]);
  });

  test('not where they or the role are excepted, nor who comes no longer', () => {
    expect(ask([admin(cy)], [admin(cy, him)], ['user:ben'])).toEqual([]);
    expect(ask([admin(cy)], [admin(cy, him)], ['role:adm'])).toEqual([]);
    expect(ask([admin(cy, him)], [admin(cy)])).toEqual([]);
  });
});
