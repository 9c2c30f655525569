import type { Shape } from './row.ts';

/** RFC 3986: everything but unreserved characters is escaped, as IAM writes policy documents. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Path of the first field that is not as expected; null if all are. */
export function mismatch(expected: unknown, actual: unknown, path = ''): string | null {
  const here = path === '' ? 'the answer' : path;
  if (typeof expected === 'string') return matchesText(expected, actual) ? null : here;
  if (typeof expected !== 'object' || expected === null) return Object.is(expected, actual) ? null : here;
  if (typeof actual !== 'object' || actual === null) return here;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return here;
  for (const [field, value] of Object.entries(expected as Shape)) {
    const inner = (actual as Record<string, unknown>)[field];
    const found = mismatch(value, inner, path === '' ? field : `${path}.${field}`);
    if (found !== null) return found;
  }
  return null;
}

export function matchesText(expected: string, actual: unknown): boolean {
  if (expected === '~any') return actual !== undefined && actual !== null;
  if (expected === '~absent') return actual === undefined || actual === null;
  if (expected.startsWith('~bytes:/')) {
    return actual instanceof Uint8Array && patternOf(expected, 8).test(Buffer.from(actual).toString());
  }
  if (expected.startsWith('~document:')) return actual === encode(expected.slice('~document:'.length));
  if (expected.startsWith('~/')) return typeof actual === 'string' && patternOf(expected, 2).test(actual);
  return actual === expected;
}

const patternOf = (test: string, from: number): RegExp => new RegExp(test.slice(from, -1), 's');
