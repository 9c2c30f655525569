import type { Ignore } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import { kinds } from '../kinds/index.ts';

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
