import type { Ignore, Rails } from '../core/desired.ts';
import type { Report } from '../core/report.ts';
import { quote } from '../core/text.ts';
import { itemsOf, numberOf, place, textOf } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import type { ManifestContext, Merged } from '../kinds/reading/context.ts';
import { readNames } from '../kinds/reading/names.ts';

/** Kinds of which an account can have several: what it has one of has no name. */
const named = kinds.filter(({ only }) => only === undefined);

/** What `ignore` names: roles too, though they are not managed yet. */
export function readIgnore({ settings }: Merged, report: Report): Ignore {
  const sections = [...named.map(({ section }) => section), 'roles'];
  return Object.fromEntries(
    sections.map((section) => [section, readNames(settings.get(`ignore.${section}`)?.value, report)]),
  );
}

export function readRails(context: ManifestContext): Rails {
  const { merged, report } = context;
  const maxRemovals = [...merged.settings].flatMap(([path, { key, value }]) => {
    const number = path.startsWith('rails.maxRemovals.') ? numberOf(value) : undefined;
    return number === undefined ? [] : [[key, number] as const];
  });
  const protect = named.map(({ section }) => {
    const names = readNames(merged.settings.get(`rails.protect.${section}`)?.value, report);
    return [section, names.map((name) => context.spelling(section, name))] as const;
  });
  checkProtected(context);
  return Object.assign(
    {
      maxRemovals: Object.fromEntries(maxRemovals),
      protect: Object.fromEntries(protect),
      minMembers: {},
      deny: [],
    },
    ...kinds.map((kind) => kind.readRails?.(context)),
  ) as Rails;
}

/** Reports a protected name that no file declares: every plan would want to remove the object and be refused. */
function checkProtected(context: ManifestContext): void {
  if (!context.complete) return;
  for (const { name: kind, section } of named) {
    const declared = context.declared(section);
    for (const item of itemsOf(context.merged.settings.get(`rails.protect.${section}`)?.value)) {
      const name = textOf(item);
      if (name === undefined || context.isIgnored(section, name)) continue;
      if (declared.has(context.spelling(section, name))) continue;
      context.report.warning(
        'unknown-protected',
        place(item),
        `the protected ${kind} ${quote(name)} is not declared: if it exists, every plan will be refused`,
        {
          hint:
            context.report.suggest(section, name, declared.keys()) ??
            `declare it under ${section}, or list it under ignore.${section}`,
        },
      );
    }
  }
}
