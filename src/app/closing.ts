import { parseRef } from '../core/references.ts';
import type { StepResult } from '../aws/execute.ts';
import type { Remedy } from '../core/errors.ts';
import { deniesAccess } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Plan } from '../kinds/plan.ts';
import type { AccountState } from '../core/state.ts';
import { clean, plural } from '../core/text.ts';
import { isSuspended } from '../kinds/index.ts';
import type { Applied } from './apply.ts';

/** What to tell people after an apply that did not do its whole plan: the worst first, then what to do. */
export function closing(plan: Plan, applied: Applied, about: { readonly planFile: boolean }): string {
  const { results, done, remaining } = applied;
  const by = new Map<Remedy, string[]>();
  for (const change of remaining) {
    const causes = causesOf(change, results);
    const remedy = worst.find((one) => causes.some((cause) => cause.remedy === one)) ?? 'again';
    by.set(remedy, [...(by.get(remedy) ?? []), ...lines(change, results, remedy === 'again' ? [] : causes)]);
  }
  const headings: { readonly [remedy in Remedy]: string } = {
    mend: 'Another run ends the same way until this is fixed',
    plan: 'The account has changed meanwhile: plan again, and see what has changed, for',
    again: about.planFile
      ? 'Plan again for what remains, since this plan no longer holds'
      : 'Run apply again for what remains',
  };
  const sections = worst.flatMap((remedy) => {
    const lines = by.get(remedy);
    return lines ? [`${headings[remedy]}:\n${lines.map(clean).join('\n')}\n`] : [];
  });
  return `Partly applied: ${done} of ${plural(plan.steps.length, 'step')}. ${sections.join('')}`;
}

const worst = ['mend', 'plan', 'again'] as const;

function lines(change: string, results: readonly StepResult[], causes: readonly StepResult[]): string[] {
  const left = results.filter(({ step, status }) => step.change === change && !passed(status));
  const reasons = causes.map(({ step, status, message = '', hint }) => {
    if (step.change !== change) return `waits for ${step.change}: ${step.op}`;
    return status === 'skipped' ? message : `${step.op}: ${hint ?? message}`;
  });
  return [
    `  ${change}: ${left.map(({ step }) => step.op).join(', ')}`,
    ...[...new Set(reasons)].map((reason) => `    ${reason}`),
  ];
}

const passed = (status: StepResult['status']): boolean => status === 'done' || status === 'refused';

/** Why a change is not done: its own steps that failed, steps that it waits for, or the end of the run. */
function causesOf(change: string, results: readonly StepResult[]): StepResult[] {
  const byId = new Map(results.map((result) => [result.step.id, result]));
  const seen = new Set<StepResult>();
  const follow = (result: StepResult | undefined): void => {
    if (!result || passed(result.status) || seen.has(result)) return;
    seen.add(result);
    if (result.remedy === undefined) for (const need of result.step.needs) follow(byId.get(need));
  };
  for (const result of results) if (result.step.change === change) follow(result);
  return [...seen].filter(({ remedy }) => remedy !== undefined);
}

const userOf = ({ about }: Step): string => parseRef(about).name;

/** A person who should have lost all access, and perhaps has all of it still. */
interface NotDenied {
  readonly user: string;
  /** False if the call had no answer: the deny may be in place. */
  readonly known: boolean;
  readonly message: string;
}

/** The people whose deny failed. Whoever was suspended before is not among them: the earlier deny still holds. */
export function notDenied(results: readonly StepResult[], live: AccountState): NotDenied[] {
  return results.flatMap(({ step, status, unsettled, message = '' }) => {
    const user = userOf(step);
    const before = live.users.get(user);
    if (!deniesAccess(step) || status !== 'failed' || (before && isSuspended(before))) return [];
    return [{ user, known: unsettled !== true, message }];
  });
}

/** The sentence about it. */
export const tellNotDenied = ({ user, known, message }: NotDenied): string =>
  known
    ? `${user} still has access: everything was to be denied first, and that failed (${message})`
    : `${user} may still have access: whether everything is denied is not known (${message})`;

/** What to tell about steps that are done: what an offboarding went on without, and what a later run has to finish. */
export function goneWithout(results: readonly StepResult[]): string[] {
  const refusedTo = (purpose: Step['purpose']): StepResult[] =>
    results.filter(({ step, status }) => status === 'refused' && step.purpose === purpose);
  const looks = new Map<string, string[]>();
  for (const { step } of refusedTo('check-credentials')) {
    const user = userOf(step);
    looks.set(user, [...(looks.get(user) ?? []), step.op]);
  }
  return [
    ...results.flatMap(({ step, left }) => (left === undefined ? [] : [`${step.change}: ${left}`])),
    ...refusedTo('record-suspension').map(
      ({ step }) =>
        `${step.change}: not recorded: the credentials that were made inactive stay inactive when suspended is removed`,
    ),
    ...refusedTo('delete-mfa-device').map(
      ({ step }) =>
        `${step.change}: left over: the MFA device ${parseRef(step.about).part[1]}, which nobody has any more; delete it by hand`,
    ),
    ...[...looks].map(
      ([user, ops]) =>
        `not seen: whether ${user} got further credentials before everything was denied ` +
        `(IAM refused ${ops.join(', ')})`,
    ),
  ];
}
