import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEdits } from '../../src/app/edits.ts';
import { prepareImport, readKnown } from '../../src/app/import/index.ts';
import type { Imported, Wanted } from '../../src/app/import/index.ts';
import { requireManifests } from '../../src/app/manifests.ts';
import { planAccount } from '../../src/app/session.ts';
import type { Desired } from '../../src/core/desired.ts';
import type { Change } from '../../src/kinds/plan.ts';
import type { Layout } from '../../src/manifest/write/index.ts';
import type { TestAccount } from '../support/account.ts';

/** Runs with a directory that is not there yet. */
export async function withDirectory<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const parent = mkdtempSync(join(tmpdir(), 'rollcall-import-test-'));
  try {
    return await use(join(parent, 'manifests'));
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

/** One import, written. */
export async function importInto(
  dir: string,
  { aws }: TestAccount,
  options: { layout?: Layout; tags?: boolean; wanted?: Wanted } = {},
): Promise<Imported> {
  const { layout = 'kind', tags = false, wanted } = options;
  const imported = await prepareImport(aws, await readKnown(dir), {
    dir,
    layout,
    tags,
    ...(wanted ? { wanted } : {}),
  });
  await writeEdits(imported.edits);
  return imported;
}

/** Every file below a directory, by name. */
export const filesIn = (dir: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(dir, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  );

/** Without marks of deliveries that were cut short, which take no key with them: no file can say them. */
export const declarable = <C extends Pick<Change, 'id' | 'effect'>>(changes: readonly C[]): readonly C[] =>
  changes.filter(({ id, effect }) => !(id.endsWith('/undelivered') && effect === 'none'));

/** The manifests of a directory, and what a plan with them would change. */
export async function planned(
  dir: string,
  { aws }: TestAccount,
): Promise<{ desired: Desired; codes: string[]; changes: string[] }> {
  const { desired, warnings } = await requireManifests(dir);
  const { plan } = await planAccount(desired, aws);
  return {
    desired,
    codes: [...new Set(warnings.map(({ code }) => code))],
    changes: declarable(plan.changes).map(({ id, summary }) => `${id}: ${summary}`),
  };
}
