import { createHash, randomBytes } from 'node:crypto';

/**
 * Ids and secrets. Prefixes and lengths: IAM User Guide, "Understanding unique ID prefixes".
 * With a seed every run mints the same ones, in the same order.
 */
export interface Minter {
  /** `AIDA…` and the like; 21 characters unless said otherwise. */
  id(prefix: string, length?: number): string;
  /** Characters drawn evenly from an alphabet. */
  text(length: number, alphabet?: string): string;
  /** How many were made so far, so that a reloaded sandbox continues from there. */
  count: number;
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function createMinter(seed: number | undefined): Minter {
  const bytes = (length: number): Buffer => {
    minter.count += 1;
    if (seed === undefined) return randomBytes(length);
    const blocks: Buffer[] = [];
    for (let block = 0; block * 32 < length; block++) {
      blocks.push(createHash('sha256').update(`${seed} ${minter.count} ${block}`).digest());
    }
    return Buffer.concat(blocks).subarray(0, length);
  };
  const minter: Minter = {
    count: 0,
    id: (prefix, length = 21) => prefix + minter.text(length - prefix.length, base32),
    text(length, alphabet = base64) {
      let text = '';
      // 256 is a multiple of 32 and 64, so no character is likelier than another.
      for (const byte of bytes(length)) text += alphabet[byte % alphabet.length];
      return text;
    },
  };
  return minter;
}

/** A small fast generator (mulberry32) for request ids and fault probabilities: repeatable, not secret. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** A UUID of version 4, as IAM's request ids are. */
export function requestId(random: () => number): string {
  const part = (bits: number): number => Math.floor(random() * 2 ** bits);
  return [
    hex(part(32), 8),
    hex(part(16), 4),
    `4${hex(part(12), 3)}`,
    hex(0x8000 | part(14), 4),
    hex(part(32), 8) + hex(part(16), 4),
  ].join('-');
}
