/** What is temporary, and until when. */
import type { Expiring } from '../core/desired.ts';
import { NameMap } from '../core/names.ts';
import { objectRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import { comes, declaredAs, isMembership } from './facts.ts';
import type { AnyFact } from './facts.ts';
import type { AnyChange } from './change.ts';

/** The last instant (ISO 8601) of what a ref of `Desired.sources` names, where it ends by itself and has not ended yet. */
export type Until = (ref: Ref) => string | undefined;

export function untilOf(expiring: readonly Expiring[]): Until {
  const ends = new NameMap<string>();
  for (const { ref, at, expired, lasts } of expiring) {
    // What two sides declare lasts as long as the later one says.
    if (!expired && !lasts && at > (ends.get(ref) ?? '')) ends.set(ref, at);
  }
  return (ref) => ends.get(ref);
}

/** The change with the end of all that it gives for a while. A membership ends with its member, too. */
export function withUntil<C extends AnyChange>(change: C, until: Until): C {
  const of = objectRef(change.kind, change.name);
  const end = change.action === 'create' ? until(of) : undefined;
  const facts = change.facts.map((fact) => {
    const at = comes(fact) ? endOf(fact, of, until) : undefined;
    return at === undefined ? fact : { ...fact, until: at };
  });
  return { ...change, facts, ...(end === undefined ? {} : { until: end }) };
}

function endOf(fact: AnyFact, of: Ref, until: Until): string | undefined {
  const declared = declaredAs(fact, of);
  const member = isMembership(fact) ? until(objectRef('user', fact.user)) : undefined;
  return earliest([declared === undefined ? undefined : until(declared), member]);
}

/** Of instants, some of which may be none. */
export const earliest = (all: readonly (string | undefined)[]): string | undefined =>
  all.flatMap((at) => at ?? []).sort()[0];
