import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Aws } from '../../aws/client.ts';
import { detailsOf, iamOver, readAccount, readCaller, remembering } from '../../aws/read.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { NameMap } from '../../core/names.ts';
import type { Desired } from '../../core/desired.ts';
import type { WordedChange } from '../../kinds/plan.ts';
import type { AccountState, User } from '../../core/state.ts';
import { nameMatcher } from '../../core/glob.ts';
import { identityDocument } from '../../kinds/access.ts';
import { kinds, withParts } from '../../kinds/index.ts';
import type { Iam } from '../../kinds/index.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import { renderSettings } from '../../manifest/write/index.ts';
import type { Ignored, Layout } from '../../manifest/write/index.ts';
import { accessBy } from '../../access/compare.ts';
import { isAdministrator } from '../../access/dangers.ts';
import type { FileEdit } from '../edits.ts';
import { requireManifests } from '../manifests.ts';
import { pinAccount, planFrom } from '../session.ts';
import { additionsToManifest, newNames } from './to-manifest.ts';
import type { Additions, BySection, Finding } from './to-manifest.ts';
import { documentText, FileSet, fileNamer } from './files.ts';
import type { Known } from './known.ts';

export { readKnown } from './known.ts';

interface ImportOptions {
  readonly dir: string;
  readonly layout: Layout;
  /** Also read the tags of policies, which costs a call for each. */
  readonly tags: boolean;
  /** The account that must be read; another one is refused. */
  readonly account?: string;
  readonly load?: LoadOptions;
}

/** The result of an import. Nothing is written yet. */
export interface Imported {
  readonly account: string;
  readonly edits: readonly FileEdit[];
  readonly added: Additions['added'];
  /** Objects that no manifest can describe; they are listed under `ignore`. */
  readonly ignored: readonly Finding[];
  readonly notes: readonly Finding[];
  readonly roles: number;
  /** Objects that the manifests ignored before. */
  readonly passedOver: BySection<string>;
  /** Differences between the account and the manifests that remain for `plan`. */
  readonly pending: readonly WordedChange[];
  /** Why those differences cannot be determined. */
  readonly problems: readonly Diagnostic[];
  /** When IAM made the credential report that says who may have keys and passwords; null where none was read. */
  readonly reportedAt: Date | null;
}

/**
 * Makes manifests for everything in the account that no manifest declares yet. They are tried out before they are
 * written: they have no errors, and a plan with them changes nothing that was imported.
 *
 * @throws RollcallError for a wrong account (exit 3) or a failed read.
 */
export async function prepareImport(aws: Aws, known: Known, options: ImportOptions): Promise<Imported> {
  const { layout, load = {} } = options;
  const dir = resolve(load.cwd ?? '', options.dir);
  const caller = known.desired ? await pinAccount(known.desired, aws) : await readCaller(aws);
  if (options.account !== undefined && caller.account !== options.account) {
    throw new RollcallError(
      `these credentials are for account ${caller.account}, not for ${options.account}`,
      { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
    );
  }
  const account = await readAccount(aws, caller);
  const iam = remembering(iamOver(aws));
  const live = await readForImport(account, known, iam, options);
  const additions = additionsToManifest(live, known, { layout, nameFile: fileNamer(dir) });

  const files = new FileSet(options.dir, known, load.cwd);
  for (const [name, document] of additions.documents) files.create(name, documentText(document));
  for (const [name, content] of additions.entries) await files.add(name, content);
  const named = kinds.filter(({ only }) => only === undefined);
  const ignore = [
    ...named.map(({ section }) => ({
      section,
      ignored: once((additions.unsaid[section] ?? []).map(toIgnored)),
    })),
    { section: 'roles', ignored: once(roleNames(live, known)) },
  ];
  if (known.desired) {
    for (const { section, ignored } of ignore) await files.ignore(section, ignored);
  } else {
    files.create(
      'account.yaml',
      renderSettings('account.yaml', {
        ...live,
        ...example(live),
        settings: additions.account,
        ignore,
        empty: additions.entries.size === 0,
      }),
    );
  }
  const edits = files.edits();
  return {
    account: live.account,
    edits,
    added: additions.added,
    ignored: Object.values(additions.unsaid).flat(),
    notes: additions.notes,
    roles: live.roles.size,
    passedOver: Object.fromEntries(
      named.map((kind) => [
        kind.section,
        [...kind.of(live).keys()].filter(
          (name) => kind.isOurs?.(name) !== true && known.isIgnored(kind.name, name),
        ),
      ]),
    ),
    reportedAt: live.reportedAt ?? null,
    ...(await tryOut(known, dir, edits, load, async (desired) => {
      const source = { caller, iam, details: detailsOf(account) };
      return (await planFrom(source, desired, { now: aws.now() })).plan.changes;
    })),
  };
}

/** An emulator may have two objects whose names differ only in case; one entry serves both. */
const once = (ignored: readonly Ignored[]): Ignored[] => [
  ...new NameMap(ignored.map((one) => [one.name, one] as const)).values(),
];

const toIgnored = ({ name, text }: Finding): Ignored => ({ name, reason: text });

/** What manifests say of new objects beyond what the account's own details tell. */
async function readForImport(
  account: AccountState,
  known: Known,
  iam: Iam,
  { tags }: ImportOptions,
): Promise<AccountState> {
  const parts = await iam.each(kinds, async (kind) => {
    const reading = { iam, names: newNames(account, known, kind), isNew: !known.desired, tags };
    return await kind.live.forImport?.(account, reading);
  });
  return withParts(account, parts);
}

/** Names of roles, with patterns for those that AWS makes in large numbers. */
function roleNames(live: AccountState, known: Known): Ignored[] {
  const isIgnored = nameMatcher(known.desired?.ignore['roles'] ?? []);
  const names = [...live.roles.keys()].filter((name) => !isIgnored(name));
  const patterns = names.map((name) => name.replace(/^(AWSServiceRoleFor|AWSReservedSSO_).*$/, '$1*'));
  return patterns.map((name) => ({ name }));
}

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
async function tryOut(
  known: Known,
  dir: string,
  edits: readonly FileEdit[],
  { cwd = '', now }: LoadOptions,
  planOf: (desired: Desired) => Promise<readonly WordedChange[]>,
): Promise<Pick<Imported, 'pending' | 'problems'>> {
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
