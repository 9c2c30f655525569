/** Statements as they are for requests of which some is known: without what that decides. */
import { stableJson, type Json } from '../core/json.ts';
import { earlierVersion, statementsOf } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';
import type { Condition } from '../policy/conditions.ts';
import { fill, type ValuesOf } from '../policy/fill.ts';
import { readGlob, type Glob } from '../policy/glob.ts';
import { holds } from '../policy/holds.ts';
import {
  readStatements,
  texts,
  versionOf,
  type Grant,
  type Matcher,
  type Statement,
} from '../policy/statement.ts';
import { boxOf, type Box } from './regions.ts';

/** A statement and its place. */
export interface Clause {
  readonly statement: Statement;
  /** Among the statements of the document, from 0; null: it is what the document has beside them. */
  readonly index: number | null;
  /** Whether `${…}` is a variable. */
  readonly hasVariables: boolean;
  /** The condition keys whose values decide what it says of a request, in lower case. */
  readonly keys: readonly string[];
}

const clauses = new WeakMap<PolicyDocument, readonly Clause[]>();

/** The statements of a document, read once. */
export function clausesOf(document: PolicyDocument): readonly Clause[] {
  const found = clauses.get(document) ?? readClauses(document);
  clauses.set(document, found);
  return found;
}

function readClauses(document: PolicyDocument): Clause[] {
  const hasVariables = versionOf(document) !== earlierVersion;
  const { Version: version } = document;
  const of = (Statement: readonly Json[]): PolicyDocument =>
    version === undefined ? { Statement } : { Version: version, Statement };
  const clause = (statement: Statement, index: number | null): Clause => ({
    statement,
    index,
    hasVariables,
    keys: keysOf(statement),
  });
  return [
    ...statementsOf(document).flatMap((one, index) =>
      readStatements(of([one])).map((statement) => clause(statement, index)),
    ),
    ...readStatements({ ...document, Statement: [] }).map((statement) => clause(statement, null)),
  ];
}

const nothing: ReadonlySet<string> = new Set();
export const anything: Matcher = { not: false, patterns: [readGlob('*')] };

/**
 * The statement as a box for requests with these values; null: it applies to none of them.
 *
 * @param effect as which it is taken: one that cannot be read may be either, and is not both.
 */
export function boxFor(clause: Clause, effect: 'Allow' | 'Deny', valuesOf: ValuesOf): Box | null {
  const { statement, hasVariables } = clause;
  const box = boxOf(statement, nothing);
  if (!box) return null;
  if (!statement.readable) return { ...box, opaque: new Set([`${effect} ${statement.key}`]) };
  const open = new Set<string>();
  const resources = filled(box.resources, hasVariables ? valuesOf : null, open);
  const conditions = unsettled(clause as Clause & { statement: Grant }, valuesOf, open);
  if (!resources || !conditions) return null;
  return {
    ...box,
    resources,
    conditions,
    variables: new Set([...open].map((name) => `${name}\n${statement.key}`)),
  };
}

/**
 * The name of a variable of a box. Of one that has no value AWS says that its pattern matches nothing, and that its statement
 * may be void: which of both may differ from statement to statement.
 */
export const variableName = (variable: string): string => variable.slice(0, variable.indexOf('\n'));

function keysOf(statement: Statement): string[] {
  if (!statement.readable) return [];
  const keys = [...statement.conditions.values()].map(({ key }) => key.toLowerCase());
  // A name may have a default value.
  const names = [...statement.variables].flatMap((name) => [name, name.split(',')[0]!.trim()]);
  return [...new Set([...keys, ...names])];
}

/** With the values of variables; null: nothing matches. The names of those that have none are added to `open`. */
function filled(matcher: Matcher, valuesOf: ValuesOf | null, open: Set<string>): Matcher | null {
  if (!matcher.patterns.some(({ source }) => source.includes('$'))) return matcher;
  const patterns = matcher.patterns.flatMap((glob): Glob[] => {
    const { text, open: unknown, absent } = fill(glob.source, valuesOf);
    for (const name of [...unknown, ...absent]) open.add(name);
    return absent.length > 0 ? [] : [readGlob(text, unknown.length > 0)];
  });
  if (patterns.length > 0) return { not: matcher.not, patterns };
  return matcher.not ? anything : null;
}

/** Conditions that the values do not decide; null: one does not hold. */
function unsettled(
  { statement, hasVariables }: Clause & { readonly statement: Grant },
  valuesOf: ValuesOf,
  open: Set<string>,
): Condition[] | null {
  const left: Condition[] = [];
  for (const condition of statement.conditions.values()) {
    const { operator, key } = condition;
    const values = texts((statement.source.Condition as ByOperator)[operator]![key]);
    const truth = values && holds(operator, key, values, hasVariables, valuesOf);
    if (truth === false) return null;
    if (truth === true) continue;
    left.push(values ? withValues(condition, values, hasVariables ? valuesOf : null, open) : condition);
  }
  return left;
}

type ByOperator = { readonly [operator: string]: { readonly [key: string]: Json } };

/** The condition with its variables filled in where all have a value. */
function withValues(
  condition: Condition,
  values: readonly string[],
  valuesOf: ValuesOf | null,
  open: Set<string>,
): Condition {
  if (condition.values) return condition;
  const found = values.map((value) => fill(value, valuesOf));
  const names = found.flatMap((one) => [...one.open, ...one.absent]);
  for (const name of names) open.add(name);
  if (names.length > 0) return condition;
  const plain = found.map(({ text }) => text);
  const id = `${condition.operator} ${condition.key}`.toLowerCase();
  return { ...condition, values: new Set(plain), text: `${id}  ${stableJson(plain)}` };
}
