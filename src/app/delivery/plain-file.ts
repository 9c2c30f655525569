import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errorCode, syncDirectory } from '../../core/durable.ts';
import { RollcallError } from '../../core/errors.ts';
import type { Confidential } from './confidential.ts';
import { storageError } from '../storage.ts';

/** Where in the file a line may be found; other processes may have written lines before it. */
export interface Extent {
  readonly start: number;
  readonly end: number;
}

/** `--keys-to FILE`: secrets in clear, one JSON object per line, readable by the file's owner only. */
interface PlainFile {
  readonly path: string;
  /**
   * @throws RollcallError before any secret is made, if the file cannot be written, or others own it or may read it.
   */
  check(): Promise<void>;
  /** The whole line is on disk when this returns. If it fails, no part of the line can be read. */
  append(line: Confidential): Promise<Extent>;
  /** Overwrites a line that was appended here with spaces. */
  retract(extent: Extent): Promise<void>;
}

/**
 * Other processes may append to the file at the same time, so it is never truncated: a line is taken back by
 * overwriting it with spaces, which readers of JSON lines ignore.
 */
export function plainFile(path: string, cwd = ''): PlainFile {
  const file = resolve(cwd, path);
  const withFile = async <Result>(
    flags: number,
    use: (handle: FileHandle) => Promise<Result>,
  ): Promise<Result> => {
    try {
      const handle = await open(file, flags | nonBlocking, 0o600);
      try {
        await guardAccess(path, file, handle);
        return await use(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (errorCode(error) === 'ENXIO') throw notAFile(path);
      throw error instanceof RollcallError
        ? error
        : storageError(`--keys-to ${path}`, 'cannot be written', error);
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  /** Several secrets may come at once: each is written when the one before it is on disk. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const appended = new WeakMap<Extent, Buffer>();
  return {
    path,
    check: () => withFile(toAppend, async () => syncDirectory(dirname(file))),
    append: (line) =>
      inTurn(async () => {
        const bytes = Buffer.from(`${line.expose()}\n`);
        return await withFile(toAppend, async (handle) => {
          const start = await sizeOf(handle);
          let length = 0;
          try {
            while (length < bytes.length) length += (await handle.write(bytes, length)).bytesWritten;
            await handle.sync();
          } catch (error) {
            const part = bytes.subarray(0, length);
            await withFile(toOverwrite, async (again) => await blank(again, start, part)).catch(
              () => undefined,
            );
            throw error;
          }
          const extent = { start, end: await sizeOf(handle) };
          appended.set(extent, bytes);
          return extent;
        });
      }),
    retract: (extent) =>
      inTurn(async () => {
        const bytes = appended.get(extent);
        const gone =
          bytes !== undefined &&
          (await withFile(toOverwrite, (handle) => blank(handle, extent.start, bytes)));
        if (gone) return;
        throw new RollcallError(
          `--keys-to ${path} has been changed since: one of its lines no longer counts`,
          {
            hint: 'remove the line of the key that no longer exists',
          },
        );
      }),
  };
}

/** Overwrites these bytes with spaces, wherever after `start` they are. False if they are not there. */
async function blank(handle: FileHandle, start: number, bytes: Buffer): Promise<boolean> {
  if (bytes.length === 0) return true;
  const stat = await handle.stat();
  if (!stat.isFile() || stat.size <= start) return false;
  const rest = Buffer.alloc(stat.size - start);
  await handle.read(rest, 0, rest.length, start);
  const at = rest.indexOf(bytes);
  if (at < 0) return false;
  const spaces = bytes.map((byte) => (byte === newline ? byte : space));
  await handle.write(spaces, 0, spaces.length, start + at);
  await handle.sync();
  return true;
}

const toAppend = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
const toOverwrite = constants.O_RDWR;

/**
 * With it, opening a pipe that nobody reads fails (ENXIO). Without it, opening would wait for a reader and ignore
 * every signal.
 */
const nonBlocking = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

const newline = 0x0a;
const space = 0x20;

/** The owner of a file can read it whatever its mode, and the owner of a link decides where it leads. */
async function guardAccess(path: string, file: string, handle: FileHandle): Promise<void> {
  if (process.platform === 'win32') return;
  const stat = await handle.stat();
  if (!stat.isFile()) throw notAFile(path);
  const { mode, uid } = stat;
  const me = process.geteuid?.();
  if (uid !== me || (await lstat(file)).uid !== me) {
    throw new RollcallError(`--keys-to ${path} belongs to another user`, {
      hint: 'name a file of your own, in a directory that only you may write to',
    });
  }
  if ((mode & 0o077) === 0) return;
  throw new RollcallError(`--keys-to ${path} may be read by others`, { hint: `chmod 600 ${path}` });
}

/** What is written to a pipe or a device is not on disk and cannot be taken back. */
const notAFile = (path: string): RollcallError =>
  new RollcallError(`--keys-to ${path} is not a regular file`, {
    hint: 'name a file of your own, in a directory that only you may write to',
  });

const sizeOf = async (handle: FileHandle): Promise<number> => (await handle.stat()).size;
