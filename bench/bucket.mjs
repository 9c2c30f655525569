/**
 * Buckets of tokens, as IAM is thought to throttle: a call takes a token or is refused, and a refused one takes none.
 * Each bucket begins full. @param {{rate: number, burst: number}} limit tokens a second, and the most that it holds.
 */
export function makeBuckets({ rate, burst }) {
  /** @type {Map<string, {tokens: number, at: number}>} */
  const buckets = new Map();
  return {
    /** @param {string} name @param {number} now in ms @returns whether the call may pass. */
    take(name, now) {
      const { tokens, at } = buckets.get(name) ?? { tokens: burst, at: now };
      const filled = Math.min(burst, tokens + ((now - at) * rate) / 1000);
      const passes = filled >= 1;
      buckets.set(name, { tokens: passes ? filled - 1 : filled, at: now });
      return passes;
    },
  };
}

/**
 * Which calls go wrong. What strikes a call depends on the seed, on what it is about and on how often that was asked,
 * but not on the order of calls: so the same calls fail however many run at a time.
 * @param {{errors: number, lost: number, seed: number}} shares of all calls.
 */
export function makeFaults({ errors, lost, seed }) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  return {
    /** @param {string} call @returns {'error' | 'lost' | null} */
    of(call) {
      const times = seen.get(call) ?? 0;
      seen.set(call, times + 1);
      const drawn = draw(`${seed} ${call} ${times}`);
      if (drawn < errors) return 'error';
      return drawn < errors + lost ? 'lost' : null;
    },
  };
}

/** A number from 0 to 1 that a text determines: FNV-1a, mixed as murmur3 ends. */
function draw(text) {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.codePointAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
