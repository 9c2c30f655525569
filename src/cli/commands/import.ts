import { patchOf, writeEdits } from '../../app/edits.ts';
import { prepareImport, readKnown } from '../../app/import/index.ts';
import type { Imported } from '../../app/import/index.ts';
import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { plural, quote, shownJson } from '../../core/text.ts';
import { kinds } from '../../kinds/index.ts';
import type { Layout } from '../../manifest/write/index.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { loading, noteReport, showCalls } from './common.ts';
import { showPatches } from './patches.ts';
import { writeSchema } from './schema.ts';

interface ImportCommandOptions extends GlobalOptions {
  readonly layout: Layout;
  readonly account?: string;
  readonly tags?: boolean;
  readonly dryRun?: boolean;
}

/** Writes manifests for everything in the account that no file declares yet. */
export async function importAccount(io: Io, options: ImportCommandOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const known = await readKnown(options.manifests, loading(io));
  const account = options.account ?? known.desired?.state.account ?? '123456789012';
  return await onAccount(io, terminal, options, account, async (aws) => {
    const imported = await prepareImport(aws, known, {
      dir: options.manifests,
      layout: options.layout,
      tags: options.tags === true,
      load: loading(io),
      ...(options.account === undefined ? {} : { account: options.account }),
    });
    if (!options.dryRun) await writeEdits(imported.edits);
    // Not in the patch: nobody would read it there.
    const schema = options.dryRun || !hasNew(imported) ? null : await writeSchema(io, options.manifests);
    if (options.json) terminal.product(toJson(imported, schema));
    else if (options.dryRun) showPatches(terminal, imported.edits.map(patchOf));
    else
      for (const name of [...imported.edits.map((edit) => edit.name), ...(schema === null ? [] : [schema])])
        terminal.line(name);
    report(terminal, imported);
    noteReport(terminal, imported.reportedAt, aws);
    if (options.dryRun) terminal.info('Nothing was written (--dry-run).');
    showCalls(terminal, options, aws);
    return exitCode.done;
  });
}

/** `2 users, 1 group, 0 policies`, and of what an account has one only what there is. */
const counts = (names: Imported['added']): string =>
  kinds
    .flatMap((kind) => {
      const { length } = names[kind.section] ?? [];
      if (kind.only === undefined) return plural(length, kind.name, kind.plural);
      return length > 0 ? kind.plural : [];
    })
    .join(', ');

/** The most changes that are listed one by one. */
const mostPending = 20;

function report(terminal: Terminal, imported: Imported): void {
  const { account, added, ignored, notes, roles, passedOver, pending, problems } = imported;
  for (const { kind, name, text } of ignored) {
    terminal.warning(`${kind} ${quote(name)} cannot be written, and is ignored: ${text}`);
  }
  for (const { kind, name, text } of notes) terminal.warning(`${kind} ${quote(name)}: ${text}`);
  terminal.info(`Imported of account ${account}: ${counts(added)}.`);
  if (Object.values(passedOver).some((names) => names.length > 0)) {
    terminal.info(
      `Ignored before, and passed over: ${counts(passedOver)}. Narrow \`ignore\` to import them.`,
    );
  }
  if (roles > 0) terminal.info(`Not managed yet, and left alone: ${plural(roles, 'role')}.`);
  terminal.diagnostics(problems);
  if (pending.length === 0) {
    if (problems.length === 0) terminal.info('The next plan is empty.');
    return;
  }
  terminal.info('Still different from the account; `rollcall plan` shows the details:');
  for (const { kind, name, summary } of pending.slice(0, mostPending)) {
    terminal.info(`  ${kind} ${name}: ${summary}`);
  }
  if (pending.length > mostPending) terminal.info(`  ${pending.length - mostPending} more`);
}

/** A new file names the schema. */
const hasNew = ({ edits }: Imported): boolean => edits.some(({ before }) => before === null);

const toJson = (imported: Imported, schema: string | null): string =>
  `${shownJson({
    account: imported.account,
    files: [
      ...imported.edits.map(({ name, before }) => ({ file: name, new: before === null })),
      ...(schema === null ? [] : [{ file: schema, new: true }]),
    ],
    added: imported.added,
    ignored: imported.ignored,
    notes: imported.notes,
    roles: imported.roles,
    passedOver: imported.passedOver,
    pending: imported.pending.map(({ id, summary }) => ({ id, summary })),
    problems: imported.problems,
  })}\n`;
