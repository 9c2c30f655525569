import { constants, createCipheriv, createHash, createPublicKey, hkdfSync, publicEncrypt } from 'node:crypto';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { base64nopad } from '@scure/base';
import { Stanza } from 'age-encryption';
import type { Recipient } from 'age-encryption';
import type { SshPublicKey } from '../../core/ssh-public-key.ts';

/**
 * age's two ssh recipient types, as its own agessh package writes them and the age command reads them.
 * Sources: c2sp.org/age (stanzas, X25519), filippo.io/age/agessh (labels, tags, the tweak).
 */
export const sshRecipient = (key: SshPublicKey): Recipient => ({
  wrapFileKey: (fileKey) => [key.type === 'ssh-rsa' ? wrapRsa(key, fileKey) : wrapEd25519(key, fileKey)],
});

type Key<Type extends SshPublicKey['type']> = Extract<SshPublicKey, { readonly type: Type }>;

const ed25519Label = 'age-encryption.org/v1/ssh-ed25519';
const rsaLabel = 'age-encryption.org/v1/ssh-rsa';

/**
 * As for X25519, with the key taken to its Montgomery form. The shared secret is multiplied once more by a tweak
 * that is bound to the ssh key, so that this use and any other of the same key have nothing in common.
 */
function wrapEd25519({ wire, point }: Key<'ssh-ed25519'>, fileKey: Uint8Array): Stanza {
  const theirs = ed25519.utils.toMontgomery(point);
  const { secretKey, publicKey: share } = x25519.keygen();
  const tweak = hkdf(new Uint8Array(), wire, ed25519Label);
  const shared = x25519.scalarMult(tweak, x25519.scalarMult(secretKey, theirs));
  const wrapKey = hkdf(shared, Buffer.concat([share, theirs]), ed25519Label);
  return new Stanza(['ssh-ed25519', tagOf(wire), base64nopad.encode(share)], seal(wrapKey, fileKey));
}

function wrapRsa({ wire, exponent, modulus }: Key<'ssh-rsa'>, fileKey: Uint8Array): Stanza {
  const key = createPublicKey({
    format: 'jwk',
    key: { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) },
  });
  const body = publicEncrypt(
    // Node takes the hash of MGF1 from oaepHash too, as age does.
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(rsaLabel) },
    fileKey,
  );
  return new Stanza(['ssh-rsa', tagOf(wire)], body);
}

/** The receiver finds the stanza by it: the first 4 bytes of the key's SHA-256. */
const tagOf = (wire: Uint8Array): string =>
  base64nopad.encode(createHash('sha256').update(wire).digest().subarray(0, 4));

const hkdf = (secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, salt, info, 32));

/** ChaCha20-Poly1305 with a nonce of zeros, as the format says: every wrap key is used only once. */
function seal(key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('chacha20-poly1305', key, new Uint8Array(12), { authTagLength: 16 });
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
