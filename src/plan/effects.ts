/**
 * What each change does to the access of those whom it reaches: their effective access before the plan and after it is
 * compared (src/access), and each difference is put down to the changes that it comes from.
 */
import { Reader, type Access, type Gain, type Holdings } from '../access/compare.ts';
import { isAdministrator, type NewDanger, type PolicyDanger } from '../access/dangers.ts';
import { tellGains } from '../access/describe.ts';
import type { Brief } from '../policy/index.ts';
import { Differences } from '../access/difference.ts';
import { denyAll } from '../access/documents.ts';
import { holdingsOf, principalKinds, principalOf, type Origin } from '../access/principals.ts';
import { remember } from '../access/remember.ts';
import { letsIn, principalArn } from '../access/trust.ts';
import { stableJson } from '../core/json.ts';
import type { Effect } from '../core/plan.ts';
import { objectRef, parseRef, partRef, type Ref } from '../core/references.ts';
import type { AccountState, Role } from '../core/state.ts';
import type { AnyFact } from '../kinds/facts.ts';
import type { Draft } from '../kinds/index.ts';
import type { AssumerEntry, Change } from '../kinds/plan.ts';
import type { SomebodysAccess } from '../kinds/change.ts';
import { nameDangers, unique } from '../kinds/access.ts';
import { entryKinds, type AffectedPrincipals } from './affected-principals.ts';

/** The difference of somebody's access. */
export interface AccessChange {
  readonly principal: Ref;
  readonly comes?: true;
  readonly leaves?: true;
  readonly gained: readonly Gain<Origin>[];
  readonly lost: readonly Gain<Origin>[];
  readonly dangers: readonly NewDanger<Origin>[];
}

/** What is always known of whoever makes a request. Source: IAM User Guide, "AWS global condition context keys". */
const always = [
  'aws:principalarn',
  'aws:principalaccount',
  'aws:principaltype',
  'aws:userid',
  'aws:currenttime',
];
const known = { user: new Set([...always, 'aws:username']), role: new Set(always) };

export const nobody: Holdings<Origin> = { grants: [], boundary: null };

/** Compares each principal once, and once all who hold the same. */
export class AccessDiff {
  readonly #sides: readonly [AccountState, AccountState];
  readonly #differences = {
    user: new Differences(known.user, () => this.#roles()),
    role: new Differences(known.role, () => this.#roles()),
  };
  readonly #readers = { user: new Reader<Origin>(known.user), role: new Reader<Origin>(known.role) };
  readonly #found = new Map<Ref, AccessChange>();
  #administrators: readonly Role[] | undefined;

  constructor(live: AccountState, after: AccountState) {
    this.#sides = [live, after];
  }

  of(ref: Ref): AccessChange {
    const earlier = this.#found.get(ref);
    if (earlier) return earlier;
    const found = { principal: ref, ...this.#compare(ref) };
    this.#found.set(ref, found);
    return found;
  }

  /** Whether it is somebody who can act, before the plan or after it. */
  has(ref: Ref): boolean {
    return this.#sides.some((state) => principalOf(state, ref) !== undefined);
  }

  /** How many comparisons it took so far. */
  get made(): number {
    return this.#differences.user.made + this.#differences.role.made;
  }

  isSuspended(ref: Ref): boolean {
    return holdingsOf(this.#sides[1], ref)?.grants.some(({ document }) => document === denyAll) ?? false;
  }

  /** All that were compared so far. */
  all(): Iterable<AccessChange> {
    return this.#found.values();
  }

  /** All that somebody holds on each side; null: there is no such principal. */
  holdings(ref: Ref): readonly (Holdings<Origin> | null)[] {
    return this.#sides.map((state) => holdingsOf(state, ref));
  }

  /** What policies say to whoever holds them. */
  read(holdings: Holdings<Origin>, holder: Ref): Access<Origin> {
    return this.#readers[parseRef(holder).kind as keyof typeof known].read(holdings);
  }

  /** Roles that are administrators after the plan. */
  #roles(): readonly Role[] {
    const [, after] = this.#sides;
    this.#administrators ??= [...after.roles.values()].filter(({ name }) =>
      isAdministrator(this.#readers.role.read(holdingsOf(after, objectRef('role', name)) ?? nobody)),
    );
    return this.#administrators;
  }

  /** Nobody becomes a role whose trust does not let them in. */
  #mayHave(principal: Ref, danger: PolicyDanger): boolean {
    if (!('leads' in danger) || danger.leads !== 'assumes' || danger.of === undefined) return true;
    const [, after] = this.#sides;
    const { name, trust } = after.roles.get(danger.of)!;
    return objectRef('role', name) !== principal && letsIn(trust, principalArn(after, principal), after);
  }

  #compare(principal: Ref): Omit<AccessChange, 'principal'> {
    const [before, after] = this.holdings(principal);
    // Who leaves loses everything.
    if (!after) return { leaves: true, gained: [], lost: [], dangers: [] };
    const differences = this.#differences[parseRef(principal).kind as keyof typeof known];
    const { gained, lost, dangers } = differences.between(before ?? nobody, after);
    return {
      ...(before ? {} : { comes: true }),
      gained,
      lost,
      dangers: dangers.filter(({ danger }) => this.#mayHave(principal, danger)),
    };
  }
}

/** What a change does to those whom it reaches, where that is decided by policies. */
interface Judgement {
  readonly effect: Effect;
  /** Nobody is reached, or nobody who may act. */
  readonly reaches?: 'nobody' | 'suspended';
  readonly gaining: readonly Share[];
  readonly losing: readonly Share[];
  readonly dangers: readonly PolicyDanger[];
}

/** What of somebody's difference comes from one change. */
type Share = Pick<AccessChange, 'principal' | 'gained' | 'lost'>;

/** Aspects of whose effect policies decide; a change of another says itself what it does. */
const decided = new Set(['policies', 'attach', 'boundary', 'members', 'document', 'path', 'object']);
const isDecided = ({ kind, aspect, action, byHand, reasons }: Draft['change']): boolean =>
  decided.has(aspect) &&
  !byHand &&
  !entryKinds.has(kind) &&
  !isEnd(kind, action) &&
  reasons.every(({ code }) => code !== 'may-match');

/** Who can act goes, and so loses everything. */
const isEnd = (kind: string, action: Draft['change']['action']): boolean =>
  action === 'offboard' || (action === 'delete' && principalKinds.includes(kind));

interface Judged {
  readonly draft: Draft;
  /** What its steps are about. */
  readonly about: ReadonlySet<Ref>;
  readonly reached: readonly Ref[];
}

/** By the ids of the changes. */
export function judge(
  drafts: readonly Draft[],
  diff: AccessDiff,
  affected: AffectedPrincipals,
): Map<string, Judgement> {
  const all = drafts
    .filter(({ change }) => isDecided(change))
    .map((draft): Judged => ({ draft, about: aboutOf(draft), reached: reachedBy(draft, diff, affected) }));
  const by = new Map<Ref, Judged[]>();
  for (const one of all) for (const ref of one.reached) by.set(ref, [...(by.get(ref) ?? []), one]);
  const shares = new Map(
    all.map((one) => [
      one,
      { gaining: [] as Share[], losing: [] as Share[], dangers: new Set<PolicyDanger>() },
    ]),
  );
  for (const draft of drafts)
    if (!isDecided(draft.change)) for (const ref of reachedBy(draft, diff, affected)) diff.of(ref);
  for (const [ref, reaching] of by) {
    const { principal, gained, lost, dangers } = diff.of(ref);
    for (const [list, which] of [
      [gained, 'gained'],
      [lost, 'lost'],
    ] as const) {
      const parts = new Map<Judged, Gain<Origin>[]>();
      for (const one of list) {
        const from = reaching.filter(({ about }) => one.causes.some((cause) => isFrom(cause, about)));
        // Whatever it comes from, it is not lost.
        for (const each of from.length > 0 ? from : reaching)
          parts.set(each, [...(parts.get(each) ?? []), one]);
      }
      for (const [one, part] of parts) {
        const share = { principal, gained: [], lost: [], [which]: part };
        const mine = shares.get(one)!;
        mine[which === 'gained' ? 'gaining' : 'losing'].push(share);
        if (which === 'gained')
          for (const { danger, by } of dangers)
            if (by.some((gain) => part.includes(gain))) mine.dangers.add(danger);
      }
    }
  }
  return new Map(
    all.map((one) => {
      const { gaining, losing, dangers } = shares.get(one)!;
      const reaches = reachesWhom(one.reached, diff);
      const effect = effectOf(gaining, losing);
      return [
        one.draft.change.id,
        { effect, gaining, losing, dangers: eachOnce(dangers), ...(reaches ? { reaches } : {}) },
      ];
    }),
  );
}

function reachesWhom(reached: readonly Ref[], diff: AccessDiff): Judgement['reaches'] {
  if (reached.length === 0) return 'nobody';
  return reached.every((ref) => diff.isSuspended(ref)) ? 'suspended' : undefined;
}

function effectOf(gaining: readonly Share[], losing: readonly Share[]): Effect {
  if (gaining.some(({ gained }) => gained.some(({ doubt }) => doubt === null))) return 'widens';
  if (gaining.length > 0) return 'unclear';
  return losing.length > 0 ? 'narrows' : 'none';
}

const isFrom = ({ refs, through }: Origin, about: ReadonlySet<Ref>): boolean =>
  refs.some((ref) => about.has(ref)) || through.some((ref) => about.has(ref));

const dangerTexts = new WeakMap<PolicyDanger, Map<null, string>>();

/** Different people may have the same of different policies. */
const eachOnce = (dangers: ReadonlySet<PolicyDanger>): PolicyDanger[] => [
  ...new Map(
    [...dangers].map((one) => [remember(dangerTexts, one, null, () => stableJson(one)), one]),
  ).values(),
];

/** What a change is about: each part, and the aspect that a boundary is a part of. */
function aboutOf({ change, steps }: Draft): ReadonlySet<Ref> {
  return new Set(
    steps
      .flatMap(({ about }): Ref[] => {
        const { kind, name, part } = parseRef(about);
        return part[0] === 'boundary' ? [about, partRef(objectRef(kind, name), 'boundary')] : [about];
      })
      .concat(change.id),
  );
}

function reachedBy({ change, steps }: Draft, diff: AccessDiff, affected: AffectedPrincipals): readonly Ref[] {
  const own =
    change.aspect === 'object' ? [objectRef(change.kind, change.name)].filter((ref) => diff.has(ref)) : [];
  return [...new Set([...own, ...steps.flatMap(({ affects }) => (affects ? affected(affects) : []))])];
}

/** The change with what it really does to access, where its documents alone do not tell. */
export function judged(change: Change, judgement: Judgement | undefined): Change {
  if (!judgement) return change;
  // Whatever somebody may do, with a first secret they can.
  const acts = judgement.effect === 'none' && givesSecret(change);
  const effect = acts ? 'widens' : judgement.effect;
  const why = effect === 'unclear' ? doubtsOf(judgement) : [];
  // What is given does not know of the boundary of who gets it.
  const isCut =
    change.aspect !== 'document' &&
    judgement.gaining.length > 0 &&
    judgement.gaining.every(({ gained }) => gained.every(({ within }) => within));
  const told =
    effect === change.effect && !isCut
      ? change.reasons
      : acts
        ? [{ code: 'new-secret' } as const]
        : reasonsOf(change, judgement);
  const dangers = [...(change.dangers ?? []), ...judgement.dangers];
  return {
    ...change,
    effect,
    reasons: nameDangers([...told, ...why], judgement.dangers),
    ...(dangers.length > 0 ? { dangers } : {}),
  } as Change;
}

/** Who comes to which role (plan/assumers.ts). */
export interface Assumed {
  readonly assumers: AssumerEntry[];
  /** Whether it is a role that nobody at all may assume after the plan, so that what it holds is nobody's. */
  readonly isShut: (ref: Ref) => boolean;
  /** What those who come to a role, or through it, become or can make themselves by that. */
  readonly dangersBy: (role: Ref) => readonly PolicyDanger[];
}

/** The change with what becomes of others by whom it makes: who is to be them, and where they go on to. */
export function judgedByOthers(change: Change, { assumers, isShut, dangersBy }: Assumed): Change {
  const { kind, name, action, aspect, effect } = change;
  const isOpened = action === 'create' || (aspect === 'trust' && effect !== 'narrows');
  return isOpened
    ? withDangers(judgedAsMade(change, assumers, isShut), dangersBy(objectRef(kind, name)))
    : change;
}

function withDangers(change: Change, dangers: readonly PolicyDanger[]): Change {
  const all = unique([...(change.dangers ?? []), ...dangers]);
  const isNew = dangers.length > 0 && all.length > (change.dangers ?? []).length;
  return isNew
    ? ({ ...change, dangers: all, reasons: nameDangers<Reasons[number]>(change.reasons, dangers) } as Change)
    : change;
}

function judgedAsMade(
  change: Change,
  assumers: readonly AssumerEntry[],
  isShut: (made: Ref) => boolean,
): Change {
  const { kind, name, aspect, effect } = change;
  if (aspect !== 'object') return change;
  const made = objectRef(kind, name);
  const others = change.reasons.filter(({ code }) => code === 'made-anew');
  if (effect !== 'none')
    return isShut(made)
      ? ({ ...change, effect: 'none', reasons: [...others, { code: 'shut' }] } as Change)
      : change;
  const ways = assumers.filter(({ path, comes }) => comes === 'gained' && path.slice(0, -1).includes(made));
  if (ways.length === 0) return change;
  const roles = [...new Set(ways.map(({ path }) => parseRef(path.at(-1)!).name))];
  const isSure = ways.some(({ gives }) => gives.some(({ certain }) => certain));
  const reasons = [...others, { code: 'leads-to', roles }];
  return { ...change, effect: isSure ? 'widens' : 'unclear', reasons } as Change;
}

const givesSecret = ({ facts }: Change): boolean =>
  (facts as readonly AnyFact[]).some(
    ({ fact, before, after }) => (fact === 'access-key' || fact === 'password') && !before && after,
  );

function reasonsOf({ aspect }: Change, { effect, gaining, losing, reaches }: Judgement): Reasons {
  if (effect === 'none') {
    // Only a group reaches nobody by its own policies.
    const isGroups = aspect === 'policies' || aspect === 'attach';
    if (reaches === 'nobody' && isGroups) return [{ code: 'no-members' }];
    return [{ code: reaches === 'suspended' ? reaches : 'same-access' }];
  }
  const gains = somebodys(gaining, 'gained');
  const losses = somebodys(losing, 'lost');
  return [{ code: 'access-of', ...(gains ? { gains } : {}), ...(losses ? { losses } : {}) }];
}

/** Reasons that changes of every kind may have. */
type Reasons = Change['reasons'];

/** Why it is not certain that anybody gains. */
function doubtsOf({ gaining }: Judgement): Reasons {
  const all = new Set(gaining.flatMap(({ gained }) => gained.map(({ doubt }) => doubt)));
  const why = [...all].filter((one) => one !== null);
  return why.length > 0 ? [{ code: 'not-proved', why }] : [];
}

const [mostPeople, mostGrants] = [3, 2];

function somebodys(changes: readonly Share[], which: 'gained' | 'lost'): SomebodysAccess | null {
  const [first] = changes;
  if (!first) return null;
  const grantsOf = (one: Share): readonly Brief[] => tellGains(one[which]).map(({ brief }) => brief);
  const grants = grantsOf(first);
  const same = stableJson(grants);
  const alike = changes.filter((one) => one === first || stableJson(grantsOf(one)) === same);
  const people = alike.map(({ principal }) => parseRef(principal).name);
  const others = changes.length - alike.length;
  const [more, moreGrants] = [people.length - mostPeople, grants.length - mostGrants];
  return {
    people: people.slice(0, mostPeople),
    ...(more > 0 ? { more } : {}),
    grants: grants.slice(0, mostGrants),
    ...(moreGrants > 0 ? { moreGrants } : {}),
    ...(others > 0 ? { others } : {}),
  };
}
