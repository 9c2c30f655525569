import type { WordedChange, WordedPlan } from '../kinds/plan.ts';
import { clean, plural } from '../core/text.ts';
import { accessLines, accessTitle } from './access.ts';
import { dangerTexts, documentLines, documentsOf } from './change.ts';
import {
  actionSign,
  nothingText,
  overriddenTitle,
  partialText,
  reasonOf,
  sections,
  summary,
} from './sections.ts';
import type { Colors } from './diagnostics.ts';

/** A plan for people at a terminal. */
export function renderPlan(plan: WordedPlan, colors: Colors): string {
  const lines: string[] = [];
  if (plan.changes.length === 0) {
    lines.push(nothingText(`Account ${plan.account}`, plan));
  } else {
    lines.push(colors.bold(`Plan for account ${plan.account}`), ...partialText(plan), '');
    lines.push(...renderOverridden(plan, colors));
    lines.push(...renderAccess(plan, colors));
    for (const section of sections(plan)) {
      lines.push(
        colors.bold(section.title),
        ...section.changes.flatMap((change) => renderChange(change, colors)),
        '',
      );
    }
    lines.push(`${summary(plan)}.`);
  }
  for (const note of plan.notes) lines.push(`note: ${clean(note)}`);
  return `${lines.join('\n')}\n`;
}

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

function renderOverridden({ overridden }: WordedPlan, colors: Colors): string[] {
  if (overridden.length === 0) return [];
  return [
    colors.red(colors.bold(overriddenTitle)),
    ...overridden.map(({ rail, message }) => `  ${colors.red('!')} ${rail}: ${clean(message)}`),
    '',
  ];
}

function renderAccess(plan: WordedPlan, colors: Colors): string[] {
  const lines = accessLines(plan);
  if (lines.length === 0) return [];
  const paint = painter(colors);
  return [
    colors.bold(accessTitle),
    ...lines.map(
      ({ sign, who, what, through }) =>
        `  ${paint[sign](sign)} ${colors.bold(clean(who))}: ${clean(what)}  ${colors.dim(`(${clean(through)})`)}`,
    ),
    '',
  ];
}

function renderChange(change: WordedChange, colors: Colors): string[] {
  const paint = painter(colors);
  const sign = actionSign[change.action];
  const reason = reasonOf(change);
  const effect =
    reason === null
      ? ''
      : `  ${colors.dim(change.effect === 'none' ? `(${clean(reason)})` : `(${change.effect}: ${clean(reason)})`)}`;
  return [
    `  ${paint[sign](sign)} ${change.kind} ${colors.bold(clean(change.name))}: ${clean(change.summary)}${effect}`,
    ...dangerTexts(change).map(
      ({ label, text }) => `      ${colors.red(`${colors.bold(`! ${label}`)}: ${clean(text)}`)}`,
    ),
    ...change.details.map(({ sign, text }) => `      ${paint[sign](`${sign} ${clean(text)}`)}`),
    ...documentsOf(change, change.facts)
      .flatMap(documentLines)
      .map(({ sign, text }) => `      ${paint[sign](`${sign} ${clean(text)}`)}`),
  ];
}

const painter = (colors: Colors) => ({
  '+': colors.green,
  '-': colors.red,
  '~': colors.yellow,
  ' ': (text: string) => text,
});
