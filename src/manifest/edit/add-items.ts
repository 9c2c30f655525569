import { stableJson } from '../../core/json.ts';
import { Report } from '../../core/report.ts';
import { entryAt, toJson, type Source } from '../../core/tree.ts';
import { readYaml } from '../yaml.ts';
import { behind, joined, spliceFlow } from './place.ts';
import { withText } from './remove.ts';
import { Syntax } from './syntax.ts';
import { applySplices, lineStart, type Splice } from './text.ts';

/** An item to be added, in both styles. */
interface NewItem {
  readonly value: string;
  /** Lines in block style, with comments and the dash. */
  readonly block: readonly string[];
  readonly flow: string;
}

/** Adds items at the end of the list at a path of keys. Null if there is no such list or nothing can be added to it. */
export function addItems(source: Source, path: readonly string[], items: readonly NewItem[]): Source | null {
  const before = listAt(source, path);
  if (before === null) return null;
  const syntax = new Syntax(source.text);
  const list = syntax.collectionAt(before.offset, 'seq');
  if (!list) return null;
  const splices: Splice[] = list.inside
    ? spliceFlow(
        syntax,
        list,
        items.map(({ flow }) => flow),
      )
    : [last(syntax, list.members.at(-1)!, items)];
  const edited = withText(source, applySplices(source.text, splices));
  const after = listAt(edited, path);
  const wanted = [...before.items, ...items.map(({ value }) => value)];
  return after !== null && stableJson(after.items) === stableJson(wanted) ? edited : null;
}

function last(
  syntax: Syntax,
  member: { readonly keyAt: number | null; readonly from: number; readonly to: number },
  items: readonly NewItem[],
): Splice {
  const { text } = syntax;
  const { at, text: lead } = behind(syntax, member);
  const indent = ' '.repeat(member.from - lineStart(text, member.from));
  const lines = joined(
    text,
    indent,
    items.flatMap(({ block }) => block),
  );
  return { from: at, to: at, text: `${lead}${lines}` };
}

function listAt(source: Source, path: readonly string[]): { offset: number; items: unknown[] } | null {
  const report = new Report();
  const root = readYaml(source, report);
  const list = root && entryAt(root, path)?.value;
  if (report.hasErrors || list?.kind !== 'list') return null;
  return { offset: list.offset, items: toJson(list) as unknown[] };
}
