import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { codeOf, makeDirectories } from '../storage.ts';

/**
 * Files that are whole or not there, and stay there: temporary file, sync, rename, sync of the directory. All of it
 * without yielding: what a step did is on disk before the next one begins, so that no kill can lose it.
 */
export interface Files {
  /** Under the first free name of `stem`, `stem-2`, `stem-3`, …; answers the stem. */
  claim(stem: string, text: string): string;
  /** In place of what was there. */
  replace(name: string, text: string): void;
}

export function receiptFiles(dir: string): Files {
  return {
    claim(stem, text) {
      makeDirectories(dir);
      const temporary = writeTemporary(dir, text);
      try {
        for (let number = 1; ; number += 1) {
          const free = number === 1 ? stem : `${stem}-${number}`;
          if (existsSync(join(dir, `${free}.md`))) continue;
          if (!placeNew(temporary, join(dir, `${free}.json`))) continue;
          syncDirectory(dir);
          return free;
        }
      } finally {
        rmSync(temporary, { force: true });
      }
    },
    replace(name, text) {
      const temporary = writeTemporary(dir, text);
      try {
        renameSync(temporary, join(dir, name));
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
      syncDirectory(dir);
    },
  };
}

/** A link fails where the name is taken, unlike a rename: of two runs at once each gets its own. */
function placeNew(temporary: string, path: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code === 'EEXIST') return false;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
  }
  // File systems without links.
  if (existsSync(path)) return false;
  renameSync(temporary, path);
  return true;
}

function writeTemporary(dir: string, text: string): string {
  const path = join(dir, `.${randomBytes(9).toString('hex')}.tmp`);
  try {
    const file = openSync(path, 'wx', 0o644);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return path;
}

/** Windows cannot sync a directory, and some network file systems answer EINVAL: they have nothing to sync. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } catch (error) {
    if (codeOf(error) !== 'EINVAL') throw error;
  } finally {
    closeSync(directory);
  }
}
