import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { IamError } from './errors.ts';

/** The parts of a request that are signed. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Without `?`, as it was sent. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface Credential {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const incomplete = (message: string): IamError => new IamError('IncompleteSignature', message);

/** Reads the `Authorization` header of AWS Signature Version 4. */
export function readCredential(request: SignedRequest): Credential {
  const header = request.headers['authorization'];
  if (header === undefined || header === '') {
    throw new IamError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  if (!header.startsWith('AWS4-HMAC-SHA256 ')) {
    throw incomplete('Authorization header must be an AWS Signature Version 4 header (AWS4-HMAC-SHA256).');
  }
  const part = (name: string): string => {
    const value = new RegExp(`[ ,]${name}=([^, ]+)`).exec(header)?.[1];
    if (value === undefined) throw incomplete(`Authorization header requires '${name}' parameter.`);
    return value;
  };
  const scope = part('Credential').split('/');
  const [accessKeyId, date, region, service, end] = scope;
  if (!accessKeyId || !date || !region || !service || end !== 'aws4_request') {
    throw incomplete('Credential must have exactly 5 slash-delimited elements.');
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    signedHeaders: part('SignedHeaders').toLowerCase().split(';'),
    signature: part('Signature'),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Throws SignatureDoesNotMatch if the secret did not make the signature. The signing time is not compared with the
 * clock, since a sandbox may run on a virtual one.
 */
export function verifySignature(request: SignedRequest, credential: Credential, secret: string): void {
  const { date, region, service, signedHeaders } = credential;
  const canonical = [
    request.method,
    request.path === '' ? '/' : request.path,
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const time = request.headers['x-amz-date'] ?? '';
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
  const expected = hmac(key, text);
  const given = Buffer.from(credential.signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new IamError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret ' +
        'Access Key and signing method. Consult the service documentation for details.',
    );
  }
}

const canonicalQuery = (query: string): string =>
  query === ''
    ? ''
    : query
        .split('&')
        .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
        .sort()
        .join('&');
