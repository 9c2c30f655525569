import { objectRef, partRef } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import type { NameMap } from '../../core/names.ts';
import { quote } from '../../core/text.ts';
import { field, itemsOf, place, textOf } from '../../core/tree.ts';
import type { Entry, Node } from '../../core/tree.ts';
import type { ManifestContext } from './context.ts';

/** The objects that are read: `user` and `users`. */
interface Section {
  readonly name: string;
  /** What people call one of it, where that is not the name. */
  readonly title?: string;
  readonly section: string;
}

/** A declared object of a section. */
export interface Declared {
  readonly name: string;
  readonly at: Entry['at'];
  readonly value: Node;
  /** `user:dale` */
  readonly ref: string;
  /** `user "dale"` */
  readonly what: string;
}

/**
 * Reads every object of a section, in text order of names, without those for which `read` returns null.
 *
 * @param keys whose places are remembered.
 */
export function readSection<T>(
  { name: kind, title = kind, section }: Section,
  keys: readonly string[],
  context: ManifestContext,
  read: (declared: Declared) => T | null,
): Map<string, T> {
  const objects: [string, T][] = [];
  for (const [name, { at, value }] of context.declared(section)) {
    const [ref, what] = [objectRef(kind, name), `${title} ${quote(name)}`];
    context.source(ref, at);
    context.tell(ref, value, keys);
    for (const key of keys) {
      const entry = field(value, key);
      if (entry) context.source(partRef(ref, key), entry.at);
    }
    // It cannot be both managed and left alone.
    if (context.isIgnored(section, name)) {
      context.report.error(
        'ignored-and-declared',
        place(at),
        `${what} is declared, but ignore.${section} names it too`,
        { hint: 'drop it here, or narrow the pattern' },
      );
    }
    const object = read({ name, at, value, ref, what });
    if (object !== null) objects.push([name, object]);
  }
  return new Map(objects.sort(([a], [b]) => byText(a, b)));
}

/** An entry of `groups`, `members` or `attach`: a name, or a mapping with the name that may say when it expires. */
interface ListItem {
  readonly node: Node;
  /** The node of the name itself. */
  readonly name: Node;
}

/** The entries of a list that have the form that the schema wants. */
export function readItems(owner: Node, list: string, key: 'name' | 'policy'): ListItem[] {
  return itemsOf(field(owner, list)?.value).flatMap((node) => {
    const name = node.kind === 'map' ? field(node, key)?.value : node;
    return name !== undefined && textOf(name) !== undefined ? [{ node, name }] : [];
  });
}

/** Days of `90d`; anything else the schema has reported. */
export const daysOf = (node: Node | undefined): number | undefined => {
  const found = /^(\d{1,4})d$/.exec(textOf(node) ?? '');
  return found ? Number(found[1]) : undefined;
};

/** Reports repeated entries of a list: removing one of them would not take the access away. */
export class Duplicates {
  readonly #seen = new Map<string, Node>();
  readonly #context: ManifestContext;

  constructor(context: ManifestContext) {
    this.#context = context;
  }

  isNew(id: string, node: Node, what: string): boolean {
    const first = this.#seen.get(id);
    if (!first) {
      this.#seen.set(id, node);
      return true;
    }
    this.#context.report.error('duplicate-entry', place(node), `${what} is there twice in this list`, {
      hint: 'keep one',
      related: [{ message: 'first here', at: place(first) }],
    });
    return false;
  }
}

/** Reads `renamedFrom`: an old name that nothing else claims. */
export function readRenamedFrom(
  { name: kind, section }: Section,
  owner: Node,
  claimed: NameMap<Node>,
  context: ManifestContext,
): string | undefined {
  const node = field(owner, 'renamedFrom')?.value;
  const name = textOf(node);
  if (node === undefined || name === undefined) return undefined;
  const fail = (message: string, hint: string, first?: { message: string; at: Entry['at'] }): string => {
    const related = first && [{ message: first.message, at: place(first.at) }];
    context.report.error('bad-rename', place(node), message, { hint, related });
    return name;
  };
  const declared = context.named(section).get(name);
  if (declared?.value === owner && declared.key !== name) {
    return fail(
      `${quote(name)} and ${quote(declared.key)} differ only in case: for IAM they are the same, and it refuses such a rename`,
      `drop renamedFrom, and call the ${kind} as IAM has it`,
    );
  }
  if (declared) {
    return fail(
      `${kind} ${quote(name)} is still declared: it cannot be renamed too`,
      'drop the old declaration, or renamedFrom',
      { message: 'declared here', at: declared.at },
    );
  }
  if (context.isIgnored(section, name)) {
    return fail(
      `${kind} ${quote(name)} is ignored: it cannot be renamed`,
      `narrow the pattern in ignore.${section}`,
    );
  }
  const first = claimed.get(name);
  if (first) {
    return fail(`${kind} ${quote(name)} is renamed twice`, 'keep one renamedFrom', {
      message: 'first here',
      at: first,
    });
  }
  claimed.set(name, node);
  return name;
}
