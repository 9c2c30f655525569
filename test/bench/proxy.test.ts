import { IAM } from '@aws-sdk/client-iam';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeBuckets, makeFaults } from '../../bench/bucket.mjs';
import { createProxy } from '../../bench/proxy.mjs';
import { startSandbox } from '../../src/sandbox/index.ts';

const toClose: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0)) await close();
});

/** A sandbox behind the proxy, and a client that tries each call once. Time moves by the proxy's waits alone. */
async function start(options: Omit<Parameters<typeof createProxy>[0], 'target' | 'clock'>) {
  const sandbox = await startSandbox({ seed: 1 });
  let now = 0;
  const clock = { now: () => now, wait: (ms: number) => Promise.resolve((now += ms)) };
  const proxy = createProxy({ target: sandbox.url, clock, ...options });
  await new Promise<void>((listening) => proxy.server.listen(0, '127.0.0.1', listening));
  const { port } = proxy.server.address() as AddressInfo;
  const iam = new IAM({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: sandbox.operator,
    maxAttempts: 1,
  });
  toClose.push(() => {
    iam.destroy();
    proxy.close();
    proxy.server.closeAllConnections();
    proxy.server.close();
    return sandbox.close();
  });
  return { iam, sandbox, calls: proxy.calls };
}

const outcomes = (calls: readonly { readonly outcome: string }[]): string[] =>
  calls.map(({ outcome }) => outcome);

test('a bucket begins full, fills with time up to its brim, and gives nothing for a refused call', () => {
  const buckets = makeBuckets({ rate: 10, burst: 2 });
  const take = (...times: readonly number[]): boolean[] => times.map((now) => buckets.take('one', now));
  expect(take(0, 0, 0, 50, 99, 100, 150, 200)).toEqual([true, true, false, false, false, true, false, true]);
  expect(take(10_000, 10_000, 10_000)).toEqual([true, true, false]);
  expect(buckets.take('another', 10_000)).toBe(true);
});

test('over a long time as many calls pass as tokens come, however many are tried', () => {
  const buckets = makeBuckets({ rate: 3, burst: 6 });
  let passed = 0;
  for (let now = 0; now <= 60_000; now += 10) if (buckets.take('all', now)) passed += 1;
  expect(passed).toBe(6 + 3 * 60);
});

test('the same calls fail in any order, about as many as asked', () => {
  const calls = Array.from({ length: 10_000 }, (_, index) => `CreateUser person${index}`);
  const strike = (order: readonly string[]): Map<string, string | null> => {
    const faults = makeFaults({ errors: 0.01, lost: 0.02, seed: 7 });
    return new Map(order.map((call) => [call, faults.of(call)]));
  };
  const forwards = strike(calls);
  expect(strike([...calls].reverse())).toEqual(new Map([...forwards].reverse()));
  const count = (fate: string): number => [...forwards.values()].filter((one) => one === fate).length;
  expect(count('error')).toBeGreaterThan(70);
  expect(count('error')).toBeLessThan(130);
  expect(count('lost')).toBeGreaterThan(150);
  expect(count('lost')).toBeLessThan(250);
});

test('each call takes the latency, half of it before IAM sees it', async () => {
  const { iam, calls } = await start({ latency: 80 });
  for (let index = 0; index < 3; index += 1) await iam.createUser({ UserName: `user${index}` });
  expect(calls.map(({ in: from, out }) => [from, out])).toEqual([
    [0, 80],
    [80, 160],
    [160, 240],
  ]);
  expect(calls[2]).toMatchObject({ op: 'CreateUser', about: 'user2', outcome: 'passed', status: 200 });
});

test('it throttles as IAM does, each operation by itself where asked, and nothing comes of a refused call', async () => {
  const { iam, sandbox, calls } = await start({ limit: { rate: 1, burst: 2, per: 'operation' } });
  const create = (UserName: string) => iam.createUser({ UserName });
  await create('a');
  await create('b');
  await expect(create('c')).rejects.toMatchObject({
    Code: 'Throttling',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 400 },
  });
  await iam.listUsers({});
  expect(outcomes(calls)).toEqual(['passed', 'passed', 'throttled', 'passed']);
  expect(sandbox.call('ListUsers', {})['Users']).toHaveLength(2);

  const together = await start({ limit: { rate: 1, burst: 2, per: 'account' } });
  await together.iam.createUser({ UserName: 'a' });
  await together.iam.listUsers({});
  await expect(together.iam.listGroups({})).rejects.toMatchObject({ message: 'Rate exceeded' });
});

test('an error of the server has no effect, and a lost answer had one', async () => {
  const failing = await start({ errors: 1 });
  await expect(failing.iam.createUser({ UserName: 'a' })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 500 },
  });
  expect(failing.sandbox.call('ListUsers', {})['Users']).toHaveLength(0);

  const losing = await start({ lost: 1 });
  await expect(losing.iam.createUser({ UserName: 'a' })).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(losing.sandbox.call('ListUsers', {})['Users']).toHaveLength(1);
  expect(outcomes([...failing.calls, ...losing.calls])).toEqual(['error', 'lost']);
});
