/** What a plan is about, and what it leaves alone: as counts, and by name. */
import { openAdministrators } from '../access/open-roles.ts';
import type { Desired } from '../core/desired.ts';
import type { AccountState } from '../core/state.ts';
import type { AnyChange } from '../kinds/change.ts';
import { kinds } from '../kinds/index.ts';
import type { Context } from '../kinds/index.ts';
import type { LeftAlone, Looked, LookedKind } from '../kinds/plan.ts';
import { namedKinds } from '../kinds/sections.ts';
import type { Aim } from './partial.ts';
import { ignoredBy } from './scope.ts';

interface Sides {
  readonly manifests: Desired;
  /** With the names that the plan gives. */
  readonly live: AccountState;
  readonly inScope: Context['inScope'];
  /** Of a partial plan. */
  readonly aim: Pick<Aim, 'changes'> | null;
}

const none = { asDeclared: 0, changing: 0, ignored: 0, notManaged: 0, aside: 0 } as const;

export function lookedAt(
  sides: Sides,
  drafts: readonly { readonly change: Pick<AnyChange, 'kind' | 'name'> }[],
): { readonly looked: Looked; readonly leftAlone: readonly LeftAlone[] } {
  const changing = new Map(kinds.map(({ name }) => [name, new Set<string>()]));
  for (const { change } of drafts) changing.get(change.kind)?.add(change.name);
  const { live } = sides;
  const { besides = [] } = live;
  // What nobody read is known by its number alone.
  const read = namedKinds.filter(({ name }) => besides.every(({ kind }) => kind !== name));
  const places = new Map(read.map((kind) => [kind.name, placesOf(kind, sides, changing.get(kind.name)!)]));
  const looked: Looked = {
    kinds: [
      ...[...places].map(([kind, of]) => countsOf(of, kind)),
      ...besides.map((one): LookedKind =>
        'unseen' in one
          ? { kind: one.kind, ...none, unseen: one.unseen }
          : { kind: one.kind, ...none, inIam: one.count, notManaged: one.count },
      ),
    ],
    settings: kinds.flatMap((kind) =>
      kind.only === undefined
        ? []
        : [{ kind: kind.name, state: stateOf(kind, sides, changing.get(kind.name)!.size > 0) }],
    ),
    openRoles: openAdministrators(live),
    reportedAt: live.reportedAt?.toISOString() ?? null,
  };
  const leftAlone = [
    ...[...places].map(([kind, of]) => ({
      kind,
      names: [...of.keys()].filter((name) => isLeft(of.get(name)!)),
    })),
    ...besides.flatMap((one) => ('names' in one ? [{ kind: one.kind, names: one.names }] : [])),
  ];
  return { looked, leftAlone: leftAlone.filter(({ names }) => names.length > 0) };
}

const isLeft = (place: Place): boolean => place === 'ignored' || place === 'notManaged';

function stateOf(
  kind: (typeof kinds)[number],
  { manifests, aim }: Sides,
  isChanging: boolean,
): Looked['settings'][number]['state'] {
  if (isChanging) return 'changing';
  if (kind.of(manifests.state).size === 0) return 'not-managed';
  return aim?.changes(kind.name, kind.only ?? '') === 'none' ? 'aside' : 'as-declared';
}

/** Where an object belongs. */
type Place = keyof typeof none;

function placesOf(
  kind: (typeof kinds)[number],
  { manifests, live, inScope, aim }: Sides,
  changing: ReadonlySet<string>,
): Map<string, Place> {
  const declared = kind.of(manifests.state);
  const isIgnored = ignoredBy(manifests.ignore);
  const place = (name: string): Place => {
    if (changing.has(name)) return 'changing';
    if (isIgnored(kind.name, name)) return 'ignored';
    if (!inScope(kind.name, name)) return 'notManaged';
    if (aim?.changes(kind.name, name) === 'none') return 'aside';
    return declared.has(name) ? 'asDeclared' : 'notManaged';
  };
  return new Map([...kind.of(live).keys()].map((name) => [name, place(name)]));
}

function countsOf(places: ReadonlyMap<string, Place>, kind: string): LookedKind {
  const counts: { [place in Place]: number } = { ...none };
  for (const place of places.values()) counts[place] += 1;
  return { kind, inIam: places.size, ...counts };
}
