import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { listen, type HttpFront } from '../../src/sandbox/http/server.ts';
import { createIam } from '../../src/sandbox/index.ts';

const open = new Set<Socket>();

/** A server whose patience ends quickly. */
export async function server(): Promise<HttpFront & { port: number }> {
  const iam = createIam({ seed: 1, journalCap: 100 });
  const front = await listen(iam, '127.0.0.1', 0, {
    requestTimeout: 1200,
    headersTimeout: 500,
    keepAliveTimeout: 500,
    connectionsCheckingInterval: 100,
  });
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await front.close();
    iam.close();
  });
  return { ...front, port: Number(new URL(front.url).port) };
}

export interface Talk {
  readonly socket: Socket;
  /** What came, once the other side has closed; also after a reset. */
  readonly closed: Promise<string>;
  text(): string;
}

export function talk(port: number, options: { allowHalfOpen?: boolean } = {}): Talk {
  let text = '';
  const socket = connect({ port, host: '127.0.0.1', ...options });
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => {});
  socket.on('data', (data) => (text += data.toString('latin1')));
  const closed = new Promise<string>((done) => {
    socket.on('end', () => done(text));
    socket.on('close', () => done(text));
  });
  return { socket, closed, text: () => text };
}
