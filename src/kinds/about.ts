import type { About } from '../core/desired.ts';
import { objectRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { AnyChange } from './change.ts';
import { declaredAs } from './facts.ts';

/** The change with what the files say for people about its object, and about the memberships and policies that it is about. */
export function withAbout<C extends AnyChange>(change: C, abouts: ReadonlyMap<Ref, About> | undefined): C {
  if (!abouts || abouts.size === 0) return change;
  const of = objectRef(change.kind, change.name);
  const about = abouts.get(of);
  const facts = change.facts.map((fact) => {
    const declared = declaredAs(fact, of);
    const own = declared === undefined ? undefined : abouts.get(declared);
    return own === undefined ? fact : { ...fact, about: own };
  });
  return { ...change, facts, ...(about === undefined ? {} : { about }) };
}
