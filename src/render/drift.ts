import { createHash } from 'node:crypto';
import { codeBlock, codeSpan } from '../core/markdown.ts';
import { sortedKeys } from '../core/json.ts';
import type { Change, Detail, Plan } from '../core/plan.ts';
import { clean, plural } from '../core/text.ts';
import type { Told } from '../kinds/access.ts';
import { dangerLabels, dangerTexts, documentLines, isSwap } from './change.ts';
import { aspectOf, driftEffect, elementEffect, identityOf } from './drift-effect.ts';
import type { Sides } from './drift-effect.ts';
import { fitBudget, sizeOf } from './byte-budget.ts';
import type { Entry } from './byte-budget.ts';
import { cutSpan } from './markdown-change.ts';
import { effectWord } from './sections.ts';
import type { Colors } from './terminal.ts';

/** One way in which IAM is not as the files say, told from what IAM has. */
export interface Drift {
  /** Id of the change that would mend it. */
  readonly change: string;
  readonly text: string;
  readonly details: Change['details'];
  /** What it does to access, against what the files say; why, where that can be told; and what it newly grants. */
  readonly effect: Told['effect'];
  readonly reason: Told['reason'];
  readonly dangers?: Told['dangers'];
  /** Policy documents that differ: `before` is the files' side, `after` the account's. */
  readonly documents: Change['documents'];
  /** The last call that touched the object, where an event history tells. */
  readonly by?: { readonly who: string; readonly call: string; readonly at: string };
}

/** The plan read the other way round: what somebody did behind the files' back. What gives more access comes first. */
export const driftOf = (plan: Plan, sides: Sides): Drift[] =>
  worstFirst(
    plan.changes.flatMap((change) =>
      sentences(change, sides).map(([text, told]) => ({
        change: change.id,
        text,
        ...told,
        ...contents(change, sides),
      })),
    ),
  );

/** Whose credential was swapped, who became an administrator or can become one; who has more access; who may; the rest. Else the plan's order. */
const ranks = 4;
const rankOf = ({ effect, dangers }: Drift): number =>
  dangers ? 0 : effect === 'widens' ? 1 : effect === 'unclear' ? 2 : 3;
const worstFirst = (drift: readonly Drift[]): Drift[] =>
  [...drift].sort((a, b) => rankOf(a) - rankOf(b) || swapped(b) - swapped(a));
const swapped = ({ dangers = [] }: Drift): number => Number(dangers.some(isSwap));

function sentences(change: Change, sides: Sides): [text: string, told: Told][] {
  const object = `${change.kind} ${change.name}`;
  const { added = [], removed = [] } = change;
  const whole = (text: string): [string, Told][] => [[`${object}${text}`, driftEffect(change, sides)]];
  switch (change.action) {
    case 'offboard':
      return whole(change.summary === 'offboard' ? ' is in no file' : `: ${change.summary}`);
    case 'delete':
      return whole(' is in no file');
    case 'create':
      return whole(' is in the files, but not in IAM');
    case 'rename':
      return whole(` still has its old name (${change.summary})`);
    case 'update': {
      if (change.byHand) return whole(`: ${change.summary}`);
      const words = nouns[aspectOf(change)];
      if (!words || added.length + removed.length === 0) return whole(`: by the files, ${change.summary}`);
      return [
        ...removed.map((name): [string, Told] => [
          `${object} has ${words[0]}${name}, ${words[1]}`,
          elementEffect(change, name, 'live', sides),
        ]),
        ...added.map((name): [string, Told] => [
          `${object} lacks ${words[0]}${name}`,
          elementEffect(change, name, 'desired', sides),
        ]),
      ];
    }
  }
}

/** What an entry shows below its sentence. */
function contents(change: Change, sides: Sides): Pick<Drift, 'details' | 'documents'> {
  const { action, details } = change;
  const documents = change.documents.map(({ name, before, after }) => ({
    name,
    before: after,
    after: before,
  }));
  // Each element has a sentence of its own: the list of all of them below each would be no news.
  if (action === 'update' && !change.byHand && nouns[aspectOf(change)]) return { details: [], documents };
  const gone = action === 'offboard' || (action === 'delete' && change.kind === 'group');
  const identity = gone && identityOf(change, 'live', sides);
  if (!identity) return { details, documents };
  return {
    details: details.filter(({ text }) => !text.startsWith('inline policy ')),
    documents: sortedKeys(identity.policies).map((name) => ({
      name,
      before: null,
      after: identity.policies[name]!,
    })),
  };
}

/** How to name an element of a set-like aspect, and what is wrong with one too many. */
const nouns: { readonly [aspect: string]: readonly [noun: string, tooMany: string] } = {
  members: ['', 'whom no file puts there'],
  attach: ['the attached policy ', 'which no file attaches'],
  policies: ['the inline policy ', 'which is in no file'],
  accessKey: ['the access key ', 'which no file declares'],
  serviceCredentials: ['the service credential ', 'which the files forbid'],
};

/** The documents that differ, each below a heading as in a diff of several files. */
const diffLines = ({ documents }: Drift): Detail[] =>
  documents.flatMap(({ name, before, after }): Detail[] => {
    const where = before && after ? 'files → account' : `only in the ${after ? 'account' : 'files'}`;
    return [{ sign: '~', text: `policy ${name}: ${where}` }, ...documentLines(before, after)];
  });

/** Less access that nothing more can be said of speaks for itself. */
const isPlain = ({ effect, reason }: Drift): boolean =>
  effect === 'none' || (effect === 'narrows' && reason === '');

/** What change.ts reads of a change. */
const dangersOf = ({ dangers }: Drift): Change => ({ dangers }) as Change;

/** Drift for people at a terminal. */
export function renderDrift(account: string, drift: readonly Drift[], colors: Colors): string {
  if (drift.length === 0) return `Account ${account} is as the files say: no drift.\n`;
  const paint = { '+': colors.green, '-': colors.red, '~': colors.dim, ' ': (text: string) => text };
  const lines = drift.flatMap((one) => {
    const { text, effect, reason, details, by } = one;
    const why = isPlain(one) ? '' : `  (${effect}${reason && `: ${reason}`})`;
    return [
      `  ${colors.yellow('~')} ${clean(text)}${colors.dim(clean(why))}${by ? colors.dim(clean(`  (${whoText(by)})`)) : ''}`,
      ...dangerTexts(dangersOf(one)).map(
        (danger) => `      ${colors.red(`${colors.bold(`! ${danger.label}`)}: ${clean(danger.text)}`)}`,
      ),
      ...details.map((detail) => `      ${clean(detail.text)}`),
      ...diffLines(one).map((line) => `      ${paint[line.sign](clean(`${line.sign} ${line.text}`))}`),
    ];
  });
  return `${colors.bold(`Drift in account ${account}`)}\n\n${lines.join('\n')}\n\n${countText(drift)}.\n`;
}

const whoText = ({ who, call, at }: NonNullable<Drift['by']>): string => `last ${call} by ${who}, ${at}`;

const countText = ({ length }: readonly Drift[]): string =>
  `${length} ${length === 1 ? 'difference' : 'differences'}`;

/** Room for the closing lines within GitHub's limit of 65,536 characters for a body. */
const bodyLimit = 65_000;

/** Parts of the room that may be used up when the whole of a rank has been told, so that lesser ranks are named too. */
const shares = [0.6, 0.8, 0.9, 1];

/**
 * An issue's body: begins with a hidden mark by which a scheduled run finds its issue again, and ends with one that
 * differs whenever anything does, also what has no room: so the issue is updated.
 */
export function renderDriftMarkdown(account: string, drift: readonly Drift[]): string {
  const head = `<!-- rollcall:drift:${account} -->\n## Drift in account ${account}\n\n`;
  if (drift.length === 0) return `${head}The account is as the files say.\n`;
  const intro = `${head}${countText(drift)}. \`rollcall plan\` shows what would mend it; if the account is right, change the files instead.\n\n`;
  const entries = worstFirst(drift).map((one) => ({ one, levels: driftLevels(one) }));
  const byRank = Array.from({ length: ranks }, (_, rank) =>
    entries.filter(({ one }) => rankOf(one) === rank),
  );
  const shown = fitBudget(
    [
      ...byRank.flatMap((entries, rank) => [
        { entries, level: 0 },
        { entries, level: 1, share: shares[rank]! },
        { entries, level: 2, share: shares[rank]! },
      ]),
      ...byRank.map((entries) => ({ entries, level: 2 })),
    ],
    bodyLimit - sizeOf(intro),
  );
  // Nothing is shown in place of what is worse, though it be shorter.
  const end = entries.findIndex((entry) => !shown.has(entry));
  const visible = end < 0 ? entries : entries.slice(0, end);
  const items = visible.map((entry) => `${shown.get(entry)!.text}\n`);
  const hidden = entries.slice(visible.length);
  const dangerous = hidden.filter(({ one }) => one.dangers).length;
  const cut = visible.filter((entry) => shown.get(entry)!.level < entry.levels.length - 1).length;
  const missing = [
    ...(hidden.length > 0 ? [`${hidden.length} more`] : []),
    ...(dangerous > 0 ? [`${dangerous} of them administrators or privilege escalations`] : []),
    ...(cut > 0 ? [`details of ${cut}`] : []),
  ].join(', ');
  const rest = missing === '' ? '' : `\n${missing}: run \`rollcall drift\` to see all.\n`;
  const content = createHash('sha256').update(JSON.stringify(drift)).digest('hex').slice(0, 16);
  return `${intro}${items.join('')}${rest}\n<!-- rollcall:content:${content} -->\n`;
}

/** Longest text in a line where not all has room. */
const lineLimit = 480;

/** In one line; with why and the dangers; whole. All text that is not ours stands in code spans and fenced blocks. */
function driftLevels(one: Drift): Entry['levels'] {
  const { text, effect, reason, details, documents, by } = one;
  const lines = (most: number): string[] => [
    `- ${cutSpan(text, most)}${by ? ` (${codeSpan(whoText(by))})` : ''}`,
    ...(isPlain(one) ? [] : [`${effectWord[effect]}${reason && `: ${cutSpan(reason, most)}`}`]),
    ...dangerTexts(dangersOf(one)).map((danger) => `🚨 **${danger.label}**: ${cutSpan(danger.text, most)}`),
  ];
  const left = [
    ...(details.length > 0 ? [plural(details.length, 'detail')] : []),
    ...(documents.length > 0 ? [plural(documents.length, 'policy document')] : []),
  ];
  const whole = (): string =>
    [
      lines(Number.POSITIVE_INFINITY).join('\\\n  '),
      ...details.map((detail) => `  - ${codeSpan(detail.text)}`),
      ...(documents.length > 0
        ? [codeBlock(diffLines(one).map(diffLine), 'diff').replaceAll(/^/gm, '  ')]
        : []),
    ].join('\n');
  if (left.length === 0 && lines(lineLimit).length === 1) return [whole];
  const marks = dangerLabels(dangersOf(one)).map((label) => ` · 🚨 **${label}**`);
  return [
    () => `- ${cutSpan(text, lineLimit)}${marks.join('')}`,
    () =>
      [...lines(lineLimit), ...(left.length > 0 ? [`*left out: ${left.join(' and ')}*`] : [])].join('\\\n  '),
    whole,
  ];
}

/** Headings as GitHub colours them in a diff. */
const diffLine = ({ sign, text }: Detail): string => (sign === '~' ? `@@ ${text} @@` : `${sign} ${text}`);
