/** Texts in sections, for a terminal and as Markdown. */
import { codeSpan } from '../core/markdown.ts';
import { clean } from '../core/text.ts';
import type { Colors } from './diagnostics.ts';

export interface OutlineItem {
  readonly text: string;
  /** Lines below it. */
  readonly more?: readonly string[];
}

export interface Outline {
  readonly title: string;
  /** Whether sections stand apart from each other. */
  readonly isSpaced: boolean;
  readonly sections: readonly { readonly head: string; readonly items: readonly OutlineItem[] }[];
  /** The last line. */
  readonly summary?: string;
  readonly notes: readonly string[];
}

export function renderOutline(
  { title, isSpaced, sections, summary, notes }: Outline,
  colors: Colors,
): string {
  const lines = sections.flatMap(({ head, items }) => [
    colors.bold(clean(head)),
    ...items.flatMap(({ text, more = [] }) => [
      `    ${clean(text)}`,
      ...more.map((line) => `        ${colors.dim(clean(line))}`),
    ]),
    ...(isSpaced ? [''] : []),
  ]);
  return `${[
    colors.bold(clean(title)),
    '',
    ...lines,
    ...(isSpaced || sections.length === 0 ? [] : ['']),
    ...(summary === undefined ? [] : [clean(summary)]),
    ...notes.map((note) => `note: ${clean(note)}`),
  ].join('\n')}\n`;
}

/** All text that is not ours stands in code spans. */
export function outlineMarkdown({ title, sections, summary, notes }: Outline): string {
  const lines = sections.flatMap(({ head, items }) => [
    `- **${codeSpan(head)}**`,
    ...items.flatMap(({ text, more = [] }) => [
      `  - ${codeSpan(text)}`,
      ...more.map((line) => `    - ${codeSpan(line)}`),
    ]),
  ]);
  const after = [...(summary === undefined ? [] : [summary]), ...notes.map((note) => `Note: ${note}`)];
  return `${[
    `## ${codeSpan(title)}`,
    '',
    ...(lines.length > 0 ? [...lines, ''] : []),
    ...after.map((text) => `${codeSpan(text)}  `),
  ].join('\n')}\n`;
}
