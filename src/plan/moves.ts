import { policyArnParts } from '../core/arn.ts';
import { stableJson } from '../core/json.ts';
import { nameKey } from '../core/names.ts';
import { documentRef, inlineRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { PolicyDocument } from '../core/state.ts';
import { denyAll, documentOf } from '../access/documents.ts';
import { additionClass, copyName, removalClass } from '../kinds/access.ts';
import { deleteInline, isReplaced, putInline } from '../kinds/identity.ts';
import { policyLabel } from '../kinds/index.ts';
import type { StepDraft } from '../kinds/index.ts';
import { canonical, documentSize, sameMeaning } from '../policy/index.ts';
import { inlineName, managedArn } from './documents.ts';
import { bothSides, identityOf, inlineRoom } from './room.ts';
import type { Sides } from './room.ts';
import type { ScheduledStep } from './transition.ts';

/**
 * A document that one holder has on both sides, under another name or once inline and once as a managed policy: it
 * comes in its new place before it goes from the old one, so that a run that stops in between takes nothing from
 * anybody. As the holder has it from the first step to the last, neither step changes what anybody may do
 * (docs/decisions/safe-order.md).
 */
interface Move {
  readonly going: ScheduledStep;
  /** Null: a managed policy that the holder keeps says in this plan what the other one said. */
  readonly coming: ScheduledStep | null;
  /** The managed policy that says it only once this plan has changed it. */
  readonly changing: Ref | null;
}

type Place = Omit<Move, 'going'>;

interface World extends Sides {
  readonly note: (text: string) => void;
}

/** Orders what moves from one place of a holder to another; the rest is as it was. */
export function keepMoves(steps: readonly ScheduledStep[], world: World): ScheduledStep[] {
  const perIdentity = new Map<Ref, ScheduledStep[]>();
  for (const step of steps) {
    const { takes, brings, affects } = step.draft;
    if (!affects || !(takes ?? brings)) continue;
    const list = perIdentity.get(affects);
    if (list) list.push(step);
    else perIdentity.set(affects, [step]);
  }
  const changed = new Map<ScheduledStep, StepDraft>();
  const extra: ScheduledStep[] = [];
  for (const [affects, own] of perIdentity) {
    const moves = findMoves(own, affects, world);
    const spare = findSpare(own, moves, affects, world);
    if (moves.length + spare.length === 0) continue;
    const plan = new IdentityMoves(affects, world, own, moves, spare);
    for (const [step, draft] of plan.drafts()) changed.set(step, draft);
    extra.push(...plan.copies);
  }
  return [
    ...steps.map((step) => {
      const draft = changed.get(step);
      return draft ? { ...step, draft } : step;
    }),
    ...extra,
  ];
}

const meaning = (document: PolicyDocument): string => stableJson(canonical(document));

/** Each document that goes, with the place where it comes; each place once. */
function findMoves(own: readonly ScheduledStep[], affects: Ref, world: World): Move[] {
  const going = own.filter(({ draft }) => draft.takes);
  if (going.length === 0) return [];
  const places = new Map<string, Place[]>();
  const add = (document: PolicyDocument, place: Place): void => {
    const key = meaning(document);
    places.set(key, [...(places.get(key) ?? []), place]);
  };
  for (const step of own) {
    const { brings } = step.draft;
    if (!brings) continue;
    const arn = managedArn(step.draft);
    const changed = arn !== null && changedDocument(arn, world) !== null;
    add(brings, { coming: step, changing: changed ? documentRef(arn) : null });
  }
  const [before, after] = bothSides(world, affects);
  for (const arn of after?.attachedPolicyArns ?? []) {
    const document = before?.attachedPolicyArns.includes(arn) ? changedDocument(arn, world) : null;
    if (document) add(document, { coming: null, changing: documentRef(arn) });
  }
  // A copy that a run left behind goes once its policy is back; the policy itself may be gone by then.
  const copiesFirst = [...going].sort((a, b) => Number(isCopy(b)) - Number(isCopy(a)));
  return copiesFirst.flatMap((step): Move[] => {
    const free = places.get(meaning(step.draft.takes!)) ?? [];
    const at = free.findIndex(({ coming }) => coming !== step && (coming !== null || !step.draft.brings));
    const [place] = at < 0 ? [] : free.splice(at, 1);
    return place ? [{ going: step, ...place }] : [];
  });
}

/** What goes and stays in another place all the while: the rest of a move that a run did not end. */
function findSpare(
  own: readonly ScheduledStep[],
  moves: readonly Move[],
  affects: Ref,
  world: World,
): ScheduledStep[] {
  const [before, after] = bothSides(world, affects);
  const staying = new Set<string>();
  for (const [name, document] of Object.entries(before?.policies ?? {})) {
    const wanted = after?.policies[name];
    if (wanted && sameMeaning(document, wanted)) staying.add(meaning(document));
  }
  for (const arn of before?.attachedPolicyArns ?? []) {
    if (!after?.attachedPolicyArns.includes(arn) || changedDocument(arn, world)) continue;
    staying.add(meaning(documentOf(world.live, arn)));
  }
  return own.filter(
    (step) =>
      step.draft.takes &&
      isPure(step) &&
      !moves.some(({ going }) => going === step) &&
      staying.has(meaning(step.draft.takes)),
  );
}

/** What a managed policy that is there already says after this plan, if that changes. */
function changedDocument(arn: string, { live, desired }: Sides): PolicyDocument | null {
  const name = policyArnParts(arn)?.name ?? '';
  const [before, after] = [live.policies.get(name), desired.policies.get(name)];
  if (before?.arn !== arn || after?.arn !== arn) return null;
  return sameMeaning(before.document, after.document) ? null : after.document;
}

const isCopy = (step: ScheduledStep): boolean =>
  step.draft.purpose === 'remove-policy' && copyName.test(inlineName(step.draft) ?? '');

const isPure = ({ draft }: ScheduledStep): boolean => !(draft.takes && draft.brings);

/** What the step does besides moving is to bring a Deny, or to take one away. */
const comesWithDeny = (step: ScheduledStep, moves: readonly Move[]): boolean =>
  step.draft.brings !== undefined &&
  !moves.some(({ coming }) => coming === step) &&
  additionClass(step.draft.brings).cls === 'restrain';
const goesWithDeny = (step: ScheduledStep, moves: readonly Move[]): boolean =>
  step.draft.takes !== undefined &&
  !moves.some(({ going }) => going === step) &&
  removalClass(step.draft.takes).cls === 'release';

/** The moves of one identity, as its quotas allow them. */
class IdentityMoves {
  readonly copies: ScheduledStep[] = [];
  readonly #affects: Ref;
  readonly #world: World;
  readonly #own: readonly ScheduledStep[];
  readonly #kept: readonly Move[];
  readonly #spare: readonly ScheduledStep[];
  /** What makes room before anything moves. */
  readonly #early: readonly ScheduledStep[];
  /** Refs that a step waits for, as what it moves must be there. */
  readonly #uses = new Map<ScheduledStep, Ref[]>();
  readonly #awaits = new Map<ScheduledStep, Ref[]>();

  constructor(
    affects: Ref,
    world: World,
    own: readonly ScheduledStep[],
    moves: readonly Move[],
    spare: readonly ScheduledStep[],
  ) {
    this.#affects = affects;
    this.#world = world;
    this.#own = own;
    this.#spare = spare;
    const gone = own.filter(
      (step) => isPure(step) && step.draft.cls === 'revoke' && !moves.some(({ going }) => going === step),
    );
    this.#early = [...new Set([...spare, ...gone])];
    // A copy of one breaks a circle of several.
    let direct = moves;
    for (const move of moves) {
      if (this.#needsCopy(move, direct)) direct = direct.filter((other) => other !== move);
    }
    const { fitting, used, tight } = this.#fitting(direct);
    if (tight) this.#oneByOne(fitting);
    for (const { going, coming, changing } of fitting) {
      push(this.#uses, going, coming?.draft.creates ?? []);
      if (changing !== null) push(this.#uses, coming ?? going, [changing]);
    }
    const copied = this.#copy(
      moves.filter((move) => !direct.includes(move)),
      used,
      tight,
    );
    this.#kept = [...fitting, ...copied];
    for (const move of moves) if (!this.#kept.includes(move)) this.#noteNoRoom(move);
  }

  #becomesBoundary(step: ScheduledStep): boolean {
    if (!this.#isReplaced(step)) return false;
    const { policies, users } = this.#world.desired;
    const arn = policies.get(policyArnParts(managedArn(step.draft)!)!.name)?.arn;
    return [...users.values()].some(({ boundary }) => boundary === arn);
  }

  #isReplaced({ draft }: ScheduledStep): boolean {
    const arn = managedArn(draft);
    return arn !== null && isReplaced(this.#world, arn);
  }

  /** Where the new place cannot be filled first: a policy at a new path, two names that are exchanged. */
  #needsCopy({ going, coming, changing }: Move, moves: readonly Move[]): boolean {
    // A boundary comes early, and so does the removal of a policy that is re-created to be one.
    if (this.#becomesBoundary(going) && (changing !== null || !isPure(coming!))) return true;
    if (!coming) return false;
    if (this.#isReplaced(coming)) return !isCopy(going);
    // What is written over the old place may have to come early; a change of a managed policy may come late.
    if (!isPure(going) && changing !== null) return true;
    let first = coming;
    for (let left = moves.length; left >= 0; left -= 1) {
      const next = moves.find((other) => other.going === first);
      if (next?.going === going) return true;
      if (!next?.coming) break;
      first = next.coming;
    }
    // The Deny that comes in place of the one must be there before the Deny goes that the other is written over.
    return comesWithDeny(going, moves) && goesWithDeny(first, moves);
  }

  /** Those for which there is room: all at once, or (`tight`) one after the other. */
  #fitting(moves: readonly Move[]): { fitting: Move[]; used: number; tight: boolean } {
    const [before, after] = bothSides(this.#world, this.#affects);
    const room = inlineRoom(this.#world, this.#affects, '');
    const attachedPolicyArns = new Set([
      ...(before?.attachedPolicyArns ?? []),
      ...(after?.attachedPolicyArns ?? []),
    ]).size;
    const doubled = moves.map((move) => ({ move, ...doubling(move) }));
    const least = (field: 'size' | 'count'): number => doubled.reduce((sum, one) => sum + one[field], 0);
    const tight = room < 0 || attachedPolicyArns > this.#maxAttached();
    const early = this.#early.map((step) => placeOf(step));
    const spare = room + least('size') + early.reduce((sum, { size }) => sum + size, 0);
    const slots =
      this.#maxAttached() -
      attachedPolicyArns +
      least('count') +
      early.reduce((sum, { count }) => sum + count, 0);
    const fitting = doubled.filter(
      ({ move, size, count }) => move.coming === null || (size <= spare && count <= slots),
    );
    const largest = Math.max(0, ...fitting.map(({ size }) => size));
    return { fitting: fitting.map(({ move }) => move), used: tight ? spare - largest : room, tight };
  }

  #maxAttached(): number {
    return identityOf(this.#affects).of.attachments;
  }

  /** Each begins when the one before it has made room, and all when what goes for good is gone. */
  #oneByOne(moves: readonly Move[]): void {
    const makeRoom = this.#early.flatMap(({ draft }) => draft.removes ?? []);
    for (const { coming } of moves) if (coming) push(this.#awaits, coming, makeRoom);
    const simple = moves.filter(
      ({ going, coming }) => coming && isPure(going) && isPure(coming) && !isCopy(going),
    );
    for (const [index, { coming }] of simple.entries()) {
      const before = simple[index - 1];
      if (before) push(this.#awaits, coming!, before.going.draft.removes ?? []);
    }
  }

  /** A copy under a name of its own, from before the old one goes until the new one is there. */
  #copy(moves: readonly Move[], room: number, tight: boolean): Move[] {
    const makeRoom = tight ? this.#early.flatMap(({ draft }) => draft.removes ?? []) : [];
    const { of, name } = identityOf(this.#affects);
    const names = bothSides(this.#world, this.#affects).flatMap((one) => Object.keys(one?.policies ?? {}));
    const taken = new Set(names.map(nameKey));
    // A guard may be needed beside it.
    let left = room - documentSize(denyAll);
    let number = 0;
    return moves.filter(({ going, coming, changing }) => {
      const document = going.draft.takes!;
      if (documentSize(document) > left) return false;
      left -= documentSize(document);
      let copy: string;
      do copy = `rollcall-copy-${(number += 1)}`;
      while (taken.has(copy));
      const ref = inlineRef(this.#affects, copy);
      const drop = deleteInline(of, name, copy, { purpose: 'drop-copy', cls: 'neutral' });
      this.copies.push(
        {
          draft: {
            ...putInline(of, name, copy, document, { purpose: 'keep-copy', cls: 'neutral' }),
            brings: document,
            after: makeRoom,
          },
          change: going.change,
          seq: going.seq - 0.3,
        },
        {
          draft: { ...drop, uses: [...drop.uses!, ...(coming || changing === null ? [] : [changing])] },
          change: (coming ?? going).change,
          seq: (coming ?? going).seq + 0.3,
        },
      );
      for (const step of coming ? [going, coming] : [going]) push(this.#uses, step, [ref]);
      if (coming && changing !== null) push(this.#uses, coming, [changing]);
      this.#world.note(
        `${of.kind} ${name} holds the inline policy ${copy}, a copy of ${labelOf(going)}, while that moves`,
      );
      return true;
    });
  }

  #noteNoRoom({ going, coming, changing }: Move): void {
    const { of, name } = identityOf(this.#affects);
    const place = coming ? labelOf(coming) : `policy ${policyLabel(parseRef(changing!).name)}`;
    this.#world.note(
      `${of.kind} ${name}: no room for ${place} beside ${labelOf(going)}, which says the same: ` +
        `the old one goes first, and a run that stops in between leaves ${name} without both`,
    );
  }

  /** The steps as they are now: what only moves changes nobody's access. */
  *drafts(): Generator<[ScheduledStep, StepDraft]> {
    for (const step of this.#own) {
      const stays = this.#spare.includes(step) || this.#kept.some(({ going }) => going === step);
      const takes = stays ? undefined : step.draft.takes;
      const brings = this.#kept.some(({ coming }) => coming === step) ? undefined : step.draft.brings;
      if (takes === step.draft.takes && brings === step.draft.brings) continue;
      const { swap: _swap, guarded: _guarded, ...rest } = step.draft;
      const classed = takes
        ? removalClass(takes)
        : brings
          ? additionClass(brings)
          : ({ cls: 'neutral' } as const);
      yield [
        step,
        {
          ...rest,
          ...classed,
          uses: [...(rest.uses ?? []), ...(this.#uses.get(step) ?? [])],
          after: [...(rest.after ?? []), ...(this.#awaits.get(step) ?? [])],
        },
      ];
    }
  }
}

function push(map: Map<ScheduledStep, Ref[]>, step: ScheduledStep, refs: readonly Ref[]): void {
  map.set(step, [...(map.get(step) ?? []), ...refs]);
}

/** What a policy that goes takes of the quotas. */
function placeOf({ draft }: ScheduledStep): { size: number; count: number } {
  return inlineName(draft) === null ? { size: 0, count: 1 } : { size: documentSize(draft.takes!), count: 0 };
}

/** What there is twice while a document is in both places. */
function doubling({ going, coming }: Move): { size: number; count: number } {
  if (!coming || !isPure(going) || !isPure(coming)) return { size: 0, count: 0 };
  const inline = [going, coming].map(({ draft }) => inlineName(draft) !== null);
  const [from, to] = [documentSize(going.draft.takes!), documentSize(coming.draft.brings!)];
  return {
    size: inline[0] && inline[1] ? Math.min(from, to) : 0,
    count: inline[0] || inline[1] ? 0 : 1,
  };
}

function labelOf(step: ScheduledStep): string {
  const name = inlineName(step.draft);
  return name === null ? `policy ${policyLabel(managedArn(step.draft)!)}` : `inline policy ${name}`;
}
