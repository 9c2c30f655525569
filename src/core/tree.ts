import type { Location } from './errors.ts';
import { pointerKeys } from './json.ts';
import type { Json } from './json.ts';

/** A file that was read: a manifest or a policy document. */
export class Source {
  /** Its path as the user would type it, relative to the current directory. */
  readonly name: string;
  /** Its absolute path. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** Offset of each line's first character. Made when first needed: most files have nothing to report. */
  #lines: number[] | undefined;

  constructor(name: string, path: string, bytes: Uint8Array, text: string) {
    this.name = name;
    this.path = path;
    this.bytes = bytes;
    this.text = text;
  }

  locate(offset: number): Location {
    this.#lines ??= lineStarts(this.text);
    let [low, high] = [0, this.#lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.name, line: low + 1, column: offset - this.#lines[low]! + 1 };
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** A place in a file that was read: its line and column are worked out when they are needed. */
export interface Position {
  readonly source: Source;
  /** Offset in the source's text. */
  readonly offset: number;
}

export interface Scalar extends Position {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written, without quotes: `012` for the number 12. */
  readonly written: string;
}
interface List extends Position, Remembering {
  readonly kind: 'list';
  readonly items: readonly Node[];
}
interface Mapping extends Position, Remembering {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

/**
 * What `toJson` has made of a node, and nobody else looks at. Not a `WeakMap`: of a large account it would have tens
 * of thousands of keys, which the garbage collector has to follow one by one.
 */
interface Remembering {
  json: Json | undefined;
}

/**
 * YAML or JSON content with places. Aliases are followed, so a node may be reached in several ways; its place is where
 * it is written. There are no cycles.
 */
export type Node = Scalar | List | Mapping;

export interface Entry {
  readonly key: string;
  /** Place of the key. */
  readonly at: Position;
  readonly value: Node;
}

export type Path = readonly (string | number)[];

export const place = ({ source, offset }: Position): Location => source.locate(offset);

export const field = (node: Node | undefined, key: string): Entry | undefined =>
  node?.kind === 'map' ? node.entries.get(key) : undefined;

/** What stands below several keys. */
export function entryAt(node: Node | undefined, path: readonly string[]): Entry | undefined {
  let entry: Entry | undefined;
  let at = node;
  for (const key of path) {
    entry = field(at, key);
    at = entry?.value;
  }
  return entry;
}

/** The entries of a mapping; empty for anything else, which the schema has reported. */
export const entriesOf = (node: Node | undefined): Entry[] =>
  node?.kind === 'map' ? [...node.entries.values()] : [];

export const itemsOf = (node: Node | undefined): readonly Node[] => (node?.kind === 'list' ? node.items : []);

export const textOf = (node: Node | undefined): string | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;

export const numberOf = (node: Node | undefined): number | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;

/** The content without places. A node always gives the same value, which nobody may change. */
export function toJson(node: Node): Json {
  if (node.kind === 'scalar') return node.value;
  node.json ??= node.kind === 'list' ? node.items.map(toJson) : mappingToJson(node);
  return node.json;
}

function mappingToJson({ entries }: Mapping): Json {
  const object: Record<string, Json> = {};
  // No key is `__proto__`: the readers refuse it.
  for (const { key, value } of entries.values()) object[key] = toJson(value);
  return object;
}

/** The node at a path, and the place of its key if it is in a mapping; or as far as the path goes. */
export function follow(root: Node, path: Path): { node: Node; key: Position; reached: number } {
  let node = root;
  let key: Position = root;
  for (const [index, step] of path.entries()) {
    if (node.kind === 'list' && typeof step === 'number' && step < node.items.length) {
      node = node.items[step]!;
      key = node;
      continue;
    }
    const entry = field(node, String(step));
    if (!entry) return { node, key, reached: index };
    node = entry.value;
    key = entry.at;
  }
  return { node, key, reached: path.length };
}

/** The path that a JSON Pointer says: list positions are numbers in it. */
export function pathOf(root: Node, pointer: string): Path {
  const path: (string | number)[] = [];
  for (const key of pointerKeys(pointer)) {
    path.push(follow(root, path).node.kind === 'list' ? Number(key) : key);
  }
  return path;
}
