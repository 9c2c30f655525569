import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RollcallError } from '../../core/errors.ts';
import type { Confidential } from './confidential.ts';
import { storageError, syncDirectory } from '../storage.ts';

/** The bytes that a line takes up in the file. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** `--keys-to FILE`: secrets in clear, one JSON object a line, readable by its owner alone. */
export interface PlainFile {
  readonly path: string;
  /** @throws RollcallError where it cannot be written or others may read it: before any secret is made. */
  check(): Promise<void>;
  /** All of the line is on disk when this returns; where it fails, none of it is. */
  append(line: Confidential): Promise<Extent>;
  /** Takes the last line away again. */
  retract(extent: Extent): Promise<void>;
}

export function plainFile(path: string): PlainFile {
  const withFile = async <Result>(use: (handle: FileHandle) => Promise<Result>): Promise<Result> => {
    try {
      const handle = await open(path, 'a', 0o600);
      try {
        await guardMode(path, handle);
        return await use(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw error instanceof RollcallError
        ? error
        : storageError(`--keys-to ${path}`, 'cannot be written', error);
    }
  };
  return {
    path,
    check: () => withFile(() => syncDirectory(dirname(path))),
    append: (line) =>
      withFile(async (handle) => {
        const start = await sizeOf(handle);
        try {
          await handle.writeFile(`${line.expose()}\n`);
          await handle.sync();
        } catch (error) {
          await cut(handle, start);
          throw error;
        }
        return { start, end: await sizeOf(handle) };
      }),
    retract: ({ start, end }) =>
      withFile(async (handle) => {
        if ((await sizeOf(handle)) !== end) {
          throw new RollcallError(`--keys-to ${path} has been changed since: a line of it is void`, {
            hint: 'take the line of the key that is no more out of it',
          });
        }
        await handle.truncate(start);
        await handle.sync();
      }),
  };
}

async function guardMode(path: string, handle: FileHandle): Promise<void> {
  const { mode } = await handle.stat();
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new RollcallError(`--keys-to ${path} may be read by others`, { hint: `chmod 600 ${path}` });
}

const sizeOf = async (handle: FileHandle): Promise<number> => (await handle.stat()).size;

/** A device cannot be cut; the first error says enough. */
const cut = (handle: FileHandle, size: number): Promise<void> => handle.truncate(size).catch(() => undefined);
