import type { PolicyDanger } from '../../access/dangers.ts';
import { mark } from '../../core/marked.ts';
import { fill } from '../change.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';
import { policyDangerWords } from '../danger-words.ts';
import type { PathFact, TagFact } from '../facts.ts';
import {
  factLine,
  factText as sharedFactText,
  reasonTexts as sharedTexts,
  sharedSummary,
  objectSummary,
} from '../words.ts';

/** Names of roles. */
export interface ProfileRoleFact {
  readonly fact: 'profile-role';
  readonly before: string | null;
  readonly after: string | null;
}

interface ProfileFacts {
  object: PathFact | ProfileRoleFact | TagFact;
  role: ProfileRoleFact;
  tags: TagFact;
}

const reasonTexts = {
  ...sharedTexts,
  pipeline: () => 'rollcall runs with its role: no plan hands that to instances',
  'not-launched': () => 'no instance has it yet',
  'has-no-role': () => 'it has no role',
  'instances-lose': ({ role }: { role: string | null }) =>
    role === null
      ? 'it has no role: instances that have it got nothing by it'
      : `instances that have it lose the role ${mark(role)} at once; IAM does not tell which these are`,
  'instances-get': ({ role }: { role: string }) => `instances that have it get the role ${mark(role)}`,
  /** Of the role that instances get, and of the one that they had. */
  bounded: () => 'a permissions boundary limits one of the roles',
};
type ProfileReason = FromTemplates<typeof reasonTexts>;
export type ProfileChange = Changes<'instance-profile', ProfileFacts, ProfileReason, PolicyDanger>;

const factText = (fact: ProfileFacts[keyof ProfileFacts]): string =>
  fact.fact === 'profile-role' ? `role ${fact.after ?? fact.before}` : sharedFactText(fact);

export const profileWords: Words<ProfileChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return objectSummary(change);
      case 'role': {
        const [{ before, after }] = change.facts as readonly [ProfileRoleFact];
        return `role ${before ?? 'none'} → ${after ?? 'none'}`;
      }
      default:
        return sharedSummary(change);
    }
  },
  details: ({ aspect, facts }) => (aspect === 'object' ? facts.map((fact) => factLine(fact, factText)) : []),
  fact: factText,
  reason: (one) => fill(reasonTexts, one),
  danger: policyDangerWords,
};
