import { plain } from '../core/marked.ts';
import type { LeftAlone, Looked, WordedChange, WordedPlan } from '../kinds/plan.ts';
import { clean, plural } from '../core/text.ts';
import { accessLines, accessTitle } from './access.ts';
import { dangerTexts, documentLines, documentsOf } from './change.ts';
import type { Of } from './change.ts';
import { leftAloneLines, lookedText } from './looked.ts';
import {
  baseLine,
  isSettled,
  relaxedTitle,
  ruleDangers,
  ruleEffect,
  rulesHeading,
  ruleSign,
} from './rules.ts';
import {
  actionSign,
  beforeRules,
  nothingText,
  overriddenTitle,
  partialText,
  reasonOf,
  sections,
  summary,
} from './sections.ts';
import { columns, wrapped } from './prose.ts';
import { sentencesOf } from './kind-words.ts';
import type { Section } from './sections.ts';
import type { Colors } from './diagnostics.ts';

/**
 * A plan for people at a terminal.
 *
 * @param leftAlone names of what it is not about, for whoever wants to see them.
 */
export function renderPlan(plan: WordedPlan, colors: Colors, leftAlone: readonly LeftAlone[] = []): string {
  const lines: string[] = [];
  const compared = [baseLine(plan) ?? []].flat().map(clean);
  if (isSettled(plan)) {
    lines.push(nothingText(`Account ${plan.account}`, plan), ...compared);
  } else {
    lines.push(colors.bold(`Plan for account ${plan.account}`), ...partialText(plan), '');
    lines.push(...renderRails(plan, colors));
    lines.push(...renderAccess(plan, colors));
    const parts = sections(plan);
    const [first, last] = [parts.filter(beforeRules), parts.filter((part) => !beforeRules(part))];
    lines.push(...first.flatMap((part) => renderSection(part, colors)), ...renderRules(plan, colors));
    lines.push(...last.flatMap((part) => renderSection(part, colors)), ...compared, `${summary(plan)}.`);
  }
  lines.push(...lookedLines(plan.looked, leftAlone, colors));
  for (const note of plan.notes) lines.push(`note: ${clean(note)}`);
  return `${lines.join('\n')}\n`;
}

/** What was looked at, and on request the names of what was left alone. */
export const lookedLines = (looked: Looked, leftAlone: readonly LeftAlone[], colors: Colors): string[] => [
  `Looked at: ${lookedText(looked)}.`,
  ...leftAloneLines(leftAlone).map((line) => `  ${colors.dim(clean(line))}`),
];

/** What applying leaves to people, or with others who hold it, and what they can do; empty where there is nothing. */
export function renderNotApplied(plan: WordedPlan, colors: Colors): string {
  const byHand = plan.changes.filter((change) => change.byHand);
  const left = plan.changes.filter((change) => change.left);
  const list = (title: string, changes: readonly WordedChange[]): string[] =>
    changes.length === 0
      ? []
      : [colors.bold(title), ...changes.flatMap((change) => renderChange(change, colors)), ''];
  return [
    list(`Not applied, ${plural(byHand.length, 'change')} that only a person can settle:`, byHand),
    list('Left as it is, as others hold it:', left),
  ]
    .map((lines) => lines.join('\n'))
    .join('');
}

const renderSection = ({ title, changes }: Section, colors: Colors): string[] => [
  colors.bold(title),
  ...changes.flatMap((change) => renderChange(change, colors)),
  '',
];

function renderRails(plan: WordedPlan, colors: Colors): string[] {
  const box = (title: string, rails: WordedPlan['overridden']): string[] =>
    rails.length === 0
      ? []
      : [
          colors.red(colors.bold(clean(title))),
          ...rails.map(({ rail, message }) => `  ${colors.red('!')} ${rail}: ${clean(message)}`),
          '',
        ];
  return [...box(overriddenTitle, plan.overridden), ...box(relaxedTitle(plan), plan.relaxed)];
}

function renderRules(plan: WordedPlan, colors: Colors): string[] {
  if (plan.rules.length === 0) return [];
  const paint = painter(colors);
  return [
    colors.bold(clean(rulesHeading(plan))),
    ...plan.rules.flatMap((rule) => {
      const sign = ruleSign(rule);
      const text = clean(rule.text);
      const why = { effect: rule.effect === 'none' ? '' : ruleEffect[rule.effect], why: [rule.reason] };
      return [
        ...withReasons(`  ${paint[sign](sign)} ${text}`, text.length + 4, why, colors),
        ...ruleDangers(rule).map(
          ({ label, text }) => `      ${colors.red(`${colors.bold(`! ${label}`)}: ${clean(text)}`)}`,
        ),
      ];
    }),
    '',
  ];
}

function renderAccess(plan: WordedPlan, colors: Colors): string[] {
  const lines = accessLines(plan);
  if (lines.length === 0) return [];
  const paint = painter(colors);
  return [
    colors.bold(accessTitle),
    ...lines.flatMap(({ sign, who, what, through }) => {
      const [named, why] = [clean(plain(who)), `(${through})`];
      const first = `${who}: ${what}`;
      // A list of names may be broken, and then stands there as it is.
      const head = (text: string): string =>
        `  ${paint[sign](sign)} ${clean(text).replace(named, () => colors.bold(named))}`;
      if (plain(first + why).length + 6 <= columns)
        return [`${head(plain(first))}  ${colors.dim(clean(plain(why)))}`];
      const [start = '', ...rest] = wrapped(first, 4, 6);
      return [
        head(start),
        ...rest.map((text) => `      ${clean(text)}`),
        ...wrapped(why, 6, 7).map((text, at) => `      ${at === 0 ? '' : ' '}${colors.dim(clean(text))}`),
      ];
    }),
    '',
  ];
}

function renderChange(change: WordedChange, colors: Colors): string[] {
  const paint = painter(colors);
  const sign = actionSign[change.action];
  const { kind, name } = change;
  const head = `  ${paint[sign](sign)} ${kind} ${colors.bold(clean(name))}: ${clean(change.summary)}`;
  const length = `  ${sign} ${kind} ${clean(name)}: ${clean(change.summary)}`.length;
  const why = reasonOf(change) === null ? [] : sentencesOf(change, change);
  return [
    ...withReasons(head, length, { effect: change.effect === 'none' ? '' : change.effect, why }, colors),
    ...dangerLines(change, change, colors),
    ...change.details.map(({ sign, text }) => `      ${paint[sign](`${sign} ${clean(text)}`)}`),
    ...documentsOf(change, change.facts)
      .flatMap(documentLines)
      .map(({ sign, text }) => `      ${paint[sign](`${sign} ${clean(text)}`)}`),
  ];
}

interface Why {
  /** Empty where the reasons speak for themselves. */
  readonly effect: string;
  /** A sentence each, names marked. */
  readonly why: readonly string[];
}

/** The reason behind the line where both have room in it; else each reason below it. @param length of the line as seen. */
export function withReasons(line: string, length: number, { effect, why }: Why, colors: Colors): string[] {
  const said = effect === '' || why.length === 0 ? effect : `${effect}: `;
  if (effect === '' && why.length === 0) return [line];
  const short = `(${said}${clean(plain(why.join('')))})`;
  if (why.length < 2 && length + short.length + 2 <= columns) return [`${line}  ${colors.dim(short)}`];
  const indent = 6 + said.length;
  const lines = why.flatMap((sentence) => wrapped(sentence, indent, indent));
  const below = why.length === 0 ? [''] : lines;
  return [
    line,
    ...below.map((text, at) =>
      colors.dim(`      ${at === 0 ? said : ' '.repeat(said.length)}${clean(text)}`),
    ),
  ];
}

/** Not broken: what to do may stand there as a command. */
export const dangerLines = (of: Of, dangerous: Parameters<typeof dangerTexts>[1], colors: Colors): string[] =>
  dangerTexts(of, dangerous).map(
    ({ label, text }) => `      ${colors.red(`${colors.bold(`! ${label}`)}: ${clean(plain(text))}`)}`,
  );

const painter = (colors: Colors) => ({
  '+': colors.green,
  '-': colors.red,
  '~': colors.yellow,
  ' ': (text: string) => text,
});
