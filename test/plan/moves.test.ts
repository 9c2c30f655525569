import { afterEach, expect, test } from 'vitest';
import type { Group, PolicyDocument, User } from '../../src/core/state.ts';
import { aGroup, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** A document that somebody holds before and after is theirs on the way too, wherever it moves and wherever a run ends. */

const statement = (Effect: 'Allow' | 'Deny', Action: string, filler = '') => ({
  Effect,
  Action,
  Resource: filler === '' ? '*' : ['*', `arn:aws:s3:::${filler}`],
});
const document = (...Statement: object[]): PolicyDocument =>
  ({ Version: '2012-10-17', Statement }) as unknown as PolicyDocument;
const get = document(statement('Allow', 's3:GetObject'));
const put = document(statement('Allow', 's3:PutObject'));
const noEc2 = document(statement('Deny', 'ec2:*'));
const noPut = document(statement('Deny', 's3:PutObject'));
const mixed = document(statement('Allow', 'iam:*'), statement('Deny', 'iam:Delete*'));
/** Of so many characters, and granting something. */
const sized = (size: number, action = 's3:GetObject'): PolicyDocument => {
  const least = JSON.stringify(document(statement('Allow', action, 'x'))).length - 1;
  return document(statement('Allow', action, 'x'.repeat(size - least)));
};

let account: TestAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

interface Side {
  readonly dale?: Partial<User>;
  readonly staff?: Partial<Group>;
  readonly policies?: readonly ReturnType<typeof aPolicy>[];
}
const desired = ({ dale, staff, policies = [] }: Side, hash: string) =>
  desiredOf(
    {
      users: [aUser('dale', { groups: ['staff'], ...dale })],
      groups: [aGroup('staff', staff)],
      policies,
    },
    { hash },
  );

/** All that dale and the group hold, as texts. */
function texts({ sandbox }: TestAccount): string[] {
  const { users, groups, policies } = sandbox.state;
  return [...users.sorted(), ...groups.sorted()].flatMap((identity) => [
    ...Object.values(identity.policies),
    ...identity.attached.flatMap((arn) => {
      const policy = policies.sorted().find((one) => one.arn === arn);
      return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? [];
    }),
  ]);
}

/** Runs the change as often as it has writes, each time killed after the next one, and then to its end. */
async function killedAnywhere(before: Side, after: Side, kept: readonly PolicyDocument[], http: boolean) {
  let [writes, ops, notes]: [number, string[], readonly string[]] = [2, [], []];
  for (let last = 1; last <= writes; last += 1) {
    account = await testAccount({ transport: http ? 'http' : 'direct' });
    await reconcile(desired(before, 'before'), account.aws);
    const stop = new AbortController();
    const lost: string[] = [];
    let done = 0;
    account.sandbox.faults.afterCall = ({ op }) => {
      if (/^(Get|List|Generate)/.test(op)) return;
      const now = texts(account!);
      lost.push(...kept.map((one) => JSON.stringify(one)).filter((one) => !now.includes(one)));
      done += 1;
      if (done === last) stop.abort();
    };
    const first = await reconcile(desired(after, 'after'), account.aws, { signal: stop.signal });
    expect(lost, `killed after ${last} writes of ${first.plan.steps.map(({ op }) => op).join(', ')}`).toEqual(
      [],
    );
    writes = first.plan.steps.length;
    [ops, notes] = [first.plan.steps.map(({ op }) => op), first.plan.notes];
    const second = await reconcile(desired(after, 'after'), account.aws);
    expect(second.results.filter(({ status }) => status !== 'done')).toEqual([]);
    expect(lost, `lost by the run after the one that was killed after ${last} writes`).toEqual([]);
    expect((await reconcile(desired(after, 'after'), account.aws)).plan.changes).toEqual([]);
    const left = account.sandbox.state.users.sorted().flatMap(({ policies }) => Object.keys(policies));
    expect(left.filter((name) => name.startsWith('rollcall-'))).toEqual([]);
    await account.close();
  }
  return { ops, notes };
}

const [managed, renamed] = [aPolicy('reader', get), aPolicy('reading', get)];
const moved = aPolicy('reader', get, '/team/');
const cases: readonly { what: string; before: Side; after: Side; kept: PolicyDocument[]; ops: string[] }[] = [
  {
    what: 'an inline policy is renamed',
    before: { dale: { policies: { old: get } } },
    after: { dale: { policies: { fresh: get } } },
    kept: [get],
    ops: ['PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'an inline policy of a group is renamed',
    before: { staff: { policies: { old: get } } },
    after: { staff: { policies: { fresh: get } } },
    kept: [get],
    ops: ['PutGroupPolicy', 'DeleteGroupPolicy'],
  },
  {
    what: 'a Deny takes the place of another one, and in its own place comes a third',
    before: { dale: { policies: { one: noEc2, two: document(statement('Deny', 's3:GetObject')) } } },
    after: { dale: { policies: { one: document(statement('Deny', 's3:*')), two: noEc2 } } },
    kept: [noEc2],
    ops: ['PutUserPolicy', 'PutUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'a Deny of a policy that moves to another path takes the place of another one, and a member gets the policy',
    before: {
      staff: { policies: { one: noEc2 }, attachedPolicyArns: [aPolicy('deny', noPut).arn] },
      policies: [aPolicy('deny', noPut)],
    },
    after: {
      dale: { attachedPolicyArns: [aPolicy('deny', noPut, '/team/').arn] },
      staff: { policies: { one: noPut } },
      policies: [aPolicy('deny', noPut, '/team/')],
    },
    kept: [noPut],
    ops: [
      'PutUserPolicy',
      'PutGroupPolicy',
      'DetachGroupPolicy',
      'DeletePolicy',
      'CreatePolicy',
      'AttachUserPolicy',
      'DeleteUserPolicy',
    ],
  },
  {
    what: 'a Deny is renamed',
    before: { dale: { policies: { old: noEc2, more: put } } },
    after: { dale: { policies: { fresh: noEc2 } } },
    kept: [noEc2],
    ops: ['DeleteUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'what denies and allows is renamed: no guard is needed',
    before: { dale: { policies: { old: mixed, more: put } } },
    after: { dale: { policies: { fresh: mixed, other: get } } },
    kept: [mixed],
    ops: ['DeleteUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy', 'PutUserPolicy'],
  },
  {
    what: 'an inline policy becomes a managed one',
    before: { dale: { policies: { old: get } } },
    after: { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    kept: [get],
    ops: ['CreatePolicy', 'AttachUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'a managed policy becomes an inline one',
    before: { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    after: { dale: { policies: { own: get } } },
    kept: [get],
    ops: ['PutUserPolicy', 'DetachUserPolicy', 'DeletePolicy'],
  },
  {
    what: 'a managed policy takes the place of another',
    before: { staff: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    after: { staff: { attachedPolicyArns: [renamed.arn] }, policies: [renamed] },
    kept: [get],
    ops: ['CreatePolicy', 'AttachGroupPolicy', 'DetachGroupPolicy', 'DeletePolicy'],
  },
  {
    what: 'a managed policy moves to another path',
    before: { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    after: { dale: { attachedPolicyArns: [moved.arn] }, policies: [moved] },
    kept: [get],
    ops: [
      'PutUserPolicy',
      'DetachUserPolicy',
      'DeletePolicy',
      'CreatePolicy',
      'AttachUserPolicy',
      'DeleteUserPolicy',
    ],
  },
  {
    what: 'a managed policy comes to say what an inline one says',
    before: { dale: { policies: { old: get } }, policies: [aPolicy('reader', put)] },
    after: { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    kept: [get],
    ops: ['CreatePolicyVersion', 'AttachUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'a managed policy that is held comes to say what an inline one says',
    before: {
      dale: { policies: { old: get }, attachedPolicyArns: [managed.arn] },
      policies: [aPolicy('reader', put)],
    },
    after: { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] },
    kept: [get],
    ops: ['CreatePolicyVersion', 'DeleteUserPolicy'],
  },
  {
    what: 'two inline policies exchange their names',
    before: { dale: { policies: { a: get, b: noEc2 } } },
    after: { dale: { policies: { a: noEc2, b: get } } },
    kept: [get, noEc2],
    ops: ['PutUserPolicy', 'PutUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'three inline policies pass their names on in a circle',
    before: { dale: { policies: { a: get, b: noEc2, c: mixed } } },
    after: { dale: { policies: { a: mixed, b: get, c: noEc2 } } },
    kept: [get, noEc2, mixed],
    ops: ['PutUserPolicy', 'PutUserPolicy', 'PutUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'the name of a renamed policy is given to another',
    before: { dale: { policies: { a: get } } },
    after: { dale: { policies: { a: put, b: get } } },
    kept: [get],
    ops: ['PutUserPolicy', 'PutUserPolicy'],
  },
  {
    what: 'a policy takes the name of one that goes',
    before: { dale: { policies: { a: get, b: put } } },
    after: { dale: { policies: { b: get } } },
    kept: [get],
    ops: ['PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'names move on by one',
    before: { dale: { policies: { a: get, b: put } } },
    after: { dale: { policies: { b: get, c: put } } },
    kept: [get, put],
    ops: ['PutUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
  {
    what: 'two policies are renamed where there is room for one more at a time',
    before: { dale: { policies: { a: sized(600), b: sized(650) } } },
    after: { dale: { policies: { c: sized(600), d: sized(650) } } },
    kept: [sized(600), sized(650)],
    ops: ['PutUserPolicy', 'DeleteUserPolicy', 'PutUserPolicy', 'DeleteUserPolicy'],
  },
];

test.each(cases)('$what, killed anywhere', async ({ before, after, kept, ops }) => {
  const seen = await killedAnywhere(before, after, kept, true);
  expect(seen.ops).toEqual(ops);
  expect(seen.notes.filter((note) => note.includes('no room'))).toEqual([]);
});

test(
  'nine attached policies change their names one after the other, as ten may be held',
  { timeout: 120_000 },
  async () => {
    const named = (prefix: string, count: number) =>
      Array.from({ length: count }, (_, n) =>
        aPolicy(`${prefix}${n}`, document(statement('Allow', `s3:Get${n}`))),
      );
    const side = (policies: ReturnType<typeof named>): Side => ({
      staff: { attachedPolicyArns: policies.map(({ arn }) => arn).sort() },
      policies,
    });
    const kept = named('a', 9).map((policy) => policy.document);
    const { ops, notes } = await killedAnywhere(side(named('a', 9)), side(named('b', 9)), kept, false);
    expect(ops.filter((op) => op.endsWith('GroupPolicy'))).toEqual(
      Array.from({ length: 9 }, () => ['AttachGroupPolicy', 'DetachGroupPolicy']).flat(),
    );
    expect(notes).toEqual([]);
  },
);

test.each([
  [
    'inline policies that fill the quota',
    { dale: { policies: { old: sized(1100) } } },
    { dale: { policies: { fresh: sized(1100) } } },
    'user dale: no room for inline policy fresh beside inline policy old, which says the same: the old one goes first, and a run that stops in between leaves dale without both',
  ],
  [
    'ten attached policies',
    ...(['a', 'b'] as const).map((prefix): Side => {
      const policies = Array.from({ length: 10 }, (_, n) =>
        aPolicy(n === 0 ? prefix : `p${n}`, document(statement('Allow', `s3:Get${n}`))),
      );
      return { staff: { attachedPolicyArns: policies.map(({ arn }) => arn).sort() }, policies };
    }),
    'group staff: no room for policy b beside policy a, which says the same: the old one goes first, and a run that stops in between leaves staff without both',
  ],
  [
    'a policy at another path that no inline policy can hold',
    ...['/', '/team/'].map((path): Side => {
      const policy = aPolicy('large', sized(2000), path);
      return { dale: { attachedPolicyArns: [policy.arn] }, policies: [policy] };
    }),
    'user dale: no room for policy team/large beside policy large, which says the same: the old one goes first, and a run that stops in between leaves dale without both',
  ],
] as [string, Side, Side, string][])(
  '%s: the old one goes first, as before, and the plan says so',
  async (_, before, after, note) => {
    const { notes } = await killedAnywhere(before, after, [], false);
    expect(notes).toEqual([note]);
  },
);

test('an inline policy grows as it narrows, although what makes room for it waits for that', async () => {
  account = await testAccount();
  const wide = sized(1800, 's3:*');
  const narrow = document(...(wide['Statement'] as unknown as object[]), statement('Deny', 's3:Delete*'));
  const shrinking = (action: string, size: number) => sized(size, action);
  const before = { dale: { policies: { a: wide, b: shrinking('ec2:StartInstances', 240) } } };
  const after = { dale: { policies: { a: narrow, b: shrinking('ec2:StopInstances', 140) } } };
  await reconcile(desired(before, 'before'), account.aws);
  const gained: string[] = [];
  account.sandbox.faults.afterCall = () => {
    if (!account!.sandbox.allows('dale', 'ec2:StopInstances', '*')) return;
    if (account!.sandbox.allows('dale', 's3:DeleteObject', '*')) gained.push('both');
  };
  const { results } = await reconcile(desired(after, 'after'), account.aws);
  expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
  expect(gained).toEqual([]);
  expect((await reconcile(desired(after, 'after'), account.aws)).plan.changes).toEqual([]);
});

test.each(['PutUserPolicy', 'AttachUserPolicy'])(
  'what %s could not put does not go from where it is',
  async (op) => {
    account = await testAccount();
    const before = { dale: { policies: { old: get } }, policies: [managed] };
    const after =
      op === 'PutUserPolicy'
        ? { dale: { policies: { fresh: get } }, policies: [managed] }
        : { dale: { attachedPolicyArns: [managed.arn] }, policies: [managed] };
    await reconcile(desired(before, 'before'), account.aws);
    account.sandbox.faults.rules.push({ op, kind: 'denied', times: 1 });
    const { results } = await reconcile(desired(after, 'after'), account.aws);
    expect(results.map(({ step, status }) => [step.op, status])).toEqual([
      [op, 'failed'],
      ['DeleteUserPolicy', 'skipped'],
    ]);
    expect(texts(account)).toContain(JSON.stringify(get));
  },
);

test('documents that only look alike are not taken for one another', async () => {
  account = await testAccount({ transport: 'direct' });
  const own = document({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::home/${aws:username}/*' });
  await reconcile(
    desired({ dale: { policies: { old: { ...own, Version: '2008-10-17' } } } }, 'before'),
    account.aws,
  );
  const { plan } = await reconcile(desired({ dale: { policies: { fresh: own } } }, 'after'), account.aws);
  expect(plan.steps.map(({ op, cls }) => [op, cls])).toEqual([
    ['DeleteUserPolicy', 'revoke'],
    ['PutUserPolicy', 'grant'],
  ]);
});
