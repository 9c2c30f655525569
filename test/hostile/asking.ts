import type { Iam } from '../../src/sandbox/index.ts';
import { prototypesAreClean } from './support.ts';

const form = 'application/x-www-form-urlencoded; charset=utf-8';
export const signed =
  'AWS4-HMAC-SHA256 Credential=AKIA2222222222222222/20260301/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0';

/** Every answer is whole XML with a code that AWS has; none is a failure of the sandbox itself. */
export function ask(
  iam: Iam,
  body: string,
  rest: { headers?: Record<string, string>; method?: string; query?: string } = {},
) {
  const reply = iam.answer({
    method: rest.method ?? 'POST',
    path: '/',
    query: rest.query ?? '',
    headers: { 'content-type': form, authorization: signed, host: 'x', ...rest.headers },
    body,
  });
  const code = /<Code>([^<]*)<\/Code>/.exec(reply.body)?.[1];
  const whole = /^<(\w+) xmlns="[^"]*">.*<\/\1>$/s.test(reply.body);
  const clean = !/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(reply.body);
  if (code === 'InternalFailure' || !whole || !clean || (code === undefined) !== (reply.status === 200)) {
    throw new Error(`${reply.status} ${reply.body.slice(0, 500)} for ${JSON.stringify(body.slice(0, 500))}`);
  }
  if (!prototypesAreClean()) throw new Error('a prototype was changed');
  return { status: reply.status, code, body: reply.body };
}
