import type { Ignore } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import { kinds } from '../kinds/index.ts';
import type { Context } from '../kinds/index.ts';

/** What the manifests rule over: everything except what `ignore` names, and the lock of whoever applies. */
export function scopeOf(ignore: Ignore): (kind: string, name: string) => boolean {
  const isOut = new Map(
    kinds.map((kind) => {
      const isIgnored = nameMatcher(ignore[kind.section] ?? []);
      return [kind.name, (name: string) => isIgnored(name) || kind.isOurs?.(name) === true];
    }),
  );
  return (kind, name) => isOut.get(kind)?.(name) !== true;
}

/**
 * The same in an account: what no manifest declares and only strangers have was made by somebody else's tool.
 *
 * @param inScope by name alone.
 * @param wasDeclared what was, and is to go: it is never a stranger's.
 */
export function scopeIn(
  sides: Pick<Context, 'desired' | 'live' | 'inScope'>,
  wasDeclared: Context['inScope'] = () => false,
): Context['inScope'] {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return (kind, name) =>
    sides.inScope(kind, name) &&
    (wasDeclared(kind, name) || byName.get(kind)?.isStrangers?.(name, sides) !== true);
}
