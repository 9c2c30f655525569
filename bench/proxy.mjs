/**
 * A proxy before the sandbox that is as far away as AWS, throttles as IAM does, and now and then fails. It notes each
 * call. The bench forks it, so that it shares no event loop with anybody.
 */
import { once } from 'node:events';
import { Agent, createServer, request as send } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { makeBuckets, makeFaults } from './bucket.mjs';

const realClock = { now: () => performance.timeOrigin + performance.now(), wait: (ms) => pause(ms) };

const error = (type, code, message) =>
  `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>${type}</Type><Code>${code}</Code>` +
  `<Message>${message}</Message></Error><RequestId>00000000-0000-4000-8000-000000000000</RequestId></ErrorResponse>`;
const xml = { 'content-type': 'text/xml' };
const throttled = { status: 400, headers: xml, body: error('Sender', 'Throttling', 'Rate exceeded') };
const failed = { status: 500, headers: xml, body: error('Receiver', 'ServiceFailure', 'Internal failure') };

/** Half of the latency passes before IAM sees the call, half after it answered. */
export function createProxy({
  target,
  latency = 0,
  limit = null,
  errors = 0,
  lost = 0,
  seed = 1,
  clock = realClock,
}) {
  // Idle connections end before the sandbox ends them.
  const agent = new Agent({ keepAlive: true, timeout: 10_000 });
  const buckets = limit && makeBuckets(limit);
  const faults = makeFaults({ errors, lost, seed });
  const calls = [];

  const travel = async () => {
    if (latency > 0) await clock.wait(latency / 2);
  };
  const answer = async (call, request, body) => {
    if (buckets && !buckets.take(limit.per === 'operation' ? call.op : 'all', clock.now())) {
      call.outcome = 'throttled';
      return throttled;
    }
    const fate = faults.of(`${call.op} ${call.about}`);
    call.outcome = fate ?? 'passed';
    if (fate === 'error') return failed;
    const reply = await forward(agent, target, request, body);
    return fate === 'lost' ? null : reply;
  };
  const server = createServer(async (request, response) => {
    const call = { in: clock.now() };
    calls.push(call);
    try {
      const body = await textOf(request);
      Object.assign(call, describe(body));
      await travel();
      const reply = await answer(call, request, body);
      call.status = reply?.status ?? 0;
      await travel();
      call.out = clock.now();
      if (reply === null) response.destroy();
      else {
        const length = Buffer.byteLength(reply.body);
        response.writeHead(reply.status, { ...reply.headers, 'content-length': length }).end(reply.body);
      }
    } catch {
      // The client or the sandbox has gone.
      call.outcome ??= 'lost';
      call.out ??= clock.now();
      response.destroy();
    }
  });
  return { server, calls, close: () => agent.destroy() };
}

/** What the bench has to know of a call. */
function describe(body) {
  const form = new URLSearchParams(body);
  const of = (...names) => names.map((name) => form.get(name)).find((value) => value !== null) ?? '';
  const about = of('UserName', 'PolicyName', 'PolicyArn', 'GroupName', 'Marker');
  return { op: of('Action'), about, isLock: /\brollcall-lock$/.test(of('PolicyArn', 'PolicyName')) };
}

async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function forward(agent, target, { method, url, headers }, body) {
  const { hostname, port } = new URL(target);
  const call = send({ agent, hostname, port, method, path: url, headers }).end(body);
  const [reply] = await once(call, 'response');
  return { status: reply.statusCode, headers: withoutHops(reply.headers), body: await textOf(reply) };
}

const hops = new Set(['connection', 'keep-alive', 'content-length', 'transfer-encoding']);
const withoutHops = (headers) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.has(name)));

// Forked: the first message holds the options, each further one asks for the calls since the one before.
if (process.send && process.argv[1] === import.meta.filename) {
  process.once('message', (options) => {
    const { server, calls } = createProxy(options);
    server.keepAliveTimeout = 120_000;
    server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
    process.on('message', () => process.send({ calls: calls.splice(0) }));
  });
  process.on('disconnect', () => process.exit());
}
