import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { errorCode, replaceFile, writeAll } from '../core/durable.ts';
import { RollcallError } from '../core/errors.ts';
import { isObject, parseJson, type Json, type JsonObject } from '../core/json.ts';
import { isRunning } from '../core/process.ts';
import type { Minter } from './iam/ids.ts';
import { recordErrors } from './iam/compiled.ts';
import type { Label } from './iam/records.ts';
import type { State } from './iam/state.ts';
import type { Write } from './iam/table.ts';

/**
 * The account in a file: a log of lines. The first names the format, each further one holds the records that
 * one call wrote (`null`: deleted).
 *
 * Why a log: a call costs one short write however large the account is. It is in the kernel before the call is
 * answered, so a process that is killed right after loses nothing; the disk is synced a moment later, many calls
 * at a time, so a power cut may cost the last fifth of a second. The file is written anew, with one line per
 * record, when it is opened or closed after it has grown stale: to a temporary file, synced, then renamed.
 */
export interface Store {
  append(writes: readonly Write[]): void;
  close(): void;
}

const format = 'rollcall-sandbox';
const version = 1;
const syncDelay = 200;

type Line = readonly (readonly [table: string, id: string, record: Json])[];

export function openStore(path: string, account: string, state: State, mint: Minter): Store {
  const file = resolve(path);
  const lock = orExplain(file, () => takeLock(file));
  try {
    const lines = existsSync(file) ? load(file, account, state, mint) : 0;
    const records = Object.values(state).reduce((sum, table: { size: number }) => sum + table.size, 0);
    // The file is rewritten if most of its lines are outdated, or if it does not exist yet.
    if (lines === 0 || lines > 2 * records + 1000) rewrite(file, account, state, mint);
    return createStore(file, account, state, mint, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Turns an error of the file system into one that names the file and says what to do. */
function orExplain<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = errorCode(error);
    if (error instanceof RollcallError || code === undefined) throw error;
    throw new RollcallError(`${file} cannot be written (${code})`, {
      hint:
        code === 'ENOENT' ? 'Make its directory first.' : 'Name a file in a directory that you may write to.',
      cause: error,
    });
  }
}

function createStore(
  file: string,
  account: string,
  state: State,
  mint: Minter,
  lock: { release(): void },
): Store {
  const fd = openSync(file, 'a', 0o600);
  let timer: NodeJS.Timeout | null = null;
  let appended = 0;
  let closed = false;
  let broken = false;
  const sync = (): void => {
    timer = null;
    if (!closed) fsyncSync(fd);
  };
  return {
    append(writes) {
      if (closed) throw new Error('the sandbox is closed');
      // Another line after an incomplete one would damage the file. An incomplete line at the end is dropped when the
      // file is read.
      if (broken) throw new RollcallError(`${file} could not be written before; nothing more is kept`);
      const records = writes.map(({ table, id, record }): Line[number] => [table, id, record as Json]);
      broken = true;
      orExplain(file, () => writeAll(fd, lineOf(records, mint.count)));
      broken = false;
      appended += 1;
      // Unref'd, because a pending sync must not keep the process alive; close() does it instead.
      timer ??= setTimeout(sync, syncDelay).unref();
    },
    close() {
      if (closed) return;
      closed = true;
      if (timer) clearTimeout(timer);
      fsyncSync(fd);
      closeSync(fd);
      if (appended > 1000) rewrite(file, account, state, mint);
      lock.release();
    },
  };
}

const lineOf = (records: Line, minted: number): string => `${JSON.stringify({ n: minted, put: records })}\n`;

const rewrite = (file: string, account: string, state: State, mint: Minter): void =>
  replaceFile(
    file,
    (write) => {
      write(`${JSON.stringify({ format, version, account })}\n`);
      let batch: string[] = [];
      for (const [label, table] of Object.entries(state)) {
        for (const record of table.sorted() as readonly (JsonObject & { readonly id: string })[]) {
          batch.push(lineOf([[label, record.id, record]], mint.count));
          if (batch.length === 1000) {
            write(batch.join(''));
            batch = [];
          }
        }
      }
      write(batch.join(''));
    },
    0o600,
  );

/** Fills the state and returns the number of lines. Throws RollcallError for a file that is not a sandbox's. */
function load(file: string, account: string, state: State, mint: Minter): number {
  if (!statSync(file).isFile()) throw new RollcallError(`${file} is not a file`);
  const text = readFileSync(file, 'utf8');
  const end = text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, end).split('\n').slice(0, -1);
  checkHeader(file, lines[0] ?? text, account);
  // The complete header is written and synced first. A file that was cut off before its first complete record holds no
  // account.
  if (end < text.length && lines.length < 2) throw damaged(file, lines.length + 1);
  for (const [index, line] of lines.entries()) {
    if (index > 0) apply(file, index + 1, line, state, mint);
  }
  if (end < text.length) dropTorn(file, Buffer.byteLength(text.slice(0, end)));
  return lines.length;
}

function checkHeader(file: string, line: string, account: string): void {
  const header = parse(line);
  if (!isObject(header) || header['format'] !== format) {
    throw new RollcallError(`${file} is not a sandbox file`, {
      hint: 'It was left as it is. Name another file, or move this one away.',
    });
  }
  if (header['version'] !== version) {
    throw new RollcallError(`${file} is a sandbox file of version ${JSON.stringify(header['version'])}`, {
      hint: `This program reads version ${version}.`,
    });
  }
  if (header['account'] !== account) {
    throw new RollcallError(`${file} holds account ${JSON.stringify(header['account'])}, not ${account}`, {
      hint: 'Start the sandbox with that account, or name another file.',
    });
  }
}

const damaged = (file: string, line: number): RollcallError =>
  new RollcallError(`${file}:${line}: the sandbox file is damaged`, {
    hint: 'It was left as it is. Restore it from a copy, or move it away to start with an empty account.',
  });

function apply(file: string, number: number, text: string, state: State, mint: Minter): void {
  const corrupt = damaged(file, number);
  const line = parse(text);
  if (!isObject(line) || typeof line['n'] !== 'number' || !Array.isArray(line['put'])) throw corrupt;
  for (const entry of line['put'] as readonly Json[]) {
    const [label, id, record] = Array.isArray(entry) ? (entry as readonly Json[]) : [];
    if (typeof label !== 'string' || typeof id !== 'string' || !Object.hasOwn(state, label)) throw corrupt;
    const table = state[label as Label] as { put(record: unknown): void; delete(id: string): void };
    if (record === null) table.delete(id);
    else if (
      record !== undefined &&
      isObject(record) &&
      record['id'] === id &&
      recordErrors[label as Label](record).length === 0
    ) {
      table.put(record);
    } else throw corrupt;
  }
  mint.count = Math.max(mint.count, line['n']);
}

function parse(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The last line is incomplete if the process died while writing it, before it answered the call. */
function dropTorn(file: string, length: number): void {
  const fd = openSync(file, 'r+');
  ftruncateSync(fd, length);
  closeSync(fd);
}

/** Two processes appending to one file would mix their accounts. The lock of a dead process is taken over. */
function takeLock(file: string): { release(): void } {
  const lock = `${file}.lock`;
  // Written to another file and linked into place, so that nobody reads an incomplete lock.
  const own = `${lock}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const until = Date.now() + 2000;
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    for (;;) {
      try {
        linkSync(own, lock);
        break;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      const holder = holderOf(lock);
      if (holder !== null && !isRunning(holder)) {
        removeQuietly(lock);
        continue;
      }
      if (Date.now() > until) {
        throw new RollcallError(`${file} is in use by process ${holder ?? 'unknown'}`, {
          hint: `Stop that sandbox first. If none runs, remove ${lock}.`,
        });
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  } finally {
    removeQuietly(own);
  }
  held.add(lock);
  if (held.size === 1) process.on('exit', releaseAll);
  return {
    release() {
      held.delete(lock);
      if (held.size === 0) process.off('exit', releaseAll);
      removeQuietly(lock);
    },
  };
}

/** Locks of this process, released when it ends without `close()`. */
const held = new Set<string>();
const releaseAll = (): void => held.forEach(removeQuietly);

function holderOf(lock: string): number | null {
  try {
    return Number(readFileSync(lock, 'utf8')) || null;
  } catch {
    return null;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}
