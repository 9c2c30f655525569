/** The result of an apply in words: for a terminal, and for the log and pages of a job. */
import { closing, goneWithout, notDenied, tellNotDenied } from '../../app/closing.ts';
import type { Reconciled } from '../../app/reconcile.ts';
import type { Planning } from '../../app/session.ts';
import type { StepResult } from '../../aws/execute.ts';
import { ofApply } from '../../kinds/plan.ts';
import { clean, shownJson } from '../../core/text.ts';
import { isPinned } from '../../kinds/index.ts';
import { renderMade } from '../../render/made.ts';
import { partialText, summary } from '../../render/sections.ts';
import { renderNotApplied } from '../../render/terminal.ts';
import type { Colors, Message } from '../terminal.ts';

export type AppliedOutcome = Extract<Reconciled, { kind: 'applied' }>;

/** The message about a step that has ended; none if it succeeded. */
export function stepMessage(result: StepResult, { live }: Planning, colors: Colors): Message | null {
  const { step, status, message, hint } = result;
  if (status === 'refused') {
    const text = `${step.change}: ${message}; the rest does not need it, and goes on`;
    return { level: 'warning', lines: [text] };
  }
  if (status !== 'failed') return null;
  const access = notDenied([result], live).map(
    ({ user, known }) => `${user} ${known ? 'still has' : 'may still have'} access`,
  );
  const more = [...(hint ? [hint] : []), ...access].map((text) => `  ${text}`);
  return { level: 'error', lines: [`${colors.red('failed')}: ${step.change}: ${message}`, ...more] };
}

/** What apply prints after its plan. */
export function appliedText(
  { planning, applied, receipts }: AppliedOutcome,
  { planFile }: { readonly planFile: boolean },
  colors: Colors,
): string {
  const { plan, live } = planning;
  const ours = ofApply(plan);
  return [
    // This comes first: nothing is more urgent.
    ...notDenied(applied.results, live).map((one) => `${clean(tellNotDenied(one))}\n`),
    // A receipt that could not be written is printed instead. The user is gone, so it could not be made again.
    ...receipts.unwritten.map(({ receipt }) => `${shownJson(receipt)}\n`),
    renderMade(applied.made, colors),
    ...(applied.remaining.length > 0 ? [closing(plan, applied, { planFile })] : []),
    ...(applied.remaining.length === 0 && ours.changes.length + ours.rules.length > 0
      ? [`Applied ${summary(ours)}.\n`]
      : []),
    ...(ours.changes.length > 0 ? partialText(plan).map((text) => `${text}\n`) : []),
    renderNotApplied(plan, colors),
  ].join('');
}

/** The same as JSON. */
export function appliedJson({ planning, applied, receipts }: AppliedOutcome): string {
  const { plan, live } = planning;
  return `${shownJson({
    account: plan.account,
    ...(plan.targets ? { targets: plan.targets } : {}),
    overridden: plan.overridden,
    done: applied.done,
    remaining: applied.remaining,
    made: applied.made,
    rules: plan.rules.map(({ id }) => id),
    byHand: plan.changes.filter(({ byHand }) => byHand).map(({ id }) => id),
    left: plan.changes.flatMap(({ id, left }) => (left ? [{ change: id, heldBy: left }] : [])),
    notDenied: notDenied(applied.results, live),
    steps: applied.results.map(({ step, status, unsettled, made: _made, ...rest }) => ({
      id: step.id,
      op: step.op,
      change: step.change,
      status: unsettled ? 'unknown' : status,
      ...rest,
    })),
    receipts: receipts.written.map(({ path }) => path),
    unwrittenReceipts: receipts.unwritten.map(({ receipt }) => receipt),
  })}\n`;
}

/** The messages about receipts. */
export const receiptMessages = ({ receipts }: AppliedOutcome, colors: Colors): Message[] => [
  ...receipts.written.map(({ receipt, path }): Message => {
    const text = `Receipt of ${receipt.user.name}${receipt.complete ? '' : ' (not complete)'}: ${path}`;
    return { level: 'info', lines: [text] };
  }),
  ...receipts.unwritten.map(({ receipt, error }): Message => ({
    level: 'error',
    lines: [
      `${colors.red('error')}: the receipt of ${receipt.user.name} is NOT on disk: ${error.message}`,
      `  ${error.hint}`,
      '  It is printed to stdout instead: keep it.',
    ],
  })),
];

/** The messages after the last step. */
export function closingMessages({ planning, applied }: AppliedOutcome): Message[] {
  const { results, remaining } = applied;
  const info = (text: string): Message => ({ level: 'info', lines: [text] });
  const without = goneWithout(results).map((text): Message => ({ level: 'warning', lines: [text] }));
  if (remaining.length === 0) {
    const unpinned = madeUnpinned(results, planning);
    if (unpinned.length === 0) return without;
    const next = `Next: \`rollcall pin ${unpinned.join(' ')}\`, since the files pin other keys or passwords than the new ones.`;
    return [info(next), ...without];
  }
  const stopped = results.find(({ status, remedy }) => status === 'skipped' && remedy !== undefined);
  return [
    ...without,
    ...(stopped ? [{ level: 'error', lines: [`stopped: ${stopped.message}`] } as const] : []),
  ];
}

/** Users who got a new key or password while their manifest pins the old ones. */
function madeUnpinned(results: readonly StepResult[], { manifests: { state } }: Planning): string[] {
  const names = results.flatMap(({ step, status }) =>
    status === 'done' && step.purpose === 'make-secret' ? (step.delivers?.user ?? []) : [],
  );
  return [...new Set(names)].filter((name) => {
    const user = state.users.get(name);
    return user !== undefined && isPinned(user);
  });
}
