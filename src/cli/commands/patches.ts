import { patchForGit } from '../../app/edits.ts';
import type { FileEdit } from '../../app/edits.ts';
import { clean } from '../../core/text.ts';
import type { Colors, Terminal } from '../terminal.ts';

/** Edits as data. */
export const patches = (edits: readonly FileEdit[]): object[] =>
  edits.map((edit) => ({ file: edit.name, patch: patchForGit(edit) }));

export function showPatches(terminal: Terminal, texts: readonly string[]): void {
  for (const text of texts) terminal.patch(renderPatch(text, terminal.colors));
}

/** On a terminal a patch is shown in colours and without control characters; for tools it stays as it is. */
function renderPatch(patch: string, colors: Colors): string {
  if (!colors.isColorSupported) return patch;
  return patch.replace(/^.+$/gm, (line) => {
    const text = clean(line.replace(/\r$/, '').replaceAll('\t', '    '));
    if (/^(?:---|\+\+\+) /.test(text)) return colors.bold(text);
    if (text.startsWith('@@')) return colors.cyan(text);
    return text.startsWith('+') ? colors.green(text) : text.startsWith('-') ? colors.red(text) : text;
  });
}
