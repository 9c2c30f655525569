import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import { patterns } from '../../core/limits.ts';
import { quote } from '../../core/text.ts';
import { codeOf, makeClosedDirectory, probe, storageError, syncDirectory, writeDurably } from '../storage.ts';

/** The directory that holds the encrypted files of one account. */
export interface Deliveries {
  /**
   * Makes the directory and tries to write in it.
   *
   * @throws RollcallError where a delivery would fail: before there is any secret to lose.
   */
  check(): Promise<void>;
  /** The path of the file, which is on disk for good. Another file of that name stays, unless `overwrite`. */
  write(name: string, armoured: string, options?: { readonly overwrite?: boolean }): Promise<string>;
  /** Nothing where it is gone already. */
  remove(name: string): Promise<void>;
}

/** Files at `<dir>/<account>/<name>`, with mode 0600 in directories that are made with mode 0700. */
export function deliveries(dir: string, account: string): Deliveries {
  if (!patterns.account.test(account)) throw new RollcallError(`${quote(account)} is not an account id`);
  const directory = join(dir, account);
  return {
    async check() {
      try {
        await makeClosedDirectory(directory);
        await probe(directory);
      } catch (error) {
        throw storageError(directory, 'cannot take deliveries', error);
      }
    },
    async write(name, armoured, { overwrite = false } = {}) {
      const path = join(directory, guardName(name));
      try {
        await makeClosedDirectory(directory);
        const present = overwrite ? null : await readIfThere(path);
        if (present === armoured) return path;
        if (present !== null) throw alreadyThere(path);
        await writeDurably(directory, name, armoured);
      } catch (error) {
        throw error instanceof RollcallError ? error : storageError(path, 'cannot be written', error);
      }
      return path;
    },
    async remove(name) {
      const path = join(directory, guardName(name));
      try {
        await rm(path, { force: true });
        await syncDirectory(directory);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw storageError(path, 'cannot be removed', error);
      }
    },
  };
}

/** `<user>-<id>.age`: every character that IAM allows in a user name is safe in the name of a file. */
export const deliveryName = (user: string, id: string): string => guardName(`${user}-${id}.age`);

/** IAM has no user name with a separator; a name from elsewhere must not lead out of the directory either. */
function guardName(name: string): string {
  if (patterns.name.test(name) && name.endsWith('.age')) return name;
  throw new RollcallError(`${quote(name)} cannot be the name of a delivery`, {
    hint: 'IAM user names hold letters, digits and + = , . @ - _',
  });
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

const alreadyThere = (path: string): RollcallError =>
  new RollcallError(`${path} is there already and holds something else`, {
    hint: 'move it away, then run again: a delivery is never overwritten',
  });
