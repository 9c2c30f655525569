import type { Base, Desired } from '../core/desired.ts';
import { formatLocation } from '../core/errors.ts';
import { NameMap, sameName } from '../core/names.ts';
import { removedRef } from '../core/references.ts';
import { isByTagsAlone, isSelected } from '../core/selection.ts';
import type { Selectable } from '../core/selection.ts';
import type { AccountState } from '../core/state.ts';
import { listSome } from '../core/text.ts';
import { managedTag } from '../kinds/index.ts';
import type { Context, Kind } from '../kinds/index.ts';
import { manageRule, namedKinds } from '../kinds/sections.ts';
import { ignoredBy, stateBefore } from './scope.ts';

interface Scoped {
  readonly manifests: Desired;
  /** Under the names that objects have now. */
  readonly account: AccountState;
  readonly base: Base | null;
  readonly inScope: Context['inScope'];
  readonly note: Context['note'];
}

/** What a reviewer must know of what is managed and what is not. */
export function noteScope(scoped: Scoped): void {
  // What an account has one of at most is declared or left alone.
  for (const kind of namedKinds) {
    noteGone(kind, scoped);
    noteTagged(kind, scoped);
  }
  noteNoBase(scoped);
}

/** `removed` names what is gone already. */
function noteGone({ name: kind, section, of }: Kind<unknown>, { manifests, account, note }: Scoped): void {
  const objects = new NameMap(of(account));
  const gone = (manifests.removed[section] ?? []).filter((name) => !objects.has(name));
  if (gone.length === 0) return;
  const at = manifests.sources.get(removedRef(kind, gone[0]!));
  const place = at ? ` (${formatLocation(at)})` : '';
  note(
    gone.length === 1
      ? `removed.${section} names ${gone[0]}, and there is no such ${kind} in the account: drop the name${place}`
      : `removed.${section} names what is not in the account: drop ${listSome(gone)}${place}`,
  );
}

/** Strangers that a tag speaks for. */
function noteTagged(kind: Kind<unknown>, { manifests, account, inScope, note }: Scoped): void {
  const { name, section } = kind;
  const rule = manageRule(kind, manifests.manage);
  const selection = typeof rule === 'object' && isByTagsAlone(rule) ? rule : undefined;
  const isIgnored = ignoredBy(manifests.ignore);
  const tagged = ([...kind.of(account).values()] as Selectable[]).filter(
    (object) =>
      !inScope(name, object.name) &&
      !isIgnored(name, object.name) &&
      (Object.keys(object.tags ?? {}).some((key) => sameName(key, managedTag)) ||
        (selection !== undefined && isSelected(selection, object))),
  );
  if (tagged.length === 0) return;
  note(
    `tagged as managed, but in no file, and not known to have been: ${listSome(tagged.map((one) => `${name} ${one.name}`))}; ` +
      `a tag alone has nothing removed: declare them, or name them under removed.${section}`,
  );
}

/** Told only where something is left alone that might have been declared. */
function noteNoBase({ manifests, account, base, inScope, note }: Scoped): void {
  if (stateBefore(manifests, base)) return;
  const isIgnored = ignoredBy(manifests.ignore);
  // Of what no file has ever been about, nothing has left the files.
  const isUnused = ({ optIn, section, of }: Kind<unknown>): boolean =>
    optIn === true && of(manifests.state).size === 0 && (manifests.removed[section] ?? []).length === 0;
  const sections = namedKinds
    .filter((kind) => manageRule(kind, manifests.manage) !== 'all' && !isUnused(kind))
    .filter(({ name, of }) =>
      [...of(account).keys()].some((one) => !inScope(name, one) && !isIgnored(name, one)),
    )
    .map(({ section }) => section);
  if (sections.length === 0) return;
  const why = base === null ? 'they are compared with no earlier ones' : whyNone(base);
  note(
    `what left the manifests is not known and not removed (${sections.join(', ')}): ${why}; ` +
      'compare them with --base REV, or name what is to go under removed',
  );
}

const whyNone = (base: Base): string =>
  'why' in base
    ? `those at ${base.rev} could not be read (${base.why})`
    : `those at ${base.rev} are of another account`;
