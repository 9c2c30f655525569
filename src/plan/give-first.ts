import { gains, type Access, type Holdings } from '../access/compare.ts';
import type { Origin } from '../access/principals.ts';
import { intersect, regionOf } from '../access/regions.ts';
import { limits } from '../core/limits.ts';
import { objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { StepDraft } from '../kinds/index.ts';
import { hasDeny, sameMeaning } from '../policy/index.ts';
import { affectedPrincipals, isOfEntry, type AffectedPrincipals } from './affected-principals.ts';
import { inlineName, managedArn } from './documents.ts';
import { nobody, type AccessDiff } from './effects.ts';
import { referenceNeeds } from './order.ts';
import { bothSides, identityOf, inlineRoom } from './room.ts';
import type { Sides } from './room.ts';
import { textsGiven, textsTaken } from './texts.ts';
import { copiedSizes } from './transition.ts';
import type { ScheduledStep } from './transition.ts';

interface World extends Sides {
  readonly affected: AffectedPrincipals;
  readonly diff: AccessDiff;
}

type Piece = Access<Origin>['allows'][number];

/**
 * What gives nobody anything but what they have on both sides comes before what takes the same away
 * (docs/decisions/safe-order.md): a text that is split, merged or narrowed, or that moves to a group, is in its new place
 * before it goes from the old one, and stays in the old one where it cannot get there.
 */
export function giveFirst(steps: readonly ScheduledStep[], world: World): ScheduledStep[] {
  const replacements = findReplacements(steps, world);
  if (replacements.size === 0) return [...steps];
  const needs = referenceNeeds(steps);
  const proof = new Proof(world);
  const first = new Set(
    [...replacements.keys()].filter((step) => waitsForNoAccess(step, needs) && proof.givesNothingNew(step)),
  );
  const awaited = new Map<ScheduledStep, ScheduledStep[]>();
  for (const giver of first) {
    for (const taker of replacements.get(giver)!) {
      // Two that give and take at once might wait for each other.
      if (isBoth(giver) && first.has(taker)) continue;
      awaited.set(taker, [...(awaited.get(taker) ?? []), giver]);
    }
  }
  return steps.map((step): ScheduledStep => {
    const before = awaited.get(step) ?? [];
    const follows = [...(step.follows ?? []), ...before.map(({ seq }) => seq)];
    if (first.has(step)) return { ...step, draft: atFirst(step), follows, isFirst: true };
    return isStillDenied(step, before, world)
      ? { ...step, draft: unguarded(step.draft), follows }
      : { ...step, follows };
  });
}

const isBoth = ({ draft }: ScheduledStep): boolean => draft.cls === 'swap';

/** As what it is where it comes first: a Deny in it may come early as well, and what it takes goes. */
function atFirst(step: ScheduledStep): StepDraft {
  const { swap: _swap, guarded, ...rest } = step.draft;
  return { ...rest, cls: isBoth(step) ? 'revoke' : guarded ? 'restrain' : 'neutral' };
}

function unguarded({ guarded: _guarded, ...rest }: StepDraft): StepDraft {
  return rest;
}

/** Whether each Deny that goes with it is in what it waits for, too, so that it needs no temporary deny. */
function isStillDenied({ draft }: ScheduledStep, before: readonly ScheduledStep[], world: World): boolean {
  const holder = draft.affects;
  if (before.length === 0 || !draft.guarded || !holder) return false;
  const keysOf = (texts: Holdings<Origin>): string[] =>
    world
      .affected(holder)
      .flatMap((one) => world.diff.read(texts, one).denies.map(({ statement }) => statement.key));
  const same = before.filter((giver) => giver.draft.affects === holder);
  const denied = new Set(same.flatMap((giver) => keysOf(textsGiven(giver.draft, world)!)));
  return keysOf(textsTaken(draft, world)).every((key) => denied.has(key));
}

const taking = new Set(['restrain', 'revoke', 'swap']);

/** What might come first, with what would wait for it: all that takes some of what it gives, from one of the same people. */
function findReplacements(
  steps: readonly ScheduledStep[],
  world: World,
): Map<ScheduledStep, readonly ScheduledStep[]> {
  const { affected, diff } = world;
  const allowed = (texts: Holdings<Origin>, [holder]: readonly Ref[]): readonly Piece[] =>
    holder === undefined ? [] : diff.read(texts, holder).allows;
  const taken = new Map<ScheduledStep, readonly Piece[]>();
  const takers = new Map<Ref, ScheduledStep[]>();
  for (const step of steps) {
    if (!taking.has(step.draft.cls) || isOfEntry(step.draft)) continue;
    const principals = affected(step.draft.affects!);
    const pieces = allowed(textsTaken(step.draft, world), principals);
    if (pieces.length === 0) continue;
    taken.set(step, pieces);
    for (const principal of principals) {
      const list = takers.get(principal);
      if (list) list.push(step);
      else takers.set(principal, [step]);
    }
  }
  const found = new Map<ScheduledStep, readonly ScheduledStep[]>();
  const copied = taken.size > 0 ? copiedSizes(steps) : new Map<Ref, number>();
  for (const step of steps) {
    if (taken.size === 0 || !mayComeFirst(step.draft, { ...world, copied })) continue;
    const principals = affected(step.draft.affects!);
    const near = new Set(principals.flatMap((one) => takers.get(one) ?? []));
    near.delete(step);
    const texts = near.size > 0 ? textsGiven(step.draft, world) : null;
    if (!texts) continue;
    const given = allowed(texts, principals);
    const replaced = [...near].filter((taker) => overlap(given, taken.get(taker)!));
    if (replaced.length > 0) found.set(step, replaced);
  }
  return found;
}

const overlap = (some: readonly Piece[], others: readonly Piece[]): boolean =>
  some.some(({ box }) => others.some((other) => intersect(regionOf(box), other.box) !== null));

/** By its class; and the quotas must have room for all that there is meanwhile. */
function mayComeFirst(draft: StepDraft, world: World & { copied: ReadonlyMap<Ref, number> }): boolean {
  const { cls, purpose, affects, swap } = draft;
  if (!affects || isOfEntry(draft)) return false;
  const isPlain = swap && !hasDeny(swap.before) && !hasDeny(swap.after);
  if (cls !== 'grant' && !(cls === 'swap' && isPlain && !boundsAnybody(managedArn(draft), world)))
    return false;
  if (inlineName(draft) !== null) return inlineRoom(world, affects, '') >= (world.copied.get(affects) ?? 0);
  if (purpose === 'update-policy') return true;
  const sides = [world.live, world.desired];
  const union = (lists: readonly (readonly string[] | undefined)[]): number =>
    new Set(lists.flatMap((list) => list ?? [])).size;
  if (purpose === 'join-group') {
    const { name } = parseRef(affects);
    return union(sides.map(({ users }) => users.get(name)?.groups)) <= limits.groupsPerUser;
  }
  const attached = union(bothSides(world, affects).map((one) => one?.attachedPolicyArns));
  return attached <= identityOf(affects).of.attachments;
}

const boundsAnybody = (arn: string | null, { live, desired }: Sides): boolean =>
  arn !== null &&
  [live, desired].some(({ users, roles }) =>
    [...users.values(), ...roles.values()].some(({ boundary }) => boundary === arn),
  );

/** Whatever it waits for waits for nothing that gives or takes: so nothing that waits for it is waited for by it. */
function waitsForNoAccess(
  step: ScheduledStep,
  needs: ReadonlyMap<ScheduledStep, ReadonlySet<ScheduledStep>>,
): boolean {
  const seen = new Set([step]);
  for (const one of seen) {
    if (one !== step && one.draft.cls !== 'neutral' && one.draft.cls !== 'deny') return false;
    for (const before of needs.get(one)!) seen.add(before);
  }
  return true;
}

/** That what a step gives is within what everybody whom it reaches holds on both sides: so it adds nothing at any moment. */
class Proof {
  readonly #diff: AccessDiff;
  readonly #affected: AffectedPrincipals;
  readonly #reached: readonly AffectedPrincipals[];
  readonly #suspended: ReadonlySet<Ref>;
  readonly #world: World;

  constructor(world: World) {
    const { live, desired } = world;
    this.#world = world;
    this.#diff = world.diff;
    this.#affected = world.affected;
    this.#reached = [live, desired].map((state) => affectedPrincipals(state, state));
    this.#suspended = new Set(
      [...desired.users.values()]
        .filter(({ suspended }) => suspended)
        .map(({ name }) => objectRef('user', name)),
    );
  }

  givesNothingNew({ draft }: ScheduledStep): boolean {
    const { affects } = draft;
    const texts = textsGiven(draft, this.#world)!;
    const reached = this.#reached.map((principals) => new Set(principals(affects!)));
    return this.#affected(affects!).every((principal) => {
      // All is denied to them before it comes (`isFirst`), and stays so. Nothing is worth having there before it goes.
      if (this.#suspended.has(principal)) return principal !== affects;
      // What reaches somebody on one side alone needs to bring nothing beyond that side.
      return this.#isWithin(
        texts,
        principal,
        [0, 1].filter((side) => reached[side]!.has(principal)),
      );
    });
  }

  /** @param sides `0` is before, `1` after. */
  #isWithin(texts: Holdings<Origin>, principal: Ref, sides: readonly number[]): boolean {
    const holdings = this.#diff.holdings(principal);
    const held = holdings.map((one) => this.#diff.read(one ?? nobody, principal));
    const { allows, denies } = this.#diff.read(texts, principal);
    // What cannot be read might be a Deny on both sides, and an Allow here.
    if (allows.some(({ statement }) => statement.effect === null)) return false;
    const [before, after] = held as [Access<Origin>, Access<Origin>];
    const given: Access<Origin> = {
      allows,
      denies: [...denies, ...lastingDenies(before, after)],
      ...lastingBounds(holdings, after),
    };
    return sides.every((side) => gains(held[side]!, given).length === 0);
  }
}

const placeOf = ({ policy, via, as }: Origin): string =>
  [as ?? '', via ?? '', 'arn' in policy ? `arn ${policy.arn}` : policy.inline].join('/');

/** Denies that stand in the same place on both sides are there at every moment between. */
function lastingDenies(before: Access<Origin>, after: Access<Origin>): readonly Piece[] {
  const id = ({ origin, statement }: Piece): string => `${placeOf(origin)} ${statement.key}`;
  const had = new Set(before.denies.map(id));
  return after.denies.filter((one) => had.has(id(one)));
}

/** A boundary that stays and says the same bounds all the while; one that changes is left out. */
function lastingBounds(
  [before, after]: readonly (Holdings<Origin> | null)[],
  { bounds, boundary }: Access<Origin>,
): Pick<Access<Origin>, 'bounds' | 'boundary'> {
  const [was, is] = [before?.boundary, after?.boundary];
  const lasts =
    was && is && placeOf(was.origin) === placeOf(is.origin) && sameMeaning(was.document, is.document);
  return lasts ? { bounds, boundary } : { bounds: null, boundary: null };
}
