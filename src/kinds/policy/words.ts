import { limits } from '../../core/limits.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { listSome } from '../../core/text.ts';
import type { PolicyDanger } from '../../access/dangers.ts';
import { policyDangerWords } from '../danger-words.ts';
import { fill } from '../change.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';
import type { PathFact, TagFact } from '../facts.ts';
import { factLine, factText as sharedFactText, reasonTexts, sharedSummary } from '../words.ts';

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
}

interface PolicyFacts {
  object: PathFact | DescriptionFact | TagFact | DocumentFact;
  /** It is deleted, and made again at another path. */
  path: PathFact | DocumentFact;
  tags: TagFact;
  document: DocumentFact | VersionFact;
}

/** Who holds a policy, and as what. */
export interface HeldBy {
  readonly kind: 'user' | 'group' | 'role';
  readonly name: string;
  readonly as: 'attachment' | 'boundary';
}

export const heldText = ({ kind, name, as }: HeldBy): string =>
  `${kind} ${name}${as === 'boundary' ? ' (as boundary)' : ''}`;

const reasons = {
  ...reasonTexts,
  'not-held': () => 'nothing holds it',
  'not-held-yet': () => 'a policy grants nothing until something holds it',
  'told-by-holders': () => 'what its holders lose is told by their own changes',
  'held-by': ({ by }: { by: readonly HeldBy[] }) => `held by ${listSome(by.map(heldText), 3)}`,
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
      return `version ${fact.id} (the oldest goes: IAM keeps ${limits.policyVersions})`;
    default:
      return sharedFactText(fact);
  }
}

export const policyWords: Words<PolicyChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return change.action;
      case 'path': {
        const facts = change.facts.filter((fact) => fact.fact === 'path');
        return `${sharedSummary({ aspect: 'path', facts })} (deleted and re-created: IAM cannot move a policy)`;
      }
      case 'document':
        return 'document';
      default:
        return sharedSummary(change);
    }
  },
  details: ({ aspect, facts }) =>
    aspect === 'path'
      ? []
      : facts.filter(({ fact }) => fact !== 'document').map((fact) => factLine(fact, factText)),
  fact: factText,
  reason: (one) => fill(reasons, one),
  danger: policyDangerWords,
};
