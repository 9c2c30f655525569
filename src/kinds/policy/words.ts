import { limits } from '../../core/limits.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { listSome } from '../../core/text.ts';
import type { PolicyDanger } from '../../access/dangers.ts';
import { policyDangerWords } from '../danger-words.ts';
import { fill } from '../change.ts';
import type { Holder } from '../change-schema.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';
import type { PathFact, TagFact } from '../facts.ts';
import {
  factLine,
  factText as sharedFactText,
  markedHolder,
  leftText,
  reasonTexts,
  sharedSummary,
} from '../words.ts';

export interface DocumentFact {
  readonly fact: 'document';
  readonly before: PolicyDocument | null;
  readonly after: PolicyDocument | null;
}
interface DescriptionFact {
  readonly fact: 'description';
  readonly before: string | null;
  readonly after: string | null;
}
interface VersionFact {
  readonly fact: 'version';
  readonly id: string;
  readonly before: boolean;
  readonly after: boolean;
  /** It makes room for the document in between. */
  readonly ifSplit?: true;
}
/** Another version comes into force: it says already what is wanted. */
interface DefaultVersionFact {
  readonly fact: 'default-version';
  readonly before: string;
  readonly after: string;
}

interface PolicyFacts {
  object: PathFact | DescriptionFact | TagFact | DocumentFact;
  /** It is deleted, and made again at another path. */
  path: PathFact | DocumentFact;
  tags: TagFact;
  document: DocumentFact | VersionFact | DefaultVersionFact;
}

const reasons = {
  ...reasonTexts,
  'not-held': () => 'nothing holds it',
  'not-held-yet': () => 'a policy grants nothing until something holds it',
  'told-by-holders': () => 'what its holders lose is told by their own changes',
  'held-by': ({ by }: { by: readonly Holder[] }) => `held by ${listSome(by.map(markedHolder), 3)}`,
};
type PolicyReason = FromTemplates<typeof reasons>;
export type PolicyChange = Changes<'policy', PolicyFacts, PolicyReason, PolicyDanger>;

function factText(fact: PolicyFacts[keyof PolicyFacts]): string {
  switch (fact.fact) {
    case 'document':
      return 'document';
    case 'description':
      return `description ${fact.after ?? fact.before}`;
    case 'version':
      return `version ${fact.id} (${fact.ifSplit ? 'goes as well: what both documents grant takes a version in between' : 'the oldest goes'}: IAM keeps ${limits.policyVersions})`;
    case 'default-version':
      return `version ${fact.after} instead of ${fact.before}: it says already what the files say`;
    default:
      return sharedFactText(fact);
  }
}

const howToDelete = 'no plan lists it once they let go of it, it is declared, or ignore.policies names it';
const howToMove =
  'IAM cannot move a policy that somebody holds: plan again once they let go of it, declare the path that it has, or declare a policy of another name';

export const policyWords: Words<PolicyChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return change.left ? `not deleted, ${leftText(change.left)}` : change.action;
      case 'path': {
        const facts = change.facts.filter((fact) => fact.fact === 'path');
        const path = sharedSummary({ aspect: 'path', facts });
        return change.left
          ? `${path}, ${leftText(change.left)}`
          : `${path} (deleted and re-created: IAM cannot move a policy)`;
      }
      case 'document':
        return 'document';
      default:
        return sharedSummary(change);
    }
  },
  details({ aspect, facts, left }) {
    if (left) return [{ sign: ' ', text: aspect === 'path' ? howToMove : howToDelete }];
    if (aspect === 'path') return [];
    return facts.filter(({ fact }) => fact !== 'document').map((fact) => factLine(fact, factText));
  },
  fact: factText,
  reason: (one) => fill(reasons, one),
  danger: policyDangerWords,
};
