/**
 * When do two policy documents mean the same? IAM User Guide, "IAM JSON policy elements reference" and "Grammar of
 * the IAM JSON policy language": a string or a list of one; lists are sets; `Statement` an object or a list;
 * names of actions, condition operators and condition keys in any case; `Sid` and `Id` are labels.
 */
import { byText, isObject, sortedKeys, stableJson, type Json, type JsonObject } from '../core/json.ts';
import { earlierVersion, statementsOf } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';

/** Order of fields as the documentation writes them. Others follow in text order. */
const documentFields = ['Version', 'Id', 'Statement'];
export const statementFields = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const holdsVariable = (value: Json | undefined): boolean => {
  if (typeof value === 'string') return value.includes('${');
  if (typeof value !== 'object' || value === null) return false;
  return (Array.isArray(value) ? value : Object.values(value)).some(holdsVariable);
};

/** Whether `${…}` occurs: only then does `Version` change what a document means. In a `Sid`, a label, it means nothing. */
export const hasVariables = (document: PolicyDocument): boolean =>
  statementsOf(document).some((statement) => {
    if (!isObject(statement)) return holdsVariable(statement);
    const { Sid: _label, ...rest } = statement;
    return holdsVariable(rest);
  });

/** Actions are case-insensitive, and every action is `service:name`: `*:*` says no more than `*`. */
export const foldAction = (action: string): string =>
  /^\*+(:\*+)?$/.test(action) ? '*' : action.toLowerCase();

const asWritten = (text: string): string => text;

/** `arn:aws:iam::123456789012:root` and `123456789012` name the same principal. */
const foldAccount = (principal: string): string =>
  /^arn:[^:]+:iam::(\d{12}):root$/.exec(principal)?.[1] ?? principal;

const allText = (list: readonly Json[]): list is readonly string[] =>
  list.every((item) => typeof item === 'string');

/** A set in text order without repeats; a set of one text becomes the text. */
function set(value: Json, key: (text: string) => string, keep: (text: string) => string): Json {
  if (typeof value === 'string') return keep(value);
  if (!Array.isArray(value)) return value;
  const list = value as readonly Json[];
  const sorted = allText(list) ? textSet(list, key, keep) : oddSet(list, keep);
  return sorted.length === 1 && typeof sorted[0] === 'string' ? sorted[0] : sorted;
}

function textSet(list: readonly string[], key: (text: string) => string, keep: (text: string) => string) {
  // The default order of texts is that of `byText`.
  if (key === keep) return [...new Set(list.map(keep))].sort();
  const spellings = new Map<string, string>();
  for (const item of list) {
    const name = key(item);
    const other = spellings.get(name);
    // Of two spellings of one action, always keep the same one.
    if (other === undefined || byText(item, other) < 0) spellings.set(name, item);
  }
  return [...spellings.keys()].sort().map((name) => spellings.get(name)!);
}

/** Sets with members that are not texts: compared by their JSON, and texts in them are not folded. */
function oddSet(list: readonly Json[], keep: (text: string) => string): Json[] {
  const items = list.map((item) => (typeof item === 'string' ? keep(item) : item));
  const byJson = new Map(items.map((item) => [stableJson(item), item]));
  return [...byJson.keys()].sort().map((name) => byJson.get(name)!);
}

const plainSet = (value: Json): Json => set(value, asWritten, asWritten);

/** IAM passes over null between resources. */
const resourceSet = (value: Json): Json =>
  plainSet(Array.isArray(value) ? (value as readonly Json[]).filter((item) => item !== null) : value);

function principal(value: Json, allow: boolean): Json {
  if (!isObject(value)) return value;
  const types = sortedKeys(value);
  const parts = fromEntries(
    types.map((type) => [
      type,
      type === 'AWS' ? set(value[type]!, foldAccount, foldAccount) : plainSet(value[type]!),
    ]),
  );
  // "Principal": "*" and {"AWS": "*"} grant alike (AWS JSON policy elements: Principal). Not said of a Deny.
  return allow && parts.AWS === '*' && types.length === 1 ? '*' : parts;
}

const scalarText = (value: Json): Json =>
  typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;

const conditionValues = (value: Json): Json =>
  plainSet(Array.isArray(value) ? (value as readonly Json[]).map(scalarText) : scalarText(value));

/** Keys in lower case and text order; as written if two would become one. */
function foldKeys(object: JsonObject, fold: boolean): [string, Json][] {
  const keys = sortedKeys(object);
  const folded = new Set(keys.map((key) => key.toLowerCase()));
  const rename = fold && folded.size === keys.length;
  return keys
    .map((key): [string, Json] => [rename ? key.toLowerCase() : key, object[key]!])
    .sort(([a], [b]) => byText(a, b));
}

function condition(value: Json, fold: boolean): Json {
  if (!isObject(value)) return value;
  return fromEntries(
    foldKeys(value, fold).map(([operator, block]) => [
      operator,
      isObject(block)
        ? fromEntries(foldKeys(block, fold).map(([key, values]) => [key, conditionValues(values)]))
        : block,
    ]),
  );
}

/** Like `Object.fromEntries`; it too defines `__proto__` as a plain key. */
const fromEntries = (entries: readonly (readonly [string, Json])[]): JsonObject =>
  Object.fromEntries(entries);

function ordered(object: JsonObject, order: readonly string[]): string[] {
  const keys = sortedKeys(object);
  return [
    ...order.filter((key) => Object.hasOwn(object, key)),
    ...keys.filter((key) => !order.includes(key)),
  ].filter((key) => object[key] !== undefined);
}

/** @param fold for comparison: labels dropped, case folded where IAM ignores it. */
function normaliseStatement(statement: Json, fold: boolean): Json {
  if (!isObject(statement)) return statement;
  const entries: [string, Json][] = [];
  for (const field of ordered(statement, statementFields)) {
    const value = statement[field]!;
    if (field === 'Sid' && fold) continue;
    if (field === 'Condition' && isObject(value) && Object.keys(value).length === 0) continue;
    if (field === 'Action' || field === 'NotAction') {
      entries.push([field, set(value, foldAction, fold ? foldAction : asWritten)]);
    } else if (field === 'Resource' || field === 'NotResource') entries.push([field, resourceSet(value)]);
    else if (field === 'Principal') entries.push([field, principal(value, statement.Effect === 'Allow')]);
    else if (field === 'NotPrincipal') entries.push([field, principal(value, false)]);
    else if (field === 'Condition') entries.push([field, condition(value, fold)]);
    else entries.push([field, value]);
  }
  return fromEntries(entries);
}

/** Allow before Deny, then by text; equal for statements of equal meaning. */
const statementKey = (statement: Json): string => {
  const effect = isObject(statement) && typeof statement.Effect === 'string' ? statement.Effect : '';
  return `${effect} ${stableJson(statement)}`;
};

/** Statements in one order without repeats, each with the key by which statements of equal meaning are equal. */
export function normaliseStatements(
  document: PolicyDocument,
  fold: boolean,
): { readonly key: string; readonly statement: Json }[] {
  const found = new Map<string, Json>();
  for (const statement of statementsOf(document)) {
    const folded = normaliseStatement(statement, true);
    const key = statementKey(folded);
    const kept = fold ? folded : normaliseStatement(statement, false);
    const other = found.get(key);
    if (other === undefined || (!fold && byText(stableJson(kept), stableJson(other)) < 0))
      found.set(key, kept);
  }
  return [...found].map(([key, statement]) => ({ key, statement })).sort((a, b) => byText(a.key, b.key));
}

/** The form that people and patches see: one order, one spelling of sets, the author's case, labels kept. */
export function formatted(document: PolicyDocument): PolicyDocument {
  const entries = ordered(document, documentFields).map((field): [string, Json] => [
    field,
    field === 'Statement'
      ? normaliseStatements(document, false).map(({ statement }) => statement)
      : document[field]!,
  ]);
  return fromEntries(entries);
}

/**
 * The form in which documents of the same meaning are deeply equal, and equal as JSON text. For comparison only:
 * it drops `Sid`, `Id`, and `Version` where that changes nothing.
 */
export function canonical(document: PolicyDocument): PolicyDocument {
  const entries: [string, Json][] = [];
  for (const field of ordered(document, documentFields)) {
    if (field === 'Statement') {
      entries.push([field, normaliseStatements(document, true).map(({ statement }) => statement)]);
    } else if (field !== 'Version' && field !== 'Id') entries.push([field, document[field]!]);
  }
  if (hasVariables(document)) entries.unshift(['Version', document.Version ?? earlierVersion]);
  return fromEntries(entries);
}

/** Whether a live document can stay as it is. Never true for documents that IAM would read differently. */
export const sameMeaning = (a: PolicyDocument, b: PolicyDocument): boolean =>
  a === b || stableJson(canonical(a)) === stableJson(canonical(b));

/** The labels of a document: its `Id`, and the `Sid` of each statement beside what that means. */
function labelsOf(document: PolicyDocument): Json {
  const sids = statementsOf(document).flatMap((statement) =>
    isObject(statement) && statement.Sid !== undefined
      ? [`${stableJson(statement.Sid)} ${stableJson(normaliseStatement(statement, true))}`]
      : [],
  );
  return [document.Id ?? null, [...new Set(sids)].sort()];
}

/** Whether documents of the same meaning have the same labels, too. */
const sameLabels = (a: PolicyDocument, b: PolicyDocument): boolean =>
  a === b || stableJson(labelsOf(a)) === stableJson(labelsOf(b));

/** Whether there is nothing in one document that somebody could miss in the other. */
export const sameText = (a: PolicyDocument, b: PolicyDocument): boolean =>
  sameMeaning(a, b) && sameLabels(a, b);
