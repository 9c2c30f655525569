import { nameWho, readEvents } from '../../app/events.ts';
import type { Io } from '../../app/io.ts';
import { requireManifests } from '../../app/manifests.ts';
import { planAccount, withAws } from '../../app/session.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { driftOf, renderDrift, renderDriftMarkdown } from '../../render/drift.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { loading, noteReport, showCalls } from './common.ts';

/**
 * The difference that `plan` shows, from the account's side: exit 2 if there is drift. Rails do not apply, since
 * nothing is changed.
 */
export async function drift(
  io: Io,
  options: GlobalOptions & {
    readonly format: 'terminal' | 'json' | 'markdown';
    readonly events?: string;
    readonly deliveries: string;
  },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { desired, warnings } = await requireManifests(options.manifests, loading(io));
  terminal.diagnostics(warnings);
  const events =
    options.events === undefined
      ? []
      : await readEvents(options.events, (text) => terminal.warning(text), io.cwd);
  return await withAws(io, options, desired.state.account, async (aws) => {
    terminal.progress('reading the account …');
    const { plan, live, reportedAt } = await planAccount(desired, aws, {
      deliveries: options.deliveries,
      cwd: io.cwd,
    });
    const found = nameWho(driftOf(plan, { desired: desired.state, live }), plan, events);
    const format = options.json ? 'json' : options.format;
    if (format === 'json') {
      terminal.product(`${shownJson({ account: plan.account, drift: found, notes: plan.notes })}\n`);
    } else if (format === 'markdown') {
      terminal.product(renderDriftMarkdown(plan.account, found));
    } else {
      terminal.product(renderDrift(plan.account, found, terminal.colors));
      for (const note of plan.notes) terminal.info(`note: ${note}`);
    }
    noteReport(terminal, reportedAt, aws);
    showCalls(terminal, options, aws);
    return found.length > 0 ? exitCode.pending : exitCode.done;
  });
}
