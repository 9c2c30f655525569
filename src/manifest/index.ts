/** Reads and checks the manifests of a directory: the state that the account should have (docs/manifests.md). */
import { dirname, relative, resolve } from 'node:path';
import { builtin } from '../core/builtin.ts';
import type { Desired } from '../core/desired.ts';
import type { Diagnostic } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { isByTagsAlone } from '../core/selection.ts';
import { emptyState } from '../core/state.ts';
import { listWords, plural, quote } from '../core/text.ts';
import { kinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/index.ts';
import { manageRule, namedKinds } from '../kinds/sections.ts';
import { ManifestContext } from '../kinds/reading/context.ts';
import type { Merged } from '../kinds/reading/context.ts';
import { checkHints } from './hints.ts';
import { documentReferences, isManifest, readDocuments, readTexts, textReferences } from './documents.ts';
import type { ReadFile } from './documents.ts';
import { displayName, listManifests, portable, readSource } from './files.ts';
import { mergeManifests } from './merge.ts';
import { Report } from '../core/report.ts';
import { checkSchema } from './schema.ts';
import { checkRemoved, readRails, readScope } from './settings.ts';
import { field, place, textOf } from '../core/tree.ts';
import { readYaml } from './yaml.ts';

export interface LoadOptions {
  /** The time at which `expires` is judged; by default `now`. */
  readonly at?: Date;
  /** The current time. */
  readonly now?: Date;
  /** Directory that relative paths are resolved against; by default the process's own. */
  readonly cwd?: string;
  /** Accepts manifests that declare nothing at all. */
  readonly allowEmpty?: boolean;
  /** Where the account is: `aws` (default), `aws-cn` or `aws-us-gov`. Attached policies are resolved in it. */
  readonly partition?: string;
}

/**
 * Reads all manifests below a directory. All errors are in the diagnostics, ordered by place; nothing in a file makes
 * it throw. If there is any error, `desired` is null.
 */
export async function loadManifests(
  dir: string,
  options: LoadOptions = {},
): Promise<{ desired: Desired | null; diagnostics: Diagnostic[] }> {
  const report = new Report(options.cwd);
  const files = new Map<string, ReadFile>();
  for (const path of await listManifests(dir, report)) {
    const source = await readSource(path, report);
    if (source) files.set(source.path, { source, root: readYaml(source, report) });
  }
  // If files are missing, a name that is not declared may be declared in one of them.
  const complete = !report.hasErrors;
  if (complete && files.size === 0) {
    report.error(
      'no-manifests',
      undefined,
      `no *.yaml or *.yml file below ${quote(displayName(dir, report.cwd))}`,
      {
        hint: 'name the directory of the manifests with --manifests DIR, or begin one with rollcall init',
      },
    );
    return { desired: null, diagnostics: report.list() };
  }

  const own = withoutFleets(dir, [...files.values()], report);
  const references = own.flatMap(({ root }) => (root ? documentReferences(root) : []));
  const documents = await readDocuments(resolve(report.cwd, dir), references, files, report);
  const texts = await readTexts(
    resolve(report.cwd, dir),
    own.flatMap(({ root }) => (root ? textReferences(root) : [])),
    report,
  );
  const manifests = own.filter(({ source, root }) => !documents.has(source.path) || isManifest(root));
  const manifestRoots = manifests.flatMap(({ root }) => (root ? [root] : []));
  for (const root of manifestRoots) checkSchema(root, report);

  const merged = mergeManifests(manifestRoots, report);
  const readable = complete && own.length === files.size && manifestRoots.every(({ kind }) => kind === 'map');
  const account = readAccount(merged, readable, dir, report);
  const context = new ManifestContext({
    report,
    merged,
    scope: readScope(merged, report),
    account,
    partition: options.partition ?? textOf(merged.settings.get('partition')?.value) ?? 'aws',
    documents: new Map([...documents].map(([path, file]) => [path, file?.root ?? null])),
    texts: new Map([...texts].map(([path, source]) => [path, source?.text ?? null])),
    complete: readable,
    at: options.at ?? options.now ?? new Date(),
  });
  const rails = readRails(context);
  const empty = emptyState(account ?? '', context.partition);
  const state = kinds.reduce((all, kind) => kind.put(all, kind.read(context)), empty);
  checkWhole(context, options.allowEmpty ?? false, dir);
  await checkHints(context);

  const diagnostics = report.list();
  if (account === null || report.hasErrors) return { desired: null, diagnostics };
  const read = [
    ...new Set([...manifests, ...[...documents.values()].flatMap((file) => file ?? [])]),
    ...[...texts.values()].flatMap((source) => (source ? [{ source }] : [])),
  ];
  const names = read.map(({ source }) => source.name).sort(byText);
  const { scope, sources, expiring, about } = context;
  const desired = { state, rails, ...scope, sources, files: names, expiring, about };
  return { desired: withHash(desired, resolve(report.cwd, dir), read), diagnostics };
}

/** Subdirectories with an `account` of their own are other accounts. They are reported and left out. */
function withoutFleets(dir: string, files: readonly ReadFile[], report: Report): ReadFile[] {
  const root = resolve(report.cwd, dir);
  const folder = ({ source }: ReadFile): string => dirname(source.path);
  const others = new Set<string>();
  for (const file of files) {
    const account = field(file.root ?? undefined, 'account');
    // Of a mapping, other files may have other keys.
    if (
      !account ||
      (account.value.kind === 'map' && !field(account.value, 'id')) ||
      folder(file) === root ||
      others.has(folder(file))
    )
      continue;
    others.add(folder(file));
    report.error(
      'fleet',
      place(account.at),
      'this subdirectory has an account of its own: fleets are not supported yet',
      {
        hint: `name it alone: --manifests ${dirname(file.source.name)}`,
      },
    );
  }
  return files.filter(
    (file) => ![...others].some((other) => !relative(other, folder(file)).startsWith('..')),
  );
}

function readAccount(merged: Merged, complete: boolean, dir: string, report: Report): string | null {
  const declared = merged.settings.get('account');
  const text = textOf(declared?.value);
  if (declared || !complete) return text !== undefined && /^\d{12}$/.test(text) ? text : null;
  report.error(
    'no-account',
    undefined,
    `no file in ${quote(displayName(dir, report.cwd))} names the account`,
    {
      hint: 'add account: "123456789012" with the id of the AWS account',
    },
  );
  return null;
}

function checkWhole(context: ManifestContext, allowEmpty: boolean, dir: string): void {
  checkRemoved(context);
  checkCounts(context);
  checkEmpty(context, allowEmpty, dir);
}

function checkCounts(context: ManifestContext): void {
  for (const { name, title = name, plural: many, section, limits } of kinds) {
    if (!limits) continue;
    const names = [...context.declared(section).values()];
    const first = names[limits.perAccount];
    if (!first) continue;
    const message = `${plural(names.length, title, many)} are declared; IAM allows ${limits.perAccount} in an account`;
    if (names.length > limits.mostPerAccount) context.report.error('quota', place(first.at), message);
    else {
      context.report.warning('quota', place(first.at), `${message} unless AWS has raised the quota`, {
        hint: 'ask for a higher quota before applying',
      });
    }
  }
}

/**
 * If nothing is declared, that is far more often a wrong directory or a lost file than the intention to remove
 * everything. If everything is ignored, or managed only once it is declared, nothing would be removed: so does a new
 * directory begin.
 */
function checkEmpty(context: ManifestContext, allowEmpty: boolean, dir: string): void {
  const { merged, complete, report } = context;
  const { ignore, manage } = context.scope;
  if (allowEmpty || !complete || report.hasErrors) return;
  const removable = namedKinds.filter(
    (kind) => kind.optIn !== true || manageRule(kind, manage) !== 'declared',
  );
  const isKept = (kind: Kind<unknown>): boolean => {
    const rule = manageRule(kind, manage);
    const selects = rule === 'all' || (rule !== 'declared' && !isByTagsAlone(rule));
    return !selects || ignore[kind.section]?.includes('*') === true;
  };
  const lost = removable.filter((kind) => !isKept(kind));
  if (lost.length === 0) return;
  if (namedKinds.some(({ section }) => context.declared(section).size > 0)) return;
  const account = merged.settings.get('account');
  const all =
    lost.length === removable.length
      ? 'everything'
      : `all ${listWords(
          lost.map((kind) => kind.plural),
          'and',
        )}`;
  const objects = listWords(removable.map(({ name, title = name }) => withArticle(title)));
  report.error(
    'nothing-declared',
    account && place(account.at),
    `no file in ${quote(displayName(dir, report.cwd))} declares ${objects}: ${all} would be removed`,
    {
      hint: 'check that all files are there; if all is meant to go, plan and apply take --override empty-manifest',
    },
  );
}

const withArticle = (name: string): string => `${/^[aeioO]/.test(name) ? 'an' : 'a'} ${name}`;

interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The hash is made when it is asked for: `validate` does not, and Node's crypto takes a while to load. */
function withHash(
  desired: Omit<Desired, 'hash'>,
  dir: string,
  read: readonly Pick<ReadFile, 'source'>[],
): Desired {
  // The names and bytes alone: the nodes of the files are not kept for it.
  const files = read.map(({ source }) => ({
    name: portable(relative(dir, source.path)),
    bytes: source.bytes,
  }));
  return {
    ...desired,
    get hash() {
      return hashFiles(files);
    },
  };
}

/** A hash that changes with every byte that was read and every name of a file, and with nothing else. */
function hashFiles(files: readonly NamedBytes[]): string {
  const hash = builtin('node:crypto').createHash('sha256');
  for (const { name, bytes } of files.toSorted((a, b) => byText(a.name, b.name))) {
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
