import { describe, expect, it, onTestFinished } from 'vitest';
import type { HttpFront } from '../../src/sandbox/http/server.ts';
import { signed } from './asking.ts';
import { count, fuzz, heapUsed, mutate, nastyTexts } from './support.ts';
import { server, talk } from './talking.ts';

const body = 'Action=ListUsers&Version=2010-05-08';
const head = (length: number): string =>
  `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nAuthorization: ${signed}\r\nContent-Length: ${length}\r\n\r\n`;
const request = head(body.length) + body;

/** It still serves others. */
async function isThere(front: HttpFront): Promise<boolean> {
  const response = await fetch(front.url);
  await response.text();
  return response.status === 200;
}

const answers = (text: string): number => text.split('HTTP/1.1 200 OK').length - 1;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe('connections', () => {
  it('that send their headers a byte at a time are cut off', async () => {
    const front = await server();
    const { socket, closed } = talk(front.port);
    const start = performance.now();
    const drip = setInterval(() => socket.write('X'), 50);
    onTestFinished(() => clearInterval(drip));
    socket.write('POST / HTTP/1.1\r\nX');
    expect(await closed).toContain('408 Request Timeout');
    expect(performance.now() - start).toBeLessThan(5000);
    expect(await isThere(front)).toBe(true);
    count('hostile connections');
  });

  it('that send their body a byte at a time are cut off', async () => {
    const front = await server();
    const { socket, closed } = talk(front.port);
    const start = performance.now();
    const drip = setInterval(() => socket.write('a'), 50);
    onTestFinished(() => clearInterval(drip));
    socket.write(head(100_000));
    await closed;
    expect(performance.now() - start).toBeLessThan(6000);
    expect(await isThere(front)).toBe(true);
    count('hostile connections');
  });

  it('that send nothing, or stay after their request, are closed', async () => {
    const front = await server();
    const [silent, served] = [talk(front.port), talk(front.port)];
    served.socket.write(request);
    await Promise.all([silent.closed, served.closed]);
    expect(answers(served.text())).toBe(1);
    count('hostile connections', 2);
  });

  it('of which one half is closed get their answer, and end', async () => {
    const front = await server();
    const one = talk(front.port, { allowHalfOpen: true });
    one.socket.end(request);
    expect(answers(await one.closed)).toBe(1);
    // Never closes its own half, and sends nonsense.
    const other = talk(front.port, { allowHalfOpen: true });
    other.socket.write('nonsense\r\n\r\n');
    expect(await other.closed).toContain('400 Bad Request');
    count('hostile connections', 2);
  });

  it('that break off leave nothing behind', async () => {
    const front = await server();
    for (let index = 0; index < 200; index++) {
      const { socket } = talk(front.port);
      await new Promise((done) => socket.once('connect', done));
      socket.write(request.slice(0, index * 2));
      if (index % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    expect(await isThere(front)).toBe(true);
    count('hostile connections', 200);
  });

  it('with a hundred requests at once get a hundred answers', async () => {
    const front = await server();
    const { socket, closed } = talk(front.port);
    socket.write(request.repeat(100));
    expect(answers(await closed)).toBe(100);
    count('hostile connections');
  });

  it('by the hundred, all slow, keep nobody else out', async () => {
    const front = await server();
    const slow = Array.from({ length: 300 }, () => talk(front.port));
    for (const { socket } of slow) socket.write(request.slice(0, 40));
    await sleep(50);
    expect(await isThere(front)).toBe(true);
    await Promise.all(slow.map(({ closed }) => closed));
    count('hostile connections', 300);
  });

  it.each<[string, string]>([
    [
      'two lengths',
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    ],
    [
      'a length and chunks',
      `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a negative length', `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n`],
    [
      'a chunk without end',
      `POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n`,
    ],
    ['headers of a megabyte', `POST / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    ['100,000 headers', `POST / HTTP/1.1\r\nHost: localhost\r\n${'X: y\r\n'.repeat(100_000)}\r\n`],
    ['a line without end', 'G'.repeat(1_000_000)],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
    ['a request for elsewhere', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
    ['a path of its own', 'GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['a host that is a script', 'GET / HTTP/1.1\r\nHost: "><script>\r\n\r\n'],
    [
      'an expectation',
      `POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
    ],
  ])('with %s are answered or closed', async (_what, bytes) => {
    const front = await server();
    const { socket, closed } = talk(front.port);
    socket.write(Buffer.from(bytes, 'latin1'));
    const text = await closed;
    expect(text).not.toMatch(/at .*\.(?:ts|js):\d+|root:x:/);
    expect(await isThere(front)).toBe(true);
    count('hostile connections');
  });

  it('of any bytes are answered or closed', async () => {
    const front = await server();
    const before = heapUsed();
    const data = Buffer.from(request.repeat(2));
    const nasty = [
      ...nastyTexts,
      '\r\n',
      '\r\n\r\n',
      '\n',
      'Transfer-Encoding: chunked\r\n',
      'HTTP/1.1',
      'POST / ',
      '0\r\n\r\n',
    ];
    const tried = await fuzz('connections of mutated bytes', async (random) => {
      const { socket, closed } = talk(front.port);
      socket.end(mutate(data, random, nasty));
      const text = await closed;
      if (/InternalFailure|at .*\.(?:ts|js):\d+/.test(text)) throw new Error(text.slice(0, 500));
    });
    expect(tried).toBeGreaterThan(0);
    expect(await isThere(front)).toBe(true);
    expect((heapUsed() - before) / 1024 / 1024).toBeLessThan(100);
  });
});
