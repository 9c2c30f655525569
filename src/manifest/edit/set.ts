import { stableJson } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { Report } from '../../core/report.ts';
import { field, toJson, type Entry, type Node, type Source } from '../../core/tree.ts';
import { entryLines, flow } from '../write/yaml.ts';
import { readYaml } from '../yaml.ts';
import { removeFromBlock } from './block.ts';
import { removeFromFlow } from './flow.ts';
import { behind, joined, spliceFlow } from './place.ts';
import { withText } from './remove.ts';
import { Syntax, type Collection, type Member } from './syntax.ts';
import { applySplices, lineStart, type Splice } from './text.ts';

/** A field to be set on a user: `accessKey.ids` or `console.createdAt`. */
export interface Setting {
  readonly user: string;
  readonly section: string;
  readonly key: string;
  readonly value: string | readonly string[];
}

/**
 * Sets fields of users; every other byte stays. A value that a user has through an alias or a merge key is overridden
 * for that user only, because others share it.
 *
 * @returns the fields that cannot be set without changing something else, such as one in a mapping that others share
 * by an alias.
 */
export function setFields(
  source: Source,
  settings: readonly Setting[],
): { source: Source; refused: readonly Setting[] } {
  if (settings.length === 0) return { source, refused: [] };
  const edited = trySet(source, settings);
  if (edited) return { source: edited, refused: [] };
  if (settings.length === 1) return { source, refused: settings };
  // Halve the list to find which settings fail: a file may have thousands.
  const middle = settings.length >> 1;
  const first = setFields(source, settings.slice(0, middle));
  const second = setFields(first.source, settings.slice(middle));
  return { source: second.source, refused: [...first.refused, ...second.refused] };
}

/** Null if the text cannot be edited so that exactly these fields change. */
function trySet(source: Source, settings: readonly Setting[]): Source | null {
  const root = read(source);
  if (!root) return null;
  const syntax = new Syntax(source.text);
  const splices: Splice[] = [];
  for (const setting of settings) {
    const found = spliceSetting(syntax, root, setting);
    if (!found) return null;
    splices.push(...found);
  }
  const edited = withText(source, splice(source.text, splices) ?? source.text);
  const after = read(edited);
  return after && content(after, settings, false) === content(root, settings, true) ? edited : null;
}

/** Null if two of them are at one place. */
function splice(text: string, splices: readonly Splice[]): string | null {
  const inOrder = [...splices].sort((a, b) => a.from - b.from);
  return inOrder.some((one, index) => index > 0 && one.from < inOrder[index - 1]!.to)
    ? null
    : applySplices(text, inOrder);
}

function read(source: Source): Node | null {
  const report = new Report();
  const root = readYaml(source, report);
  return report.hasErrors ? null : root;
}

/** The contents of a file once the fields are set, their lists in text order; without `values`, as they are. */
function content(root: Node, settings: readonly Setting[], values: boolean): string {
  // Not a structured clone, in which values shared by aliases would be changed everywhere.
  const json = JSON.parse(JSON.stringify(toJson(root))) as {
    users: Record<string, Record<string, Record<string, Json>>>;
  };
  for (const { user, section, key, value } of settings) {
    const owner = json.users[user]?.[section];
    if (!owner) return '';
    const now = values ? (value as Json) : owner[key]!;
    owner[key] = Array.isArray(now) ? (now as string[]).toSorted() : now;
  }
  return stableJson(json);
}

function spliceSetting(syntax: Syntax, root: Node, { user, section, key, value }: Setting): Splice[] | null {
  const userEntry = field(field(root, 'users')?.value, user);
  const sectionEntry = field(userEntry?.value, section);
  if (!userEntry || sectionEntry?.value.kind !== 'map') return null;
  const owner = syntax.entryAt(userEntry.at.offset);
  const member = owner?.collection.members[owner.index];
  if (!member) return null;
  const whole = { ...(toJson(sectionEntry.value) as JsonObject), [key]: value };
  // The user's value is written elsewhere and only named here by an alias.
  if (!isWithin(userEntry.value, member)) {
    return override(syntax, member, `${section}: ${flow(whole)}`);
  }
  const held = syntax.collectionAt(userEntry.value.offset, 'map');
  if (!held) return null;
  // The section comes from a merge key.
  if (!isWithin(sectionEntry.at, member)) return addTo(syntax, held, section, whole);
  const own = syntax.entryAt(sectionEntry.at.offset);
  const ownMember = own?.collection.members[own.index];
  if (!ownMember) return null;
  if (!isWithin(sectionEntry.value, ownMember)) {
    return override(syntax, ownMember, `${key}: ${flow(value)}`);
  }
  const map = syntax.collectionAt(sectionEntry.value.offset, 'map');
  if (!map) return null;
  const entry = field(sectionEntry.value, key);
  return entry && isWithin(entry.at, ownMember)
    ? replace(syntax, entry, value)
    : addTo(syntax, map, key, value);
}

const isWithin = ({ offset }: { readonly offset: number }, { from, to }: Member): boolean =>
  offset >= from && offset < to;

/** `melvins: *images` becomes `melvins: { <<: *images, … }`. */
function override(syntax: Syntax, member: Member, added: string): Splice[] | null {
  const alias = syntax.leaves.find(
    ({ type, from, to }) => type === 'alias' && from >= member.from && to <= member.to,
  );
  if (!alias || alias.to !== member.to) return null;
  const name = syntax.text.slice(alias.from, alias.to);
  return [{ from: alias.from, to: alias.to, text: `{ <<: ${name}, ${added} }` }];
}

function addTo(syntax: Syntax, held: Collection, key: string, value: Json): Splice[] | null {
  const { text } = syntax;
  if (held.inside) return spliceFlow(syntax, held, [`${key}: ${flow(value)}`]);
  const last = held.members.at(-1);
  if (!last) return null;
  // The first entry of a list item or a compact mapping may share its line with something else, so the last one tells
  // the indentation.
  const indent = ' '.repeat(last.from - lineStart(text, last.from));
  const { at, text: lead } = behind(syntax, last);
  return [{ from: at, to: at, text: `${lead}${joined(text, indent, entryLines(key, value))}` }];
}

/** Replaces the text of a value. In a list, items that stay are kept in place with their comments. */
function replace(syntax: Syntax, entry: Entry, value: Setting['value']): Splice[] | null {
  const { value: old } = entry;
  const own = syntax.entryAt(entry.at.offset);
  const member = own?.collection.members[own.index];
  if (!member) return null;
  const whole = (from: number): Splice[] => [{ from, to: member.to, text: flow(value) }];
  if (!isWithin(old, member)) {
    const alias = syntax.leaves.find(
      ({ type, from, to }) => type === 'alias' && from >= member.from && to === member.to,
    );
    return alias ? whole(alias.from) : null;
  }
  if (typeof value === 'string' || old.kind !== 'list') return whole(old.offset);
  const list = syntax.collectionAt(old.offset, 'seq');
  if (!list) return null;
  const gone = old.items.filter((item) => item.kind === 'scalar' && !value.includes(String(item.value)));
  const fresh = value.filter(
    (one) => !old.items.some((item) => item.kind === 'scalar' && item.value === one),
  );
  const places = gone.map((item) => list.members.findIndex((one) => isWithin(item, one)));
  if (places.includes(-1)) return null;
  const inPlace = fresh.slice(0, gone.length).map((one, index): Splice => {
    return { from: gone[index]!.offset, to: list.members[places[index]!]!.to, text: flow(one) };
  });
  // At most one, since one of the list's two items stays.
  const [left] = places.slice(fresh.length);
  if (left !== undefined) {
    const ways = list.inside ? removeFromFlow(syntax, list, left) : removeFromBlock(syntax, list, left);
    return places.length > fresh.length + 1 ? null : [...inPlace, ...ways[0]!];
  }
  const more = fresh.slice(gone.length);
  if (more.length === 0) return inPlace;
  if (list.inside) return [...inPlace, ...spliceFlow(syntax, list, more.map(flow))];
  const last = list.members.at(-1)!;
  const indent = ' '.repeat(last.from - lineStart(syntax.text, last.from));
  const { at, text: lead } = behind(syntax, last);
  const lines = joined(
    syntax.text,
    indent,
    more.map((one) => `- ${flow(one)}`),
  );
  return [...inPlace, { from: at, to: at, text: `${lead}${lines}` }];
}
