import { createHash } from 'node:crypto';
import { codeBlock, codeSpan } from '../core/markdown.ts';
import { parseRef } from '../core/references.ts';
import { clean, plural } from '../core/text.ts';
import type { Detail } from '../kinds/change.ts';
import { goes, signOf } from '../kinds/facts.ts';
import { leftText } from '../kinds/words.ts';
import { isSwap } from '../kinds/index.ts';
import type { Change, Drift, Fact, LeftAlone, WordedPlan } from '../kinds/plan.ts';
import { dangerLabels, dangerTexts, documentLines, documentsOf } from './change.ts';
import type { ShownDocument, WordedDanger } from './change.ts';
import { aboutDetails } from './about.ts';
import { fitBudget, sizeOf } from './byte-budget.ts';
import type { Entry } from './byte-budget.ts';
import { lookedText } from './looked.ts';
import { cutSpan, whyLines } from './markdown-change.ts';
import { markdownProse } from './prose.ts';
import type { Colors } from './diagnostics.ts';
import { dangerLines, lookedLines, withReasons } from './terminal.ts';
import { sentencesOf, wordsOf } from './kind-words.ts';
import { impactWords } from './words.ts';

/** Drift with what it says in words. */
export interface WordedDrift extends Pick<Drift, 'facts' | 'effect' | 'reasons' | 'by' | 'renamed'> {
  /** Id of the change that would mend it. */
  readonly change: string;
  readonly text: string;
  readonly details: readonly Detail[];
  /** Empty where nothing can be said. */
  readonly reason: string;
  readonly dangers?: readonly WordedDanger[];
  /** Policy documents that differ: `before` is the files' side, `after` the account's. */
  readonly documents: readonly ShownDocument[];
}

/** What gives more access comes first. */
export const wordDrift = (drift: readonly Drift[]): WordedDrift[] =>
  worstFirst(
    drift.map((one) => {
      const { change, dangers: _dangers, ...rest } = one;
      return {
        ...rest,
        change: change.id,
        text: `${change.kind} ${change.name}${sentence(one)}`,
        ...impactWords(change, one),
        details: detailsOf(one),
        documents: documentsOf(change, one.facts, ['update', 'delete', 'offboard']),
      };
    }),
  );

/** Whose credential was swapped, who became an administrator or can become one; who has more access; who may; the rest. Else the plan's order. */
const ranks = 4;
const rankOf = ({ effect, dangers }: WordedDrift): number =>
  dangers ? 0 : effect === 'widens' ? 1 : effect === 'unclear' ? 2 : 3;
const worstFirst = (drift: readonly WordedDrift[]): WordedDrift[] =>
  [...drift].sort((a, b) => rankOf(a) - rankOf(b) || swapped(b) - swapped(a));
const swapped = ({ dangers = [] }: WordedDrift): number => Number(dangers.some(isSwap));

/** The element that a piece of drift is about, where its change is about several. */
function elementOf({ change, facts }: Drift): readonly [what: string, tooMany: string] | undefined {
  const [fact] = facts;
  if (change.action !== 'update' || !fact || signOf(fact) === '~') return undefined;
  return wordsOf(change).element?.(fact, change);
}

function sentence(drift: Drift): string {
  const { change, facts } = drift;
  const summary = wordsOf(change).summary(change);
  switch (change.action) {
    case 'offboard':
      return change.expired === undefined ? ' is in no file' : `: ${summary}`;
    case 'delete':
      return ` is in no file${change.left ? `, ${leftText(change.left)}` : ''}`;
    case 'create':
      return ' is in the files, but not in IAM';
    case 'rename':
      return change.byHand ? `: ${summary}` : ` still has its old name (${summary})`;
    case 'update': {
      if (change.byHand && !isPipelines(change)) return `: ${summary}`;
      if (isDue(change)) return `: due is ${summary}`;
      const element = elementOf(drift);
      if (element) return facts.some(goes) ? ` lacks ${element[0]}` : ` has ${element[0]}, ${element[1]}`;
      return anotherDocument(drift) ?? `: in the account, ${summaryOfAccount(drift)}`;
    }
  }
}

/** Of what rollcall runs with, which no plan writes. */
const isPipelines = ({ reasons }: Pick<Drift['change'], 'reasons'>): boolean =>
  reasons.some(({ code }) => code === 'pipeline');

/** As somebody made it of what the files say: the change that would mend it, read the other way round. */
const summaryOfAccount = ({ change, facts }: Drift): string => wordsOf(change).summary({ ...change, facts });

function anotherDocument({ change, facts }: Drift): string | undefined {
  if (change.aspect === 'trust') return ' has another trust policy';
  const [document] = documentsOf(change, facts);
  if (facts.length !== 1 || !document?.before || !document.after) return undefined;
  return ` has another document${document.name === change.name ? '' : ` in the inline policy ${document.name}`}`;
}

/** What a piece of drift is of, for its words. */
const ofDrift = ({ change }: WordedDrift): Pick<Change, 'kind' | 'name'> =>
  parseRef(change) as Pick<Change, 'kind' | 'name'>;

/** Each element has a sentence of its own: the list of all of them below each would be no news. */
function detailsOf(drift: Drift): readonly Detail[] {
  const { change } = drift;
  const about = aboutDetails(change.about, drift.facts, (fact) => wordsOf(change).fact(fact));
  if (elementOf(drift)) return about;
  const shown = documentsOf(change, drift.facts, ['delete', 'offboard']);
  // What is due, or is to be done by hand, is told as the plan tells it.
  const isTurned = change.action === 'update' && !isDue(change) && change.byHand !== true;
  const facts: readonly Fact[] = isTurned ? drift.facts : change.facts;
  const own = wordsOf(change).details({
    ...change,
    facts: shown.length === 0 ? facts : facts.filter(({ fact }) => fact !== 'inline-policy'),
  });
  return [...(isTurned ? own : own.map((line): Detail => ({ ...line, sign: ' ' }))), ...about];
}

const isDue = (change: Change): boolean => wordsOf(change).due?.includes(change.aspect) ?? false;

/** From the files to the account. */
const detailText = ({ sign, text }: Detail): string =>
  sign === '+' || sign === '-' ? `${sign} ${text}` : text;

/** The documents that differ, each below a heading as in a diff of several files. */
const diffLines = ({ documents }: WordedDrift): Detail[] =>
  documents.flatMap((one): Detail[] => {
    const { name, before, after } = one;
    const where = before && after ? 'files → account' : `only in the ${after ? 'account' : 'files'}`;
    return [{ sign: '~', text: `policy ${name}: ${where}` }, ...documentLines(one)];
  });

/** Less access that nothing more can be said of speaks for itself. */
const isPlain = ({ effect, reason }: WordedDrift): boolean =>
  effect === 'none' || (effect === 'narrows' && reason === '');

/** What is told beside the drift. */
interface Looking extends Pick<WordedPlan, 'looked' | 'notes'> {
  readonly leftAlone?: readonly LeftAlone[];
}

/** Drift for people at a terminal. */
export function renderDrift(
  account: string,
  drift: readonly WordedDrift[],
  colors: Colors,
  looking?: Pick<Looking, 'looked' | 'leftAlone'>,
): string {
  const about = looking ? `${lookedLines(looking.looked, looking.leftAlone ?? [], colors).join('\n')}\n` : '';
  if (drift.length === 0) return `Account ${account} is as the files say: no drift.\n${about}`;
  const paint = { '+': colors.green, '-': colors.red, '~': colors.dim, ' ': (text: string) => text };
  const lines = drift.flatMap((one) => {
    const { text, effect, details } = one;
    const told = whoText(one);
    const who = told === '' ? '' : `  (${told})`;
    const why = isPlain(one) ? [] : sentencesOf(ofDrift(one), one);
    const line = `  ${colors.yellow('~')} ${clean(text)}${colors.dim(clean(who))}`;
    return [
      ...withReasons(line, `  ~ ${text}${who}`.length, { effect: isPlain(one) ? '' : effect, why }, colors),
      ...dangerLines(ofDrift(one), one, colors),
      ...details.map((detail) => `      ${paint[detail.sign](clean(detailText(detail)))}`),
      ...diffLines(one).map((line) => `      ${paint[line.sign](clean(`${line.sign} ${line.text}`))}`),
    ];
  });
  return `${colors.bold(`Drift in account ${account}`)}\n\n${lines.join('\n')}\n\n${countText(drift)}.\n${about}`;
}

/** Who touched it last, and who renamed it; empty where nothing tells. */
const whoText = ({ by, renamed }: Pick<Drift, 'by' | 'renamed'>): string =>
  [
    ...(by && by.at !== renamed?.at ? [`last ${by.call} by ${by.who}, ${by.at}`] : []),
    ...(renamed ? [`renamed from ${renamed.from} to ${renamed.to} by ${renamed.who}, ${renamed.at}`] : []),
  ].join('; ');

const countText = ({ length }: readonly WordedDrift[]): string => plural(length, 'difference');

/** Room for the closing lines within GitHub's limit of 65,536 characters for a body. */
const bodyLimit = 65_000;

/** Parts of the room that may be used up when the whole of a rank has been told, so that lesser ranks are named too. */
const shares = [0.6, 0.8, 0.9, 1];

/**
 * An issue's body: begins with a hidden mark by which a scheduled run finds its issue again, and ends with one that
 * differs whenever anything does, also what has no room: so the issue is updated.
 */
export function renderDriftMarkdown(
  account: string,
  drift: readonly WordedDrift[],
  looking?: Pick<Looking, 'looked' | 'notes'>,
): string {
  const head = `<!-- rollcall:drift:${account} -->\n## Drift in account ${account}\n\n`;
  const about = looking ? `\n${aboutBlock(looking)}\n` : '';
  if (drift.length === 0) return `${head}The account is as the files say.\n${about}`;
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
    bodyLimit - sizeOf(intro) - sizeOf(about),
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
    ...(dangerous > 0 ? [`${dangerous} of them dangerous`] : []),
    ...(cut > 0 ? [`details of ${cut}`] : []),
  ].join(', ');
  const rest = missing === '' ? '' : `\n${missing}: run \`rollcall drift\` to see all.\n`;
  const content = createHash('sha256').update(JSON.stringify(drift)).digest('hex').slice(0, 16);
  return `${intro}${items.join('')}${rest}${about}\n<!-- rollcall:content:${content} -->\n`;
}

function aboutBlock({ looked, notes }: Pick<Looking, 'looked' | 'notes'>): string {
  const shown = notes.slice(0, mostNotes).map((note) => `- ${cutSpan(note, lineLimit)}`);
  const more = notes.length - shown.length;
  return [
    `Looked at: ${lookedText(looked)}.`,
    ...(shown.length > 0 ? ['', ...shown] : []),
    ...(more > 0 ? [`- ${plural(more, 'more note')}: run \`rollcall drift\` to see all`] : []),
  ].join('\n');
}

/** Notes that an issue has room for, and drift beside them. */
const mostNotes = 20;

/** Longest text in a line where not all has room. */
const lineLimit = 480;

/** In one line; with why and the dangers; whole. All text that is not ours stands in code spans and fenced blocks. */
function driftLevels(one: WordedDrift): Entry['levels'] {
  const { text, details, documents } = one;
  const who = whoText(one);
  const lines = (most: number): string[] => [
    `- ${cutSpan(text, most)}${who === '' ? '' : ` (${codeSpan(who)})`}`,
    ...(isPlain(one) ? [] : whyLines(ofDrift(one), one, most)),
    ...dangerTexts(ofDrift(one), one).map(
      (danger) => `🚨 **${danger.label}**: ${markdownProse(danger.text, most)}`,
    ),
  ];
  const left = [
    ...(details.length > 0 ? [plural(details.length, 'detail')] : []),
    ...(documents.length > 0 ? [plural(documents.length, 'policy document')] : []),
  ];
  const whole = (): string =>
    [
      lines(Number.POSITIVE_INFINITY).join('\n  - '),
      ...details.map((detail) => `  - ${codeSpan(detailText(detail))}`),
      ...(documents.length > 0
        ? [codeBlock(diffLines(one).map(diffLine), 'diff').replaceAll(/^/gm, '  ')]
        : []),
    ].join('\n');
  if (left.length === 0 && lines(lineLimit).length === 1) return [whole];
  const marks = dangerLabels(one).map((label) => ` · 🚨 **${label}**`);
  return [
    () => `- ${cutSpan(text, lineLimit)}${marks.join('')}`,
    () =>
      [...lines(lineLimit), ...(left.length > 0 ? [`*left out: ${left.join(' and ')}*`] : [])].join('\n  - '),
    whole,
  ];
}

/** Headings as GitHub colours them in a diff. */
const diffLine = ({ sign, text }: Detail): string => (sign === '~' ? `@@ ${text} @@` : `${sign} ${text}`);
