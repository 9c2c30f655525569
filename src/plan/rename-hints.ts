import { stableJson } from '../core/json.ts';
import { NameMap } from '../core/names.ts';
import { objectRef } from '../core/references.ts';
import { listWords } from '../core/text.ts';
import { kinds } from '../kinds/index.ts';
import type { Context, Kind } from '../kinds/index.ts';
import type { Likeness } from '../kinds/kind.ts';

/**
 * Tells of what comes and what the account has that no file declares, where all that tells them from others is the
 * same: it may be one that got another name. Only people can know that, so no plan renames what no file renames.
 */
export function noteRenames(context: Context): void {
  for (const kind of kinds) noteRenamesOf(kind, context);
}

interface Candidate {
  readonly name: string;
  readonly likeness: Likeness;
}

function noteRenamesOf<T>(kind: Kind<T>, context: Context): void {
  const [desired, live] = [kind.of(context.desired), kind.of(context.live)];
  const [declared, present] = [new NameMap(desired), new NameMap(live)];
  const comes = [...desired].filter(([name]) => !present.has(name));
  if (comes.length === 0) return;
  // A role keeps its old name until the new one is there.
  const renamed = new NameMap(
    comes.flatMap(([, object]) => oldNameOf(object).map((old) => [old, true] as const)),
  );
  const others = [...live].filter(
    ([name]) => !declared.has(name) && !renamed.has(name) && !context.isIgnored(kind.name, name),
  );
  const byFacts = (side: 'desired' | 'live', objects: readonly (readonly [string, T])[]) => {
    const found = new Map<string, Candidate[]>();
    for (const [name, object] of objects) {
      const likeness = kind.likeness?.(object, side, context);
      if (!likeness) continue;
      const key = stableJson(likeness.facts);
      found.set(key, [...(found.get(key) ?? []), { name, likeness }]);
    }
    return found;
  };
  const olds = byFacts('live', others);
  for (const [facts, [fresh, ...more]] of byFacts(
    'desired',
    comes.filter(([, object]) => oldNameOf(object).length === 0),
  )) {
    const [old, ...rest] = olds.get(facts) ?? [];
    // Of several, nobody knows which.
    if (!fresh || !old || more.length + rest.length > 0 || differ(old.likeness, fresh.likeness)) continue;
    context.note(hint(kind.name, old.name, fresh, context));
  }
}

const oldNameOf = (object: unknown): readonly string[] => {
  // Null: declared to be absent.
  const { renamedFrom } = (object ?? {}) as { readonly renamedFrom?: string };
  return renamedFrom === undefined ? [] : [renamedFrom];
};

const differ = (a: Likeness, b: Likeness): boolean =>
  a.signIn !== undefined && b.signIn !== undefined && a.signIn !== b.signIn;

function hint(kind: string, old: string, fresh: Candidate, context: Context): string {
  const place = context.place(objectRef(kind, fresh.name));
  return (
    `${kind} ${fresh.name} is made, and ${kind} ${old}, ${context.inScope(kind, old) ? 'which goes' : 'which is not managed'}, ` +
    `has the same ${listWords(Object.keys(fresh.likeness.facts), 'and')}: if they are one, ` +
    `write renamedFrom: ${old} for ${fresh.name}${place === undefined ? '' : ` (${place})`}`
  );
}
