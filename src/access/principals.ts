/** Who can act in an account, and every policy that decides what they may do, with where each comes from. */
import {
  attachmentRef,
  documentRef,
  inlineRef,
  membershipRef,
  objectRef,
  parseRef,
  partRef,
  policyArnRef,
} from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { emptyState } from '../core/state.ts';
import type { AccountState, Group, Identity, PolicyDocument, Role, User } from '../core/state.ts';
import { documentOf } from './documents.ts';
import type { Holdings, Source } from './compare.ts';
import { remember } from './remember.ts';

/** Where a policy of somebody comes from. */
export interface Origin {
  /** An inline policy's name, or a managed policy's ARN. */
  readonly policy: { readonly inline: string } | { readonly arn: string };
  /** The group that it comes through. */
  readonly via?: string;
  readonly as?: 'boundary';
  /** Without these it would not be there, or would say something else: the place of the policy first. */
  readonly refs: readonly Ref[];
  /** Nor would it come to whose it is, who is last. */
  readonly through: readonly Ref[];
}

/** A policy of an identity, whoever it comes to. */
interface Placed {
  readonly document: PolicyDocument;
  readonly policy: Origin['policy'];
  readonly refs: readonly Ref[];
}

const placedIn = (state: AccountState, { policies, attachedPolicyArns }: Identity, place: Ref): Placed[] => [
  ...Object.entries(policies).map(([name, document]) => ({
    document,
    policy: { inline: name },
    refs: [inlineRef(place, name)],
  })),
  ...attachedPolicyArns.map((arn) => ({
    document: documentOf(state, arn),
    policy: { arn },
    refs: [attachmentRef(place, arn), documentRef(arn), policyArnRef(arn)],
  })),
];

const placedInGroups = new WeakMap<AccountState, Map<Group, readonly Placed[]>>();

/** Policies of a group of somebody. */
function sourcesIn(state: AccountState, group: Group, member: string, ref: Ref): Source<Origin>[] {
  const place = objectRef('group', group.name);
  const through = [membershipRef(member, group.name), place, ref];
  return remember(placedInGroups, state, group, () => placedIn(state, group, place)).map(
    ({ document, policy, refs }) => ({ document, origin: { policy, via: group.name, refs, through } }),
  );
}

/** All that decides what a user or a role may do; null: there is no such principal. */
export function holdingsOf(state: AccountState, ref: Ref): Holdings<Origin> | null {
  const identity = principalOf(state, ref);
  if (!identity) return null;
  const groups = 'groups' in identity ? identity.groups : [];
  const through = [ref];
  return {
    grants: [
      ...placedIn(state, identity, ref).map(({ document, policy, refs }) => ({
        document,
        origin: { policy, refs, through },
      })),
      ...groups.flatMap((via) => {
        const group = state.groups.get(via);
        return group ? sourcesIn(state, group, identity.name, ref) : [];
      }),
    ],
    boundary: boundaryOf(state, identity.boundary, ref),
  };
}

export function principalOf(state: AccountState, ref: Ref): User | Role | undefined {
  const { kind, name } = parseRef(ref);
  return principalsOf(state)[kind]?.get(name);
}

/** A role, if it is one that there is. */
export function roleOf(state: AccountState, ref: Ref): Role | undefined {
  const principal = principalOf(state, ref);
  return principal && 'trust' in principal ? principal : undefined;
}

/** Whoever can act. */
export const principalsIn = (state: AccountState): Ref[] =>
  Object.entries(principalsOf(state)).flatMap(([kind, some]) =>
    [...some.keys()].map((one) => objectRef(kind, one)),
  );

const principalsOf = ({
  users,
  roles,
}: AccountState): {
  readonly [kind: string]: ReadonlyMap<string, User | Role>;
} => ({ user: users, role: roles });

/** The kinds of those who can act. */
export const principalKinds: readonly string[] = Object.keys(principalsOf(emptyState('', '')));

function boundaryOf(state: AccountState, arn: string | null, ref: Ref): Source<Origin> | null {
  if (arn === null) return null;
  const refs = [partRef(ref, 'boundary'), documentRef(arn), policyArnRef(arn)];
  return {
    document: documentOf(state, arn),
    origin: { policy: { arn }, as: 'boundary', refs, through: [ref] },
  };
}
