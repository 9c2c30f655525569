import { stableJson } from '../../core/json.ts';
import { nameKey } from '../../core/names.ts';
import { attachmentRef, membershipRef, objectRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AnyChange } from '../../kinds/change.ts';
import type { AttachmentFact, MembershipFact } from '../../kinds/facts.ts';

/** Whether the plan tells what becomes of what a reference names. */
export type Told = (ref: Ref) => boolean;

export function toldBy(changes: readonly AnyChange[]): Told {
  const told = new Set<string>();
  for (const change of changes) {
    const object = objectRef(change.kind, change.name);
    const add = (ref: Ref): void => void told.add(nameKey(ref));
    if (change.action !== 'update') add(object);
    add(partRef(object, change.aspect));
    for (const one of change.facts) {
      const fact = one as AttachmentFact | MembershipFact;
      if (fact.fact === 'membership') add(membershipRef(fact.user, fact.group));
      else if (fact.fact === 'attachment') add(attachmentRef(object, fact.arn));
      add(partRef(object, change.aspect, factKey(one)));
    }
  }
  return (ref) => told.has(nameKey(ref));
}

/** What a fact is about, whatever becomes of it. */
export function factKey(fact: AnyChange['facts'][number]): string {
  const { before: _was, after: _is, ...about } = fact as AttachmentFact;
  const { until: _until, expired: _expired, ...key } = about;
  return stableJson(key);
}
