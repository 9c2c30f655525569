import { codeSpan } from '../core/markdown.ts';
import { kinds } from '../kinds/index.ts';
import type { WordedChange, WordedPlan } from '../kinds/plan.ts';
import type { WordedRule } from '../kinds/rule.ts';
import type { Overridden, RailViolation } from '../core/rails.ts';
import { accessLines, accessTitle, type AccessLine } from './access.ts';
import { dangerLabels } from './change.ts';
import { fitBudget, sizeOf } from './byte-budget.ts';
import type { Entry, Pass } from './byte-budget.ts';
import { markdownProse } from './prose.ts';
import { changeEntry, cutSpan } from './markdown-change.ts';
import { baseLine, isSettled, relaxedTitle, ruleDangers, ruleEffect, rulesHeading } from './rules.ts';
import { lookedText } from './looked.ts';
import {
  beforeRules,
  counted,
  grouped,
  nothingText,
  overriddenTitle,
  partialText,
  sections,
  summaryParts,
  withoutChanges,
} from './sections.ts';
import type { Section } from './sections.ts';

/** What GitHub takes as the body of a comment or an issue. */
export const commentLimit = 65_536;
/** Below this not even the frame has room. */
export const leastLimit = 4_000;

export interface MarkdownOptions {
  /** Most bytes of UTF-8; default `commentLimit`. A step summary takes 1 MiB. */
  readonly limit?: number;
  /** Heading, our own words; default `Plan for AWS account N`. */
  readonly title?: string;
  /** What the hidden first line says it is, so that one comment or issue is found again. */
  readonly marker?: 'plan' | 'drift';
  /** Address of the whole plan, for when it does not fit: the run with its summary and artifact. */
  readonly whole?: string;
}

type Shown = ReturnType<typeof fitBudget<PlanEntry>>;
type PlanEntry = Entry & { readonly change?: WordedChange; readonly rail?: string };

/**
 * The plan as one comment of a pull request. Removals and what widens come first and are never folded; what has no
 * room is counted, never just missing.
 */
export function renderMarkdown(
  plan: WordedPlan,
  violations: readonly RailViolation[],
  options: MarkdownOptions = {},
): string {
  const { limit = commentLimit } = options;
  if (limit < leastLimit) throw new RangeError(`a plan needs room for at least ${leastLimit} bytes`);
  const parts = {
    overridden: plan.overridden.map(overriddenEntry),
    relaxed: plan.relaxed.map(overriddenEntry),
    rules: plan.rules.map(ruleEntry),
    violations: violations.map(violationEntry),
    access: accessLines(plan).map(accessEntry),
    sections: sections(plan).map((section) => ({ section, entries: section.changes.map(changeEntry) })),
    notes: plan.notes.map((note) => ({
      levels: [() => `- ${cutSpan(note, 160)}`, () => `- ${cutSpan(note, 1_000)}`],
    })),
  };
  // The frame's size depends on what is left out of it: try, and give the entries less until all fits.
  let room = limit;
  for (;;) {
    const text = frame(plan, options, parts, fitBudget(passes(parts), room));
    const over = sizeOf(text) - limit;
    if (over <= 0) return text;
    if (room < 0) throw new RangeError('title and address leave no room for the plan');
    room -= over;
  }
}

interface Parts {
  readonly overridden: readonly PlanEntry[];
  readonly relaxed: readonly PlanEntry[];
  readonly rules: readonly PlanEntry[];
  readonly violations: readonly PlanEntry[];
  readonly access: readonly AccessEntry[];
  readonly sections: readonly {
    readonly section: Section;
    readonly entries: readonly (PlanEntry & { readonly change: WordedChange })[];
  }[];
  readonly notes: readonly PlanEntry[];
}

/** A form that every entry has at most. */
const whole = 3;

/** Who gets room first. What comes last is the first to be left out. */
function passes({
  overridden,
  relaxed,
  violations,
  access,
  rules,
  sections,
  notes,
}: Parts): Pass<PlanEntry>[] {
  const of = (id: Section['id']): Parts['sections'][number]['entries'] =>
    sections.find(({ section }) => section.id === id)?.entries ?? [];
  const [person, removes, widens, narrows, left, other] = [
    of('person'),
    of('removes'),
    of('widens'),
    of('narrows'),
    of('left'),
    of('other'),
  ];
  const gains = access.filter(({ sign }) => sign === '+');
  const dangerous = widens.filter(({ change }) => change.dangers);
  return [
    // Neither may push the other out.
    { entries: oneOfEach(overridden), level: 0, share: 0.25 },
    { entries: oneOfEach(violations), level: 0, share: 0.4 },
    { entries: oneOfEach(relaxed), level: 0, share: 0.4 },
    { entries: overridden, level: 0, share: 0.4 },
    { entries: violations, level: 0, share: 0.4 },
    { entries: relaxed, level: 0, share: 0.4 },
    { entries: overridden, level: 1, share: 0.4 },
    { entries: relaxed, level: 1, share: 0.4 },
    { entries: violations, level: 1, share: 0.4 },
    { entries: person, level: 1, share: 0.5 },
    { entries: gains, level: 0, share: 0.55 },
    // Neither may push the other out.
    { entries: removes, level: 0, share: 0.6 },
    { entries: rules, level: 0, share: 0.7 },
    { entries: widens, level: 0 },
    { entries: removes, level: 0 },
    { entries: rules, level: 0 },
    { entries: person, level: 0 },
    { entries: person, level: whole },
    { entries: dangerous, level: 1 },
    { entries: removes, level: 1 },
    { entries: widens, level: 1 },
    { entries: rules, level: 1 },
    { entries: gains, level: 1 },
    { entries: dangerous, level: whole },
    { entries: removes, level: 2 },
    { entries: widens, level: 2 },
    { entries: widens, level: whole },
    { entries: narrows, level: 0 },
    { entries: left, level: 0 },
    { entries: access, level: 0 },
    { entries: narrows, level: 1 },
    { entries: access, level: 1 },
    { entries: left, level: whole },
    { entries: notes, level: 1 },
    { entries: other, level: 0 },
    { entries: removes, level: whole },
    { entries: narrows, level: 2 },
    { entries: narrows, level: whole },
    { entries: other, level: 1 },
    { entries: other, level: 2 },
    { entries: other, level: whole },
  ];
}

/** The first that each rail says: hundreds of protected names must not hide another rail. */
const oneOfEach = (entries: readonly PlanEntry[]): PlanEntry[] =>
  entries.filter(({ rail }, index) => entries.findIndex((other) => other.rail === rail) === index);

function overriddenEntry({ rail, message }: Overridden): PlanEntry {
  const level = (most: number) => (): string => `> - \`${rail}\`: ${cutSpan(message, most)}`;
  return { rail, levels: [level(160), level(1_000)] };
}

function violationEntry({ rail, message, hint }: RailViolation): PlanEntry {
  const [short, long] = overriddenEntry({ rail, message }).levels;
  return { rail, levels: [short!, () => `${long!()}\\\n>   ${cutSpan(hint, 400)}`] };
}

function frame(plan: WordedPlan, options: MarkdownOptions, parts: Parts, shown: Shown): string {
  const account = plan.account.replaceAll(/\D/g, '');
  const { marker = 'plan', title = `Plan for AWS account ${account}` } = options;
  const first = parts.sections.filter(({ section }) => beforeRules(section));
  const last = parts.sections.filter(({ section }) => !beforeRules(section));
  const blocks = [
    `<!-- rollcall:${marker}:${account} -->\n## ${title}`,
    ...(plan.changes.length > 0 ? partialText(plan, codeSpan) : []).map((text) => `> [!NOTE]\n> ${text}`),
    headline(plan),
    ...railBlock('WARNING', `${overriddenTitle}.`, parts.overridden, shown),
    ...railBlock('WARNING', `${relaxedTitle(plan, span)}.`, parts.relaxed, shown),
    ...railBlock('CAUTION', refusedTitle(parts.violations), parts.violations, shown),
    ...leftOut(parts, shown, options),
    ...accessBlock(parts.access, shown),
    ...first.map((part) => sectionBlock(part, shown)),
    ...rulesBlock(plan, parts.rules, shown),
    ...last.map((part) => sectionBlock(part, shown)),
    `Looked at: ${lookedText(plan.looked)}.`,
    ...noteBlock(parts.notes, shown),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function headline(plan: WordedPlan): string {
  if (isSettled(plan)) return nothingText('The account', plan, codeSpan);
  if (plan.changes.length === 0) return `**${withoutChanges(plan)}**`;
  const { changes, actions, widening, dangers, people, rules, byHand, calls } = summaryParts(plan);
  return [
    `**${changes}**: ${actions}`,
    `**${widening}**${dangers === '' ? '' : ` (${dangers})`}`,
    ...people,
    ...rules,
    ...byHand,
    calls,
  ]
    .join(' · ')
    .replaceAll(/\d{4,}/g, (digits) => grouped(Number(digits)));
}

const texts = (entries: readonly PlanEntry[], shown: Shown): string[] =>
  entries.flatMap((entry) => shown.get(entry)?.text ?? []);

const refusedTitle = ({ length }: readonly PlanEntry[]): string =>
  `Refused by ${length === 1 ? 'a rail' : 'rails'}: as it stands, nothing of this plan will be applied.`;

function railBlock(
  alert: 'WARNING' | 'CAUTION',
  title: string,
  entries: readonly PlanEntry[],
  shown: Shown,
): string[] {
  if (entries.length === 0) return [];
  const hidden = entries.filter((entry) => !shown.has(entry));
  return [
    [
      `> [!${alert}]`,
      `> **${title}**`,
      '>',
      ...texts(entries, shown),
      ...(hidden.length > 0 ? [`> - … ${countBy(hidden, ({ rail }) => `\`${rail}\``)} more`] : []),
    ].join('\n'),
  ];
}

/** `12 users, 3 groups`, the most first. */
function countBy<T>(items: readonly T[], label: (item: T, many: boolean) => string): string {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(label(item, false));
    if (group) group.push(item);
    else groups.set(label(item, false), [item]);
  }
  return [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .map((group) => `${grouped(group.length)} ${label(group[0]!, group.length > 1)}`)
    .join(', ');
}

const kindWord = ({ change }: PlanEntry, many: boolean): string => {
  const { kind } = change!;
  return many ? kinds.find(({ name }) => name === kind)!.plural : kind;
};

/** Says at the top that this is not all, exactly how much is missing, and where all is. */
function leftOut(
  { access, rules, sections, notes }: Parts,
  shown: Shown,
  options: MarkdownOptions,
): string[] {
  const entries = sections.flatMap((part) => part.entries);
  const hidden = entries.filter((entry) => !shown.has(entry));
  const shortened = entries.filter((entry) => (shown.get(entry)?.level ?? whole) < entry.levels.length - 1);
  const hiddenAccess = access.filter((entry) => !shown.has(entry)).length;
  const hiddenRules = rules.filter((entry) => !shown.has(entry)).length;
  const hiddenNotes = notes.filter((entry) => !shown.has(entry)).length;
  const missing = [
    ...(hidden.length > 0 ? [`${grouped(hidden.length)} of ${counted(entries.length, 'change')}`] : []),
    ...(shortened.length > 0
      ? [
          `details of ${hidden.length > 0 ? `${grouped(shortened.length)} more` : counted(shortened.length, 'change')}`,
        ]
      : []),
    ...(hiddenAccess > 0
      ? [`${grouped(hiddenAccess)} of ${counted(access.length, 'line')} of who gains and loses`]
      : []),
    ...(hiddenRules > 0 ? [`${grouped(hiddenRules)} of ${counted(rules.length, 'changed rule')}`] : []),
    ...(hiddenNotes > 0 ? [counted(hiddenNotes, 'note')] : []),
  ];
  if (missing.length === 0) return [];
  // The summary has more room than a comment, but not any room either.
  const isSummary = (options.limit ?? commentLimit) > commentLimit;
  const place = isSummary ? 'artifact of this run' : 'summary and the artifact of this run';
  const link = options.whole === undefined ? place : `[${place}](${encodeUrl(options.whole)})`;
  return [
    [
      '> [!IMPORTANT]',
      `> **Not all fits here.** Left out: ${missing.join(', ')}. The whole plan: in the ${link}, or by \`rollcall plan\`.`,
    ].join('\n'),
  ];
}

/** Nothing in an address ends the link. */
const encodeUrl = (url: string): string =>
  new URL(url).href.replaceAll(/[()<>[\]\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);

function sectionBlock({ section, entries }: Parts['sections'][number], shown: Shown): string {
  const { id, title } = section;
  const hidden = entries.filter((entry) => !shown.has(entry));
  const dangerous = hidden.filter(({ change }) => dangerLabels(change).length > 0).length;
  const worst = dangerous > 0 ? `, ${grouped(dangerous)} of them dangerous` : '';
  const visible = texts(entries, shown);
  const list = [
    ...visible,
    ...(hidden.length > 0
      ? [`- **${visible.length > 0 ? '… and ' : ''}${countBy(hidden, kindWord)} not shown here${worst}**`]
      : []),
  ].join('\n');
  const count = grouped(entries.length);
  return id === 'other'
    ? `<details>\n<summary>${title} (${count})</summary>\n\n${list}\n\n</details>`
    : `### ${title} (${count})\n\n${list}`;
}

type AccessEntry = PlanEntry & Pick<AccessLine, 'sign'>;

function accessEntry({ sign, who, what, through }: AccessLine): AccessEntry {
  const level = (most: number): string =>
    `- **${sign === '+' ? 'gains' : 'loses'}** ${markdownProse(who, most)}: ${markdownProse(what, most)}`;
  return { sign, levels: [() => level(160), () => `${level(1_000)}\\\n  ${markdownProse(through, 1_000)}`] };
}

function accessBlock(entries: readonly AccessEntry[], shown: Shown): string[] {
  if (entries.length === 0) return [];
  const hidden = entries.filter((entry) => !shown.has(entry)).length;
  const list = [
    ...texts(entries, shown),
    ...(hidden > 0 ? [`- **… ${grouped(hidden)} not shown here**`] : []),
  ];
  return [`### ${accessTitle} (${grouped(entries.length)})\n\n${list.join('\n')}`];
}

const span = (text: string): string => cutSpan(text, 200);

/** Names and texts are other people's, and stand in code spans. */
function ruleEntry(rule: WordedRule): PlanEntry {
  const effect = rule.effect === 'none' ? '' : ` · ${ruleEffect[rule.effect]}`;
  const marks = ruleDangers(rule);
  const level = (most: number): string => `- ${cutSpan(rule.text, most)}${effect}`;
  const short = (): string => `${level(160)}${marks.map(({ label }) => ` · 🚨 **${label}**`).join('')}`;
  const long = (): string =>
    [
      level(1_000),
      rule.rule === 'as-it-is' ? cutSpan(rule.reason, 480) : markdownProse(rule.reason),
      ...marks.map(({ label, text }) => `🚨 **${label}**: ${cutSpan(text, 480)}`),
    ].join('\\\n  ');
  return { levels: [short, long] };
}

function rulesBlock(plan: WordedPlan, entries: readonly PlanEntry[], shown: Shown): string[] {
  const line = baseLine(plan, span);
  if (entries.length === 0) return line === null ? [] : [line];
  const hidden = entries.filter((entry) => !shown.has(entry)).length;
  const list = [
    ...texts(entries, shown),
    ...(hidden > 0 ? [`- **… ${grouped(hidden)} not shown here**`] : []),
  ];
  return [`### ${rulesHeading(plan, span)} (${grouped(entries.length)})\n\n${list.join('\n')}`];
}

function noteBlock(notes: readonly PlanEntry[], shown: Shown): string[] {
  if (notes.length === 0) return [];
  const hidden = notes.filter((entry) => !shown.has(entry)).length;
  const list = [...texts(notes, shown), ...(hidden > 0 ? [`- … ${grouped(hidden)} not shown here`] : [])];
  return [`### Notes\n\n${list.join('\n')}`];
}
