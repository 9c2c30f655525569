import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import { quote } from '../core/text.ts';
import type { Report } from '../core/report.ts';
import { place } from '../core/tree.ts';
import type { Entry, Node, Path, Source } from '../core/tree.ts';
import { quoteHint } from './unquoted.ts';
import { below, describe, kindAt } from './words.ts';

/** The tags of YAML's core schema. All others mean something only to the program that made the file. */
const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** Limit of nodes that aliases repeat ("billion laughs"). */
const mostAliased = 250_000;

/**
 * Turns the library's nodes into ours: aliases are followed, merge keys applied, keys are text. Null if the document
 * is empty or has errors.
 */
export function treeOf(source: Source, { contents }: Document.Parsed, report: Report): Node | null {
  if (contents === null || (isScalar(contents) && contents.value === null && !contents.source)) return null;
  const builder = new TreeBuilder(source, report);
  const { node } = builder.read(contents, 0);
  return builder.sound ? node : null;
}

/** A node, with the number of nodes in it when aliases are written out. */
interface Sized {
  readonly node: Node;
  readonly size: number;
}

class TreeBuilder {
  /** False once an error was found. */
  sound = true;
  readonly #source: Source;
  readonly #report: Report;
  /** Null while the node is still being read. */
  readonly #anchors = new Map<string, Sized | null>();
  readonly #path: (string | number)[] = [];
  #aliased = 0;

  constructor(source: Source, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  #fail(
    code: Parameters<Report['error']>[0],
    offset: number,
    message: string,
    extra: Parameters<Report['error']>[3] = {},
  ): void {
    this.sound = false;
    this.#report.error(code, this.#source.locate(offset), message, extra);
  }

  #empty(offset: number): Sized {
    return { node: { kind: 'scalar', source: this.#source, offset, value: null, written: '' }, size: 1 };
  }

  read(node: ParsedNode | null, fallback: number): Sized {
    if (node === null) return this.#empty(fallback);
    const offset = node.range[0];
    if (isAlias(node)) return this.#readAlias(node.source, offset);
    if (node.tag !== undefined && !coreTags.has(node.tag)) {
      // `!break-glass` with nothing after it was meant as a pattern.
      const isText = isScalar(node) && node.source === '' && node.tag.startsWith('!');
      const at = isText ? this.#source.text.lastIndexOf(node.tag, offset) : offset;
      this.#fail('custom-tag', at, `the tag ${quote(node.tag)} has no meaning in a manifest`, {
        hint: isText ? quoteHint(this.#source, at, node.tag) : 'drop the tag',
      });
      return this.#empty(offset);
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, null);
    const result = isMap(node)
      ? this.#readMap(node)
      : isSeq(node)
        ? this.#readList(node)
        : this.#readScalar(node);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, result);
    return result;
  }

  #readAlias(name: string, offset: number): Sized {
    const target = this.#anchors.get(name);
    if (target) {
      this.#aliased += target.size;
      if (this.#aliased > mostAliased && this.sound) {
        this.#fail('alias-limit', offset, `aliases repeat more than ${mostAliased} values`, {
          hint: 'write shared policies once under policies: and attach them',
        });
      }
      return target;
    }
    if (target === null) this.#fail('circular-alias', offset, `the alias *${name} contains itself`);
    else
      this.#fail('unknown-alias', offset, `no anchor &${name} before this alias`, {
        hint: this.#report.suggest('anchor', name, this.#anchors.keys()) ?? quoteHint(this.#source, offset),
      });
    return this.#empty(offset);
  }

  #readScalar(node: ParsedNode): Sized {
    const offset = node.range[0];
    const value: unknown = isScalar(node) ? node.value : null;
    const written = isScalar(node) ? (node.source ?? '') : '';
    const usable = typeof value === 'string' || typeof value === 'boolean' || value === null;
    if (!usable && !(typeof value === 'number' && Number.isFinite(value))) {
      this.#fail('bad-scalar', offset, `${quote(written)} is not a value that a manifest can hold`, {
        hint: 'quote it',
      });
      return this.#empty(offset);
    }
    return { node: { kind: 'scalar', source: this.#source, offset, value, written }, size: 1 };
  }

  #readList(node: ParsedNode & { items: readonly unknown[] }): Sized {
    let size = 1;
    const items = (node.items as readonly ParsedNode[]).map((item, index) => {
      this.#path.push(index);
      const result = this.read(item, node.range[0]);
      this.#path.pop();
      size += result.size;
      return result.node;
    });
    return {
      node: { kind: 'list', source: this.#source, offset: node.range[0], items, json: undefined },
      size,
    };
  }

  #readMap(node: ParsedNode & { items: readonly unknown[] }): Sized {
    const entries = new Map<string, Entry>();
    const merged: Node[] = [];
    let size = 1;
    const pairs = node.items as readonly Record<'key' | 'value', ParsedNode | null>[];
    for (const { key, value } of pairs) {
      const offset = key?.range[0] ?? value?.range[0] ?? node.range[0];
      const name = this.#keyText(key, offset);
      this.#path.push(name ?? '');
      const result = this.read(value, key?.range[1] ?? offset);
      this.#path.pop();
      size += 1 + result.size;
      if (name === null) continue;
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        merged.push(result.node);
        continue;
      }
      const first = entries.get(name);
      if (first) this.#reportDuplicate(name, offset, first);
      else entries.set(name, { key: name, at: { source: this.#source, offset }, value: result.node });
    }
    for (const base of merged) this.#merge(entries, base);
    return {
      node: { kind: 'map', source: this.#source, offset: node.range[0], entries, json: undefined },
      size,
    };
  }

  /** Keys are names: `012` is the text "012", as an editor shows it. */
  #keyText(key: ParsedNode | null, offset: number): string | null {
    if (key !== null && key.anchor !== undefined && isScalar(key)) this.read(key, offset);
    const target = isAlias(key) ? this.#readAlias(key.source, offset).node : key;
    const text =
      target !== null && 'written' in target
        ? String(target.value)
        : isScalar(key)
          ? typeof key.value === 'string'
            ? key.value
            : (key.source ?? '')
          : null;
    if (text === null || text === '') {
      this.#fail(
        'bad-key',
        offset,
        text === '' ? 'the key before ":" is empty' : 'a key must be a plain name',
      );
      return null;
    }
    if (text === '__proto__') {
      this.#fail('bad-key', offset, 'the key "__proto__" is not allowed');
      return null;
    }
    return text;
  }

  #reportDuplicate(name: string, offset: number, first: Entry): void {
    const here: Path = [...this.#path, name];
    const kind = kindAt(this.#path);
    const named = kind !== undefined && below(this.#path, kind).length === 0;
    this.#fail(
      named ? 'duplicate-name' : 'duplicate-key',
      offset,
      named
        ? `${describe(here)} is declared twice`
        : `the key ${quote(name)} is there twice in ${describe(this.#path)}`,
      { hint: 'keep one, with what both say', related: [{ message: 'first here', at: place(first.at) }] },
    );
  }

  /** https://yaml.org/type/merge.html: own keys win, then earlier mappings. */
  #merge(entries: Map<string, Entry>, base: Node): void {
    if (base.kind === 'list' && base.items.every((item) => item.kind === 'map')) {
      for (const item of base.items) this.#merge(entries, item);
    } else if (base.kind === 'map') {
      for (const entry of base.entries.values()) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    } else if (this.sound) {
      this.#fail('bad-merge', base.offset, 'a merge key (<<) takes a mapping or a list of mappings');
    }
  }
}
