/** Who may do something, in words. */
import type {
  AccessAnswer,
  AccessPart,
  AccessRequest,
  AccessStatement,
  Unworded,
  WhoCan,
} from '../kinds/access-answer.ts';
import { labelOf } from '../core/references.ts';
import { listSome, plural } from '../core/text.ts';
import { accessRows } from './access-rows.ts';
import type { Outline, OutlineItem } from './outline.ts';
import { decisionText, notesOf, partText, requestText, sourceText, statementText } from './statements.ts';

export const withNotes = ({ unread, ...answer }: Unworded<WhoCan>): WhoCan => ({
  ...answer,
  notes: [
    ...(answer.from === 'files' ? ['roles are not declared in the files, so nothing is said of them'] : []),
    ...notesOf(unread),
  ],
});

export const whoCanRows = ({ account, principals }: WhoCan): string[] => accessRows(account, principals);

export function whoCanOutline(answer: WhoCan): Outline {
  const { account, from, request, principals, notes } = answer;
  return {
    title: `Who can ${requestText(request)} in account ${account}, ${from === 'live' ? 'as it is' : 'by the files'}`,
    isSpaced: false,
    sections: principals.map(({ principal, ...one }) => ({
      head: `${labelOf(principal)}: ${decisionText(one)}`,
      items: answerItems(one, request),
    })),
    summary: summaryText(answer),
    notes,
  };
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

function summaryText({ principals, others: { explicitDeny, implicitDeny } }: WhoCan): string {
  const all = principals.length + explicitDeny.length + implicitDeny;
  const of = `of ${plural(all, 'user or role', 'users and roles')}`;
  const count = principals.length === 0 ? `Nobody ${of}` : `${principals.length} ${of}`;
  const denied = listSome(explicitDeny.map(labelOf), mostNames);
  return `${count}.${denied === '' ? '' : ` A Deny keeps it from ${denied}.`}`;
}
