import { notDenied, tellNotDenied } from '../../app/closing.ts';
import type { Io } from '../../app/io.ts';
import { exitOf, reconcile } from '../../app/reconcile.ts';
import type { Attendant, Reconciled, Reconciliation } from '../../app/reconcile.ts';
import type { Planning } from '../../app/session.ts';
import type { Aws } from '../../aws/client.ts';
import { RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { ofApply } from '../../kinds/plan.ts';
import type { WordedPlan } from '../../kinds/plan.ts';
import type { RailName } from '../../core/rails.ts';
import { plural } from '../../core/text.ts';
import { renderPlan } from '../../render/terminal.ts';
import { Interruption } from '../interrupt.ts';
import type { BaseOption, GlobalOptions, TargetOption } from '../options.ts';
import { onAccount } from '../progress.ts';
import type { Watch } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { version } from '../../app/version.ts';
import { appliedJson, appliedText, closingMessages, receiptMessages, stepMessage } from './applied.ts';
import type { AppliedOutcome } from './applied.ts';
import { baseOf, baseOfSaved } from './base.ts';
import { allowsEmpty, readManifests, showCalls } from './common.ts';
import { readPlan } from './plan-file.ts';

export interface ApplyOptions extends GlobalOptions, BaseOption, TargetOption {
  readonly yes?: boolean;
  readonly keysTo?: string;
  readonly deliveries: string;
  readonly fresh?: boolean;
  readonly receipts: string;
  readonly reveal?: boolean;
  readonly override: readonly RailName[];
  readonly lock: boolean;
  /** Minutes. */
  readonly lockTimeout: number;
}

export async function apply(io: Io, planFile: string | undefined, options: ApplyOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  if (options.reveal) refuseToRevealInLogs(io);
  if (planFile !== undefined) refuseTargets(options);
  const saved = planFile === undefined ? null : await readPlan(io, planFile);
  const allowEmpty = allowsEmpty(options.override);
  const desired = await readManifests(io, terminal, options, { allowEmpty });
  const ended = await runApply(io, terminal, { desired, saved }, options, ({ plan, leftAlone }) => {
    if (options.json) return;
    terminal.product(renderPlan(plan, terminal.colors, options.verbose ? leftAlone : []));
  });
  if (typeof ended === 'number') return ended;
  const { outcome } = ended;
  if (outcome.kind === 'applied') {
    report(terminal, options, outcome, saved !== null);
    showCalls(terminal, options, ended);
  }
  return exitOf(outcome);
}

/** How a run ended, and the API calls that it made. */
export interface Ended {
  readonly outcome: Reconciled;
  readonly calls: Aws['calls'];
}

/**
 * Applies, shows the progress on the terminal, and lets the user interrupt it.
 *
 * @param planned gets the plan as soon as there is one.
 * @returns just the exit code if an interrupt left no time to finish.
 */
export async function runApply(
  io: Io,
  terminal: Terminal,
  what: Pick<Reconciliation, 'desired' | 'saved'>,
  options: ApplyOptions,
  planned: (planning: Planning) => void,
): Promise<Ended | ExitCode> {
  const base = await (what.saved
    ? baseOfSaved(io, options, what.desired, what.saved)
    : baseOf(io, options, what.desired));
  const interruption = new Interruption(io, terminal);
  const { keysTo, reveal } = options;
  const request: Reconciliation = {
    ...what,
    manifests: options.manifests,
    base,
    overrides: options.override,
    ...(options.target ? { targets: options.target } : {}),
    ...(options.text ? { text: true } : {}),
    deliveries: options.deliveries,
    fresh: options.fresh === true,
    ...(keysTo === undefined ? {} : { keysTo }),
    ...(reveal ? { reveal: (text: string) => terminal.product(text) } : {}),
    receipts: options.receipts,
    lock: options.lock,
    lockTimeout: options.lockTimeout * 60_000,
    version,
  };
  const attendant = (watch: Watch): Attendant => ({
    planned(planning) {
      watch.planned(planning);
      planned(planning);
      terminal.refusals(planning.violations);
      terminal.unneeded(planning.unneeded);
    },
    agrees: async ({ plan }) => options.yes === true || (await confirmed(terminal, plan, interruption.over)),
    begins({ plan }) {
      interruption.begin();
      watch.begins(plan.steps);
    },
    signal: interruption.stop,
    warn: (text) => terminal.warning(text),
    onStart: (step) => watch.started(step),
    onEnd: (result) => watch.ended(result),
    onResult(result, planning) {
      const message = stepMessage(result, planning, terminal.errorColors);
      if (message) terminal.tell(message);
    },
  });
  const connection = { ...options, signal: interruption.over };
  return await interruption.watch(() =>
    onAccount(io, terminal, connection, what.desired.state.account, async (aws, watch) => {
      const outcome = await reconcile(io, aws, request, attendant(watch));
      if (outcome.kind === 'applied') watch.applied(outcome.planning, outcome.applied.results);
      return { outcome, calls: aws.calls };
    }),
  );
}

function report(terminal: Terminal, options: ApplyOptions, outcome: AppliedOutcome, planFile: boolean): void {
  const { planning, applied } = outcome;
  if (options.json) {
    // This comes first: nothing is more urgent.
    const open = notDenied(applied.results, planning.live);
    terminal.error(...open.map(tellNotDenied));
  }
  for (const message of receiptMessages(outcome, terminal.errorColors)) terminal.tell(message);
  terminal.product(options.json ? appliedJson(outcome) : appliedText(outcome, { planFile }, terminal.colors));
  if (options.json || planning.plan.changes.length === 0) return;
  for (const message of closingMessages(outcome)) terminal.tell(message);
}

/** A saved plan is run as it was reviewed. */
export function refuseTargets({ target }: TargetOption): void {
  if (target === undefined) return;
  throw new RollcallError('--target is for applying without a saved plan, which has its own targets', {
    hint: 'make the plan with --target, or apply without the file',
  });
}

/** A CI keeps what is printed in its logs, and a pipe may lead anywhere. */
export function refuseToRevealInLogs({ env, stdout }: Io): void {
  if (env['CI'] === undefined && stdout.isTTY) return;
  throw new RollcallError('--reveal shows secrets on a terminal only, and never in CI', {
    hint: 'name a recipient in deliverTo, or add --keys-to FILE',
  });
}

async function confirmed(terminal: Terminal, plan: WordedPlan, signal: AbortSignal): Promise<boolean> {
  if (!terminal.interactive) {
    throw new RollcallError('nobody is there to agree to the plan', { hint: 'add --yes to apply it' });
  }
  const said = await terminal.confirm(
    `Apply ${plural(ofApply(plan).changes.length, 'change')} to account ${plan.account}? Only "yes" does:`,
    signal,
  );
  if (!said) terminal.error('Nothing was changed.');
  return said;
}
