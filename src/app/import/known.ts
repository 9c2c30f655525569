import type { Desired } from '../../core/desired.ts';
import { nameMatcher } from '../../core/glob.ts';
import { isLock } from '../../core/lock.ts';
import { NameMap } from '../../core/names.ts';
import { openManifests, renamedFrom } from '../../manifest/edit/index.ts';
import type { ManifestFile } from '../../manifest/edit/index.ts';
import { listManifests } from '../../manifest/files.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import { Report } from '../../core/report.ts';
import { requireManifests } from '../manifests.ts';

export type Section = 'users' | 'groups' | 'policies';
export const sections: readonly Section[] = ['users', 'groups', 'policies'];

/** What the existing manifests say. */
export interface Known {
  /** Null if there are no manifests yet. */
  readonly desired: Desired | null;
  readonly files: readonly ManifestFile[];
  /**
   * The name under which an object of the account is declared. It may differ in case, or be a new name whose rename is
   * not applied yet.
   */
  declared(section: Section, liveName: string): string | undefined;
  isIgnored(section: Section | 'roles', name: string): boolean;
}

/** Reads the existing manifests. @throws RollcallError if they have errors: nothing is merged into those. */
export async function readKnown(dir: string, load: LoadOptions = {}): Promise<Known> {
  const paths = await listManifests(dir, new Report(load.cwd));
  if (paths.length === 0) {
    return { desired: null, files: [], declared: () => undefined, isIgnored: isOut };
  }
  const { desired } = await requireManifests(dir, { ...load, allowEmpty: true });
  const files = await openManifests(dir, load.cwd);
  const names: Record<Section, NameMap<string>> = {
    users: new NameMap(),
    groups: new NameMap(),
    policies: new NameMap(),
  };
  const kinds: Readonly<Record<string, Section>> = { user: 'users', group: 'groups', policy: 'policies' };
  // From `sources` and not the state, which leaves out what has expired.
  for (const ref of desired.sources.keys()) {
    const found = /^(user|group|policy):([^/]+)$/.exec(ref);
    if (found) names[kinds[found[1]!]!].set(found[2]!, found[2]!);
  }
  for (const section of ['users', 'groups'] as const) {
    for (const { name, from } of files.flatMap((file) => renamedFrom(file, section))) {
      if (!names[section].has(from)) names[section].set(from, name);
    }
  }
  const ignored = new Map(
    Object.entries(desired.ignore).map(([section, patterns]) => [section, nameMatcher(patterns)]),
  );
  return {
    desired,
    files,
    declared: (section, liveName) => names[section].get(liveName),
    isIgnored: (section, name) => isOut(section, name) || ignored.get(section)?.(name) === true,
  };
}

/** The policy that serves as the lock of a running apply. */
const isOut = (section: Section | 'roles', name: string): boolean => section === 'policies' && isLock(name);
