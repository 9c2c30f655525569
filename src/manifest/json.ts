import { quote } from '../core/text.ts';
import type { Report } from '../core/report.ts';
import { place } from '../core/tree.ts';
import type { Entry, Node, Source } from '../core/tree.ts';

/** The deepest nesting that is read; a policy document needs six levels. */
const deepest = 64;

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

/** Thrown where reading stops, with what was expected there. */
class Unexpected extends Error {
  readonly offset: number;

  constructor(offset: number, wanted: string) {
    super(wanted);
    this.offset = offset;
  }
}

/**
 * Reads a JSON file (RFC 8259) with the places of values, which `JSON.parse` does not give; in Node 20 not even for
 * all errors. Null if it is not valid JSON, which is reported. A repeated key is an error.
 */
export function readJson(source: Source, report: Report): Node | null {
  try {
    return new JsonReader(source, report).read();
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    const { text } = source;
    const found =
      error.offset < text.length ? quote(text.slice(error.offset, error.offset + 1)) : 'the end of the file';
    report.error(
      'json-syntax',
      source.locate(error.offset),
      `not valid JSON: expected ${error.message}, found ${found}`,
    );
    return null;
  }
}

class JsonReader {
  readonly #source: Source;
  readonly #report: Report;
  readonly #text: string;
  #at = 0;
  #sound = true;

  constructor(source: Source, report: Report) {
    this.#source = source;
    this.#report = report;
    this.#text = source.text;
  }

  /** Null: a key is wrong, which is reported. Throws Unexpected. */
  read(): Node | null {
    const root = this.#value(0);
    this.#match(space);
    if (this.#at < this.#text.length) throw new Unexpected(this.#at, 'the end of the file');
    return this.#sound ? root : null;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  #take(char: string): boolean {
    this.#match(space);
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[this.#at] !== '"') throw new Unexpected(this.#at, 'a key in double quotes');
    const text = this.#text;
    let at = this.#at + 1;
    for (; at < text.length && text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1;
      else if (text.charCodeAt(at) < 0x20) throw new Unexpected(at, 'the string to end on its line');
    }
    this.#at = at + 1;
    if (this.#at > text.length) throw new Unexpected(text.length, 'a closing quote');
    try {
      return JSON.parse(text.slice(start, this.#at)) as string;
    } catch {
      throw new Unexpected(start, 'a string with valid escapes');
    }
  }

  #value(depth: number): Node {
    this.#match(space);
    const offset = this.#at;
    if (depth > deepest) throw new Unexpected(offset, `at most ${deepest} levels of nesting`);
    if (this.#take('{')) return this.#mapping(offset, depth);
    if (this.#take('[')) return this.#list(offset, depth);
    if (this.#text[this.#at] === '"') {
      const content = this.#string();
      return { kind: 'scalar', source: this.#source, offset, value: content, written: content };
    }
    const scalar = this.#match(number) ?? this.#match(word);
    if (!scalar) throw new Unexpected(offset, 'a value');
    const parsed = JSON.parse(scalar[0]) as number | boolean | null;
    return { kind: 'scalar', source: this.#source, offset, value: parsed, written: scalar[0] };
  }

  #list(offset: number, depth: number): Node {
    const items: Node[] = [];
    if (this.#take(']')) return { kind: 'list', source: this.#source, offset, items, json: undefined };
    do items.push(this.#value(depth + 1));
    while (this.#take(','));
    if (!this.#take(']')) throw new Unexpected(this.#at, '"," or "]"');
    return { kind: 'list', source: this.#source, offset, items, json: undefined };
  }

  #mapping(offset: number, depth: number): Node {
    const entries = new Map<string, Entry>();
    if (this.#take('}')) return { kind: 'map', source: this.#source, offset, entries, json: undefined };
    do this.#entry(entries, depth);
    while (this.#take(','));
    if (!this.#take('}')) throw new Unexpected(this.#at, '"," or "}"');
    return { kind: 'map', source: this.#source, offset, entries, json: undefined };
  }

  #entry(entries: Map<string, Entry>, depth: number): void {
    this.#match(space);
    const offset = this.#at;
    const key = this.#string();
    if (!this.#take(':')) throw new Unexpected(this.#at, '":"');
    const item = this.#value(depth + 1);
    const first = entries.get(key);
    if (first || key === '__proto__') {
      this.#sound = false;
      this.#report.error(
        first ? 'duplicate-key' : 'bad-key',
        this.#source.locate(offset),
        first ? `the key ${quote(key)} is there twice` : 'the key "__proto__" is not allowed',
        first ? { hint: 'keep one', related: [{ message: 'first here', at: place(first.at) }] } : {},
      );
    } else entries.set(key, { key, at: { source: this.#source, offset }, value: item });
  }
}
