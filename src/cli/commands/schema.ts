import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Io } from '../../app/io.ts';
import { storing } from '../../app/storage.ts';
import { createFile, makeDirectories, replaceFile } from '../../core/durable.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { Report } from '../../core/report.ts';
import { listWords, plural, shownJson } from '../../core/text.ts';
import { listManifests, portable, readSource } from '../../manifest/files.ts';
import { schemaFile, schemaLine } from '../../manifest/write/index.ts';
import type { GlobalOptions } from '../options.ts';
import { packageFile } from '../package.ts';
import { Terminal } from '../terminal.ts';

const schemaText = (): Promise<string> => readFile(packageFile(`schemas/${schemaFile}`), 'utf8');

/** Writes the schema into a directory of manifests that has none. @returns its path; null if there is one. */
export async function writeSchema(io: Io, dir: string): Promise<string | null> {
  const [path, text] = [join(dir, schemaFile), await schemaText()];
  const isNew = storing(path, 'cannot be written', () => {
    makeDirectories(resolve(io.cwd, dir));
    return createFile(resolve(io.cwd, path), text);
  });
  return isNew ? path : null;
}

/** Writes the JSON Schema of manifests for editors, also over that of an earlier version; `-` is stdout. */
export async function schema(io: Io, options: GlobalOptions & { readonly out?: string }): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { out = join(options.manifests, schemaFile) } = options;
  const text = await schemaText();
  if (out === '-') {
    terminal.patch(text);
    return exitCode.done;
  }
  const path = resolve(io.cwd, out);
  storing(out, 'cannot be written', () => {
    makeDirectories(dirname(path));
    replaceFile(path, text);
  });
  if (options.json) terminal.product(`${shownJson({ files: [out] })}\n`);
  else terminal.line(out);
  if (options.out === undefined) await tellOthers(io, terminal, options.manifests);
  return exitCode.done;
}

/** Says which manifests do not name a schema yet, and the line for each. */
async function tellOthers(io: Io, terminal: Terminal, dir: string): Promise<void> {
  const report = new Report(io.cwd);
  const without = new Map<string, string[]>();
  for (const path of await listManifests(dir, report)) {
    const source = await readSource(path, report);
    if (!source || /^#\s*yaml-language-server:\s*\$schema=/m.test(source.text)) continue;
    const line = schemaLine(portable(relative(resolve(io.cwd, dir), source.path)));
    without.set(line, [...(without.get(line) ?? []), source.name]);
  }
  for (const [line, names] of without) {
    const more = names.length > 3 ? [plural(names.length - 3, 'other')] : [];
    terminal.info(
      `Editors need this line at the top of ${listWords([...names.slice(0, 3), ...more], 'and')}:`,
    );
    terminal.info(`  ${line}`);
  }
}
