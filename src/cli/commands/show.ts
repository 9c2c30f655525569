import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Io } from '../../app/io.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { quote } from '../../core/text.ts';
import type { SavedPlan } from '../../kinds/plan.ts';
import { parsePlan } from '../../plan/saved.ts';
import { renderJson } from '../../render/json.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { readPlan } from './plan-file.ts';
import { formatPlan } from './plan-format.ts';
import type { PlanFormat } from './plan-format.ts';

/**
 * Prints a saved plan as `plan` printed it, without manifests and without any API call.
 *
 * @throws RollcallError as `apply FILE` does for a file that is no whole plan.
 */
export async function show(io: Io, file: string, options: GlobalOptions & PlanFormat): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const saved = file === '-' ? parsePlan(await text(io.stdin), 'standard input') : await readPlan(io, file);
  terminal.product(await rendered(saved, file, options, terminal));
  const written = file === '-' ? null : (await stat(resolve(io.cwd, file))).mtime;
  terminal.info(...origin(saved, file, written));
  return exitCode.done;
}

/** Kinds say in their own way what changes: a plan that somebody wrote may lack what its renderers look for. */
async function rendered(
  saved: SavedPlan,
  file: string,
  options: PlanFormat,
  { colors }: Terminal,
): Promise<string> {
  try {
    return await formatPlan(saved, [], () => renderJson(saved), options, colors);
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError(`${file === '-' ? 'standard input' : file} is not a plan that can be shown`, {
      hint: 'make one with `rollcall plan --out`',
    });
  }
}

/** A plan holds no time, so that the same input gives the same bytes: the file's own has to do. */
function origin({ rollcall, manifests, at }: SavedPlan, file: string, written: Date | null): string[] {
  const when = written ? `, written ${written.toISOString().slice(0, 19)}Z` : '';
  return [
    `note: ${file === '-' ? 'a saved plan' : quote(file)}${when}: made by rollcall ${rollcall} from the manifests ` +
      `${manifests.slice(0, 12)}; not checked against the account, the manifests or the rails, as \`apply\` does`,
    ...(at === undefined ? [] : [`note: it is of another day (--at ${at}): apply does not run it`]),
  ];
}
