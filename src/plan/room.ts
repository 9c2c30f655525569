import { limits } from '../core/limits.ts';
import type { AccountState, Documents, Identity, PolicyDocument } from '../core/state.ts';
import { denyAll, suspendedDeny } from '../kinds/access.ts';
import type { IdentityKind } from '../kinds/holder.ts';
import type { Reach } from '../kinds/index.ts';
import { documentSize } from '../policy/index.ts';
import { split } from './reach.ts';

/** Both sides of a plan. */
export interface Sides {
  readonly desired: AccountState;
  readonly live: AccountState;
}

/** The user or group whose own policies a step changes. */
export function identityOf(reach: Reach): { of: IdentityKind; name: string } {
  const [kind, name] = split(reach);
  return { of: kind === 'user' ? { kind, noun: 'User' } : { kind: 'group', noun: 'Group' }, name };
}

/** It as each side has it: live, desired. */
export function bothSides({ live, desired }: Sides, reach: Reach): (Identity | undefined)[] {
  const { of, name } = identityOf(reach);
  return [live, desired].map((state) => (of.kind === 'user' ? state.users : state.groups).get(name));
}

/** Characters left for one inline policy of a holder while policies of both sides may be there at once. */
export function inlineRoom(world: Sides, reach: Reach, policy: string): number {
  const { of } = identityOf(reach);
  const [live, desired] = bothSides(world, reach).map((identity): Documents => {
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
  return (of.kind === 'user' ? limits.inlineUser : limits.inlineGroup) - used;
}
