import { isAbsolute } from 'node:path';
import type { Report } from '../core/report.ts';
import { quote } from '../core/text.ts';
import { entriesOf, entryAt, field, place, textOf } from '../core/tree.ts';
import type { Node, Source } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import { documentPath, textPath } from '../kinds/reading/documents.ts';
import { displayName, isBelow, missingFile, readSource, staysBelow } from './files.ts';
import { readJson } from './json.ts';
import { manifestKeys } from './compiled.ts';
import { readYaml } from './yaml.ts';

/** A file of the directory. It is read once, whether it turns out to be a manifest or a document. */
export interface ReadFile {
  readonly source: Source;
  /** Null if the file is empty or has errors. */
  readonly root: Node | null;
}

/** All paths of policy documents in a manifest. */
export const documentReferences = (root: Node): Node[] =>
  kinds
    .flatMap((kind) =>
      entriesOf(entryAt(root, kind.section.split('.'))?.value).flatMap(({ value }) => heldBy(value, kind)),
    )
    .filter((node) => textOf(node) !== undefined);

/** What stands where an object has documents. */
function heldBy(object: Node, { documents, paths = [] }: (typeof kinds)[number]): Node[] {
  const [key = '', each] = documents?.split('.') ?? [];
  const held = field(object, key)?.value;
  const own = each === undefined ? [held] : entriesOf(held).map(({ value }) => value);
  return [...own, ...paths.map((path) => field(object, path)?.value)].filter((node) => node !== undefined);
}

/** All paths of longer texts in a manifest. */
export const textReferences = (root: Node): Node[] =>
  kinds
    .flatMap(({ section, texts }) =>
      texts === undefined
        ? []
        : entriesOf(entryAt(root, section.split('.'))?.value).flatMap(
            ({ value }) => field(value, texts)?.value ?? [],
          ),
    )
    .filter((node) => textPath(node) !== null);

/** Reads the texts that manifests name, by the same rules as documents. @returns them by absolute path. */
export async function readTexts(
  dir: string,
  references: readonly Node[],
  report: Report,
): Promise<Map<string, Source | null>> {
  const texts = new Map<string, Source | null>();
  for (const node of references) {
    const path = textPath(node)!;
    if (texts.has(path)) continue;
    const isInside = await isOurs(dir, path, node, report);
    texts.set(path, isInside ? await readNamed(path, node, report, mostTextBytes) : null);
  }
  return texts;
}

/** Ten million characters, as IAM takes of SAML metadata, whatever they are. */
const mostTextBytes = 40 * 1024 * 1024;

/** Whether a file is below the directory, where links are resolved too. What is not is reported. */
async function isOurs(dir: string, path: string, node: Node, report: Report): Promise<boolean> {
  const text = textOf(node) ?? '';
  if (!isAbsolute(text) && isBelow(dir, path) && (await staysBelow(dir, path))) return true;
  report.error('document-outside', place(node), `${quote(text)} is outside the directory of the manifests`, {
    hint: `move it below ${displayName(dir, report.cwd)}, and write its path relative to this file`,
  });
  return false;
}

/** Whether a YAML file is a manifest, even if another file names it as a document. */
export const isManifest = (root: Node | null): boolean =>
  entriesOf(root ?? undefined).some(({ key }) => manifestKeys.includes(key));

/**
 * Reads the documents that manifests name. Even after resolving links they must be below the directory of the
 * manifests, or a pull request could have other files of the machine copied into the account.
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
    if (!(await isOurs(dir, path, node, report))) {
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

/** A file that a manifest names. */
async function readNamed(
  path: string,
  reference: Node,
  report: Report,
  mostBytes?: number,
): Promise<Source | null> {
  let isMissing = false;
  const missing = (): void => {
    isMissing = true;
  };
  const source = await readSource(path, report, missing, mostBytes);
  if (isMissing) await missingFile(textOf(reference) ?? '', path, place(reference), report);
  return source;
}

async function readDocument(path: string, reference: Node, report: Report): Promise<ReadFile | null> {
  const source = await readNamed(path, reference, report);
  if (!source) return null;
  return { source, root: path.endsWith('.json') ? readJson(source, report) : readYaml(source, report) };
}
