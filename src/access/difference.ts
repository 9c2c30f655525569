/** What somebody gains and loses, found out once for all who hold the same: whose it is says only where each piece is from. */
import type { PolicyDocument } from '../core/state.ts';
import { newDangers, type AssumableRole, type NewDanger } from './dangers.ts';
import { gains, Reader, type Gain, type Holdings, type Source } from './compare.ts';

interface Difference<Origin> {
  readonly gained: readonly Gain<Origin>[];
  readonly lost: readonly Gain<Origin>[];
  readonly dangers: readonly NewDanger<Origin>[];
}

export class Differences {
  readonly #reader: Reader<number>;
  readonly #found = new Map<string, Difference<number>>();

  readonly #roles: () => readonly AssumableRole[];

  /**
   * @param known policy variables that always have a value, in lower case.
   * @param roles those who are administrators; to become one is a danger.
   */
  constructor(known: ReadonlySet<string>, roles: () => readonly AssumableRole[]) {
    this.#reader = new Reader(known);
    this.#roles = roles;
  }

  /** How many comparisons it took so far. */
  get made(): number {
    return this.#found.size;
  }

  between<Origin>(before: Holdings<Origin>, after: Holdings<Origin>): Difference<Origin> {
    const origins: Origin[] = [];
    const [was, is] = [numbered(before, origins), numbered(after, origins)];
    const key = `${this.#meaning(was)} ${this.#meaning(is)}`;
    let found = this.#found.get(key);
    if (!found) {
      const sides = [this.#reader.read(was), this.#reader.read(is)] as const;
      const gained = gains(...sides);
      found = {
        gained,
        lost: gains(sides[1], sides[0]),
        dangers: newDangers(...sides, gained, this.#roles),
      };
      this.#found.set(key, found);
    }
    const gained = bound(found.gained, origins);
    const own = new Map(found.gained.map((gain, at) => [gain, gained[at]!]));
    return {
      gained,
      lost: bound(found.lost, origins),
      dangers: found.dangers.map(({ by, ...danger }) => ({
        ...danger,
        by: by.map((gain) => own.get(gain)!),
      })),
    };
  }

  #meaning({ grants, boundary }: Holdings<number>): string {
    const meaning = ({ document }: { readonly document: PolicyDocument }): number =>
      this.#reader.meaningOf(document);
    return `${grants.map(meaning).join()}${boundary ? `/${meaning(boundary)}` : ''}`;
  }
}

/** The same with the place of each origin in the list for the origin. */
function numbered<Origin>({ grants, boundary }: Holdings<Origin>, origins: Origin[]): Holdings<number> {
  const number = ({ document, origin }: Source<Origin>): Source<number> => ({
    document,
    origin: origins.push(origin) - 1,
  });
  return { grants: grants.map(number), boundary: boundary && number(boundary) };
}

/** What was found out with numbers for origins, of somebody. */
function bound<Origin>(found: readonly Gain<number>[], origins: readonly Origin[]): Gain<Origin>[] {
  const pieces = new Map<Gain<number>['by'], Gain<Origin>['by']>();
  return found.map(({ by, lifted, causes, ...gain }) => {
    const piece = pieces.get(by) ?? { ...by, origin: origins[by.origin]! };
    pieces.set(by, piece);
    return {
      ...gain,
      by: piece,
      ...(lifted === undefined ? {} : { lifted: origins[lifted]! }),
      causes: causes.map((cause) => origins[cause]!),
    };
  });
}
