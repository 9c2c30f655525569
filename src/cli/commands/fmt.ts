import { patchOf, writeEdits } from '../../app/edits.ts';
import { formatFiles } from '../../app/format.ts';
import type { Io } from '../../app/io.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { plural, shownJson } from '../../core/text.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { showPatches } from './patches.ts';

/** Writes manifests in the one style, or with `--check` says which are not. */
export async function fmt(
  io: Io,
  files: readonly string[],
  options: GlobalOptions & { readonly check?: boolean; readonly diff?: boolean },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { edits, read, diagnostics } = await formatFiles(files, options.manifests, io.cwd);
  if (diagnostics.length > 0) {
    throw new RollcallError('nothing was formatted', {
      hint: 'mend these errors first',
      diagnostics,
    });
  }
  const keeps = options.check === true || options.diff === true;
  if (!keeps) await writeEdits(edits);
  if (options.json) terminal.product(`${shownJson({ files: edits.map(({ name }) => name) })}\n`);
  else if (options.diff) showPatches(terminal, edits.map(patchOf));
  else for (const { name } of edits) terminal.line(name);
  if (!keeps || edits.length === 0) return exitCode.done;
  terminal.info(
    `${edits.length} of ${plural(read, 'file')} ${edits.length === 1 ? 'is' : 'are'} not in the style of rollcall fmt.`,
  );
  return exitCode.pending;
}
