/** Statements as sets: what they say about actions, resources, principals and conditions, ready to be compared. */
import { isObject, sortedKeys, stableJson, type Json, type JsonObject } from '../core/json.ts';
import { earlierVersion } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';
import { foldAction, normaliseStatements, statementFields } from './canonical.ts';
import type { Condition } from './conditions.ts';
import { readGlob, type Glob } from './glob.ts';

/** Everything that matches one of the patterns, or (`not`) that matches none. */
export interface Matcher {
  readonly not: boolean;
  readonly patterns: readonly Glob[];
}

/** A statement that could be read in full. */
export interface Grant {
  readonly readable: true;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Matcher;
  /** Null: neither `Resource` nor `NotResource`, as in trust policies. */
  readonly resources: Matcher | null;
  /** One text for each principal, such as `AWS 123456789012`; null: no element, as in identity policies. */
  readonly principals: readonly string[] | null;
  /** By operator and key. */
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Equal for statements of equal meaning. */
  readonly key: string;
  /** As the author spelled it, in the canonical order. */
  readonly source: JsonObject;
  /** Names of the policy variables in it. IAM may drop the whole statement if one of them has no value. */
  readonly variables: ReadonlySet<string>;
}

/** A statement that IAM would not accept or that this code does not understand: equal only to itself. */
interface Opaque {
  readonly readable: false;
  /** Null: could be either. */
  readonly effect: 'Allow' | 'Deny' | null;
  readonly key: string;
  readonly source: Json;
}

export type Statement = Grant | Opaque;

const knownFields = new Set(statementFields);

/**
 * A statement for what AWS defines under that name and may change at any time. It has no field that IAM knows, so it
 * is compared as unreadable and takes part in no wildcards.
 */
export const awsDefined = (effect: 'Allow' | 'Deny', name: string): JsonObject => ({
  Effect: effect,
  AwsDefined: name,
});

/** The name in such a statement. */
export const awsDefinedName = (statement: Json): string | undefined =>
  isObject(statement) && typeof statement.AwsDefined === 'string' ? statement.AwsDefined : undefined;

/** A list of texts, never empty; null if it is anything else. */
export function texts(value: Json | undefined): readonly string[] | null {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || value.length === 0) return null;
  const list = value as readonly Json[];
  return list.every((item) => typeof item === 'string') ? list : null;
}

function matcher(
  plain: Json | undefined,
  inverse: Json | undefined,
  read: (text: string) => Glob,
): Matcher | null {
  if ((plain === undefined) === (inverse === undefined)) return null;
  const list = texts(plain ?? inverse);
  return list && { not: plain === undefined, patterns: list.map(read) };
}

/** Undefined: not readable. */
function principals(statement: JsonObject): readonly string[] | null | undefined {
  const { Principal: plain, NotPrincipal: inverse } = statement;
  if (plain === undefined && inverse === undefined) return null;
  if (plain !== undefined && inverse !== undefined) return undefined;
  // Everybody except some: it is never split and only equal to itself.
  if (inverse !== undefined) return [`not ${stableJson(inverse)}`];
  if (plain === '*') return ['*'];
  if (!isObject(plain)) return undefined;
  const found: string[] = [];
  for (const type of sortedKeys(plain)) {
    const names = texts(plain[type]);
    if (!names) return undefined;
    found.push(...names.map((name) => `${type} ${name}`));
  }
  return found.length > 0 ? found : undefined;
}

/** Undefined: not readable. */
function conditions(value: Json | undefined, version: string): Map<string, Condition> | undefined {
  const found = new Map<string, Condition>();
  if (value === undefined) return found;
  if (!isObject(value)) return undefined;
  for (const operator of sortedKeys(value)) {
    const block = value[operator];
    if (!isObject(block)) return undefined;
    for (const key of sortedKeys(block)) {
      const id = `${operator.toLowerCase()} ${key.toLowerCase()}`;
      if (found.has(id)) return undefined;
      const list = texts(block[key]);
      const json = stableJson(block[key]);
      const variables = json.includes('${');
      found.set(id, {
        operator,
        key,
        values: list && !variables ? new Set(list) : null,
        text: `${id} ${variables ? version : ''} ${json}`,
      });
    }
    // An operator without keys has no reliable meaning.
    if (Object.keys(block).length === 0) return undefined;
  }
  return found;
}

/** Globs repeat across statements and documents: read each once per comparison. */
export class GlobReader {
  readonly #plain = new Map<string, Glob>();
  readonly #withVariables = new Map<string, Glob>();

  read(source: string, variables: boolean): Glob {
    const known = variables && source.includes('${') ? this.#withVariables : this.#plain;
    let glob = known.get(source);
    if (!glob) known.set(source, (glob = readGlob(source, known === this.#withVariables)));
    return glob;
  }
}

function readStatement(source: Json, key: string, version: string, globs: GlobReader): Statement {
  const named = isObject(source) ? source.Effect : null;
  const effect = named === 'Allow' || named === 'Deny' ? named : null;
  const ownKey = key.includes('${') ? `${version} ${key}` : key;
  const opaque: Opaque = { readable: false, effect, key: ownKey, source };
  if (!isObject(source) || effect === null || Object.keys(source).some((field) => !knownFields.has(field))) {
    return opaque;
  }
  const actions = matcher(source.Action, source.NotAction, (text) => globs.read(foldAction(text), false));
  const bare = source.Resource === undefined && source.NotResource === undefined;
  const resources = bare
    ? null
    : matcher(source.Resource, source.NotResource, (text) => globs.read(text, version !== earlierVersion));
  const who = principals(source);
  const when = conditions(source.Condition, version);
  if (!actions || (!bare && !resources) || who === undefined || when === undefined) return opaque;
  return {
    readable: true,
    effect,
    actions,
    resources,
    principals: who,
    conditions: when,
    key: ownKey,
    source,
    variables: variablesOf(source, version),
  };
}

const noVariables: ReadonlySet<string> = new Set();

/** `${*}`, `${?}` and `${$}` are characters and no variables. A name with a default value counts as one of its own. */
export function variablesOf(statement: JsonObject, version: string): ReadonlySet<string> {
  if (version === earlierVersion) return noVariables;
  const { Resource, NotResource, Condition } = statement;
  const text = stableJson([Resource ?? null, NotResource ?? null, Condition ?? null]);
  if (!text.includes('${')) return noVariables;
  const names = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, name = '']) => name.trim().toLowerCase());
  return new Set(names.filter((name) => !/^[*?$]$/.test(name)));
}

/** The author's spelling of an action that this statement names, which is compared in lower case. */
export function spelling(statement: JsonObject): (action: string) => string {
  const known = new Map(
    (texts(statement.Action ?? statement.NotAction) ?? []).map((name) => [foldAction(name), name]),
  );
  return (action) => known.get(action) ?? action;
}

const documentFields = new Set(['Version', 'Id', 'Statement']);

/** The version by which IAM reads a document, as text whatever its shape. */
export function versionOf(document: PolicyDocument): string {
  const version = document.Version ?? earlierVersion;
  return typeof version === 'string' ? version : stableJson(version);
}

/** The statements of a document without repeats. Anything else in the document becomes one opaque statement. */
export function readStatements(document: PolicyDocument | null, globs = new GlobReader()): Statement[] {
  if (document === null) return [];
  const version = versionOf(document);
  const statements = normaliseStatements(document, false).map(({ key, statement }) =>
    readStatement(statement, key, version, globs),
  );
  const others = sortedKeys(document).filter((field) => !documentFields.has(field));
  if (others.length > 0) {
    const source = Object.fromEntries(others.map((field) => [field, document[field] ?? null]));
    statements.push({ readable: false, effect: null, key: `document ${stableJson(source)}`, source });
  }
  return statements;
}
