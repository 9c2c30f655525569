/**
 * Whether a condition holds of a request of which some is known.
 *
 * Sources: IAM User Guide, "IAM JSON policy elements: Condition operators", "Single-valued vs. multivalued context keys"
 * and "IAM policy elements: Variables and tags" (variables without a value).
 */
import { network, networkIncludes, instant, number, readOperator } from './conditions.ts';
import { fill, literal, readable, type ValuesOf } from './fill.ts';
import { globIncludes } from './glob.ts';

/** Null: it cannot be said. */
type Truth = boolean | null;

/** Whether the text of a policy and the value of a request compare as an operator says. */
type Test = (expected: string, actual: string) => Truth;

const ordering =
  (read: (text: string) => number | null) =>
  (test: (actual: number, expected: number) => boolean): Test =>
  (expected, actual) => {
    const [a, b] = [read(actual), read(expected)];
    return a === null || b === null ? null : test(a, b);
  };
const orders = (type: string, read: (text: string) => number | null): { readonly [base: string]: Test } => {
  const by = ordering(read);
  return {
    [`${type}equals`]: by((a, b) => a === b),
    [`${type}lessthan`]: by((a, b) => a < b),
    [`${type}lessthanequals`]: by((a, b) => a <= b),
    [`${type}greaterthan`]: by((a, b) => a > b),
    [`${type}greaterthanequals`]: by((a, b) => a >= b),
  };
};

const isArn: Test = (expected, actual) => {
  const parts = (arn: string): string[] => {
    const all = arn.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const [pattern, arn] = [parts(expected), parts(literal(actual))];
  if (![expected, actual].every((text) => text.split(':').length >= 6)) return null;
  return pattern.every((part, at) => globIncludes(part, arn[at]!));
};

/** A single address as a range. */
const host = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

/** By operator in lower case; wildcards that are meant as such are told from others, as `fill` does. */
const tests: { readonly [base: string]: Test } = {
  stringequals: (expected, actual) => readable(expected) === actual,
  stringequalsignorecase: (expected, actual) => readable(expected).toLowerCase() === actual.toLowerCase(),
  stringlike: (expected, actual) => globIncludes(expected, literal(actual)),
  arnequals: isArn,
  arnlike: isArn,
  ...orders('numeric', number),
  ...orders('date', instant),
  bool: (expected, actual) => {
    const [a, b] = [expected.toLowerCase(), actual.toLowerCase()];
    return [a, b].every((text) => text === 'true' || text === 'false') ? a === b : null;
  },
  binaryequals: (expected, actual) => {
    const bytes = (text: string): string => Buffer.from(text, 'base64').toString('base64');
    const isPlain = [expected, actual].every((text) => bytes(text) === text);
    return expected === actual || (isPlain ? false : null);
  },
  ipaddress: (expected, actual) =>
    network(expected) && network(host(actual)) ? networkIncludes(expected, host(actual)) : null,
};

/** Both `false` and what is not known decide only if nothing is true. */
function some(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(null) ? null : false;
}
const not = (truth: Truth): Truth => (truth === null ? null : !truth);

/**
 * Keys with several values, which no operator without a quantifier fits, not even a negated one.
 * Source: IAM User Guide, "Single-valued vs. multivalued context keys"; seen on AWS of aws:TagKeys (stackd's recordings).
 */
const multivalued = new Set(
  `
  aws:calledvia aws:principalorgpaths aws:principalservicenameslist aws:resourceorgpaths aws:sourceorgpaths
  aws:tagkeys
  `.match(/\S+/g),
);

/** An empty value of a tag is a value (seen on AWS). */
const isTag = (key: string): boolean => /^(?:aws|iam):\w+tag\//.test(key);

/** A condition holds, if AWS does not drop its statement because a variable in it has no value. */
const unlessVoid = (isVoid: boolean): Truth => (isVoid ? null : true);

/**
 * @param values as the policy has them.
 * @param hasVariables whether `${…}` is a variable in them.
 */
export function holds(
  operator: string,
  key: string,
  values: readonly string[],
  hasVariables: boolean,
  valuesOf: ValuesOf,
): Truth {
  const { quantifier, base, negated, ifExists } = readOperator(operator);
  const name = key.toLowerCase();
  const actual = valuesOf(name);
  if (actual === undefined) return null;
  if (base === 'null') {
    const isAbsent = String(actual.length === 0);
    return quantifier === '' && !ifExists ? values.some((value) => value.toLowerCase() === isAbsent) : null;
  }
  const test = Object.hasOwn(tests, base) ? tests[base]! : null;
  if (!test) return null;
  // Of a set, "an empty data set (for example, an empty string)" is like a key that is not there.
  const isAbsent =
    quantifier !== '' && !isTag(name) ? actual.every((value) => value === '') : actual.length === 0;
  const expected = values.map((value) => fill(value, hasVariables ? valuesOf : null));
  const isVoid = expected.some(({ absent }) => absent.length > 0);
  if (isAbsent) {
    // Of a key that is not there, these two say the opposite, and AWS does not say which of them counts.
    if (quantifier === 'foranyvalue:') return ifExists ? null : false;
    return quantifier === 'forallvalues:' || ifExists || negated ? unlessVoid(isVoid) : false;
  }
  if (quantifier === '' && multivalued.has(name)) return false;
  const matches = (value: string): Truth => {
    const found = some(
      expected.map(({ text, open, absent }) =>
        absent.length > 0 ? false : open.length > 0 ? null : test(text, value),
      ),
    );
    // "Inverted operators do match" a variable without a value; of others, the statement "does not take effect".
    return negated ? not(found) : found === true ? unlessVoid(isVoid) : found;
  };
  const truths = actual.map(matches);
  if (quantifier === 'foranyvalue:') return some(truths);
  if (quantifier === 'forallvalues:') return not(some(truths.map(not)));
  // Several values without a word about how many: only if they agree.
  return truths.every((truth) => truth === truths[0]) ? truths[0]! : null;
}
