/** What is temporary, and until when. */
import type { Desired } from '../core/desired.ts';
import { nameKey } from '../core/names.ts';
import { attachmentRef, memberRef, membershipRef, objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { comes } from './facts.ts';
import type { AttachmentFact, MembershipFact } from './facts.ts';
import type { AnyChange } from './change.ts';

/** The last instant (ISO 8601) of what a ref of `Desired.sources` names, where it ends by itself and has not ended yet. */
export type Until = (ref: Ref) => string | undefined;

export function untilOf({ expiring, sources }: Pick<Desired, 'expiring' | 'sources'>): Until {
  if (expiring.length === 0) return () => undefined;
  const ends = new Map(expiring.map((one) => [nameKey(one.ref), one]));
  const declared = new Set([...sources.keys()].map(nameKey));
  return (ref) => {
    const sides = sidesOf(ref)
      .map(nameKey)
      .filter((side) => declared.has(side) && ends.get(side)?.expired !== true)
      .map((side) => ends.get(side)?.at);
    const known = sides.flatMap((at) => at ?? []);
    return known.length < sides.length ? undefined : known.sort().at(-1);
  };
}

/** A membership counts as long as one side declares it: the `groups` of the user or the `members` of the group. */
function sidesOf(ref: Ref): Ref[] {
  const { kind, name, part } = parseRef(ref);
  const [aspect, other = ''] = part;
  if (kind === 'user' && aspect === 'groups') return [ref, memberRef(other, name)];
  return kind === 'group' && aspect === 'members' ? [ref, membershipRef(other, name)] : [ref];
}

/** The change with the end of all that it gives for a while. A membership ends with its member, too. */
export function withUntil<C extends AnyChange>(change: C, until: Until): C {
  const of = objectRef(change.kind, change.name);
  const end = change.action === 'create' ? until(of) : undefined;
  const facts = change.facts.map((fact) => {
    const at = comes(fact) ? endOf(fact as AttachmentFact | MembershipFact, of, until) : undefined;
    return at === undefined ? fact : { ...fact, until: at };
  });
  return { ...change, facts, ...(end === undefined ? {} : { until: end }) };
}

function endOf(fact: AttachmentFact | MembershipFact, of: Ref, until: Until): string | undefined {
  if (fact.fact === 'attachment') return until(attachmentRef(of, fact.arn));
  if (fact.fact !== 'membership') return undefined;
  return earliest([until(membershipRef(fact.user, fact.group)), until(objectRef('user', fact.user))]);
}

/** Of instants, some of which may be none. */
export const earliest = (all: readonly (string | undefined)[]): string | undefined =>
  all.flatMap((at) => at ?? []).sort()[0];
