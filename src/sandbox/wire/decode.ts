import type { NormalizedSchema } from '@smithy/core/schema';
import { byText } from '../../core/json.ts';
import { constraintOf, type Constraint } from './constraints.ts';
import { IamError, validationError } from './errors.ts';
import type { Node } from './query.ts';
import type { Service } from './services.ts';

/** Turns the tree of parameters into the operation's input, checked against the service model. */
export type Decoder = (root: Node) => Record<string, unknown>;

type Read = (node: Node, path: string, problems: string[]) => unknown;

/** The operation that is decoded, and whether its service repeats wrong values in its errors: STS does, IAM does not. */
interface Of {
  readonly op: string;
  readonly repeats: boolean;
}

/** One decoder per operation, built once from its schema. Throws ValidationError like the service. */
export function compileDecoder(op: string, input: NormalizedSchema, service: Service): Decoder {
  if (!input.isStructSchema()) return () => ({});
  const read = struct({ op, repeats: service.name === 'sts' }, input);
  return (root) => {
    const problems: string[] = [];
    const value = read(root, '', problems) as Record<string, unknown>;
    if (problems.length > 0) {
      const [first] = problems;
      // For the most common mistakes IAM has messages of its own, without "validation error detected".
      if (problems.length === 1 && first!.startsWith('The specified value')) throw validationError(first!);
      const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
      throw validationError(`${count} detected: ${problems.join('; ')}`);
    }
    return value;
  };
}

function compile(of: Of, name: string, schema: NormalizedSchema): Read {
  const isSecret = Boolean(schema.getMergedTraits().sensitive);
  const check = checker(constraintOf(of.op, name), of.repeats && !isSecret);
  if (schema.isStructSchema()) return struct(of, schema);
  if (schema.isListSchema()) return list(of, name, schema);
  if (schema.isBooleanSchema()) return scalar(check, toBoolean);
  if (schema.isNumericSchema()) return scalar(check, toNumber);
  if (schema.isTimestampSchema()) return scalar(check, (text) => new Date(text));
  return scalar(check, (text) => text);
}

const scalar =
  (
    check: (value: unknown, path: string, problems: string[]) => void,
    convert: (text: string) => unknown,
  ): Read =>
  (node, path, problems) => {
    if (node.value === undefined) return undefined;
    const value = convert(node.value);
    check(value, path, problems);
    return value;
  };

function list(of: Of, name: string, schema: NormalizedSchema): Read {
  const read = compile(of, `${name}[]`, schema.getValueSchema());
  const ofMembers = constraintOf(of.op, `${name}[]`);
  const check = checker(constraintOf(of.op, name), of.repeats);
  return (node, path, problems) => {
    const members = node.children?.get('member')?.children;
    // Clients send an empty list as `Tags=`.
    if (!members) return node.value === undefined ? undefined : [];
    const inMembers: string[] = [];
    const indexed = inOrder(members);
    const items = indexed.map(([index, child]) =>
      read(child, `${path}.${index}.member`, ofMembers ? inMembers : problems),
    );
    // Of a list of texts with a bad one, or none where one should be, IAM names the list and all that its members must
    // satisfy (seen on AWS).
    const hasGaps = (indexed.at(-1)?.[0] ?? 0) > indexed.length;
    if (ofMembers && (inMembers.length > 0 || hasGaps)) {
      problems.push(failure(path, `satisfy constraint: [${rulesOf(ofMembers).join(', ')}]`));
    }
    check(items, path, problems);
    return items;
  };
}

/**
 * The members of a list, which counts from one and may leave out few.
 * @throws MalformedInput, in the words in which AWS was seen to answer.
 */
function inOrder(members: ReadonlyMap<string, Node>): readonly (readonly [index: number, child: Node])[] {
  const malformed = (text: string): IamError => new IamError('MalformedInput', text);
  for (const key of members.keys()) {
    if (key.startsWith('-')) throw malformed(`Key ${key} may not have a leading '-'`);
    if (!/^\d{1,9}$/.test(key)) throw malformed('Start of list found where not expected');
    if (Number(key) === 0) throw malformed(`${key} is not a valid index`);
  }
  const indexed = [...members].map(([key, child]) => [Number(key), child] as const).sort(([a], [b]) => a - b);
  let before = 1;
  for (const [index] of indexed) {
    if (index - before > 10)
      throw malformed(`Excessively sparse input would skip ${index - before} list elements`);
    before = index;
  }
  return indexed;
}

function struct(of: Of, schema: NormalizedSchema): Read {
  const required = requiredMembers(schema);
  const inSchema = [...schema.structIterator()].map(([name, member]) => {
    const wire = member.getMergedTraits().xmlName;
    return {
      name,
      wire: typeof wire === 'string' ? wire : name,
      label: name.charAt(0).toLowerCase() + name.slice(1),
      read: compile(of, name, member),
      required: required.has(name),
    };
  });
  // Of several mistakes IAM names the first by its alphabet first (recorded from AWS).
  const members = [...inSchema].sort((a, b) => byText(a.label, b.label));
  const unset = Object.fromEntries(inSchema.map(({ name }) => [name, undefined]));
  return (node, path, problems) => {
    // In the order of the model, as the journal shows it.
    const value: Record<string, unknown> = { ...unset };
    for (const { name, wire, label, read, required } of members) {
      const child = node.children?.get(wire);
      const at = path === '' ? label : `${path}.${label}`;
      const field = child ? read(child, at, problems) : undefined;
      if (field !== undefined) value[name] = field;
      else if (required) {
        problems.push(failure(at, 'not be null', of.repeats ? 'null' : undefined));
      }
      if (field === undefined) delete value[name];
    }
    return value;
  };
}

/** Struct schemas list their required members first and end with the number of these. */
function requiredMembers(schema: NormalizedSchema): Set<string> {
  const raw: unknown = schema.getSchema();
  if (!Array.isArray(raw) || typeof raw[6] !== 'number') return new Set();
  return new Set((raw[4] as string[]).slice(0, raw[6]));
}

function toBoolean(text: string): boolean {
  if (/^(?:true|false|[01])$/.test(text)) return text === 'true' || text === '1';
  throw new IamError('MalformedInput', `Unexpected value '${text}': expected true or false.`);
}

function toNumber(text: string): number {
  const value = /^[+-]?\d{1,15}$/.test(text) ? Number(text) : NaN;
  // Integers of 32 bits (seen on AWS: 2147483648 is no number).
  if (value >= -(2 ** 31) && value < 2 ** 31) return value;
  throw new IamError('MalformedInput', `Unexpected value '${text}': expected a number.`);
}

/** One broken rule, in the words of the service. */
const failure = (path: string, rule: string, shown?: string): string =>
  `Value ${shown === undefined ? '' : `${shown} `}at '${path}' failed to satisfy constraint: Member must ${rule}`;

/** A pattern as errors tell it. */
export const patternOf = ({ source }: RegExp): string => source.replace(/^\^(?:\(\?:)?|\)?\$$/g, '');

/** All rules of a constraint, as IAM lists them. */
const rulesOf = ({ min, max, pattern, values, notNull }: Constraint): string[] => [
  ...(max === undefined ? [] : [`Member must have length less than or equal to ${max}`]),
  ...(min === undefined ? [] : [`Member must have length greater than or equal to ${min}`]),
  ...(pattern ? [`Member must satisfy regular expression pattern: ${patternOf(pattern)}`] : []),
  ...(values ? [`Member must satisfy enum value set: [${values.join(', ')}]`] : []),
  ...(notNull ? ['Member must not be null'] : []),
];

const shownOf = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : String(value);

/** With `repeats`, the error holds the wrong value. */
function checker(constraint: Constraint | undefined, repeats: boolean) {
  return (value: unknown, path: string, problems: string[]): void => {
    if (!constraint) return;
    const { min, max, pattern, values, says } = constraint;
    const fail = (rule: string): void => {
      problems.push(failure(path, rule, repeats ? `'${shownOf(value)}'` : undefined));
    };
    if (typeof value === 'number') {
      if (min !== undefined && value < min) fail(`have value greater than or equal to ${min}`);
      if (max !== undefined && value > max) fail(`have value less than or equal to ${max}`);
      return;
    }
    const { length } = value as string | unknown[];
    if (min !== undefined && length < min) fail(`have length greater than or equal to ${min}`);
    if (max !== undefined && length > max) fail(`have length less than or equal to ${max}`);
    if (typeof value !== 'string') return;
    if (pattern && length > 0 && !pattern.test(value)) {
      if (says) problems.push(says(path));
      else fail(`satisfy regular expression pattern: ${patternOf(pattern)}`);
    }
    if (values && !values.includes(value)) {
      fail(`satisfy enum value set${repeats ? `: [${values.join(', ')}]` : ''}`);
    }
  };
}
