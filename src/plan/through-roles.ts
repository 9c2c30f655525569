/**
 * Who may assume a role may do what it may: a step on the policies of a role, or on whom they let come in, is of matter to
 * all of them (docs/decisions/safe-order.md, "Through roles").
 */
import type { Access, Piece } from '../access/compare.ts';
import type { Origin } from '../access/principals.ts';
import type { Box } from '../access/regions.ts';
import { nameKey } from '../core/names.ts';
import { deniesAccess } from '../core/plan.ts';
import { objectRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { PolicyDocument } from '../core/state.ts';
import { foldAction } from '../policy/canonical.ts';
import { includes, mayOverlap, readGlob } from '../policy/glob.ts';
import type { Glob } from '../policy/glob.ts';
import type { Matcher } from '../policy/statement.ts';
import { principalsIn } from '../policy/trust/index.ts';
import { isOfEntry, type AffectedPrincipals } from './affected-principals.ts';
import { nobody, type AccessDiff } from './effects.ts';
import type { Sides } from './room.ts';
import { changesAccess } from './transition.ts';
import type { ScheduledStep, ThroughRoles } from './transition.ts';

interface World extends Sides {
  readonly affected: AffectedPrincipals;
  readonly diff: AccessDiff;
}

/**
 * For each step that decides who may come into a role: the other steps on what is behind it. Those are the pairs of which
 * what narrows must come first, although nobody's own policies are changed by both.
 */
export function throughRoles(world: World): ThroughRoles {
  const ways = new Ways(world);
  return (steps) => {
    const found = new Map<ScheduledStep, ReadonlySet<ScheduledStep>>();
    const atRoles = stepsAtRoles(steps, world);
    if (atRoles.size === 0) return found;
    for (const step of steps) {
      if (!changesAccess(step) && !deniesAccess(step.draft)) continue;
      const behind = new Set<ScheduledStep>();
      for (const one of world.affected(step.draft.affects!)) {
        if (!ways.decides(step, one)) continue;
        for (const role of ways.behind(one))
          for (const other of atRoles.get(role) ?? []) if (other !== step) behind.add(other);
      }
      if (behind.size > 0) found.set(step, behind);
    }
    return found;
  };
}

/** What changes the access of a role, or of whom it lets in. */
function stepsAtRoles(
  steps: readonly ScheduledStep[],
  { live, desired, affected }: World,
): Map<Ref, ScheduledStep[]> {
  const found = new Map<Ref, ScheduledStep[]>();
  const roles = new Set([live, desired].flatMap((side) => [...side.roles.keys()].map(roleRef)));
  if (roles.size === 0) return found;
  for (const step of steps.filter(changesAccess)) {
    for (const one of affected(step.draft.affects!)) {
      if (!roles.has(one)) continue;
      const list = found.get(one);
      if (list) list.push(step);
      else found.set(one, [step]);
    }
  }
  return found;
}

const roleRef = (name: string): Ref => objectRef('role', name);

const assuming = readGlob(foldAction('sts:AssumeRole'));

/** Whether a statement may speak of what a pattern stands for. */
const speaksOf = ({ not, patterns }: Matcher, glob: Glob): boolean =>
  not ? !patterns.some((one) => includes(one, glob)) : patterns.some((one) => mayOverlap(one, glob));
const isOfAssuming = ({ box }: Piece<Origin>): boolean => speaksOf(box.actions, assuming);

/**
 * Which roles somebody may come into, by what stands on either side of the plan and by any mix of both. Conditions and
 * Denies are not looked at, so that it may say yes of one who is not let in.
 */
class Ways {
  readonly #world: World;
  #entries: Entries | undefined;
  readonly #behind = new Map<Ref, ReadonlySet<Ref>>();
  readonly #byBox = new Map<Box, readonly Ref[]>();
  readonly #access = new Map<Ref, readonly Access<Origin>[]>();
  readonly #moves = new Map<Ref, boolean>();

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * Whether a step may change where somebody comes in. Whose policies allow everything on one side has everything on that
   * side: to them, nothing behind a role is new. Sessions that a step ends are on one side only.
   */
  decides(step: ScheduledStep, one: Ref): boolean {
    const [before, after] = this.#accessOf(one).map(allowsEverything);
    if (step.draft.purpose === 'revoke-sessions') return !before;
    if (!isOfEntry(step.draft)) return !before && !after && (deniesAccess(step.draft) || this.#isMoved(one));
    const { cls } = step.draft;
    if (cls === 'swap') return !(before && after);
    return cls === 'restrain' || cls === 'revoke' ? !before : !after;
  }

  /** Roles that somebody may come into, one through the other. */
  behind(start: Ref): ReadonlySet<Ref> {
    const known = this.#behind.get(start);
    if (known) return known;
    const found = new Set<Ref>();
    for (const role of this.#next(start)) found.add(role);
    for (const role of found) for (const next of this.#next(role)) found.add(next);
    this.#behind.set(start, found);
    return found;
  }

  *#next(ref: Ref): Iterable<Ref> {
    this.#entries ??= entriesOf(this.#world);
    const { anybody, named, account } = this.#entries;
    yield* anybody;
    yield* named.get(ref) ?? [];
    if (account.length === 0) return;
    const boxes = new Set(
      this.#accessOf(ref).flatMap(({ allows }) => allows.filter(isOfAssuming).map(({ box }) => box)),
    );
    for (const box of boxes) yield* this.#allowedBy(box, account);
  }

  #allowedBy(box: Box, account: Entries['account']): readonly Ref[] {
    const known = this.#byBox.get(box);
    if (known) return known;
    const found = account.filter(({ arn }) => speaksOf(box.resources, arn)).map(({ ref }) => ref);
    this.#byBox.set(box, found);
    return found;
  }

  /** Before and after. */
  #accessOf(ref: Ref): readonly Access<Origin>[] {
    const known = this.#access.get(ref);
    if (known) return known;
    const { diff } = this.#world;
    const found = diff.holdings(ref).map((one) => diff.read(one ?? nobody, ref));
    this.#access.set(ref, found);
    return found;
  }

  /** Whether their own policies do not say the same of assuming roles on both sides. */
  #isMoved(ref: Ref): boolean {
    const known = this.#moves.get(ref);
    if (known !== undefined) return known;
    const [before, after] = this.#accessOf(ref).map(saidOfAssuming);
    const found = before !== after;
    this.#moves.set(ref, found);
    return found;
  }
}

/** What their own policies say of assuming roles: the same text where they say the same. */
export function saidOfAssuming({ allows, denies, bounds }: Access<Origin>): string {
  const keys = (pieces: readonly Piece<Origin>[] | null): string[] | null =>
    pieces && [...new Set(pieces.filter(isOfAssuming).map(({ statement }) => statement.key))].sort();
  return JSON.stringify([allows, denies, bounds].map(keys));
}

const isAll = ({ not, patterns }: Matcher): boolean => !not && patterns.some(({ source }) => source === '*');
/** At any time, and nothing of it is denied. */
export const allowsEverything = ({ allows, denies, bounds }: Access<Origin>): boolean =>
  bounds === null &&
  denies.length === 0 &&
  allows.some(
    ({ box: { actions, resources, conditions, variables, opaque } }) =>
      isAll(actions) &&
      isAll(resources) &&
      conditions.length === 0 &&
      variables.size === 0 &&
      opaque.size === 0,
  );

/** Roles by whom their trusts let in. */
interface Entries {
  readonly anybody: readonly Ref[];
  /** By a user or a role, named itself or by a session. */
  readonly named: ReadonlyMap<Ref, readonly Ref[]>;
  /** Whoever of the account is allowed to by their own policies. */
  readonly account: readonly { readonly ref: Ref; readonly arn: Glob }[];
}

function entriesOf({ live, desired }: Sides): Entries {
  const anybody = new Set<Ref>();
  const named = new Map<Ref, Ref[]>();
  const account = new Map<string, { readonly ref: Ref; readonly arn: Glob }>();
  // IAM knows whom a trust names by an id, which a rename leaves as it is.
  const renamed = new Map(
    [...desired.users.values()].flatMap(({ name, renamedFrom }) =>
      renamedFrom === undefined
        ? []
        : [[nameKey(objectRef('user', renamedFrom)), objectRef('user', name)] as const],
    ),
  );
  const add = (trust: PolicyDocument, role: Ref, arn: string): void => {
    for (const one of principalsIn(trust)) {
      if (one.effect !== 'Allow') continue;
      if (one.type === 'anybody') anybody.add(role);
      if (!('account' in one) || one.account !== live.account) continue;
      if (one.type === 'account') account.set(arn, { ref: role, arn: readGlob(arn) });
      if (!('name' in one)) continue;
      const by = one.type === 'assumed-role' ? roleRef(one.name) : objectRef(one.type, one.name);
      for (const ref of [by, renamed.get(nameKey(by))]) {
        if (ref === undefined) continue;
        const list = named.get(ref);
        if (list) list.push(role);
        else named.set(ref, [role]);
      }
    }
  };
  for (const { roles } of [live, desired])
    for (const { name, trust, arn } of roles.values()) add(trust, roleRef(name), arn);
  return { anybody: [...anybody], named, account: [...account.values()] };
}
