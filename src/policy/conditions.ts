/**
 * Whether a condition holds whenever another does. Every "yes" is a proof.
 *
 * Sources: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multi-valued context
 * keys": values of one key are alternatives (of negated operators: none may match); `…IfExists` also holds without
 * the key; negated operators do, too; what is said of each value of a key (`ForAllValues`, `ForAnyValue`) follows from
 * what is said of one.
 */
import { globIncludes, mayOverlap, readGlob } from './glob.ts';

/** One operator on one key. All conditions of a statement must hold. */
export interface Condition {
  readonly operator: string;
  readonly key: string;
  /** Null if it is not a set of plain texts; it is then equal only to itself. */
  readonly values: ReadonlySet<string> | null;
  /** Equal for equal conditions. */
  readonly text: string;
}

interface Operator {
  /** `forallvalues:`, `foranyvalue:` or nothing. */
  readonly quantifier: string;
  /** In lower case, without `not`, `ifexists` and the quantifier. */
  readonly base: string;
  readonly negated: boolean;
  readonly ifExists: boolean;
}

const form = /^(forallvalues:|foranyvalue:)?(.+?)(ifexists)?$/;

export function readOperator(text: string): Operator {
  const [, quantifier = '', name = '', ifExists] = form.exec(text.toLowerCase()) ?? [];
  const base = name.replace(/^not|not(?=equals|like)/, '');
  return { quantifier, base, negated: base !== name, ifExists: ifExists !== undefined };
}

/** Each condition of `wide` holds whenever all of `narrow` do. */
export const conditionsInclude = (wide: Iterable<Condition>, narrow: readonly Condition[]): boolean =>
  [...wide].every((condition) => narrow.some((other) => conditionIncludes(condition, other)));

/** Whether `wide` holds whenever `narrow` does. */
function conditionIncludes(wide: Condition, narrow: Condition): boolean {
  if (wide.text === narrow.text) return true;
  if (!wide.values || !narrow.values || wide.key.toLowerCase() !== narrow.key.toLowerCase()) return false;
  const [outer, inner] = [readOperator(wide.operator), readOperator(narrow.operator)];
  if (outer.base === 'null') return existence(wide.values, narrow.values, inner);
  if (outer.quantifier !== inner.quantifier || outer.negated !== inner.negated) return false;
  const holdsWithout = outer.negated && outer.quantifier !== 'foranyvalue:';
  if (inner.ifExists && !outer.ifExists && !holdsWithout) return false;
  // What `narrow` lets through lies within what `wide` does; of negated operators, what `wide` keeps out.
  const [large, small] = outer.negated ? [narrow, wide] : [wide, narrow];
  const [to, from] = outer.negated ? [inner.base, outer.base] : [outer.base, inner.base];
  return [...small.values!].every((value) =>
    [...large.values!].some((other) => valueIncludes(to, other, from, value)),
  );
}

/** `Null: false` says that the key is there. So does whatever must match a value of it. */
function existence(wide: ReadonlySet<string>, narrow: ReadonlySet<string>, inner: Operator): boolean {
  const [only] = wide;
  if (wide.size !== 1 || inner.quantifier === 'forallvalues:') return false;
  if (inner.base === 'null') return narrow.size === 1 && narrow.has(only!);
  return only!.toLowerCase() === 'false' && !inner.negated && !inner.ifExists;
}

const order = /^(numeric|date)(equals|lessthan|lessthanequals|greaterthan|greaterthanequals)$/;

/** Whether what matches `narrow` under the operator `from` matches `wide` under `to`. */
function valueIncludes(to: string, wide: string, from: string, narrow: string): boolean {
  if (to === from && wide === narrow) return true;
  const [bounds, others] = [order.exec(to), order.exec(from)];
  if (bounds && others) return bounds[1] === others[1] && intervalIncludes(bounds, wide, others, narrow);
  switch (`${from} ${to}`) {
    case 'stringequals stringlike':
    case 'stringlike stringlike':
      return globIncludes(wide, narrow);
    case 'stringlike stringequals':
      return wide === narrow && !/[*?]/.test(narrow);
    case 'stringequals stringequalsignorecase':
    case 'stringequalsignorecase stringequalsignorecase':
    case 'bool bool':
      return wide.toLowerCase() === narrow.toLowerCase();
    case 'arnequals arnlike':
    case 'arnlike arnequals':
    case 'arnequals arnequals':
    case 'arnlike arnlike':
      return arnIncludes(wide, narrow);
    case 'ipaddress ipaddress':
      return networkIncludes(wide, narrow);
    default:
      return false;
  }
}

/** Each of the six parts of an ARN is matched by itself. */
function arnIncludes(wide: string, narrow: string): boolean {
  const parts = (arn: string): string[] => {
    const all = arn.split(':');
    return all.length < 6 ? [] : [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const [outer, inner] = [parts(wide), parts(narrow)];
  return outer.length > 0 && inner.length > 0 && outer.every((part, at) => globIncludes(part, inner[at]!));
}

/**
 * Whether some request for which `given` hold is one for which something of each list does not. Every "yes" is a proof,
 * but that it takes the conditions of `given` for such that can hold together.
 */
export function conditionsMayFail(
  lists: readonly (readonly Condition[])[],
  given: readonly Condition[],
): boolean {
  const keyOf = ({ key }: Condition): string => key.toLowerCase();
  const keys = lists.flatMap((list) => [...new Set(list.map(keyOf))]);
  // What one value keeps from one list may be what another takes.
  if (new Set(keys).size < keys.length) return false;
  return lists.every((list) =>
    list.some((condition) => {
      const [other, ...more] = given.filter((one) => keyOf(one) === keyOf(condition));
      return more.length > 0 ? false : other ? mayFailBeside(condition, other) : mayFail(condition);
    }),
  );
}

/** Of a key of which nothing else is asked. */
function mayFail({ operator, values }: Condition): boolean {
  const { quantifier, base, negated, ifExists } = readOperator(operator);
  if (base === 'null') return values?.size === 1;
  // A key that is not there; one that has the very value that must not be; one that has another value.
  if (quantifier === '') return negated || !ifExists || (values !== null && !values.has('*'));
  return quantifier === 'foranyvalue:' && !negated;
}

/** Of a key of which something else is asked that holds: some value of it that the condition does not take. */
function mayFailBeside(condition: Condition, other: Condition): boolean {
  const [outer, inner] = [readOperator(condition.operator), readOperator(other.operator)];
  if (!condition.values || !other.values || outer.negated || inner.negated) return false;
  if (outer.quantifier !== '' || inner.quantifier !== '') return false;
  const wanted = [...condition.values];
  const takes = (value: string): boolean =>
    wanted.some((one) => valueIncludes(outer.base, one, inner.base, value));
  const family = /^(?:string|bool)/.exec(inner.base)?.[0];
  return [...other.values].some((value) => {
    if (takes(value)) return false;
    // One value, which is not taken.
    if (family) return outer.base.startsWith(family) && inner.base !== 'stringlike' && !/[*?]/.test(value);
    // Of what one range leaves of another there is something; of what several leave, perhaps nothing.
    if (order.test(inner.base)) return wanted.length === 1 && readsAlike(outer, wanted, inner, value);
    const inside = wanted.filter((one) => networkIncludes(value, one));
    const isNetwork = [value, ...wanted].every((one) => network(one) !== null);
    return inner.base === 'ipaddress' && outer.base === 'ipaddress' && isNetwork && inside.length <= 1;
  });
}

/** Whether both are bounds of one type that can be read. */
function readsAlike(outer: Operator, wanted: readonly string[], inner: Operator, value: string): boolean {
  const [to, from] = [order.exec(outer.base), order.exec(inner.base)];
  if (!to || !from || to[1] !== from[1]) return false;
  return interval(from, value) !== null && wanted.every((one) => interval(to, one) !== null);
}

interface Interval {
  readonly least: number;
  readonly most: number;
  /** Whether the ends belong to it. */
  readonly closed: boolean;
}

function interval([, type, how]: RegExpExecArray, text: string): Interval | null {
  const value = type === 'date' ? instant(text) : number(text);
  if (value === null) return null;
  const closed = how!.endsWith('equals');
  if (how === 'equals') return { least: value, most: value, closed };
  return how!.startsWith('less')
    ? { least: -Infinity, most: value, closed }
    : { least: value, most: Infinity, closed };
}

export const number = (text: string): number | null =>
  /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null;

/**
 * Seconds since 1970, or ISO 8601, in UTC where it names no time zone. Four digits may be either, since ISO 8601 has years
 * alone.
 */
export function instant(text: string): number | null {
  if (/^(\d{1,3}|\d{5,12})$/.test(text)) return Number(text) * 1000;
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : NaN;
  return Number.isNaN(time) ? null : time;
}

function intervalIncludes(to: RegExpExecArray, wide: string, from: RegExpExecArray, narrow: string): boolean {
  const [outer, inner] = [interval(to, wide), interval(from, narrow)];
  if (!outer || !inner) return false;
  const ends = outer.closed || !inner.closed;
  const below =
    outer.least < inner.least || (outer.least === inner.least && (ends || outer.least === -Infinity));
  const above = outer.most > inner.most || (outer.most === inner.most && (ends || outer.most === Infinity));
  return below && above;
}

interface Network {
  readonly bits: 32 | 128;
  readonly address: bigint;
  readonly prefix: number;
}

export function networkIncludes(wide: string, narrow: string): boolean {
  const [outer, inner] = [network(wide), network(narrow)];
  if (!outer || !inner || outer.bits !== inner.bits || outer.prefix > inner.prefix) return false;
  const rest = BigInt(outer.bits - outer.prefix);
  return outer.address >> rest === inner.address >> rest;
}

/**
 * An address or a range such as `203.0.113.0/24`; null if it is neither. AWS says that without a length it takes `/32`,
 * which leaves open what an address of IPv6 alone means.
 */
export function network(text: string): Network | null {
  const [, host = '', length] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bits = host.includes(':') ? 128 : 32;
  const address = bits === 32 ? ipv4(host) : ipv6(host);
  const prefix = length === undefined ? bits : Number(length);
  const isOpen = length === undefined && bits === 128;
  return address === null || isOpen || prefix > bits ? null : { bits, address, prefix };
}

function ipv4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function ipv6(text: string): bigint | null {
  const [head = '', tail, ...more] = text.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [first, last] = [words(head), words(tail ?? '')];
  const missing = 8 - first.length - last.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return null;
  const all = [...first, ...Array.from({ length: tail === undefined ? 0 : missing }, () => '0'), ...last];
  if (!all.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return null;
  return all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n);
}

/**
 * Keys that AWS calls single-valued. Source: IAM User Guide, "AWS global condition context keys". No service has a
 * list of numbers, dates or addresses (Service Authorization Reference).
 */
const singleValued = new RegExp(
  `^aws:((principal|request|resource)tag/.*|${[
    'currenttime|epochtime|tokenissuetime|multifactorauth(age|present)|securetransport|viaawsservice',
    'principal(account|arn|isawsservice|orgid|servicename|type)|userid|username|useragent|referer',
    'source(account|arn|identity|orgid|vpc|vpce|ip)|vpcsourceip|requestedregion|resource(account|orgid)',
  ].join('|')})$`,
);
const oneValue = /^(numeric|date|ipaddress)/;

/** Whether the conditions can never hold together, whatever the request. Every "yes" is a proof. */
export const areImpossible = (conditions: readonly Condition[]): boolean =>
  conditions.some((a, at) =>
    conditions.slice(at + 1).some((b) => conditionsExclude(a, b) && hasOneValue(a) && hasOneValue(b)),
  );

/** The same for requests that have one value at most of each key. */
export const seemImpossible = (conditions: readonly Condition[]): boolean =>
  conditions.some((a, at) => conditions.slice(at + 1).some((b) => conditionsExclude(a, b)));

const hasOneValue = ({ key, operator }: Condition): boolean => {
  const { base } = readOperator(operator);
  return base === 'null' || oneValue.test(base) || singleValued.test(key.toLowerCase());
};

/** Whether two can never hold together, if the request has one value at most of their key. */
function conditionsExclude(a: Condition, b: Condition): boolean {
  if (!a.values || !b.values || a.key.toLowerCase() !== b.key.toLowerCase()) return false;
  const [one, other] = [readOperator(a.operator), readOperator(b.operator)];
  if (one.base === 'null') return isAbsent(a.values) && existence(present, b.values, other);
  if (other.base === 'null') return isAbsent(b.values) && existence(present, a.values, one);
  // Without the key both hold, and of several values each may hold of another one.
  if (one.quantifier !== '' || other.quantifier !== '' || (mayLack(one) && mayLack(other))) return false;
  if (one.negated && other.negated) return false;
  if (one.negated) return conditionsExclude(b, a);
  return [...a.values].every((value) =>
    other.negated
      ? [...b.values!].some((out) => valueIncludes(other.base, out, one.base, value))
      : [...b.values!].every((also) => valuesApart(one.base, value, other.base, also)),
  );
}

const present: ReadonlySet<string> = new Set(['false']);
const isAbsent = (values: ReadonlySet<string>): boolean => [...values].join().toLowerCase() === 'true';
const mayLack = ({ negated, ifExists }: Operator): boolean => negated || ifExists;

/** Whether no value matches both. */
function valuesApart(base: string, value: string, otherBase: string, other: string): boolean {
  const [bounds, others] = [order.exec(base), order.exec(otherBase)];
  if (bounds && others) return bounds[1] === others[1] && intervalsApart(bounds, value, others, other);
  if (base === 'bool' && otherBase === 'bool') return bools.has(`${value} ${other}`.toLowerCase());
  if (base === 'ipaddress' && otherBase === 'ipaddress')
    return (
      network(value) !== null &&
      network(other) !== null &&
      !networkIncludes(value, other) &&
      !networkIncludes(other, value)
    );
  if (!isText.test(base) || !isText.test(otherBase)) return false;
  const ignoresCase = `${base} ${otherBase}`.includes('ignorecase');
  const read = (text: string) => readGlob(ignoresCase ? text.toLowerCase() : text);
  return !mayOverlap(read(value), read(other));
}

const bools = new Set(['true false', 'false true']);
const isText = /^(string|arn)/;

function intervalsApart(to: RegExpExecArray, one: string, from: RegExpExecArray, other: string): boolean {
  const [a, b] = [interval(to, one), interval(from, other)];
  if (!a || !b) return false;
  const touch = a.closed && b.closed;
  const below = (low: Interval, high: Interval): boolean =>
    low.most < high.least || (low.most === high.least && !touch);
  return below(a, b) || below(b, a);
}
