import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Pair, ParsedNode } from 'yaml';

/** An entry, by the offset of its key, or an item of the list that begins at an offset. */
export type Target = { readonly key: number } | { readonly list: number; readonly index: number };

/**
 * The contents of a text with the names of anchors and aliases, as one string: an edit is right if everything else
 * stays the same. Null if the text is not one valid document.
 */
export function shapeOf(text: string, without?: Target): string | null {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    prettyErrors: false,
  });
  if (document.errors.length > 0) return null;
  return JSON.stringify(shape(document.contents, without));
}

type Shape = string | number | boolean | null | readonly Shape[];

function shape(node: ParsedNode | null, without: Target | undefined): Shape {
  if (node === null) return null;
  if (isAlias(node)) return ['alias', node.source];
  const head = [node.anchor ?? null, node.tag ?? null];
  if (isMap(node)) {
    const pairs = node.items.filter(
      ({ key }) => !(without && 'key' in without && (key as ParsedNode | null)?.range[0] === without.key),
    );
    return [
      'map',
      ...head,
      ...pairs.map(({ key, value }: Pair): Shape => [
        shape(key as ParsedNode | null, without),
        shape(value as ParsedNode | null, without),
      ]),
    ];
  }
  if (isSeq(node)) {
    const here = without && 'list' in without && node.range[0] === without.list ? without.index : -1;
    const items = node.items.filter((_, index) => index !== here);
    return ['list', ...head, ...items.map((item) => shape(item, without))];
  }
  // An empty value and a written null are the same.
  return isScalar(node) && !(node.value === null && !node.anchor && !node.tag)
    ? ['text', ...head, typeof node.value, String(node.value)]
    : null;
}
