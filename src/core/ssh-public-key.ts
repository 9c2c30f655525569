import { plural } from './text.ts';

/**
 * The binary form of an ssh public key: length-prefixed strings, the first of which names the type.
 * Sources: RFC 4253 §6.6 (ssh-rsa), RFC 8709 §4 (ssh-ed25519), RFC 4251 §5 (string, mpint).
 */
export type SshPublicKey =
  | { readonly type: 'ssh-ed25519'; readonly wire: Uint8Array; readonly point: Uint8Array }
  | {
      readonly type: 'ssh-rsa';
      readonly wire: Uint8Array;
      /** Big endian, without leading zeros. */
      readonly exponent: Uint8Array;
      readonly modulus: Uint8Array;
    };

const fewestRsaBits = 2048;
/** OpenSSH's own upper bound (SSHBUF_MAX_BIGNUM). */
const mostRsaBits = 16_384;

/** The key in `wire`, or what is wrong with it in words that follow "the key". */
export function readSshPublicKey(type: SshPublicKey['type'], wire: Uint8Array): SshPublicKey | string {
  const parts = readStrings(wire);
  if (parts === null) return 'is cut short';
  const inner = new TextDecoder().decode(parts[0] ?? new Uint8Array());
  if (inner !== type) {
    const shown = /^[\w@.-]{1,60}$/.test(inner) ? `is '${inner}' inside` : 'has another type inside';
    return `${shown}, although its line begins with ${type}`;
  }
  return type === 'ssh-ed25519' ? readEd25519(wire, parts.slice(1)) : readRsa(wire, parts.slice(1));
}

function readEd25519(wire: Uint8Array, parts: readonly Uint8Array[]): SshPublicKey | string {
  const [point] = parts;
  if (parts.length !== 1 || point === undefined) return 'does not have the one part of an ssh-ed25519 key';
  if (point.length !== 32) return `holds ${plural(point.length, 'byte')} where ssh-ed25519 has 32`;
  return { type: 'ssh-ed25519', wire, point };
}

function readRsa(wire: Uint8Array, parts: readonly Uint8Array[]): SshPublicKey | string {
  const [first, second] = parts;
  if (parts.length !== 2 || !first || !second) return 'does not have the two parts of an ssh-rsa key';
  const [exponent, modulus] = [readPositive(first), readPositive(second)];
  if (!exponent || !modulus) return 'holds a number that is not written as RFC 4251 says';
  const bits = modulus.length * 8 - Math.clz32(modulus[0]!) + 24;
  if (bits < fewestRsaBits) return `has ${bits} bits: fewer than ${fewestRsaBits} are not safe`;
  if (bits > mostRsaBits) return `has ${bits} bits: more than the ${mostRsaBits} that ssh itself takes`;
  // age's own ssh library refuses others: the receiver could not decrypt.
  const odd = (exponent.at(-1)! & 1) === 1;
  if (!odd || exponent.length > 3 || (exponent.length === 1 && exponent[0]! < 3)) {
    return 'has a public exponent that age does not take';
  }
  return { type: 'ssh-rsa', wire, exponent, modulus };
}

/** The strings that fill `wire` exactly, or null. */
function readStrings(wire: Uint8Array): Uint8Array[] | null {
  const view = new DataView(wire.buffer, wire.byteOffset, wire.byteLength);
  const parts: Uint8Array[] = [];
  let at = 0;
  while (at < wire.length) {
    if (at + 4 > wire.length) return null;
    const end = at + 4 + view.getUint32(at);
    if (end > wire.length) return null;
    parts.push(wire.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

/** A positive mpint in its one canonical form: other forms would give the key another fingerprint. */
function readPositive(bytes: Uint8Array): Uint8Array | null {
  const [first, second] = bytes;
  if (first === undefined || first >= 0x80) return null;
  if (first !== 0) return bytes;
  return second !== undefined && second >= 0x80 ? bytes.subarray(1) : null;
}
