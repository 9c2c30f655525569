import { buildQueryString, HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import type { HttpHandlerOptions } from '@smithy/types';
import { Readable } from 'node:stream';
import type { Iam } from '../engine.ts';

/** A `requestHandler` for SDK clients that answers from the sandbox in this process, without a socket. */
export interface SandboxHandler {
  handle(request: HttpRequest, options?: HttpHandlerOptions): Promise<{ response: HttpResponse }>;
  readonly metadata: { readonly handlerProtocol: string };
  destroy(): void;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
}

export const createTransport = (iam: Iam): SandboxHandler => ({
  metadata: { handlerProtocol: 'http/1.1' },
  destroy: () => {},
  updateHttpClientConfig: () => {},
  httpHandlerConfigs: () => ({}),
  async handle(request) {
    const headers: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
    const reply = iam.answer({
      method: request.method,
      path: request.path,
      query: buildQueryString(request.query),
      headers,
      body: bodyText(request.body),
    });
    if (reply.delayMs > 0) await new Promise((done) => setTimeout(done, reply.delayMs));
    if (reply.lost) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    return {
      response: new HttpResponse({
        statusCode: reply.status,
        headers: { ...reply.headers },
        body: Readable.from([Buffer.from(reply.body)], { objectMode: false }),
      }),
    };
  },
});

function bodyText(body: unknown): string {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  throw new TypeError('the sandbox takes requests with text bodies');
}
