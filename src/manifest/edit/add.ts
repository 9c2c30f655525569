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
 * Adds entries to a mapping at the top of a YAML file, which is created if it is missing. Every existing byte stays.
 * If the keys are sorted, the new ones go to their places, otherwise to the end. Null if nothing can be added to a
 * file of this form, such as one with an alias there.
 *
 * @param entries in text order of their keys.
 */
export function addEntries(source: Source, section: string, entries: readonly NewEntry[]): Source | null {
  if (entries.length === 0) return source;
  const before = read(source);
  if (before === null) return null;
  const syntax = new Syntax(source.text);
  const splices = place(syntax, section, entries, before[section]);
  if (splices === null) return null;
  const edited = withText(source, applySplices(source.text, splices));
  const after = read(edited);
  return after !== null && isRight(section, entries, before, after) ? edited : null;
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
  section: string,
  entries: readonly NewEntry[],
  before: JsonObject,
  after: JsonObject,
): boolean {
  const old = before[section] ?? {};
  if (!isObject(old)) return false;
  const added = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  return stableJson({ ...before, [section]: { ...old, ...added } }) === stableJson(after);
}

function place(
  syntax: Syntax,
  section: string,
  entries: readonly NewEntry[],
  current: Json | undefined,
): Splice[] | null {
  const { text } = syntax;
  const root = syntax.collections[0];
  if (!root) return isAllTrivia(syntax) ? [atEnd(syntax, null, sectionLines(section, entries))] : null;
  const member = root.members.find(({ keyAt }) => keyAt !== null && keyOf(text, keyAt) === section);
  if (!member) {
    if (current !== undefined) return null;
    if (root.kind === 'block-map') return [atEnd(syntax, root, sectionLines(section, entries))];
    const flow = `${section}: { ${entries.map((entry) => entry.flow).join(', ')} }`;
    return root.kind === 'flow-map' ? spliceFlow(syntax, root, [flow]) : null;
  }
  const held = syntax.collections.find((one) => one !== root && one.at > member.from && one.at < member.to);
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
