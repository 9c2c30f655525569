import type { Ignore, Rails } from '../core/desired.ts';
import { NameMap } from '../core/names.ts';
import { quote } from '../core/text.ts';
import type { Context } from './context.ts';
import { sections } from './merge.ts';
import type { Merged, Section } from './merge.ts';
import type { Report } from './report.ts';
import { itemsOf, place, textOf } from './tree.ts';
import type { Entry, Node } from './tree.ts';

const kinds = { users: 'user', groups: 'group', policies: 'policy' } as const;

/** The names or patterns of a list; the same one twice, in whichever case, is an error. */
function readNames(node: Node | undefined, report: Report): string[] {
  const seen = new NameMap<Node>();
  const names: string[] = [];
  for (const item of itemsOf(node)) {
    const text = textOf(item);
    if (text === undefined) continue;
    const first = seen.get(text);
    if (first) {
      report.error('duplicate-entry', place(item), `${quote(text)} is there twice in this list`, {
        hint: textOf(first) === text ? 'drop one' : 'drop one: IAM does not tell case apart',
        related: [{ message: 'first here', at: place(first) }],
      });
      continue;
    }
    seen.set(text, item);
    names.push(text);
  }
  return names;
}

/** A name of `rails` as it is declared, in whichever case the rails have it. */
const asDeclared = ({ merged }: Context, section: Section, name: string): string =>
  merged.named[section].spelling(name) ?? name;

export function readIgnore(merged: Merged, report: Report): Ignore {
  const of = (kind: string): string[] => readNames(merged.settings.get(`ignore.${kind}`)?.value, report);
  return { users: of('users'), groups: of('groups'), policies: of('policies'), roles: of('roles') };
}

const numberOf = (node: Node | undefined): number | undefined =>
  node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;

export function readRails(context: Context): Rails {
  const { merged, report } = context;
  const setting = (path: string): Node | undefined => merged.settings.get(path)?.value;
  const maxRemovals = Object.fromEntries(
    [...sections, 'memberships', 'percent'].flatMap((key) => {
      const value = numberOf(setting(`rails.maxRemovals.${key}`));
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const protect = (section: Section): string[] =>
    readNames(setting(`rails.protect.${section}`), report).map((name) => asDeclared(context, section, name));
  checkProtected(context);
  return {
    maxRemovals,
    protect: { users: protect('users'), groups: protect('groups'), policies: protect('policies') },
    minMembers: readMinMembers(context),
  };
}

/** A protected name that no file declares: the plan would want to remove it, and always be refused. */
function checkProtected(context: Context): void {
  if (!context.complete) return;
  for (const section of sections) {
    for (const item of itemsOf(context.merged.settings.get(`rails.protect.${section}`)?.value)) {
      const name = textOf(item);
      if (name === undefined || context.isIgnored(section, name)) continue;
      if (context.merged[section].has(asDeclared(context, section, name))) continue;
      context.report.warning(
        'unknown-protected',
        place(item),
        `the protected ${kinds[section]} ${quote(name)} is not declared: if it exists, every plan will be refused`,
        {
          hint:
            context.report.suggest(section, name, context.merged[section].keys()) ??
            `declare it under ${section}, or list it under ignore.${section}`,
        },
      );
    }
  }
}

function readMinMembers(context: Context): Record<string, number> {
  const { merged, report, complete } = context;
  const prefix = 'rails.minMembers.';
  const result: [string, number][] = [];
  const seen = new NameMap<Entry>();
  for (const [path, entry] of merged.settings) {
    if (!path.startsWith(prefix)) continue;
    const group = asDeclared(context, 'groups', entry.key);
    const first = seen.get(group);
    if (first) {
      report.error('case-collision', place(entry.at), `${quote(entry.key)} is there twice`, {
        hint: 'keep one: IAM does not tell case apart',
        related: [{ message: 'first here', at: place(first.at) }],
      });
      continue;
    }
    seen.set(group, entry);
    const value = numberOf(entry.value);
    if (value !== undefined) result.push([group, value]);
    if (!complete || merged.groups.has(group)) continue;
    report.error(
      'unknown-group',
      place(entry.at),
      context.isIgnored('groups', entry.key)
        ? `the group ${quote(entry.key)} is ignored: its members are not known here`
        : `there is no group ${quote(entry.key)}`,
      { hint: report.suggest('groups', entry.key, merged.groups.keys()) },
    );
  }
  return Object.fromEntries(result);
}
