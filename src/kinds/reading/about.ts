import type { About } from '../../core/desired.ts';
import { entriesOf, toJson } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';

/** Keys that mean nothing to IAM: they are for people. `description` where IAM has none. */
const isFree = (key: string): boolean =>
  ['owner', 'ticket', 'note', 'description'].includes(key) || key.startsWith('x-');

/** What a declaration says for people alone. @param own keys that mean something else there. */
export const readAbout = (value: Node, own: readonly string[]): About =>
  Object.fromEntries(
    entriesOf(value)
      .filter(({ key }) => isFree(key) && !own.includes(key))
      .map((entry) => [entry.key, toJson(entry.value)]),
  );
