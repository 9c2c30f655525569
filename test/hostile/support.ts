import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll } from 'vitest';

/** `npm run fuzz -- --seconds N --seed N` sets these. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 24);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
/** Loops that share the time. */
const loops = 8;

/** Mulberry32: the same seed, the same input. */
export class Random {
  #state: number;

  constructor(from: number) {
    this.#state = from >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

const counts = new Map<string, number>();
export const count = (kind: string, number = 1): void =>
  void counts.set(kind, (counts.get(kind) ?? 0) + number);

afterAll(() => {
  const out = process.env['FUZZ_OUT'];
  if (out === undefined || counts.size === 0) return;
  mkdirSync(out, { recursive: true });
  writeFileSync(
    join(out, `${process.pid}-${counts.keys().next().value!.replace(/\W/g, '-')}.json`),
    JSON.stringify(Object.fromEntries(counts)),
  );
});

/**
 * Tries inputs until the time is over. What fails names the seed of its input, so that it can be tried alone.
 *
 * @param slowest CPU time that one input may take, in milliseconds.
 */
export async function fuzz(
  kind: string,
  attempt: (random: Random) => Promise<void> | void,
  slowest = 3000,
): Promise<number> {
  let tried = 0;
  const end = performance.now() + (seconds * 1000) / loops;
  for (let index = 0; performance.now() < end; index++) {
    const one = seed * 1_000_003 + index;
    const before = process.cpuUsage();
    try {
      await attempt(new Random(one));
    } catch (error) {
      throw new Error(`${kind}, input ${one}: ${(error as Error).message}`, { cause: error });
    }
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    if (took > slowest) throw new Error(`${kind}, input ${one} took ${Math.round(took)} ms`);
    count(kind);
    tried += 1;
  }
  return tried;
}

/** Text with some of it changed: bytes flipped, pieces cut, doubled, moved, or replaced by what often hurts. */
export function mutate(input: Buffer, random: Random, nasty: readonly string[]): Buffer {
  let data = input;
  for (let rounds = 1 + random.below(4); rounds > 0; rounds--) {
    const from = random.below(data.length + 1);
    const to = Math.min(data.length, from + random.below(40));
    const piece = data.subarray(from, to);
    const insert = random.pick([
      () => Buffer.from(random.pick(nasty)),
      () => random.bytes(1 + random.below(8)),
      () => Buffer.concat([piece, piece]),
      () => Buffer.alloc(0),
      () => Buffer.from(piece).reverse(),
      () => data.subarray(random.below(data.length + 1)).subarray(0, 200),
    ])();
    data = Buffer.concat([data.subarray(0, from), insert, data.subarray(to)]);
  }
  return random.below(10) === 0 ? data.subarray(0, random.below(data.length + 1)) : data;
}

export const nastyTexts: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '\u0000',
  '\u202e',
  '\ud800',
  '%00',
  '%ff',
  '../../etc/passwd',
  '${jndi:x}',
  '<script>',
  '9'.repeat(400),
  '-1',
  '1e999',
  'NaN',
  'null',
  '[]',
  '{}',
  '""',
  'a'.repeat(5000),
  '*'.repeat(60),
];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in use once everything unused is gone. */
export function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** What must never change, whatever comes in. */
export function prototypesAreClean(): boolean {
  return (
    Object.keys(Object.prototype).length === 0 &&
    !('polluted' in {}) &&
    Object.keys(Array.prototype).length === 0
  );
}
