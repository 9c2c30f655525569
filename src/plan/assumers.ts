/**
 * Who may assume which role after the plan and not before, or no longer, one role through another, and what the role
 * gives them. Whoever leaves loses everything, and is told of by that.
 */
import {
  Assumptions,
  isCertain,
  outsiderOf,
  type Assumption,
  type Outsider,
  type OutsiderName,
} from '../access/assume.ts';
import { cut, gains, type Access, type Gain, type Piece } from '../access/compare.ts';
import type { Requirement } from '../access/ask.ts';
import { newDangers, type NewDanger } from '../access/dangers.ts';
import { principalOf, principalsIn, roleOf, type Origin } from '../access/principals.ts';
import { mayDeny } from '../access/trust.ts';
import { numberOf } from '../access/remember.ts';
import { unique } from '../kinds/access.ts';
import type { Box } from '../access/regions.ts';
import { byText, stableJson } from '../core/json.ts';
import { parseRef, partRef, type Ref } from '../core/references.ts';
import { isSubjectKey, mayNameCaller } from '../core/policy-grammar/trust.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import type { AccessPiece, AssumerEntry } from '../kinds/plan.ts';
import { compareTrust, sameTrust } from '../policy/trust/index.ts';
import { nobody, type AccessDiff, type Assumed } from './effects.ts';
import { allowsEverything, saidOfAssuming } from './through-roles.ts';

interface World {
  readonly live: AccountState;
  readonly desired: AccountState;
  readonly diff: AccessDiff;
}

/** @param told of what a role gives. */
export function assumersOf(
  world: World,
  place: (ref: Ref) => string | undefined,
  told: (gains: readonly Gain<Origin>[]) => AccessPiece[],
): Assumed {
  const finder = new Finder(world);
  const all = finder.all();
  const found = all.flatMap(({ gives, dangers, path, ...entry }): AssumerEntry[] => {
    const at = [partRef(path.at(-1)!, 'trust'), path.at(-1)!].map(place).find((one) => one !== undefined);
    const pieces = told(gives);
    const codes = dangers.map(({ danger: { code }, certain }) => ({
      code,
      certain: certain && entry.certain && entry.perhaps !== true,
    }));
    return pieces.length === 0
      ? []
      : [
          {
            ...entry,
            path,
            ...(at ? { at } : {}),
            gives: pieces,
            ...(codes.length > 0 ? { dangers: codes } : {}),
          },
        ];
  });
  return {
    assumers: merged(found).sort((a, b) => rank(a) - rank(b) || byText(nameOf(a), nameOf(b))),
    isShut: (ref) => finder.isShut(ref),
    dangersBy: (role) =>
      unique(
        all.flatMap(({ path, dangers }) => (path.includes(role) ? dangers.map(({ danger }) => danger) : [])),
      ),
  };
}

/** Users and roles of whom the same is told, in one, by name. */
function merged(entries: readonly AssumerEntry[]): AssumerEntry[] {
  const found = new Map<string, { readonly entry: AssumerEntry; readonly principals: Ref[] }>();
  for (const { principals, ...entry } of entries) {
    const key = JSON.stringify(entry);
    const known = found.get(key) ?? { entry, principals: [] as Ref[] };
    known.principals.push(...(principals ?? []));
    found.set(key, known);
  }
  return [...found.values()].map(({ entry, principals }) =>
    principals.length === 0 ? entry : { principals: principals.sort(byText), ...entry },
  );
}

const rank = ({ comes }: AssumerEntry): number => (comes === 'gained' ? 0 : 1);
const nameOf = ({ principals, outsider, path }: AssumerEntry): string =>
  `${principals ? `0 ${principals[0]!}` : `1 ${stableJson({ ...outsider })}`} ${path.at(-1)!}`;

/** How somebody comes to a role: by whom it is assumed, the last of them last. */
interface Way {
  readonly path: readonly Ref[];
  readonly by: Assumption['by'];
  readonly certain: boolean;
  readonly conditions: readonly Requirement[];
  /** What lets them in, to tell whether it is the same on both sides. */
  readonly said: string;
}
type Reached = ReadonlyMap<Ref, Way>;

/** What a role gives somebody. */
interface Given {
  readonly gives: readonly Gain<Origin>[];
  /** Of who comes to it; nobody has less by coming to it no longer. */
  readonly dangers: readonly NewDanger<Origin>[];
}

type Found = Omit<AssumerEntry, 'at' | 'gives' | 'dangers'> & Given;

type Part = Omit<Found, 'principals' | 'outsider'>;

/** One of those who come to the same roles, and all of them. */
type Alike = ReadonlyMap<Ref, readonly Ref[]>;

const sides = [0, 1] as const;
type Side = (typeof sides)[number];

class Finder {
  readonly #diff: AccessDiff;
  readonly #states: readonly [AccountState, AccountState];
  readonly #assumptions: readonly [Assumptions, Assumptions];
  readonly #given = new Map<string, Given>();
  readonly #access = new Map<string, Access<Origin>>();
  #groups: Alike | undefined;

  constructor({ live, desired, diff }: World) {
    this.#diff = diff;
    this.#states = [live, desired];
    this.#assumptions = [new Assumptions(live), new Assumptions(desired)];
  }

  all(): Found[] {
    if (this.#states.every(({ roles }) => roles.size === 0)) return [];
    const roles = this.#changedRoles();
    const moved = [...this.#diff.all()]
      .map(({ principal }) => principal)
      .filter((ref) => this.#mayTry(ref) && this.#isMoved(ref));
    if (roles.length + moved.length === 0) return [];
    const alike = this.#alike;
    const one = new Map([...alike].flatMap(([first, all]) => all.map((ref) => [ref, first] as const)));
    const movedOnes = new Set(moved.map((ref) => one.get(ref)!));
    const people = this.#upstream(new Set([...movedOnes, ...roles.flatMap((name) => this.#letInBy(name))]));
    const entered = new Set([
      ...roles,
      ...[...people].filter((ref) => this.#isRole(ref)).map((ref) => parseRef(ref).name),
    ]);
    return [
      ...[...people].flatMap((ref) =>
        this.#ofPrincipal(ref, movedOnes.has(ref)).map((found) => ({
          principals: alike.get(ref)!,
          ...found,
        })),
      ),
      ...this.#ofOutsiders(entered),
    ];
  }

  #mayTry(ref: Ref): boolean {
    return sides.some((side) => this.#isThere(ref, side) && this.#assumptions[side].mayTry(ref));
  }

  #isThere(ref: Ref, side: Side): boolean {
    return principalOf(this.#states[side], ref) !== undefined;
  }

  isShut(ref: Ref): boolean {
    const role = roleOf(this.#states[1], ref);
    if (!role || this.#assumptions[1].outsidersOf(role).length > 0) return false;
    return this.#into(role.name, 1).length === 0;
  }

  /** Users and roles who might assume roles: of those who come to the same ones, one and all of them. */
  get #alike(): Alike {
    this.#groups ??= this.#grouped();
    return this.#groups;
  }

  #grouped(): Alike {
    const isOfCallers = this.#states.some((state) =>
      [...state.roles.values()].some(({ trust }) => mayNameCaller(JSON.stringify(trust))),
    );
    const found = new Map<string, [Ref, ...Ref[]]>();
    for (const ref of new Set(this.#states.flatMap(principalsIn))) {
      if (!this.#mayTry(ref)) continue;
      const key = isOfCallers ? ref : this.#likeness(ref);
      const group = found.get(key);
      if (group) group.push(ref);
      else found.set(key, [ref]);
    }
    return new Map([...found.values()].map((all) => [all[0], all]));
  }

  /** The same for users who hold the same on both sides, of whom no trust and no policy on assuming roles speaks. */
  #likeness(ref: Ref): string {
    const isNamed = sides.some((side) => this.#assumptions[side].isNamed(ref));
    const said = sides.map((side) => saidOfAssuming(this.#accessOf(ref, side)));
    if (isNamed || this.#isRole(ref) || said.some(mayNameCaller)) return ref;
    const held = this.#diff
      .holdings(ref)
      .map(
        (holdings) =>
          holdings &&
          [...holdings.grants, { document: null }, ...(holdings.boundary ? [holdings.boundary] : [])].map(
            ({ document }) => (document ? numberOf(document) : 0),
          ),
      );
    return JSON.stringify(held);
  }

  #isRole(ref: Ref): boolean {
    return this.#states.some((state) => roleOf(state, ref) !== undefined);
  }

  /** By name: those that come or go, or whose trust says something else. */
  #changedRoles(): string[] {
    const [before, after] = this.#states;
    return [...new Set([...before.roles.keys(), ...after.roles.keys()])].filter((name) => {
      const [was, is] = [before.roles.get(name), after.roles.get(name)];
      return !was || !is || !sameTrust(was.trust, is.trust);
    });
  }

  /** Whether their own policies do not say the same of assuming roles on both sides. */
  #isMoved(ref: Ref): boolean {
    const [before, after] = sides.map((side) => saidOfAssuming(this.#accessOf(ref, side)));
    return before !== after;
  }

  #accessOf(ref: Ref, side: Side): Access<Origin> {
    const key = `${side} ${ref}`;
    const access = this.#access.get(key) ?? this.#diff.read(this.#diff.holdings(ref)[side] ?? nobody, ref);
    this.#access.set(key, access);
    return access;
  }

  /** Users and roles who may assume a role on one side otherwise than on the other. */
  #letInBy(name: string): Ref[] {
    const [before, after] = sides.map(
      (side) => new Map(this.#into(name, side).map((one) => [one.principal, saidBy(one)])),
    ) as [Map<Ref, string>, Map<Ref, string>];
    return [...new Set([...before.keys(), ...after.keys()])].filter(
      (ref) => before.get(ref) !== after.get(ref),
    );
  }

  #into(name: string, side: Side): Assumption[] {
    const role = this.#states[side].roles.get(name);
    if (!role) return [];
    return [...this.#alike.keys()].flatMap((ref) =>
      this.#isThere(ref, side) ? (this.#assumptions[side].between(ref, role) ?? []) : [],
    );
  }

  /** With all who may assume those of them that are roles. */
  #upstream(start: ReadonlySet<Ref>): ReadonlySet<Ref> {
    const all = new Set(start);
    for (const ref of all)
      if (this.#isRole(ref))
        for (const side of sides)
          for (const { principal } of this.#into(parseRef(ref).name, side)) all.add(principal);
    return all;
  }

  #ofPrincipal(principal: Ref, isMoved: boolean): Part[] {
    const there = sides.map((side) => this.#isThere(principal, side));
    if (!there[1]) return [];
    const [before, after] = sides.map((side): Reached =>
      there[side]
        ? new Map(this.#assumptions[side].waysOf(principal).map((way) => [way.at(-1)!.role, wayOf(way)]))
        : new Map(),
    ) as [Reached, Reached];
    // Of somebody new, what their own policies give is told by itself. To whom everything is allowed nothing is new.
    const own = there[0] ? sides : ([1, 1] as const);
    if (sides.some((side) => allowsEverything(this.#accessOf(principal, side)))) return [];
    return this.#differences(before, after, isMoved, (role, side) =>
      this.#gives(role, side, this.#accessOf(principal, own[side === 1 ? 0 : 1])),
    );
  }

  /** Who is no user or role of the account, by the roles that they may be let into otherwise. */
  #ofOutsiders(entered: ReadonlySet<string>): Found[] {
    const doors = this.#states.map((state, at) => {
      const found = new Map<string, { readonly outsider: OutsiderName; readonly ways: Way[] }>();
      for (const role of state.roles.values())
        for (const one of this.#assumptions[at]!.outsidersOf(role))
          for (const [outsider, way] of outsidersBy(one, role.trust)) {
            const key = stableJson({ ...outsider });
            const known = found.get(key) ?? { outsider, ways: [] };
            found.set(key, known);
            known.ways.push(way);
          }
      return found;
    });
    const keys = new Set(
      doors.flatMap((found) =>
        [...found].flatMap(([key, { ways }]) =>
          ways.some(({ path }) => entered.has(parseRef(path[0]!).name)) ? [key] : [],
        ),
      ),
    );
    return [...keys].flatMap((key) => {
      const [before, after] = doors.map((found, at) =>
        this.#reachedFrom(found.get(key)?.ways ?? [], this.#assumptions[at]!),
      ) as [Reached, Reached];
      const { outsider } = (doors[1]!.get(key) ?? doors[0]!.get(key))!;
      return this.#differences(before, after, false, (role, side) =>
        this.#gives(role, side, this.#diff.read(nobody, role)),
      ).map((one) => ({ outsider, ...one }));
    });
  }

  /** The roles that are let into, and those behind them, each by the shortest way. */
  #reachedFrom(doors: readonly Way[], assumptions: Assumptions): Reached {
    const ways = doors.flatMap((door) => [
      door,
      ...assumptions.waysOf(door.path[0]!).map((way) => joined(door, wayOf(way))),
    ]);
    const best = ways.sort((a, b) => a.path.length - b.path.length || Number(b.certain) - Number(a.certain));
    return new Map(best.reverse().map((way) => [way.path.at(-1)!, way]));
  }

  #differences(
    before: Reached,
    after: Reached,
    isMoved: boolean,
    givenBy: (role: Ref, side: Side) => Given,
  ): Part[] {
    const found = ([here, there, comes, side]: readonly [Reached, Reached, 'gained' | 'lost', Side]): Omit<
      Found,
      'principal' | 'outsider'
    >[] =>
      [...here].flatMap(([role, way]) => {
        const other = there.get(role);
        if (other && !this.#mayDiffer(way, other, comes, isMoved)) return [];
        const { path, by, certain, conditions } = way;
        // Nor to whom comes there through a role that may do everything.
        if (path.slice(0, -1).some((hop) => allowsEverything(this.#accessOf(hop, side)))) return [];
        const perhaps = other ? ({ perhaps: true } as const) : {};
        const { gives, dangers } = givenBy(role, side);
        return [
          {
            path,
            comes,
            by,
            certain,
            conditions,
            ...perhaps,
            gives,
            dangers: comes === 'gained' ? dangers : [],
          },
        ];
      });
    return [
      ...found([after, before, 'gained', 1]),
      // Of a role that goes nobody loses more than the role.
      ...found([before, after, 'lost', 0]),
    ];
  }

  /** Whether somebody who may perhaps assume a role on both sides may do so more often on one. */
  #mayDiffer(way: Way, other: Way, comes: 'gained' | 'lost', isMoved: boolean): boolean {
    if (other.certain || way.said === other.said) return false;
    if (isMoved || way.path.length > 1 || other.path.length > 1) return true;
    const { name } = parseRef(way.path[0]!);
    const [was, is] = this.#states.map((state) => state.roles.get(name)!.trust);
    const { effect } = compareTrust(was!, is!, this.#states[1]);
    return effect !== 'none' && effect !== (comes === 'gained' ? 'narrows' : 'widens');
  }

  /** What a role may do on a side, and somebody may not surely do on the other by themselves. */
  #gives(role: Ref, side: Side, own: Access<Origin>): Given {
    const is = this.#accessOf(role, side);
    const numbers = [own.allows, own.denies, own.bounds ?? []].map((list) =>
      list.map(({ box }) => numberOf(box)).join(),
    );
    const key = [role, side, own.bounds !== null, ...numbers].join(' ');
    const known = this.#given.get(key);
    if (known) return known;
    const gives = more(own, is);
    const given = { gives, dangers: newDangers(own, is, gives) };
    this.#given.set(key, given);
    return given;
  }
}

const saidBy = ({ by, certain, trust, denies, allows }: Assumption): string =>
  stableJson([
    by,
    certain,
    trust.map(({ source }) => source),
    denies,
    allows.map(({ allow }) => allow.source),
  ]);

const wayOf = (steps: readonly Assumption[]): Way => ({
  path: steps.map(({ role }) => role),
  by: steps[0]!.by,
  certain: isCertain(steps),
  conditions: steps.flatMap(({ trust, allows }) => [
    ...trust.flatMap(({ conditions }) => conditions),
    ...allows.slice(0, 1).flatMap(({ allow }) => allow.conditions),
  ]),
  said: steps.map(saidBy).join(),
});

const joined = (door: Way, on: Way): Way => ({
  path: [...door.path, ...on.path],
  by: door.by,
  certain: door.certain && on.certain,
  conditions: [...door.conditions, ...on.conditions],
  said: `${door.said},${on.said}`,
});

/** Whom a trust names of others, each subject of an identity provider by itself, and what it asks of them besides. */
function outsidersBy(one: Outsider, trust: PolicyDocument): (readonly [OutsiderName, Way])[] {
  const name = outsiderOf(one);
  const way = { path: [one.role], by: 'name', certain: one.certain } as const;
  const said = (of: Outsider['trust']): string => stableJson([one.denies, of.map(({ source }) => source)]);
  const whole = (of: Outsider['trust']): readonly [OutsiderName, Way] => [
    name,
    { ...way, conditions: of.flatMap(({ conditions }) => conditions), said: said(of) },
  ];
  if (one.trust.length === 0 || name.type !== 'oidc') return [whole(one.trust)];
  return one.trust.flatMap((statement) => {
    const { conditions } = statement;
    const named = conditions.filter(({ operator, key }) => subjectTests.has(operator) && isSubjectKey(key));
    const [subjects] = named;
    if (named.length !== 1 || !subjects?.values) return [whole([statement])];
    const rest = conditions.filter((condition) => condition !== subjects);
    // Who it is is known: it is they whom it names.
    const certain = one.certain || (rest.length === 0 && !mayDeny(trust));
    const said = stableJson([one.denies, ...rest]);
    return subjects.values.map(
      (subject) =>
        [
          { ...name, subject },
          { ...way, certain, conditions: rest, said },
        ] as const,
    );
  });
}
const subjectTests: ReadonlySet<string> = new Set(['StringEquals', 'StringLike']);

/**
 * What somebody may do as a role and not surely by themselves. What their own policies say under conditions or with
 * variables may hold of them and not of the role, or the other way round.
 */
function more(own: Access<Origin>, role: Access<Origin>): readonly Gain<Origin>[] {
  const perhaps: Box[] = [];
  const sure = (pieces: readonly Piece<Origin>[]): Piece<Origin>[] =>
    pieces.filter(({ box }) => isSure(box) || (perhaps.push(box), false));
  const denies = own.denies.map((piece) => (isSure(piece.box) ? piece : always(piece)));
  const before = { ...own, allows: sure(own.allows), bounds: own.bounds && sure(own.bounds), denies };
  const unsure = new Set(
    denies.filter((piece) => !own.denies.includes(piece)).map(({ statement }) => statement),
  );
  return gains(before, role).map((gain): Gain<Origin> => {
    const isDoubtful =
      (gain.deny && unsure.has(gain.deny)) || perhaps.some((box) => cut(gain.region, box) !== null);
    return gain.doubt === null && isDoubtful ? { ...gain, doubt: 'condition' } : gain;
  });
}

const isSure = ({ actions, resources, conditions, variables, opaque }: Box): boolean =>
  conditions.length + variables.size + opaque.size === 0 &&
  [actions, resources].every(({ patterns }) => patterns.every(({ hasVariable }) => !hasVariable));

/** As if it applied at any time; it is not the same as what the role may have, which is of the role. */
const always = (piece: Piece<Origin>): Piece<Origin> => ({
  ...piece,
  statement: { ...piece.statement, key: `own ${piece.statement.key}` },
  box: { ...piece.box, conditions: [], variables: new Set(), opaque: new Set() },
});
