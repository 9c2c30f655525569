/** Several documents as one, each statement with the meaning that it had. */
import { isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import { currentVersion, earlierVersion, statementsOf } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';
import { hasVariables } from './canonical.ts';
import { readStatements, versionOf } from './statement.ts';

/** The operators whose values may hold policy variables. */
const takesVariables = /^(forallvalues:|foranyvalue:)?(string|arn)/i;

/**
 * Writes a statement of one policy Version so that it means the same in another; null if that is impossible.
 *
 * The Version decides what `${` means: plain text in 2008-10-17, the beginning of a policy variable in 2012-10-17,
 * where `${$}` stands for a dollar sign. Variables exist in resources (after the fifth colon of an ARN) and in the
 * values of string and ARN conditions (IAM User Guide, "IAM policy elements: Variables and tags").
 */
export function restate(statement: Json, from: string, to: string): Json | null {
  if (from === to || !stableJson(statement).includes('${')) return statement;
  if (from !== earlierVersion || to !== currentVersion || !isObject(statement)) return null;
  const fields: Record<string, Json> = {};
  for (const [field, value] of Object.entries(statement)) {
    const said =
      field === 'Resource' || field === 'NotResource'
        ? escaped(value, isArn)
        : field === 'Condition'
          ? escapedConditions(value)
          : unescaped(value);
    if (said === null) return null;
    fields[field] = said;
  }
  return fields;
}

/** Whether every `${` of an ARN stands where a variable may. */
const isArn = (text: string): boolean =>
  !text.startsWith('arn:') || text.slice(0, text.indexOf('${')).split(':').length > 5;

const anywhere = (): boolean => true;

/** Places that cannot hold a variable are left as they are, unless they look like one. */
const unescaped = (value: Json): Json | null => (stableJson(value).includes('${') ? null : value);

function escaped(value: Json, allowed: (text: string) => boolean): Json | null {
  if (typeof value === 'string') {
    if (!value.includes('${')) return value;
    return allowed(value) ? value.replaceAll('${', '${$}{') : null;
  }
  if (!Array.isArray(value)) return unescaped(value);
  const items = (value as readonly Json[]).map((item) => escaped(item, allowed));
  return items.every((item) => item !== null) ? items : null;
}

function escapedConditions(value: Json): Json | null {
  if (!isObject(value)) return unescaped(value);
  const blocks = Object.entries(value).map(([operator, block]): [string, Json | null] => {
    if (!isObject(block) || !takesVariables.test(operator)) return [operator, unescaped(block)];
    const lines = Object.entries(block).map(([key, values]): [string, Json | null] => [
      key,
      unescaped(key) === null ? null : escaped(values, anywhere),
    ]);
    return [operator, whole(lines)];
  });
  return whole(blocks);
}

/** The entries as an object; null if one of them cannot be expressed. */
const whole = (entries: readonly (readonly [string, Json | null])[]): JsonObject | null =>
  entries.every((entry): entry is [string, Json] => entry[1] !== null) ? Object.fromEntries(entries) : null;

/** The Version in which all these documents can be expressed. */
export function commonVersion(documents: readonly PolicyDocument[]): string {
  const [version, ...others] = new Set(documents.filter(hasVariables).map(versionOf));
  return version === undefined || others.length > 0 ? currentVersion : version;
}

/**
 * Several documents merged into one, for judging them together: a statement that cannot be moved is kept as one that
 * nobody can read, so IAM would not take the document.
 */
export function mergeDocuments(documents: readonly PolicyDocument[]): PolicyDocument {
  const version = commonVersion(documents);
  const statements = documents.flatMap((document) =>
    statementsOf(document).map(
      (statement) => restate(statement, versionOf(document), version) ?? kept(statement, versionOf(document)),
    ),
  );
  return { Version: version, Statement: statements };
}

/** A statement together with its Version: equal only to itself, and of its effect. */
const kept = (statement: Json, version: string): JsonObject => ({
  ...(isObject(statement) && statement.Effect !== undefined ? { Effect: statement.Effect } : {}),
  Version: version,
  Statement: statement,
});

/** A document that denies what these deny and allows nothing; null if there is none. */
export function denials(documents: readonly PolicyDocument[]): PolicyDocument | null {
  const merged = mergeDocuments(documents);
  const found = new Map<string, JsonObject>();
  for (const statement of statementsOf(merged)) {
    const [read] = readStatements({ ...merged, Statement: [statement] });
    if (read?.effect === 'Allow') continue;
    if (!read?.readable || !isObject(statement)) return null;
    // Two documents may use one Sid for different statements.
    const { Sid: _sid, ...rest } = statement;
    found.set(JSON.stringify(rest), rest);
  }
  return { Version: merged.Version!, Statement: [...found.values()] };
}
