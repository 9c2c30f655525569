import { expect, test } from 'vitest';
import type { Step } from '../../src/core/plan.ts';
import type { PolicyDocument } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import type { Iam } from '../../src/sandbox/index.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { accountAfter } from '../support/steps.ts';

/** What gives nothing new comes before what takes the same away; where that is not proved, or has no room, after it. */

type Parts = Parameters<typeof desiredOf>[0];
const statement = (Effect: 'Allow' | 'Deny', ...Action: string[]) => ({ Effect, Action, Resource: '*' });
const document = (...Statement: object[]) =>
  ({ Version: '2012-10-17', Statement }) as unknown as PolicyDocument;
const allow = (...actions: string[]): PolicyDocument => document(statement('Allow', ...actions));
const probes = ['s3:GetObject', 's3:PutObject', 'ec2:StartInstances', 'iam:CreateUser'];
const [read, write, both] = [
  allow('s3:GetObject'),
  allow('s3:PutObject'),
  allow('s3:GetObject', 's3:PutObject'),
];
const start = allow('ec2:StartInstances');
const mixed = document(statement('Allow', 's3:*'), statement('Deny', 'iam:*'));
const noIam = document(statement('Deny', 'iam:*'));

const planOf = (live: Parts, wanted: Parts): readonly Step[] =>
  makePlan(desiredOf(wanted), desiredOf(live).state, new Date()).plan!.steps;

const held = (iam: Iam, users: readonly string[]): string[] =>
  users.flatMap((user) =>
    probes.filter((action) => iam.allows(user, action, '*')).map((action) => `${user} ${action}`),
  );

/** Each step fails in turn, and what needs it is skipped: nobody gains, and what they have on both sides they keep. */
function expectKept(live: Parts, wanted: Parts): void {
  const steps = planOf(live, wanted);
  const setUp = planOf({}, live);
  const users = (live.users ?? []).map(({ name }) => name);
  const after = (done: readonly Step[]): string[] => {
    return held(accountAfter([...setUp, ...done]), users);
  };
  const [first, last] = [after([]), after(steps)];
  for (const failing of [null, ...steps]) {
    const done: Step[] = [];
    for (const step of steps) {
      const isSkipped = step.needs.some((id) => !done.some((one) => one.id === id));
      if (step === failing || isSkipped) continue;
      done.push(step);
      const now = after(done);
      const where = `${done.map(({ id }) => id).join(' ')} of ${steps.map(({ id, op }) => `${id} ${op}`).join(', ')}`;
      expect({ where, gained: now.filter((one) => !first.includes(one) && !last.includes(one)) }).toEqual({
        where,
        gained: [],
      });
      expect({ where, lost: first.filter((one) => last.includes(one) && !now.includes(one)) }).toEqual({
        where,
        lost: [],
      });
    }
  }
}

const [readers, writers] = [aPolicy('readers', read), aPolicy('writers', write)];
const workers = aPolicy('workers', both);
const staff = (policies: Parameters<typeof aGroup>[1]) => aGroup('staff', policies);
const dale = (rest: Parameters<typeof aUser>[1]) => aUser('dale', rest);

const cases: readonly [string, Parts, Parts, string[]][] = [
  [
    'an inline policy goes, and a group that says the same is joined',
    { groups: [staff({ policies: { p: read } })], users: [dale({ policies: { own: read } })] },
    { groups: [staff({ policies: { p: read } })], users: [dale({ groups: ['staff'] })] },
    ['AddUserToGroup', 'DeleteUserPolicy'],
  ],
  [
    'a group is made for what its members have themselves',
    { users: ['dale', 'boomhauer'].map((name) => aUser(name, { policies: { own: read } })) },
    {
      groups: [staff({ policies: { p: read } })],
      users: ['dale', 'boomhauer'].map((name) => aUser(name, { groups: ['staff'] })),
    },
    [
      'CreateGroup',
      'PutGroupPolicy',
      'AddUserToGroup',
      'DeleteUserPolicy',
      'AddUserToGroup',
      'DeleteUserPolicy',
    ],
  ],
  [
    'somebody moves between two groups that grant and deny the same: no temporary deny',
    {
      groups: ['one', 'two'].map((name) => aGroup(name, { policies: { p: mixed } })),
      users: [dale({ groups: ['one'] })],
    },
    {
      groups: ['one', 'two'].map((name) => aGroup(name, { policies: { p: mixed } })),
      users: [dale({ groups: ['two'] })],
    },
    ['AddUserToGroup', 'RemoveUserFromGroup'],
  ],
  [
    'a group is left for what it gave, and its other members stay',
    {
      groups: [staff({ policies: { p: both } })],
      users: [dale({ groups: ['staff'] }), aUser('boomhauer', { groups: ['staff'] })],
    },
    {
      groups: [staff({ policies: { p: both } })],
      users: [dale({ policies: { own: read } }), aUser('boomhauer', { groups: ['staff'] })],
    },
    ['PutUserPolicy', 'RemoveUserFromGroup'],
  ],
  [
    'a policy is split in two',
    { policies: [workers], users: [dale({ attachedPolicyArns: [workers.arn] })] },
    { policies: [readers, writers], users: [dale({ attachedPolicyArns: [readers.arn, writers.arn] })] },
    [
      'CreatePolicy',
      'AttachUserPolicy',
      'CreatePolicy',
      'AttachUserPolicy',
      'DetachUserPolicy',
      'DeletePolicy',
    ],
  ],
  [
    'two policies of a group become one',
    {
      policies: [readers, writers],
      groups: [staff({ attachedPolicyArns: [readers.arn, writers.arn] })],
      users: [dale({ groups: ['staff'] })],
    },
    {
      policies: [workers],
      groups: [staff({ attachedPolicyArns: [workers.arn] })],
      users: [dale({ groups: ['staff'] })],
    },
    [
      'CreatePolicy',
      'AttachGroupPolicy',
      'DetachGroupPolicy',
      'DetachGroupPolicy',
      'DeletePolicy',
      'DeletePolicy',
    ],
  ],
  [
    'a policy takes in another one',
    { policies: [readers, writers], users: [dale({ attachedPolicyArns: [readers.arn, writers.arn] })] },
    { policies: [aPolicy('readers', both)], users: [dale({ attachedPolicyArns: [readers.arn] })] },
    ['CreatePolicyVersion', 'DetachUserPolicy', 'DeletePolicy'],
  ],
  [
    'a policy takes in another one, and loses something of its own',
    {
      policies: [writers],
      users: [dale({ policies: { own: allow('s3:GetObject', 'ec2:*') }, attachedPolicyArns: [writers.arn] })],
    },
    { users: [dale({ policies: { own: both } })] },
    ['PutUserPolicy', 'DetachUserPolicy', 'DeletePolicy'],
  ],
  [
    'a policy is swapped for a narrower one under a Deny that stays',
    { policies: [readers], users: [dale({ policies: { own: allow('s3:*', 'iam:*'), never: noIam } })] },
    {
      policies: [aPolicy('files', allow('s3:Get*', 'iam:Get*'))],
      users: [dale({ policies: { never: noIam }, attachedPolicyArns: [aPolicy('files', read).arn] })],
    },
    ['CreatePolicy', 'AttachUserPolicy', 'DeleteUserPolicy', 'DeletePolicy'],
  ],
  [
    'a policy of a group is split in two, and somebody joins the group',
    {
      policies: [workers],
      groups: [staff({ attachedPolicyArns: [workers.arn] })],
      users: [dale({ groups: ['staff'] }), aUser('boomhauer')],
    },
    {
      policies: [readers, writers],
      groups: [staff({ attachedPolicyArns: [readers.arn, writers.arn] })],
      users: [dale({ groups: ['staff'] }), aUser('boomhauer', { groups: ['staff'] })],
    },
    [
      'CreatePolicy',
      'AttachGroupPolicy',
      'CreatePolicy',
      'AttachGroupPolicy',
      'DetachGroupPolicy',
      'AddUserToGroup',
      'DeletePolicy',
    ],
  ],
];

test.each(cases)('%s', (_, live, wanted, ops) => {
  expect(planOf(live, wanted).map(({ op }) => op)).toEqual(ops);
  expectKept(live, wanted);
});

const limited = document(statement('Allow', 's3:GetObject'), statement('Deny', 's3:PutObject'));
const many = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${n}`);
const filler = (size: number) => document({ ...statement('Allow', 's3:GetObject'), Sid: 'x'.repeat(size) });

test.each([
  [
    'it gives something new',
    { users: [dale({ policies: { own: read } })] },
    { policies: [workers], users: [dale({ attachedPolicyArns: [workers.arn] })] },
    'DeleteUserPolicy',
  ],
  [
    'it gives what is denied from then on',
    { groups: [staff({ policies: { p: both } })], users: [dale({ policies: { own: both } })] },
    {
      groups: [staff({ policies: { p: both } })],
      users: [dale({ groups: ['staff'], policies: { own: limited } })],
    },
    'PutUserPolicy',
  ],
  [
    'somebody else would gain by it',
    {
      policies: [readers],
      users: [
        dale({ policies: { own: write }, attachedPolicyArns: [readers.arn] }),
        aUser('boomhauer', { attachedPolicyArns: [readers.arn] }),
      ],
    },
    {
      policies: [aPolicy('readers', both)],
      users: [
        dale({ attachedPolicyArns: [readers.arn] }),
        aUser('boomhauer', { attachedPolicyArns: [readers.arn] }),
      ],
    },
    'DeleteUserPolicy',
  ],
  [
    'the user is in ten groups',
    {
      groups: many('g', 11).map((name) => aGroup(name, { policies: { p: both } })),
      users: [dale({ groups: many('g', 10) })],
    },
    {
      groups: many('g', 11).map((name) => aGroup(name, { policies: { p: both } })),
      users: [dale({ groups: many('g', 11).slice(1) })],
    },
    'RemoveUserFromGroup',
  ],
  [
    'ten policies are attached',
    {
      policies: many('p', 10).map((name) => aPolicy(name, both)),
      users: [dale({ attachedPolicyArns: many('p', 10).map((name) => aPolicy(name, both).arn) })],
    },
    {
      policies: many('p', 10)
        .map((name) => aPolicy(name, both))
        .slice(1)
        .concat(readers),
      users: [
        dale({
          attachedPolicyArns: [...many('p', 10).slice(1), 'readers'].map((name) => aPolicy(name, both).arn),
        }),
      ],
    },
    'DetachUserPolicy',
  ],
  [
    'inline policies fill their quota',
    { users: [dale({ policies: { a: filler(1100) } })] },
    { users: [dale({ policies: { b: filler(1000) } })] },
    'DeleteUserPolicy',
  ],
  [
    'the policy is made again at another path once nobody has it',
    {
      policies: [aPolicy('workers', both, '/x/')],
      users: [dale({ attachedPolicyArns: [aPolicy('workers', both, '/x/').arn] })],
    },
    {
      policies: [aPolicy('workers', read)],
      users: [dale({ attachedPolicyArns: [aPolicy('workers', read).arn] })],
    },
    'DetachUserPolicy',
  ],
] as [string, Parts, Parts, string][])(
  'what goes first goes first as ever where %s',
  (_, live, wanted, op) => {
    const steps = planOf(live, wanted);
    const first = steps.find(({ op: one }) => one !== 'CreatePolicy');
    expect(first?.op).toBe(op);
    expect(first?.needs).toEqual([]);
  },
);

test('nothing comes first for who is suspended, and nobody who leaves gets it before everything is denied to them', () => {
  const lives = { credentials: noCredentials };
  const suspended = planOf(
    { groups: [staff({ policies: { p: read } })], users: [dale({ ...lives, policies: { own: read } })] },
    { groups: [staff({ policies: { p: read } })], users: [dale({ groups: ['staff'], suspended: true })] },
  );
  const joins = suspended.find(({ op }) => op === 'AddUserToGroup')!;
  expect(joins.cls).toBe('grant');
  const steps = planOf(
    {
      policies: [workers],
      groups: [staff({ attachedPolicyArns: [workers.arn] })],
      users: [dale({ groups: ['staff'] }), aUser('boomhauer', { ...lives, groups: ['staff'] })],
    },
    {
      policies: [readers, writers],
      groups: [staff({ attachedPolicyArns: [readers.arn, writers.arn] })],
      users: [dale({ groups: ['staff'] })],
    },
  );
  const denies = steps.find(({ purpose }) => purpose === 'deny-everything')!;
  const attaches = steps.filter(({ op }) => op === 'AttachGroupPolicy');
  const detaches = steps.find(({ op }) => op === 'DetachGroupPolicy')!;
  expect(attaches.map(({ cls }) => cls)).toEqual(['neutral', 'neutral']);
  for (const { needs } of attaches) expect(needs).toContain(denies.id);
  expect(detaches.needs).toEqual(expect.arrayContaining(attaches.map(({ id }) => id)));
});

test('what is denied to one in the old group is denied in the new one before it is left, and no secret comes before', () => {
  const groups = ['one', 'two'].map((name) => aGroup(name, { policies: { p: mixed } }));
  const steps = planOf(
    { groups, users: [dale({ groups: ['one'], credentials: noCredentials, policies: { own: start } })] },
    {
      groups,
      users: [dale({ groups: ['two'], accessKey: { count: 1 }, policies: { other: allow('iam:*') } })],
    },
  );
  const idOf = (op: string): string => steps.find((step) => step.op === op)!.id;
  const needsOf = (op: string): readonly string[] => steps.find((step) => step.op === op)!.needs;
  expect(needsOf('RemoveUserFromGroup')).toContain(idOf('AddUserToGroup'));
  expect(needsOf('PutUserPolicy')).toEqual(
    expect.arrayContaining([idOf('AddUserToGroup'), idOf('RemoveUserFromGroup')]),
  );
  expect(needsOf('CreateAccessKey')).toContain(idOf('AddUserToGroup'));
});

test.each([
  [
    'another Deny goes with the old group',
    document(statement('Allow', 's3:*'), statement('Deny', 'iam:*', 'ec2:*')),
    true,
  ],
  ['the old group denies no more than the new one', mixed, false],
])('%s: a temporary deny only where one is needed', (_, old, isGuarded) => {
  const groups = [aGroup('one', { policies: { p: old } }), aGroup('two', { policies: { p: mixed } })];
  const live = { groups, users: [dale({ groups: ['one'], policies: { own: start } })] };
  const wanted = { groups, users: [dale({ groups: ['two'] })] };
  expect(planOf(live, wanted).some(({ purpose }) => purpose === 'guard')).toBe(isGuarded);
  expectKept(live, wanted);
});

test('the temporary deny of one holds all that it did beside the move of another', () => {
  const groups = [staff({ policies: { p: read } })];
  const bill = aUser('bill', {
    policies: { a: mixed, b: document(statement('Allow', 'iam:*'), statement('Deny', 's3:PutObject')) },
  });
  const steps = planOf(
    { groups, users: [dale({ policies: { own: read } })] },
    { groups, users: [dale({ groups: ['staff'] }), bill] },
  );
  const guard = steps.find(({ purpose }) => purpose === 'guard');
  expect(JSON.stringify(guard?.input)).toContain('s3:PutObject');
  expect(JSON.stringify(guard?.input)).toContain('iam:*');
});
