import { patchForGit, writeEdits } from '../../app/edits.ts';
import type { Io } from '../../app/io.ts';
import { preparePins } from '../../app/pin.ts';
import type { Pin, Pinning } from '../../app/pin.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { plural, shownJson } from '../../core/text.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { readManifests, showCalls } from './common.ts';
import { patches, showPatches } from './patches.ts';

/**
 * Writes the keys and passwords that IAM has into the manifests, for somebody to review. Exit 1 if any could not be
 * written.
 */
export async function pin(
  io: Io,
  names: readonly string[],
  options: GlobalOptions & { readonly dryRun?: boolean },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const desired = await readManifests(io, terminal, options);
  const pinning = await onAccount(io, terminal, options, desired.state.account, async (aws) => {
    const prepared = await preparePins(desired, options.manifests, names, aws, io.cwd);
    showCalls(terminal, options, aws);
    return prepared;
  });
  const { edits, pins, notes, refused } = pinning;
  const json = options.json === true;
  if (!json && options.dryRun) showPatches(terminal, edits.map(patchForGit));
  for (const one of pins) terminal.info(tell(one));
  for (const note of notes) terminal.info(`note: ${note}`);
  terminal.diagnostics(refused);
  if (!options.dryRun) await writeEdits(edits);
  if (json) terminal.product(toJson(pinning));
  if (pins.length === 0 && refused.length === 0) terminal.info('Nothing to pin: the files say what IAM has.');
  else if (options.dryRun) terminal.info('Nothing was written (--dry-run).');
  else if (edits.length > 0) {
    terminal.info(
      `Wrote ${plural(pins.length, 'pin')} into ${plural(edits.length, 'file')}. Next: look at each key and password ` +
        'that changed, have the change reviewed and commit it.',
    );
  }
  return refused.length > 0 ? exitCode.error : exitCode.done;
}

const said = (value: Pin['before']): string => (typeof value === 'string' ? value : value!.join(', '));

const tell = ({ user, field, before, after }: Pin): string =>
  `user ${user}: ${field} ${before === null ? `${said(after)} (not pinned before)` : `${said(before)} → ${said(after)}`}`;

function toJson({ account, edits, pins, notes, refused }: Pinning): string {
  return `${shownJson({ account, pins, files: patches(edits), notes, refused })}\n`;
}
