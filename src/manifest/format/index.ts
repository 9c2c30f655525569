/** The one style of manifests, which is how import writes them: keys in order, short values on one line, few quotes. */
import { isMap, isSeq } from 'yaml';
import type { ParsedNode } from 'yaml';
import { byText, isObject, stableJson } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import { Report } from '../../core/report.ts';
import { Source, toJson } from '../../core/tree.ts';
import { isManifest } from '../documents.ts';
import { readYaml } from '../yaml.ts';
import { entryLines, itemLines, keyText } from '../write/yaml.ts';
import { keyOrder } from './compiled.ts';
import type { KeyOrder } from './compiled.ts';
import { endOf, endOfPair, nameOf, valueOf, Written } from './layout.ts';
import type { Pair } from './layout.ts';

/**
 * The text in the one style; the text as it is where that style would not say the same: an anchor, for one, has to stand
 * before its aliases, which may hold it in another place than the order has for it.
 *
 * @param source has no errors.
 */
export function formatManifest(source: Source): string {
  const before = meaning(source.text);
  if (before === null) return source.text;
  const order = isManifest(readYaml(source, new Report())) ? keyOrder : null;
  for (const one of [order, null]) {
    const text = formatted(source.text, one);
    const again = text === null ? null : formatted(text, one);
    if (text !== null && again === text && meaning(text) === before) return text;
  }
  return source.text;
}

/** What must not change: the values, and the comments. Null for what is no YAML. */
function meaning(text: string): string | null {
  const report = new Report();
  const root = readYaml(new Source('', '', new Uint8Array(), text), report);
  if (root === null || report.hasErrors) return null;
  const { comments } = new Written(text);
  const said = comments.map(({ from, to }) => text.slice(from, to).trim()).sort(byText);
  return stableJson([toJson(root), said]);
}

function formatted(text: string, order: KeyOrder | null): string | null {
  const unix = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const written = new Written(unix.endsWith('\n') ? unix : `${unix}\n`);
  const { root } = written;
  if (root === null || !isMap(root) || root.flow || root.anchor !== undefined || root.tag) return null;
  const formatter = new Formatter(written);
  const first = (root.items as unknown as Pair[])[0]?.key?.range[0] ?? 0;
  // The comment at the top is about the file, and so stays there.
  const head = written.lines(0, first);
  const header = head.slice(0, headerLength(head));
  try {
    const lines = formatter.map(root, first, written.text.length, order, head.slice(header.length));
    return `${trimmed([...header, ...lines]).join('\n')}\n`;
  } catch (error) {
    if (error instanceof Unformattable) return null;
    throw error;
  }
}

/** As far as the first blank line; of a line for editors no further than that. */
function headerLength(lines: readonly string[]): number {
  const schema = lines.findIndex((line) => /^#\s*yaml-language-server:/.test(line));
  const blank = lines.indexOf('');
  if (blank !== -1) return blank + 1;
  return schema + 1;
}

/** Without blank lines at both ends, and of several in a row one. */
const trimmed = (lines: readonly string[]): string[] => {
  const kept = lines.filter((line, index) => line !== '' || (index > 0 && lines[index - 1] !== ''));
  return kept.at(-1) === '' ? kept.slice(0, -1) : kept;
};

const withoutFirstBlank = (lines: readonly string[]): readonly string[] =>
  lines[0] === '' ? lines.slice(1) : lines;

const indented = (lines: readonly string[]): string[] =>
  lines.map((line) => (line === '' ? '' : `  ${line}`));

/** An entry or an item, and what stands above it. */
interface Block {
  readonly name: string | undefined;
  readonly above: readonly string[];
  readonly lines: readonly string[];
}

class Formatter {
  readonly #written: Written;

  constructor(written: Written) {
    this.#written = written;
  }

  /**
   * The lines of a mapping in block style, without indentation.
   *
   * @param from where its first key is.
   * @param to where the comments at its end end.
   * @param above lines above the first entry.
   */
  map(
    node: ParsedNode,
    from: number,
    to: number,
    order: KeyOrder | null,
    above: readonly string[],
  ): string[] {
    const pairs = (node as unknown as { readonly items: readonly Pair[] }).items;
    const column = this.#written.columnOf(from);
    const starts = pairs.map(({ key, value }) => (key ?? value)!.range[0]);
    const blocks: Block[] = [];
    let leading = above;
    for (const [index, { key, value }] of pairs.entries()) {
      const end = endOfPair(key, value);
      const next = starts[index + 1] ?? to;
      const split = this.#split(end, next, column);
      const name = nameOf(key);
      blocks.push({
        name,
        above: leading,
        lines: this.#entry({ key, value }, starts[index]!, split, below(order, name)),
      });
      leading = this.#written.lines(split, next);
    }
    return [...inOrder(blocks, order).flatMap((block) => [...block.above, ...block.lines]), ...leading];
  }

  #list(node: ParsedNode, to: number, order: KeyOrder | null): string[] {
    const items = (node as unknown as { readonly items: readonly ParsedNode[] }).items;
    const { text } = this.#written;
    const dashes = items.map((item) => text.lastIndexOf('-', item.range[0] - 1));
    const column = this.#written.columnOf(dashes[0] ?? 0);
    const lines: string[] = [];
    for (const [index, item] of items.entries()) {
      const next = dashes[index + 1] ?? to;
      const split = this.#split(endOf(item), next, column);
      lines.push(...this.#item(item, dashes[index]!, split, order));
      lines.push(...this.#written.lines(split, next));
    }
    return lines;
  }

  /** Comments below a value are its own where they stand further in than the column. */
  #split(end: number, next: number, column: number): number {
    const own = this.#written.within(end, next);
    const foreign = own.findIndex((comment) => comment.ownLine && comment.column <= column);
    const last = foreign === -1 ? own.at(-1) : own[foreign - 1];
    return last ? this.#written.text.indexOf('\n', last.to) + 1 : end;
  }

  #entry({ key, value }: Pair, from: number, to: number, order: KeyOrder | null): string[] {
    const { text } = this.#written;
    const name = nameOf(key);
    const label = name === undefined || name === '<<' ? name : keyText(name);
    const said = valueOf(value, this.#written);
    const colon = key === null ? -1 : text.indexOf(':', endOf(key));
    if (name === undefined || colon === -1) throw new Unformattable();
    const comment = this.#own(value === null ? colon + 1 : from, value, to, colon + 1);
    if (said !== undefined && comment !== undefined) {
      const isSection = this.#written.columnOf(from) === 0;
      const [first = '', ...rest] = (isSection ? sectionLines : entryLines)(name, sorted(said, order));
      return [`${first}${comment}`, ...rest];
    }
    if (value !== null && isBlock(value) && !value.tag) {
      const head = this.#written.within(colon, value.range[0]);
      const above = withoutFirstBlank(this.#written.lines(colon, value.range[0]));
      const behind = head.filter(({ ownLine }) => !ownLine).map((one) => ` ${text.slice(one.from, one.to)}`);
      const anchor = value.anchor === undefined ? '' : ` &${value.anchor}`;
      return [`${label}:${anchor}${behind.join('')}`, ...indented(this.#children(value, to, order, above))];
    }
    return this.#verbatim(`${label}:`, colon + 1, to, from);
  }

  #item(item: ParsedNode, dash: number, to: number, order: KeyOrder | null): string[] {
    const said = valueOf(item, this.#written);
    const comment = this.#own(dash, item, to, dash + 1);
    if (said !== undefined && comment !== undefined) {
      const [first = '', ...rest] = itemLines(sorted(said, order));
      return [`${first}${comment}`, ...rest];
    }
    if (isBlock(item) && item.anchor === undefined && !item.tag) {
      const head = this.#written
        .within(dash, item.range[0])
        .map((one) => this.#written.text.slice(one.from, one.to));
      const [first = '', ...rest] = this.#children(item, to, order, []);
      return [...head, `- ${first}`, ...rest.map((line) => (line === '' ? '' : `  ${line}`))];
    }
    return this.#verbatim('-', dash + 1, to, dash);
  }

  #children(value: ParsedNode, to: number, order: KeyOrder | null, above: readonly string[]): string[] {
    if (isMap(value)) return this.map(value, value.range[0], to, order, above);
    return [...above, ...this.#list(value, to, order?.items ?? null)];
  }

  /**
   * The only comment of what can be written anew: behind it, or behind its key. Empty: there is none; undefined: there are
   * others, too.
   */
  #own(from: number, value: ParsedNode | null, to: number, after: number): string | undefined {
    const { text } = this.#written;
    const comments = this.#written.within(from, to);
    if (comments.length === 0) return '';
    const [only, second] = comments;
    if (second !== undefined || only!.ownLine) return undefined;
    const isBehind = (offset: number): boolean => this.#written.behind(offset) === only;
    const fits =
      value !== null && isBlock(value)
        ? only!.from < value.range[0] && isBehind(after)
        : isBehind(after) || (value !== null && isBehind(endOf(value)));
    if (!fits) return undefined;
    return ` ${text.slice(only!.from, only!.to)}`;
  }

  /** As it is written, further in or out. */
  #verbatim(label: string, from: number, to: number, start: number): string[] {
    const shift = this.#written.columnOf(start);
    const [first = '', ...rest] = this.#written.text.slice(from, to).trimEnd().split('\n');
    const lines = rest.map((line) => line.trimEnd());
    if (lines.some((line) => line.slice(0, shift).trim() !== '')) throw new Unformattable();
    return [`${label} ${first.trim()}`.trimEnd(), ...lines.map((line) => line.slice(shift))];
  }
}

/** What stands at the top has lines of its own, however short it is. */
function sectionLines(name: string, value: Json): string[] {
  if (!isObject(value) || Object.keys(value).length === 0) return entryLines(name, value);
  const entries = Object.entries(value).flatMap(([key, one]) => entryLines(key, one));
  return [`${keyText(name)}:`, ...indented(entries)];
}

/** Something that no rule here is about: the file stays as it is. */
class Unformattable extends Error {}

const isBlock = (node: ParsedNode): boolean =>
  (isMap(node) || isSeq(node)) && node.flow !== true && node.items.length > 0;

const below = (order: KeyOrder | null, name: string | undefined): KeyOrder | null =>
  order === null || name === undefined ? null : Object.hasOwn(order.of, name) ? order.of[name]! : order.each;

/** Merge keys first, then known keys in their order, then the others as they are. */
function rank(order: KeyOrder, name: string | undefined): number {
  if (name === undefined || name === '<<') return -2;
  // Anchors stand there, before the objects that use them.
  if (order === keyOrder && name.startsWith('x-')) return order.keys.indexOf('users') - 0.5;
  const at = order.keys.indexOf(name);
  return at === -1 ? order.keys.length : at;
}

/** A comment below a blank line heads what follows: names are sorted below it, and not across it. */
const isHeading = ({ above }: Block): boolean => above[0] === '' && above.length > 1;

function inOrder(blocks: readonly Block[], order: KeyOrder | null): readonly Block[] {
  if (order === null) return blocks;
  if (order.keys.length > 0) return [...blocks].sort((a, b) => rank(order, a.name) - rank(order, b.name));
  if (order.each === null && !blocks.every(({ name }) => name !== undefined)) return blocks;
  const groups: Block[][] = [];
  for (const block of blocks) {
    if (groups.length === 0 || isHeading(block)) groups.push([]);
    groups.at(-1)!.push(block);
  }
  return groups.flatMap((group) => {
    // What heads the group stays above it.
    const heading = isHeading(group[0]!) ? group[0]!.above : [];
    const bare = group.map((block, index) =>
      index === 0 && heading.length > 0 ? { ...block, above: [] } : block,
    );
    const named = bare.sort((a, b) => byText(a.name ?? '', b.name ?? ''));
    return named.map((block, index) =>
      index === 0 ? { ...block, above: [...heading, ...block.above] } : block,
    );
  });
}

/** The value with the keys of its mappings in order. */
function sorted(value: Json, order: KeyOrder | null): Json {
  if (order === null) return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => sorted(item, order.items));
  if (!isObject(value)) return value;
  const blocks = Object.keys(value).map((name): Block => ({ name, above: [], lines: [] }));
  return Object.fromEntries(
    inOrder(blocks, order).map(({ name }) => [name!, sorted(value[name!]!, below(order, name))]),
  );
}
