import { writeEdits, patchOf } from '../../app/edits.ts';
import { prepareConversion } from '../../app/import/from/index.ts';
import type { Converted } from '../../app/import/from/index.ts';
import { readKnown } from '../../app/import/index.ts';
import type { Io } from '../../app/io.ts';
import { exitCode, formatLocation } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { labelOf } from '../../core/references.ts';
import { clean, listSome, plural, shownJson } from '../../core/text.ts';
import { Terminal } from '../terminal.ts';
import { loading } from './common.ts';
import { counts, wantedBy } from './import-common.ts';
import type { ImportCommandOptions } from './import-common.ts';
import { showPatches } from './patches.ts';
import { writeSchema } from './schema.ts';

/** Writes manifests from the files of another tool. No call is made. */
export async function importFrom(
  io: Io,
  source: string,
  options: ImportCommandOptions & { readonly from: NonNullable<ImportCommandOptions['from']> },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const known = await readKnown(options.manifests, loading(io));
  const converted = await prepareConversion(known, {
    tool: options.from,
    source,
    dir: options.manifests,
    layout: options.layout,
    load: loading(io),
    ...(options.account === undefined ? {} : { account: options.account }),
    ...wantedBy(options),
  });
  const files = converted.edits.map(({ name, before }) => ({ file: name, new: before === null }));
  if (!options.dryRun) {
    await writeEdits(converted.edits);
    const schema = files.some((file) => file.new) ? await writeSchema(io, options.manifests) : null;
    if (schema !== null) files.push({ file: schema, new: true });
  }
  if (options.json) terminal.product(toJson(converted, files));
  else if (options.dryRun) showPatches(terminal, converted.edits.map(patchOf));
  else for (const { file } of files) terminal.line(file);
  report(terminal, converted, options.from);
  if (options.dryRun) terminal.info('Nothing was written (--dry-run).');
  return exitCode.done;
}

function report(terminal: Terminal, { account, added, left, declared }: Converted, tool: string): void {
  for (const { at, text } of left) terminal.warning(`${formatLocation(at)}: ${clean(text)}`);
  terminal.info(`Taken from the files of ${tool}, of account ${account}: ${counts(added)}.`);
  if (left.length > 0)
    terminal.info(`Not taken, or only in part: ${plural(left.length, 'thing')}, named above.`);
  if (declared.length > 0) {
    terminal.info(
      `Declared already, and kept as they are: ${listSome(declared.map(labelOf).map(clean), 10)}.`,
    );
  }
  terminal.info(
    'These files do not say who has access keys or a password: write `accessKey: {}` and `console: {}` where they are to',
    'stay (docs/migrating.md). `rollcall plan` shows what would change; before that, no other tool may run any more.',
  );
}

const toJson = (
  { account, added, left, declared }: Converted,
  files: readonly { readonly file: string; readonly new: boolean }[],
): string =>
  `${shownJson({ account, files, added, left: left.map(({ at, text }) => ({ ...at, text })), declared })}\n`;
