import { inlineRef } from '../../core/references.ts';
import { dirname, resolve } from 'node:path';
import { isObject } from '../../core/json.ts';
import { NameMap } from '../../core/names.ts';
import type { Report } from '../../core/report.ts';
import type { Documents, PolicyDocument } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { entriesOf, field, follow, place, textOf, toJson } from '../../core/tree.ts';
import type { Entry, Node } from '../../core/tree.ts';
import { checkDocument, withVersion } from '../../policy/grammar/index.ts';
import type { DocumentIssue } from '../../policy/grammar/findings.ts';
import type { DocumentUse } from '../../policy/grammar/index.ts';
import { isReserved } from '../access.ts';
import type { ManifestContext } from './context.ts';

/**
 * The absolute path of a document, resolved from the file that names it. Null if the node is not the path of a
 * document.
 */
export const documentPath = (node: Node): string | null => {
  const text = textOf(node);
  if (text === undefined || !/^[^\\]*\.(json|ya?ml)$/.test(text)) return null;
  return resolve(dirname(node.source.path), text);
};

/** The absolute path of a longer text, likewise. Null if the node is the text itself. */
export const textPath = (node: Node): string | null => {
  const text = textOf(node);
  if (text === undefined || !/^[^\\\n<]*\.xml$/.test(text)) return null;
  return resolve(dirname(node.source.path), text);
};

/** The document at a node of a manifest, written there or in a file. Null if it has errors, which are reported. */
export function readPolicyDocument(
  node: Node,
  use: DocumentUse,
  context: ManifestContext,
): PolicyDocument | null {
  const path = documentPath(node);
  const root = path === null ? node : context.documents.get(path);
  if (root === undefined || root === null) return null;
  // The schema reports anything else.
  if (path === null && root.kind !== 'map') return null;
  const document = toJson(root);
  const issues = checkDocument(document, use, context.partition);
  reportIssues(root, issues, context.report);
  checkNumbers(root, context);
  if (!isObject(document) || issues.some(({ severity }) => severity === 'error')) return null;
  context.sound.add(root);
  return withVersion(document);
}

/** Reports what is wrong within a document, at its place in the file. */
export function reportIssues(root: Node, issues: readonly DocumentIssue[], report: Report): void {
  for (const issue of issues) {
    const { node: value, key } = follow(root, issue.path);
    const extra = {
      hint: issue.hint,
      related: issue.related && [
        { message: issue.related.message, at: place(follow(root, issue.related.path).key) },
      ],
    };
    report[issue.severity](issue.code, place(issue.on === 'key' ? key : value), issue.message, extra);
  }
}

/** Reports numbers that are not what is written, such as account ids without quotes. */
function checkNumbers(node: Node, context: ManifestContext): void {
  if (node.kind === 'list') for (const item of node.items) checkNumbers(item, context);
  else if (node.kind === 'map') for (const entry of node.entries.values()) checkNumbers(entry.value, context);
  else if (
    typeof node.value === 'number' &&
    (/^[-+]?0\d/.test(node.written) || Math.abs(node.value) > Number.MAX_SAFE_INTEGER)
  ) {
    context.report.error(
      'unquoted-number',
      place(node),
      `${node.written} is read as the number ${node.value}`,
      {
        hint: `quote it: ${quote(node.written)}`,
      },
    );
  }
}

/** `policies` of a user or group. */
export function readInline(owner: Node, ref: string, context: ManifestContext): Documents {
  const documents: [string, PolicyDocument][] = [];
  const seen = new NameMap<Entry>();
  for (const entry of entriesOf(field(owner, 'policies')?.value)) {
    context.source(inlineRef(ref, entry.key), entry.at);
    const twin = seen.get(entry.key);
    if (twin) {
      context.report.error(
        'case-collision',
        place(entry.at),
        `the inline policies ${quote(twin.key)} and ${quote(entry.key)} differ only in case: for IAM they are the same`,
        {
          hint: 'keep one, or give one another name',
          related: [{ message: `${quote(twin.key)} is here`, at: place(twin.at) }],
        },
      );
    }
    seen.set(entry.key, entry);
    if (isReserved(entry.key)) {
      context.report.error(
        'reserved-name',
        place(entry.at),
        `inline policies named rollcall-… are reserved`,
        {
          hint: 'rollcall uses them to deny access for a moment; give it another name',
        },
      );
    }
    const document = readPolicyDocument(entry.value, 'inline', context);
    if (document) documents.push([entry.key, document]);
  }
  return Object.fromEntries(documents.sort(([a], [b]) => (a < b ? -1 : 1)));
}
