import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { manifests, scratch, write } from '../support/cli.ts';
import { runProcess as run, startProcess as start } from '../support/process.ts';
import type { ProcessEnd, RunningProcess } from '../support/process.ts';
import { answering, caller, wrap } from '../support/answers.ts';
import { key as env } from './command-line.ts';

const users = (names = ['dale', 'lorax']): string =>
  manifests(`users: { ${names.map((name) => `${name}: {}`).join(', ')} }\n`);

/** What an account without an object answers. */
const empty = (op: string): string =>
  op === 'GetCallerIdentity'
    ? caller
    : '<IsTruncated>false</IsTruncated><UserDetailList/><GroupDetailList/><RoleDetailList/><Policies/>';

/** One operation answered in a way of its own, and a command that meets it: how it ended, when, and its memory. */
async function meet(
  op: string,
  hostile: (response: ServerResponse) => void,
  command: string[] = ['plan'],
): Promise<ProcessEnd & { seconds: number; megabytes: number }> {
  const server = await answering((called, _params, response) => {
    if (called !== op) return empty(called);
    hostile(response);
    return undefined;
  });
  const dir = write(scratch(), {
    'peak.mjs': `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)));`,
  });
  const start = performance.now();
  const ended = await run([...command, '-m', users(), '--endpoint-url', server.url, '--timeout', '1'], {
    env: { ...env, NODE_OPTIONS: `--import ${join(dir, 'peak.mjs')}`, PEAK: join(dir, 'peak') },
  });
  const megabytes = Number(readFileSync(join(dir, 'peak'), 'utf8')) / 1024;
  expect(ended.stderr).not.toMatch(/^\s+at |node:internal|in a way it should not/m);
  return { ...ended, seconds: (performance.now() - start) / 1000, megabytes };
}

const trickle = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'text/xml' });
  const drip = setInterval(() => response.write('<'), 300);
  response.on('close', () => clearInterval(drip));
};
const flood = (response: ServerResponse): void => {
  response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': 4 * 1024 ** 3 });
  const block = Buffer.alloc(1024 * 1024, ' ');
  const pour = (): void => {
    while (!response.destroyed && response.write(block));
    if (!response.destroyed) response.once('drain', pour);
  };
  pour();
};
const zipped = gzipSync(Buffer.alloc(256 * 1024 * 1024, ' '));
const bomb = (response: ServerResponse): void =>
  void response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Encoding': 'gzip' }).end(zipped);
const nested = (response: ServerResponse): void =>
  void response
    .writeHead(200, { 'Content-Type': 'text/xml' })
    .end(wrap('X', `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`));

describe.each(['GetCallerIdentity', 'GetAccountAuthorizationDetails'])('%s', (op) => {
  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['no answer', () => {}, /no answer from IAM \(no byte for 1 s\) \(after 2 attempts\)/],
    [
      'headers and then nothing',
      (response) => response.writeHead(200, { 'Content-Type': 'text/xml' }).flushHeaders(),
      /no answer from IAM \(no byte for 1 s\) \(after 2 attempts\)/,
    ],
    [
      'a byte at a time, for ever',
      trickle,
      /no answer from IAM \(not whole after 3 s\) \(after 2 attempts\)/,
    ],
    ['4 GiB', flood, /the answer cannot be read: it is longer than 16 MiB/],
    ['a gzip bomb', bomb, /the answer cannot be read: /],
    ['100,000 levels of nesting', nested, /the answer cannot be read: it is nested too deeply/],
  ])(
    'that answers with %s ends the plan in words, soon and in little memory',
    async (_, hostile, told) => {
      const { code, stdout, stderr, seconds, megabytes } = await meet(op, hostile);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^error: /);
      expect(stderr).toMatch(told);
      expect(seconds).toBeLessThan(30);
      expect(megabytes).toBeLessThan(400);
    },
    60_000,
  );
});

test('a server that takes the connection and never speaks TLS ends the plan in words', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stderr } = await run(['plan', '-m', users(), '--endpoint-url', url, '--timeout', '1'], {
    env,
  });
  expect(code).toBe(1);
  expect(stderr).toContain(
    'error: GetCallerIdentity: no answer from IAM (no byte for 1 s) (after 2 attempts)\n',
  );
}, 30_000);

/** The port of a process that listens and never takes a connection, and whose queue is full: what comes then hangs. */
async function fullPort(): Promise<number> {
  const script = `const server = require('node:net').createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;
  const listener = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.kill('SIGKILL');
  });
  const port = Number(await new Promise((done) => listener.stdout.once('data', done)));
  const connects = (): Promise<boolean> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    return Promise.race([
      new Promise<boolean>((done) => socket.once('connect', () => done(true))),
      new Promise<boolean>((done) => setTimeout(() => done(false), 500)),
    ]);
  };
  while (await connects()) expect(sockets.length).toBeLessThan(50);
  return port;
}

test('a connection that is never made ends the plan in words', async () => {
  const url = `http://127.0.0.1:${await fullPort()}`;
  const begin = performance.now();
  const { code, stderr } = await run(['plan', '-m', users(), '--endpoint-url', url, '--timeout', '1'], {
    env,
  });
  expect(code).toBe(1);
  expect(stderr).toContain(
    'error: GetCallerIdentity: no answer from IAM (no connection within 0.5 s) (after 2 attempts)\n',
  );
  expect(performance.now() - begin).toBeLessThan(15_000);
}, 30_000);

test('a page that is too long is asked for again, of 100 items', async () => {
  const asked: (string | null)[] = [];
  const server = await answering((op, params, response) => {
    if (op !== 'GetAccountAuthorizationDetails') return empty(op);
    asked.push(params.get('MaxItems'), params.get('Marker'));
    if (params.get('MaxItems') === '1000') {
      flood(response);
      return undefined;
    }
    return params.get('Marker') === null
      ? '<IsTruncated>true</IsTruncated><Marker>next</Marker><GroupDetailList><member><GroupName>readers</GroupName><Path>/</Path><GroupId>AGPA</GroupId><Arn>arn:aws:iam::123456789012:group/readers</Arn></member></GroupDetailList>'
      : empty(op);
  });
  const dir = manifests('users: { lorax: {} }\ngroups: { readers: {} }\n');
  const { code, stdout } = await run(['plan', '-m', dir, '--endpoint-url', server.url], { env });
  expect({ code, asked }).toEqual({ code: 2, asked: ['1000', null, '100', null, '100', 'next'] });
  expect(stdout).toContain('+ user lorax: create');
  expect(stdout).not.toContain('readers');
}, 30_000);

test('the variables of proxies lead nowhere: requests go to the endpoint itself', async () => {
  const server = await answering(empty);
  const dead = `http://127.0.0.1:${await fullPort()}`;
  const proxies = Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
      [name, dead],
      [name.toLowerCase(), dead],
    ]),
  );
  const { code } = await run(['plan', '-m', users(), '--endpoint-url', server.url, '--timeout', '1'], {
    env: { ...env, ...proxies },
  });
  expect(code).toBe(2);
  expect(server.calls).toContain('GetAccountAuthorizationDetails');
}, 30_000);

test('credentials that never come end the plan in words', async () => {
  const home = write(scratch(), {
    config: '[profile slow]\ncredential_process = /bin/sleep 600\nregion = us-east-1\n',
  });
  const started = await start(['plan', '-m', users(), '--profile', 'slow', '--timeout', '1'], {
    env: { AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: '/nowhere' },
  });
  const { code, stderr } = await started.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('gives no credentials: they did not come within 3 s\n');
}, 30_000);

describe('a step whose answer does not come', () => {
  const hang = (op: string) => answering((called) => (called === op ? undefined : empty(called)));

  test.each([
    ['1', ['unknown', 'skipped']],
    ['2', ['unknown', 'unknown', 'skipped']],
  ])(
    'ends as unknown, and no other begins: %s at a time',
    async (parallelism, expected) => {
      const server = await hang('CreateUser');
      const args = [
        'apply',
        '--yes',
        '--no-lock',
        '-m',
        users(['buzzo', 'dale', 'lorax'].slice(0, expected.length)),
        '--endpoint-url',
        server.url,
        '--timeout',
        '1',
        '--parallelism',
        parallelism,
      ];
      const { code, stdout, stderr } = await run([...args, '--json'], { env });
      expect(code).toBe(5);
      expect(stderr).toContain(
        'CreateUser: no answer from IAM (no byte for 1 s) (after 2 attempts): nobody knows whether it took effect\n',
      );
      const { steps } = JSON.parse(stdout) as { steps: { op: string; status: string; message: string }[] };
      expect(steps.map(({ status }) => status)).toEqual(expected);
      expect(steps.at(-1)!.message).toBe('the connection to IAM is lost');
      // Each is asked once more.
      expect(server.calls.filter((op) => op === 'CreateUser')).toHaveLength(2 * Number(parallelism));
    },
    30_000,
  );
});

/** An IAM that never answers one operation, and when that one came. */
async function hangingIn(op: string): Promise<{ url: string; arrival: Promise<void> }> {
  let arrived = (): void => {};
  const arrival = new Promise<void>((done) => (arrived = done));
  const { url } = await answering((called) => {
    if (called !== op) return empty(called);
    arrived();
    return undefined;
  });
  return { url, arrival };
}

const applying = (url: string, ...more: string[]): Promise<RunningProcess> =>
  start(['apply', '--yes', '--no-lock', '-m', users(), '--endpoint-url', url, ...more], { env });

describe.each(['SIGINT', 'SIGTERM'] as const)('%s ends an apply within seconds', (signal) => {
  test.each(['GetCallerIdentity', 'GetAccountAuthorizationDetails'])(
    'that hangs in %s: nothing was changed, exit 1',
    async (op) => {
      const { url, arrival } = await hangingIn(op);
      const running = await applying(url);
      await arrival;
      const begin = performance.now();
      running.child.kill(signal);
      const { code, stderr } = await running.ended;
      expect(code).toBe(1);
      expect(stderr).toBe('Nothing was changed.\nerror: interrupted\n');
      expect(performance.now() - begin).toBeLessThan(4000);
    },
    30_000,
  );

  test('that waits between attempts: nothing was changed, exit 1', async () => {
    const server = await answering((called, _params, response) => {
      if (called !== 'GetAccountAuthorizationDetails') return empty(called);
      response.writeHead(400, { 'Content-Type': 'text/xml', 'Retry-After': '60' });
      response.end(
        '<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>',
      );
      return undefined;
    });
    const running = await applying(server.url);
    while (server.calls.length < 3) await new Promise((done) => setTimeout(done, 20));
    running.child.kill(signal);
    const begin = performance.now();
    expect((await running.ended).code).toBe(1);
    expect(performance.now() - begin).toBeLessThan(4000);
  }, 60_000);

  test('that waits for the credential report: nothing was changed, exit 1', async () => {
    const server = await answering((called, _params, response) => {
      if (called === 'GenerateCredentialReport') return '<State>INPROGRESS</State>';
      if (called === 'GetCredentialReport') {
        response.writeHead(404, { 'Content-Type': 'text/xml' });
        response.end(
          '<ErrorResponse><Error><Type>Sender</Type><Code>ReportInProgress</Code><Message>Report generation is in progress.</Message></Error></ErrorResponse>',
        );
        return undefined;
      }
      return called === 'GetAccountAuthorizationDetails'
        ? '<IsTruncated>false</IsTruncated><UserDetailList><member><UserName>dale</UserName></member></UserDetailList>'
        : empty(called);
    });
    const running = await applying(server.url);
    while (!server.calls.includes('GetCredentialReport')) await new Promise((done) => setTimeout(done, 20));
    running.child.kill(signal);
    const begin = performance.now();
    expect((await running.ended).code).toBe(1);
    expect(performance.now() - begin).toBeLessThan(4000);
  }, 30_000);

  test('that hangs in a step: unknown, exit 5', async () => {
    const { url, arrival } = await hangingIn('CreateUser');
    const running = await applying(url, '--json', '--parallelism', '1');
    await arrival;
    const begin = performance.now();
    running.child.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    expect(performance.now() - begin).toBeLessThan(9000);
    expect(code).toBe(5);
    expect(stderr).toContain('Interrupted: running steps end, then rollcall stops. Again ends it at once.\n');
    expect(stderr).toContain(': CreateUser: interrupted: nobody knows whether it took effect\n');
    const { steps } = JSON.parse(stdout) as { steps: { status: string }[] };
    expect(steps.map(({ status }) => status)).toEqual(['unknown', 'skipped']);
  }, 30_000);

  test('that hangs in a step, at once where it comes twice', async () => {
    const { url, arrival } = await hangingIn('CreateUser');
    const running = await applying(url);
    await arrival;
    running.child.kill(signal);
    await running.says('Interrupted');
    const begin = performance.now();
    running.child.kill(signal);
    expect((await running.ended).code).toBe(5);
    expect(performance.now() - begin).toBeLessThan(2000);
  }, 30_000);
});
