import type { Change, Plan } from '../core/plan.ts';
import { codeSpan } from '../core/markdown.ts';
import { clean } from '../core/text.ts';
import type { Colors } from './terminal.ts';

/** One way in which IAM is not as the files say, told from what IAM has. */
export interface Drift {
  /** Id of the change that would mend it. */
  readonly change: string;
  readonly text: string;
  readonly details: Change['details'];
  /** What mending it does to access. */
  readonly effect: Change['effect'];
  /** The last call that touched the object, where an event history tells. */
  readonly by?: { readonly who: string; readonly call: string; readonly at: string };
}

/** The plan read the other way round: what somebody did behind the files' back. */
export const driftOf = (plan: Plan): Drift[] =>
  plan.changes.flatMap((change) =>
    sentences(change).map((text) => ({
      change: change.id,
      text,
      details: change.details,
      effect: change.effect,
    })),
  );

function sentences(change: Change): string[] {
  const object = `${change.kind} ${change.name}`;
  const { added = [], removed = [] } = change;
  switch (change.action) {
    case 'offboard':
      return [change.summary === 'offboard' ? `${object} is in no file` : `${object}: ${change.summary}`];
    case 'delete':
      return [`${object} is in no file`];
    case 'create':
      return [`${object} is in the files, but not in IAM`];
    case 'rename':
      return [`${object} still has its old name (${change.summary})`];
    case 'update': {
      const words = nouns[aspectOf(change)];
      if (!words || added.length + removed.length === 0)
        return [`${object}: by the files, ${change.summary}`];
      return [
        ...removed.map((name) => `${object} has ${words[0]}${name}, ${words[1]}`),
        ...added.map((name) => `${object} lacks ${words[0]}${name}`),
      ];
    }
  }
}

const aspectOf = ({ id }: Change): string => id.split('/')[1] ?? '';

/** How to name an element of a set-like aspect, and what is wrong with one too many. */
const nouns: { readonly [aspect: string]: readonly [noun: string, tooMany: string] } = {
  members: ['', 'whom no file puts there'],
  attach: ['the attached policy ', 'which no file attaches'],
  policies: ['the inline policy ', 'which is in no file'],
  accessKey: ['the access key ', 'which no file declares'],
};

/** Drift for people at a terminal. */
export function renderDrift(account: string, drift: readonly Drift[], colors: Colors): string {
  if (drift.length === 0) return `Account ${account} is as the files say: no drift.\n`;
  const lines = drift.flatMap(({ text, details, by }) => [
    `  ${colors.yellow('~')} ${clean(text)}${by ? colors.dim(clean(`  (${whoText(by)})`)) : ''}`,
    ...details.map((detail) => `      ${clean(detail.text)}`),
  ]);
  return `${colors.bold(`Drift in account ${account}`)}\n\n${lines.join('\n')}\n\n${countText(drift)}.\n`;
}

export const whoText = ({ who, call, at }: NonNullable<Drift['by']>): string =>
  `last ${call} by ${who}, ${at}`;

export const countText = ({ length }: readonly Drift[]): string =>
  `${length} ${length === 1 ? 'difference' : 'differences'}`;

/** Room for the closing lines within GitHub's limit of 65,536 characters for a body. */
const bodyLimit = 65_000;

/** An issue's body: begins with a hidden mark by which a scheduled run finds its issue again. */
export function renderDriftMarkdown(account: string, drift: readonly Drift[]): string {
  const head = `<!-- rollcall:drift:${account} -->\n## Drift in account ${account}\n\n`;
  if (drift.length === 0) return `${head}The account is as the files say.\n`;
  const items = drift.map(
    ({ text, details, by }) =>
      [
        `- ${codeSpan(text)}${by ? ` (${codeSpan(whoText(by))})` : ''}`,
        ...details.map((detail) => `  - ${codeSpan(detail.text)}`),
      ].join('\n') + '\n',
  );
  let body = `${head}${countText(drift)}. \`rollcall plan\` shows what would mend it; if the account is right, change the files instead.\n\n`;
  let shown = 0;
  for (const item of items) {
    if (body.length + item.length > bodyLimit) break;
    body += item;
    shown += 1;
  }
  const left = items.length - shown;
  return left === 0 ? body : `${body}\n${left} more: run \`rollcall drift\` to see all.\n`;
}
