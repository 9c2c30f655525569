import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { errorCode, makeDirectories, replaceFile } from '../core/durable.ts';
import { RollcallError } from '../core/errors.ts';
import type { Source } from '../core/tree.ts';
import { portable } from '../manifest/files.ts';
import { storageError } from './storage.ts';

/** A file before and after an edit. */
export interface FileEdit {
  /** Its name as the user would type it. */
  readonly name: string;
  readonly path: string;
  /** Null: the file is new. */
  readonly before: Uint8Array | null;
  readonly after: Uint8Array;
}

/** The edit of a file that exists. */
export const editOf = ({ name, path, bytes }: Source, after: Source): FileEdit => ({
  name,
  path,
  before: bytes,
  after: after.bytes,
});

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('utf8');

/** The edit as a patch, under the name of the file. */
export function patchOf({ name, before, after }: FileEdit): string {
  const [old, now] = isAbsolute(name) ? [name, name] : [`a/${name}`, `b/${name}`];
  return createTwoFilesPatch(
    before === null ? '/dev/null' : old,
    now,
    textOf(before),
    textOf(after),
    undefined,
    undefined,
    {
      context: 3,
      headerOptions: FILE_HEADERS_ONLY,
    },
  );
}

/**
 * The edit as a patch for `git apply`. It names the file relative to this directory, or for a file elsewhere in the
 * repository relative to its root, since a patch may not name anything above the directory that it is applied in.
 */
export const patchForGit = (edit: FileEdit): string => patchOf({ ...edit, name: nameInPatch(edit) });

function nameInPatch({ name, path }: FileEdit): string {
  if (!name.startsWith('..') && !isAbsolute(name)) return name;
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return portable(relative(dir, path));
    if (dir === dirname(dir)) return name;
  }
}

/**
 * Writes edited files, each completely or not at all. Modes and symbolic links are kept.
 *
 * @throws RollcallError if a file cannot be written, or has changed since it was read.
 */
export async function writeEdits(edits: readonly FileEdit[]): Promise<void> {
  // All files are checked before the first is written.
  for (const edit of edits) await checkUnchanged(edit);
  for (const edit of edits) {
    try {
      if (edit.before === null) makeDirectories(dirname(edit.path));
      replaceFile(edit.path, edit.after);
    } catch (error) {
      throw storageError(edit.name, 'cannot be written', error);
    }
  }
}

async function checkUnchanged({ name, path, before }: FileEdit): Promise<void> {
  const now = await readFile(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw storageError(name, 'cannot be read', error);
  });
  if (before === null ? now === null : now !== null && Buffer.compare(now, before) === 0) return;
  throw new RollcallError(`${name} was changed meanwhile: nothing was written`, { hint: 'run again' });
}
