import { createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';

/** Claims of an identity token, by name. */
export type Claims = Readonly<Record<string, unknown>>;

const keyId = 'sandbox';
/** How long a token is good unless it says otherwise, in seconds: as long as GitHub's. */
const lifetime = 300;

/** One pair for the process, made when it is first needed, because that takes a while. */
let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | null = null;
const ownKeys = () => (pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export type Issuers = ReturnType<typeof createIssuers>;

/**
 * Issuers of OpenID Connect without a network. The sandbox itself signs for every issuer that has no key of its own here,
 * since it makes identities as it makes an account: for rehearsals.
 *
 * @param registered public keys (PEM) by the issuer's URL: only these sign its tokens.
 */
export function createIssuers(registered: Readonly<Record<string, string>>, clock: () => Date) {
  // Read at once, so that what is no key is told at the start.
  const keys = new Map(Object.entries(registered).map(([issuer, pem]) => [issuer, createPublicKey(pem)]));
  return {
    /**
     * A signed token (RS256). What is not given: GitHub as the issuer, AWS as the audience, and five minutes from now on.
     */
    token(claims: Claims): string {
      const now = Math.floor(clock().getTime() / 1000);
      const body = encoded({
        iss: 'https://token.actions.githubusercontent.com',
        aud: 'sts.amazonaws.com',
        iat: now,
        nbf: now,
        exp: now + lifetime,
        ...claims,
      });
      const signed = `${encoded({ typ: 'JWT', alg: 'RS256', kid: keyId })}.${body}`;
      return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), ownKeys().privateKey).toString('base64url')}`;
    },

    /** Whether the issuer made the signature; null if it has no such key. */
    verifies(issuer: string, kid: unknown, signed: string, signature: string): boolean | null {
      const key = keys.get(issuer) ?? (kid === keyId ? ownKeys().publicKey : null);
      if (key === null) return null;
      return verify('RSA-SHA256', Buffer.from(signed), key, Buffer.from(signature, 'base64url'));
    },
  };
}
