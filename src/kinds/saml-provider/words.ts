import { mark } from '../../core/marked.ts';
import { listSome, plural } from '../../core/text.ts';
import { fill } from '../change.ts';
import type { Changes, DangerWords, Detail, FromTemplates, Words } from '../change.ts';
import type { TagFact } from '../facts.ts';
import { providerReasonTexts } from '../providers.ts';
import { factLine, factText as sharedFactText, sharedSummary, objectSummary } from '../words.ts';
import type { Certificate, Metadata } from './metadata.ts';

interface MetadataFact {
  readonly fact: 'metadata';
  readonly before: Metadata | null;
  readonly after: Metadata | null;
}

interface SamlFacts {
  object: MetadataFact | TagFact;
  metadata: MetadataFact;
  tags: TagFact;
}

/** Somebody else vouches for people from now on. */
export interface SamlDanger {
  readonly code: 'other-identity-provider';
  readonly before: string | null;
  readonly after: string | null;
  readonly roles: readonly string[];
}

const reasonTexts = {
  ...providerReasonTexts,
  'same-signers': () => 'who signs, and where people sign in, stays the same',
};
export type SamlReason = FromTemplates<typeof reasonTexts>;
export type SamlChange = Changes<'saml-provider', SamlFacts, SamlReason, SamlDanger>;

export const samlDangerLabel = 'other identity provider';

/** The certificates of one that the other lacks. */
export const without = ({ certificates }: Metadata, other: Metadata | null): readonly Certificate[] =>
  certificates.filter(({ sha256 }) => !other?.certificates.some((one) => one.sha256 === sha256));

/** `SHA-256 3f9a…, until 2030-01-01` */
const certificateText = ({ sha256, until }: Certificate): string =>
  `certificate SHA-256 ${sha256.slice(0, 16)}…${until === undefined ? '' : `, valid until ${until.slice(0, 10)}`}`;

const lines = (sign: Detail['sign'], texts: readonly string[]): Detail[] =>
  texts.map((text) => ({ sign, text }));

/** What differs, where both are there; all of it otherwise. */
function metadataLines({ before, after }: MetadataFact): Detail[] {
  const both = before !== null && after !== null;
  const one = after ?? before!;
  const sign = after ? '+' : '-';
  const moved = (what: string, of: (metadata: Metadata) => string | undefined): Detail[] => {
    const [was, is] = [before, after].map((metadata) => (metadata ? of(metadata) : undefined));
    if (both && was !== is) return lines('~', [`${what} ${was ?? 'none'} → ${is ?? 'none'}`]);
    return !both && of(one) !== undefined ? lines(sign, [`${what} ${of(one)}`]) : [];
  };
  return [
    ...moved('entity ID', ({ entityId }) => entityId ?? undefined),
    ...moved('sign-in', ({ signOn }) => (signOn.length > 0 ? signOn.join(', ') : undefined)),
    ...moved('valid until', ({ validUntil }) => validUntil?.slice(0, 10)),
    ...(after ? lines('+', without(after, before).map(certificateText)) : []),
    ...(before ? lines('-', without(before, after).map(certificateText)) : []),
  ];
}

/** `metadata: entity ID, 1 certificate comes, 1 goes` */
function metadataSummary({ before, after }: MetadataFact): string {
  if (!before || !after) return 'metadata';
  const [come, go] = [without(after, before).length, without(before, after).length];
  const parts = [
    ...(before.entityId === after.entityId ? [] : ['another entity ID']),
    ...(before.signOn.join() === after.signOn.join() ? [] : ['another sign-in address']),
    ...(come > 0 ? [plural(come, 'new certificate')] : []),
    ...(go > 0 ? [`${plural(go, 'certificate')} gone`] : []),
  ];
  return parts.length === 0 ? 'metadata: other text' : `metadata: ${parts.join(', ')}`;
}

const factText = (fact: SamlFacts[keyof SamlFacts]): string => {
  if (fact.fact !== 'metadata') return sharedFactText(fact);
  const { entityId, hash } = fact.after ?? fact.before!;
  return `metadata of ${entityId ?? 'no entity'} (${hash})`;
};

export const samlWords: Words<SamlChange> = {
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return objectSummary(change);
      case 'metadata':
        return change.facts.map(metadataSummary).join();
      default:
        return sharedSummary(change);
    }
  },
  details: ({ aspect, facts }) =>
    aspect === 'tags'
      ? []
      : facts.flatMap((fact) =>
          fact.fact === 'metadata' ? metadataLines(fact) : [factLine(fact, factText)],
        ),
  fact: factText,
  reason: (one) => fill(reasonTexts, one),
  danger: ({ before, after, roles }): DangerWords => ({
    label: samlDangerLabel,
    text: `${mark(after ?? 'nobody')} vouches for people from now on, and ${mark(before ?? 'nobody')} no more: it lets them into ${listSome(roles.map(mark), 5)}`,
  }),
};
