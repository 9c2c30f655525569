import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { isAdministrator } from '../../access/dangers.ts';
import { accessBy } from '../../access/compare.ts';
import type { Desired } from '../../core/desired.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { NameMap } from '../../core/names.ts';
import type { AccountState, User } from '../../core/state.ts';
import { entryAt, textOf } from '../../core/tree.ts';
import { identityDocument } from '../../kinds/access.ts';
import { manageRule, namedKinds } from '../../kinds/sections.ts';
import type { WordedChange } from '../../kinds/plan.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import { renderSettings } from '../../manifest/write/index.ts';
import type { Ignored } from '../../manifest/write/index.ts';
import type { FileEdit } from '../edits.ts';
import { requireManifests } from '../manifests.ts';
import { FileSet } from './files.ts';
import type { Known } from './known.ts';
import type { Selection } from './selection.ts';
import type { Additions, Finding } from './to-manifest.ts';

interface EditOptions {
  readonly dir: string;
  readonly load?: LoadOptions;
  /** Something is left out on purpose: only what is declared is managed. */
  readonly isPart: boolean;
}

/** What is not asked for is left alone as if it were ignored. */
export const outside =
  (known: Known, selection: Pick<Selection, 'has'>): Known['isIgnored'] =>
  (kind, name) =>
    known.isIgnored(kind, name) || !selection.has(kind, name);

/** The files with all additions. */
export async function editsFor(
  additions: Additions,
  live: AccountState,
  known: Known,
  { dir, load = {}, isPart }: EditOptions,
): Promise<FileEdit[]> {
  const files = new FileSet(dir, known, load.cwd);
  for (const [name, text] of additions.documents) files.create(name, text);
  for (const [name, content] of additions.entries) await files.add(name, content);
  const ignore = namedKinds
    .map(({ section, optIn }) => ({
      section,
      optIn,
      ignored: once((additions.unsaid[section] ?? []).map(toIgnored)),
    }))
    .filter(({ optIn, ignored }) => optIn !== true || ignored.length > 0);
  if (known.desired) {
    for (const { section, ignored } of ignore) await files.ignore(section, ignored);
    for (const section of newSections(additions, known, isPart)) await files.manageDeclared(section);
  } else {
    files.create(
      'account.yaml',
      renderSettings('account.yaml', {
        ...live,
        ...example(live),
        settings: additions.account,
        ignore,
        empty: additions.entries.size === 0,
        isPart,
      }),
    );
  }
  return files.edits();
}

/** An emulator may have two objects whose names differ only in case; one entry serves both. */
const once = (ignored: readonly Ignored[]): Ignored[] => [
  ...new NameMap(ignored.map((one) => [one.name, one] as const)).values(),
];

/**
 * Sections that the files have only now, by which all of them would be managed: some of what an account has must not make
 * the rest rollcall's to remove.
 */
const newSections = ({ added }: Additions, { desired, files }: Known, isPart: boolean): string[] =>
  isPart || namedKinds.some((kind) => !kind.optIn && manageRule(kind, desired?.manage ?? {}) !== 'all')
    ? namedKinds.flatMap(({ section, optIn }) => {
        const keys = section.split('.');
        const isSaid = files.some(
          ({ root }) =>
            entryAt(root, keys) ??
            entryAt(root, ['manage', ...keys]) ??
            textOf(entryAt(root, ['manage'])?.value) !== undefined,
        );
        return optIn && !isSaid && (added[section] ?? []).length > 0 ? [section] : [];
      })
    : [];

const toIgnored = ({ name, text }: Finding): Ignored => ({ name, reason: text });

/** A group of administrators, as the example in the comment about `minMembers`. */
function example(live: AccountState): { administrators?: { group: string; members: number } } {
  const group = [...live.groups.values()].find((one) =>
    isAdministrator(accessBy(identityDocument(live, one))),
  );
  if (!group) return {};
  const inGroup = ({ groups }: User): boolean => groups.includes(group.name);
  return { administrators: { group: group.name, members: [...live.users.values()].filter(inGroup).length } };
}

/** Loads and plans with the files as they will be, in a temporary directory. */
export async function tryOut(
  known: Known,
  dir: string,
  edits: readonly FileEdit[],
  { cwd = '', now }: LoadOptions,
  planOf: (desired: Desired) => Promise<readonly WordedChange[]>,
): Promise<{ pending: readonly WordedChange[]; problems: readonly Diagnostic[] }> {
  const stage = await mkdtemp(join(tmpdir(), 'rollcall-import-'));
  try {
    const put = async (path: string, bytes: Uint8Array): Promise<void> => {
      const target = join(stage, relative(dir, path));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
    };
    for (const name of known.desired?.files ?? []) {
      const path = resolve(cwd, name);
      await put(path, await readFile(path));
    }
    for (const { path, after } of edits) await put(path, after);
    const { desired } = await requireManifests(stage, { allowEmpty: true, ...(now ? { now } : {}) });
    return { pending: await planOf(desired), problems: [] };
  } catch (error) {
    if (!(error instanceof RollcallError) || error.diagnostics.length === 0) throw error;
    if (error.diagnostics.some(({ code }) => code !== 'cannot-plan')) {
      throw new RollcallError('the manifests would have errors: nothing was written', {
        hint: 'please report this',
        diagnostics: error.diagnostics.map((one) =>
          one.at ? { ...one, at: { ...one.at, file: relative(stage, resolve(one.at.file)) } } : one,
        ),
      });
    }
    return { pending: [], problems: error.diagnostics };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}
