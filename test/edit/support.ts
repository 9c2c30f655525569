import { expect } from 'vitest';
import { remove } from '../../src/manifest/edit/index.ts';
import type { Target } from '../../src/manifest/edit/index.ts';
import { Report } from '../../src/core/report.ts';
import { field, Source } from '../../src/core/tree.ts';
import type { Node } from '../../src/core/tree.ts';
import { readYaml } from '../../src/manifest/yaml.ts';

export const sourceOf = (text: string): Source => new Source('m.yaml', 'm.yaml', Buffer.from(text), text);

export function rootOf(source: Source): Node {
  const report = new Report();
  const root = readYaml(source, report);
  expect(report.list()).toEqual([]);
  return root!;
}

/** The entry or item at a path, as an edit names it. */
export function targetOf(source: Source, path: readonly (string | number)[]): Target {
  let node = rootOf(source);
  for (const step of path.slice(0, -1)) {
    node =
      typeof step === 'number' && node.kind === 'list' ? node.items[step]! : field(node, String(step))!.value;
  }
  const last = path.at(-1)!;
  if (typeof last === 'number') return { list: node.offset, index: last };
  return { key: field(node, last)!.at.offset };
}

export function removePaths(text: string, ...paths: (readonly (string | number)[])[]): string {
  const source = sourceOf(text);
  return remove(
    source,
    paths.map((path) => targetOf(source, path)),
  ).text;
}
