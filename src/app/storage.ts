import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { RollcallError } from '../core/errors.ts';

/**
 * Creates what is missing of a directory; what exists keeps its mode. Level by level, because Node's recursive mkdir
 * hides why it failed (on a read-only file system it answers ENOENT) and never ends below /proc.
 *
 * @returns what it created, the outermost first.
 */
export function makeDirectories(path: string, mode = 0o777): readonly string[] {
  const missing: string[] = [];
  for (let level = resolve(path); !existsSync(level); level = dirname(level)) missing.unshift(level);
  for (const level of missing) {
    try {
      mkdirSync(level, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (codeOf(error) !== 'EEXIST' || !existsSync(level)) throw error;
    }
  }
  return missing;
}

/** The same closed to others, and there after a crash: for that its parent has to be synced. */
export async function makeClosedDirectory(path: string): Promise<void> {
  for (const level of makeDirectories(path, 0o700)) await syncDirectory(dirname(level));
}

/**
 * Puts a file in place whole or not at all, and returns when it would survive a crash: temporary file beside it,
 * write, fsync, rename, fsync of the directory.
 */
export async function writeDurably(directory: string, name: string, text: string): Promise<void> {
  const temporary = await writeTemporary(directory, text);
  try {
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
}

/**
 * The same where no file of that name may be replaced, by whomever it was made and however late: a link, unlike a
 * rename, never replaces what is there.
 *
 * @throws Node's error, with the code EEXIST where the name is taken.
 */
export async function createDurably(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name);
  const temporary = await writeTemporary(directory, text);
  try {
    await link(temporary, path);
  } catch (error) {
    if (!linkless.has(codeOf(error) ?? '')) throw error;
    await writeNew(path, text);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(directory);
}

/** What file systems without hard links answer (FAT, some network and container mounts). */
const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Writes, syncs and removes a file: whether there is permission and room for one. */
export async function probe(directory: string): Promise<void> {
  await rm(await writeTemporary(directory, ' '.repeat(4096)), { force: true });
  await syncDirectory(directory);
}

async function writeTemporary(directory: string, text: string): Promise<string> {
  const path = join(directory, `.${randomBytes(9).toString('hex')}.tmp`);
  await writeNew(path, text);
  return path;
}

/** A file that was not there, or none. */
async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeSynced(handle, text);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeSynced(handle: FileHandle, text: string): Promise<void> {
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Windows cannot sync a directory, and some network file systems answer EINVAL: they have nothing to sync. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

/** What the system refused, in words: `problem` begins the sentence with the path. */
export function storageError(path: string, problem: string, error: unknown): RollcallError {
  const code = codeOf(error) ?? 'unknown error';
  const [reason, hint] = reasons[code] ?? [
    'the system refused it',
    'see that the place is usable, or name another one',
  ];
  return new RollcallError(`${path} ${problem}: ${reason} (${code})`, { hint });
}

const permission = [
  'no permission',
  'let the user that runs rollcall write there, or name another place',
] as const;
const space = ['no space is left', 'free some space there, or name a place on another disk'] as const;
const notDirectory = [
  'a part of this path is not a directory',
  'move the file that is in the way, or name another place',
] as const;

const reasons: { readonly [code: string]: readonly [reason: string, hint: string] } = {
  EACCES: permission,
  EPERM: permission,
  ENOSPC: space,
  EDQUOT: ['the disk quota is used up', space[1]],
  EFBIG: ['the file may not grow any more', 'raise the limit of the file size, or name another place'],
  EROFS: ['the file system is read-only', 'name a place that can be written to'],
  ENOTDIR: notDirectory,
  EEXIST: notDirectory,
  EISDIR: ['a directory is in the way', 'move the directory that is in the way, or name another path'],
  ENOENT: ['a directory of this path does not exist', 'make the directory, or name another place'],
  ENAMETOOLONG: ['the path is too long', 'name a place with a shorter path'],
  ELOOP: ['its symbolic links lead in a circle', 'name another place'],
  EIO: ['the disk reports an error', 'check the disk, or name a place on another one'],
};
