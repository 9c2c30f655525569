import { Parser } from 'yaml';
import type { CST } from 'yaml';

/** A token of the text. Concatenated, the tokens are the text, byte for byte. */
interface Leaf {
  readonly type: CST.Token['type'];
  readonly from: number;
  readonly to: number;
}

/** One entry of a mapping or item of a list. */
export interface Member {
  /** Where its key begins, after anchor and tag; null if it has none. */
  readonly keyAt: number | null;
  /** From its first token to its last, without comments, spaces, line breaks and commas around it. */
  readonly from: number;
  readonly to: number;
}

/** A mapping or list as it is written. */
export interface Collection {
  readonly kind: 'block-map' | 'block-seq' | 'flow-map' | 'flow-seq';
  readonly at: number;
  readonly members: readonly Member[];
  /** The offsets of the commas; none in block style. */
  readonly commas: readonly number[];
  /** In flow style, the range between the brackets. */
  readonly inside: { readonly from: number; readonly to: number } | null;
}

const trivia: ReadonlySet<CST.Token['type']> = new Set(['space', 'newline', 'comment', 'comma']);

/** The text as tokens and collections with offsets: what an edit needs to know and parsed values lack. */
export class Syntax {
  readonly text: string;
  readonly leaves: readonly Leaf[];
  readonly collections: readonly Collection[];

  constructor(text: string) {
    this.text = text;
    const reader = new Reader();
    for (const token of new Parser().parse(text)) reader.token(token);
    this.leaves = reader.leaves;
    this.collections = reader.collections;
  }

  /** The entry whose key begins at the offset. */
  entryAt(keyOffset: number): { collection: Collection; index: number } | null {
    for (const collection of this.collections) {
      const index = collection.members.findIndex(({ keyAt }) => keyAt === keyOffset);
      if (index !== -1 && collection.kind.endsWith('map')) return { collection, index };
    }
    return null;
  }

  collectionAt(offset: number, kind: 'map' | 'seq'): Collection | null {
    return this.collections.find((one) => one.at === offset && one.kind.endsWith(kind)) ?? null;
  }

  /** The last token before the offset that is not white space or a comment. */
  before(offset: number): Leaf | null {
    return this.leaves.findLast(({ from, type }) => from < offset && !trivia.has(type)) ?? null;
  }

  hasComment(from: number, to: number): boolean {
    return this.leaves.some((leaf) => leaf.type === 'comment' && leaf.from >= from && leaf.to <= to);
  }

  isCommentAt(offset: number): boolean {
    return this.leaves.some(({ type, from }) => type === 'comment' && from === offset);
  }
}

class Reader {
  readonly leaves: Leaf[] = [];
  readonly collections: Collection[] = [];
  #at = 0;

  token(token: CST.Token): void {
    switch (token.type) {
      case 'document':
        this.#all(token.start);
        if (token.value) this.token(token.value);
        this.#all(token.end);
        break;
      case 'block-map':
      case 'block-seq':
        this.#collection(token.type, token.offset, token.items, null);
        break;
      case 'flow-collection': {
        this.token(token.start);
        const from = this.#at;
        const kind = token.start.type === 'flow-map-start' ? 'flow-map' : 'flow-seq';
        this.#collection(kind, token.offset, token.items, from);
        this.#all(token.end);
        break;
      }
      case 'block-scalar':
        this.#all(token.props);
        this.#leaf(token.type, token.source);
        break;
      default:
        if ('source' in token) this.#leaf(token.type, token.source);
        if ('end' in token) this.#all(token.end);
    }
  }

  #collection(
    kind: Collection['kind'],
    at: number,
    items: readonly (CST.BlockMap | CST.BlockSequence | CST.FlowCollection)['items'][number][],
    from: number | null,
  ): void {
    const place = this.collections.length;
    const first = this.leaves.length;
    const members: Member[] = [];
    const commas: number[] = [];
    // Outer collections before inner ones.
    this.collections.push({ kind, at, members, commas, inside: null });
    for (const item of items) {
      const start = this.leaves.length;
      this.#all(item.start);
      if (from !== null) {
        for (const { type, from: comma } of this.leaves.slice(start))
          if (type === 'comma') commas.push(comma);
      }
      const keyAt = item.key ? this.#at : null;
      if (item.key) this.token(item.key);
      this.#all(item.sep);
      if (item.value) this.token(item.value);
      const said = this.leaves.slice(start).filter(({ type }) => !trivia.has(type));
      if (said.length > 0) members.push({ keyAt, from: said[0]!.from, to: said.at(-1)!.to });
    }
    if (from === null) return;
    const to = this.leaves.length === first ? from : this.#at;
    this.collections[place] = { kind, at, members, commas, inside: { from, to } };
  }

  #all(tokens: readonly CST.Token[] | undefined | null): void {
    for (const token of tokens ?? []) this.token(token);
  }

  #leaf(type: CST.Token['type'], source: string): void {
    this.leaves.push({ type, from: this.#at, to: this.#at + source.length });
    this.#at += source.length;
  }
}
