/** What somebody may do and why, in words. */
import type { AccessAnswer, Explanation, HeldCredentials, Unworded } from '../kinds/access-answer.ts';
import { policyLabel } from '../kinds/words.ts';
import { labelOf } from '../core/references.ts';
import { plural } from '../core/text.ts';
import type { Outline, OutlineItem } from './outline.ts';
import { aboutText } from './about.ts';
import { accessRows } from './access-rows.ts';
import { decisionText, notesOf, requestText, statementText, valuesText } from './statements.ts';
import { allowItem, answerItems, bySource, stepText, stepTexts, unknownItems, wayText } from './who-can.ts';

export const explanationWithNotes = ({ unread, ...answer }: Unworded<Explanation>): Explanation => ({
  ...answer,
  notes: notesOf(unread),
});

export const explanationRows = (answer: Explanation): string[] =>
  accessRows(
    answer.account,
    [{ ...answer, parts: answer.parts ?? (answer.services ?? []).flatMap(({ parts }) => parts) }],
    answer.throughRoles.map((way) => ({ principal: answer.principal, ...way })),
  );

type Section = Outline['sections'][number];
const section = (head: string, items: readonly OutlineItem[]): Section => ({ head, items });

/** @param now ages are as of then. */
export function explanationOutline(answer: Explanation, now: Date): Outline {
  const { account, from, principal, decision, parts = [], notes } = answer;
  const sections = [
    ...(answer.suspended ? [section('Suspended', [{ text: 'everything is denied' }])] : []),
    ...(decision ? [verdictSection({ ...answer, decision, parts }, answer)] : wholeSections(answer)),
    roleSection(answer),
    ...otherSections(answer, now),
  ];
  return {
    title: `${labelOf(principal)} in account ${account}, ${from === 'live' ? 'as it is' : 'by the files'}`,
    isSpaced: true,
    sections: sections.filter(({ items }) => items.length > 0),
    notes,
  };
}

const denyItems = ({ denies }: Pick<Explanation, 'denies'>): OutlineItem[] =>
  denies.map((deny) => ({ text: statementText(deny), more: [bySource(deny)] }));
const withheldItems = ({ withheld }: Pick<Explanation, 'withheld'>): OutlineItem[] =>
  withheld.map((allow) => ({ text: statementText(allow), more: [bySource(allow)] }));

/** What becomes of the request, and by which statements. */
function verdictSection(verdict: AccessAnswer, { request }: Explanation): Section {
  const { boundary, denies, withheld } = verdict;
  const items = answerItems(verdict, request);
  return section(`${requestText(request)}: ${decisionText(verdict)}`, [
    ...items,
    // Of what is allowed, each part names the Denies that take something out of it.
    ...(verdict.parts.length > 0
      ? []
      : denyItems({ denies }).map(({ text, ...more }) => ({ text: `denied: ${text}`, ...more }))),
    ...withheldItems({ withheld }).map(({ text, ...more }) => ({
      text: `allowed to no avail: ${text}`,
      ...more,
    })),
    ...(boundary && boundary.takes !== 'all'
      ? [
          {
            text: `the permissions boundary ${policyLabel(boundary.arn)} lets ${boundary.takes === 'none' ? 'nothing' : 'a part'} of it through`,
          },
        ]
      : []),
    ...(items.length + denies.length + withheld.length === 0 ? [{ text: 'no statement is about it' }] : []),
  ]);
}

/** All that they may do. */
function wholeSections(answer: Explanation): Section[] {
  const { request, services = [], boundary } = answer;
  const nothing = services.length === 0 ? [section('May do', [{ text: 'nothing' }])] : [];
  const given = valuesText(request);
  return [
    ...nothing,
    ...services.map(({ service, parts }) =>
      section(
        `May do ${service === '*' ? 'in several services' : `in ${service}`}${given}`,
        parts.map((part) => allowItem(part, request)),
      ),
    ),
    section('Denied', denyItems(answer)),
    section(
      boundary
        ? 'Allowed to no avail: denied, or outside the permissions boundary'
        : 'Allowed to no avail: denied',
      withheldItems(answer),
    ),
    section('Not known', unknownItems(answer)),
    section('Permissions boundary', boundary ? [{ text: policyLabel(boundary.arn) }] : []),
  ];
}

/** Roles that they may assume; of a request, those that may do it. */
function roleSection({ principal, decision, throughRoles }: Explanation): Section {
  const who = labelOf(principal);
  return section(
    decision ? 'By roles that they may assume' : 'May assume',
    throughRoles.map((way) => ({
      text: `${wayText(who, way.steps)}${way.decision ? `: ${decisionText({ decision: way.decision, boundary: null, withheld: [] })}` : ''}`,
      more: stepTexts(who, way.steps),
    })),
  );
}

function otherSections(answer: Explanation, now: Date): Section[] {
  const { expires, about, credentials, declares, assumedBy, assumers = [] } = answer;
  return [
    section('About', about ? [{ text: aboutText(about) }] : []),
    section(
      'Who may assume it',
      (assumedBy ?? []).map((text) => ({ text })),
    ),
    // Of others the sentences of the trust tell.
    section(
      'Users and roles of the account who may assume it',
      assumers.flatMap(({ principal, step }) =>
        principal === undefined
          ? []
          : [{ text: labelOf(principal), more: [stepText(labelOf(principal), step)] }],
      ),
    ),
    section(
      'Expires',
      expires.map(({ what, at, expired }) => ({ text: `${what}: ${expired ? 'expired ' : ''}${at}` })),
    ),
    section('Credentials', credentials ? credentialItems(credentials, now) : []),
    section(
      'Credentials that the files declare',
      declares
        ? [
            { text: declares.accessKeys > 0 ? plural(declares.accessKeys, 'access key') : 'no access key' },
            { text: declares.console ? 'a console password' : 'no console password' },
          ]
        : [],
    ),
  ];
}

const day = 24 * 60 * 60 * 1000;

/** `2027-01-31 (90 days ago)` */
function dateText(instant: string, now: Date): string {
  const days = Math.floor((now.getTime() - Date.parse(instant)) / day);
  const ago = days < 1 ? 'today' : `${plural(days, 'day')} ago`;
  return `${instant.slice(0, 10)} (${ago})`;
}

function credentialItems(held: HeldCredentials, now: Date): OutlineItem[] {
  const { accessKeys, password, mfaDevices, sshKeys, signingCertificates, serviceCredentials } = held;
  const others = [
    ...sshKeys.map((one) => ({ what: 'SSH public key', ...one })),
    ...signingCertificates.map((one) => ({ what: 'signing certificate', ...one })),
    ...serviceCredentials.map(({ service, ...one }) => ({
      what: `service credential for ${service}`,
      ...one,
    })),
  ];
  const texts = [
    ...accessKeys.map(({ id, status, createdAt, lastUsedAt }) => {
      const used = lastUsedAt === null ? 'never used' : `last used ${dateText(lastUsedAt, now)}`;
      return `access key ${id}: ${status.toLowerCase()}, made ${dateText(createdAt, now)}, ${used}`;
    }),
    ...(accessKeys.length === 0 ? ['no access key'] : []),
    password ? `console password: made ${dateText(password.createdAt, now)}` : 'no console password',
    ...mfaDevices.map((serial) => `MFA device ${serial}`),
    ...(password && mfaDevices.length === 0 ? ['no MFA device'] : []),
    ...others.map(({ what, id, status }) => `${what} ${id}: ${status.toLowerCase()}`),
  ];
  return texts.map((text) => ({ text }));
}
