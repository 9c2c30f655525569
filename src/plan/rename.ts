import { objectRef } from '../core/references.ts';
import { byText } from '../core/json.ts';
import { NameMap } from '../core/names.ts';
import type { AccountState, Group, User } from '../core/state.ts';
import { makeChange } from '../kinds/change.ts';
import { identityKinds } from '../kinds/index.ts';
import type { Draft } from '../kinds/kind.ts';

/**
 * Objects that the manifests call by a new name (`renamedFrom`): the live state as it will be once they are
 * renamed, and the renames. Everything else is planned under the new names; all of it waits for the rename.
 */
export function applyRenames(
  desired: AccountState,
  live: AccountState,
  problem: (message: string, hint: string, at: string) => void,
): { live: AccountState; drafts: Draft[] } {
  const renames = {
    user: findRenames('user', desired.users, live.users, problem),
    group: findRenames('group', desired.groups, live.groups, problem),
  };
  if (renames.user.size + renames.group.size === 0) return { live, drafts: [] };
  const users = [...live.users.values()].map((user): User => ({
    ...user,
    name: renames.user.get(user.name) ?? user.name,
    groups: user.groups.map((group) => renames.group.get(group) ?? group).sort(byText),
  }));
  const groups = [...live.groups.values()].map((group): Group => ({
    ...group,
    name: renames.group.get(group.name) ?? group.name,
  }));
  return {
    live: { ...live, users: byName(users), groups: byName(groups) },
    drafts: (['user', 'group'] as const).flatMap((kind) =>
      [...renames[kind]].map(([from, to]) => renameDraft(kind, from, to)),
    ),
  };
}

const byName = <T extends { name: string }>(items: readonly T[]): Map<string, T> =>
  new Map([...items].sort((a, b) => byText(a.name, b.name)).map((item) => [item.name, item]));

function findRenames(
  kind: 'user' | 'group',
  desired: ReadonlyMap<string, { readonly name: string; readonly renamedFrom?: string }>,
  live: ReadonlyMap<string, unknown>,
  problem: (message: string, hint: string, at: string) => void,
): Map<string, string> {
  const renames = new Map<string, string>();
  const present = new NameMap(live);
  for (const { name, renamedFrom } of desired.values()) {
    const from = renamedFrom === undefined ? undefined : present.spelling(renamedFrom);
    // Renamed in an earlier run: the line in the file has done its work and may stay.
    if (from === undefined) continue;
    if (present.has(name)) {
      problem(
        `${kind} ${name} is renamed from ${from}, but IAM has both`,
        `remove renamedFrom: then ${from} is removed as any ${kind} that is in no file`,
        objectRef(kind, name),
      );
      continue;
    }
    renames.set(from, name);
  }
  return renames;
}

function renameDraft(kind: 'user' | 'group', from: string, to: string): Draft {
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
        ...identityKinds[kind]!.renaming(from, to),
        about: objectRef(kind, from),
        purpose: 'rename',
        cls: 'neutral',
        creates: [objectRef(kind, to)],
      },
    ],
  };
}
