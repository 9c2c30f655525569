import { holdingsOf } from '../../access/principals.ts';
import type { Origin } from '../../access/principals.ts';
import { policyArnParts } from '../../core/arn.ts';
import { formatLocation } from '../../core/errors.ts';
import { membershipRef, objectRef, parseRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState, PolicyDocument } from '../../core/state.ts';
import type { Places } from '../../kinds/access-answer.ts';
import { sameMeaning } from '../../policy/index.ts';
import type { Asked } from './read.ts';

/** Documents that somebody holds, by what they come from. */
function held(state: AccountState, principal: Ref): ReadonlyMap<Ref, PolicyDocument> {
  const { grants = [], boundary = null } = holdingsOf(state, principal) ?? {};
  return new Map(
    [...grants, ...(boundary ? [boundary] : [])].map(({ document, origin }) => [keyOf(origin), document]),
  );
}

const keyOf = ({ refs: [place] }: Origin): Ref => place!;

/** Where the files declare what somebody has. */
export type Find = (origin: Origin) => Places;

/**
 * Where the files declare the policies of somebody, and how they come to them. What the files do not declare, or not with
 * the same meaning, has no place.
 */
export function placesOf({ desired, state }: Asked, principal: Ref): Find {
  if (!desired) return () => ({});
  const at = (ref: Ref): string | undefined => {
    const found = desired.sources.get(ref);
    return found && formatLocation(found);
  };
  // Of most people nothing is looked up.
  let sides: ReadonlyMap<Ref, PolicyDocument>[] | undefined;
  return (origin) => {
    const { policy, via, refs } = origin;
    // A suspension is declared, and not the policy that it comes to.
    if (refs[0] === partRef(principal, 'suspended')) return given({ policy: at(refs[0]) });
    sides ??= [held(desired.state, principal), held(state, principal)];
    const [declared, document] = sides.map((side) => side.get(keyOf(origin)));
    if (!declared || !document || !sameMeaning(declared, document)) return {};
    const own = 'arn' in policy ? policyArnParts(policy.arn) : null;
    return given({
      policy: at(own ? objectRef('policy', own.name) : refs[0]!),
      attached: own ? at(refs[0]!) : undefined,
      member: via === undefined ? undefined : at(membershipRef(parseRef(principal).name, via)),
    });
  };
}

const given = (places: { readonly [Name in keyof Places]: string | undefined }): Places =>
  Object.fromEntries(Object.entries(places).filter(([, place]) => place !== undefined));
