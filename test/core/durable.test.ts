import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFile, errorCode, replaceFile } from '../../src/core/durable.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rollcall-durable-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    return errorCode(error);
  }
  return 'no error';
};

test('a file that is there is replaced whole and keeps its mode; a new one gets the mode that is asked for', () => {
  const file = join(dir, 'file');
  replaceFile(file, 'one', 0o600);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o662);
  replaceFile(file, (write) => {
    write('two ');
    write('three');
  });
  expect(readFileSync(file, 'utf8')).toBe('two three');
  expect(statSync(file).mode & 0o777).toBe(0o662);
  expect(readdirSync(dir)).toEqual(['file']);
});

test.each([
  ['a file', 'target'],
  ['a file by way of another link', 'hop'],
  ['nothing yet', 'new'],
])('a link to %s stays, and what it leads to is written', (_what, to) => {
  mkdirSync(join(dir, 'there'));
  writeFileSync(join(dir, 'there', 'target'), 'old');
  symlinkSync('target', join(dir, 'there', 'hop'));
  symlinkSync(join('there', to), join(dir, 'link'));
  replaceFile(join(dir, 'link'), 'new text');
  expect(readlinkSync(join(dir, 'link'))).toBe(join('there', to));
  expect(readFileSync(join(dir, 'link'), 'utf8')).toBe('new text');
  expect(lstatSync(join(dir, 'there', 'hop')).isSymbolicLink()).toBe(true);
  expect(readdirSync(dir)).toEqual(['link', 'there']);
});

test('a device stays one', () => {
  symlinkSync('/dev/null', join(dir, 'null'));
  replaceFile(join(dir, 'null'), 'gone');
  expect(statSync(join(dir, 'null')).isCharacterDevice()).toBe(true);
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('what cannot be put in place leaves nothing behind', () => {
  mkdirSync(join(dir, 'taken'));
  expect(codeOf(() => replaceFile(join(dir, 'taken'), 'x'))).toBe('EISDIR');
  expect(codeOf(() => replaceFile(join(dir, 'no', 'file'), 'x'))).toBe('ENOENT');
  symlinkSync('loop', join(dir, 'loop'));
  expect(codeOf(() => replaceFile(join(dir, 'loop'), 'x'))).toBe('ELOOP');
  const failing = (): void => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  expect(codeOf(() => replaceFile(join(dir, 'file'), failing))).toBe('ENOSPC');
  expect(readdirSync(dir)).toEqual(['loop', 'taken']);
});

test('a name that is taken, by a file or a link, is left as it is', () => {
  expect(createFile(join(dir, 'new'), 'one')).toBe(true);
  expect(createFile(join(dir, 'new'), 'two')).toBe(false);
  symlinkSync('nowhere', join(dir, 'link'));
  expect(createFile(join(dir, 'link'), 'two')).toBe(false);
  expect(readFileSync(join(dir, 'new'), 'utf8')).toBe('one');
  expect(existsSync(join(dir, 'nowhere'))).toBe(false);
  expect(readdirSync(dir)).toEqual(['link', 'new']);
});
