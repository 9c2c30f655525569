import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createFile, errorCode, probe, syncDirectory } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import { patterns } from '../../core/limits.ts';
import { quote } from '../../core/text.ts';
import { makeClosedDirectory, storageError, storing } from '../storage.ts';

/** The directory that holds the encrypted files of one account. */
interface Deliveries {
  /**
   * Makes the directory and tries to write in it.
   *
   * @throws RollcallError if a delivery would fail: now, while there is no secret that could be lost.
   */
  check(): Promise<void>;
  /**
   * @returns the path of the file once it is durably on disk. An existing file of that name is kept, and is an error.
   */
  write(name: string, armoured: string): Promise<string>;
  /** Removes a file only if it was written here and has not been changed since. */
  remove(name: string): Promise<void>;
}

/** Files at `<dir>/<account>/<name>` with mode 0600, in directories with mode 0700. */
export function deliveries(dir: string, account: string, cwd = ''): Deliveries {
  if (!patterns.account.test(account)) throw new RollcallError(`${quote(account)} is not an account id`);
  const directory = join(dir, account);
  const at = (path: string): string => resolve(cwd, path);
  const written = new Map<string, string>();
  return {
    async check() {
      storing(directory, 'cannot take deliveries', () => {
        makeClosedDirectory(at(directory));
        probe(at(directory));
      });
    },
    async write(name, armoured) {
      const path = join(directory, guardName(name));
      storing(path, 'cannot be written', () => {
        makeClosedDirectory(at(directory));
        if (!createFile(at(path), armoured, 0o600)) throw alreadyThere(path);
      });
      written.set(name, armoured);
      return path;
    },
    async remove(name) {
      const path = join(directory, guardName(name));
      try {
        const own = written.get(name);
        if (own === undefined || (await readFile(at(path), 'utf8')) !== own) return;
        await rm(at(path), { force: true });
        syncDirectory(at(directory));
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw storageError(path, 'cannot be removed', error);
      }
    },
  };
}

/** `<user>-<id>.age`. Every character that IAM allows in a user name is safe in a file name. */
export const deliveryName = (user: string, id: string): string => guardName(`${user}-${id}.age`);

/**
 * IAM allows no path separator in a user name, but a name from elsewhere must not lead out of the directory either.
 */
function guardName(name: string): string {
  if (patterns.name.test(name) && name.endsWith('.age')) return name;
  throw new RollcallError(`${quote(name)} cannot be the name of a delivery`, {
    hint: 'IAM user names hold letters, digits and + = , . @ - _',
  });
}

const alreadyThere = (path: string): RollcallError =>
  new RollcallError(`${path} is there already`, {
    hint: 'move it away, then run again: a delivery is never overwritten',
  });
