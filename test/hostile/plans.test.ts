import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resumePlan, planAccount } from '../../src/app/session.ts';
import { execute } from '../../src/aws/execute.ts';
import type { Desired } from '../../src/core/desired.ts';
import { exitCode, RollcallError } from '../../src/core/errors.ts';
import { stableJson } from '../../src/core/json.ts';
import type { Step } from '../../src/core/plan.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { parsePlan, savePlan } from '../../src/plan/saved.ts';
import {
  aGroup,
  allRails,
  aPolicy,
  aUser,
  desiredOf,
  reconcile,
  TestSink,
  testAccount,
} from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { count, fuzz, mutate, nastyTexts, prototypesAreClean } from './support.ts';

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const reports = aPolicy('read-reports', allow('s3:GetObject'));
const admins = aGroup('admins', { policies: { allow_all: allow('*') } });
const before = desiredOf(
  {
    users: [
      ...['buzzo', 'dale', 'lorax'].map((name) => aUser(name, { groups: ['admins'] })),
      aUser('melvins', { accessKey: { count: 1 } }),
    ],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'a' },
);
const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
/** lorax leaves, dale gets a policy and loses a group, melvins' key goes, buzzo gets one. */
const after = desiredOf(
  {
    users: [
      aUser('buzzo', { groups: ['admins'], accessKey: { count: 1, deliverTo: recipient } }),
      aUser('dale', { attachedPolicyArns: [reports.arn] }),
      aUser('melvins'),
    ],
    groups: [admins],
    policies: [reports],
  },
  { hash: 'b' },
);

/** A plan as loose data: what a forger writes. */
interface Loose {
  [field: string]: unknown;
  steps: Step[];
  changes: { [field: string]: unknown }[];
}

let account: TestAccount;
let text: string;
beforeAll(async () => {
  account = await testAccount({ transport: 'direct' });
  await reconcile(before, account.aws);
  const { plan, live } = await planAccount(after, account.aws, { overrides: allRails });
  text = JSON.stringify(savePlan(plan, after, live, { rollcall: '0.1.0' }), null, 2);
  account.sandbox.clearJournal();
});
afterAll(() => account.close());

/** Tries to apply: what was refused, or null where it would have run. */
async function refusal(file: string): Promise<RollcallError | null> {
  const refused = await attempt(file);
  if (!prototypesAreClean()) throw new Error('a prototype was changed');
  return refused;
}

async function attempt(file: string): Promise<RollcallError | null> {
  try {
    const { plan } = await resumePlan(parsePlan(file, 'plan.json'), after, account.aws, {
      overrides: allRails,
    });
    // A mutation that means the same, such as other white space.
    if (callsOf(plan) !== callsOf(JSON.parse(text) as Loose)) throw new Error('other calls would be made');
    return null;
  } catch (error) {
    if (error instanceof RollcallError) return error;
    throw error;
  }
}

/** What the steps do, and in which order; that one waits for more than it must changes nothing. */
const callsOf = ({ steps }: { readonly steps: readonly Step[] }): string =>
  stableJson(steps.map(({ op, input, expect: expected, delivers }) => ({ op, input, expected, delivers })));

/** With the digest that belongs to it. */
function sign(plan: Loose): string {
  // As a file has it: lists without fields of their own.
  const { digest: _, ...rest } = JSON.parse(JSON.stringify(plan)) as Loose;
  return JSON.stringify({ ...rest, digest: createHash('sha256').update(stableJson(rest)).digest('hex') });
}
const forge = (change: (plan: Loose) => void): string => {
  const plan = JSON.parse(text) as Loose;
  change(plan);
  return sign(plan);
};

const writes = (): string[] =>
  account.sandbox.journal
    .filter(({ readOnly, op }) => !readOnly && op !== 'GenerateCredentialReport')
    .map(({ op }) => op);

describe('a saved plan', () => {
  it('is taken as it is', async () => {
    expect(await refusal(text)).toBeNull();
  });

  it('is refused when any of its bytes means something else', async () => {
    const data = Buffer.from(text);
    const tried = await fuzz('mutated plan files', async (random) => {
      await refusal(mutate(data, random, nastyTexts).toString());
    });
    expect(tried).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });

  it('is refused when its content is changed, with the digest that belongs to that', async () => {
    const values: unknown[] = [null, true, 0, 1e308, -1, '', [], {}, [[]], 'DeleteUser', 's1', '__proto__'];
    const tried = await fuzz('forged plans', async (random) => {
      const plan = JSON.parse(text) as Loose;
      // Somewhere in it, something else.
      let at: unknown = plan;
      let field: string | undefined;
      for (let depth = 1 + random.below(5); depth > 0; depth--) {
        const next: unknown = field === undefined ? at : (at as Record<string, unknown>)[field];
        if (typeof next !== 'object' || next === null || Object.keys(next).length === 0) break;
        at = next;
        field = random.pick(Object.keys(next));
      }
      const identity = at as Record<string, unknown>;
      const what = random.below(4);
      if (what === 0) delete identity[field!];
      else if (what === 1) identity[random.pick(nastyTexts)] = random.pick(values);
      else identity[field!] = random.pick([...values, ...Object.values(identity)]);
      await refusal(sign(plan));
    });
    expect(tried).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });

  const step = (rest: Partial<Step>): Step => ({
    id: 'x1',
    op: 'AttachUserPolicy',
    input: { UserName: 'melvins', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    needs: [],
    change: 'user:melvins/credentials',
    purpose: 'add-policy',
    cls: 'grant',
    ...rest,
  });
  it.each<[string, (plan: Loose) => void]>([
    ['a step of its own', (plan) => plan.steps.push(step({ change: plan.steps[0]!.change }))],
    ['a step under no change', (plan) => plan.steps.push(step({ change: 'user:nobody' }))],
    [
      'nothing but a step',
      (plan) => void Object.assign(plan, { changes: [], steps: [step({})], touches: {} }),
    ],
    ['steps without changes', (plan) => (plan.changes = [])],
    ['an unknown operation', (plan) => plan.steps.push(step({ op: 'CreateSAMLProvider', input: {} }))],
    ['an operation called as a prototype', (plan) => plan.steps.push(step({ op: 'constructor', input: {} }))],
    ['another account', (plan) => (plan['account'] = '999999999999')],
    [
      "a step on another account's policy",
      (plan) =>
        plan.steps.push(
          step({ input: { UserName: 'dale', PolicyArn: 'arn:aws:iam::999999999999:policy/x' } }),
        ),
    ],
    ['a step that needs itself', (plan) => plan.steps.push(step({ needs: ['x1'] }))],
    [
      'steps in a circle',
      (plan) => plan.steps.push(step({ needs: ['x2'] }), step({ id: 'x2', needs: ['x1'] })),
    ],
    ['a step that needs a later one', (plan) => plan.steps.unshift(step({ needs: [plan.steps.at(-1)!.id] }))],
    ['the same id twice', (plan) => plan.steps.push(plan.steps[0]!)],
    [
      'two of its steps under one id',
      (plan) => {
        const [first, second] = plan.steps.map(({ id }) => id) as [string, string];
        const renamed = (id: string): string => (id === second ? first : id);
        plan.steps = plan.steps.map((one) => ({
          ...one,
          id: renamed(one.id),
          needs: one.needs.map(renamed),
        }));
      },
    ],
    [
      'a change left out that must come before another',
      (plan) => {
        const members = 'group:admins/members';
        plan.changes = plan.changes.filter(({ id }) => id !== members);
        plan.steps = plan.steps.filter(({ change }) => change !== members);
        const left = new Set(plan.steps.map(({ id }) => id));
        plan.steps = plan.steps.map((one) => ({ ...one, needs: one.needs.filter((id) => left.has(id)) }));
      },
    ],
    ['a step left out', (plan) => plan.steps.shift()],
    ['a step that waits for nothing', (plan) => Object.assign(plan.steps.at(-1)!, { needs: [] })],
    ['its steps the other way round', (plan) => plan.steps.reverse()],
    ['another purpose', (plan) => Object.assign(plan.steps[0]!, { purpose: 'tag' })],
    ['a purpose that is none', (plan) => Object.assign(plan.steps[0]!, { purpose: 'please' })],
    ['a check left out', (plan) => plan.steps.forEach((one) => delete (one as { expect?: unknown }).expect)],
    [
      'a delivery of its own',
      (plan) =>
        plan.steps.push(
          step({
            delivers: { credential: 'access-key', user: 'buzzo', to: null, known: [] },
            op: 'CreateAccessKey',
          }),
        ),
    ],
    [
      'a change said to be harmless',
      (plan) => (plan.changes.find(({ effect }) => effect === 'widens')!['effect'] = 'none'),
    ],
    ['a change of its own', (plan) => plan.changes.push({ ...plan.changes[0]!, id: 'user:x', name: 'x' })],
    [
      'nothing that it touches, and a step',
      (plan) => Object.assign(plan, { touches: {}, steps: [...plan.steps, step({})] }),
    ],
    ['huge numbers', (plan) => (plan['version'] = 1e308)],
    ['fields of other types', (plan) => Object.assign(plan, { steps: [[]], changes: [7] })],
    [
      '50,000 steps',
      (plan) => (plan.steps = Array.from({ length: 50_000 }, (_, index) => step({ id: `x${index}` }))),
    ],
  ])('is refused with %s', { timeout: 30_000 }, async (_what, change) => {
    count('crafted plans');
    const refused = await refusal(forge(change));
    expect(refused).not.toBeNull();
    expect(refused!.message).not.toMatch(/undefined|\[object/);
    expect(writes()).toEqual([]);
  });

  /** The plan with one thing changed; null where there is nothing of it to change. */
  type Forgery = (one: Step, plan: Loose) => object | null;
  const other = (text: string): string => `${text}x`;
  const otherJson = (value: unknown): unknown =>
    typeof value === 'string' ? other(value) : Array.isArray(value) ? [...value, 'x'] : 'x';
  const eachField = (fields: object): object =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, otherJson(value)]));
  const delivering =
    (fields: Partial<NonNullable<Step['delivers']>>): Forgery =>
    ({ delivers }) =>
      delivers ? { delivers: { ...delivers, ...fields } } : null;
  it.each<[string, Forgery]>([
    ['operation', ({ op }) => ({ op: op === 'DeleteUser' ? 'GetUser' : 'DeleteUser' })],
    ['input', ({ input }) => ({ input: eachField(input) })],
    ['input, with one field more', ({ input }) => ({ input: { ...input, Path: '/x/' } })],
    [
      'input, with one field less',
      ({ input }) => ({ input: Object.fromEntries(Object.entries(input).slice(1)) }),
    ],
    ['needs', ({ needs }) => (needs.length > 0 ? { needs: needs.slice(1) } : null)],
    [
      'change',
      ({ change }, plan) => ({ change: plan.changes.find(({ id }) => id !== change)!['id'] as string }),
    ],
    ['purpose', ({ purpose }) => ({ purpose: purpose === 'tag' ? 'untag' : 'tag' })],
    ['class', ({ cls }) => ({ cls: cls === 'neutral' ? 'cleanup' : 'neutral' })],
    ['check', (one) => (one.expect ? { expect: eachField(one.expect) } : null)],
    ['check, left out', (one) => (one.expect ? { expect: {} } : null)],
    ['check, where there is none', (one) => (one.expect ? null : { expect: { 'User.UserId': 'x' } })],
    ['recipient', delivering({ to: other(recipient) })],
    ['recipient, who is whoever applies', delivering({ to: null })],
    ['credential', delivering({ credential: 'password' })],
    ['user of a delivery', delivering({ user: 'dale' })],
    ['known keys', delivering({ known: ['AKIAIOSFODNN7EXAMPLE'] })],
    [
      'delivery, where there is none',
      ({ delivers }) =>
        delivers ? null : { delivers: { credential: 'access-key', user: 'dale', to: null, known: [] } },
    ],
  ])('is refused with another %s of a step that it has', async (_what, forgery) => {
    const { steps } = JSON.parse(text) as Loose;
    let tried = 0;
    for (const at of steps.keys()) {
      const forged = forge((plan) => {
        const change = forgery(plan.steps[at]!, plan);
        if (change) tried += 1;
        Object.assign(plan.steps[at]!, change);
      });
      if (forged === forge(() => undefined)) continue;
      count('crafted plans');
      const refused = await refusal(forged);
      expect(refused?.exit, `step ${steps[at]!.op}`).toBe(exitCode.stale);
    }
    expect(tried).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['kind', 'group'],
    ['name', 'somebody'],
    ['action', 'rename'],
    ['summary', 'nothing to see'],
    ['effect', 'none'],
    ['reason', 'nobody gains access'],
    ['dangers', []],
    ['added', ['somebody']],
    ['removed', ['somebody']],
    ['byHand', true],
    ['details', [{ sign: '+', text: 'nothing' }]],
    ['documents', [{ name: 'x', before: null, after: null }]],
    ['patch', [{ op: 'remove', path: '' }]],
  ])('is refused with another %s of a change that it has', async (field, value) => {
    const { changes } = JSON.parse(text) as Loose;
    for (const at of changes.keys()) {
      if (stableJson(changes[at]![field] ?? null) === stableJson(value)) continue;
      count('crafted plans');
      const refused = await refusal(forge((plan) => Object.assign(plan.changes[at]!, { [field]: value })));
      expect(refused?.exit, `change ${changes[at]!['id'] as string}`).toBe(exitCode.stale);
    }
    expect(writes()).toEqual([]);
  });

  it.each<[string, string]>([
    ['nested a million deep', `{"version":1,"steps":${'['.repeat(1e6)}${']'.repeat(1e6)}}`],
    [
      'nested, with an empty digest',
      `{"version":1,"digest":"","steps":[],"x":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    ],
    ['of one text', '"plan"'],
    ['of nothing', ''],
    ['of null', 'null'],
    ['of zeros', '\0'.repeat(1000)],
    ['with a prototype', '{"__proto__":{"polluted":1},"version":1,"steps":[]}'],
  ])('is refused when it is a file %s', async (_what, file) => {
    count('crafted plans');
    expect(await refusal(file)).toBeInstanceOf(RollcallError);
  });
});

/** Honest plans must not be taken for forged ones. */
describe('a plan of each scenario, an hour later, with something else changed meanwhile', () => {
  const dir = join(import.meta.dirname, '../scenarios');
  const now = new Date('2027-01-01T00:00:00Z');
  const scenarios = readdirSync(dir).filter(
    (name) => existsSync(join(dir, name, 'after')) && !existsSync(join(dir, name, 'setup.json')),
  );
  const load = async (name: string, part: string): Promise<Desired> => {
    const { desired } = await loadManifests(join(dir, name, part), { now });
    return desired!;
  };
  it.each(scenarios)('%s', async (name) => {
    const one = await testAccount({ start: now, transport: 'direct' });
    try {
      if (existsSync(join(dir, name, 'before'))) {
        const { plan } = await planAccount(await load(name, 'before'), one.aws, { overrides: allRails });
        await execute(plan, one.aws, { sink: new TestSink() });
      }
      const desired = await load(name, 'after');
      const { plan, live } = await planAccount(desired, one.aws, { overrides: allRails });
      const file = JSON.stringify(savePlan(plan, desired, live, { rollcall: '0.1.0' }));
      await one.call('CreateUser', { UserName: 'zz-somebody-else' });
      await one.aws.wait(3_600_000);
      const resumed = await resumePlan(parsePlan(file, 'plan.json'), desired, one.aws, {
        overrides: allRails,
      });
      expect(resumed.plan.steps).toEqual((JSON.parse(file) as Loose).steps);
    } finally {
      await one.close();
    }
  });
});
