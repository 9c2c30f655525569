import { dirname, isAbsolute, resolve } from 'node:path';
import { isObject } from '../core/json.ts';
import { NameMap } from '../core/names.ts';
import type { Documents, PolicyDocument } from '../core/state.ts';
import { quote } from '../core/text.ts';
import { isReserved } from '../kinds/access.ts';
import { checkDocument, withVersion } from '../policy/grammar/index.ts';
import type { DocumentUse } from '../policy/grammar/index.ts';
import type { Context } from './context.ts';
import { displayName, isBelow, missingFile, readSource, staysBelow } from './files.ts';
import { readJson } from './json.ts';
import { manifestKeys } from './merge.ts';
import type { Report } from './report.ts';
import { entriesOf, field, follow, place, textOf, toJson } from './tree.ts';
import type { Entry, Node, Source } from './tree.ts';
import { readYaml } from './yaml.ts';

/** A file as the loader knows it, read once whatever it turns out to be. */
export interface ReadFile {
  readonly source: Source;
  /** Null: an empty file, or one with errors. */
  readonly root: Node | null;
}

/** Where a document's path leads, from the file that names it; null: it is not a path of a document. */
export const documentPath = (node: Node): string | null => {
  const text = textOf(node);
  if (text === undefined || !/^[^\\]*\.(json|ya?ml)$/.test(text)) return null;
  return resolve(dirname(node.source.path), text);
};

/** All policy documents that a manifest names by path. */
export function documentReferences(root: Node): Node[] {
  const inline = (['users', 'groups'] as const)
    .flatMap((section) => entriesOf(field(root, section)?.value))
    .flatMap((identity) => entriesOf(field(identity.value, 'policies')?.value))
    .map((policy) => policy.value);
  const managed = entriesOf(field(root, 'policies')?.value).flatMap(
    (policy) => field(policy.value, 'document')?.value ?? [],
  );
  return [...inline, ...managed].filter((node) => textOf(node) !== undefined);
}

/** Whether a YAML file is a manifest, even if something names it as a document. */
export const isManifest = (root: Node | null): boolean =>
  entriesOf(root ?? undefined).some(({ key }) => manifestKeys.includes(key));

/**
 * Reads the documents that manifests name. They must lie below the directory of the manifests, links resolved: a pull
 * request must not be able to have other files of the machine read into the account.
 */
export async function readDocuments(
  dir: string,
  references: readonly Node[],
  known: ReadonlyMap<string, ReadFile>,
  report: Report,
): Promise<Map<string, ReadFile | null>> {
  const documents = new Map<string, ReadFile | null>();
  for (const node of references) {
    const path = documentPath(node);
    const text = textOf(node) ?? '';
    if (path === null) continue;
    if (isAbsolute(text) || !isBelow(dir, path) || !(await staysBelow(dir, path))) {
      report.error(
        'document-outside',
        place(node),
        `${quote(text)} is outside the directory of the manifests`,
        {
          hint: `move it below ${displayName(dir, report.cwd)}, and write its path relative to this file`,
        },
      );
      documents.set(path, null);
      continue;
    }
    const already = documents.get(path) ?? known.get(path);
    if (already && isManifest(already.root)) {
      report.error(
        'document-is-manifest',
        place(node),
        `${quote(text)} is a manifest, not a policy document`,
      );
      documents.set(path, null);
    } else if (already) documents.set(path, already);
    else if (!documents.has(path)) documents.set(path, await readDocument(path, node, report));
  }
  return documents;
}

async function readDocument(path: string, reference: Node, report: Report): Promise<ReadFile | null> {
  let isMissing = false;
  const source = await readSource(path, report, () => {
    isMissing = true;
  });
  if (isMissing) await missingFile(textOf(reference) ?? '', path, place(reference), report);
  if (!source) return null;
  return { source, root: path.endsWith('.json') ? readJson(source, report) : readYaml(source, report) };
}

/** The document at a node of a manifest, written there or in a file; null: it has errors, which are reported. */
export function readPolicyDocument(node: Node, use: DocumentUse, context: Context): PolicyDocument | null {
  const path = documentPath(node);
  const root = path === null ? node : context.documents.get(path);
  if (root === undefined || root === null) return null;
  // Anything else the schema has reported.
  if (path === null && root.kind !== 'map') return null;
  const document = toJson(root);
  let sound = true;
  for (const issue of checkDocument(document, use)) {
    const { node: value, key } = follow(root, issue.path);
    const extra = {
      hint: issue.hint,
      related: issue.related && [
        { message: issue.related.message, at: place(follow(root, issue.related.path).key) },
      ],
    };
    if (issue.severity === 'error') sound = false;
    context.report[issue.severity](issue.code, place(issue.on === 'key' ? key : value), issue.message, extra);
  }
  checkNumbers(root, context);
  return sound && isObject(document) ? withVersion(document) : null;
}

/** Account ids and the like without quotes, as numbers that are not what is written. */
function checkNumbers(node: Node, context: Context): void {
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
export function readInline(owner: Node, ref: string, context: Context): Documents {
  const documents: [string, PolicyDocument][] = [];
  const seen = new NameMap<Entry>();
  for (const entry of entriesOf(field(owner, 'policies')?.value)) {
    context.source(`${ref}/policies/${entry.key}`, entry.at);
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
