import { Composer, isAlias, isMap, isScalar, isSeq, Parser } from 'yaml';
import type { CST, Document, ParsedNode, YAMLError } from 'yaml';
import type { DiagnosticCode } from '../core/diagnostics.ts';
import { plural, quote } from '../core/text.ts';
import type { Report } from '../core/report.ts';
import { place } from '../core/tree.ts';
import type { Entry, Node, Path, Source } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import { describe } from './words.ts';

/** Guards: a manifest that is refused for one of these was not written by a person. */
const most = {
  /** Levels of nesting. Deeper, the parser's recursion could end the process. */
  depth: 64,
  /** Keys, values and list entries of one file. */
  nodes: 1_000_000,
  /** Nodes that aliases add by repetition ("billion laughs"). */
  aliased: 250_000,
  /** Syntax errors told of one file: the first ones cause the others. */
  syntaxErrors: 10,
} as const;

/** The tags of YAML's core schema; anything else would need code to mean something. */
const coreTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** Git's, at the start of a line. As YAML they would be many errors, or in a list in brackets even text. */
const conflictMarker = /^(?:(?:<{7}|>{7}|\|{7})(?: .*)?|={7})\r?$/m;

/**
 * Reads a file of one YAML 1.2 document (core schema). Null: an empty file, or one with errors, which are reported.
 *
 * Not left to the library: duplicate keys (its check is quadratic), merge keys, aliases and JSON conversion, because
 * each needs places.
 */
export function readYaml(source: Source, report: Report): Node | null {
  const errorAt = (code: DiagnosticCode, offset: number, message: string, hint?: string): null => {
    report.error(code, source.locate(offset), message, { hint });
    return null;
  };
  const conflict = source.text.search(conflictMarker);
  if (conflict !== -1) {
    return errorAt(
      'merge-conflict',
      conflict,
      'unresolved merge conflict',
      'keep what both sides mean, and remove the lines with <<<<<<<, ======= and >>>>>>>',
    );
  }
  const tokens = [...new Parser().parse(source.text)];
  const excess = measure(tokens);
  if (excess !== null) {
    return excess.what === 'depth'
      ? errorAt(
          'too-deep',
          excess.offset,
          `nested deeper than ${most.depth} levels`,
          'a manifest needs about ten',
        )
      : errorAt(
          'too-many-nodes',
          excess.offset,
          `more than ${most.nodes} values in one file`,
          'split the file',
        );
  }
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const documents = withoutStacks(() => [...composer.compose(tokens)]);
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) {
    reportSyntax(source, errors, report);
    return null;
  }
  const [document, second] = documents;
  if (!document) return null;
  if (document.directives.yaml.version !== '1.2') {
    return errorAt(
      'yaml-version',
      0,
      `YAML ${document.directives.yaml.version} is not supported`,
      'drop the %YAML line: rollcall reads YAML 1.2',
    );
  }
  if (second) {
    return errorAt(
      'multiple-documents',
      second.range[0],
      `a second YAML document begins here; a manifest file holds one`,
      'put it into a file of its own, or drop the --- line',
    );
  }
  return build(source, document, report);
}

/** Errors are made by the thousand in broken files; their stack traces would take most of the time. */
function withoutStacks<T>(run: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** Walks the tokens without recursion, before anything recursive does. */
function measure(tokens: readonly CST.Token[]): { what: 'depth' | 'nodes'; offset: number } | null {
  const open: [token: CST.Token, depth: number][] = tokens.map((token) => [token, 0]);
  let nodes = tokens.length;
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, depth] = next;
    if (depth > most.depth) return { what: 'depth', offset: token.offset };
    if (nodes > most.nodes) return { what: 'nodes', offset: token.offset };
    if (token.type === 'document') {
      nodes += token.start.length;
      if (token.value) open.push([token.value, depth]);
    } else if ('items' in token) {
      nodes += token.items.length;
      for (const item of token.items) {
        if (item.key) open.push([item.key, depth + 1]);
        if (item.value) open.push([item.value, depth + 1]);
      }
    }
  }
  return null;
}

const hints: Partial<Record<YAMLError['code'], string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align it with its neighbours',
  BLOCK_AS_IMPLICIT_KEY: 'if the value contains ": ", quote it',
  BAD_SCALAR_START: 'quote it',
};

function reportSyntax(source: Source, errors: readonly YAMLError[], report: Report): void {
  const inOrder = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  for (const { code, message, pos } of inOrder.slice(0, most.syntaxErrors)) {
    const text = `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\s+/g, ' ');
    report.error('yaml-syntax', source.locate(pos[0]), `not valid YAML: ${text}`, { hint: hints[code] });
  }
  const rest = inOrder.slice(most.syntaxErrors);
  if (rest.length > 0) {
    report.error(
      'yaml-syntax',
      source.locate(rest[0]!.pos[0]),
      `${plural(rest.length, 'more YAML error')} from here on`,
    );
  }
}

/** The library's nodes to ours: aliases followed, merge keys applied, keys as text. */
function build(source: Source, document: Document.Parsed, report: Report): Node | null {
  const anchors = new Map<string, { node: Node | null; size: number }>();
  const path: (string | number)[] = [];
  let aliased = 0;
  let sound = true;

  const fail = (
    code: DiagnosticCode,
    offset: number,
    message: string,
    extra: Parameters<Report['error']>[3] = {},
  ): void => {
    sound = false;
    report.error(code, source.locate(offset), message, extra);
  };
  const empty = (offset: number): Node => ({ kind: 'scalar', source, offset, value: null, written: '' });

  /** `size` counts nodes with aliases written out. */
  function read(node: ParsedNode | null, fallback: number): { node: Node; size: number } {
    if (node === null) return { node: empty(fallback), size: 1 };
    const offset = node.range[0];
    if (isAlias(node)) return readAlias(node.source, offset);
    if (node.tag !== undefined && !coreTags.has(node.tag)) {
      fail('custom-tag', offset, `the tag ${quote(node.tag)} has no meaning in a manifest`, {
        hint: 'drop the tag',
      });
      return { node: empty(offset), size: 1 };
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, { node: null, size: 0 });
    const result = isMap(node) ? readMap(node) : isSeq(node) ? readList(node) : readScalar(node);
    if (node.anchor !== undefined) anchors.set(node.anchor, result);
    return result;
  }

  function readAlias(name: string, offset: number): { node: Node; size: number } {
    const target = anchors.get(name);
    if (target?.node) {
      aliased += target.size;
      if (aliased > most.aliased && sound) {
        fail('alias-limit', offset, `aliases repeat more than ${most.aliased} values`, {
          hint: 'write shared policies once under policies: and attach them',
        });
      }
      return { node: target.node, size: target.size };
    }
    if (target) fail('circular-alias', offset, `the alias *${name} contains itself`);
    else
      fail('unknown-alias', offset, `no anchor &${name} before this alias`, {
        hint: report.suggest('anchor', name, anchors.keys()),
      });
    return { node: empty(offset), size: 1 };
  }

  function readScalar(node: ParsedNode): { node: Node; size: number } {
    const offset = node.range[0];
    const value: unknown = isScalar(node) ? node.value : null;
    const written = isScalar(node) ? (node.source ?? '') : '';
    const usable = typeof value === 'string' || typeof value === 'boolean' || value === null;
    if (!usable && !(typeof value === 'number' && Number.isFinite(value))) {
      fail('bad-scalar', offset, `${quote(written)} is not a value that a manifest can hold`, {
        hint: 'quote it',
      });
      return { node: empty(offset), size: 1 };
    }
    return { node: { kind: 'scalar', source, offset, value, written }, size: 1 };
  }

  function readList(node: ParsedNode & { items: readonly unknown[] }): { node: Node; size: number } {
    let size = 1;
    const items = (node.items as readonly ParsedNode[]).map((item, index) => {
      path.push(index);
      const result = read(item, node.range[0]);
      path.pop();
      size += result.size;
      return result.node;
    });
    return { node: { kind: 'list', source, offset: node.range[0], items }, size };
  }

  function readMap(node: ParsedNode & { items: readonly unknown[] }): { node: Node; size: number } {
    const entries = new Map<string, Entry>();
    const merged: Node[] = [];
    let size = 1;
    for (const { key, value } of node.items as readonly {
      key: ParsedNode | null;
      value: ParsedNode | null;
    }[]) {
      const offset = key?.range[0] ?? value?.range[0] ?? node.range[0];
      const name = keyText(key, offset);
      path.push(name ?? '');
      const result = read(value, key?.range[1] ?? offset);
      path.pop();
      size += 1 + result.size;
      if (name === null) continue;
      if (name === '<<' && isScalar(key) && key.type === 'PLAIN') {
        merged.push(result.node);
        continue;
      }
      const first = entries.get(name);
      if (first) reportDuplicate(name, offset, first);
      else entries.set(name, { key: name, at: { source, offset }, value: result.node });
    }
    for (const base of merged) merge(entries, base);
    return { node: { kind: 'map', source, offset: node.range[0], entries }, size };
  }

  /** Keys are names: `012` is the text "012", as an editor shows it. */
  function keyText(key: ParsedNode | null, offset: number): string | null {
    if (key !== null && key.anchor !== undefined && isScalar(key)) read(key, offset);
    const target = isAlias(key) ? readAlias(key.source, offset).node : key;
    const text =
      target !== null && 'written' in target
        ? String(target.value)
        : isScalar(key)
          ? typeof key.value === 'string'
            ? key.value
            : (key.source ?? '')
          : null;
    if (text === null || text === '') {
      fail('bad-key', offset, text === '' ? 'the key before ":" is empty' : 'a key must be a plain name');
      return null;
    }
    if (text === '__proto__') {
      fail('bad-key', offset, 'the key "__proto__" is not allowed');
      return null;
    }
    return text;
  }

  function reportDuplicate(name: string, offset: number, first: Entry): void {
    const here: Path = [...path, name];
    const named = path.length === 1 && kinds.some(({ section }) => section === path[0]);
    fail(
      named ? 'duplicate-name' : 'duplicate-key',
      offset,
      named
        ? `${describe(here)} is declared twice`
        : `the key ${quote(name)} is there twice in ${describe(path)}`,
      {
        hint: 'keep one, with what both say',
        related: [{ message: 'first here', at: place(first.at) }],
      },
    );
  }

  /** https://yaml.org/type/merge.html: own keys win, then earlier mappings. */
  function merge(entries: Map<string, Entry>, base: Node): void {
    if (base.kind === 'list' && base.items.every((item) => item.kind === 'map')) {
      for (const item of base.items) merge(entries, item);
    } else if (base.kind === 'map') {
      for (const entry of base.entries.values()) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    } else if (sound) {
      fail('bad-merge', base.offset, 'a merge key (<<) takes a mapping or a list of mappings');
    }
  }

  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null && !contents.source)) return null;
  const { node: root } = read(contents, 0);
  return sound ? root : null;
}
