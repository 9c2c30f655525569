import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import { execute, unguarded } from '../../src/aws/execute.ts';
import type { ExecuteOptions, StepResult } from '../../src/aws/execute.ts';
import { planAccount } from '../../src/app/session.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { accountId, allRails, aUser, desiredOf, TestSink } from '../support/account.ts';
import { refusal, relay } from '../support/relay.ts';

/** Several calls at a time, over HTTP, with the real SDK: the server answers when the test lets it. */

/** What the server does with a call besides passing it on: wait, or answer with an error. */
type Meddle = (op: string, user: string) => Promise<string | void> | string | void;

async function account(parallelism: number) {
  let time = Date.now();
  const clock = (): Date => new Date(time);
  const sandbox = await startSandbox({ account: accountId, seed: 1, clock });
  const wire = { now: 0, most: 0, calls: [] as string[], meddle: (() => undefined) as Meddle };
  const { url } = await relay(sandbox, async ({ op, user }, pass) => {
    wire.calls.push(op);
    wire.now += 1;
    wire.most = Math.max(wire.most, wire.now);
    const error = await wire.meddle(op, user);
    // Time for whatever else goes out at once.
    await sleep(5);
    wire.now -= 1;
    return error ? refusal(error, error === 'AccessDenied' ? 403 : 409) : pass();
  });
  const aws = connect({
    endpointUrl: url,
    credentials: sandbox.operator,
    parallelism,
    retryDelay: () => 0,
    now: clock,
    wait: async (ms) => {
      time += ms;
      await new Promise((done) => setImmediate(done));
    },
  });
  onTestFinished(async () => {
    aws.close();
    await sandbox.close();
  });
  return { sandbox, aws, wire };
}

type Account = Awaited<ReturnType<typeof account>>;

async function apply(
  { aws, wire }: Account,
  users: readonly ReturnType<typeof aUser>[],
  options: Partial<ExecuteOptions> = {},
) {
  const { plan } = await planAccount(desiredOf({ users }), aws, { overrides: allRails });
  wire.calls.length = 0;
  wire.most = 0;
  const told: number[] = [];
  const results = await execute(plan, aws, {
    sink: new TestSink(),
    onResult: (_, index) => void told.push(index),
    ...options,
  });
  // Whatever came first on the wire, people are told in the order of the plan.
  expect(told).toEqual(plan.steps.map((_, index) => index));
  return { plan, results };
}

const names = Array.from({ length: 20 }, (_, index) => `user${String(index).padStart(2, '0')}`);
const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
const people = names.map((name) => aUser(name, { tags: { team: 'a' }, policies: { own: policy } }));
const usersOf = (sandbox: Sandbox): number => (sandbox.call('ListUsers', {}).Users ?? []).length;
const statuses = (results: readonly StepResult[]): Set<string> =>
  new Set(results.map(({ status }) => status));

/** Holds users that are made until four are on the wire. */
function whenFourMeet(stage: Account, then: () => void): Meddle {
  let meet = (): void => {};
  const met = new Promise<void>((done) => (meet = done)).then(then);
  return async (op) => {
    if (op !== 'CreateUser') return;
    if (stage.wire.now === 4) meet();
    await met;
  };
}

describe('an apply', () => {
  test('has as many calls on the wire as it may, and makes the same calls', async () => {
    const counts = await Promise.all(
      [1, 10].map(async (parallelism) => {
        const stage = await account(parallelism);
        let meet = (): void => {};
        const met = new Promise<void>((done) => (meet = done));
        stage.wire.meddle = async (op) => {
          if (stage.wire.now === parallelism) meet();
          if (op === 'CreateUser') await met;
        };
        const { results } = await apply(stage, people);
        expect(statuses(results)).toEqual(new Set(['done']));
        expect(stage.wire.most).toBe(parallelism);
        return stage.wire.calls.sort();
      }),
    );
    expect(counts[1]).toEqual(counts[0]);
  });

  test('never writes twice on one user at a time', async () => {
    const stage = await account(10);
    const busy = new Map<string, number>();
    let most = 0;
    stage.wire.meddle = async (op, user) => {
      if (/^(?:Get|List)/.test(op)) return;
      busy.set(user, (busy.get(user) ?? 0) + 1);
      most = Math.max(most, busy.get(user)!);
      await sleep(5);
      busy.set(user, busy.get(user)! - 1);
    };
    const many = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`p${n}`, policy]));
    await apply(
      stage,
      ['a', 'b'].map((name) => aUser(name, { policies: many })),
    );
    expect(most).toBe(1);
  });

  test('of which one deny is refused holds back that person alone', async () => {
    const stage = await account(10);
    await apply(stage, people);
    stage.wire.meddle = (op, user) =>
      op === 'PutUserPolicy' && user === 'user03' ? 'AccessDenied' : undefined;
    const { results } = await apply(stage, []);
    expect(new Set(results.filter(({ status }) => status !== 'done').map(({ step }) => step.change))).toEqual(
      new Set(['user:user03']),
    );
    expect(stage.sandbox.call('ListUsers', {}).Users?.map(({ UserName }) => UserName)).toEqual(['user03']);
  });

  test('asks again where somebody else writes on the object, and gives up after some tries', async () => {
    const stage = await account(10);
    const tries = new Map<string, number>();
    stage.wire.meddle = (op, user) => {
      if (op !== 'PutUserPolicy') return;
      tries.set(user, (tries.get(user) ?? 0) + 1);
      return user === 'user00' || tries.get(user)! < 3 ? 'ConcurrentModification' : undefined;
    };
    const { results } = await apply(stage, people.slice(0, 3));
    expect(tries).toEqual(
      new Map([
        ['user00', 7],
        ['user01', 3],
        ['user02', 3],
      ]),
    );
    expect(results.filter(({ status }) => status !== 'done')).toMatchObject([
      { status: 'failed', remedy: 'again', step: { op: 'PutUserPolicy' } },
    ]);
  });

  test('tries a step again once a removal has made room for it, and one that gets no room once', async () => {
    const stage = await account(10);
    await apply(stage, [aUser('old')]);
    let tries = 0;
    stage.wire.meddle = (op, user) => {
      if (op !== 'CreateUser' || user !== 'new') return;
      tries += 1;
      return usersOf(stage.sandbox) > 0 ? 'LimitExceeded' : undefined;
    };
    const { results } = await apply(stage, [aUser('new')]);
    expect(statuses(results)).toEqual(new Set(['done']));
    expect(tries).toBe(2);
    stage.wire.meddle = (op) => (op === 'CreateUser' ? 'LimitExceeded' : undefined);
    const full = await apply(stage, [aUser('new'), aUser('more')]);
    expect(full.results).toMatchObject([{ status: 'failed', remedy: 'mend' }]);
    expect(stage.wire.calls).toEqual(['CreateUser']);
  });

  test('that is interrupted lets what is on the wire end, and begins nothing', async () => {
    const stage = await account(4);
    const stop = new AbortController();
    stage.wire.meddle = whenFourMeet(stage, () => stop.abort());
    const { results } = await apply(stage, people, { signal: stop.signal });
    expect(stage.wire.calls).toHaveLength(4);
    expect(results.filter(({ status }) => status === 'done')).toHaveLength(4);
    expect(new Set(results.slice(4).map(({ message, remedy }) => `${message} ${remedy}`))).toEqual(
      new Set(['interrupted again']),
    );
    expect(usersOf(stage.sandbox)).toBe(4);
  });

  test('that has lost its lock sends nothing more, not even what waits for its turn', async () => {
    const stage = await account(4);
    let holds = true;
    stage.wire.meddle = whenFourMeet(stage, () => (holds = false));
    const guard = {
      ...unguarded,
      check: () => Promise.resolve(stage.wire.calls.length >= 4 ? 'it is gone' : null),
      holds: () => holds,
    };
    const { results } = await apply(stage, people, { guard });
    expect(stage.wire.calls).toHaveLength(4);
    expect(new Set(results.slice(4).map(({ message }) => message))).toEqual(new Set(['it is gone']));
  });
});

describe('a call that waits for its turn in the pace', () => {
  test('ends with the run, and is told as not run: nothing of it was sent', async () => {
    const stage = await account(2);
    const stop = new AbortController();
    const run = stage.aws.pace.run.bind(stage.aws.pace);
    let waiting = 0;
    stage.aws.pace.run = (async (op: string, attempt: () => Promise<unknown>) => {
      if (op === 'CreateUser' && (waiting += 1) === 2) stop.abort();
      // As if IAM throttled it for ever.
      if (op === 'CreateUser') return await new Promise<never>(() => {});
      return await run(op, attempt);
    }) as typeof stage.aws.pace.run;
    const { results } = await apply(stage, people, { signal: stop.signal });
    expect(stage.wire.calls).toEqual([]);
    expect(statuses(results)).toEqual(new Set(['skipped']));
    expect(results.some(({ unsettled }) => unsettled)).toBe(false);
  });

  test('does not go out when the lock may have run out meanwhile, and goes out once that is renewed', async () => {
    const stage = await account(2);
    let holds = true;
    let renewals = 0;
    const run = stage.aws.pace.run.bind(stage.aws.pace);
    let first = true;
    stage.aws.pace.run = (async (op: string, attempt: () => Promise<unknown>) => {
      // It waits for minutes before its turn.
      if (op === 'CreateUser' && first) [first, holds] = [false, false];
      return await run(op, attempt);
    }) as typeof stage.aws.pace.run;
    const check = (): Promise<null> => {
      if (!holds) renewals += 1;
      holds = true;
      return Promise.resolve(null);
    };
    const { results } = await apply(stage, [aUser('dale')], {
      guard: { ...unguarded, check, holds: () => holds },
    });
    expect(statuses(results)).toEqual(new Set(['done']));
    expect(renewals).toBe(1);
    expect(stage.wire.calls).toEqual(['CreateUser']);
  });
});
