import { mark } from '../../core/marked.ts';
import { listWords } from '../../core/text.ts';
import { parseRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { explain, markedDifference } from '../../policy/index.ts';
import type { Difference } from '../../policy/index.ts';
import type { PolicyDanger } from '../../access/dangers.ts';
import { policyDangerWords } from '../danger-words.ts';
import { fill } from '../change.ts';
import type { Changes, Detail, FromTemplates, Words } from '../change.ts';
import { comes } from '../facts.ts';
import {
  factLine,
  factText as sharedFactText,
  objectSummary,
  policyElement,
  reasonTexts,
  sharedSummary,
} from '../words.ts';
import type { RoleFacts, TrustFact } from './facts.ts';
import { durationText } from './to-manifest.ts';
import { isTrustDanger, trustDangerWords } from './danger-words.ts';
import type { TrustDanger } from './danger-words.ts';

const reasons = {
  ...reasonTexts,
  /** Who may assume it. */
  trust: ({ difference }: { difference: Difference }) => markedDifference(difference),
  /** The principal that the trust names was deleted, so that it lets in nobody, whatever is made under its name. */
  orphaned: ({ ids }: { ids: readonly string[] }) =>
    `AWS shows ${listWords(ids.map(mark), 'and')} instead of ${ids.length === 1 ? 'a principal' : 'principals'} that somebody deleted: ` +
    'one made again under the same name is not let in until the trust is written again',
  'leave-trust': ({ who, unreachable }: { who: readonly Ref[]; unreachable: boolean }) => {
    const names = listWords(
      who.map((ref) => `${parseRef(ref).kind} ${mark(parseRef(ref).name)}`),
      'and',
    );
    return unreachable
      ? `the role is now unreachable: only ${names} could assume it`
      : `${names} ${who.length === 1 ? 'goes' : 'go'}, and AWS would keep an id in ${who.length === 1 ? 'its' : 'their'} place`;
  },
  'lets-nobody-in': () => 'nobody can assume it any more',
  'longer-sessions': () => 'a session may last longer',
  'shorter-sessions': () => 'a session may not last as long',
  'role-goes': () => 'nobody can assume it any more, and its sessions end',
  /** IAM cannot rename a role. */
  'made-anew': ({ from }: { from: string }) =>
    `IAM cannot rename a role: this one is made, then ${mark(from)} goes, with its sessions; whatever names its ARN elsewhere must be changed`,
  'gives-way': ({ to }: { to: string }) => `${mark(to)} takes its place`,
  'sessions-end': () => 'sessions that began before are denied everything',
  'sessions-over': () => 'all sessions that it could end are over',
  pipeline: () => 'rollcall runs with it: no plan writes it',
};
export type RoleReason = FromTemplates<typeof reasons>;
type RoleDanger = PolicyDanger | TrustDanger;
export type RoleChange = Changes<'role', RoleFacts, RoleReason, RoleDanger>;
type RoleFact = RoleFacts[keyof RoleFacts];

const sessionText = (seconds: number | null): string => (seconds === null ? 'none' : durationText(seconds));

function factText(fact: RoleFact): string {
  switch (fact.fact) {
    case 'trust':
      return `trust: ${explain(fact.after ?? fact.before ?? {}).join('; ')}`;
    case 'description':
      return `description ${fact.after ?? fact.before}`;
    case 'max-session':
      return `longest session ${sessionText(fact.after ?? fact.before)}`;
    case 'revocation':
      return fact.at === undefined
        ? 'sessions that began before now'
        : `sessions that began before ${fact.at}`;
    case 'profile':
      return `instance profile ${fact.profile}`;
    default:
      return sharedFactText(fact);
  }
}

/** What the trust says before and after, each sentence that is new or gone. */
function trustLines({ before, after }: TrustFact): Detail[] {
  const [was, is] = [before, after].map((trust) => explain(trust ?? {})) as [string[], string[]];
  return [
    ...is.filter((one) => !was.includes(one)).map((text): Detail => ({ sign: '+', text })),
    ...was.filter((one) => !is.includes(one)).map((text): Detail => ({ sign: '-', text })),
  ];
}

export const roleWords: Words<RoleChange> = {
  leaves: 'removed, and sessions end',
  summary(change) {
    switch (change.aspect) {
      case 'object':
        return `${objectSummary(change)}${change.byHand ? ' by hand' : ''}`;
      case 'trust':
        return 'trust';
      case 'settings':
        return change.facts
          .map((fact) =>
            fact.fact === 'description'
              ? 'description'
              : `longest session ${sessionText(fact.before)} → ${sessionText(fact.after)}`,
          )
          .join(', ');
      case 'revocation':
        return change.facts.some(comes) ? 'revoke older sessions' : 'end the revocation of older sessions';
      default:
        return sharedSummary(change);
    }
  },
  details(change) {
    if (change.aspect === 'trust') return change.facts.flatMap(trustLines);
    if (change.aspect === 'object')
      return change.facts.flatMap((fact) =>
        fact.fact === 'trust'
          ? trustLines(fact).map(({ sign, text }) => ({ sign, text: `trust: ${text}` }))
          : [factLine<RoleFact>(fact, factText)],
      );
    return change.aspect === 'settings'
      ? change.facts
          .filter(({ fact }) => fact === 'description')
          .flatMap((fact) => [
            ...(fact.after ? [{ sign: '+', text: String(fact.after) } as const] : []),
            ...(fact.before ? [{ sign: '-', text: String(fact.before) } as const] : []),
          ])
      : [];
  },
  fact: factText,
  element: (fact) => policyElement(fact),
  due: ['revocation'],
  reason: (one) => fill(reasons, one),
  danger: (danger) => (isTrustDanger(danger) ? trustDangerWords(danger) : policyDangerWords(danger)),
};
