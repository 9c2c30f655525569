import type { Desired, ManageRule } from '../core/desired.ts';
import { entriesOf } from '../core/tree.ts';
import type { Entry, Node } from '../core/tree.ts';
import { kinds } from './index.ts';
import type { Kind } from './kind.ts';

/** Kinds of which an account can have several: what it has one of has no name. */
export const namedKinds = kinds.filter(({ only }) => only === undefined);

/** `identityProviders` of `identityProviders.oidc`. */
export const topOf = (section: string): string => section.split('.', 1)[0]!;

const nests: ReadonlySet<string> = new Set(
  namedKinds.filter(({ section }) => section.includes('.')).map(({ section }) => topOf(section)),
);

/** What a mapping has by section, such as `ignore` or a file as a whole, beside its other keys. */
export const bySection = (node: Node | undefined): (readonly [section: string, entry: Entry])[] =>
  entriesOf(node).flatMap((entry) =>
    nests.has(entry.key) && entry.value.kind === 'map'
      ? entriesOf(entry.value).map((inner) => [`${entry.key}.${inner.key}`, inner] as const)
      : [[entry.key, entry] as const],
  );

/** What is managed of a kind, beside what is, or was, declared. */
export const manageRule = (
  { section, optIn }: Pick<Kind<unknown>, 'section' | 'optIn'>,
  manage: Desired['manage'],
): ManageRule => manage[section] ?? (optIn ? 'declared' : 'all');
