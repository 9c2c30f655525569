import { quote } from '../core/text.ts';
import type { Path } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';

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
  const [section, name, aspect, part, ...rest] = path;
  if (section === undefined) return 'the manifest';
  const kind = kinds.find((one) => one.section === section);
  if (kind === undefined || name === undefined) return inside(path);
  const owner = `${kind.name} ${quote(String(name))}`;
  if (aspect === undefined) return owner;
  if (part !== undefined && `${aspect}.*` === kind.documents) {
    const policy = `inline policy ${quote(String(part))} of ${owner}`;
    return rest.length === 0 ? policy : `${inside(rest)} of ${policy}`;
  }
  if (part !== undefined && aspect === 'tags' && rest.length === 0) {
    return `tag ${quote(String(part))} of ${owner}`;
  }
  return `${inside(path.slice(2))} of ${owner}`;
}
