import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { connect } from '../../src/aws/client.ts';
import type { Aws, Endpoint } from '../../src/aws/client.ts';

/** A server in the place of IAM and STS whose answers a test chooses, over a socket. */
export interface Answering {
  readonly url: string;
  /** Operations in the order of their arrival. */
  readonly calls: string[];
}

type Answer = (
  op: string,
  params: URLSearchParams,
  response: ServerResponse,
  request: IncomingMessage,
) => string | undefined;

/** @param answer what is inside of `<OpResult>`; undefined where it has answered, or will not. */
export async function answering(answer: Answer): Promise<Answering> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('end', () => {
      const params = new URLSearchParams(body);
      const op = params.get('Action') ?? '';
      calls.push(op);
      const result = answer(op, params, response, request);
      if (result !== undefined) response.setHeader('Content-Type', 'text/xml').end(wrap(op, result));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

export const wrap = (op: string, result: string): string =>
  `<${op}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${op}Result>${result}</${op}Result>` +
  `<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${op}Response>`;

/** The caller that plans ask for first. */
export const caller =
  '<Arn>arn:aws:iam::123456789012:user/operator</Arn><UserId>AIDA</UserId><Account>123456789012</Account>';

export function connected(url: string, more: Endpoint = {}): Aws {
  const aws = connect({
    endpointUrl: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA2222222222222222', secretAccessKey: 'x' },
    retryDelay: () => 0,
    ...more,
  });
  onTestFinished(() => aws.close());
  return aws;
}
