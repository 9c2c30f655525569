import type { Group } from '../../core/state.ts';
import { nameReasons, policiesToManifest } from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';

export function groupToManifest(group: Group, references: References): ManifestEntry {
  const { value, reasons, notes } = policiesToManifest(about, group, references);
  // Users that are declared already cannot name it in their own entry.
  const members = [...references.live.users.values()]
    .filter(({ groups }) => groups.includes(group.name))
    .flatMap(({ name }) => references.declared('user', name) ?? []);
  return {
    value: {
      ...(group.path === '/' ? {} : { path: group.path }),
      ...value,
      ...(members.length === 0 ? {} : { members: members.sort() }),
    },
    reasons: [...nameReasons(group, about.limits.name), ...reasons],
    notes,
  };
}
