import { dirname } from 'node:path';
import { makeDirectories, syncDirectory } from '../core/durable.ts';
import { RollcallError } from '../core/errors.ts';
import { whyUnwritable } from '../core/system-errors.ts';

/**
 * Makes a directory that only its owner can enter and that survives a crash, for which its parent has to be synced.
 */
export function makeClosedDirectory(path: string): void {
  for (const level of makeDirectories(path, 0o700)) syncDirectory(dirname(level));
}

/** The result of the work. @throws RollcallError where the file system refuses it. */
export function storing<T>(path: string, problem: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RollcallError ? error : storageError(path, problem, error);
  }
}

/** An error of the file system in words: `problem` goes on after the path. */
export function storageError(path: string, problem: string, error: unknown): RollcallError {
  const { reason, hint } = whyUnwritable(error);
  return new RollcallError(`${path} ${problem}: ${reason}`, { hint });
}
