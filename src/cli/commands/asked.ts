import { askFiles, askLive } from '../../app/access/read.ts';
import type { Asked } from '../../app/access/read.ts';
import type { Io } from '../../app/io.ts';
import type { Aws } from '../../aws/client.ts';
import type { Desired } from '../../core/desired.ts';
import { plural, shownJson } from '../../core/text.ts';
import { loadManifests } from '../../manifest/index.ts';
import { outlineMarkdown, renderOutline } from '../../render/outline.ts';
import type { Outline } from '../../render/outline.ts';
import type { AskedOptions, GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { loading, readManifests, showCalls } from './common.ts';

/**
 * The account that `who-can` and `explain` are asked about: as it is, or as the files would have it.
 *
 * @param answer is handed the connection where there is one.
 * @throws RollcallError for files that are asked about and have errors.
 */
export async function onAsked(
  io: Io,
  terminal: Terminal,
  options: AskedOptions,
  answer: (asked: Asked, aws: Aws | null) => Promise<void> | void,
): Promise<void> {
  if (options.files) {
    await answer(askFiles(await readManifests(io, terminal, options)), null);
    return;
  }
  const desired = await readForPlaces(io, terminal, options);
  await onAccount(io, terminal, options, desired?.state.account ?? '123456789012', async (aws) => {
    await answer(await askLive(aws, desired), aws);
    showCalls(terminal, options, aws);
  });
}

/** The files tell only places, so the account can be asked about without any, and whatever is wrong with them. */
async function readForPlaces(
  io: Io,
  terminal: Terminal,
  { manifests }: GlobalOptions,
): Promise<Desired | null> {
  const { desired, diagnostics } = await loadManifests(manifests, { ...loading(io), allowEmpty: true });
  if (desired) return desired;
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.every(({ code }) => code === 'no-directory' || code === 'no-manifests'))
    terminal.info('note: there are no manifests (--manifests), so no places in files are told');
  else
    terminal.warning(
      `the manifests have ${plural(errors.length, 'error')}, so no places in files are told: rollcall validate shows them`,
    );
  return null;
}

/** Prints an answer in the form that the options say. */
export function printAnswer<T>(
  terminal: Terminal,
  { json, format }: AskedOptions,
  answer: T,
  { outline, rows }: { readonly outline: (answer: T) => Outline; readonly rows: (answer: T) => string[] },
): void {
  const renderers: { readonly [format in AskedOptions['format']]: () => string } = {
    terminal: () => renderOutline(outline(answer), terminal.colors),
    json: () => `${shownJson(answer)}\n`,
    markdown: () => outlineMarkdown(outline(answer)),
    csv: () =>
      rows(answer)
        .map((row) => `${row}\n`)
        .join(''),
  };
  terminal.product(renderers[json ? 'json' : format]());
}
