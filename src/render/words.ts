/** Where changes and rules get their words. */
import type { DangerWords } from '../kinds/change.ts';
import type {
  AccessPiece,
  Change,
  DriftImpact,
  Plan,
  WordedChange,
  WordedPiece,
  WordedPlan,
} from '../kinds/plan.ts';
import { plain } from '../core/marked.ts';
import { grantText } from '../policy/index.ts';
import { aboutDetails } from './about.ts';
import { notLookedAt, sentencesOf, wordsOf } from './kind-words.ts';
import { lookedNotes } from './looked.ts';
import { summary } from './sections.ts';
import { wordedRule } from './rules.ts';

/** A plan with what it says in words. */
export function withWords<P extends Plan>(
  plan: P,
): Omit<P, 'access' | 'assumers' | 'changes' | 'rules'> & WordedPlan {
  // Many people share a piece, which is told once.
  const told = new Map<AccessPiece, WordedPiece>();
  const once = (piece: AccessPiece): WordedPiece => {
    const found = told.get(piece) ?? wordedPiece(piece);
    told.set(piece, found);
    return found;
  };
  const worded = {
    ...plan,
    access: plan.access.map(({ gained, lost, ...entry }) => ({
      ...entry,
      gained: gained.map(once),
      lost: lost.map(once),
    })),
    assumers: plan.assumers.map(({ gives, ...entry }) => ({ ...entry, gives: gives.map(once) })),
    changes: plan.changes.map(wordedChange),
    rules: plan.rules.map(wordedRule),
  };
  return { ...worded, notes: [...plan.notes, ...lookedNotes(plan.looked)], summary: summary(worded) };
}

/** What AWS's policy says is not known where nobody looked at it, nor whether it is new. */
const wordedPiece = (piece: AccessPiece): WordedPiece => ({
  ...piece,
  text: 'awsDefined' in piece.grant ? plain(notLookedAt(piece.grant.awsDefined)) : grantText(piece.grant),
});

function wordedChange(change: Change): WordedChange {
  const words = wordsOf(change);
  return {
    ...change,
    summary: words.summary(change),
    ...impactWords(change, change),
    details: [
      ...words.details(change),
      ...aboutDetails(change.about, change.facts, (fact) => words.fact(fact)),
    ],
  } as WordedChange;
}

type ImpactWords = Pick<WordedChange, 'reason'> & {
  readonly dangers?: readonly (NonNullable<DriftImpact['dangers']>[number] & DangerWords)[];
};

/** Why a change, or drift that it would mend, does what it does to access, and what it brings. */
export function impactWords(change: Change, impact: DriftImpact): ImpactWords {
  const { dangers } = impact;
  const words = wordsOf(change);
  return {
    reason: sentencesOf(change, impact).map(plain).join('; '),
    ...(dangers
      ? {
          dangers: dangers.map((danger) => {
            const { label, text } = words.danger(danger, change);
            return { ...danger, label, text: plain(text) };
          }),
        }
      : {}),
  };
}
