import { patchOf, writeEdits } from '../../app/edits.ts';
import { prepareImport, readKnown } from '../../app/import/index.ts';
import type { Imported, Selection } from '../../app/import/index.ts';
import type { Io } from '../../app/io.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { clean, listSome, listWords, quote, shownJson } from '../../core/text.ts';
import { kinds } from '../../kinds/index.ts';
import { besideWords } from '../../render/looked.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { loading, noteReport, showCalls } from './common.ts';
import { counts, wantedBy } from './import-common.ts';
import type { ImportCommandOptions } from './import-common.ts';
import { showPatches } from './patches.ts';
import { writeSchema } from './schema.ts';

/** Writes manifests for everything in the account that no file declares yet. */
export async function importAccount(
  io: Io,
  source: string | undefined,
  options: ImportCommandOptions,
): Promise<ExitCode> {
  const { from } = options;
  if ((from === undefined) !== (source === undefined)) {
    throw new RollcallError(
      from === undefined
        ? `import takes no directory but with --from: ${source!}`
        : `--from ${from} needs the directory of its files`,
      {
        hint:
          from === undefined
            ? `the manifests' directory is named with -m; files of another tool: import --from iamy ${source!}`
            : `rollcall import --from ${from} DIR`,
      },
    );
  }
  if (from !== undefined && source !== undefined)
    return await (await import('./import-from.ts')).importFrom(io, source, { ...options, from });
  const terminal = new Terminal(io, options);
  const known = await readKnown(options.manifests, loading(io));
  const account = options.account ?? known.desired?.state.account ?? '123456789012';
  return await onAccount(io, terminal, options, account, async (aws) => {
    const imported = await prepareImport(aws, known, {
      dir: options.manifests,
      layout: options.layout,
      tags: options.tags === true,
      ...wantedBy(options),
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

/** The most changes that are listed one by one. */
const mostPending = 20;

function report(terminal: Terminal, imported: Imported): void {
  const { account, added, ignored, notes, ours, alone, passedOver, pending, problems } = imported;
  for (const { kind, name, text } of ignored) {
    terminal.warning(`${kind} ${quote(name)} cannot be written, and is ignored: ${text}`);
  }
  for (const { kind, name, text } of notes) terminal.warning(`${kind} ${quote(name)}: ${text}`);
  terminal.info(`Imported of account ${account}: ${counts(added)}.`);
  if (imported.selection) reportSelection(terminal, imported.selection, added);
  if (Object.values(passedOver).some((names) => names.length > 0)) {
    terminal.info(
      `Ignored before, and passed over: ${counts(passedOver)}. Narrow \`ignore\` to import them.`,
    );
  }
  if (Object.values(imported.unselected).some((names) => names.length > 0)) {
    terminal.info(
      `Outside of what \`manage\` selects, and left alone: ${counts(imported.unselected)}. --only takes them by name.`,
    );
  }
  const own = listed(ours);
  if (own !== '') terminal.info(`Left out, as rollcall runs with it and no plan writes it: ${own}.`);
  const besides = imported.besides.map((one) => ({ names: [], ...one }));
  const { there, unseen } = besideWords(besides, some);
  if (there.length > 0) terminal.info(`Not managed yet, and left alone: ${there.join(', ')}.`);
  if (unseen !== '') terminal.info(`Not known: ${unseen}.`);
  if (alone.length > 0) {
    terminal.info(`In no file, and so neither read nor changed: ${listWords(alone, 'and')}.`);
  }
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

/** What was taken beside what was asked for, and what was not taken. */
function reportSelection(
  terminal: Terminal,
  { needed, declared, left }: Selection,
  added: Imported['added'],
): void {
  const taken = (names: Imported['added']): Imported['added'] =>
    Object.fromEntries(
      Object.entries(names).map(([section, list]) => [
        section,
        list.filter((name) => added[section]?.includes(name) === true),
      ]),
    );
  const lists = { also: listed(taken(needed)), declared: listed(declared) };
  if (lists.also !== '') terminal.info(`Taken with them, as they are in it or hold it: ${lists.also}.`);
  if (lists.declared !== '') terminal.info(`Declared already, and kept as they are: ${lists.declared}.`);
  if (Object.values(left).some((names) => names.length > 0))
    terminal.info(`Left alone, as no file declares them: ${counts(left)}.`);
}

/** `user anna, group readers`; nothing where there are none. */
const listed = (names: Imported['added']): string =>
  kinds
    .flatMap((kind) => {
      const list = names[kind.section] ?? [];
      return list.length === 0 ? [] : `${list.length === 1 ? kind.name : kind.plural} ${some(list)}`;
    })
    .join('; ');

const some = (names: readonly string[]): string => listSome(names.map(clean), 10);

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
    ours: imported.ours,
    besides: imported.besides,
    unselected: imported.unselected,
    alone: imported.alone,
    ...(imported.selection
      ? {
          chosen: imported.selection.chosen,
          needed: imported.selection.needed,
          declared: imported.selection.declared,
          left: imported.selection.left,
        }
      : {}),
    passedOver: imported.passedOver,
    pending: imported.pending.map(({ id, summary }) => ({ id, summary })),
    problems: imported.problems,
  })}\n`;
