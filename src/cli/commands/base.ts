import { readBase } from '../../app/base.ts';
import type { Io } from '../../app/io.ts';
import type { Base, Desired } from '../../core/desired.ts';
import type { SavedPlan } from '../../kinds/plan.ts';
import { stale } from '../../plan/saved.ts';
import type { BaseOption, GlobalOptions } from '../options.ts';

/** The manifests as they were at `--base`; null without it. */
export async function baseOf(
  io: Io,
  { manifests, base }: BaseOption & Pick<GlobalOptions, 'manifests'>,
  desired: Desired,
  now = io.now(),
): Promise<Base | null> {
  return base === undefined ? null : await readBase(io, manifests, base, { desired, now });
}

/**
 * The base of a saved plan, read from git again: of the file only the commit counts.
 *
 * @throws RollcallError (exit 4) where `--base` names another commit.
 */
export async function baseOfSaved(
  io: Io,
  options: BaseOption & Pick<GlobalOptions, 'manifests'>,
  desired: Desired,
  { base: saved }: Pick<SavedPlan, 'base'>,
): Promise<Base | null> {
  const given = await baseOf(io, options, desired);
  if (given && (!('commit' in given) || given.commit !== saved?.commit)) {
    const { rev } = given;
    throw stale([`it was not made with --base ${rev}${'why' in given ? ` (${given.why})` : ''}`]);
  }
  if (given || saved === null) return given;
  const { rev, commit, why = 'it could not be read' } = saved;
  if (commit === undefined) return { rev, why };
  const read = await readBase(io, options.manifests, commit, { desired, now: io.now(), isPast: true });
  return { ...read, rev };
}
