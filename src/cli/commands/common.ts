import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Io } from '../../app/io.ts';
import { storageError } from '../../app/storage.ts';
import type { Aws } from '../../aws/client.ts';
import { replaceFile } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import type { SavedPlan } from '../../core/plan.ts';
import type { RailName } from '../../core/rails.ts';
import { clean } from '../../core/text.ts';
import { parsePlan } from '../../plan/saved.ts';
import type { GlobalOptions } from '../options.ts';
import type { Colors, Terminal } from '../terminal.ts';

/** What manifests are read by. */
export const loading = (io: Io): { cwd: string; now: Date } => ({ cwd: io.cwd, now: io.now() });

/** `--verbose`: what the command cost. */
export function showCalls(terminal: Terminal, options: GlobalOptions, aws: Aws): void {
  if (!options.verbose) return;
  const list = aws.calls.entries().map(([op, count]) => `${op} ${count}`);
  terminal.info(`API calls: ${aws.calls.total} (${list.join(', ')})`);
}

/** The rail would refuse it: who overrides the rail means manifests that declare nothing, too. */
export const allowsEmpty = (overrides: readonly RailName[]): boolean => overrides.includes('empty-manifest');

const minute = 60_000;

/** Nobody may take "matches" for more than was seen: the report can be hours old (docs/credentials.md). */
export function noteReport(terminal: Terminal, reportedAt: Date | null, aws: Aws): void {
  if (!reportedAt) return;
  const age = aws.now().getTime() - reportedAt.getTime();
  // IAM gives none that is older: an emulator makes its time up.
  if (age < 5 * minute || age > 300 * minute) return;
  const at = reportedAt.toISOString().slice(0, 16).replace('T', ' ');
  terminal.info(
    `note: keys and passwords that no file declares are as of ${at} UTC, when IAM made its credential report (it does ` +
      'so every four hours): a later plan sees what is newer',
  );
}

/** Whole or not at all: a plan cut short is no plan. */
export function writePlan(io: Io, file: string, text: string): void {
  try {
    replaceFile(resolve(io.cwd, file), text);
  } catch (error) {
    throw storageError(file, 'cannot be written', error);
  }
}

/** @throws RollcallError (core/errors.ts) for a file that cannot be read or is no whole plan. */
export async function readPlan(io: Io, file: string): Promise<SavedPlan> {
  const text = await readFile(resolve(io.cwd, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new RollcallError(`${file} cannot be read (${error.code})`, {
      hint: 'make a plan with `rollcall plan --out`',
    });
  });
  return parsePlan(text, file);
}

/** A date means the start of that day UTC; an instant needs its zone. */
export function parseAt(text: string | undefined): { at?: Date } {
  if (text === undefined) return {};
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const at = new Date(date);
  const [day] = date.split('T');
  // JavaScript takes 30 February for 2 March.
  const exists = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(`${day}`);
  if (
    !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(date) ||
    Number.isNaN(at.getTime()) ||
    !exists
  ) {
    throw new RollcallError(`--at ${text} is not a date`, {
      hint: 'write 2027-01-31, or an instant with its zone such as 2027-01-31T12:00:00Z',
    });
  }
  return { at };
}

/** A patch is for tools, unless a terminal shows it: then in colours, and with no control characters. */
export function renderPatch(patch: string, colors: Colors): string {
  if (!colors.isColorSupported) return patch;
  return patch.replace(/^.+$/gm, (line) => {
    const text = clean(line.replace(/\r$/, '').replaceAll('\t', '    '));
    if (/^(?:---|\+\+\+) /.test(text)) return colors.bold(text);
    if (text.startsWith('@@')) return colors.cyan(text);
    return text.startsWith('+') ? colors.green(text) : text.startsWith('-') ? colors.red(text) : text;
  });
}
