import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resumePlan, planAccount } from '../../src/app/session.ts';
import { execute } from '../../src/aws/execute.ts';
import type { Desired } from '../../src/core/desired.ts';
import { exitCode, RollcallError } from '../../src/core/errors.ts';
import { stableJson } from '../../src/core/json.ts';
import type { Step } from '../../src/core/plan.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { parsePlan, savePlan } from '../../src/plan/saved.ts';
import { allRails, TestSink, testAccount } from '../support/account.ts';
import { account, forge, recipient, refusal, text, writes } from './forging.ts';
import type { Loose } from './forging.ts';
import { count } from './support.ts';

afterAll(() => account.close());

describe('a saved plan', () => {
  it('is taken as it is', async () => {
    expect(await refusal(text)).toBeNull();
  });

  const step = (rest: object): Step => ({
    id: 's1001',
    op: 'AttachUserPolicy',
    input: { UserName: 'melvins', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    needs: [],
    change: 'user:melvins/credentials',
    about: 'user:melvins/attach',
    touches: ['user:melvins'],
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
    ['a step that needs itself', (plan) => plan.steps.push(step({ needs: ['s1001'] }))],
    [
      'steps in a circle',
      (plan) => plan.steps.push(step({ needs: ['s1002'] }), step({ id: 's1002', needs: ['s1001'] })),
    ],
    ['a step that needs a later one', (plan) => plan.steps.unshift(step({ needs: [plan.steps.at(-1)!.id] }))],
    ['nobody who gains or loses', (plan) => (plan['access'] = [])],
    [
      'somebody who loses less',
      (plan) => {
        const access = plan['access'] as { lost: unknown[] }[];
        access.find(({ lost }) => lost.length > 0)!.lost = [];
      },
    ],
    [
      'somebody else whose access changes',
      (plan) => void ((plan['access'] as { principal: string }[])[0]!.principal = 'user:nobody'),
    ],
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
        // What dale gets is in its place before what gave more goes.
        const attach = 'user:dale/attach';
        plan.changes = plan.changes.filter(({ id }) => id !== attach);
        plan.steps = plan.steps.filter(({ change }) => change !== attach);
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
      (plan) => (plan.steps = Array.from({ length: 50_000 }, (_, index) => step({ id: `s${index + 1001}` }))),
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
    ['aspect', 'description'],
    ['facts', [{ fact: 'path', before: null, after: '/' }]],
    ['reasons', [{ code: 'nobody' }]],
    ['expired', '2027-01-31T08:00:00Z'],
    ['byHand', true],
    ['details', [{ sign: '+', text: 'nothing' }]],
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
