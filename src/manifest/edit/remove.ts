import { RollcallError } from '../../core/errors.ts';
import { Source } from '../../core/tree.ts';
import { removeFromBlock } from './block.ts';
import { refuseUsedAnchors } from './anchors.ts';
import { removeFromFlow } from './flow.ts';
import { shapeOf, type Target } from './shape.ts';
import { Syntax, type Collection, type Member } from './syntax.ts';
import { applySplices } from './text.ts';

export type { Target } from './shape.ts';

/** The file with a new text; a byte order mark is kept. */
export function withText(source: Source, text: string): Source {
  const mark = [0xef, 0xbb, 0xbf].every((byte, index) => source.bytes[index] === byte) ? '\ufeff' : '';
  return new Source(source.name, source.path, Buffer.from(mark + text), text);
}

/**
 * Removes entries and items from a YAML file; every other byte stays. To an entry belong its lines, the comment beside
 * it, comments directly above at its indentation, more deeply indented ones below, and the comma or blank line that
 * would be left over.
 *
 * @throws RollcallError if something else depends on it.
 */
export function remove(source: Source, targets: readonly Target[]): Source {
  const syntax = new Syntax(source.text);
  const found = targets.map((target) => ({ target, ...locate(syntax, target) }));
  const outer = found.filter(
    ({ member }, place) =>
      !found.some((other, at) => at !== place && holds(other.member, member, at < place)),
  );
  refuseUsedAnchors(
    source,
    syntax,
    outer.map(({ member }) => member),
  );
  // The last one first, so that the offsets of the others stay right.
  return outer
    .sort((a, b) => b.member.from - a.member.from)
    .reduce((edited, { target }) => removeOne(edited, target), source);
}

/** A member inside another is removed with it; of two equal ones, the first counts. */
const holds = (outer: Member, inner: Member, isFirst: boolean): boolean =>
  outer.from <= inner.from &&
  outer.to >= inner.to &&
  (isFirst || outer.from !== inner.from || outer.to !== inner.to);

function locate(syntax: Syntax, target: Target): { collection: Collection; index: number; member: Member } {
  const found =
    'key' in target
      ? syntax.entryAt(target.key)
      : { collection: syntax.collectionAt(target.list, 'seq'), index: target.index };
  const member = found?.collection?.members[found.index];
  if (!found?.collection || !member) throw new Error(`nothing to remove at ${JSON.stringify(target)}`);
  return { collection: found.collection, index: found.index, member };
}

function removeOne(source: Source, target: Target): Source {
  const syntax = new Syntax(source.text);
  const { collection, index, member } = locate(syntax, target);
  const wanted = shapeOf(source.text, target);
  const ways = collection.inside
    ? removeFromFlow(syntax, collection, index)
    : removeFromBlock(syntax, collection, index);
  for (const splices of ways) {
    const text = applySplices(source.text, splices);
    if (wanted !== null && shapeOf(text) === wanted) return withText(source, text);
  }
  throw new RollcallError(`this cannot be taken out of ${source.name} without changing what is around it`, {
    hint: 'remove it by hand',
    diagnostics: [
      {
        severity: 'error',
        code: 'cannot-edit',
        message: 'the text here is too complex to edit',
        at: source.locate(member.from),
      },
    ],
  });
}
