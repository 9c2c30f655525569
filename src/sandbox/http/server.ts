import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { asIamError } from '../calls.ts';
import type { Iam } from '../engine.ts';
import { errorXml } from '../wire/encode.ts';
import { IamError } from '../wire/errors.ts';
import { serviceOfVersion } from '../wire/services.ts';
import { helpText } from './help.ts';
import { meansThisServer } from './host.ts';
import { tokenAnswer } from './token.ts';

/** No IAM request is larger; the largest documents are 128 KiB. */
const bodyLimit = 1024 * 1024;
const readLimit = 16 * bodyLimit;

/** Limits for slow clients, in milliseconds; those that only send a byte now and then are cut off. */
const patience: ServerOptions = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000,
};

/** More connections at once than any client opens; further ones are closed. */
const maxConnections = 1000;

export interface HttpFront {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves an IAM over HTTP. @param allowHosts names by which it may be called, beside its own. */
export async function listen(
  iam: Iam,
  host: string,
  port: number,
  options: ServerOptions = patience,
  allowHosts: readonly string[] = [],
): Promise<HttpFront> {
  const server = createServer(options, (request, response) => {
    const { localAddress } = request.socket;
    if (meansThisServer(request.headers.host, [localAddress, host], allowHosts))
      void serve(iam, request, response);
    else refuseHost(request, response);
  });
  server.maxConnections = maxConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const reason = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request';
    // Destroyed once this is sent, because the client may never close its side.
    if (socket.writable)
      socket.end(`HTTP/1.1 ${reason}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
    else socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${bound}`, close: () => closeServer(server) };
}

const closeServer = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    // Keep-alive connections would keep it open for half a minute.
    server.closeAllConnections();
  });

/** 421: RFC 9110, "Misdirected Request". */
function refuseHost(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response
    .writeHead(421, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
    .end(
      'This IAM sandbox answers to localhost and to the address that it listens on. To call it by another name, ' +
        'start it with --allow-host NAME.\n',
    );
}

async function serve(iam: Iam, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.url ?? '/';
  const at = target.indexOf('?');
  const path = at === -1 ? target : target.slice(0, at);
  const query = at === -1 ? '' : target.slice(at + 1);
  const method = request.method ?? 'GET';
  let body: string | null;
  try {
    body = await readBody(request);
  } catch {
    // The client is gone.
    response.destroy();
    return;
  }
  if (body === null) {
    response.setHeader('connection', 'close');
    const error = new IamError('RequestEntityTooLarge', `The request is larger than ${bodyLimit} bytes.`);
    send(response, 413, { 'content-type': 'text/xml' }, errorXml(serviceOfVersion(null), error, 'too-large'));
    return;
  }
  if (method === 'GET' && !query.includes('Action=')) {
    if (path === '/token') sendToken(iam, response, query);
    else {
      const text = helpText(iam, `http://${request.headers.host ?? 'localhost'}`);
      send(response, 200, plain, text);
    }
    return;
  }
  const reply = iam.answer({ method, path, query, headers: flatten(request.headers), body });
  const answer = (): void => {
    if (reply.lost) response.destroy();
    else send(response, reply.status, reply.headers, reply.body);
  };
  if (reply.delayMs > 0) setTimeout(answer, reply.delayMs).unref();
  else answer();
}

function sendToken(iam: Iam, response: ServerResponse, query: string): void {
  try {
    const token = tokenAnswer(iam, query);
    if (token) send(response, 200, { 'content-type': 'application/json' }, JSON.stringify(token));
    else
      send(response, 400, plain, 'A token needs a subject: /token?sub=repo:ORG/REPO:ref:refs/heads/main\n');
  } catch (thrown) {
    const { status, message } = asIamError(thrown);
    send(response, status, plain, `${message}\n`);
  }
}

const plain = { 'content-type': 'text/plain; charset=utf-8' };

const flatten = (headers: IncomingMessage['headers']): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
  );

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  const data = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': data.length }).end(data);
}

/** Null if it is too large. The excess is read and dropped, so that the client gets its answer. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimit) chunks.push(chunk);
    else chunks.length = 0;
    // Leaving the loop closes the connection.
    if (size > readLimit) throw new Error('a body without end');
  }
  return size > bodyLimit ? null : Buffer.concat(chunks).toString('utf8');
}
