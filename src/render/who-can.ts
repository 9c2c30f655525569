/** Who may do something, in words. */
import type {
  AccessAnswer,
  AccessOutsider,
  AccessPart,
  AccessRequest,
  AccessStatement,
  AssumedRole,
  RoleWay,
  Unworded,
  WhoCan,
} from '../kinds/access-answer.ts';
import { labelOf } from '../core/references.ts';
import { listSome, plural } from '../core/text.ts';
import { accessRows } from './access-rows.ts';
import type { Outline, OutlineItem } from './outline.ts';
import {
  conditionsIn,
  decisionText,
  notesOf,
  partText,
  requestText,
  sourceText,
  statementText,
} from './statements.ts';

export const withNotes = ({ unread, ...answer }: Unworded<WhoCan>): WhoCan => ({
  ...answer,
  notes: [
    ...(answer.from === 'files' ? ['of roles, only those that the files declare are known'] : []),
    ...notesOf(unread),
  ],
});

export const whoCanRows = ({ account, principals, throughRoles }: WhoCan): string[] =>
  accessRows(account, principals, throughRoles);

export function whoCanOutline(answer: WhoCan): Outline {
  const { account, from, request, principals, throughRoles, notes } = answer;
  return {
    title: `Who can ${requestText(request)} in account ${account}, ${from === 'live' ? 'as it is' : 'by the files'}`,
    isSpaced: false,
    sections: [
      ...principals.map(({ principal, ...one }) => ({
        head: `${labelOf(principal)}: ${decisionText(one)}`,
        items: answerItems(one, request),
      })),
      ...(throughRoles.length === 0
        ? []
        : [{ head: 'By roles that they may assume', items: throughRoles.map(wayItem) }]),
    ],
    summary: summaryText(answer),
    notes,
  };
}

const kinds: { readonly [type: string]: string } = {
  account: 'account ',
  service: 'service ',
  oidc: 'OIDC provider ',
  saml: 'SAML provider ',
};

/** Such as `account 999999999999`, or an ARN. */
const outsiderText = ({ type, name }: AccessOutsider): string =>
  type === 'anybody' ? 'anybody with an identity of AWS' : `${kinds[type] ?? ''}${name}`;

/** `user anna → role a → role deploy: allowed`, with how each role is assumed. */
function wayItem({ principal, outsider, steps, decision, more }: RoleWay): OutlineItem {
  const who = principal === undefined ? outsiderText(outsider!) : labelOf(principal);
  const also = more === undefined ? '' : `, and by ${plural(more, 'other role')}`;
  return {
    text: `${wayText(who, steps)}: ${decisionText({ decision, boundary: null, withheld: [] })}${also}`,
    more: stepTexts(who, steps),
  };
}

export const wayText = (who: string, steps: readonly AssumedRole[]): string =>
  [who, ...steps.map(({ role }) => labelOf(role))].join(' → ');

/** How each role is assumed: a line for each. */
export const stepTexts = (who: string, steps: readonly AssumedRole[]): string[] =>
  steps.map((step, at) => stepText(at === 0 ? who : labelOf(steps[at - 1]!.role), step));

export function stepText(who: string, { role, by, conditions, allow }: AssumedRole): string {
  const when = conditionsIn(conditions);
  if (by === 'name') return `${labelOf(role)} trusts ${who}${when}`;
  const own = allow ? `: ${statementText(allow)}, ${bySource(allow)}` : '';
  return `${labelOf(role)} trusts the account${when}, and the policies of ${who} allow it${own}`;
}

/** How something is allowed, and what stands in its way. */
export const answerItems = (
  { parts, unknown }: Pick<AccessAnswer, 'parts' | 'unknown'>,
  request: AccessRequest,
): OutlineItem[] => [...parts.map((part) => partItem(part, request)), ...unknownItems({ unknown })];

/** Both an Allow and a Deny may be in what nobody has read. */
export const unknownItems = ({ unknown }: Pick<AccessAnswer, 'unknown'>): OutlineItem[] =>
  [...new Set(unknown.map(sourceText))].map((source) => ({
    text: `depends on what was not read: ${source}`,
  }));

const partItem = (part: AccessPart, request: AccessRequest): OutlineItem => ({
  text: partText(part, request),
  more: [
    ...allowLines(part),
    ...part.denies.map((deny) => `but denied: ${statementText(deny)}, ${bySource(deny)}`),
  ],
});

/** The same without the Denies. */
export const allowItem = (part: AccessPart, request: AccessRequest): OutlineItem => ({
  text: partText(part, request),
  more: allowLines(part),
});

const allowLines = ({ allow, within }: AccessPart): string[] => [
  bySource(allow),
  ...(within ? [`within: ${statementText(within)}, ${bySource(within)}`] : []),
];

export const bySource = (statement: AccessStatement): string => `by ${sourceText(statement)}`;

const mostNames = 8;

function summaryText({ principals, throughRoles, others: { explicitDeny, implicitDeny } }: WhoCan): string {
  const all = principals.length + explicitDeny.length + implicitDeny;
  const of = `of ${plural(all, 'user or role', 'users and roles')}`;
  const count = principals.length === 0 ? `Nobody ${of}` : `${principals.length} ${of}`;
  const denied = listSome(explicitDeny.map(labelOf), mostNames);
  const through = throughRoles.length === 0 ? '' : ` Through roles: ${throughRoles.length} more.`;
  return `${count}.${through}${denied === '' ? '' : ` A Deny keeps it from ${denied}.`}`;
}
