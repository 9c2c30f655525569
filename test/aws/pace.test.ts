import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/aws/interrupt.ts';
import { Pace } from '../../src/aws/pace.ts';
import { chains, Server, throttling, VirtualClock } from './pace-server.ts';

const minute = 60_000;

function setUp(parallelism = 10, maxWait = 5 * minute): { clock: VirtualClock; pace: Pace } {
  const clock = new VirtualClock();
  return { clock, pace: new Pace({ parallelism, maxWait, clock }) };
}

/** An operation that is throttled so many times, and then answers. */
function stubborn(clock: VirtualClock, times: number, latency = 80): () => Promise<string> {
  let left = times;
  return async () => {
    await clock.wait(latency);
    left -= 1;
    if (left >= 0) throw throttling();
    return 'answer';
  };
}

const leaver = [
  'GetUser',
  'PutUserPolicy',
  'UpdateAccessKey',
  'DeleteLoginProfile',
  'GetLoginProfile',
  'ListAccessKeys',
  'ListMFADevices',
  'ListSigningCertificates',
  'ListSSHPublicKeys',
  'ListServiceSpecificCredentials',
  'DeleteAccessKey',
  'RemoveUserFromGroup',
  'DeleteUserPolicy',
  'DeleteUser',
];
const newcomer = [
  'CreateUser',
  'AddUserToGroup',
  'TagUser',
  'ListAccessKeys',
  'CreateAccessKey',
  'UntagUser',
];

type Work = (pace: Pace, server: Server) => Promise<unknown>;
const loads: { readonly [name: string]: Work } = {
  'a hundred leave': (pace, server) => chains(pace, server, { ops: leaver, people: 100, first: 2 }),
  'twenty leave': (pace, server) => chains(pace, server, { ops: leaver, people: 20, first: 2 }),
  'a hundred come, one after the other': (pace, server) =>
    chains(pace, server, { ops: newcomer, people: 100, first: 0 }),
  'a hundred come, all at once': (pace, server) =>
    chains(pace, server, { ops: newcomer, people: 100, first: newcomer.length }),
  'reads of six lists': (pace, server) =>
    Promise.all(
      Array.from({ length: 3000 }, (_, at) => {
        const op = newcomer[at % 6]!;
        return pace.run(op, () => server.call(op));
      }),
    ),
  'one operation': (pace, server) =>
    Promise.all(Array.from({ length: 500 }, () => pace.run('GetUser', () => server.call('GetUser')))),
};

describe.each(['one', 'each'] as const)('%s bucket for the operations', (buckets) => {
  describe.each([
    { rate: 10, burst: 20 },
    { rate: 10, burst: 10 },
    { rate: 3, burst: 6 },
    { rate: 3, burst: 3 },
  ])('$rate/s, $burst at once', ({ rate, burst }) => {
    test.each(Object.keys(loads))('%s: as fast as IAM lets them, and not much more often', async (name) => {
      const { clock, pace } = setUp();
      const server = new Server(clock, { rate, burst, buckets });
      await clock.until(loads[name]!(pace, server));
      expect(clock.elapsed() / 1000 / server.least).toBeLessThan(1.15);
      expect(server.throttled / server.calls).toBeLessThan(0.3);
      expect(server.mostInFlight).toBeLessThanOrEqual(10);
    });
  });
});

describe('a call that is throttled', () => {
  test('is sent again until it passes', async () => {
    const { clock, pace } = setUp();
    await expect(clock.until(pace.run('GetUser', stubborn(clock, 30)))).resolves.toBe('answer');
  });

  test('is given up after minutes of nothing else, with how long it was', async () => {
    const { clock, pace } = setUp(10, 3 * minute);
    const work = clock.until(pace.run('GetUser', stubborn(clock, Number.POSITIVE_INFINITY)));
    await expect(work).rejects.toMatchObject({
      name: 'Throttling',
      throttledFor: expect.any(Number) as number,
    });
    expect(clock.elapsed()).toBeGreaterThanOrEqual(3 * minute);
    expect(clock.elapsed()).toBeLessThan(3 * minute + 20_000);
  });

  test.each([
    { every: 50, givenUp: 0 },
    { every: 90, givenUp: 5 },
  ])(
    'is given up once none of its operation has passed for a minute: one passes every $every s',
    async ({ every, givenUp }) => {
      const { clock, pace } = setUp(10, minute);
      const server = new Server(clock, { rate: 1 / every, burst: 1, buckets: 'each' });
      const calls = Array.from({ length: 6 }, () => pace.run('GetUser', () => server.call('GetUser')));
      const results = await clock.until(Promise.allSettled(calls));
      expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(givenUp);
    },
  );

  test('goes before later calls of its operation, and calls of others go before it', async () => {
    const { clock, pace } = setUp(1);
    const order: string[] = [];
    const call = (op: string, name: string, throttledFirst = 0): Promise<unknown> => {
      const attempt = stubborn(clock, throttledFirst);
      return pace.run(op, async () => {
        const answer = await attempt();
        order.push(name);
        return answer;
      });
    };
    await clock.until(
      Promise.all([
        call('GetUser', 'first', 2),
        call('GetUser', 'second'),
        call('GetUser', 'third'),
        call('TagUser', 'other'),
      ]),
    );
    expect(order).toEqual(['other', 'first', 'second', 'third']);
  });
});

test.each(['LimitExceededException', 'AccessDenied', 'ServiceFailure', 'ConcurrentModificationException'])(
  '%s is no throttling: it is passed on at once',
  async (name) => {
    const { clock, pace } = setUp();
    let attempts = 0;
    const work = pace.run('CreateUser', async () => {
      attempts += 1;
      await clock.wait(80);
      throw Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 409 } });
    });
    await expect(clock.until(work)).rejects.toMatchObject({ name });
    expect(attempts).toBe(1);
    expect(pace.status.slowed).toEqual([]);
  },
);

test.each([
  ['Throttling', 400],
  ['ThrottlingException', 400],
  ['RequestLimitExceeded', 503],
  ['TooManyRequestsException', 429],
])('%s is throttling', async (name, httpStatusCode) => {
  const { clock, pace } = setUp();
  let attempts = 0;
  const work = pace.run('GetUser', async () => {
    attempts += 1;
    await clock.wait(80);
    if (attempts <= 2) throw Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
  });
  await clock.until(work);
  expect(attempts).toBe(3);
});

test('an interrupt ends all waits at once', async () => {
  const clock = new VirtualClock();
  let interrupt: (error: Error) => void = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = reject;
  });
  const wait = (ms: number): Promise<void> => Promise.race([clock.wait(ms), interrupted]);
  const pace = new Pace({
    parallelism: 2,
    maxWait: 5 * minute,
    clock: { elapsed: () => clock.elapsed(), wait },
  });
  const attempt = stubborn(clock, Number.POSITIVE_INFINITY);
  const work = Promise.allSettled(Array.from({ length: 20 }, () => pace.run('GetUser', attempt)));
  const ended = clock.until(work);
  await clock.wait(3000);
  interrupt(new Interrupted());
  const results = await ended;
  expect(results.every((one) => one.status === 'rejected' && one.reason instanceof Interrupted)).toBe(true);
  expect(clock.elapsed()).toBeLessThan(4000);
});

test('so many at a time and no more, however many wait; in the order in which they came', async () => {
  const { clock, pace } = setUp(7);
  let inFlight = 0;
  let most = 0;
  const order: number[] = [];
  const calls = Array.from({ length: 30_000 }, (_, at) =>
    pace.run(`Op${at % 6}`, async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      order.push(at);
      await Promise.resolve();
      inFlight -= 1;
    }),
  );
  await clock.until(Promise.all(calls));
  expect(most).toBe(7);
  expect(order).toEqual(calls.map((_, at) => at));
});

test('an operation is held while a call of it waits, and told as slowed; others are free', async () => {
  const { clock, pace } = setUp();
  const work = Promise.all(Array.from({ length: 3 }, () => pace.run('GetUser', stubborn(clock, 4))));
  const ended = clock.until(work);
  await clock.wait(500);
  expect([pace.isHeld('GetUser'), pace.isHeld('TagUser')]).toEqual([true, false]);
  expect(pace.status.slowed.map(({ op }) => op)).toEqual(['GetUser']);
  expect(pace.status.waiting).toBeGreaterThan(0);
  await ended;
  expect([pace.isHeld('GetUser'), pace.status.waiting, pace.status.inFlight]).toEqual([false, 0, 0]);
});
