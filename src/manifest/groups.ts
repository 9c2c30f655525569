import { byText } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { NameMap } from '../core/names.ts';
import type { Group } from '../core/state.ts';
import { quote } from '../core/text.ts';
import type { Context } from './context.ts';
import { readInline } from './documents.ts';
import {
  checkIgnored,
  checkInlineSize,
  Duplicates,
  readAttached,
  readItems,
  readRenamedFrom,
} from './holders.ts';
import { field, place, textOf } from './tree.ts';
import type { Node } from './tree.ts';
import { describe } from './words.ts';

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

/** The `groups` section; members go to `memberships`. */
export function readGroups(context: Context, memberships: Memberships): Map<string, Group> {
  const claimed = new NameMap<Node>();
  const groups: [string, Group][] = [];
  for (const [name, { at, value }] of context.merged.groups) {
    const ref = `group:${name}`;
    const what = describe(['groups', name]);
    context.source(ref, at);
    for (const key of ['path', 'renamedFrom']) {
      const entry = field(value, key);
      if (entry) context.source(`${ref}/${key}`, entry.at);
    }
    checkIgnored('groups', name, at, what, context);
    const policies = readInline(value, ref, context);
    checkInlineSize(value, policies, limits.inlineGroup, what, context);
    const renamedFrom = readRenamedFrom('groups', value, claimed, context);
    readMembers(name, value, context, memberships);
    groups.push([
      name,
      {
        name,
        path: textOf(field(value, 'path')?.value) ?? '/',
        policies,
        attachedPolicyArns: readAttached(value, ref, what, context),
        ...(renamedFrom === undefined ? {} : { renamedFrom }),
      },
    ]);
  }
  return new Map(groups.sort(([a], [b]) => byText(a, b)));
}

function readMembers(group: string, value: Node, context: Context, memberships: Memberships): void {
  const duplicates = new Duplicates(context);
  for (const { node, name } of readItems(value, 'members', 'name')) {
    const user = textOf(name) ?? '';
    if (!context.merged.users.has(user)) {
      if (context.complete) reportUnknownUser(user, name, context);
      continue;
    }
    if (!duplicates.isNew(user, node, `user ${quote(user)}`)) continue;
    const ref = `user:${user}/groups/${group}`;
    context.source(`group:${group}/members/${user}`, node);
    context.source(ref, node);
    const what = `membership of user ${quote(user)} in group ${quote(group)}`;
    if (context.counts(node, ref, what)) memberships.add(user, group);
  }
}

function reportUnknownUser(user: string, node: Node, context: Context): void {
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
        : (context.report.suggest('users', user, context.merged.users.keys()) ?? 'declare it under users'),
    },
  );
}
