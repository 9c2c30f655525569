import { parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState, Documents, Identity, PolicyDocument } from '../core/state.ts';
import { denyAll } from '../access/documents.ts';
import { suspendedDeny } from '../kinds/access.ts';
import type { IdentityKind } from '../kinds/kind.ts';
import { identityKinds } from '../kinds/index.ts';
import { documentSize } from '../policy/index.ts';

/** Both sides of a plan. */
export interface Sides {
  readonly desired: AccountState;
  readonly live: AccountState;
}

/** The identity whose own policies a step changes. */
export function identityOf(affects: Ref): { of: IdentityKind; name: string } {
  const { kind, name } = parseRef(affects);
  return { of: identityKinds[kind]!, name };
}

/** It as each side has it: live, desired. */
export function bothSides({ live, desired }: Sides, affects: Ref): (Identity | undefined)[] {
  const { of, name } = identityOf(affects);
  return [live, desired].map((state) => of.of(state).get(name));
}

/** Characters left for one inline policy of a holder while policies of both sides may be there at once. */
export function inlineRoom(world: Sides, affects: Ref, policy: string): number {
  const { of } = identityOf(affects);
  const [live, desired] = bothSides(world, affects).map((identity): Documents => {
    const policies = identity?.policies ?? {};
    // A suspension puts its own deny beside what is there.
    return identity && 'suspended' in identity && identity.suspended === true
      ? { ...policies, [suspendedDeny]: denyAll }
      : policies;
  }) as [Documents, Documents];
  const size = (document: PolicyDocument | undefined): number => (document ? documentSize(document) : 0);
  const used = [...new Set([...Object.keys(live), ...Object.keys(desired)])]
    .filter((other) => other !== policy)
    .reduce((sum, other) => sum + Math.max(size(live[other]), size(desired[other])), 0);
  return of.inlineSize - used;
}
