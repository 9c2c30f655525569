import { NameMap } from '../core/names.ts';
import type { Change, Effect } from '../core/plan.ts';
import type { AccountState, Identity, PolicyDocument, User } from '../core/state.ts';
import {
  denyAll,
  documentOf,
  effectOf,
  identityDocument,
  isQuarantine,
  limitEffect,
} from '../kinds/access.ts';
import type { Told } from '../kinds/access.ts';
import { policyLabel } from '../kinds/index.ts';
import { isSwap } from './change.ts';
import { holders, onlyBounds } from '../kinds/policy/index.ts';
import { mergeDocuments } from '../policy/index.ts';

/** Both sides whole: a plan has only the names of the groups and policies that somebody got behind the files' back. */
export interface Sides {
  readonly desired: AccountState;
  readonly live: AccountState;
}

export const aspectOf = ({ id }: Change): string => id.split('/')[1] ?? '';

/** What is drift the one way is mended the other way. */
const turned: { readonly [effect in Effect]: Effect } = {
  widens: 'narrows',
  narrows: 'widens',
  none: 'none',
  unclear: 'unclear',
};

/** Where no document tells more. The reason is kept where it holds both ways. */
function mirrored(change: Change): Told {
  const { effect, reason } = change;
  const holds = effect === 'none' || ['name', 'path', 'tags'].includes(aspectOf(change));
  return { effect: turned[effect], reason: holds ? reason : '' };
}

/** Of a credential that nobody reviewed nothing can be said: whoever has it may be somebody else. */
function swapTold({ reason, dangers = [] }: Change): Told | undefined {
  const swaps = dangers.filter(isSwap);
  return swaps.length > 0 ? { effect: 'unclear', reason, dangers: swaps } : undefined;
}

/** What a change undoes, from what the files say to what the account has. */
export function driftEffect(change: Change, sides: Sides): Told {
  const swap = swapTold(change);
  if (swap) return swap;
  if (change.effect === 'none') return mirrored(change);
  const told = documentEffect(change, sides) ?? objectEffect(change, sides);
  return told && told.effect !== 'none' ? told : mirrored(change);
}

/** The same of one member, policy or key alone: the account (live) has it too many, or the files (desired). */
export function elementEffect(change: Change, name: string, side: keyof Sides, sides: Sides): Told {
  const swap = swapTold(change);
  if (swap) return swap;
  if (change.effect === 'none') return mirrored(change);
  const document = elementDocument(change, name, side, sides);
  const told = document && (side === 'live' ? effectOf(null, document) : effectOf(document, null));
  return told && told.effect !== 'none' ? told : mirrored(change);
}

function elementDocument(
  change: Change,
  name: string,
  side: keyof Sides,
  sides: Sides,
): PolicyDocument | null {
  const aspect = aspectOf(change);
  if (aspect === 'policies') return change.documents[0]?.[side === 'live' ? 'before' : 'after'] ?? null;
  if (aspect !== 'members' && aspect !== 'attach') return null;
  const identity = identityOf(change, side, sides);
  if (!identity) return null;
  if (aspect === 'members') return identityDocument(sides[side], identity);
  const arns = identity.attachedPolicyArns.filter((arn) => policyLabel(arn) === name);
  return mergeDocuments(arns.map((arn) => documentOf(sides[side], arn)));
}

/** By the name in the files: the account may still have the one before. */
const named = <T extends { readonly renamedFrom?: string }>(
  side: ReadonlyMap<string, T>,
  desired: ReadonlyMap<string, T>,
  name: string,
): T | undefined => side.get(name) ?? new NameMap(side).get(desired.get(name)?.renamedFrom ?? '');

/** The user or group that a change is about, as one side has it. */
export function identityOf({ kind, name }: Change, side: keyof Sides, sides: Sides): Identity | undefined {
  return kind === 'user'
    ? named(sides[side].users, sides.desired.users, name)
    : named(sides[side].groups, sides.desired.groups, name);
}

function documentEffect(change: Change, sides: Sides): Told | undefined {
  const [changed] = change.documents;
  if (!changed) return undefined;
  if (change.kind !== 'policy') return effectOf(changed.after, changed.before);
  const held = holders(sides.live, sides.live.policies.get(change.name)?.arn ?? '');
  const judge = onlyBounds(held) ? limitEffect : effectOf;
  const { reason, ...told } = judge(changed.after, changed.before);
  // Who holds it is the same both ways.
  return { ...told, reason: `${reason}${/; held by [^;]*$/.exec(change.reason)?.[0] ?? ''}` };
}

/** What depends on all that somebody holds. */
function objectEffect(change: Change, sides: Sides): Told | undefined {
  const { desired, live } = sides;
  if (change.kind === 'group') {
    const group = change.action === 'delete' && live.groups.get(change.name);
    return group ? effectOf(null, identityDocument(live, group)) : undefined;
  }
  const user = named(live.users, desired.users, change.name);
  if (!user) return undefined;
  if (change.action === 'offboard') return personEffect(live, user);
  const aspect = aspectOf(change);
  if (aspect === 'suspended' && change.effect === 'narrows') {
    const document = personDocument(live, user);
    return document ? effectOf(mergeDocuments([denyAll, document]), document) : undefined;
  }
  const boundary = desired.users.get(change.name)?.boundary;
  return aspect === 'boundary' && boundary && user.boundary
    ? limitEffect(documentOf(desired, boundary), documentOf(live, user.boundary))
    : undefined;
}

function personEffect(live: AccountState, user: User): Told {
  const document = personDocument(live, user);
  if (document) return effectOf(null, document);
  return { effect: 'unclear', reason: 'holds no policy; those of resources may name it' };
}

/** All that a person's policies and groups say. AWS's quarantine denies little, and must not hide what they allow. */
function personDocument(state: AccountState, user: User): PolicyDocument | null {
  const own = { ...user, attachedPolicyArns: user.attachedPolicyArns.filter((arn) => !isQuarantine(arn)) };
  const holders: Identity[] = [own, ...user.groups.flatMap((name) => state.groups.get(name) ?? [])];
  const documents = holders
    .filter(
      ({ policies, attachedPolicyArns }) => Object.keys(policies).length + attachedPolicyArns.length > 0,
    )
    .map((identity) => identityDocument(state, identity));
  return documents.length > 1 ? mergeDocuments(documents) : (documents[0] ?? null);
}
