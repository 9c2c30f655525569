import type { Io } from '../../app/io.ts';
import { requireManifests } from '../../app/manifests.ts';
import type { Aws } from '../../aws/client.ts';
import type { Desired } from '../../core/desired.ts';
import { RollcallError } from '../../core/errors.ts';
import type { RailName } from '../../core/rails.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import type { GlobalOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';

/** The directory and time with which manifests are read. */
export const loading = (io: Io): { cwd: string; now: Date } => ({ cwd: io.cwd, now: io.now() });

/** Reads the manifests, and shows their warnings. @throws RollcallError if they have errors. */
export async function readManifests(
  io: Io,
  terminal: Terminal,
  { manifests }: Pick<GlobalOptions, 'manifests'>,
  more: LoadOptions = {},
): Promise<Desired> {
  const { desired, warnings } = await requireManifests(manifests, { ...loading(io), ...more });
  terminal.diagnostics(warnings);
  return desired;
}

/** For `--verbose` and programs: the API calls that the command made. */
export function showCalls(terminal: Terminal, options: GlobalOptions, { calls }: Pick<Aws, 'calls'>): void {
  terminal.event({ type: 'calls', total: calls.total, operations: Object.fromEntries(calls.entries()) });
  if (!options.verbose || terminal.shows === 'events') return;
  const list = calls.entries().map(([op, count]) => `${op} ${count}`);
  terminal.info(`API calls: ${calls.total} (${list.join(', ')})`);
}

/** Manifests that declare nothing are normally an error. Whoever overrides the rail against them means them. */
export const allowsEmpty = (overrides: readonly RailName[]): boolean => overrides.includes('empty-manifest');

const minute = 60_000;

/**
 * Says how old the credential report is, so that nobody takes "matches" for more than was seen (docs/credentials.md).
 */
export function noteReport(terminal: Terminal, reportedAt: Date | null, { now }: Pick<Io, 'now'>): void {
  if (!reportedAt) return;
  const age = now().getTime() - reportedAt.getTime();
  // IAM returns no report that is older than this; an emulator may make up its time.
  if (age < 5 * minute || age > 300 * minute) return;
  const at = reportedAt.toISOString().slice(0, 16).replace('T', ' ');
  terminal.info(
    `note: keys and passwords that no file declares are as of ${at} UTC, when IAM made its credential report (it does ` +
      'so every four hours): a later plan sees what is newer',
  );
}

/** A date means its start in UTC; an instant must have its time zone. */
export function parseAt(text: string | undefined): { at?: Date } {
  if (text === undefined) return {};
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const at = new Date(date);
  const [day] = date.split('T');
  // JavaScript reads 30 February as 2 March.
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
