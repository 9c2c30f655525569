/**
 * Files that are either complete or absent, even after a crash: a temporary file beside the target, write, fsync,
 * rename or link, fsync of the directory. It is synchronous, so that the file is on disk before anything else happens.
 * Errors of the file system are thrown as Node throws them.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { builtin } from './builtin.ts';

/** The contents of a file, or a function that writes them piece by piece. */
type Content = string | Uint8Array | ((write: (text: string) => void) => void);

/**
 * Replaces a file. A symbolic link is kept, and its target replaced; what is not a file (a pipe, `/dev/null`) is
 * written to.
 *
 * @param mode of a new file; an existing one keeps its own.
 */
export function replaceFile(path: string, content: Content, mode = 0o666): void {
  const present = statSync(path, { throwIfNoEntry: false });
  if (present && !present.isFile() && !present.isDirectory()) {
    const fd = openSync(path, 'w');
    try {
      write(fd, content);
    } finally {
      closeSync(fd);
    }
    return;
  }
  const target = present ? realpathSync(path) : followLinks(path);
  withTemporary(dirname(target), content, present ? present.mode & 0o7777 : mode, (temporary) => {
    // The umask may have taken bits away from the mode.
    if (present) chmodSync(temporary, present.mode & 0o7777);
    renameSync(temporary, target);
  });
}

/**
 * Creates a file under a free name; false if the name is taken, even at the last moment: a link, unlike a rename,
 * never replaces a file.
 */
export function createFile(path: string, content: Content, mode = 0o666): boolean {
  return withTemporary(dirname(path), content, mode, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      if (!linkless.has(errorCode(error) ?? '')) throw error;
      return createInPlace(path, content, mode);
    }
    return true;
  });
}

/** Errors of file systems without hard links (FAT, some network and container mounts). */
const linkless = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

function createInPlace(path: string, content: Content, mode: number): boolean {
  try {
    writeNew(path, content, mode);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Writes, syncs and removes a file, to see whether there is permission and room for one. */
export function probe(directory: string): void {
  withTemporary(directory, ' '.repeat(4096), 0o600, () => undefined);
}

/**
 * Creates the missing levels of a directory; existing ones keep their mode. Node's recursive mkdir hides why it failed
 * (ENOENT on a read-only file system) and never ends below /proc, so this goes level by level.
 *
 * @returns the created directories, the outermost first.
 */
export function makeDirectories(path: string, mode = 0o777): readonly string[] {
  const missing: string[] = [];
  for (let level = resolve(path); !existsSync(level); level = dirname(level)) missing.unshift(level);
  for (const level of missing) {
    try {
      mkdirSync(level, { mode });
    } catch (error) {
      // Another process may have made it meanwhile.
      if (errorCode(error) !== 'EEXIST' || !existsSync(level)) throw error;
    }
  }
  return missing;
}

/** Windows cannot sync a directory, and some network file systems answer EINVAL: they have nothing to sync. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    if (errorCode(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(directory);
  }
}

/** The system's code of an error, such as `ENOENT`. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

/** Gives a temporary file to `place`. Afterwards none is left, whatever happened. */
function withTemporary<T>(
  directory: string,
  content: Content,
  mode: number,
  place: (temporary: string) => T,
): T {
  // Hidden, so that nobody takes it for a manifest, a receipt or a delivery.
  const temporary = join(directory, `.${builtin('node:crypto').randomBytes(9).toString('hex')}.tmp`);
  let placed: T;
  try {
    writeNew(temporary, content, mode);
    placed = place(temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncDirectory(directory);
  return placed;
}

/** Writes a file that was not there, or leaves none. */
function writeNew(path: string, content: Content, mode: number): void {
  const fd = openSync(path, 'wx', mode);
  try {
    write(fd, content);
    fsyncSync(fd);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
}

function write(fd: number, content: Content): void {
  if (typeof content === 'function') content((text) => writeAll(fd, text));
  else writeFileSync(fd, content);
}

/** `writeSync` may write less than asked. */
export function writeAll(fd: number, text: string): void {
  const data = Buffer.from(text);
  for (let done = 0; done < data.length;) done += writeSync(fd, data, done);
}

/** Where a path leads if its last link has no target yet. */
function followLinks(path: string): string {
  let target = resolve(path);
  while (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()) {
    target = resolve(dirname(target), readlinkSync(target));
  }
  return target;
}
