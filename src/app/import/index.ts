import { resolve } from 'node:path';
import type { Aws } from '../../aws/client.ts';
import { detailsOf, iamOver, readAccount, readCaller, remembering, withCatalogues } from '../../aws/read.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { Diagnostic } from '../../core/errors.ts';
import type { WordedChange } from '../../kinds/plan.ts';
import type { AccountState, Beside } from '../../core/state.ts';
import { readBesides } from '../../kinds/besides.ts';
import { kinds, withParts } from '../../kinds/index.ts';
import type { Iam } from '../../kinds/index.ts';
import { namedKinds } from '../../kinds/sections.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import type { Layout } from '../../manifest/write/index.ts';
import type { FileEdit } from '../edits.ts';
import { pinAccount, planFrom } from '../session.ts';
import { editsFor, outside, tryOut } from './edits.ts';
import { additionsToManifest, newNames } from './to-manifest.ts';
import type { Additions, BySection, Finding } from './to-manifest.ts';
import { fileNamer } from './files.ts';
import type { Known } from './known.ts';
import { select, selectedByManage } from './selection.ts';
import type { Selection, Wanted } from './selection.ts';

export { readKnown } from './known.ts';
export type { Selection, Wanted } from './selection.ts';

interface ImportOptions {
  readonly dir: string;
  readonly layout: Layout;
  /** Also the tags of policies. */
  readonly tags: boolean;
  /** The account that must be read; another one is refused. */
  readonly account?: string;
  /** Takes only these, and what they need; everything that is not ignored where it is absent. */
  readonly wanted?: Wanted;
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
  /** What rollcall itself runs with: no plan writes it, and so it is not taken unless somebody declares it. */
  readonly ours: BySection<string>;
  /** What is counted, and not read: identity providers and instance profiles. */
  readonly besides: readonly Beside[];
  /** Outside of what `manage` selects, and not asked for by name. */
  readonly unselected: BySection<string>;
  /** What an account has one of, and no file has: it is not managed. */
  readonly alone: readonly string[];
  /** What was asked for; null: everything. */
  readonly selection: Selection | null;
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
export async function prepareImport(aws: Aws, all: Known, options: ImportOptions): Promise<Imported> {
  const { layout, wanted, load = {} } = options;
  const dir = resolve(load.cwd ?? '', options.dir);
  const caller = all.desired ? await pinAccount(all.desired, aws) : await readCaller(aws);
  if (options.account !== undefined && caller.account !== options.account) {
    throw new RollcallError(
      `these credentials are for account ${caller.account}, not for ${options.account}`,
      { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
    );
  }
  const iam = remembering(iamOver(aws));
  const { account, read } = await withCatalogues(await readAccount(aws, caller), iam, (kind) =>
    mayTake(kind, wanted),
  );
  const selection = wanted ? select(account, all, wanted) : null;
  const rules = selection ? null : selectedByManage(account, all);
  const taken = selection ?? rules;
  const known = taken ? { ...all, isIgnored: outside(all, taken) } : all;
  const besides = await readBesides(iam, (kind) => read.has(kind));
  const live = withParts(await readForImport(account, known, iam, options), [besides]);
  const additions = additionsToManifest(live, known, { layout, nameFile: fileNamer(dir) });
  const edits = await editsFor(additions, live, known, { ...options, isPart: wanted !== undefined });
  return {
    account: live.account,
    edits,
    added: additions.added,
    ignored: Object.values(additions.unsaid).flat(),
    notes: additions.notes,
    ours: Object.fromEntries(
      namedKinds.map((kind) => [
        kind.section,
        [...kind.of(live).keys()].filter(
          (name) => kind.isOurs?.(name) === true && all.declared(kind.name, name) === undefined,
        ),
      ]),
    ),
    besides: live.besides ?? [],
    unselected: rules ? rules.left : {},
    alone: kinds
      .filter(({ only }) => only !== undefined && (wanted || known.desired))
      .filter((kind) => !known.desired || kind.of(known.desired.state).size === 0)
      .map(({ section }) => section),
    selection,
    passedOver: Object.fromEntries(
      namedKinds.map((kind) => [
        kind.section,
        [...kind.of(live).keys()].filter(
          (name) =>
            kind.isOurs?.(name) !== true &&
            all.isIgnored(kind.name, name) &&
            selection?.has(kind.name, name) !== false,
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

/** What manifests say of new objects beyond what the account's own details tell. */
async function readForImport(
  account: AccountState,
  known: Known,
  iam: Iam,
  { tags, wanted }: ImportOptions,
): Promise<AccountState> {
  const parts = await iam.each(kinds, async (kind) => {
    const reading = { iam, names: newNames(account, known, kind), isNew: !known.desired && !wanted, tags };
    return await kind.live.forImport?.(account, reading);
  });
  return withParts(account, parts);
}

/** Whether what is asked for may be of that kind. */
const mayTake = (kind: string, wanted: Wanted | undefined): boolean =>
  wanted === undefined || wanted.only.length === 0 || wanted.only.some((one) => one.startsWith(`${kind}:`));
