import { applyPlan } from '../../app/apply.ts';
import type { Applied } from '../../app/apply.ts';
import { closing, goneWithout, notDenied, tellNotDenied } from '../../app/closing.ts';
import type { Io } from '../../app/io.ts';
import { exclusively } from '../../app/lock.ts';
import { requireManifests } from '../../app/manifests.ts';
import { startReceipts } from '../../app/receipts/index.ts';
import type { Receipts } from '../../app/receipts/index.ts';
import { planAccount, resumePlan, withAws } from '../../app/session.ts';
import type { Aws } from '../../aws/client.ts';
import type { Desired } from '../../core/desired.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { ofApply } from '../../core/plan.ts';
import type { Plan } from '../../core/plan.ts';
import type { RailName } from '../../core/rails.ts';
import type { AccountState } from '../../core/state.ts';
import { plural, shownJson } from '../../core/text.ts';
import { isPinned } from '../../kinds/index.ts';
import { summary } from '../../render/sections.ts';
import { renderByHand, renderPlan } from '../../render/terminal.ts';
import { Interruption } from '../interrupt.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { version } from '../../app/version.ts';
import { allowsEmpty, loading, noteReport, readPlan, showCalls } from './common.ts';

export async function apply(
  io: Io,
  planFile: string | undefined,
  options: GlobalOptions & {
    readonly yes?: boolean;
    readonly keysTo?: string;
    readonly deliveries: string;
    readonly receipts: string;
    readonly reveal?: boolean;
    readonly override: readonly RailName[];
    readonly lock: boolean;
    /** In minutes. */
    readonly lockTimeout: number;
  },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  if (options.reveal) refuseToRevealInLogs(io);
  const saved = planFile === undefined ? null : await readPlan(io, planFile);
  const { desired, warnings } = await requireManifests(options.manifests, {
    ...loading(io),
    allowEmpty: allowsEmpty(options.override),
  });
  terminal.diagnostics(warnings);
  const interruption = new Interruption(io, terminal);
  const connection = { ...options, signal: interruption.over };
  const work = async (aws: Aws): Promise<ExitCode> => {
    terminal.progress('reading the account …');
    const planOptions = {
      overrides: options.override,
      deliveries: options.deliveries,
      cwd: io.cwd,
      ...(options.keysTo === undefined ? {} : { keysTo: options.keysTo }),
    };
    const planning = saved
      ? await resumePlan(saved, desired, aws, planOptions)
      : await planAccount(desired, aws, planOptions);
    const { plan, violations, unneeded, live, caller, manifests, reportedAt } = planning;
    if (!options.json) terminal.product(renderPlan(plan, terminal.colors));
    terminal.refusals(violations);
    terminal.unneeded(unneeded);
    noteReport(terminal, reportedAt, aws);
    if (violations.length > 0) return exitCode.refused;
    if (plan.steps.length > 0 && !(await agreed(terminal, options.yes === true, plan, interruption.over)))
      return exitCode.error;
    interruption.begin();
    const receipts = await startReceipts(plan, {
      dir: options.receipts,
      manifestsDir: options.manifests,
      cwd: io.cwd,
      env: io.env,
      manifests: manifests.hash,
      live,
      caller,
      startedAt: aws.now().toISOString(),
      rollcall: version,
    });
    const applied = await applyPlan(plan, aws, {
      signal: interruption.stop,
      exclusively: (work) =>
        exclusively(
          planning,
          aws,
          {
            lock: options.lock,
            timeout: options.lockTimeout * 60_000,
            signal: interruption.stop,
            warn: (text) => terminal.warning(text),
            env: io.env,
          },
          work,
        ),
      deliveries: options.deliveries,
      cwd: io.cwd,
      ...(options.keysTo === undefined ? {} : { keysTo: options.keysTo }),
      ...(options.reveal ? { reveal: (text: string) => terminal.product(text) } : {}),
      onStart: (step, index) =>
        terminal.progress(`[${index + 1}/${plan.steps.length}] ${step.op} ${step.change}`),
      onEnd: (result) => {
        receipts.record(result);
        const { step, status, message, hint } = result;
        if (status === 'refused') {
          terminal.warning(`${step.change}: ${message}; the rest does not need it, and goes on`);
        }
        if (status === 'failed') {
          const more = [
            ...(hint ? [hint] : []),
            ...notDenied([result], live).map(
              ({ user, known }) => `${user} ${known ? 'still has' : 'may still have'} access`,
            ),
          ];
          terminal.error(
            `${terminal.errorColors.red('failed')}: ${step.change}: ${message}`,
            ...more.map((text) => `  ${text}`),
          );
        }
      },
    });
    const stored = receipts.finish();
    report(terminal, options, { plan, live, manifests, planFile: saved !== null }, applied, stored);
    showCalls(terminal, options, aws);
    if (applied.remaining.length > 0) return exitCode.partial;
    if (stored.unwritten.length > 0) return exitCode.error;
    return plan.changes.some(({ byHand }) => byHand) ? exitCode.pending : exitCode.done;
  };
  return await interruption.watch(() => withAws(io, connection, desired.state.account, work));
}

/** A CI keeps what is printed in its logs, and a pipe may lead anywhere. */
function refuseToRevealInLogs({ env, stdout }: Io): void {
  if (env['CI'] === undefined && stdout.isTTY) return;
  throw new RollcallError('--reveal shows secrets on a terminal only, and never in CI', {
    hint: 'name a recipient in deliverTo, or add --keys-to FILE',
  });
}

async function agreed(terminal: Terminal, yes: boolean, plan: Plan, signal: AbortSignal): Promise<boolean> {
  if (yes) return true;
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

type StoredReceipts = ReturnType<Receipts['finish']>;

function report(
  terminal: Terminal,
  options: GlobalOptions,
  {
    plan,
    live,
    manifests,
    planFile,
  }: {
    readonly plan: Plan;
    readonly live: AccountState;
    readonly manifests: Desired;
    readonly planFile: boolean;
  },
  applied: Applied,
  stored: StoredReceipts,
): void {
  const { results, done, remaining } = applied;
  const open = notDenied(results, live);
  // This comes first: nothing is more urgent.
  for (const one of open) {
    if (options.json) terminal.error(tellNotDenied(one));
    else terminal.line(tellNotDenied(one));
  }
  reportReceipts(terminal, options, stored);
  if (options.json) {
    terminal.product(
      `${shownJson({
        account: plan.account,
        overridden: plan.overridden,
        done,
        remaining,
        byHand: plan.changes.filter(({ byHand }) => byHand).map(({ id }) => id),
        notDenied: open,
        steps: results.map(({ step, status, unsettled, ...rest }) => ({
          id: step.id,
          op: step.op,
          change: step.change,
          status: unsettled ? 'unknown' : status,
          ...rest,
        })),
        receipts: stored.written.map(({ path }) => path),
        unwrittenReceipts: stored.unwritten.map(({ receipt }) => receipt),
      })}\n`,
    );
    return;
  }
  if (plan.changes.length === 0) return;
  const byHand = renderByHand(plan, terminal.colors);
  if (remaining.length === 0) {
    const ours = ofApply(plan);
    if (ours.changes.length > 0) terminal.product(`Applied ${summary(ours)}.\n`);
    terminal.product(byHand);
    const unpinned = madeUnpinned(results, manifests);
    if (unpinned.length > 0) {
      terminal.info(
        `Next: \`rollcall pin ${unpinned.join(' ')}\`, since the files pin other keys or passwords than the new ones.`,
      );
    }
    for (const text of goneWithout(results)) terminal.warning(text);
    return;
  }
  const stopped = results.find(
    ({ status, message = '' }) => status === 'skipped' && !message.startsWith('needs '),
  );
  terminal.product(closing(plan, applied, { planFile }));
  terminal.product(byHand);
  for (const text of goneWithout(results)) terminal.warning(text);
  if (stopped) terminal.error(`stopped: ${stopped.message}`);
}

/** Users who got a new key or password while their manifest pins the old ones. */
function madeUnpinned(results: Applied['results'], { state }: Desired): string[] {
  const names = results.flatMap(({ step, status }) =>
    status === 'done' && step.purpose === 'make-secret' ? (step.delivers?.user ?? []) : [],
  );
  return [...new Set(names)].filter((name) => {
    const user = state.users.get(name);
    return user !== undefined && isPinned(user);
  });
}

/** A receipt that could not be written is printed instead. The user is gone, so it could not be made again. */
function reportReceipts(terminal: Terminal, options: GlobalOptions, stored: StoredReceipts): void {
  for (const { receipt, path } of stored.written) {
    terminal.info(`Receipt of ${receipt.user.name}${receipt.complete ? '' : ' (not complete)'}: ${path}`);
  }
  for (const { receipt, error } of stored.unwritten) {
    terminal.error(
      `${terminal.errorColors.red('error')}: the receipt of ${receipt.user.name} is NOT on disk: ${error.message}`,
      `  ${error.hint}`,
      '  It is printed to stdout instead: keep it.',
    );
    if (!options.json) terminal.product(`${shownJson(receipt)}\n`);
  }
}
