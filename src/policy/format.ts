/** Documents as text, as differences and as numbers. */
import { structuredPatch } from 'diff';
import fastJsonPatch, { type Operation } from 'fast-json-patch';
import { isObject, sortedKeys, stableJson, type Json } from '../core/json.ts';
import { statementsOf } from '../core/policy-language.ts';
import type { PolicyDocument } from '../core/state.ts';
import { normaliseStatements, formatted, sameMeaning, sameText } from './canonical.ts';

export interface DiffLine {
  readonly sign: '+' | '-' | ' ';
  readonly text: string;
}

/** Characters that a terminal or browser would act on rather than show: in JSON they can be escaped. */
const hidden = /[\p{Cf}\p{Zl}\p{Zp}\u007f-\u009f]/gu;

const escapeUnits = (text: string): string =>
  text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

const jsonText = (value: Json): string => JSON.stringify(value, null, 2).replaceAll(hidden, escapeUnits);

/**
 * Readable JSON: fields, sets and statements in one order, the author's case. Equal for documents that differ in
 * spelling only, but for labels and for the case of actions.
 */
export const pretty = (document: PolicyDocument): string => jsonText(formatted(document));

const contextLines = 3;

/** Least share of equal lines for two statements to count as one that changed. */
const alike = 0.4;

const sidOf = (statement: Json): Json | undefined => (isObject(statement) ? statement.Sid : undefined);

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let equal = 0;
  for (const line of a) if (b.has(line)) equal += 1;
  return equal / Math.max(a.size, b.size, 1);
}

/**
 * Both documents with their statements side by side: a statement that changed stands where it stood, so that the
 * difference shows the change and not a removal and an addition.
 */
function aligned(before: PolicyDocument, after: PolicyDocument): [PolicyDocument, PolicyDocument] {
  const old = normaliseStatements(before, false);
  const rest = normaliseStatements(after, false);
  const lines = (statement: Json): Set<string> => new Set(jsonText(statement).split('\n'));
  const linesOf = new Map([...old, ...rest].map((entry) => [entry, lines(entry.statement)]));
  const take = (index: number): Json | undefined =>
    index < 0 ? undefined : rest.splice(index, 1)[0]!.statement;
  const partner = old.map(({ key }) => take(rest.findIndex((other) => other.key === key)));
  for (const [index, { statement }] of old.entries()) {
    const sid = sidOf(statement);
    partner[index] ??=
      sid === undefined ? undefined : take(rest.findIndex((other) => sidOf(other.statement) === sid));
  }
  for (const [index, entry] of old.entries()) {
    if (partner[index] !== undefined) continue;
    const scores = rest.map((other) => likeness(linesOf.get(entry)!, linesOf.get(other)!));
    const best = Math.max(0, ...scores);
    if (best >= alike) partner[index] = take(scores.indexOf(best));
  }
  const statements = partner.filter((statement) => statement !== undefined);
  return [
    { ...formatted(before), Statement: old.map(({ statement }) => statement) },
    { ...formatted(after), Statement: [...statements, ...rest.map(({ statement }) => statement)] },
  ];
}

/** The text to compare; none for no document. */
const lineText = (document: PolicyDocument | null): string =>
  document === null ? '' : `${jsonText(document)}\n`;

/**
 * The difference line by line with three lines of context; a line `… N lines` stands for what is left out.
 * Empty for documents of the same meaning whose labels are the same. Null: no document.
 */
export function readableDiff(before: PolicyDocument | null, after: PolicyDocument | null): DiffLine[] {
  if (before && after && sameText(before, after)) return [];
  const [left, right] =
    before && after ? aligned(before, after) : [before && formatted(before), after && formatted(after)];
  const oldText = lineText(left);
  const { hunks } = structuredPatch('', '', oldText, lineText(right), '', '', { context: contextLines });
  const lines: DiffLine[] = [];
  let seen = 0;
  const gap = (upTo: number): void => {
    const count = upTo - seen;
    if (count > 0) lines.push({ sign: ' ', text: `… ${count} ${count === 1 ? 'line' : 'lines'}` });
  };
  for (const hunk of hunks) {
    const start = hunk.oldStart - 1;
    gap(start);
    for (const line of hunk.lines) lines.push({ sign: line[0] as DiffLine['sign'], text: line.slice(1) });
    seen = start + hunk.oldLines;
  }
  if (hunks.length > 0) gap(oldText.split('\n').length - 1);
  return lines;
}

/** Anything that holds policy documents, with them in one spelling, so that equal things have no patch. */
function settled(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(settled);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, 'Statement') && statementsOf(value).every(isObject)) return formatted(value);
  return Object.fromEntries(sortedKeys(value).map((key) => [key, settled(value[key]!)]));
}

/** Spells and orders documents on the right like those on the left as far as they mean the same. */
function unify(before: Json, after: Json): Json {
  if (!isObject(before) || !isObject(after)) return after;
  if (Object.hasOwn(before, 'Statement') && Object.hasOwn(after, 'Statement')) {
    return sameMeaning(before, after) ? before : aligned(before, after)[1];
  }
  return Object.fromEntries(
    Object.entries(after).map(([key, value]) => [
      key,
      Object.hasOwn(before, key) ? unify(before[key]!, value) : value,
    ]),
  );
}

/**
 * RFC 6902: from one object or document to another; policy documents anywhere in it count as changed only if their
 * meaning does. Null: nothing there.
 */
export function jsonPatch(before: Json, after: Json): Operation[] {
  const left = settled(before);
  const right = unify(left, settled(after));
  if (stableJson(left) === stableJson(right)) return [];
  if (left === null) return [{ op: 'add', path: '', value: right }];
  if (right === null) return [{ op: 'remove', path: '' }];
  const bothLists = Array.isArray(left) && Array.isArray(right);
  if (!bothLists && !(isObject(left) && isObject(right))) return [{ op: 'replace', path: '', value: right }];
  return fastJsonPatch.compare(left, right);
}
