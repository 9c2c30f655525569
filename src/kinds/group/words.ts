import type { PolicyDanger } from '../../access/dangers.ts';
import { policyDangerWords } from '../danger-words.ts';
import { fill } from '../change.ts';
import type { Changes, Detail, Words } from '../change.ts';
import type { AttachmentFact, InlinePolicyFact, MembershipFact, NameFact, PathFact } from '../facts.ts';
import {
  factLine,
  factText as sharedFactText,
  leftText,
  policyElement,
  reasonTexts,
  signed,
  sharedSummary,
  untilText,
} from '../words.ts';
import type { SharedReason } from '../words.ts';

interface GroupFacts {
  object: PathFact | MembershipFact | InlinePolicyFact | AttachmentFact;
  name: NameFact;
  path: PathFact;
  members: MembershipFact;
  policies: InlinePolicyFact;
  attach: AttachmentFact;
}
export type GroupChange = Changes<'group', GroupFacts, SharedReason, PolicyDanger>;

const factText = (fact: GroupFacts[keyof GroupFacts]): string =>
  fact.fact === 'membership' ? `member ${fact.user}${untilText(fact.until)}` : sharedFactText(fact);

/** More members than that have a line each besides. */
const inOneLine = 8;

const howToDelete = 'no plan lists it once they leave it, it is declared, or ignore.groups names it';

export const groupWords: Words<GroupChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return change.left ? `not deleted, ${leftText(change.left)}` : change.action;
      case 'members':
        return `members ${signed(change.facts, ({ user }) => user)}`;
      default:
        return sharedSummary(change);
    }
  },
  details: ({ aspect, facts, left }): Detail[] =>
    left
      ? [{ sign: ' ', text: howToDelete }]
      : aspect === 'object' || (aspect === 'members' && facts.length > inOneLine)
        ? facts.map((fact) => factLine(fact, factText))
        : [],
  fact: factText,
  element: (fact) =>
    fact.fact === 'membership'
      ? [`${fact.user}${untilText(fact.until)}`, 'whom no file puts there']
      : policyElement(fact),
  reason: (one) => fill(reasonTexts, one),
  danger: policyDangerWords,
};
