/** Who gains and who loses, as lines. Whoever gains and loses the same stands in one. */
import { kinds } from '../kinds/index.ts';
import type { AccessEntry, WordedPiece, WordedPlan } from '../kinds/plan.ts';
import { doubtText, gainedBy, originText } from '../kinds/words.ts';
import { notLookedAt } from './kind-words.ts';
import { parseRef } from '../core/references.ts';
import { mark } from '../core/marked.ts';
import { markedGrant } from '../policy/index.ts';
import { listSome } from '../core/text.ts';

export const accessTitle = 'Who gains, who loses';

/** Names in it are marked. */
export interface AccessLine {
  readonly sign: '+' | '-';
  /** `user ben`, `users ben, carl and 40 more`. */
  readonly who: string;
  readonly what: string;
  /** Through what, and where the files say so. */
  readonly through: string;
}

/** How many names a line has. */
const most = 8;

export function accessLines({ access }: Pick<WordedPlan, 'access'>): AccessLine[] {
  const groups = new Map<string, { readonly line: Omit<AccessLine, 'who'>; readonly refs: string[] }>();
  const add = (entry: AccessEntry<WordedPiece>, line: Omit<AccessLine, 'who'>): void => {
    const { kind } = parseRef(entry.principal);
    const key = JSON.stringify([kind, line]);
    const group = groups.get(key) ?? { line, refs: [] };
    group.refs.push(entry.principal);
    groups.set(key, group);
  };
  for (const entry of access) for (const one of entry.gained) add(entry, gainLine(one));
  for (const entry of access) {
    if (entry.leaves) add(entry, { sign: '-', what: 'everything', through: leavesText(entry.principal) });
    for (const one of entry.lost) add(entry, lossLine(one));
  }
  return [...groups.values()].map(({ line, refs }) => ({ ...line, who: whoText(refs) }));
}

const leavesText = (principal: string): string =>
  kinds.find(({ name }) => name === parseRef(principal).kind)?.words.leaves ?? 'removed';

function whoText(refs: readonly string[]): string {
  const { kind } = parseRef(refs[0]!);
  return `${kind}${refs.length > 1 ? 's' : ''} ${listSome(
    refs.map((ref) => mark(parseRef(ref).name)),
    most,
  )}`;
}

/** What was not looked at says so itself. */
function unproved({ grant, doubt }: WordedPiece): string {
  if ('awsDefined' in grant) return notLookedAt(grant.awsDefined);
  const text = markedGrant(grant);
  return doubt === undefined ? text : `${text} (perhaps: ${doubtText(doubt)})`;
}

const gainLine = (piece: WordedPiece): Omit<AccessLine, 'who'> => ({
  sign: '+',
  what: unproved(piece),
  through: gainedBy(piece),
});

function lossLine(piece: WordedPiece): Omit<AccessLine, 'who'> {
  const { by, lifted } = piece;
  const because = lifted ? `, now kept out by ${originText(lifted)}` : '';
  return { sign: '-', what: unproved(piece), through: `of ${originText(by)}${because}` };
}
