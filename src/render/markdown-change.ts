import { codeBlock, codeSpan } from '../core/markdown.ts';
import type { Change, Detail } from '../core/plan.ts';
import { plural } from '../core/text.ts';
import { dangerLabels, dangerTexts, documentLines } from './change.ts';
import { effectWord } from './sections.ts';
import type { Entry } from './byte-budget.ts';

/** The start of a long text; how much is missing is said outside of the code span. */
export function cutSpan(text: string, most: number): string {
  if (text.length <= most) return codeSpan(text);
  const splitsPair = /[\ud800-\udbff]/.test(text[most - 1]!);
  const start = text.slice(0, splitsPair ? most - 1 : most);
  return `${codeSpan(start)} … (${plural(text.length - start.length, 'character')} more)`;
}

/** How GitHub colours a diff: green, red, orange, nothing. */
const diffSign: { readonly [sign in Detail['sign']]: string } = { '+': '+', '-': '-', '~': '!', ' ': ' ' };
const diffLine = ({ sign, text }: Detail): string => `${diffSign[sign]} ${text}`;

const indent = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

const word: { readonly [action in Change['action']]: string } = {
  offboard: 'Offboard',
  delete: 'Delete',
  create: 'Create',
  update: 'Change',
  rename: 'Rename',
};

/** Longest text in a line of its own; what is longer is also told in full among the details. */
const lineLimit = 480;
const shortLimit = 100;

/**
 * One change as a list item: in one short line; with the reason and dangers; with details; with policy diffs.
 * All text that is not ours stands in code spans and fenced blocks.
 */
export function changeEntry(change: Change): Entry & { readonly change: Change } {
  const details = [...tooLongForALine(change), ...change.details].map(diffLine);
  const { documents } = change;
  const left = [
    ...(details.length > 0 ? [plural(details.length, 'detail')] : []),
    ...(documents.length > 0 ? [plural(documents.length, 'policy document')] : []),
  ];
  const levels = [() => item(change, [], left)];
  if (change.effect !== 'none' || left.length > 0) levels.unshift(() => shortItem(change));
  if (details.length > 0) levels.push(() => item(change, details, left.slice(1)));
  if (documents.length > 0) levels.push(() => item(change, [...details, ...documentDiff(change)]));
  return { change, levels: levels.map(once) };
}

/** A policy diff is made when there is room for it, and then only once. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

function tooLongForALine({ summary, reason, details, added = [], removed = [] }: Change): Detail[] {
  const all: Detail[] = [];
  if (summary.length > lineLimit && details.length === 0) {
    all.push(...added.map((text): Detail => ({ sign: '+', text })));
    all.push(...removed.map((text): Detail => ({ sign: '-', text })));
    if (all.length === 0) all.push({ sign: ' ', text: summary });
  }
  if (reason.length > lineLimit) all.push({ sign: ' ', text: reason });
  return all;
}

/** Several documents in one change are told apart by a heading as in a diff of several files. */
function documentDiff({ documents }: Change): string[] {
  return documents.flatMap(({ name, before, after }) => [
    ...(documents.length > 1 ? [`@@ policy ${name} @@`] : []),
    ...documentLines(before, after).map(diffLine),
  ]);
}

function title(change: Change, most: number): string {
  const { action, kind, name, summary } = change;
  const object = `**${word[action]} ${kind}** ${codeSpan(name)}`;
  return summary === action ? object : `${object}: ${cutSpan(summary, most)}`;
}

/** Says only what the section's heading does not say already. */
function shortItem(change: Change): string {
  const marks = dangerLabels(change).map((label) => ` · 🚨 **${label}**`);
  const told = change.effect === 'narrows' || change.effect === 'none' || isPlainWidening(change);
  return `- ${title(change, shortLimit)}${marks.join('')}${told ? '' : ` · ${effectWord[change.effect]}`}`;
}

const isPlainWidening = ({ effect, action }: Change): boolean =>
  effect === 'widens' && action !== 'offboard' && action !== 'delete';

function item(change: Change, diff: readonly string[], left: readonly string[] = []): string {
  const { effect, reason } = change;
  const lines = [
    title(change, lineLimit),
    ...(effect === 'none' ? [] : [`${effectWord[effect]}: ${cutSpan(reason, lineLimit)}`]),
    ...dangerTexts(change).map(({ label, text }) => `🚨 **${label}**: ${cutSpan(text, lineLimit)}`),
    ...(left.length > 0 ? [`*left out: ${left.join(' and ')}*`] : []),
  ];
  const block = diff.length > 0 ? `\n${indent(codeBlock(diff, 'diff'))}` : '';
  return `- ${lines.join('\\\n  ')}${block}`;
}
