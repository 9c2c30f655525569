import { isObject, stableJson } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { Report } from '../../core/report.ts';
import { toJson, type Source } from '../../core/tree.ts';
import { readYaml } from '../yaml.ts';
import { commentsAbove } from './block.ts';
import { behind, joined, lineAfter, spliceFlow } from './place.ts';
import { withText } from './remove.ts';
import { Syntax, type Collection, type Member } from './syntax.ts';
import { applySplices, contentEnd, lineStart, skipBlanksBack, type Splice } from './text.ts';

/** An entry to be added, in both styles. */
export interface NewEntry {
  readonly key: string;
  readonly value: Json;
  /** Lines in block style, without indentation: `melvins:`, `  path: /partners/`. */
  readonly block: readonly string[];
  /** On one line: `melvins: { path: /partners/ }`. */
  readonly flow: string;
}

/**
 * Adds entries to a mapping of a YAML file, which is created if it is missing. Every existing byte stays.
 * If the keys are sorted, the new ones go to their places, otherwise to the end. Null if nothing can be added to a
 * file of this form, such as one with an alias there.
 *
 * @param path keys that lead to it from the top: one, or two where it is nested.
 * @param entries in text order of their keys.
 */
export function addEntries(
  source: Source,
  path: readonly [string, ...string[]],
  entries: readonly NewEntry[],
): Source | null {
  if (entries.length === 0) return source;
  const before = read(source);
  if (before === null) return null;
  const syntax = new Syntax(source.text);
  const splices = placeBelow(syntax, syntax.collections[0], path, entries, before);
  if (splices === null) return null;
  const edited = withText(source, applySplices(source.text, splices));
  const after = read(edited);
  return after !== null && isRight(path, entries, before, after) ? edited : null;
}

/** The contents of a file; null if entries cannot be added to it. */
function read(source: Source): JsonObject | null {
  const report = new Report();
  const root = readYaml(source, report);
  if (report.hasErrors) return null;
  const json = root === null ? {} : toJson(root);
  return isObject(json) ? json : null;
}

/** Whether the new text has the old contents and the new entries, and nothing else. */
function isRight(
  path: readonly string[],
  entries: readonly NewEntry[],
  before: JsonObject,
  after: JsonObject,
): boolean {
  const added = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  const wanted = withAdded(before, path, added);
  return wanted !== null && stableJson(wanted) === stableJson(after);
}

function withAdded(value: Json, [key, ...rest]: readonly string[], added: JsonObject): Json | null {
  if (!isObject(value)) return null;
  if (key === undefined) return { ...value, ...added };
  const inner = withAdded(value[key] ?? {}, rest, added);
  return inner === null ? null : { ...value, [key]: inner };
}

/** Goes down as far as there are mappings, and adds what is missing of the path together with the entries. */
function placeBelow(
  syntax: Syntax,
  parent: Collection | undefined,
  [section, ...rest]: readonly [string, ...string[]],
  entries: readonly NewEntry[],
  current: Json,
): Splice[] | null {
  const inner = isObject(current) ? current[section] : undefined;
  const [next, ...further] = rest;
  if (next === undefined) return place(syntax, parent, section, entries, inner);
  const member = parent && memberOf(syntax, parent, section);
  const held = member && heldBy(syntax, parent, member);
  if (held && memberOf(syntax, held, next))
    return placeBelow(syntax, held, [next, ...further], entries, inner ?? null);
  return place(syntax, parent, section, [nested([next, ...further], entries)], inner);
}

/** Entries as one of what they stand below. */
const nested = ([key, ...rest]: readonly [string, ...string[]], entries: readonly NewEntry[]): NewEntry => {
  const [next, ...further] = rest;
  const below = next === undefined ? entries : [nested([next, ...further], entries)];
  return {
    key,
    value: Object.fromEntries(below.map((entry) => [entry.key, entry.value])),
    block: sectionLines(key, below),
    flow: `${key}: { ${below.map((entry) => entry.flow).join(', ')} }`,
  };
};

const memberOf = ({ text }: Syntax, { members }: Collection, key: string): Member | undefined =>
  members.find(({ keyAt }) => keyAt !== null && keyOf(text, keyAt) === key);

const heldBy = (syntax: Syntax, parent: Collection, member: Member): Collection | undefined =>
  syntax.collections.find((one) => one !== parent && one.at > member.from && one.at < member.to);

function place(
  syntax: Syntax,
  root: Collection | undefined,
  section: string,
  entries: readonly NewEntry[],
  current: Json | undefined,
): Splice[] | null {
  const { text } = syntax;
  if (!root) return isAllTrivia(syntax) ? [atEnd(syntax, null, sectionLines(section, entries))] : null;
  const member = memberOf(syntax, root, section);
  if (!member) {
    if (current !== undefined) return null;
    if (root.kind === 'block-map') return [atEnd(syntax, root, sectionLines(section, entries))];
    const flow = `${section}: { ${entries.map((entry) => entry.flow).join(', ')} }`;
    return root.kind === 'flow-map' ? spliceFlow(syntax, root, [flow]) : null;
  }
  const held = heldBy(syntax, root, member);
  // An alias has no text of its own that could be added to.
  if (!held) return isNothing(syntax, member) ? [below(syntax, member, null, entries)] : null;
  if (held.kind === 'block-map') return intoBlock(syntax, held, entries);
  if (held.kind !== 'flow-map' || held.at < member.keyAt!) return null;
  const { from, to } = held.inside!;
  const isEmpty = held.members.length === 0 && text.slice(from, to).trim() === '';
  if (isEmpty && root.kind === 'block-map') return [...emptyToBlock(syntax, member, held, entries)];
  return spliceFlow(
    syntax,
    held,
    entries.map((entry) => entry.flow),
  );
}

/** A plain or quoted key, for comparison with the name of a section. */
function keyOf(text: string, at: number): string {
  const found = /^(?:"([\w-]+)"|'([\w-]+)'|([\w-]+))/.exec(text.slice(at, at + 100));
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? '';
}

const isAllTrivia = ({ leaves }: Syntax): boolean =>
  leaves.every(({ type }) => ['space', 'newline', 'comment', 'doc-start'].includes(type));

/** Whether the key has no value. */
const isNothing = (syntax: Syntax, { keyAt, to }: Member): boolean =>
  keyAt !== null && syntax.before(to)?.type === 'map-value-ind';

const sectionLines = (section: string, entries: readonly NewEntry[]): string[] => [
  `${section}:`,
  ...entries.flatMap(({ block }) => block.map((line) => `  ${line}`)),
];

function atEnd(syntax: Syntax, root: Collection | null, lines: readonly string[]): Splice {
  const { text } = syntax;
  // Before `...`, which ends the document.
  const stop = syntax.leaves.find(({ type }) => type === 'doc-end')?.from ?? text.length;
  const { at, text: lead } = lineAfter(text, stop === text.length ? stop : lineStart(text, stop));
  const last = root?.members.at(-1);
  const indent = last ? ' '.repeat(last.from - lineStart(text, last.from)) : '';
  return { from: at, to: at, text: `${lead}${joined(text, indent, lines)}` };
}

/** Adds entries on the lines below their key. */
function below(syntax: Syntax, member: Member, after: number | null, entries: readonly NewEntry[]): Splice {
  const { text } = syntax;
  const indent = ' '.repeat(member.from - lineStart(text, member.from) + 2);
  const { at, text: lead } = lineAfter(text, after ?? member.to);
  return {
    from: at,
    to: at,
    text: `${lead}${joined(
      text,
      indent,
      entries.flatMap(({ block }) => block),
    )}`,
  };
}

/** `users: {} # none` becomes `users: # none` and the entries below. */
function emptyToBlock(
  syntax: Syntax,
  member: Member,
  held: Collection,
  entries: readonly NewEntry[],
): Splice[] {
  const from = skipBlanksBack(syntax.text, held.at);
  return [{ from, to: held.inside!.to + 1, text: '' }, below(syntax, member, held.inside!.to + 1, entries)];
}

function intoBlock(syntax: Syntax, held: Collection, entries: readonly NewEntry[]): Splice[] {
  const { text } = syntax;
  const keys = held.members.map(({ keyAt }) => (keyAt === null ? '' : keyText(text, keyAt)));
  const isSorted = keys.every((key, index) => index === 0 || keys[index - 1]! < key);
  const first = held.members[0]!;
  const indent = ' '.repeat(first.from - lineStart(text, first.from));
  const groups = new Map<number, NewEntry[]>();
  for (const entry of entries) {
    const after = isSorted ? keys.findLastIndex((key) => key < entry.key) : keys.length - 1;
    groups.set(after, [...(groups.get(after) ?? []), entry]);
  }
  return [...groups].map(([after, group]) => {
    const place =
      after === -1
        ? { at: commentsAbove(syntax, first.from), text: '' }
        : behind(syntax, held.members[after]!);
    const lines = joined(
      text,
      indent,
      group.flatMap(({ block }) => block),
    );
    return { from: place.at, to: place.at, text: `${place.text}${lines}` };
  });
}

/** A key as YAML reads it, as far as its order matters. */
function keyText(text: string, at: number): string {
  const line = text.slice(at, contentEnd(text, at));
  return (
    /^'((?:[^']|'')*)'/.exec(line)?.[1] ?? /^"([^"]*)"/.exec(line)?.[1] ?? line.replace(/\s*:(\s.*)?$/, '')
  );
}
