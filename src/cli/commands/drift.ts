import { nameWho, readEvents } from '../../app/events.ts';
import type { Io } from '../../app/io.ts';
import { planAccount } from '../../app/session.ts';
import type { Planning } from '../../app/session.ts';
import type { Base, Desired } from '../../core/desired.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { driftOf } from '../../plan/drift.ts';
import { renderDrift, renderDriftMarkdown, wordDrift } from '../../render/drift.ts';
import type { WordedDrift } from '../../render/drift.ts';
import type { BaseOption, GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { baseOf } from './base.ts';
import { readManifests, showCalls } from './common.ts';

export interface DriftOptions extends GlobalOptions, BaseOption {
  readonly format: 'terminal' | 'json' | 'markdown';
  readonly events?: string;
  readonly deliveries: string;
  readonly fresh?: boolean;
}

/**
 * The difference that `plan` shows, from the account's side: exit 2 if there is drift. Rails do not apply, since
 * nothing is changed.
 */
export async function drift(io: Io, options: DriftOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const desired = await readManifests(io, terminal, options);
  const base = await baseOf(io, options, desired);
  const code = await findDrift(io, terminal, { desired, base }, options, (found, { plan, leftAlone }) => {
    const { account, looked, notes } = plan;
    const format = options.json ? 'json' : options.format;
    if (format === 'json') {
      terminal.product(`${shownJson({ account, drift: found, looked, notes })}\n`);
    } else if (format === 'markdown') {
      terminal.product(renderDriftMarkdown(account, found, plan));
    } else {
      terminal.product(
        renderDrift(account, found, terminal.colors, { looked, leftAlone: options.verbose ? leftAlone : [] }),
      );
      for (const note of notes) terminal.info(`note: ${note}`);
    }
  });
  if (!base || !('why' in base)) return code;
  // Whether somebody who left the files is still there was asked, and is not known.
  terminal.warning(`what left the manifests since ${base.rev} is not known: ${base.why}`);
  return code === exitCode.done ? exitCode.pending : code;
}

/** @param show is handed what there is to show, beside what the terminal is told. */
export async function findDrift(
  io: Io,
  terminal: Terminal,
  { desired, base }: { readonly desired: Desired; readonly base: Base | null },
  options: DriftOptions,
  show: (found: readonly WordedDrift[], planning: Planning) => void,
): Promise<ExitCode> {
  const { events: file, deliveries, fresh = false } = options;
  const warn = (text: string): void => terminal.warning(text);
  const events = file === undefined ? [] : await readEvents(file, warn, io.cwd);
  return await onAccount(io, terminal, options, desired.state.account, async (aws, watch) => {
    const planning = await planAccount(desired, aws, { deliveries, fresh, cwd: io.cwd, base });
    watch.planned(planning);
    const { plan, live } = planning;
    const found = wordDrift(nameWho(driftOf(plan, { desired: desired.state, live }), events));
    show(found, planning);
    showCalls(terminal, options, aws);
    return found.length > 0 ? exitCode.pending : exitCode.done;
  });
}
