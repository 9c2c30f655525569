import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../src/sandbox/http/server.ts';
import { createIam, startSandbox } from '../../src/sandbox/index.ts';
import { server, talk } from './talking.ts';

describe('the sandbox is reached', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  const reaches = (host: string, port: number): Promise<boolean> =>
    new Promise((done) => {
      const socket = connect({ host, port, timeout: 2000 });
      socket.on('connect', () => (socket.destroy(), done(true)));
      socket.on('error', () => done(false));
      socket.on('timeout', () => (socket.destroy(), done(false)));
    });

  it(`from this machine only${outside ? '' : ' (no other address here to try)'}`, async () => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.close());
    const { hostname, port } = new URL(sandbox.url);
    expect(hostname).toBe('127.0.0.1');
    expect(await reaches('127.0.0.1', Number(port))).toBe(true);
    expect(outside !== undefined && (await reaches(outside, Number(port)))).toBe(false);
  });

  /** The status of a request with this Host header. */
  const status = async (port: number, host: string, method = 'POST'): Promise<string> => {
    const { socket, closed } = talk(port);
    socket.end(`${method} / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return /^HTTP\/1\.1 (\d+)/.exec(await closed)?.[1] ?? '';
  };

  it.each([
    'evil.example',
    'evil.example:4566',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example#localhost',
    'xlocalhost',
    '10.1.2.3',
    '[2001:db8::1]',
    '',
    '%',
  ])('only by names that nobody else can let lead to it: not by %j', async (host) => {
    const { port } = await server();
    for (const method of ['POST', 'GET']) expect(await status(port, host, method)).toBe('421');
  });

  it.each(['localhost', 'LOCALHOST:80', 'localhost.', '127.0.0.1', '127.1.2.3:9', '[::1]:80'])(
    'by %s',
    async (host) => {
      const { port } = await server();
      expect(await status(port, host, 'GET')).toBe('200');
    },
  );

  it('by the address that the request came to, and by names that are allowed, in any case of letters', async () => {
    const iam = createIam({ seed: 1 });
    const front = await listen(iam, '0.0.0.0', 0, undefined, ['Sandbox.test', '10.9.8.7']);
    onTestFinished(async () => {
      await front.close();
      iam.close();
    });
    const port = Number(new URL(front.url).port);
    for (const host of ['sandbox.test', 'SANDBOX.TEST:4566', '10.9.8.7', '0.0.0.0'])
      expect(await status(port, host, 'GET')).toBe('200');
    expect(await status(port, 'other.test', 'GET')).toBe('421');
    // The machine's own address, where it has one.
    const response = await fetch(`http://${outside ?? '127.0.0.1'}:${port}/`);
    expect(response.status).toBe(200);
  });
});
