import { exitCode, RollcallError } from '../core/errors.ts';
import { byText, stableJson } from '../core/json.ts';
import { isByAccount } from '../kinds/rule.ts';
import { labelOf } from '../core/references.ts';
import type { Step } from '../core/plan.ts';
import type { Plan } from '../kinds/plan.ts';

/**
 * The digest of a saved plan shows damage, not forgery: whoever can write the file can write its digest. So a saved
 * plan only ever says which part of what the manifests give is run: each change and each step must be in the plan
 * that is made from the manifests now, and every change must be whole.
 *
 * @throws RollcallError (exit 4) for anything else.
 */
export function requireFreshPlan(saved: Plan, fresh: Plan): void {
  const fault = differenceFrom(saved, fresh);
  if (fault === null) return;
  throw new RollcallError(`the plan is not what the manifests give now: ${fault}`, {
    exit: exitCode.stale,
    hint: 'nothing was changed; plan again and have it reviewed',
  });
}

function differenceFrom(saved: Plan, fresh: Plan): string | null {
  const changes = new Map(fresh.changes.map((change) => [change.id, stableJson(change)]));
  const listed = new Set<string>();
  for (const change of saved.changes) {
    const { id } = change;
    // All of it: what a reviewer reads, and what the rails count.
    if (changes.get(id) !== stableJson(change) || listed.has(id)) {
      return `the change ${id} is not among its changes`;
    }
    listed.add(id);
  }

  // The same call may be there several times: each takes the next.
  const unused = new Map<string, Step[]>();
  for (const step of fresh.steps) unused.set(meaning(step), [...(unused.get(meaning(step)) ?? []), step]);
  const savedIds = new Map<string, string>();
  const pairs: (readonly [Step, Step])[] = [];
  for (const step of saved.steps) {
    const given = unused.get(meaning(step))?.shift();
    if (!given || !listed.has(step.change)) return `the step ${step.id} (${step.op}) is not among its steps`;
    savedIds.set(given.id, step.id);
    pairs.push([step, given]);
  }
  for (const [step, given] of pairs) {
    const dropped = given.needs.find((need) => !step.needs.includes(savedIds.get(need) ?? ''));
    if (dropped === undefined) continue;
    const first = fresh.steps.find(({ id }) => id === dropped)!;
    return listed.has(first.change)
      ? `the step ${step.id} (${step.op}) does not wait for what it needs`
      : `the change ${first.change} would have to come before the step ${step.id} (${step.op})`;
  }
  if (rulesOfFiles(saved) !== rulesOfFiles(fresh)) return 'it tells other changed rules';
  const left = fresh.steps.find((step) => listed.has(step.change) && !savedIds.has(step.id));
  if (left !== undefined) return `the change ${left.change} lacks the step ${left.op}`;
  const principal = whoseAccessDiffers(saved, fresh);
  if (principal !== undefined) return `it says something else of what ${labelOf(principal)} gains and loses`;
  return areAssumersOf(saved, fresh) ? null : 'it says something else of who may assume which role';
}

/** What the account has already may be otherwise than when the plan was saved, without a call of the plan. */
const rulesOfFiles = ({ rules }: Plan): string =>
  stableJson(
    rules
      .filter((rule) => !isByAccount(rule))
      .map(({ id, before, after }) => ({ id, before, after }))
      .sort((a, b) => byText(a.id, b.id)),
  );

/** Somebody of whom a saved plan does not say what the fresh one says; it may be silent on what others change. */
function whoseAccessDiffers(saved: Plan, fresh: Plan): string | undefined {
  const entries = (plan: Plan): Map<string, string> =>
    new Map(plan.access.map((entry) => [entry.principal, withoutPlaces(entry)]));
  const [said, given] = [entries(saved), entries(fresh)];
  const isWhole = saved.changes.length === fresh.changes.length;
  const asked = isWhole ? [...given.keys(), ...said.keys()] : [...said.keys()];
  return asked.find((principal) => said.get(principal) !== given.get(principal));
}

/** Whether who comes to roles is told as in the fresh plan; of what others change it may be silent. */
function areAssumersOf(saved: Plan, fresh: Plan): boolean {
  const [said, given] = [saved, fresh].map(({ assumers }) => new Set(assumers.map(withoutPlaces))) as [
    Set<string>,
    Set<string>,
  ];
  const isWhole = saved.changes.length === fresh.changes.length;
  return [...said].every((one) => given.has(one)) && (!isWhole || said.size === given.size);
}

/** Lines of a file may have moved. */
function withoutPlaces(entry: Plan['access' | 'assumers'][number]): string {
  return stableJson(
    JSON.parse(JSON.stringify(entry, (key, value: unknown) => (key === 'at' ? undefined : value))),
  );
}

/** All of a step but its place in the order. */
const meaning = ({ id: _id, needs: _needs, ...rest }: Step): string => stableJson(rest);
