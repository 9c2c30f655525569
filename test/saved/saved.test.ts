import { Ajv2020 } from 'ajv/dist/2020.js';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import planSchema from '../../schemas/plan.schema.json' with { type: 'json' };
import { planAccount, resumePlan } from '../../src/app/session.ts';
import { exitCode, RollcallError } from '../../src/core/errors.ts';
import type { SavedPlan } from '../../src/core/plan.ts';
import { parsePlan, savePlan } from '../../src/plan/saved.ts';
import { renderJson } from '../../src/render/json.ts';
import { aGroup, allRails, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const reports = aPolicy('read-reports', allow('s3:GetObject'));
const admins = aGroup('admins', { policies: { allow_all: allow('*') } });
const people = ['buzzo', 'dale', 'lorax'].map((name) => aUser(name, { groups: ['admins'] }));
const before = desiredOf(
  {
    users: [...people, aUser('melvins', { accessKey: { count: 1 } })],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'a' },
);
/** lorax leaves, dale gets a policy, melvins' key goes. */
const after = desiredOf(
  {
    users: [people[0]!, { ...people[1]!, attachedPolicyArns: [reports.arn] }, aUser('melvins')],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'b' },
);

const accounts: TestAccount[] = [];
afterEach(async () => {
  for (const account of accounts.splice(0)) await account.close();
});

async function reviewed(): Promise<{ account: TestAccount; saved: SavedPlan }> {
  const account = await testAccount({ transport: 'direct' });
  accounts.push(account);
  await reconcile(before, account.aws);
  const { plan, live } = await planAccount(after, account.aws);
  return { account, saved: savePlan(plan, after, live, { rollcall: '0.1.0' }) };
}

const refusal = async (work: Promise<unknown>): Promise<RollcallError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RollcallError);
  return error as RollcallError;
};

describe('a saved plan', () => {
  test('has the published form, and the same bytes whenever it is made', async () => {
    const { account, saved } = await reviewed();
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(planSchema);
    validate(saved);
    expect(validate.errors).toBeNull();
    const again = await planAccount(after, account.aws);
    expect(renderJson(savePlan(again.plan, after, again.live, { rollcall: '0.1.0' }))).toBe(
      renderJson(saved),
    );
    expect(parsePlan(renderJson(saved), 'plan.json')).toEqual(saved);
  });

  test('holds while nothing that it touches moves', async () => {
    const { account, saved } = await reviewed();
    await account.call('CreateGroup', { GroupName: 'others' });
    const { plan } = await resumePlan(saved, after, account.aws, { overrides: allRails });
    expect(plan.steps).toEqual(saved.steps);
  });

  // A second writer between plan and apply.
  test.each([
    ['a key for who leaves', 'CreateAccessKey', { UserName: 'lorax' }, 'user lorax: credentials changed'],
    ['a tag', 'TagUser', { UserName: 'dale', Tags: [{ Key: 'a', Value: 'b' }] }, 'user dale: tags changed'],
    [
      'a new version of the policy that is to be attached',
      'CreatePolicyVersion',
      { PolicyArn: reports.arn, PolicyDocument: JSON.stringify(allow('*')), SetAsDefault: true },
      'policy read-reports: document, versions changed',
    ],
    [
      'a member',
      'RemoveUserFromGroup',
      { UserName: 'buzzo', GroupName: 'admins' },
      'group admins: members changed',
    ],
    [
      'a group policy',
      'PutGroupPolicy',
      { GroupName: 'admins', PolicyName: 'x', PolicyDocument: JSON.stringify(allow('s3:*')) },
      'group admins: policies changed',
    ],
  ])('is refused with exit 4 after %s', async (_what, op, input, message) => {
    const { account, saved } = await reviewed();
    await account.call(op, input);
    account.sandbox.clearJournal();
    const error = await refusal(resumePlan(saved, after, account.aws));
    expect(error.exit).toBe(exitCode.stale);
    expect(error.message).toContain(message);
    expect(
      account.sandbox.journal.filter(({ readOnly, op }) => !readOnly && !op.startsWith('Generate')),
    ).toEqual([]);
  });

  test('is refused with exit 4 where the name was given to somebody else', async () => {
    const { account, saved } = await reviewed();
    await account.call('RemoveUserFromGroup', { UserName: 'lorax', GroupName: 'admins' });
    await account.call('DeleteUser', { UserName: 'lorax' });
    await account.call('CreateUser', { UserName: 'lorax' });
    const error = await refusal(resumePlan(saved, after, account.aws));
    expect(error.exit).toBe(exitCode.stale);
    expect(error.message).toContain('user lorax: ');
    expect(error.message).toContain('id');
  });

  test('is refused with exit 4 where the manifests changed', async () => {
    const { account, saved } = await reviewed();
    const error = await refusal(resumePlan(saved, { ...after, hash: 'c' }, account.aws));
    expect(error).toMatchObject({ exit: exitCode.stale });
    expect(error.message).toContain('the manifests changed');
  });

  test('of another account is refused with exit 3', async () => {
    const { account, saved } = await reviewed();
    const other = { ...after, state: { ...after.state, account: '210987654321' } };
    expect(await refusal(resumePlan(saved, other, account.aws))).toMatchObject({ exit: exitCode.refused });
  });

  test('of another day is not applied', async () => {
    const { account } = await reviewed();
    const { plan, live } = await planAccount(after, account.aws);
    const future = savePlan(plan, after, live, { rollcall: '0.1.0', at: new Date('2027-01-31') });
    expect((await refusal(resumePlan(future, after, account.aws))).message).toContain('--at');
  });

  test.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2), 'is not a whole plan'],
    ['edited', (text: string) => text.replace('"DeleteUser"', '"CreateUser"'), 'was edited or damaged'],
    ['of a newer form', (text: string) => text.replace('"version": 2', '"version": 3'), 'has version 3'],
    ['of an older form', (text: string) => text.replace('"version": 2', '"version": 1'), 'has version 1'],
    ['something else', () => '{"hello": 1}', 'is not a plan'],
    ['a list', () => '[]', 'is not a plan'],
  ])('that is %s is refused', async (_what, change, message) => {
    const { saved } = await reviewed();
    const text = change(renderJson(saved));
    expect(() => parsePlan(text, 'plan.json')).toThrow(message);
    expect(() => parsePlan(text, 'plan.json')).toThrow(/^plan\.json /);
  });
});

/** A plan as loose data. */
interface Loose {
  [field: string]: unknown;
  changes: { [field: string]: unknown }[];
  steps: { [field: string]: unknown; needs: unknown[] }[];
}

const spoilt: readonly [where: string, spoil: (plan: Loose) => unknown][] = [
  ['plan.account is missing or of a wrong form', (plan) => delete plan['account']],
  ['plan.account is missing or of a wrong form', (plan) => (plan['account'] = '1')],
  ['plan.notes is missing or of a wrong form', (plan) => (plan['notes'] = {})],
  ['plan.notes[1] is missing or of a wrong form', (plan) => (plan['notes'] = ['a', 1])],
  ['plan.at is missing or of a wrong form', (plan) => (plan['at'] = '2027-13-01T00:00:00Z')],
  ['plan.extra is not known', (plan) => (plan['extra'] = 1)],
  ['plan.steps[1].input is missing or of a wrong form', (plan) => delete plan.steps[1]!['input']],
  ['plan.steps[1].input is missing or of a wrong form', (plan) => (plan.steps[1]!['input'] = [])],
  ['plan.steps[1].needs[0] is missing or of a wrong form', (plan) => (plan.steps[1]!.needs = [1])],
  ['plan.steps[0].purpose is missing or of a wrong form', (plan) => (plan.steps[0]!['purpose'] = 'please')],
  ['plan.steps[0].optional is missing or of a wrong form', (plan) => (plan.steps[0]!['optional'] = false)],
  ['plan.steps[0].constructor is not known', (plan) => Object.assign(plan.steps[0]!, { constructor: 1 })],
  [
    'plan.steps[0].delivers.known is missing or of a wrong form',
    (plan) => (plan.steps[0]!['delivers'] = { credential: 'password', user: 'dale', to: null }),
  ],
  ['plan.changes[0].id is missing or of a wrong form', (plan) => delete plan.changes[0]!['id']],
  ['plan.changes[0].effect is missing or of a wrong form', (plan) => (plan.changes[0]!['effect'] = 'good')],
  ['plan.touches.user:dale is missing or of a wrong form', (plan) => (plan['touches'] = { 'user:dale': 1 })],
  [
    'plan.touches.user:a/b~.tags is missing or of a wrong form',
    (plan) => (plan['touches'] = { 'user:a/b~': { tags: 'x' } }),
  ],
  ['plan.digest is missing or of a wrong form', (plan) => delete plan['digest']],
];

test('a plan of another form is refused with where it is so', async () => {
  const { saved } = await reviewed();
  const refusals = spoilt.map(([, spoil]) => {
    const plan = JSON.parse(renderJson(saved)) as Loose;
    spoil(plan);
    try {
      return parsePlan(JSON.stringify(plan), 'plan.json');
    } catch (error) {
      return (error as RollcallError).message;
    }
  });
  expect(refusals).toEqual(spoilt.map(([where]) => `plan.json is not a plan: ${where}`));
});

test('the jq cookbook of docs/plans.md works', { timeout: 60_000 }, async (context) => {
  try {
    execFileSync('jq', ['--version']);
  } catch {
    context.skip('jq is not on this machine');
  }
  const { account, saved } = await reviewed();
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-jq-'));
  writeFileSync(join(dir, 'plan.json'), renderJson(saved));
  const cookbook = readFileSync('docs/plans.md', 'utf8').split('## A jq cookbook')[1]!;
  const commands = cookbook.split('\n').filter((line) => line.startsWith('jq '));
  const answers = commands.map((command) =>
    execFileSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8' }),
  );
  expect(answers).toHaveLength(9);
  expect(answers[0]).toBe(
    'user dale: attached policies +read-reports (read-reports: allows s3:GetObject on *)\n',
  );
  expect(answers[1]).toBe('lorax\n');
  expect(answers[4]).toContain('melvins DeleteAccessKey (user:melvins/accessKey)\n');
  expect(answers[5]).toContain('1 DeleteUser\n');
  expect(answers[6]).toBe('true\n');
  expect(answers.at(-1)).toBe('');
  // Who joins, of people and groups that are new, too.
  const others = [...after.state.users.values()].filter(({ name }) => name !== 'buzzo');
  const joined = desiredOf({
    users: [...['buzzo', 'zorro'].map((name) => aUser(name, { groups: ['admins', 'staff'] })), ...others],
    groups: [admins, aGroup('staff')],
    policies: [reports],
  });
  const { plan } = await planAccount(joined, account.aws);
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan));
  const joins = execFileSync('sh', ['-c', commands[2]!], { cwd: dir, encoding: 'utf8' });
  expect(joins.trim().split('\n').sort()).toEqual([
    'buzzo joins staff',
    'zorro joins admins',
    'zorro joins staff',
  ]);
});
