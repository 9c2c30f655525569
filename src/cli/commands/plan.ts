import type { Io } from '../../app/io.ts';
import { planAccount } from '../../app/session.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import type { RailName } from '../../core/rails.ts';
import { savePlan } from '../../plan/saved.ts';
import { renderJson } from '../../render/json.ts';
import { isSettled } from '../../render/rules.ts';
import type { BaseOption, GlobalOptions, TargetOption } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { version } from '../../app/version.ts';
import { baseOf } from './base.ts';
import { allowsEmpty, parseAt, readManifests, showCalls } from './common.ts';
import { writeWhole } from './plan-file.ts';
import { formatPlan } from './plan-format.ts';
import type { PlanFormat } from './plan-format.ts';

export async function plan(
  io: Io,
  options: GlobalOptions &
    BaseOption &
    TargetOption &
    PlanFormat & {
      readonly at?: string;
      readonly out?: string;
      readonly deliveries: string;
      readonly fresh?: boolean;
      readonly override: readonly RailName[];
    },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const at = parseAt(options.at);
  const allowEmpty = allowsEmpty(options.override);
  const desired = await readManifests(io, terminal, options, { ...at, allowEmpty });
  const base = await baseOf(io, options, desired, at.at);
  return await onAccount(io, terminal, options, desired.state.account, async (aws, watch) => {
    const planning = await planAccount(desired, aws, {
      overrides: options.override,
      deliveries: options.deliveries,
      cwd: io.cwd,
      base,
      ...(options.target ? { targets: options.target } : {}),
      ...(options.text ? { text: true } : {}),
      fresh: options.fresh === true,
      ...(at.at ? { now: at.at } : {}),
    });
    watch.planned(planning);
    const { plan, violations, unneeded, live, leftAlone } = planning;
    const saved = (): string => renderJson(savePlan(plan, desired, live, { rollcall: version, ...at }));
    if (options.out !== undefined) writeWhole(io, options.out, saved());
    const names = options.verbose ? leftAlone : [];
    terminal.product(await formatPlan(plan, violations, saved, options, terminal.colors, names));
    terminal.refusals(violations);
    terminal.unneeded(unneeded);
    showCalls(terminal, options, aws);
    if (violations.length > 0) return exitCode.refused;
    return isSettled(plan) ? exitCode.done : exitCode.pending;
  });
}
