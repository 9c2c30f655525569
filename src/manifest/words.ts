import { quote } from '../core/text.ts';
import type { Path } from '../core/tree.ts';
import type { Kind } from '../kinds/index.ts';
import { namedKinds } from '../kinds/sections.ts';

/** The kind whose section a path of the manifests leads to, or into. */
export const kindAt = (path: Path): Kind<unknown> | undefined =>
  namedKinds.find(({ section }) => section.split('.').every((key, index) => path[index] === key));

/** The rest of such a path: the name of an object, its aspect, …. */
export const below = (path: Path, kind: Kind<unknown> | undefined): Path =>
  path.slice(kind?.section.split('.').length ?? 1);

const dotted = (path: Path): string => quote(path.join('.'));

/** `"path"`, `entry 2 of "groups"`, `"name" of entry 2 of "groups"`. */
function inside(path: Path): string {
  const index = path.findLastIndex((step) => typeof step === 'number');
  if (index === -1) return dotted(path);
  const entry = `entry ${Number(path[index]) + 1} of ${inside(path.slice(0, index))}`;
  return index === path.length - 1 ? entry : `${dotted(path.slice(index + 1))} of ${entry}`;
}

/** Names what is at a path of the manifests: `user "dale"`, `inline policy "x" of user "dale"`. */
export function describe(path: Path): string {
  if (path.length === 0) return 'the manifest';
  const kind = kindAt(path);
  const [name, aspect, part, ...rest] = below(path, kind);
  if (kind === undefined || name === undefined) return inside(path);
  const owner = `${kind.title ?? kind.name} ${quote(String(name))}`;
  if (aspect === undefined) return owner;
  if (part !== undefined && `${aspect}.*` === kind.documents) {
    const policy = `inline policy ${quote(String(part))} of ${owner}`;
    return rest.length === 0 ? policy : `${inside(rest)} of ${policy}`;
  }
  if (part !== undefined && aspect === 'tags' && rest.length === 0) {
    return `tag ${quote(String(part))} of ${owner}`;
  }
  return `${inside(below(path, kind).slice(1))} of ${owner}`;
}
