import { RollcallError } from '../../core/errors.ts';
import { quote } from '../../core/text.ts';
import type { Source } from '../../core/tree.ts';
import type { Member, Syntax } from './syntax.ts';

/**
 * Refuses to remove an anchor that is used elsewhere: its alias would lose its value, or get that of another anchor of
 * the same name.
 */
export function refuseUsedAnchors(source: Source, syntax: Syntax, removed: readonly Member[]): void {
  const isRemoved = (at: number): boolean => removed.some(({ from, to }) => at >= from && at < to);
  const anchors = new Map<string, number>();
  for (const { type, from, to } of syntax.leaves) {
    const name = source.text.slice(from + 1, to);
    if (type === 'anchor') anchors.set(name, from);
    if (type !== 'alias') continue;
    const anchor = anchors.get(name);
    if (anchor === undefined || !isRemoved(anchor) || isRemoved(from)) continue;
    throw new RollcallError(`the anchor &${name} cannot be removed: something else uses it`, {
      hint: `write out what *${name} stands for, or move the anchor to an x-… key`,
      diagnostics: [
        {
          severity: 'error',
          code: 'anchor-in-use',
          message: `the anchor ${quote(`&${name}`)} is in what is to be removed`,
          at: source.locate(anchor),
          related: [{ message: `*${name} is used here`, at: source.locate(from) }],
        },
      ],
    });
  }
}
