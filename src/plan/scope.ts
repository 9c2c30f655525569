import type { Ignore } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import { isLock } from '../core/lock.ts';
import type { KindName } from '../core/plan.ts';

/** What the manifests rule over: everything except what `ignore` names, and the lock of whoever applies. */
export function scopeOf(ignore: Ignore): (kind: KindName, name: string) => boolean {
  const ignored = {
    user: nameMatcher(ignore.users),
    group: nameMatcher(ignore.groups),
    policy: nameMatcher(ignore.policies),
  };
  return (kind, name) => !ignored[kind](name) && !(kind === 'policy' && isLock(name));
}
