/** Words that several kinds use: pure templates, from data to text. */
import type { Doubt } from '../access/regions.ts';
import { policyArnParts } from '../core/arn.ts';
import { byText } from '../core/json.ts';
import { mark, plain } from '../core/marked.ts';
import { listSome, listWords, plural } from '../core/text.ts';
import { explain, markedConditions, markedDifference, markedGrant } from '../policy/index.ts';
import type { Difference, Parts } from '../policy/index.ts';
import type { AnyChange, Detail, FromTemplates, SomebodysAccess } from './change.ts';
import type { Holder } from './change-schema.ts';
import { comes, goes, signOf } from './facts.ts';
import type {
  AnyFact,
  AttachmentFact,
  BoundaryFact,
  InlinePolicyFact,
  NameFact,
  PathFact,
  TagFact,
} from './facts.ts';

/** A managed policy as a reviewer names it: `read-reports`, `finance/read-reports`, `aws:ReadOnlyAccess`. */
export function policyLabel(arn: string): string {
  const parts = policyArnParts(arn);
  if (!parts) return arn;
  return `${parts.account === 'aws' ? 'aws:' : ''}${`${parts.path}${parts.name}`.slice(1)}`;
}

/** A policy of somebody, and how they come to it. */
interface Origin {
  readonly inline?: string;
  readonly arn?: string;
  readonly via?: string;
  readonly as?: 'boundary';
  readonly at?: string;
  readonly until?: string;
}

/** `the inline policy p through group admins until 2027-01-31 (people.yaml:3:5)`, names marked. */
export function originText({ inline, arn, via, as, at, until }: Origin): string {
  const policy =
    as === 'boundary'
      ? `the boundary ${mark(policyLabel(arn ?? ''))}`
      : arn === undefined
        ? `the inline policy ${mark(inline ?? '')}`
        : `the policy ${mark(policyLabel(arn))}`;
  const through = via === undefined ? '' : ` through group ${mark(via)}`;
  return `${policy}${through}${untilText(until)}${at === undefined ? '' : ` (${mark(at)})`}`;
}

/** By what something is gained, and what kept it out before; names marked. */
export const gainedBy = ({ by, lifted }: { readonly by: Origin; readonly lifted?: Origin }): string =>
  `by ${originText(by)}${lifted ? `, which ${originText(lifted)} kept out` : ''}`;

export const markedHolder = ({ kind, name, as }: Holder): string =>
  `${kind} ${mark(name)}${as === 'boundary' ? ' (as boundary)' : ''}`;

/** Why something stays as it is: `left: held by role web-api-lambda`. */
export const leftText = (holders: readonly Holder[]): string => {
  const names = plain(listSome(holders.map(markedHolder), 3));
  return holders.every(({ as }) => as === 'member') ? `left: still has ${names}` : `left: held by ${names}`;
};

/** How many of a list a sentence names. */
const most = 3;

const peopleText = ({ people, more = 0 }: SomebodysAccess): string =>
  more > 0 ? `${people.map(mark).join(', ')} and ${more} more` : listWords(people.map(mark), 'and');
const grantsText = ({ grants, moreGrants = 0, others = 0 }: SomebodysAccess): string =>
  [
    grants.map(markedGrant).join(', and '),
    ...(moreGrants > 0 ? [`and ${moreGrants} more`] : []),
    ...(others > 0 ? [`and ${plural(others, 'other')} something else`] : []),
  ].join(', ');

const doubtTexts: { readonly [doubt in Doubt]: string } = {
  'unknown-policy': 'a policy of AWS was not looked at',
  unreadable: 'a statement cannot be read',
  condition: 'a condition may make no difference',
  variable: 'a policy variable may make no difference',
  'too-large': 'there are too many patterns to compare',
  wildcards: 'a pattern can be read in two ways',
};
/** Why it is not certain that somebody gains or loses something. */
export const doubtText = (doubt: Doubt): string => doubtTexts[doubt];

/** Reasons of changes of any kind: a sentence with names marked, or several. */
export const reasonTexts = {
  access: ({ difference, policy }: { difference: Difference; policy?: string }) =>
    markedDifference(difference).map((text) =>
      policy === undefined ? text : `${mark(policyLabel(policy))}: ${text}`,
    ),
  administrator: ({ conditions }: { conditions: Parts['conditions'] }) =>
    `makes an administrator${markedConditions(conditions)}`,
  /** Actions, those that it takes together in one list. */
  escalation: ({ by }: { by: readonly (readonly string[])[] }) => {
    const more = by.length > most ? ` and ${by.length - most + 1} more` : '';
    const shown = by.slice(0, more ? most - 1 : most).map((actions) => actions.map(mark).join(' with '));
    return `grants privilege escalation: ${shown.join(', ')}${more}`;
  },
  'boundary-comes': () => 'a boundary comes',
  'boundary-goes': () => 'the boundary goes',
  'no-effect': () => 'nobody gains or loses access',
  'both-there': ({ from }: { from: string }) =>
    `IAM has both, so nothing is renamed, and ${from} stays as it is; without renamedFrom it is removed as any that is in no file`,
  labels: () => 'only its Sid or Id differs, which means nothing to IAM',
  /** Those whom it reaches may do the same as before, by other policies. */
  'same-access': () => 'whoever it reaches may do the same as before',
  'access-of': ({ gains, losses }: { gains?: SomebodysAccess; losses?: SomebodysAccess }) => [
    ...(gains ? [`${peopleText(gains)} may also ${grantsText(gains)}`] : []),
    ...(losses ? [`${peopleText(losses)} may no longer ${grantsText(losses)}`] : []),
  ],
  /** Of a role that is made. */
  shut: () => 'nobody may assume it, so that what it may do is nobody’s',
  /** Of whom it lets in, who may do nothing by it alone. */
  'leads-to': ({ roles }: { roles: readonly string[] }) =>
    `who comes in may go on to assume ${listSome(roles.map(mark), most)}`,
  /** Of a gain that is not certain. */
  'not-proved': ({ why }: { why: readonly Doubt[] }) => `not proved: ${listWords(why.map(doubtText), 'and')}`,
  /** Nothing that anybody gains or loses by it lets them act. */
  suspended: () => 'whoever it reaches is suspended',
  'no-members': () => 'it has no members',
  'may-match': ({ on }: { on: 'path' | 'tags' | 'name' }) =>
    `policies may match on ${on === 'tags' ? on : `the ${on}`}`,
};
export type SharedReason = FromTemplates<typeof reasonTexts>;

type SharedFact = InlinePolicyFact | AttachmentFact | BoundaryFact | TagFact | PathFact | NameFact;

const factTexts: { readonly [F in SharedFact as F['fact']]: (fact: F) => string } = {
  'inline-policy': ({ policy, before, after }) =>
    `inline policy ${policy}: ${explain(after ?? before ?? {}).join('; ')}`,
  attachment: ({ arn, until }) => `attached policy ${policyLabel(arn)}${untilText(until)}`,
  boundary: ({ before, after }) => `permissions boundary ${after === null ? before : policyLabel(after)}`,
  tag: ({ key, before, after }) =>
    `tag ${key}: ${before === null || after === null ? (after ?? before) : `${before} → ${after}`}`,
  path: ({ before, after }) => `path ${after ?? before}`,
  name: ({ before }) => `renamed from ${before}`,
};

const templates: { readonly [fact: string]: (fact: never) => string } = factTexts;
export const factText = (fact: SharedFact): string => templates[fact.fact]!(fact as never);

/** A fact as a line of its own. */
export const factLine = <F extends AnyFact>(fact: F, text: (fact: F) => string): Detail => ({
  sign: signOf(fact),
  text: text(fact),
});

/** `lorax (expired 2027-01-31T23:59:59.999Z)` for what ended by itself. */
const withExpiry = (label: string, expired: string | undefined): string =>
  expired === undefined ? label : `${label} (expired ${expired})`;

/** `delete (expired 2027-01-31T23:59:59.999Z)` */
export const objectSummary = ({ action, expired }: Pick<AnyChange, 'action' | 'expired'>): string =>
  withExpiry(action, expired);

/** ` until 2026-12-28`: of a day, its end in UTC; of an instant, the instant. Empty for what does not end by itself. */
export const untilText = (until: string | undefined): string =>
  until === undefined ? '' : ` until ${instantText(until)}`;

/** As a manifest would say when something ends. */
export const instantText = (at: string): string => at.replace(/T23:59:59\.999Z$/, '').replace(/\.000Z$/, 'Z');

/** `+dale -lorax`, additions first. */
export const signed = <F extends AnyFact & { readonly expired?: string; readonly until?: string }>(
  facts: readonly F[],
  label: (fact: F) => string,
): string =>
  [
    ...facts.filter(comes).map((fact) => `+${label(fact)}${untilText(fact.until)}`),
    ...facts.filter(goes).map((fact) => `-${withExpiry(label(fact), fact.expired)}`),
  ].join(' ');

/** The aspects that several kinds have. */
type SharedAspect =
  | { readonly aspect: 'path'; readonly facts: readonly PathFact[] }
  | { readonly aspect: 'name'; readonly facts: readonly NameFact[] }
  | { readonly aspect: 'tags'; readonly facts: readonly TagFact[] }
  | { readonly aspect: 'policies'; readonly facts: readonly InlinePolicyFact[] }
  | { readonly aspect: 'attach'; readonly facts: readonly AttachmentFact[] }
  | { readonly aspect: 'boundary'; readonly facts: readonly BoundaryFact[] };

export function sharedSummary({ aspect, facts }: SharedAspect): string {
  const [fact] = facts;
  if (!fact) return aspect;
  switch (aspect) {
    case 'path':
      return `path ${fact.before as string} → ${fact.after as string}`;
    case 'name':
      return factText(fact);
    case 'tags': {
      const all = [...facts].sort((a, b) => byText(a.key, b.key));
      return `tags ${all.map((one) => `${signOf(one)}${one.key}`).join(' ')}`;
    }
    case 'policies':
      return facts.map((one) => `inline policy ${signOf(one)}${one.policy}`).join(' ');
    case 'attach':
      return `attached policies ${signed(facts, ({ arn }) => policyLabel(arn))}`;
    case 'boundary': {
      const [was, is] = [fact.before, fact.after].map((arn) =>
        typeof arn === 'string' ? policyLabel(arn) : 'none',
      );
      return `permissions boundary ${was} → ${is}`;
    }
  }
}

/** A policy of a user or a group as an element of those that they have. */
export function policyElement(
  fact: AnyFact | InlinePolicyFact | AttachmentFact,
): readonly [string, string] | undefined {
  if ('policy' in fact) return [`the inline policy ${fact.policy}`, 'which is in no file'];
  return 'arn' in fact
    ? [`the attached policy ${policyLabel(fact.arn)}${untilText(fact.until)}`, 'which no file attaches']
    : undefined;
}
