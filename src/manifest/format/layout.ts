/** A file of YAML as what a formatter moves: entries and items with their comments, and values as they are written. */
import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { ParsedNode } from 'yaml';
import type { Json } from '../../core/json.ts';
import { Syntax } from '../edit/syntax.ts';

interface Comment {
  readonly from: number;
  readonly to: number;
  readonly column: number;
  /** Nothing but spaces stands before it. */
  readonly ownLine: boolean;
}

/** The text with where its comments are. */
export class Written {
  readonly text: string;
  readonly comments: readonly Comment[];
  readonly root: ParsedNode | null;

  constructor(text: string) {
    this.text = text;
    this.comments = new Syntax(text).leaves
      .filter(({ type }) => type === 'comment')
      .map(({ from, to }) => {
        const start = text.lastIndexOf('\n', from - 1) + 1;
        return { from, to, column: from - start, ownLine: text.slice(start, from).trim() === '' };
      });
    this.root = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: false }).contents;
  }

  columnOf(offset: number): number {
    return offset - (this.text.lastIndexOf('\n', offset - 1) + 1);
  }

  within(from: number, to: number): readonly Comment[] {
    return this.comments.filter((one) => one.from >= from && one.from < to);
  }

  /** The comment behind what ends at the offset, on its line. */
  behind(offset: number): Comment | undefined {
    const end = this.text.indexOf('\n', offset);
    return this.within(offset, end === -1 ? this.text.length : end)[0];
  }

  /** Comments that have lines of their own, and the blank lines before and between them, of several one. */
  lines(from: number, to: number): string[] {
    const first = this.text.indexOf('\n', from);
    const isStart = from === 0 || this.text[from - 1] === '\n';
    const start = isStart ? from : first === -1 || first >= to ? to : first + 1;
    return this.text
      .slice(start, to)
      .split('\n')
      .slice(0, -1)
      .map((line) => line.trim())
      .filter((line, index, all) => line !== '' || all[index - 1] !== '');
  }
}

/** Where the last token of a node ends. The library's own range of a block has the comments below it, whosever they are. */
export function endOf(node: ParsedNode): number {
  if ((!isMap(node) && !isSeq(node)) || node.flow === true || node.items.length === 0) return node.range[1];
  const last: unknown = node.items.at(-1);
  if (isSeq(node)) return endOf(last as ParsedNode);
  const { key, value } = last as Pair;
  return endOfPair(key, value);
}

/** An empty value ends where its key does. */
export const endOfPair = (key: ParsedNode | null, value: ParsedNode | null): number =>
  Math.max(key?.range[1] ?? 0, value === null ? 0 : endOf(value));

/**
 * What the node says, where nothing but that has to be kept; undefined where something stands in it that a value lacks:
 * comments, anchors, aliases, tags, merge keys, texts over several lines, keys and numbers that have another spelling.
 */
export function valueOf(node: ParsedNode | null, written: Written): Json | undefined {
  if (node === null || isAlias(node) || node.anchor !== undefined || node.tag !== undefined) return undefined;
  if (written.within(node.range[0], endOf(node)).length > 0) return undefined;
  if (isScalar(node)) return scalarOf(node);
  if (isSeq(node)) {
    const items = node.items.map((item) => valueOf(item, written));
    return items.some((item) => item === undefined) ? undefined : (items as Json[]);
  }
  if (!isMap(node)) return undefined;
  const entries: [string, Json][] = [];
  for (const { key, value } of node.items as unknown as Pair[]) {
    const [name, said] = [nameOf(key), valueOf(value, written)];
    if (name === undefined || name === '<<' || said === undefined) return undefined;
    entries.push([name, said]);
  }
  // An object would put keys that look like numbers first.
  return entries.some(([key]) => /^\d+$/.test(key)) ? undefined : Object.fromEntries(entries);
}

export interface Pair {
  readonly key: ParsedNode | null;
  readonly value: ParsedNode | null;
}

/** The name of an entry; undefined if it is no plain text. */
export const nameOf = (key: ParsedNode | null): string | undefined =>
  key !== null && isScalar(key) && typeof key.value === 'string' && key.anchor === undefined && !key.tag
    ? key.value
    : undefined;

function scalarOf(node: ParsedNode): Json | undefined {
  if (!isScalar(node) || node.type === 'BLOCK_FOLDED' || node.type === 'BLOCK_LITERAL') return undefined;
  const { value, source } = node;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' && String(value) === source ? value : undefined;
}
