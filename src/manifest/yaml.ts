import { Composer, Parser } from 'yaml';
import type { CST, YAMLError } from 'yaml';
import type { DiagnosticCode } from '../core/diagnostics.ts';
import type { Report } from '../core/report.ts';
import { plural } from '../core/text.ts';
import type { Node, Source } from '../core/tree.ts';
import { aliasBefore, quoteHint } from './unquoted.ts';
import { treeOf } from './yaml-tree.ts';

/** Limits; no manifest that a person wrote reaches them. */
const most = {
  /** Levels of nesting. With more, the parser's recursion could end the process. */
  depth: 64,
  /** Keys, values and list entries of one file. */
  nodes: 1_000_000,
  /** Syntax errors that are reported for one file: the first ones cause the others. */
  syntaxErrors: 10,
} as const;

/**
 * Git's conflict markers at the start of a line. As YAML they would be many errors, or even text in a list in
 * brackets.
 */
const conflictMarker = /^(?:(?:<{7}|>{7}|\|{7})(?: .*)?|={7})\r?$/m;

/**
 * Reads a file of one YAML 1.2 document (core schema). Null if it is empty or has errors, which are reported.
 *
 * Duplicate keys, merge keys, aliases and the conversion to JSON are not left to the library, because each needs
 * places; its check of duplicate keys is quadratic, too.
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
  // Nothing here holds the tokens any longer than the library needs them: those of a large file take much memory.
  const documents = withoutStacks(() => [...composer.compose(tokens.splice(0))]);
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
  return treeOf(source, document, report);
}

/** Broken files have thousands of errors, whose stack traces would take most of the time. */
function withoutStacks<T>(run: () => T): T {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = before;
  }
}

/** Measures the tokens without recursion, before recursive code sees them. */
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
};

/** Where the library stumbles over a `*` that was meant as a wildcard: an alias for YAML, and mostly without a name. */
function hintOf(source: Source, { code, pos: [offset] }: YAMLError): string | undefined {
  if (code === 'BAD_ALIAS' || code === 'BAD_SCALAR_START') return quoteHint(source, offset);
  const alias = code === 'UNEXPECTED_TOKEN' ? aliasBefore(source, offset) : null;
  return alias === null ? hints[code] : quoteHint(source, alias.offset, alias.text);
}

function reportSyntax(source: Source, errors: readonly YAMLError[], report: Report): void {
  const inOrder = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  for (const error of inOrder.slice(0, most.syntaxErrors)) {
    const { code, message, pos } = error;
    const text =
      code === 'BAD_ALIAS'
        ? 'a value that begins with * is an alias'
        : `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\s+/g, ' ');
    report.error('yaml-syntax', source.locate(pos[0]), `not valid YAML: ${text}`, {
      hint: hintOf(source, error),
    });
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
