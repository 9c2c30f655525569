import { NameMap } from '../../core/names.ts';
import type { Report } from '../../core/report.ts';
import { quote } from '../../core/text.ts';
import { itemsOf, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';

/** The names or patterns of a list. The same one twice, in whichever case, is an error. */
export function readNames(node: Node | undefined, report: Report): string[] {
  const seen = new NameMap<Node>();
  const names: string[] = [];
  for (const item of itemsOf(node)) {
    const text = textOf(item);
    if (text === undefined) continue;
    const first = seen.get(text);
    if (first) {
      report.error('duplicate-entry', place(item), `${quote(text)} is there twice in this list`, {
        hint: textOf(first) === text ? 'drop one' : 'drop one: IAM does not tell case apart',
        related: [{ message: 'first here', at: place(first) }],
      });
      continue;
    }
    seen.set(text, item);
    names.push(text);
  }
  return names;
}
