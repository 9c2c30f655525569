import { principalOf } from '../access/principals.ts';
import { principalArn } from '../access/trust.ts';
import { objectRef, takenNameRef } from '../core/references.ts';
import { byText } from '../core/json.ts';
import { NameMap, sameName } from '../core/names.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState } from '../core/state.ts';
import { makeChange } from '../kinds/change.ts';
import { kinds } from '../kinds/index.ts';
import type { Draft, IdentityKind, Renamable } from '../kinds/kind.ts';
import { withRenamed } from '../policy/trust/index.ts';

/**
 * Objects that the manifests call by a new name (`renamedFrom`): the live state as it will be once they are
 * renamed, and the renames. Everything else is planned under the new names; all of it waits for the rename.
 *
 * @returns `doubtful`: what has the old name beside one that has the new name. Only a person knows which is which, so
 *   nothing is renamed, and no plan may remove it.
 */
export function applyRenames(
  desired: AccountState,
  live: AccountState,
): { live: AccountState; drafts: Draft[]; doubtful: ReadonlySet<Ref> } {
  const renamed = kinds.flatMap((kind) => {
    const { identity } = kind;
    return identity && isRenamable(identity) ? [{ kind, identity }] : [];
  });
  const doubts: Draft[] = [];
  const doubtful = new Set<Ref>();
  const doubt = (identity: Renamable, from: string, to: string): void => {
    doubts.push(doubtDraft(identity, from, to));
    doubtful.add(objectRef(identity.kind, from));
  };
  const renames = new Map(
    renamed.map(({ kind: { name }, identity }) => [
      name,
      findRenames(identity.of(desired), identity.of(live), (from, to) => doubt(identity, from, to)),
    ]),
  );
  if ([...renames.values()].every(({ size }) => size === 0)) return { live, drafts: doubts, doubtful };
  const nameOf = (kind: string, name: string): string => renames.get(kind)?.get(name) ?? name;
  return {
    live: withTrusts(
      renamed.reduce((state, { kind, identity }) => {
        const identities = [...identity.of(live).values()];
        return kind.put(state, byName(identities.map((one) => identity.naming.renamed(one, nameOf))));
      }, live),
      live,
      renames,
    ),
    drafts: [
      ...doubts,
      ...renamed.flatMap(({ identity }) =>
        [...renames.get(identity.kind)!].map(([from, to]) => renameDraft(identity, from, to)),
      ),
    ],
    doubtful,
  };
}

/** IAM keeps whom a trust names by id, so that it shows the new name. */
function withTrusts(
  after: AccountState,
  before: AccountState,
  renames: ReadonlyMap<string, ReadonlyMap<string, string>>,
): AccountState {
  const arns = new Map(
    [...renames].flatMap(([kind, names]) =>
      [...names]
        .map(([from, to]) => [objectRef(kind, from), objectRef(kind, to)] as const)
        .filter(([from]) => principalOf(before, from))
        .map(([from, to]) => [principalArn(before, from), principalArn(after, to)] as const),
    ),
  );
  if (arns.size === 0) return after;
  const roles = [...after.roles].map(
    ([name, role]) => [name, { ...role, trust: withRenamed(role.trust, arns) }] as const,
  );
  return { ...after, roles: new Map(roles) };
}

const isRenamable = (identity: IdentityKind): identity is Renamable => identity.naming !== undefined;

const byName = <T extends { name: string }>(items: readonly T[]): Map<string, T> =>
  new Map([...items].sort((a, b) => byText(a.name, b.name)).map((item) => [item.name, item]));

function findRenames(
  desired: ReadonlyMap<string, { readonly name: string; readonly renamedFrom?: string }>,
  live: ReadonlyMap<string, unknown>,
  doubt: (from: string, to: string) => void,
): Map<string, string> {
  const renames = new Map<string, string>();
  const present = new NameMap(live);
  for (const { name, renamedFrom } of desired.values()) {
    const from = renamedFrom === undefined ? undefined : present.spelling(renamedFrom);
    // Renamed in an earlier run: the line in the file has done its work and may stay.
    if (from === undefined) continue;
    // Declared under its own name, it is what it is.
    if (present.has(name)) {
      if (!desired.has(from) && !sameName(from, name)) doubt(from, name);
      continue;
    }
    renames.set(from, name);
  }
  return renames;
}

function doubtDraft({ kind }: Renamable, from: string, to: string): Draft {
  return {
    change: makeChange({
      kind,
      name: to,
      aspect: 'name',
      action: 'rename',
      byHand: true,
      effect: 'none',
      reasons: [{ code: 'both-there', from }],
      facts: [{ fact: 'name', before: from, after: to }],
      before: { name: from },
      after: { name: to },
    }),
    steps: [],
  };
}

function renameDraft({ kind, naming }: Renamable, from: string, to: string): Draft {
  return {
    change: makeChange({
      kind,
      name: to,
      aspect: 'name',
      action: 'rename',
      effect: 'unclear',
      reasons: [{ code: 'may-match', on: 'name' }],
      facts: [{ fact: 'name', before: from, after: to }],
      before: { name: from },
      after: { name: to },
    }),
    steps: [
      {
        ...naming.renaming(from, to),
        about: objectRef(kind, from),
        purpose: 'rename',
        cls: 'neutral',
        creates: [objectRef(kind, to)],
        removes: [takenNameRef(objectRef(kind, from))],
      },
    ],
  };
}
