import type { NewEntry } from '../edit/index.ts';
import { topOf } from '../../kinds/sections.ts';
import { fileName } from './documents.ts';

/** How the manifests are cut into files: by kind of object, or by IAM path. */
export const layouts = ['kind', 'path'] as const;
export type Layout = (typeof layouts)[number];

/** The file for an object, below the directory of the manifests and with `/`. */
export function fileFor(layout: Layout, section: string, path: string): string {
  if (layout === 'kind') return `${topOf(section)}.yaml`;
  const segments = path.split('/').filter((segment) => segment !== '');
  // Some systems would make one file of paths that differ only in case.
  return segments.length === 0
    ? 'main.yaml'
    : `paths/${segments.map((segment) => fileName(segment.toLowerCase())).join('/')}.yaml`;
}

/** The way from a file back to the directory of the manifests: `./`, `../`, `../../`. */
export const wayUp = (file: string): string => '../'.repeat(file.split('/').length - 1) || './';

/** The schema for editors, in the directory of the manifests: found offline, and however rollcall was installed. */
export const schemaFile = 'manifest.schema.json';

/** The line by which editors find the schema. @param file below the directory of the manifests, with `/`. */
export const schemaLine = (file: string): string =>
  `# yaml-language-server: $schema=${wayUp(file)}${schemaFile}`;

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** What there is by section, by the keys under which the sections stand; `rest` is what a nested one has below that. */
export function nestedSections<T>(
  sections: readonly (readonly [section: string, content: T])[],
): ReadonlyMap<string, readonly { readonly rest: string; readonly content: T }[]> {
  const nests = new Map<string, { rest: string; content: T }[]>();
  for (const [section, content] of sections) {
    const top = topOf(section);
    nests.set(top, [...(nests.get(top) ?? []), { rest: section.slice(top.length + 1), content }]);
  }
  return nests;
}

/** A new manifest file. */
export function renderFile(file: string, content: ReadonlyMap<string, readonly NewEntry[]>): string {
  const blocks = [...nestedSections([...content])].map(([top, parts]) =>
    [
      `${top}:`,
      ...parts.flatMap(({ rest, content: entries }) => {
        const lines = entries.flatMap(({ block }) => block);
        return indented(rest === '' ? lines : [`${rest}:`, ...indented(lines)]);
      }),
    ].join('\n'),
  );
  return `${[schemaLine(file), ...blocks].join('\n\n').replace('\n\n', '\n')}\n`;
}

/** A file that would be longer is continued in another, since large files are refused. */
const mostLength = 2 * 1024 * 1024;

/** Splits entries so that each part fits a file. */
export function inChunks(entries: readonly NewEntry[]): NewEntry[][] {
  const chunks: NewEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const length = entry.block.reduce((sum, line) => sum + line.length + 3, 0);
    if (length > room || chunks.length === 0) {
      chunks.push([]);
      room = mostLength;
    }
    room -= length;
    chunks.at(-1)!.push(entry);
  }
  return chunks;
}

/** `users.yaml`, `users-2.yaml`, … */
export const numbered = (file: string, number: number): string =>
  number === 1 ? file : file.replace(/(\.[a-z]+)$/, `-${number}$1`);
