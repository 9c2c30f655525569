import type { Ignore } from '../core/desired.ts';
import { globMatcher } from '../core/glob.ts';
import type { KindName } from '../core/plan.ts';

/** What the manifests rule over: everything except what `ignore` names. */
export function scopeOf(ignore: Ignore): (kind: KindName, name: string) => boolean {
  const ignored = {
    user: globMatcher(ignore.users),
    group: globMatcher(ignore.groups),
    policy: globMatcher(ignore.policies),
  };
  return (kind, name) => !ignored[kind](name);
}
