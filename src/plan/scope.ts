import type { Base, Desired, Ignore } from '../core/desired.ts';
import { nameMatcher } from '../core/glob.ts';
import { NameMap } from '../core/names.ts';
import { parseRef } from '../core/references.ts';
import { isByTagsAlone, isSelected } from '../core/selection.ts';
import type { Selectable } from '../core/selection.ts';
import type { AccountState } from '../core/state.ts';
import { kinds } from '../kinds/index.ts';
import type { Context, Kind } from '../kinds/index.ts';
import { manageRule } from '../kinds/sections.ts';

/** Whether an object, by its kind and name, is one of those asked for. */
type Asked = (kind: string, name: string) => boolean;

/** What is left alone whatever else the manifests say: what `ignore` names, and the lock of whoever applies. */
export function ignoredBy(ignore: Ignore): Asked {
  const isOut = byKind((kind): ((name: string) => boolean) => {
    const isIgnored = nameMatcher(ignore[kind.section] ?? []);
    return (name) => isIgnored(name) || kind.isOurs?.(name) === true;
  });
  return (kind, name) => isOut.get(kind)?.(name) === true;
}

/**
 * What is rollcall's to change and, where it is not declared, to remove: all that is not AWS's own or ignored and is
 * declared, was declared, or is what `manage` says of its section, unless nobody but strangers has it, as somebody else's tool made it.
 * Everything else is a stranger, whom no plan touches.
 *
 * @param account under the names that objects have now.
 * @param live under the names that they will have, once they are renamed.
 */
export function scopeOf(
  manifests: Desired,
  account: AccountState,
  base: Base | null = null,
  live: AccountState = account,
): Asked {
  const isIgnored = ignoredBy(manifests.ignore);
  const wasDeclared = declaredBefore(manifests, account, base);
  const isManaged = byKind((kind) => managed(kind, manifests, account));
  const isAws = ownedByAws(account);
  const inScope: Context['inScope'] = (kind, name) =>
    !isAws(kind, name) &&
    !isIgnored(kind, name) &&
    (isManaged.get(kind)?.(name) === true || wasDeclared(kind, name));
  const sides = { desired: manifests.state, live, inScope };
  const isStrangers = byKind((kind) => (name: string) => kind.isStrangers?.(name, sides) === true);
  return (kind, name) =>
    inScope(kind, name) && (wasDeclared(kind, name) || isStrangers.get(kind)?.(name) !== true);
}

/** What nobody but AWS can change. */
function ownedByAws(account: AccountState): Asked {
  const isAws = byKind((kind) => {
    const objects = kind.isAws && new NameMap(kind.of(account));
    return (name: string): boolean => {
      const object = objects?.get(name);
      return object !== undefined && kind.isAws!(object);
    };
  });
  return (kind, name) => isAws.get(kind)?.(name) === true;
}

/** What was declared, by the manifests as they were or as `removed` tells, and goes where it no longer is. */
function declaredBefore(manifests: Desired, live: AccountState, base: Base | null): Asked {
  const before = stateBefore(manifests, base);
  const names = byKind((kind) => {
    const objects = new NameMap(kind.of(live));
    return namesOf([
      ...(before ? declaredNames(kind, before, (newName) => !objects.has(newName)) : []),
      ...(manifests.removed[kind.section] ?? []),
    ]);
  });
  return (kind, name) => names.get(kind)?.has(name) === true;
}

const byKind = <T>(of: (kind: Kind<unknown>) => T): ReadonlyMap<string, T> =>
  new Map(kinds.map((kind) => [kind.name, of(kind)] as const));

const namesOf = (names: readonly string[]): NameMap<true> =>
  new NameMap(names.map((name) => [name, true] as const));

/** By what is declared now, and by what `manage` says. */
function managed(kind: Kind<unknown>, manifests: Desired, live: AccountState): (name: string) => boolean {
  const rule = manageRule(kind, manifests.manage);
  if (rule === 'all') return () => true;
  const objects = new NameMap(kind.of(live) as ReadonlyMap<string, Selectable>);
  const declared = namesOf(declaredNames(kind, manifests, (newName) => !objects.has(newName)));
  if (rule === 'declared' || isByTagsAlone(rule)) return (name) => declared.has(name);
  return (name) => {
    const object = objects.get(name);
    return declared.has(name) || (object !== undefined && isSelected(rule, object));
  };
}

/** The earlier manifests, if they are known and of this account: what another one declared says nothing of it. */
export function stateBefore({ state }: Desired, base: Base | null): Desired | undefined {
  const before = base && 'desired' in base ? base.desired : undefined;
  return before?.state.account === state.account ? before : undefined;
}

/**
 * Names that manifests declare, what has expired included.
 *
 * @param awaits whether the rename to this name is still to come; once it is done, the old name may be anybody's.
 */
function declaredNames(
  kind: Kind<unknown>,
  { state, expiring }: Desired,
  awaits: (newName: string) => boolean,
): string[] {
  // Null: declared to be absent.
  const objects = kind.of(state) as ReadonlyMap<string, { readonly renamedFrom?: string } | null>;
  const declared = [...objects].flatMap(([name, object]) =>
    object?.renamedFrom !== undefined && awaits(name) ? [name, object.renamedFrom] : [name],
  );
  const expired = expiring
    .filter((one) => one.expired)
    .map(({ ref }) => parseRef(ref))
    .filter((one) => one.kind === kind.name && one.part.length === 0);
  return [...declared, ...expired.map(({ name }) => name)];
}
