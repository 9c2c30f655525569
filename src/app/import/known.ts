import type { Desired } from '../../core/desired.ts';
import { globMatcher } from '../../core/glob.ts';
import { openManifests, renamedFrom } from '../../manifest/edit/index.ts';
import type { ManifestFile } from '../../manifest/edit/index.ts';
import { listManifests } from '../../manifest/files.ts';
import { Report } from '../../manifest/report.ts';
import { requireManifests } from '../manifests.ts';

export type Section = 'users' | 'groups' | 'policies';
export const sections: readonly Section[] = ['users', 'groups', 'policies'];

/** What the manifests say that are there already. */
export interface Known {
  /** Null: there are none yet. */
  readonly desired: Desired | null;
  readonly files: readonly ManifestFile[];
  /** The name under which an object of the account is declared: IAM does not tell case apart, and renames may wait. */
  declared(section: Section, liveName: string): string | undefined;
  isIgnored(section: Section | 'roles', name: string): boolean;
}

/** @throws RollcallError for manifests with errors: nothing is merged into those. */
export async function readKnown(dir: string): Promise<Known> {
  const paths = await listManifests(dir, new Report());
  if (paths.length === 0) {
    return { desired: null, files: [], declared: () => undefined, isIgnored: () => false };
  }
  const { desired } = await requireManifests(dir, { allowEmpty: true });
  const files = await openManifests(dir);
  const names: Record<Section, Map<string, string>> = {
    users: new Map(),
    groups: new Map(),
    policies: new Map(),
  };
  const kinds: Readonly<Record<string, Section>> = { user: 'users', group: 'groups', policy: 'policies' };
  // Not the state: what has expired is not in it.
  for (const ref of desired.sources.keys()) {
    const found = /^(user|group|policy):([^/]+)$/.exec(ref);
    if (found) names[kinds[found[1]!]!].set(found[2]!.toLowerCase(), found[2]!);
  }
  for (const section of ['users', 'groups'] as const) {
    for (const { name, from } of files.flatMap((file) => renamedFrom(file, section))) {
      if (!names[section].has(from.toLowerCase())) names[section].set(from.toLowerCase(), name);
    }
  }
  const ignored = {
    users: globMatcher(desired.ignore.users),
    groups: globMatcher(desired.ignore.groups),
    policies: globMatcher(desired.ignore.policies),
    roles: globMatcher(desired.ignore.roles),
  };
  return {
    desired,
    files,
    declared: (section, liveName) => names[section].get(liveName.toLowerCase()),
    isIgnored: (section, name) => ignored[section](name),
  };
}
