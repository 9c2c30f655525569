import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { deliveries, deliveryName } from '../../src/app/delivery/files.ts';
import { RollcallError } from '../../src/core/errors.ts';

const account = '123456789012';
const name = deliveryName('melvins', 'AKIAIOSFODNN7EXAMPLE');
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'rollcall-')), 'deliveries');
});

const failure = async (promise: Promise<unknown>): Promise<RollcallError> => {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  );
  if (!(error instanceof RollcallError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

test('a file of its own in directories of its own, closed to others', async () => {
  const path = await deliveries(dir, account).write(name, 'armoured');
  expect(path).toBe(join(dir, account, 'melvins-AKIAIOSFODNN7EXAMPLE.age'));
  expect(readFileSync(path, 'utf8')).toBe('armoured');
  expect([modeOf(path), modeOf(join(dir, account)), modeOf(dir)]).toEqual(['600', '700', '700']);
  expect(readdirSync(join(dir, account))).toEqual([name]);
});

test('a directory that exists keeps its mode, its file is closed all the same', async () => {
  mkdirSync(dir, { mode: 0o755 });
  chmodSync(dir, 0o755);
  const path = await deliveries(dir, account).write(name, 'armoured');
  expect([modeOf(path), modeOf(join(dir, account)), modeOf(dir)]).toEqual(['600', '700', '755']);
});

test('the check leaves an empty directory', async () => {
  await deliveries(dir, account).check();
  await deliveries(dir, account).check();
  expect(readdirSync(join(dir, account))).toEqual([]);
});

test('another file of the name stays, whatever it holds', async () => {
  const files = deliveries(dir, account);
  const path = await files.write(name, 'first');
  for (const writer of [files, deliveries(dir, account)]) {
    const error = await failure(writer.write(name, 'second'));
    expect(error.message).toBe(`${path} is there already`);
  }
  expect(readFileSync(path, 'utf8')).toBe('first');
  expect(readdirSync(join(dir, account))).toEqual([name]);
});

test('of writers at once one makes the file, and the others are told', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => deliveries(dir, account).write(name, `writer ${index}`)),
  );
  const winners = outcomes.flatMap(({ status }, index) =>
    status === 'fulfilled' ? [`writer ${index}`] : [],
  );
  expect(winners).toEqual([readFileSync(join(dir, account, name), 'utf8')]);
  expect(readdirSync(join(dir, account))).toEqual([name]);
});

test('a symbolic link in the place stays, and so does what it leads to', async () => {
  const files = deliveries(dir, account);
  await files.check();
  const target = join(dir, 'target');
  for (const there of [false, true]) {
    if (there) writeFileSync(target, 'untouched');
    else symlinkSync(target, join(dir, account, name));
    expect((await failure(files.write(name, 'armoured'))).message).toContain('is there already');
    expect(existsSync(target)).toBe(there);
  }
  expect(readFileSync(target, 'utf8')).toBe('untouched');
});

test('removing is done once and may be asked for twice', async () => {
  const files = deliveries(dir, account);
  await files.remove(name);
  await files.write(name, 'armoured');
  await files.remove(name);
  await files.remove(name);
  expect(readdirSync(join(dir, account))).toEqual([]);
});

test('what another process wrote is not removed', async () => {
  const files = deliveries(dir, account);
  const path = await files.write(name, 'armoured');
  await deliveries(dir, account).remove(name);
  expect(readFileSync(path, 'utf8')).toBe('armoured');
  writeFileSync(path, 'of somebody else');
  await files.remove(name);
  expect(readFileSync(path, 'utf8')).toBe('of somebody else');
});

test('every character of IAM user names is taken, and nothing leads elsewhere', async () => {
  const user = '+=,.@-_aZ09';
  const path = await deliveries(dir, account).write(deliveryName(user, 'AKIA1'), 'armoured');
  expect(path).toBe(join(dir, account, `${user}-AKIA1.age`));
  for (const bad of ['../melvins', 'a/b', 'a\\b', 'a\0b', 'a b', '']) {
    expect(() => deliveryName(bad, '/../AKIA1')).toThrow('cannot be the name of a delivery');
    expect((await failure(deliveries(dir, account).write(bad, 'x'))).message).toContain('cannot be the name');
    expect((await failure(deliveries(dir, account).remove(bad))).message).toContain('cannot be the name');
  }
  expect(() => deliveries(dir, '../..')).toThrow('is not an account id');
});

test('a file in the way is named', async () => {
  mkdirSync(dir);
  writeFileSync(join(dir, account), '');
  const error = await failure(deliveries(dir, account).check());
  expect(error.message).toBe(
    `${join(dir, account)} cannot take deliveries: a part of this path is not a directory (ENOTDIR)`,
  );
  expect(error.hint).toBe('move the file that is in the way, or name another place');
  const below = deliveries(join(dir, account), account);
  expect((await failure(below.check())).message).toContain(
    'a part of this path is not a directory (ENOTDIR)',
  );
  expect((await failure(below.write(name, 'SECRET'))).message).not.toContain('SECRET');
});

test('a directory without permission is named', async () => {
  const files = deliveries(dir, account);
  mkdirSync(join(dir, account), { recursive: true });
  chmodSync(join(dir, '..'), 0o755);
  chmodSync(join(dir, account), 0o555);
  // Root may write everywhere: the test takes another user's place.
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid!(65_534);
  try {
    for (const attempt of [files.check(), files.write(name, 'SECRET')]) {
      const error = await failure(attempt);
      expect(error.message).toMatch(/: permission denied \(EACCES\)$/);
      expect(error.hint).toContain('let the user that runs rollcall write');
      expect(error.message).not.toContain('SECRET');
    }
  } finally {
    if (root) process.seteuid!(0);
  }
});

const mounts: string[] = [];
/** A file system of 64 KiB, or null where this user may not mount one. */
function mountTiny(...options: readonly string[]): string | null {
  const path = mkdtempSync(join(tmpdir(), 'rollcall-tiny-'));
  const done = spawnSync('mount', ['-t', 'tmpfs', '-o', ['size=64k', ...options].join(','), 'tmpfs', path]);
  if (done.status !== 0) return null;
  mounts.push(path);
  return path;
}
const tiny = mountTiny();
const readOnly = mountTiny('ro');
const note = tiny && readOnly ? '' : ' (SKIPPED: may not mount a file system here)';
afterAll(() => {
  for (const path of mounts) spawnSync('umount', [path]);
});

test.skipIf(note !== '')(`a full disk is found before anything is made${note}`, async () => {
  const files = deliveries(tiny!, account);
  await files.check();
  const kept = await files.write(name, 'kept');
  expect(() => writeFileSync(join(tiny!, 'filler'), 'x'.repeat(1 << 20))).toThrow('ENOSPC');
  const error = await failure(files.check());
  expect(error.message).toBe(`${join(tiny!, account)} cannot take deliveries: no space is left (ENOSPC)`);
  expect(error.hint).toContain('free some space');
  const other = deliveryName('buzzo', 'AKIA1');
  expect((await failure(files.write(other, 'SECRET'.repeat(1000)))).message).not.toContain('SECRET');
  // Nothing half-written, nothing lost.
  expect(readdirSync(join(tiny!, account))).toEqual([name]);
  expect(readFileSync(kept, 'utf8')).toBe('kept');
});

test.skipIf(note !== '')(`a read-only file system is named${note}`, async () => {
  const error = await failure(deliveries(readOnly!, account).check());
  expect(error.message).toContain('the file system is read-only (EROFS)');
});

test.runIf(process.platform === 'linux')('a directory that nobody can make is told at once', async () => {
  const error = await failure(deliveries('/proc/rollcall/deliveries', account).check());
  expect(error.message).toContain('/proc/rollcall/deliveries');
});
