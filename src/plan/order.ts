import { policyArnParts } from '../core/arn.ts';
import { MinHeap } from '../core/heap.ts';
import { byText } from '../core/json.ts';
import type { Call } from '../core/operations.ts';
import { deniesAccess, stepClasses } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import { objectOf, objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { isOfEntry, type AffectedPrincipals } from './affected-principals.ts';
import type { StepDraft } from '../kinds/index.ts';
import { changesAccess } from './transition.ts';
import type { ScheduledStep, ThroughRoles } from './transition.ts';

/**
 * The one source of order. Steps wait for what they use to exist, removers wait for the last user, access only
 * grows after what must shrink first; among the free ones class, change and draft order decide.
 *
 * @throws Error naming the steps of a cycle: a mistake in a kind, not in the manifests.
 */
export function order(
  steps: readonly ScheduledStep[],
  affected: AffectedPrincipals,
  through: ThroughRoles,
): Step[] {
  const needs = referenceNeeds(steps);
  const edges = edgesThroughRoles(through(steps), needs);
  accessEdges(steps, affected, waitIn(needs));
  for (const [step, before] of edges) waitIn(needs)(step, [before]);
  return sort(steps, needs);
}

type Needs = ReadonlyMap<ScheduledStep, Set<ScheduledStep>>;
type Wait = (step: ScheduledStep, before: readonly ScheduledStep[]) => void;

const waitIn =
  (needs: Needs): Wait =>
  (step, before) => {
    const set = needs.get(step)!;
    for (const one of before) if (one !== step) set.add(one);
  };

/** What each step waits for whatever it does to access. */
export function referenceNeeds(steps: readonly ScheduledStep[]): Needs {
  const needs = new Map(steps.map((step) => [step, new Set<ScheduledStep>()]));
  referenceEdges(steps, waitIn(needs));
  return needs;
}

function referenceEdges(steps: readonly ScheduledStep[], wait: Wait): void {
  const index = (refs: (step: ScheduledStep) => readonly Ref[] | undefined): Map<Ref, ScheduledStep[]> => {
    const map = new Map<Ref, ScheduledStep[]>();
    for (const step of steps) {
      for (const ref of refs(step) ?? []) {
        const list = map.get(ref);
        if (list) list.push(step);
        else map.set(ref, [step]);
      }
    }
    return map;
  };
  const makers = index(({ draft }) => draft.creates);
  const users = index(({ draft }) => draft.uses);
  const removers = index(({ draft }) => draft.removes);
  const bySeq = new Map(steps.map((step) => [step.seq, step]));
  for (const step of steps) {
    for (const ref of step.draft.uses ?? []) wait(step, makers.get(ref) ?? []);
    for (const ref of step.draft.removes ?? []) wait(step, users.get(ref) ?? []);
    for (const ref of step.draft.after ?? []) wait(step, removers.get(ref) ?? []);
    if (step.follows)
      wait(
        step,
        step.follows.map((seq) => bySeq.get(seq)!),
      );
  }
}

/**
 * After a failed step the rest goes on, so order alone is not enough: what gives access needs the very steps that
 * keep it harmless. Per principal: what narrows comes before what swaps, and that before what widens; a new secret needs
 * the restraints.
 */
function accessEdges(steps: readonly ScheduledStep[], affected: AffectedPrincipals, wait: Wait): void {
  const perPrincipal = new Map<string, Map<string, ScheduledStep[]>>();
  const access = steps.filter(
    (step) => changesAccess(step) || step.isFirst || step.draft.cls === 'credential' || locksDown(step),
  );
  for (const step of access) {
    for (const principal of affected(step.draft.affects!)) {
      let classes = perPrincipal.get(principal);
      if (!classes) perPrincipal.set(principal, (classes = new Map()));
      const cls = classOf(step);
      const list = classes.get(cls);
      if (list) list.push(step);
      else classes.set(cls, [step]);
    }
  }
  for (const step of access) {
    const classes = step.last
      ? ['lockdown', 'restrain', 'revoke', 'swap', 'grant', 'release']
      : // What goes with an Allow may have been a Deny, too; and what comes first gives something all the same.
        (needed[step.draft.cls] ?? (step.draft.guarded || step.isFirst ? ['lockdown'] : []));
    for (const principal of affected(step.draft.affects!)) {
      for (const cls of classes) {
        // Two steps that each lift a guard would wait for each other.
        wait(
          step,
          (perPrincipal.get(principal)!.get(cls) ?? []).filter((one) => !one.last),
        );
      }
      // Who comes in until the trust is closed has a session that is older than the revocation only if that comes after.
      if (step.draft.purpose === 'revoke-sessions')
        wait(
          step,
          ['restrain', 'revoke']
            .flatMap((cls) => perPrincipal.get(principal)!.get(cls) ?? [])
            .filter(({ draft }) => isOfEntry(draft)),
        );
    }
  }
}

/** Nobody gets more while a person who loses everything has not lost it yet (`lockdown`). */
const needed: { readonly [cls: string]: readonly string[] } = {
  swap: ['lockdown', 'restrain', 'revoke'],
  grant: ['lockdown', 'restrain', 'revoke', 'swap'],
  release: ['lockdown', 'restrain', 'revoke', 'swap'],
  credential: ['lockdown', 'restrain'],
};

const locksDown = ({ draft }: ScheduledStep): boolean => deniesAccess(draft);
const classOf = (step: ScheduledStep): string => (locksDown(step) ? 'lockdown' : step.draft.cls);

/**
 * The same between a step that decides who comes into a role and those on what is behind it. What narrows only once
 * something is given is not waited for: a role that gives way to another goes when that is whole.
 */
function edgesThroughRoles(
  pairs: ReturnType<ThroughRoles>,
  needs: Needs,
): (readonly [step: ScheduledStep, before: ScheduledStep])[] {
  const resting = new Map<ScheduledStep, boolean>();
  const rests = (step: ScheduledStep): boolean => {
    const known = resting.get(step);
    if (known !== undefined) return known;
    resting.set(step, false);
    const found = [...needs.get(step)!].some((one) => gives.has(one.draft.cls) || rests(one));
    resting.set(step, found);
    return found;
  };
  return [...pairs].flatMap(([step, others]) =>
    [...others].flatMap((other) => {
      const [first, then] = needed[classOf(other)]?.includes(classOf(step)) ? [step, other] : [other, step];
      return needed[classOf(then)]?.includes(classOf(first)) && !rests(first) ? [[then, first] as const] : [];
    }),
  );
}

const gives = new Set(['swap', 'grant', 'release']);

/** By class, then as drafted. What a deny waits for (the rename of who is suspended) is as urgent as the deny. */
function wishedOrder(
  steps: readonly ScheduledStep[],
  needs: ReadonlyMap<ScheduledStep, ReadonlySet<ScheduledStep>>,
): ScheduledStep[] {
  const rank = new Map(stepClasses.map((cls, index) => [cls, index]));
  const byClass = [...steps].sort((a, b) => rank.get(a.draft.cls)! - rank.get(b.draft.cls)! || a.seq - b.seq);
  const urgent = new Set<ScheduledStep>();
  const seen = new Set<ScheduledStep>();
  const put = (step: ScheduledStep): void => {
    if (seen.has(step)) return;
    seen.add(step);
    for (const before of needs.get(step)!) put(before);
    urgent.add(step);
  };
  for (const step of byClass) if (step.draft.cls === 'deny') put(step);
  return [...urgent, ...byClass.filter((step) => !urgent.has(step))];
}

/** Kahn's algorithm with a heap: the free step that stands first in the wished order goes next. */
function sort(
  steps: readonly ScheduledStep[],
  needs: ReadonlyMap<ScheduledStep, ReadonlySet<ScheduledStep>>,
): Step[] {
  const wished = wishedOrder(steps, needs);
  const position = new Map(wished.map((step, index) => [step, index]));
  const waiting = wished.map((step) => needs.get(step)!.size);
  const followers: number[][] = wished.map(() => []);
  for (const step of wished) {
    for (const before of needs.get(step)!) followers[position.get(before)!]!.push(position.get(step)!);
  }
  const free = new MinHeap();
  waiting.forEach((count, index) => {
    if (count === 0) free.push(index);
  });
  const ids = new Map<ScheduledStep, string>();
  const result: Step[] = [];
  for (let index = free.pop(); index !== undefined; index = free.pop()) {
    const step = wished[index]!;
    const id = `s${result.length + 1}`;
    ids.set(step, id);
    result.push({
      id,
      ...finished(step.draft),
      needs: [...needs.get(step)!].map((before) => ids.get(before)!).sort(byNumber),
      change: step.change,
    });
    for (const next of followers[index]!) {
      waiting[next]! -= 1;
      if (waiting[next] === 0) free.push(next);
    }
  }
  if (result.length < steps.length) {
    const stuck = wished
      .filter((step) => !ids.has(step))
      .map(({ draft, change }) => `${draft.op} (${change})`);
    throw new Error(`the plan's steps wait for each other: ${stuck.slice(0, 10).join(', ')}`);
  }
  return result;
}

/** What is left of a draft once it has its place. */
function finished(draft: StepDraft): Omit<Step, 'id' | 'needs' | 'change'> & Call {
  const {
    creates = [],
    uses = [],
    removes = [],
    after: _after,
    affects: _affects,
    swap: _swap,
    ifSplit: _ifSplit,
    brings: _brings,
    takes: _takes,
    guarded: _guarded,
    chained: _chained,
    ...rest
  } = draft;
  const touches = [rest.about, ...creates, ...uses, ...removes].flatMap(touched);
  return { ...rest, touches: [...new Set(touches)].sort(byText) };
}

/** The objects that a reference is about. AWS's own policies are none. */
function touched(ref: Ref): Ref[] {
  const { kind, name, part } = parseRef(ref);
  const arns =
    kind === 'policy-arn' ? [name] : part[0] === 'attach' || part[0] === 'boundary' ? part.slice(1) : [];
  const policies = arns.flatMap((arn) => {
    const parts = policyArnParts(arn);
    return parts && parts.account !== 'aws' ? [objectRef('policy', parts.name)] : [];
  });
  const group = part[0] === 'groups' ? [objectRef('group', part[1]!)] : [];
  return kind === 'policy-arn' ? policies : [objectOf(ref), ...group, ...policies];
}

const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));
