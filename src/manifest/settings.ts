import type { Ignore, Manage, ManageRule, NamesBySection, Rails, Selection } from '../core/desired.ts';
import { NameMap } from '../core/names.ts';
import { removedRef } from '../core/references.ts';
import type { Report } from '../core/report.ts';
import { quote } from '../core/text.ts';
import { entriesOf, field, itemsOf, numberOf, place, textOf } from '../core/tree.ts';
import type { Node } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import type { ManifestContext, Merged } from '../kinds/reading/context.ts';
import { readNames } from '../kinds/reading/names.ts';
import { manageRule, namedKinds as named } from '../kinds/sections.ts';

/** What the manifests say of what is managed, beside what they declare. */
export const readScope = (merged: Merged, report: Report): ManifestContext['scope'] => ({
  ignore: readIgnore(merged, report),
  manage: readManage(merged, report),
  removed: readRemoved(merged, report),
});

/** What `ignore` names. */
function readIgnore({ settings }: Merged, report: Report): Ignore {
  return Object.fromEntries(
    named.map(({ section }) => [section, readNames(settings.get(`ignore.${section}`)?.value, report)]),
  );
}

/** What `manage` says of each section; what the schema refuses counts as what changes least. */
function readManage({ settings, present }: Merged, report: Report): Manage {
  return Object.fromEntries(
    named.map((kind) => {
      const { section } = kind;
      const said = settings.get(`manage.${section}`);
      if (said) return [section, readRule(said.value, report)];
      return [section, present.has(section) ? 'all' : manageRule(kind, {})];
    }),
  );
}

function readRule(node: Node, report: Report): ManageRule {
  if (node.kind !== 'map') return textOf(node) === 'all' ? 'all' : 'declared';
  const [names, paths] = ['names', 'paths'].map((key) => field(node, key)?.value);
  const tags = entriesOf(field(node, 'tags')?.value);
  return {
    ...(names ? { names: readSelectedNames(names, report) } : {}),
    ...(paths ? { paths: itemsOf(paths).flatMap((item) => textOf(item) ?? []) } : {}),
    ...(tags.length > 0
      ? { tags: Object.fromEntries(tags.map(({ key, value }) => [key, textOf(value) ?? ''])) }
      : {}),
  } satisfies Selection;
}

function readSelectedNames(node: Node, report: Report): string[] {
  const names = readNames(node, report);
  if (names.length > 0 && names.every((name) => name.startsWith('!'))) {
    report.error('bad-value', place(node), 'these are exceptions alone: nothing is selected', {
      hint: `write from what: ['*', ${names.map((name) => `'${name}'`).join(', ')}]`,
    });
  }
  return names;
}

/** What `removed` names, in the spelling of the files. */
const readRemoved = ({ settings }: Merged, report: Report): NamesBySection =>
  Object.fromEntries(
    named.map(({ section }) => [section, readNames(settings.get(`removed.${section}`)?.value, report)]),
  );

/** What is to go cannot be kept too: a name that is removed is neither declared nor ignored. */
export function checkRemoved(context: ManifestContext): void {
  const { report } = context;
  for (const { name: kind, section } of named) {
    const declared = context.named(section);
    const renamed = new NameMap(
      declared.values().flatMap((entry) => {
        const from = textOf(field(entry.value, 'renamedFrom')?.value);
        return from === undefined ? [] : [[from, entry] as const];
      }),
    );
    for (const item of itemsOf(context.merged.settings.get(`removed.${section}`)?.value)) {
      const name = textOf(item);
      if (name === undefined) continue;
      context.source(removedRef(kind, name), item);
      const [entry, to] = [declared.get(name), renamed.get(name)];
      const kept = entry ?? to;
      if (kept) {
        report.error(
          'removed-and-declared',
          place(item),
          `${kind} ${quote(name)} is to be removed, but ${entry ? 'is declared' : `${quote(kept.key)} is renamed from it`}`,
          {
            hint: `drop it from removed.${section}, or drop ${entry ? 'the declaration' : 'renamedFrom'}`,
            related: [{ message: 'declared here', at: place(kept.at) }],
          },
        );
      } else if (context.isIgnored(section, name)) {
        report.error(
          'removed-and-ignored',
          place(item),
          `${kind} ${quote(name)} is to be removed, but ignore.${section} names it`,
          { hint: `drop it from removed.${section}, or narrow the pattern` },
        );
      }
    }
  }
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
      if (name === undefined || context.mayBeLeft(section, name)) continue;
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
