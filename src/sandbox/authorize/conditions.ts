import { isIPv4, isIPv6 } from 'node:net';
import type { JsonObject, Json } from '../../core/json.ts';
import { fill, fits, fitsArn, multivalued, type Variables } from './match.ts';

/**
 * Condition blocks. Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "… multivalued
 * context keys".
 */
export interface RequestContext {
  /**
   * Values of a context key (in lower case). Null if the request does not have it; undefined if the sandbox does not
   * model that key, so that the condition cannot be decided.
   */
  get(key: string): readonly string[] | null | undefined;
  /** Null if `${…}` is plain text. */
  readonly variables: Variables | null;
}

type Compare = (expected: string, actual: string, context: RequestContext) => boolean;

const matching =
  (test: (pattern: string, actual: string) => boolean): Compare =>
  (expected, actual, { variables }) => {
    const pattern = fill(expected, variables);
    return pattern !== null && test(pattern, actual);
  };
const like = matching(fits);
const arn = matching(fitsArn);
const literal = (expected: string, { variables }: RequestContext): string | null => {
  if (!variables) return expected;
  // For operators without wildcards, `*` and `?` are plain characters.
  const guarded = expected
    .replace(/\*/g, '${*}')
    .replace(/\$\{\$\{\*\}\}/g, '${*}')
    .replace(/\?/g, '${?}');
  return fill(guarded.replace(/\$\{\$\{\?\}\}/g, '${?}'), variables);
};
const equal: Compare = (expected, actual, context) => literal(expected, context) === actual;
const equalFolded: Compare = (expected, actual, context) =>
  literal(expected, context)?.toLowerCase() === actual.toLowerCase();

const comparing =
  <T>(read: (text: string) => T | null) =>
  (test: (actual: T, expected: T) => boolean): Compare =>
  (expected, actual) => {
    const [a, b] = [read(actual), read(expected)];
    return a !== null && b !== null && test(a, b);
  };

/** Digits behind the point that count, for exponents as well. */
const precision = 400;

/**
 * A number, exactly: 9007199254740993 is more than 9007199254740992 (seen on AWS). Null for what is none, and for one with
 * an exponent that nobody writes.
 */
function decimal(text: string): bigint | null {
  const [, sign, whole = '', part = '', exponent = '0'] =
    /^([+-]?)(?=\.?\d)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,2}))?$/.exec(text) ?? [];
  if (sign === undefined) return null;
  const digits = part.length - Number(exponent);
  const value = BigInt(whole + part) * 10n ** BigInt(Math.max(0, precision - digits));
  return sign === '-' ? -value : value;
}
const numeric = comparing(decimal);

/** A date or time of ISO 8601, in UTC unless it says otherwise, or seconds since 1970. */
const date = comparing((text) => {
  const at = /^[+-]?\d+$/.test(text)
    ? Number(text) * 1000
    : /^\d{4}-/.test(text)
      ? Date.parse(/T[\d:.]+$/.test(text) ? `${text}Z` : text)
      : NaN;
  return Number.isNaN(at) ? null : at;
});

/** Whatever is not `true` is false (seen on AWS: `yes` and nothing are). */
const bool: Compare = (expected, actual) =>
  (expected.toLowerCase() === 'true') === (actual.toLowerCase() === 'true');
const binary: Compare = (expected, actual) =>
  Buffer.from(expected, 'base64').equals(Buffer.from(actual, 'base64'));

const address: Compare = (expected, actual) => {
  const [, base = '', bits] = /^([^/]*)(?:\/\+?(\d{1,3}))?$/.exec(expected) ?? [];
  const [a, b] = [ipOf(actual), ipOf(base)];
  if (a?.size !== b?.size || !a || !b) return false;
  const prefix = Number(bits ?? a.size);
  const rest = BigInt(a.size - prefix);
  return prefix <= a.size && a.value >> rest === b.value >> rest;
};

/** An address as a number of 32 or 128 bits. */
function ipOf(written: string): { readonly size: 32 | 128; readonly value: bigint } | null {
  const join = (parts: readonly number[], width: bigint): bigint =>
    parts.reduce((sum, part) => (sum << width) | BigInt(part), 0n);
  const v4 = (quad: string): number[] => quad.split('.').map(Number);
  // Leading zeros are taken (seen on AWS), and mean nothing.
  const text = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(written) ? v4(written).join('.') : written;
  if (isIPv4(text)) return { size: 32, value: join(v4(text), 8n) };
  if (!isIPv6(text) || text.includes('%')) return null;
  // The last 32 bits may be written as an IPv4 address.
  const groups = text.replace(/\d+\.\d+\.\d+\.\d+$/, (quad) => {
    const value = join(v4(quad), 8n);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [head = [], tail = []] = groups
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':').map((group) => parseInt(group, 16))));
  const gap = Array<number>(8 - head.length - tail.length).fill(0);
  return { size: 128, value: join([...head, ...gap, ...tail], 16n) };
}

interface Operator {
  readonly compare: Compare;
  /** `StringNotEquals` and the like: true unless some value compares equal. */
  readonly negated?: boolean;
}

const operators: Readonly<Record<string, Operator>> = {
  stringequals: { compare: equal },
  stringnotequals: { compare: equal, negated: true },
  stringequalsignorecase: { compare: equalFolded },
  stringnotequalsignorecase: { compare: equalFolded, negated: true },
  stringlike: { compare: like },
  stringnotlike: { compare: like, negated: true },
  numericequals: { compare: numeric((a, b) => a === b) },
  numericnotequals: { compare: numeric((a, b) => a === b), negated: true },
  numericlessthan: { compare: numeric((a, b) => a < b) },
  numericlessthanequals: { compare: numeric((a, b) => a <= b) },
  numericgreaterthan: { compare: numeric((a, b) => a > b) },
  numericgreaterthanequals: { compare: numeric((a, b) => a >= b) },
  dateequals: { compare: date((a, b) => a === b) },
  datenotequals: { compare: date((a, b) => a === b), negated: true },
  datelessthan: { compare: date((a, b) => a < b) },
  datelessthanequals: { compare: date((a, b) => a <= b) },
  dategreaterthan: { compare: date((a, b) => a > b) },
  dategreaterthanequals: { compare: date((a, b) => a >= b) },
  bool: { compare: bool },
  binaryequals: { compare: binary },
  ipaddress: { compare: address },
  notipaddress: { compare: address, negated: true },
  arnequals: { compare: arn },
  arnlike: { compare: arn },
  arnnotequals: { compare: arn, negated: true },
  arnnotlike: { compare: arn, negated: true },
};

/** Whether a condition holds. Null if that cannot be decided; the caller then assumes the worse. */
export function holds(condition: JsonObject, context: RequestContext): boolean | null {
  let unknown = false;
  for (const [operator, keys] of Object.entries(condition)) {
    for (const [key, value] of Object.entries(keys as JsonObject)) {
      const expected = (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(String);
      const result = holdsFor(operator, key.toLowerCase(), expected, context);
      // All lines must hold, so one that does not decides the result whatever is unknown about the others.
      if (result === false) return false;
      if (result === null) unknown = true;
    }
  }
  return unknown ? null : true;
}

const isTag = /^(?:aws|iam):\w+tag\//;

function holdsFor(
  spelled: string,
  key: string,
  expected: readonly string[],
  context: RequestContext,
): boolean | null {
  const actual = context.get(key);
  const [, quantifier, rest = ''] =
    /^(?:(forallvalues|foranyvalue):)?(.*)$/.exec(spelled.toLowerCase()) ?? [];
  const ifExists = rest.endsWith('ifexists');
  const name = ifExists ? rest.slice(0, -'ifexists'.length) : rest;
  if (actual === undefined) return null;
  if (name === 'null') {
    const absent = actual === null || actual.length === 0;
    return expected.some((item) => item.toLowerCase() === String(absent));
  }
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!operator) return null;
  const { compare, negated = false } = operator;
  // For sets, "an empty data set (for example, an empty string)" is like a key that is not there; the empty value of a tag
  // is a value (seen on AWS).
  const isEmpty = quantifier && !isTag.test(key) && actual?.every((value) => value === '');
  const values = actual === null || isEmpty ? [] : actual;
  if (values.length === 0) {
    if (quantifier === 'forallvalues') return true;
    // Of a key that is not there, the two say the opposite, and AWS does not say which of them counts.
    if (quantifier === 'foranyvalue') return ifExists ? null : false;
    return ifExists || negated;
  }
  // Without a quantifier, several values fit nothing: not even a negated operator (seen on AWS).
  if (quantifier === undefined && multivalued.has(key)) return false;
  const matches = (value: string): boolean =>
    expected.some((item) => compare(item, value, context)) !== negated;
  return quantifier === 'forallvalues' ? values.every(matches) : values.some(matches);
}
