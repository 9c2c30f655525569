import { fill } from '../change.ts';
import type { Changes, Words } from '../change.ts';
import { comes, signOf } from '../facts.ts';
import type { TagFact } from '../facts.ts';
import { providerReasonTexts } from '../providers.ts';
import type { ProviderReason } from '../providers.ts';
import { factLine, factText as sharedFactText, sharedSummary, signed, objectSummary } from '../words.ts';

export interface AudienceFact {
  readonly fact: 'audience';
  readonly audience: string;
  readonly before: boolean;
  readonly after: boolean;
}
export interface ThumbprintFact {
  readonly fact: 'thumbprint';
  readonly thumbprint: string;
  readonly before: boolean;
  readonly after: boolean;
}

interface OidcFacts {
  object: AudienceFact | ThumbprintFact | TagFact;
  audiences: AudienceFact;
  thumbprints: ThumbprintFact;
  tags: TagFact;
}
export type OidcChange = Changes<'oidc-provider', OidcFacts, ProviderReason, never>;

function factText(fact: OidcFacts[keyof OidcFacts]): string {
  switch (fact.fact) {
    case 'audience':
      return `audience ${fact.audience}`;
    case 'thumbprint':
      return `thumbprint ${fact.thumbprint}`;
    default:
      return sharedFactText(fact);
  }
}

export const oidcWords: Words<OidcChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return objectSummary(change);
      case 'audiences':
        return `audiences ${signed(change.facts, ({ audience }) => audience)}`;
      case 'thumbprints':
        return `thumbprints ${change.facts.filter(comes).length} new, ${change.facts.filter((one) => signOf(one) === '-').length} gone`;
      default:
        return sharedSummary(change);
    }
  },
  details: ({ aspect, facts }) =>
    aspect === 'object' || aspect === 'thumbprints' ? facts.map((fact) => factLine(fact, factText)) : [],
  fact: factText,
  element: (fact) => (fact.fact === 'tag' ? undefined : [`the ${factText(fact)}`, 'which is in no file']),
  reason: (one) => fill(providerReasonTexts, one),
  danger: (none: never) => none,
};
