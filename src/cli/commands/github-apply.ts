import type { Io } from '../../app/io.ts';
import { exitOf } from '../../app/reconcile.ts';
import type { Reconciled } from '../../app/reconcile.ts';
import type { Planning } from '../../app/session.ts';
import type { Desired } from '../../core/desired.ts';
import type { ExitCode } from '../../core/errors.ts';
import { renderViolations } from '../../render/diagnostics.ts';
import { renderMade } from '../../render/made.ts';
import { renderPlan } from '../../render/terminal.ts';
import { createColors, line } from '../rim.ts';
import { failureLines } from '../terminal.ts';
import type { Message, Terminal } from '../terminal.ts';
import { appliedJson, appliedText, closingMessages, receiptMessages, stepMessage } from './applied.ts';
import type { AppliedOutcome } from './applied.ts';
import { refuseTargets, refuseToRevealInLogs, runApply } from './apply.ts';
import type { ApplyOptions } from './apply.ts';
import { readPlan } from './plan-file.ts';

/** An apply as a step of a job, for its pages. */
interface JobApply {
  readonly code: ExitCode;
  /** What `rollcall apply` would print. */
  readonly text: string;
  /** What of it tells what was made. */
  readonly made: string;
  /** The error without the warnings before it. */
  readonly complaint: string;
}

/** @param log prints what happens, while it happens. */
export async function jobApply(
  io: Io,
  log: Terminal,
  desired: Desired,
  planFile: string,
  options: ApplyOptions,
): Promise<JobApply> {
  let planning: Planning | undefined;
  const about = (code: ExitCode, outcome: Reconciled | null, failure: readonly string[]): JobApply => ({
    code,
    text: textOf(planning, outcome, options.json === true),
    made: outcome?.kind === 'applied' ? renderMade(outcome.applied.made, plain) : '',
    complaint: complaintOf(planning, outcome, failure) || `it ended with ${code}`,
  });
  try {
    if (options.reveal) refuseToRevealInLogs(io);
    refuseTargets(options);
    const saved = await readPlan(io, planFile);
    const ended = await runApply(io, log, { desired, saved }, options, (made) => {
      planning = made;
    });
    if (typeof ended === 'number') return about(ended, null, []);
    if (ended.outcome.kind === 'applied') messagesAfter(ended.outcome).forEach((one) => log.tell(one));
    return about(exitOf(ended.outcome), ended.outcome, []);
  } catch (error) {
    return about(log.failure(error), null, failureLines(error, plain));
  }
}

const plain = createColors(false);

const messagesAfter = (outcome: AppliedOutcome): Message[] => [
  ...receiptMessages(outcome, plain),
  ...closingMessages(outcome),
];

function textOf(planning: Planning | undefined, outcome: Reconciled | null, json: boolean): string {
  const applied = outcome?.kind === 'applied' ? outcome : null;
  if (json) return applied ? appliedJson(applied) : '';
  const plan = planning ? renderPlan(planning.plan, plain) : '';
  return plan + (applied ? appliedText(applied, { planFile: true }, plain) : '');
}

function complaintOf(
  planning: Planning | undefined,
  outcome: Reconciled | null,
  failure: readonly string[],
): string {
  const messages =
    outcome?.kind === 'applied'
      ? [
          ...outcome.applied.results.map((result) => stepMessage(result, outcome.planning, plain)),
          ...messagesAfter(outcome),
        ]
      : [];
  return [
    ...renderViolations(planning?.violations ?? [], plain),
    ...messages.flatMap((message) => (message?.level === 'error' ? message.lines : [])),
    ...failure,
  ]
    .map(line)
    .join('\n');
}
