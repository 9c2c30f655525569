import { quote } from '../core/text.ts';
import type { Report } from '../core/report.ts';
import { place } from '../core/tree.ts';
import type { Entry, Node, Source } from '../core/tree.ts';

/** Levels of nesting; a policy document needs six. */
const deepest = 64;

const space = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

/** Where reading stopped, and what was expected there. */
class Unexpected extends Error {
  readonly offset: number;

  constructor(offset: number, wanted: string) {
    super(wanted);
    this.offset = offset;
  }
}

/**
 * Reads a JSON file (RFC 8259) with places, which `JSON.parse` does not give: neither for values nor, in Node 20, for
 * all errors. Null: not valid JSON, which is reported. A key that is there twice is an error.
 */
export function readJson(source: Source, report: Report): Node | null {
  const { text } = source;
  let at = 0;
  let sound = true;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const take = (char: string): boolean => {
    match(space);
    if (text[at] !== char) return false;
    at += 1;
    return true;
  };

  function string(): string {
    const start = at;
    if (text[at] !== '"') throw new Unexpected(at, 'a key in double quotes');
    for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1;
      else if (text.charCodeAt(at) < 0x20) throw new Unexpected(at, 'the string to end on its line');
    }
    at += 1;
    if (at > text.length) throw new Unexpected(text.length, 'a closing quote');
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      throw new Unexpected(start, 'a string with valid escapes');
    }
  }

  function value(depth: number): Node {
    match(space);
    const offset = at;
    if (depth > deepest) throw new Unexpected(offset, `at most ${deepest} levels of nesting`);
    if (take('{')) return mapping(offset, depth);
    if (take('[')) return list(offset, depth);
    if (text[at] === '"') {
      const content = string();
      return { kind: 'scalar', source, offset, value: content, written: content };
    }
    const scalar = match(number) ?? match(word);
    if (!scalar) throw new Unexpected(offset, 'a value');
    const parsed = JSON.parse(scalar[0]) as number | boolean | null;
    return { kind: 'scalar', source, offset, value: parsed, written: scalar[0] };
  }

  function list(offset: number, depth: number): Node {
    const items: Node[] = [];
    if (take(']')) return { kind: 'list', source, offset, items };
    do items.push(value(depth + 1));
    while (take(','));
    if (!take(']')) throw new Unexpected(at, '"," or "]"');
    return { kind: 'list', source, offset, items };
  }

  function mapping(offset: number, depth: number): Node {
    const entries = new Map<string, Entry>();
    if (take('}')) return { kind: 'map', source, offset, entries };
    do entry(entries, depth);
    while (take(','));
    if (!take('}')) throw new Unexpected(at, '"," or "}"');
    return { kind: 'map', source, offset, entries };
  }

  function entry(entries: Map<string, Entry>, depth: number): void {
    match(space);
    const offset = at;
    const key = string();
    if (!take(':')) throw new Unexpected(at, '":"');
    const item = value(depth + 1);
    const first = entries.get(key);
    if (first || key === '__proto__') {
      sound = false;
      report.error(
        first ? 'duplicate-key' : 'bad-key',
        source.locate(offset),
        first ? `the key ${quote(key)} is there twice` : 'the key "__proto__" is not allowed',
        first ? { hint: 'keep one', related: [{ message: 'first here', at: place(first.at) }] } : {},
      );
    } else entries.set(key, { key, at: { source, offset }, value: item });
  }

  try {
    const root = value(0);
    match(space);
    if (at < text.length) throw new Unexpected(at, 'the end of the file');
    return sound ? root : null;
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
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
