import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Aws } from '../../aws/client.ts';
import {
  readAccount,
  readCaller,
  readCredentialReport,
  readPolicyTags,
  readSignIn,
  requestCredentialReport,
} from '../../aws/read.ts';
import type { ReportRow } from '../../aws/read.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import { isLock } from '../../core/lock.ts';
import { NameMap } from '../../core/names.ts';
import type { WordedChange } from '../../kinds/plan.ts';
import type { AccountState, User } from '../../core/state.ts';
import { plural } from '../../core/text.ts';
import { identityDocument } from '../../kinds/access.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import { renderSettings } from '../../manifest/write/index.ts';
import type { Ignored, Layout, SignIn } from '../../manifest/write/index.ts';
import { isAdministrator } from '../../policy/index.ts';
import type { FileEdit } from '../edits.ts';
import { requireManifests } from '../manifests.ts';
import { eachLimited, pinAccount, planAccount } from '../session.ts';
import { additionsToManifest, newNames } from './to-manifest.ts';
import type { Additions, Finding } from './to-manifest.ts';
import { documentText, FileSet, fileNamer } from './files.ts';
import { sections } from './known.ts';
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
  readonly onProgress?: (text: string) => void;
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
  readonly passedOver: Additions['added'];
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
  const { layout, load = {}, onProgress = () => {} } = options;
  const dir = resolve(load.cwd ?? '', options.dir);
  const caller = known.desired ? await pinAccount(known.desired, aws) : await readCaller(aws);
  if (options.account !== undefined && caller.account !== options.account) {
    throw new RollcallError(
      `these credentials are for account ${caller.account}, not for ${options.account}`,
      { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
    );
  }
  onProgress('reading the account …');
  const live = await withTags(await readAccount(aws, caller), known, aws, options);
  const { signIns, reportedAt } = await readSignIns(aws, live, known, onProgress);
  const additions = additionsToManifest(live, signIns, known, { layout, nameFile: fileNamer(dir) });

  const files = new FileSet(options.dir, known, load.cwd);
  for (const [name, document] of additions.documents) files.create(name, documentText(document));
  for (const [name, content] of additions.entries) await files.add(name, content);
  const ignore = {
    users: once(additions.unsaid.users.map(toIgnored)),
    groups: once(additions.unsaid.groups.map(toIgnored)),
    policies: once(additions.unsaid.policies.map(toIgnored)),
    roles: once(roleNames(live, known)),
  };
  if (known.desired) {
    for (const kind of [...sections, 'roles'] as const) await files.ignore(kind, ignore[kind]);
  } else {
    files.create(
      'account.yaml',
      renderSettings('account.yaml', {
        ...live,
        ...example(live),
        ignore,
        empty: additions.entries.size === 0,
      }),
    );
  }
  const edits = files.edits();
  onProgress('planning with the new manifests …');
  return {
    account: live.account,
    edits,
    added: additions.added,
    ignored: sections.flatMap((section) => additions.unsaid[section]),
    notes: additions.notes,
    roles: live.roles.size,
    passedOver: {
      users: [...live.users.keys()].filter((name) => known.isIgnored('users', name)),
      groups: [...live.groups.keys()].filter((name) => known.isIgnored('groups', name)),
      policies: [...live.policies.keys()].filter(
        (name) => !isLock(name) && known.isIgnored('policies', name),
      ),
    },
    reportedAt,
    ...(await tryOut(aws, known, dir, edits, load)),
  };
}

/** An emulator may have two objects whose names differ only in case; one entry serves both. */
const once = (ignored: readonly Ignored[]): Ignored[] => [
  ...new NameMap(ignored.map((one) => [one.name, one] as const)).values(),
];

const toIgnored = ({ name, text }: Finding): Ignored => ({ name, reason: text });

async function withTags(
  live: AccountState,
  known: Known,
  aws: Aws,
  { tags, onProgress = () => {} }: ImportOptions,
): Promise<AccountState> {
  if (!tags) return live;
  const policies = new Map(live.policies);
  const wanted = newNames(live, known, 'policies');
  let done = 0;
  await eachLimited(wanted, 8, async (name) => {
    const policy = live.policies.get(name)!;
    policies.set(name, { ...policy, tags: await readPolicyTags(aws, policy.arn) });
    done += 1;
    onProgress(`reading the tags of policies … ${done} of ${wanted.length}`);
  });
  return { ...live, policies };
}

/** Reads keys and passwords of new users, if the credential report shows some or does not know the user yet. */
async function readSignIns(
  aws: Aws,
  live: AccountState,
  known: Known,
  onProgress: (text: string) => void,
): Promise<{ signIns: ReadonlyMap<string, SignIn>; reportedAt: Date | null }> {
  const names = newNames(live, known, 'users');
  const signIns = new Map<string, SignIn>();
  if (names.length === 0) return { signIns, reportedAt: null };
  await requestCredentialReport(aws);
  const report = await readCredentialReport(aws);
  const wanted = names.filter((name) => mayHaveSome(report.rows.get(name)));
  let done = 0;
  await eachLimited(wanted, 8, async (name) => {
    const { accessKeys, loginProfile } = await readSignIn(aws, name);
    signIns.set(name, { accessKeys, console: loginProfile !== null });
    done += 1;
    onProgress(`reading keys and passwords … ${done} of ${plural(wanted.length, 'user')}`);
  });
  return { signIns, reportedAt: report.madeAt };
}

const mayHaveSome = (row: ReportRow | undefined): boolean =>
  row === undefined || row.password || row.accessKeys.length > 0;

/** Names of roles, with patterns for those that AWS makes in large numbers. */
function roleNames(live: AccountState, known: Known): Ignored[] {
  const names = [...live.roles.keys()].filter((name) => !known.isIgnored('roles', name));
  const patterns = names.map((name) => name.replace(/^(AWSServiceRoleFor|AWSReservedSSO_).*$/, '$1*'));
  return patterns.map((name) => ({ name }));
}

/** A group of administrators, as the example in the comment about `minMembers`. */
function example(live: AccountState): { administrators?: { group: string; members: number } } {
  const group = [...live.groups.values()].find((one) => isAdministrator(identityDocument(live, one)));
  if (!group) return {};
  const inGroup = ({ groups }: User): boolean => groups.includes(group.name);
  return { administrators: { group: group.name, members: [...live.users.values()].filter(inGroup).length } };
}

/** Loads and plans with the files as they will be, in a temporary directory. */
async function tryOut(
  aws: Aws,
  known: Known,
  dir: string,
  edits: readonly FileEdit[],
  { cwd = '', now }: LoadOptions,
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
    const { plan } = await planAccount(desired, aws);
    return { pending: plan.changes, problems: [] };
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
