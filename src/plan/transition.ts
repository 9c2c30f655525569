import { limits } from '../core/limits.ts';
import type { PolicyDocument } from '../core/state.ts';
import { plural } from '../core/text.ts';
import { denyAll } from '../access/documents.ts';
import { guardName, inlineNamed } from '../kinds/access.ts';
import { deleteInline, putInline } from '../kinds/identity.ts';
import { inlineRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { StepDraft } from '../kinds/index.ts';
import type { AffectedPrincipals } from './affected-principals.ts';
import { denials, documentSize, hasDeny, intersection } from '../policy/index.ts';
import { inlineName, managedArn, withDocument } from './documents.ts';
import { bothSides, identityOf, inlineRoom } from './room.ts';
import type { Sides } from './room.ts';

/** A step draft with its place among all drafts. */
export interface ScheduledStep {
  readonly draft: StepDraft;
  readonly change: string;
  /** Unique; position as drafted, the last tie-break. */
  readonly seq: number;
  /** `seq` of the steps that it waits for, come what may. */
  readonly follows?: readonly number[];
  /** Gives nobody anything but what they have on both sides (plan/give-first.ts). */
  readonly isFirst?: true;
  /** Waits for every other step that affects the same principals: it lifts what kept them safe. */
  readonly last?: boolean;
}

const accessClasses = new Set(['restrain', 'revoke', 'swap', 'grant', 'release']);
export const changesAccess = (step: ScheduledStep): boolean => accessClasses.has(step.draft.cls);

/** For each step that decides who may come into a role: the other steps on what is behind it (plan/through-roles.ts). */
export type ThroughRoles = (
  steps: readonly ScheduledStep[],
) => ReadonlyMap<ScheduledStep, ReadonlySet<ScheduledStep>>;

interface World extends Sides {
  readonly affected: AffectedPrincipals;
  readonly through: ThroughRoles;
  readonly problem: (message: string, hint: string, at: string) => void;
  readonly note: (text: string) => void;
}

interface Inner extends World {
  /** Characters that copies of what moves take for a while (plan/moves.ts). */
  readonly copied: ReadonlyMap<Ref, number>;
}

/**
 * Makes every step either take access or give it, so that narrowing first and widening last never passes through
 * a state that grants what neither side grants (docs/decisions/safe-order.md has the argument).
 */
export function makeSafe(steps: readonly ScheduledStep[], world: World): ScheduledStep[] {
  const inner = { ...world, copied: copiedSizes(steps) };
  return addGuards(withoutSpare(splitSwaps(steps, inner)), inner);
}

/**
 * One call that takes some access and gives other is safe alone. Together with a Deny that comes or goes, or with
 * a boundary that changes, it is not: then the document passes through one that both sides grant.
 */
function splitSwaps(steps: readonly ScheduledStep[], world: Inner): ScheduledStep[] {
  const boundarySwaps = new Set(
    steps
      .filter(({ draft }) => draft.cls === 'swap' && !draft.swap)
      .flatMap(({ draft }) => world.affected(draft.affects!)),
  );
  // A role that no file declares changes in nothing else: for it one call is safe.
  const { live, desired } = world;
  const boundaries = new Set(
    [live, desired].flatMap(({ users, roles }) =>
      [...users.values(), ...[...roles.values()].filter(({ name }) => desired.roles.has(name))].flatMap(
        ({ boundary }) => boundary ?? [],
      ),
    ),
  );
  const counts = countsOf(steps, world.affected);
  const through = world.through(steps);
  return steps.flatMap((step): ScheduledStep[] => {
    const { draft } = step;
    // One call before the other, somebody would come in as on one side and find what is there on the other.
    const meetsSwap = [...(through.get(step) ?? [])].some((other) => other.draft.cls === 'swap');
    if (!draft.swap)
      return draft.cls === 'swap' && meetsSwap ? [{ ...step, draft: withoutRoles(draft) }] : [step];
    if (draft.swap.common) {
      const isAlone = world.affected(draft.affects!).every((one) => (counts.get(one) ?? 0) <= 1);
      return draft.cls !== 'swap' || (isAlone && !meetsSwap) ? [step] : inTwo(step, draft.swap.common);
    }
    if (draft.cls !== 'swap') return isCramped(draft, world) ? inTwo(step, onlyDenies(draft.swap)) : [step];
    const unsafe =
      meetsSwap ||
      hasDeny(draft.swap.before) ||
      hasDeny(draft.swap.after) ||
      boundaries.has(managedArn(draft) ?? '') ||
      world.affected(draft.affects!).some((user) => boundarySwaps.has(user));
    if (!unsafe) return [step];
    const common = intersection(draft.swap.before, draft.swap.after);
    return inTwo(step, fits(draft, common, world) ? common : denyAll);
  });
}

/** A boundary that changes for another has nothing between: meanwhile nobody comes into a role. */
const withoutRoles = (draft: StepDraft): StepDraft => ({
  ...draft,
  guarded: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'sts:AssumeRole', Resource: '*' }],
  },
});

/** How many steps change the access of each principal. */
function countsOf(steps: readonly ScheduledStep[], affected: AffectedPrincipals): ReadonlyMap<Ref, number> {
  const counts = new Map<Ref, number>();
  for (const step of steps.filter(changesAccess)) {
    for (const one of affected(step.draft.affects!)) counts.set(one, (counts.get(one) ?? 0) + 1);
  }
  return counts;
}

/** Without what only a document in between would need, where there is none. */
function withoutSpare(steps: readonly ScheduledStep[]): readonly ScheduledStep[] {
  const needed = new Set(
    steps.flatMap(({ draft, follows = [] }) => (draft.purpose === 'narrow' ? follows : [])),
  );
  const spare = new Map(
    steps
      .filter(({ draft, seq }) => draft.ifSplit && !needed.has(seq))
      .map(({ seq, follows = [] }) => [seq, follows] as const),
  );
  if (spare.size === 0) return steps;
  return steps
    .filter(({ seq }) => !spare.has(seq))
    .map((step) =>
      step.follows?.some((seq) => spare.has(seq))
        ? { ...step, follows: step.follows.flatMap((seq) => spare.get(seq) ?? [seq]) }
        : step,
    );
}

/** What was written in one call passes through another document, and waits with the rest. */
function inTwo(step: ScheduledStep, between: PolicyDocument): ScheduledStep[] {
  const { swap: _swap, ...rest } = step.draft;
  const narrow: ScheduledStep = {
    ...step,
    seq: step.seq - 0.25,
    draft: {
      ...withDocument(rest, between),
      purpose: 'narrow',
      cls: 'restrain',
    },
  };
  // Keeps its place in the order, so that what was chained to it follows the second half.
  return [narrow, { ...step, draft: { ...rest, cls: 'release' }, follows: [narrow.seq] }];
}

/**
 * Whether an inline policy that narrows grows in size where the quota has no room beside what has yet to shrink. As
 * that may wait for what narrows, neither would ever come about.
 */
function isCramped(draft: StepDraft, world: Inner): boolean {
  const { cls, swap, affects } = draft;
  if ((cls !== 'restrain' && cls !== 'revoke') || inlineName(draft) === null) return false;
  if (documentSize(swap!.after) <= documentSize(swap!.before)) return false;
  return inlineRoom(world, affects!, '') < (world.copied.get(affects!) ?? 0);
}

/** What both sides deny, without what they allow: no larger than the document before. */
function onlyDenies({ before, after }: NonNullable<StepDraft['swap']>): PolicyDocument {
  const denies = denials([after]);
  const both = denies && intersection(before, denies);
  return both && documentSize(both) <= documentSize(before) ? both : denyAll;
}

/** The document in between holds the Denies of both sides, and may be too large for its place. */
function fits(draft: StepDraft, document: PolicyDocument, world: Inner): boolean {
  const size = documentSize(document);
  const inline = inlineName(draft);
  if (inline === null) return size <= limits.managedPolicy;
  const room = inlineRoom(world, draft.affects!, inline);
  return size <= room - (world.copied.get(draft.affects!) ?? 0);
}

/** Characters that copies of what moves take, by holder. */
export function copiedSizes(steps: readonly ScheduledStep[]): Map<Ref, number> {
  const sizes = new Map<Ref, number>();
  for (const { draft } of steps) {
    if (draft.purpose !== 'keep-copy') continue;
    const size = documentSize(draft.brings!);
    sizes.set(draft.affects!, (sizes.get(draft.affects!) ?? 0) + size);
  }
  return sizes;
}

/**
 * What brings a Deny and an Allow in one call (a group joined, a policy attached) neither only takes nor only
 * gives. Where the same users have other changes too, their Denies hold from the first change to the last in an
 * inline policy of their own.
 */
function addGuards(steps: readonly ScheduledStep[], world: Inner): ScheduledStep[] {
  const counts = countsOf(steps, world.affected);
  const through = world.through(steps);
  const meeting = new Set([...through].flatMap(([step, others]) => [step, ...others]));
  const guarded = new Map<Ref, ScheduledStep[]>();
  for (const step of steps) {
    const { guarded: document, affects } = step.draft;
    if (!document || !affects) continue;
    if (!meeting.has(step) && world.affected(affects).every((user) => (counts.get(user) ?? 0) <= 1)) continue;
    guarded.set(affects, [...(guarded.get(affects) ?? []), step]);
  }
  if (guarded.size === 0) return [...steps];

  const result = new Map(steps.map((step) => [step, step]));
  const extra: ScheduledStep[] = [];
  for (const [affects, needing] of guarded) {
    const { of, name } = identityOf(affects);
    const leftover = inlineNamed(bothSides(world, affects)[0]?.policies ?? {}, guardName);
    const guard = leftover?.name ?? guardName;
    const denies = denials([
      ...needing.map(({ draft }) => draft.guarded!),
      ...(leftover ? [leftover.document] : []),
    ]);
    const room = inlineRoom(world, affects, guard) - (world.copied.get(affects) ?? 0);
    // Everything, where some Deny cannot be copied: what only AWS knows, or what means something else here.
    const document = [denies ?? denyAll, denyAll].find((one) => documentSize(one) <= room);
    if (!document) {
      world.problem(
        `${of.kind} ${name}: no room for the temporary deny that keeps this change safe (${plural(room, 'character')} left)`,
        'split the change in two: first remove what goes, then add what comes',
        affects,
      );
      continue;
    }
    const first = needing[0]!;
    const ref = inlineRef(affects, guard);
    extra.push({
      draft: putInline(of, name, guard, document, { purpose: 'guard', cls: 'restrain' }),
      change: first.change,
      seq: first.seq - 0.5,
    });
    for (const step of needing) {
      result.set(step, { ...step, draft: { ...step.draft, uses: [...(step.draft.uses ?? []), ref] } });
    }
    const removal = steps.find(({ draft }) => draft.removes?.includes(ref));
    if (removal) result.set(removal, { ...result.get(removal)!, last: true });
    else {
      extra.push({
        draft: deleteInline(of, name, guard, { purpose: 'lift-guard', cls: 'release' }),
        change: first.change,
        seq: needing.at(-1)!.seq + 0.5,
        last: true,
      });
    }
    world.note(
      `${of.kind} ${name} holds the inline policy ${guard}, a temporary deny, while its policies change`,
    );
  }
  return [...steps.map((step) => result.get(step) ?? step), ...extra];
}
