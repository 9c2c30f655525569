import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { startSandbox, type SandboxOptions } from '../../src/sandbox/index.ts';
import type { Server } from './client.ts';
import { account } from './given.ts';
import type { Options } from './row.ts';

/** A clock that stands still until it is moved. */
export function clock(): { (): Date; wait: (ms: number) => void } {
  let time = Date.parse('2026-03-01T12:00:00Z');
  return Object.assign(() => new Date(time), { wait: (ms: number) => void (time += ms) });
}

export const sandboxOptions = (options: Options): SandboxOptions => {
  const { quotas, ...rest } = options;
  return {
    account,
    seed: 1,
    ...rest,
    ...(quotas ? { quotas } : {}),
  };
};

export async function sandboxServer(options: Options): Promise<Server & { close(): Promise<void> }> {
  const time = clock();
  const sandbox = await startSandbox({ ...sandboxOptions(options), clock: time });
  return { url: sandbox.url, operator: sandbox.operator, wait: time.wait, close: () => sandbox.close() };
}

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });

export const hasMoto = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;

export interface Moto extends Server {
  /** Forgets everything. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMoto(): Promise<Moto> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  const reset = async (): Promise<void> => {
    const response = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
    await response.text();
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await reset();
      break;
    } catch (error) {
      if (attempt === 150 || child.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 200));
    }
  }
  return {
    url,
    operator: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) },
    wait: () => {},
    reset,
    async stop() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}
