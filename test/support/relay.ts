/** A way to a sandbox on which a test decides when a call arrives, when its answer leaves, and whether it has one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';

interface Call {
  readonly op: string;
  /** Empty where the call names none. */
  readonly user: string;
}

/** What is sent back. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** An error as IAM tells it. */
export const refusal = (code: string, status = 400): Reply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${code}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

/**
 * Goes with the test.
 *
 * @param handle gets each call, and `pass`, which has it done by the sandbox. Where it returns nothing, the connection
 * breaks without an answer.
 */
export async function relay(
  sandbox: Sandbox,
  handle: (call: Call, pass: () => Reply) => Promise<Reply | undefined>,
): Promise<{ readonly url: string; readonly there: readonly string[] }> {
  const server = createServer((request, response) => {
    // The sandbox says what time it is.
    response.sendDate = false;
    void (async () => {
      let body = '';
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString('utf8');
      const params = new URLSearchParams(body);
      const call = { op: params.get('Action') ?? '', user: params.get('UserName') ?? '' };
      const headers = request.headers as Record<string, string>;
      const reply = await handle(call, () =>
        sandbox.answer({
          method: request.method ?? 'POST',
          path: request.url ?? '/',
          query: '',
          headers,
          body,
        }),
      );
      if (reply) response.writeHead(reply.status, reply.headers).end(reply.body);
      else response.destroy();
    })();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, there: ['--endpoint-url', url] };
}
