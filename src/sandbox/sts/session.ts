import { createHmac, timingSafeEqual } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { TagRecord } from '../iam/records.ts';

/**
 * What a session token says. Nothing is stored of a session, as it seems with AWS: its token holds all of it, sealed, and
 * its secret follows from its key's id. So sessions outlive a restart of the sandbox.
 */
export interface Session {
  readonly accessKeyId: string;
  /** Of a role that was assumed, of a user (GetSessionToken), of whom a user vouches for (GetFederationToken). */
  readonly kind: 'role' | 'user' | 'federated';
  /** Unique id of the role or user. */
  readonly of: string;
  /** Empty for one of a user. */
  readonly name: string;
  /** ISO 8601, to the second. */
  readonly issuedAt: string;
  readonly expiresAt: string;
  /** Session policies: documents, and ARNs of managed policies. */
  readonly documents: readonly string[];
  readonly policyArns: readonly string[];
  readonly tags: readonly TagRecord[];
  /** Keys of tags that pass on to sessions that this one opens. */
  readonly transitive: readonly string[];
  readonly sourceIdentity: string | null;
  /** When the code of an MFA device was given. */
  readonly mfaAt: string | null;
  /** ARN of the identity provider that vouched for the caller. */
  readonly provider: string | null;
}

export interface SessionKeys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: Date;
}

const mac = (seal: string, use: string, text: string | Buffer): Buffer =>
  createHmac('sha256', seal).update(`${use}\n`).update(text).digest();

const checkLength = 4;
const check = (seal: string, id: string): string =>
  [...mac(seal, 'id', id).subarray(0, checkLength)]
    .map((byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32])
    .join('');

/** `ASIA…`, of 20 characters: the last ones show that it was made here. @param random 12 characters of base32. */
export const sessionKeyId = (seal: string, random: string): string => `ASIA${random}${check(seal, random)}`;

/** Whether a key's id is one of the sandbox's sessions, whatever came with it. */
export const isSessionKeyId = (seal: string, id: string): boolean =>
  id.startsWith('ASIA') && id.length === 20 && sessionKeyId(seal, id.slice(4, -checkLength)) === id;

export const sessionSecret = (seal: string, accessKeyId: string): string =>
  mac(seal, 'secret', accessKeyId).toString('base64').slice(0, 40);

export function sealed(seal: string, session: Session): SessionKeys {
  const body = deflateRawSync(JSON.stringify(session));
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: sessionSecret(seal, session.accessKeyId),
    SessionToken: Buffer.concat([mac(seal, 'token', body), body]).toString('base64'),
    Expiration: new Date(session.expiresAt),
  };
}

/** Null for what is no token of this sandbox, or of another key. */
export function opened(seal: string, token: string, accessKeyId: string): Session | null {
  const bytes = Buffer.from(token, 'base64');
  const [given, body] = [bytes.subarray(0, 32), bytes.subarray(32)];
  if (given.length < 32 || !timingSafeEqual(given, mac(seal, 'token', body))) return null;
  const session = JSON.parse(inflateRawSync(body).toString()) as Session;
  return session.accessKeyId === accessKeyId ? session : null;
}
