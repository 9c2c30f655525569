import { dirname } from 'node:path';
import { errorCode, makeDirectories, syncDirectory } from '../core/durable.ts';
import { RollcallError } from '../core/errors.ts';

/**
 * Makes a directory that only its owner can enter and that survives a crash, for which its parent has to be synced.
 */
export function makeClosedDirectory(path: string): void {
  for (const level of makeDirectories(path, 0o700)) syncDirectory(dirname(level));
}

/** An error of the file system in words: `problem` goes on after the path. */
export function storageError(path: string, problem: string, error: unknown): RollcallError {
  const code = errorCode(error) ?? 'unknown error';
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
