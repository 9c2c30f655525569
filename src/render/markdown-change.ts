import { plain } from '../core/marked.ts';
import { codeBlock, codeSpan } from '../core/markdown.ts';
import { signOf } from '../kinds/facts.ts';
import type { Change, DriftImpact, Fact, WordedChange } from '../kinds/plan.ts';
import type { Detail } from '../kinds/change.ts';
import { plural } from '../core/text.ts';
import { dangerLabels, dangerTexts, documentLines, documentsOf } from './change.ts';
import type { ShownDocument } from './change.ts';
import { markdownProse } from './prose.ts';
import { sentencesOf, wordsOf } from './kind-words.ts';
import { effectWord, reasonOf } from './sections.ts';
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
/** More reasons than these are counted, and told among the details. */
const mostSentences = 5;

/**
 * One change as a list item: in one short line; with the reason and dangers; with details; with policy diffs.
 * All text that is not ours stands in code spans and fenced blocks.
 */
export function changeEntry(change: WordedChange): Entry & { readonly change: WordedChange } {
  const details = [...tooLongForALine(change), ...change.details].map(diffLine);
  const documents = documentsOf(change, change.facts);
  const left = [
    ...(details.length > 0 ? [plural(details.length, 'detail')] : []),
    ...(documents.length > 0 ? [plural(documents.length, 'policy document')] : []),
  ];
  const levels = [() => item(change, [], left)];
  if (change.effect !== 'none' || left.length > 0) levels.unshift(() => shortItem(change));
  if (details.length > 0) levels.push(() => item(change, details, left.slice(1)));
  if (documents.length > 0) levels.push(() => item(change, [...details, ...documentDiff(documents)]));
  return { change, levels: levels.map(once) };
}

/** A policy diff is made when there is room for it, and then only once. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= make());
}

function tooLongForALine(change: WordedChange): Detail[] {
  const { summary, details } = change;
  const sentences = sentencesOf(change, change as DriftImpact).map(plain);
  const isCut = sentences.length > mostSentences || sentences.some(({ length }) => length > lineLimit);
  const facts: readonly Fact[] = change.facts;
  const lines = (): Detail[] =>
    facts.length > 1
      ? facts.map((fact) => ({ sign: signOf(fact), text: wordsOf(change).fact(fact) }))
      : [{ sign: ' ', text: summary }];
  return [
    ...(summary.length > lineLimit && details.length === 0 ? lines() : []),
    ...(isCut ? sentences.map((text) => ({ sign: ' ' as const, text })) : []),
  ];
}

/** Several documents in one change are told apart by a heading as in a diff of several files. */
function documentDiff(documents: readonly ShownDocument[]): string[] {
  return documents.flatMap((one) => [
    ...(documents.length > 1 ? [`@@ policy ${one.name} @@`] : []),
    ...documentLines(one).map(diffLine),
  ]);
}

function title(change: WordedChange, most: number): string {
  const { action, kind, name, summary } = change;
  const object = `**${word[action]} ${kind}** ${codeSpan(name)}`;
  return summary === action ? object : `${object}: ${cutSpan(summary, most)}`;
}

/** Says only what the section's heading does not say already. */
function shortItem(change: WordedChange): string {
  const marks = dangerLabels(change).map((label) => ` · 🚨 **${label}**`);
  const isPlain = change.effect === 'narrows' || change.effect === 'none' || isPlainWidening(change);
  return `- ${title(change, shortLimit)}${marks.join('')}${isPlain ? '' : ` · ${effectWord[change.effect]}`}`;
}

const isPlainWidening = ({ effect, action }: WordedChange): boolean =>
  effect === 'widens' && action !== 'offboard' && action !== 'delete';

function item(change: WordedChange, diff: readonly string[], left: readonly string[] = []): string {
  const lines = [
    ...(reasonOf(change) === null ? [] : whyLines(change, change as DriftImpact, lineLimit)),
    ...dangerTexts(change, change).map(
      ({ label, text }) => `🚨 **${label}**: ${markdownProse(text, lineLimit)}`,
    ),
    ...(left.length > 0 ? [`*left out: ${left.join(' and ')}*`] : []),
  ].map((line) => `\n  - ${line}`);
  const block = diff.length > 0 ? `\n${indent(codeBlock(diff, 'diff'))}` : '';
  return `- ${title(change, lineLimit)}${lines.join('')}${block}`;
}

/** Each reason by itself: what comes and what goes must not run into each other. */
export function whyLines(
  of: Pick<Change, 'kind'>,
  { effect, reasons }: Pick<DriftImpact, 'effect' | 'reasons'>,
  most: number,
): string[] {
  const sentences = sentencesOf(of, { reasons });
  const word = effectWord[effect];
  if (sentences.length === 0) return [word];
  const more = sentences.length - mostSentences;
  return [
    ...sentences
      .slice(0, mostSentences)
      .map((text, at) => `${at === 0 ? `${word}: ` : ''}${markdownProse(text, most)}`),
    ...(more > 0 ? [`… and ${plural(more, 'more reason')}`] : []),
  ];
}
