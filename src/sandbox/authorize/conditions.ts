import type { JsonObject, Json } from '../../core/json.ts';
import { fill, fits, fitsArn, type Variables } from './match.ts';

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
  (read: (text: string) => number) =>
  (test: (actual: number, expected: number) => boolean): Compare =>
  (expected, actual) => {
    const [a, b] = [read(actual), read(expected)];
    return !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };
const numeric = comparing(Number);
/** ISO 8601 or seconds since 1970. */
const date = comparing((text) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text)));

const bool: Compare = (expected, actual) => expected.toLowerCase() === actual.toLowerCase();

const address: Compare = (expected, actual) => {
  const [base = '', bits = '32'] = expected.split('/');
  const [a, b] = [ipv4(actual), ipv4(base)];
  if (a === null || b === null) return false;
  const shift = 32 - Number(bits);
  return shift >= 32 || a >>> shift === b >>> shift;
};

function ipv4(text: string): number | null {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0) >>> 0;
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
      const result = holdsFor(operator, context.get(key.toLowerCase()), expected, context);
      // All lines must hold, so one that does not decides the result whatever is unknown about the others.
      if (result === false) return false;
      if (result === null) unknown = true;
    }
  }
  return unknown ? null : true;
}

function holdsFor(
  spelled: string,
  actual: readonly string[] | null | undefined,
  expected: readonly string[],
  context: RequestContext,
): boolean | null {
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
  const values = actual ?? [];
  if (values.length === 0) {
    if (ifExists || quantifier === 'forallvalues') return true;
    return quantifier === 'foranyvalue' ? false : negated;
  }
  const matches = (value: string): boolean =>
    expected.some((item) => compare(item, value, context)) !== negated;
  return quantifier === 'forallvalues' ? values.every(matches) : values.some(matches);
}
