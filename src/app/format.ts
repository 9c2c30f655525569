import type { Diagnostic } from '../core/errors.ts';
import { Report } from '../core/report.ts';
import { Source } from '../core/tree.ts';
import { listManifests, readSource } from '../manifest/files.ts';
import { formatManifest } from '../manifest/format/index.ts';
import { readYaml } from '../manifest/yaml.ts';
import { editOf } from './edits.ts';
import type { FileEdit } from './edits.ts';

interface Formatted {
  /** Files that are not in the one style, as they would be in it. */
  readonly edits: readonly FileEdit[];
  /** How many files were looked at. */
  readonly read: number;
  /** What is no YAML. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Formats files, or all below a directory where none is named. Nothing is written. */
export async function formatFiles(files: readonly string[], dir: string, cwd: string): Promise<Formatted> {
  const report = new Report(cwd);
  const names = files.length > 0 ? files : await listManifests(dir, report);
  const edits: FileEdit[] = [];
  for (const name of names) {
    const source = await readSource(name, report);
    if (!source || readYaml(source, report) === null) continue;
    const text = formatManifest(source);
    if (text !== source.text)
      edits.push(editOf(source, new Source(source.name, source.path, Buffer.from(text), text)));
  }
  return { edits, read: names.length, diagnostics: report.list() };
}
