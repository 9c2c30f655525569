import type { NormalizedSchema } from '@smithy/core/schema';
import { constraintOf, type Constraint } from './constraints.ts';
import { IamError, validationError } from './errors.ts';
import type { Node } from './query.ts';

/** Turns the tree of parameters into the operation's input, checked against the service model. */
export type Decoder = (root: Node) => Record<string, unknown>;

type Read = (node: Node, path: string, problems: string[]) => unknown;

/** One decoder per operation, built once from its schema. Throws ValidationError like the service. */
export function compileDecoder(op: string, input: NormalizedSchema): Decoder {
  if (!input.isStructSchema()) return () => ({});
  const read = struct(op, input);
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

function compile(op: string, name: string, schema: NormalizedSchema): Read {
  const check = checker(constraintOf(op, name), Boolean(schema.getMergedTraits().sensitive));
  if (schema.isStructSchema()) return struct(op, schema);
  if (schema.isListSchema()) return list(op, name, schema);
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

function list(op: string, name: string, schema: NormalizedSchema): Read {
  const read = compile(op, `${name}[]`, schema.getValueSchema());
  const check = checker(constraintOf(op, name));
  return (node, path, problems) => {
    const members = node.children?.get('member')?.children;
    // Clients send an empty list as `Tags=`.
    if (!members) return node.value === undefined ? undefined : [];
    const items = [...members]
      .map(([index, child]) => [Number(index), child] as const)
      .sort(([a], [b]) => a - b)
      .map(([index, child]) => read(child, `${path}.${index}.member`, problems));
    check(items, path, problems);
    return items;
  };
}

function struct(op: string, schema: NormalizedSchema): Read {
  const required = requiredMembers(schema);
  const members = [...schema.structIterator()].map(([name, member]) => {
    const wire = member.getMergedTraits().xmlName;
    return {
      name,
      wire: typeof wire === 'string' ? wire : name,
      label: name.charAt(0).toLowerCase() + name.slice(1),
      read: compile(op, name, member),
      required: required.has(name),
    };
  });
  return (node, path, problems) => {
    const value: Record<string, unknown> = {};
    for (const { name, wire, label, read, required } of members) {
      const child = node.children?.get(wire);
      const at = path === '' ? label : `${path}.${label}`;
      const field = child ? read(child, at, problems) : undefined;
      if (field !== undefined) value[name] = field;
      else if (required) {
        problems.push(`Value null at '${at}' failed to satisfy constraint: Member must not be null`);
      }
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
  if (text === 'true' || text === 'false') return text === 'true';
  throw new IamError('MalformedInput', `Unexpected value '${text}': expected true or false.`);
}

function toNumber(text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw new IamError('MalformedInput', `Unexpected value '${text}': expected a number.`);
}

/** With `secret`, the error does not repeat the value. */
function checker(constraint: Constraint | undefined, secret = false) {
  return (value: unknown, path: string, problems: string[]): void => {
    if (!constraint) return;
    const { min, max, pattern, values, says } = constraint;
    const fail = (rule: string): void => {
      const shown = secret
        ? '***'
        : Array.isArray(value)
          ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
          : String(value);
      problems.push(`Value '${shown}' at '${path}' failed to satisfy constraint: Member must ${rule}`);
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
      else fail(`satisfy regular expression pattern: ${pattern.source.replace(/^\^(?:\(\?:)?|\)?\$$/g, '')}`);
    }
    if (values && !values.includes(value)) fail(`satisfy enum value set: [${values.join(', ')}]`);
  };
}
