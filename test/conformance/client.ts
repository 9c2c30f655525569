import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { createHash, createHmac } from 'node:crypto';
import type { Call, RawCall } from './row.ts';

export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of the credentials of a session. */
  readonly sessionToken?: string;
}

interface Refusal {
  readonly error: string;
  readonly status: number;
  readonly message?: string;
  /** Whose fault: `Sender` or `Receiver`. */
  readonly type?: string | undefined;
}

/** What came back: an answer, or an error. */
export type Answer = { readonly ok: unknown } | Refusal;

/** A server under test: the sandbox or moto. */
export interface Server {
  readonly url: string;
  readonly operator: KeyPair;
  /** Moves the server's clock, where it has one that can be moved. */
  readonly wait: (ms: number) => void;
}

type Command = object;
interface Sender {
  send(command: Command): Promise<object>;
  destroy(): void;
}
type Commands = Readonly<Record<string, new (input: object) => Command>>;

/** One attempt per call: an answer is an answer. */
const settings = (server: Server, credentials: KeyPair) => ({
  endpoint: server.url,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials,
});

/** Operations have one name in both services. */
export const serviceOf = (op: string): 'iam' | 'sts' => (`${op}Command` in sts ? 'sts' : 'iam');

/** SDK clients on one server, kept for the calls of one row. */
export class Session {
  readonly server: Server;
  #clients = new Map<string, Sender>();

  constructor(server: Server) {
    this.server = server;
  }

  async call({ op }: Call, input: object, credentials: KeyPair): Promise<Answer> {
    const isSts = serviceOf(op) === 'sts';
    const commands = (isSts ? sts : iam) as unknown as Commands;
    try {
      const client = this.#client(isSts, credentials);
      const answer = (await client.send(new commands[`${op}Command`]!(input))) as Record<string, unknown>;
      const { $metadata: _, ...ok } = answer;
      return { ok };
    } catch (thrown) {
      return errorOf(thrown);
    }
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
  }

  #client(isSts: boolean, credentials: KeyPair): Sender {
    const id = [isSts, ...Object.values(credentials)].join(' ');
    let client = this.#clients.get(id);
    if (!client) {
      const config = settings(this.server, credentials);
      client = (isSts ? new sts.STSClient(config) : new iam.IAMClient(config)) as unknown as Sender;
      this.#clients.set(id, client);
    }
    return client;
  }
}

function errorOf(thrown: unknown): Answer {
  const { Code, Type, name, message, $metadata } = thrown as {
    Code?: string;
    Type?: string;
    name: string;
    message: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (status === undefined) throw thrown;
  // Moto's own crashes are pages of HTML.
  return { error: Code ?? (name === 'SyntaxError' ? 'no XML' : name), status, message, type: Type };
}

export async function callRaw(server: Server, { raw, contentType, authorization }: RawCall): Promise<Answer> {
  const headers: Record<string, string> = {
    'content-type': contentType ?? 'application/x-www-form-urlencoded; charset=utf-8',
    ...(authorization === undefined
      ? sign(server, raw)
      : authorization === ''
        ? {}
        : { authorization, 'x-amz-date': '20260301T120000Z' }),
  };
  const response = await fetch(server.url, { method: 'POST', body: raw, headers });
  const text = await response.text();
  if (response.ok) return { ok: {} };
  return { error: /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? 'no XML', status: response.status };
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** AWS Signature Version 4 of a POST to `/`. */
function sign({ url, operator }: Server, body: string): Record<string, string> {
  const { host } = new URL(url);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/us-east-1/iam/aws4_request`;
  const canonical = `POST\n/\n\nhost:${host}\nx-amz-date:${time}\n\nhost;x-amz-date\n${sha256(body)}`;
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${operator.secretAccessKey}`));
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  return {
    'x-amz-date': time,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${operator.accessKeyId}/${scope}, ` +
      `SignedHeaders=host;x-amz-date, Signature=${signature}`,
  };
}
