import type { Desired } from '../../core/desired.ts';
import { NameMap } from '../../core/names.ts';
import { parseRef } from '../../core/references.ts';
import { Report } from '../../core/report.ts';
import { kinds } from '../../kinds/index.ts';
import { openManifests, renamedFrom } from '../../manifest/edit/index.ts';
import type { ManifestFile } from '../../manifest/edit/index.ts';
import { listManifests } from '../../manifest/files.ts';
import type { LoadOptions } from '../../manifest/index.ts';
import { ignoredBy } from '../../plan/index.ts';
import { requireManifests } from '../manifests.ts';

/** What the existing manifests say. */
export interface Known {
  /** Null if there are no manifests yet. */
  readonly desired: Desired | null;
  readonly files: readonly ManifestFile[];
  /**
   * The name under which an object of the account is declared. It may differ in case, or be a new name whose rename is
   * not applied yet.
   */
  declared(kind: string, liveName: string): string | undefined;
  isIgnored(kind: string, name: string): boolean;
}

/** Reads the existing manifests. @throws RollcallError if they have errors: nothing is merged into those. */
export async function readKnown(dir: string, load: LoadOptions = {}): Promise<Known> {
  const paths = await listManifests(dir, new Report(load.cwd));
  const desired =
    paths.length === 0 ? null : (await requireManifests(dir, { ...load, allowEmpty: true })).desired;
  const files = desired ? await openManifests(dir, load.cwd) : [];
  const names = new Map(kinds.map(({ name }) => [name, new NameMap<string>()]));
  // From `sources` and not the state, which leaves out what has expired.
  for (const ref of desired?.sources.keys() ?? []) {
    const { kind, name, part } = parseRef(ref);
    if (part.length === 0) names.get(kind)?.set(name, name);
  }
  for (const { name: kind, section } of kinds) {
    const declared = names.get(kind)!;
    for (const { name, from } of files.flatMap((file) => renamedFrom(file, section))) {
      if (!declared.has(from)) declared.set(from, name);
    }
  }
  return {
    desired,
    files,
    declared: (kind, liveName) => names.get(kind)?.get(liveName),
    isIgnored: ignoredBy(desired?.ignore ?? {}),
  };
}
