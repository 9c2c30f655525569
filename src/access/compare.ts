/**
 * What somebody may do after a change that they could not before: the difference of two effective accesses.
 *
 * Source of the rule: IAM User Guide, "Policy evaluation logic": what some Allow of the identity's policies takes, and
 * the permissions boundary takes too, and no Deny of either takes.
 */
import type { PolicyDocument } from '../core/state.ts';
import { GlobReader, readStatements, type Statement } from '../policy/statement.ts';
import { numberOf, remember } from './remember.ts';
import {
  boxOf,
  doubtOf,
  intersect,
  notLookedAt,
  regionOf,
  subtract,
  type Box,
  type Doubt,
  type Region,
} from './regions.ts';

/** A policy with where it comes from. */
export interface Source<Origin> {
  readonly document: PolicyDocument;
  readonly origin: Origin;
}

/** Everything that decides what somebody may do. */
export interface Holdings<Origin> {
  readonly grants: readonly Source<Origin>[];
  readonly boundary: Source<Origin> | null;
}

/** A statement and the policy that it stands in. */
export interface Piece<Origin> {
  readonly statement: Statement;
  readonly box: Box;
  readonly origin: Origin;
}

/** What a gain is left of: the region, and the statements that take something of it. */
interface Whole {
  readonly region: Region;
  readonly less: readonly Statement[];
}

/** Why something is allowed now: another Allow, a Deny that went, or a boundary that takes more. */
export interface Gain<Origin> {
  /** The Allow that gives it. */
  readonly by: Piece<Origin>;
  /** The policy with a Deny, or the boundary, that kept it out before. */
  readonly lifted?: Origin;
  /** The Deny that kept it out. */
  readonly deny?: Statement;
  /** The Allow of the boundary that it lies in. */
  readonly within?: Statement;
  /** Another gain is all that the Allow gives, and this a part of it. */
  readonly isPart?: true;
  /** The policies whose coming, going or change it comes from. */
  readonly causes: readonly Origin[];
  readonly region: Region;
  readonly from: Whole;
  /** Null: something is certainly gained. Else why only that it is not was not proved. */
  readonly doubt: Doubt | null;
}

/** All that somebody may do, read. */
export interface Access<Origin> {
  readonly allows: readonly Piece<Origin>[];
  readonly denies: readonly Piece<Origin>[];
  /** Allows of the boundary; null: there is none. */
  readonly bounds: readonly Piece<Origin>[] | null;
  readonly boundary: Origin | null;
}

/** Reads holdings; a document is read once, and what the same statements of several say is one. */
export class Reader<Origin> {
  readonly #globs = new GlobReader();
  readonly #statements = new WeakMap<PolicyDocument, readonly Statement[]>();
  readonly #meanings = new Map<string, number>();
  readonly #boxes = new Map<string, Box | null>();
  readonly #known: ReadonlySet<string>;

  /** @param known policy variables that always have a value, in lower case. */
  constructor(known: ReadonlySet<string>) {
    this.#known = known;
  }

  #read(document: PolicyDocument): readonly Statement[] {
    const found = this.#statements.get(document) ?? readStatements(document, this.#globs);
    this.#statements.set(document, found);
    return found;
  }

  /** A number, the same for documents of the same statements. */
  meaningOf(document: PolicyDocument): number {
    const statements = this.#read(document);
    return remember(meanings, statements, null, () => {
      const keys = JSON.stringify(statements.map(({ key }) => key));
      const number = this.#meanings.get(keys) ?? this.#meanings.size;
      this.#meanings.set(keys, number);
      return number;
    });
  }

  #pieces({ document, origin }: Source<Origin>, effect: 'Allow' | 'Deny'): Piece<Origin>[] {
    return this.#read(document).flatMap((statement): Piece<Origin>[] => {
      if (statement.effect !== effect && statement.effect !== null) return [];
      const box = this.#box(statement);
      return box ? [{ statement, box, origin }] : [];
    });
  }

  #box(statement: Statement): Box | null {
    const known = this.#boxes.get(statement.key);
    if (known !== undefined) return known;
    const box = boxOf(statement, this.#known);
    this.#boxes.set(statement.key, box);
    return box;
  }

  read({ grants, boundary }: Holdings<Origin>): Access<Origin> {
    const all = boundary ? [...grants, boundary] : grants;
    return {
      allows: grants.flatMap((source) => this.#pieces(source, 'Allow')),
      denies: all.flatMap((source) => this.#pieces(source, 'Deny')),
      bounds: boundary && this.#pieces(boundary, 'Allow'),
      boundary: boundary && boundary.origin,
    };
  }
}

/** What a document by itself lets a user do who holds it. */
export const accessBy = (document: PolicyDocument): Access<null> =>
  new Reader<null>(new Set(['aws:username'])).read({ grants: [{ document, origin: null }], boundary: null });

const meanings = new WeakMap<readonly Statement[], Map<null, number>>();

const boxes = (pieces: readonly Piece<unknown>[]): Box[] => pieces.map(({ box }) => box);
const keysOf = (pieces: readonly Piece<unknown>[]): Set<string> =>
  new Set(pieces.map(({ statement }) => statement.key));

/** All that `after` allows and `before` does not, or is not proved to. Swapped, it is what is lost. */
export function gains<Origin>(before: Access<Origin>, after: Access<Origin>): Gain<Origin>[] {
  const had = keysOf(before.allows);
  const denied = keysOf(after.denies);
  const lifted = before.denies.filter(({ statement }) => !denied.has(statement.key));
  const bounds = before.bounds && keysOf(before.bounds);
  const found: Gain<Origin>[] = [];
  for (const by of after.allows) {
    const add = (
      left: readonly Left[],
      causes: readonly Origin[],
      why: Pick<Gain<Origin>, 'lifted' | 'deny' | 'within' | 'isPart'> = {},
    ): void => {
      for (const one of left) found.push({ by, ...one, causes, ...why });
    };
    const isNew = !had.has(by.statement.key);
    const allowed = whole(by.box);
    for (const bound of after.bounds ?? [null]) {
      const region = bound ? cut(allowed, bound.box) : allowed;
      if (!region) continue;
      const within = bound ? { within: bound.statement } : {};
      const granted = isNew ? remainder(region, before.allows, after.denies) : [];
      add(granted, [by.origin], within);
      const isPart = granted[0]?.region === region ? ({ isPart: true } as const) : {};
      const causes = (lifted: Origin): Origin[] => (granted.length > 0 ? [by.origin, lifted] : [lifted]);
      for (const { box, origin, statement } of lifted) {
        const masked = cut(region, box);
        if (masked)
          add(remainder(masked, [], after.denies), causes(origin), {
            lifted: origin,
            deny: statement,
            ...within,
            ...isPart,
          });
      }
      if (before.bounds && bounds && !(bound && bounds.has(bound.statement.key))) {
        const { boundary } = before as { boundary: Origin };
        add(remainder(region, before.bounds, after.denies), causes(boundary), {
          lifted: boundary,
          ...within,
          ...isPart,
        });
      }
    }
  }
  return found;
}

type Left = Pick<Gain<unknown>, 'region' | 'from' | 'doubt'>;

/** What neither is denied nor lies within the others; all of it where that cannot be said. */
export function remainder(
  region: Region,
  allows: readonly Piece<unknown>[],
  denies: readonly Piece<unknown>[],
): readonly Left[] {
  const by = [...denies, ...allows];
  const numbers = by.map(({ box }) => numberOf(box)).join();
  return remember(remainders, region, numbers, () => {
    const left = subtract(region, boxes(by)) ?? [{ ...region, unless: [...region.unless, notLookedAt] }];
    const takes = left.length > 0 ? by.filter(({ box }) => cut(region, box)) : [];
    const from = { region, less: takes.map(({ statement }) => statement) };
    return left.map((piece) => ({ region: piece, from, doubt: doubtOf(piece) }));
  });
}

const wholes = new WeakMap<Box, Map<null, Region>>();
const cuts = new WeakMap<Region, Map<number, Region | null>>();
const remainders = new WeakMap<Region, Map<string, readonly Left[]>>();

/** All that a statement says. */
export const whole = (box: Box): Region => remember(wholes, box, null, () => regionOf(box));
/** What of it lies within a statement, too. */
export const cut = (region: Region, box: Box): Region | null =>
  remember(cuts, region, numberOf(box), () => intersect(region, box));
