import { createPublicKey, type KeyObject } from 'node:crypto';

/** `ssh-rsa AAAA…` (RFC 4253, 6.6) to a key object; null for other key types. */
export function sshToKey(line: string): KeyObject | null {
  const [type, encoded] = line.split(/\s+/);
  if (type !== 'ssh-rsa' || encoded === undefined) return null;
  const [name, exponent, modulus] = fields(Buffer.from(encoded, 'base64'));
  if (name?.toString() !== 'ssh-rsa' || !exponent || !modulus) return null;
  return createPublicKey({
    format: 'jwk',
    key: { kty: 'RSA', e: exponent.toString('base64url'), n: unsigned(modulus).toString('base64url') },
  });
}

export function keyToSsh(key: KeyObject): string {
  const { e, n } = key.export({ format: 'jwk' });
  const parts = [
    Buffer.from('ssh-rsa'),
    signed(Buffer.from(e ?? '', 'base64url')),
    signed(Buffer.from(n ?? '', 'base64url')),
  ];
  const framed = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `ssh-rsa ${Buffer.concat(framed).toString('base64')}`;
}

function fields(data: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    found.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return found;
}

/** Multi-precision integers carry a zero byte before a set top bit. */
const unsigned = (number: Buffer): Buffer => (number[0] === 0 ? number.subarray(1) : number);
const signed = (number: Buffer): Buffer =>
  (number[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), number]) : number;
