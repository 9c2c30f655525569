import { memberRef, membershipRef } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import { NameMap } from '../../core/names.ts';
import type { Group } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { field, numberOf, place, textOf } from '../../core/tree.ts';
import type { Entry, Node } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { readInline } from '../reading/documents.ts';
import { checkInlineSize, readAttached } from '../reading/identities.ts';
import { Duplicates, readItems, readRenamedFrom, readSection } from '../reading/section.ts';
import { about } from './about.ts';

/** Who is in which group now, from both sides: users' `groups` and groups' `members`. */
export class Memberships {
  readonly #groups = new Map<string, Set<string>>();

  add(user: string, group: string): void {
    const groups = this.#groups.get(user);
    if (groups) groups.add(group);
    else this.#groups.set(user, new Set([group]));
  }

  of(user: string): string[] {
    return [...(this.#groups.get(user) ?? [])].sort(byText);
  }
}

/** The `groups` section; who is in them is read with the users. */
export function readGroups(context: ManifestContext): Map<string, Group> {
  const claimed = new NameMap<Node>();
  return readSection(about, ['path', 'renamedFrom'], context, (declared) => {
    const { name, value, ref, what } = declared;
    const policies = readInline(value, ref, context);
    checkInlineSize(value, policies, about.limits.inline, what, context);
    const renamedFrom = readRenamedFrom(about, value, claimed, context);
    return {
      name,
      path: textOf(field(value, 'path')?.value) ?? '/',
      policies,
      attachedPolicyArns: readAttached(declared, about.limits, context),
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
    };
  });
}

/** Who is in which group by the groups' own `members`. */
export function readMembers(context: ManifestContext): Memberships {
  const memberships = new Memberships();
  for (const [group, { value }] of context.declared('groups')) {
    readMembersOf(group, value, context, memberships);
  }
  return memberships;
}

function readMembersOf(group: string, value: Node, context: ManifestContext, memberships: Memberships): void {
  const duplicates = new Duplicates(context);
  for (const { node, name } of readItems(value, 'members', 'name')) {
    const user = textOf(name) ?? '';
    if (!context.declared('users').has(user)) {
      if (context.complete) reportUnknownUser(user, name, context);
      continue;
    }
    if (!duplicates.isNew(user, node, `user ${quote(user)}`)) continue;
    const ref = membershipRef(user, group);
    context.source(memberRef(group, user), node);
    context.source(ref, node);
    context.tell(ref, node);
    const what = `membership of user ${quote(user)} in group ${quote(group)}`;
    if (context.counts(node, ref, what)) memberships.add(user, group);
  }
}

function reportUnknownUser(user: string, node: Node, context: ManifestContext): void {
  const ignored = context.isIgnored('users', user);
  context.report.error(
    'unknown-user',
    place(node),
    ignored
      ? `the user ${quote(user)} is ignored: a group cannot have it as a member here`
      : `there is no user ${quote(user)}`,
    {
      hint: ignored
        ? 'drop it, or narrow the pattern in ignore.users'
        : (context.report.suggest('users', user, context.declared('users').keys()) ??
          'declare it under users'),
    },
  );
}

/** The rail `minMembers`. */
export function readMinMembers(context: ManifestContext): Record<string, number> {
  const { merged, report, complete } = context;
  const prefix = 'rails.minMembers.';
  const result: [string, number][] = [];
  const seen = new NameMap<Entry>();
  for (const [path, entry] of merged.settings) {
    if (!path.startsWith(prefix)) continue;
    const group = context.spelling('groups', entry.key);
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
    if (!complete || context.declared('groups').has(group)) continue;
    report.error(
      'unknown-group',
      place(entry.at),
      context.isIgnored('groups', entry.key)
        ? `the group ${quote(entry.key)} is ignored: its members are not known here`
        : `there is no group ${quote(entry.key)}`,
      { hint: report.suggest('groups', entry.key, context.declared('groups').keys()) },
    );
  }
  return Object.fromEntries(result);
}
