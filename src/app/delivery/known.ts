import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '../../core/durable.ts';
import { storageError } from '../storage.ts';
import { defaultDeliveries } from './directory.ts';

/**
 * Ids of the access keys that are known to have been delivered: those with a file in the directory of deliveries, and
 * those in the file of `--keys-to`. If either cannot be read, that is an error: keys would look undelivered, and be
 * replaced.
 */
export async function knownDeliveries(
  account: string,
  {
    deliveries = defaultDeliveries,
    keysTo,
    cwd = '',
  }: { readonly deliveries?: string; readonly keysTo?: string; readonly cwd?: string },
): Promise<ReadonlySet<string>> {
  const directory = join(deliveries, account);
  const names = await orNone(directory, () => readdir(resolve(cwd, directory)));
  const lines =
    keysTo === undefined ? [] : await orNone(`--keys-to ${keysTo}`, () => linesOf(resolve(cwd, keysTo)));
  return new Set([
    ...names.flatMap((name) => /-([A-Z0-9]{16,128})\.age$/.exec(name)?.[1] ?? []),
    ...lines.flatMap((line) => /"accessKeyId":"([A-Z0-9]{16,128})"/.exec(line)?.[1] ?? []),
  ]);
}

/** A device or a pipe has no lines that could be read again. */
const linesOf = async (path: string): Promise<string[]> =>
  (await stat(path)).isFile() ? (await readFile(path, 'utf8')).split('\n') : [];

async function orNone(what: string, read: () => Promise<string[]>): Promise<string[]> {
  try {
    return await read();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw storageError(what, 'cannot be read, and may tell of deliveries', error);
  }
}
