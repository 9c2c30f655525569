/** Who gains and who loses by a plan, as data. */
import { tellGains } from '../access/describe.ts';
import type { Gain } from '../access/compare.ts';
import type { Origin } from '../access/principals.ts';
import { numberOf } from '../access/remember.ts';
import { byText } from '../core/json.ts';
import type { Ref } from '../core/references.ts';
import { earliest } from '../kinds/until.ts';
import type { Until } from '../kinds/until.ts';
import type { AccessEntry, AccessPiece } from '../kinds/plan.ts';
import type { AccessChange } from './effects.ts';

/**
 * Everybody whose access changes, who gains first, then by name.
 *
 * @param place of a part of the manifests.
 * @param isShut whether it is a role that nobody may assume.
 */
export const accessTable = (
  changes: Iterable<AccessChange>,
  place: (ref: Ref) => string | undefined,
  until: Until,
  isShut: (ref: Ref) => boolean,
): AccessEntry[] => {
  const once = sharing();
  return [...changes]
    .filter(({ gained, lost, leaves }) => leaves || gained.length + lost.length > 0)
    .map(({ principal, comes, leaves, gained, lost, dangers }): AccessEntry => ({
      principal,
      ...(comes ? { comes } : {}),
      ...(leaves ? { leaves } : {}),
      ...(gained.length > 0 && isShut(principal) ? { unreachable: true } : {}),
      gained: pieces(gained, place, until).map(once),
      lost: pieces(lost, place, () => undefined).map(once),
      ...(dangers.length > 0
        ? { dangers: dangers.map(({ danger: { code }, certain }) => ({ code, certain })) }
        : {}),
    }))
    .sort((a, b) => rank(a) - rank(b) || byText(a.principal, b.principal));
};

/** Thousands may gain the same, through the same group: it is kept once. */
function sharing(): (piece: AccessPiece) => AccessPiece {
  const known = new Map<string, AccessPiece>();
  return (piece) => {
    const key = JSON.stringify([numberOf(piece.grant), piece.by, piece.lifted, piece.certain]);
    const found = known.get(key) ?? piece;
    known.set(key, found);
    return found;
  };
}

const rank = ({ gained }: AccessEntry): number => (gained.length > 0 ? 0 : 1);

export const pieces = (
  gains: readonly Gain<Origin>[],
  place: (ref: Ref) => string | undefined,
  until: Until,
): AccessPiece[] =>
  tellGains(gains).map(({ brief, gains: group }): AccessPiece => {
    const [{ by, lifted }] = group;
    return {
      grant: brief,
      by: policyOf(by.origin, place, until),
      ...(lifted ? { lifted: policyOf(lifted, place, () => undefined) } : {}),
      ...doubtOf(group),
    };
  });

/** Why nothing of them is certain, where that is so. */
function doubtOf(gains: readonly Gain<Origin>[]): Pick<AccessPiece, 'certain' | 'doubt'> {
  const [{ doubt }] = gains as [Gain<Origin>];
  return doubt === null || gains.some((gain) => gain.doubt === null)
    ? { certain: true }
    : { certain: false, doubt };
}

function policyOf(origin: Origin, place: (ref: Ref) => string | undefined, until: Until): AccessPiece['by'] {
  const { policy, via, as, refs, through } = origin;
  const at = [...refs, ...through].map(place).find((found) => found !== undefined);
  const end = earliest([...refs, ...through].map(until));
  return {
    ...policy,
    ...(via === undefined ? {} : { via }),
    ...(as ? { as } : {}),
    ...(at ? { at } : {}),
    ...(end ? { until: end } : {}),
  };
}
