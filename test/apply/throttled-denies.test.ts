import { HttpResponse } from '@smithy/core/protocols';
import type { HttpRequest } from '@smithy/core/protocols';
import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { connect } from '../../src/aws/client.ts';
import { execute } from '../../src/aws/execute.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { Server, VirtualClock } from '../aws/pace-server.ts';
import { accountId, allRails, aUser, desiredOf, TestSink } from '../support/account.ts';

/** People leave an IAM that throttles, in virtual time. @returns seconds from the first step. */
async function leave(
  buckets: 'one' | 'each',
  leavers = 40,
  rate = 3,
): Promise<{ lastDeny: number; end: number; least: number }> {
  const clock = new VirtualClock(20);
  const start = Date.parse('2027-01-01T00:00:00Z');
  const now = (): Date => new Date(start + clock.elapsed());
  const iam = createIam({ account: accountId, seed: 1, clock: now });
  for (let user = 0; user < leavers; user += 1) {
    const UserName = `u${user}`;
    iam.call('CreateUser', { UserName });
    iam.call('CreateAccessKey', { UserName });
    iam.call('CreateLoginProfile', { UserName, Password: 'Correct-horse-7!' });
  }
  let server = new Server(clock, { rate: 1000, burst: 1000, buckets });
  const denies: number[] = [];
  const handle = async (request: HttpRequest): Promise<{ response: HttpResponse }> => {
    const body = String(request.body);
    const op = new URLSearchParams(body).get('Action') ?? '';
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    try {
      await server.call(op);
    } catch {
      const text =
        '<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>';
      return { response: new HttpResponse({ statusCode: 400, headers: {}, body: Buffer.from(text) }) };
    }
    if (op === 'PutUserPolicy') denies.push(clock.elapsed());
    const reply = iam.answer({ method: 'POST', path: '/', query: '', headers, body });
    return {
      response: new HttpResponse({
        statusCode: reply.status,
        headers: { ...reply.headers },
        body: Buffer.from(reply.body),
      }),
    };
  };
  const aws = connect({
    endpointUrl: 'http://sandbox.invalid',
    credentials: { accessKeyId: 'AKIATEST222222222222', secretAccessKey: 'none' },
    requestHandler: { handle } as never,
    now,
    elapsed: () => clock.elapsed(),
    wait: (ms) => clock.wait(ms),
    retryDelay: () => 0,
  });
  const { plan } = await clock.until(
    planAccount(desiredOf({ users: [aUser('stays')] }), aws, { overrides: allRails }),
  );
  const began = clock.elapsed();
  server = new Server(clock, { rate, burst: 2 * rate, buckets });
  const results = await clock.until(execute(plan, aws, { sink: new TestSink() }));
  expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
  expect(denies).toHaveLength(leavers);
  const since = (time: number): number => (time - began) / 1000;
  return { lastDeny: since(denies.at(-1)!), end: since(clock.elapsed()), least: server.least };
}

test('one limit for all calls: everybody is denied before the rest takes its turns', async () => {
  const { lastDeny, end, least } = await leave('one');
  // A look and a deny for each are 80 calls; a few of others go out before IAM throttles those.
  expect(lastDeny).toBeLessThan(1.3 * ((2 * 40) / 3));
  expect(end).toBeLessThan(1.15 * least);
});

test('a limit for each operation: the rest goes on beside the denies', async () => {
  const { lastDeny, end, least } = await leave('each');
  expect(lastDeny).toBeLessThan(1.15 * (40 / 3) + 1);
  expect(end).toBeLessThan(1.15 * least + 1);
});

test('a limit for each operation, and so many denies that the rest would wait long: it does not', async () => {
  const { lastDeny, end, least } = await leave('each', 200, 8);
  expect(lastDeny).toBeLessThan(1.15 * (200 / 8) + 1);
  expect(end).toBeLessThan(1.1 * least);
});
