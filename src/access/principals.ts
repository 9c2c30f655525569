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
import type { AccountState, Identity, PolicyDocument, Role, User } from '../core/state.ts';
import { documentOf } from './documents.ts';
import type { Holdings, Source } from './compare.ts';

/** Where a policy of somebody comes from. */
export interface Origin {
  /** An inline policy's name, or a managed policy's ARN. */
  readonly policy: { readonly inline: string } | { readonly arn: string };
  /** The group that it comes through. */
  readonly via?: string;
  readonly as?: 'boundary';
  /** Everything without which it would not be there, or would say something else: the place of the policy first. */
  readonly refs: readonly Ref[];
}

/** Policies of an identity, by itself or as a group of somebody. */
function sourcesOf(
  state: AccountState,
  { policies, attachedPolicyArns }: Identity,
  place: Ref,
  through: { readonly via?: string; readonly refs: readonly Ref[] },
): Source<Origin>[] {
  const source = (
    document: PolicyDocument,
    policy: Origin['policy'],
    refs: readonly Ref[],
  ): Source<Origin> => ({
    document,
    origin: { policy, ...through, refs: [...refs, ...through.refs] },
  });
  return [
    ...Object.entries(policies).map(([name, document]) =>
      source(document, { inline: name }, [inlineRef(place, name)]),
    ),
    ...attachedPolicyArns.map((arn) =>
      source(documentOf(state, arn), { arn }, [
        attachmentRef(place, arn),
        documentRef(arn),
        policyArnRef(arn),
      ]),
    ),
  ];
}

/** All that decides what a user or a role may do; null: there is no such principal. */
export function holdingsOf(state: AccountState, ref: Ref): Holdings<Origin> | null {
  const identity = principalOf(state, ref);
  if (!identity) return null;
  const groups = 'groups' in identity ? identity.groups : [];
  return {
    grants: [
      ...sourcesOf(state, identity, ref, { refs: [ref] }),
      ...groups.flatMap((via) => {
        const group = state.groups.get(via);
        const place = objectRef('group', via);
        return group
          ? sourcesOf(state, group, place, { via, refs: [membershipRef(identity.name, via), place, ref] })
          : [];
      }),
    ],
    boundary: boundaryOf(state, identity.boundary, ref),
  };
}

export function principalOf(state: AccountState, ref: Ref): User | Role | undefined {
  const { kind, name } = parseRef(ref);
  return principalsOf(state)[kind]?.get(name);
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

function boundaryOf(state: AccountState, arn: string | null, ref: Ref): Source<Origin> | null {
  if (arn === null) return null;
  const refs = [partRef(ref, 'boundary'), documentRef(arn), policyArnRef(arn), ref];
  return { document: documentOf(state, arn), origin: { policy: { arn }, as: 'boundary', refs } };
}
