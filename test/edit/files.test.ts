import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { patchOf, writeEdits } from '../../src/app/edits.ts';

const dir = mkdtempSync(join(tmpdir(), 'rollcall-edits-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const edit = (name: string, before: string | null, after: string) => ({
  name,
  path: join(dir, name),
  before: before === null ? null : Buffer.from(before),
  after: Buffer.from(after),
});

test('a file that was changed, made or removed meanwhile stays as it is, and so do all others', async () => {
  writeFileSync(join(dir, 'a'), 'a');
  writeFileSync(join(dir, 'b'), 'changed');
  const refused = /b was changed meanwhile: nothing was written/;
  await expect(writeEdits([edit('a', 'a', 'x'), edit('b', 'b', 'x')])).rejects.toThrow(refused);
  await expect(writeEdits([edit('a', 'a', 'x'), edit('b', null, 'x')])).rejects.toThrow(refused);
  await expect(writeEdits([edit('c', 'c', 'x')])).rejects.toThrow(/c was changed meanwhile/);
  expect(readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(['a', 'changed']);
  await writeEdits([edit('a', 'a', 'x'), edit('new/er/c', null, 'y')]);
  expect(readFileSync(join(dir, 'a'), 'utf8') + readFileSync(join(dir, 'new/er/c'), 'utf8')).toBe('xy');
  expect(readdirSync(dir).sort()).toEqual(['a', 'b', 'new']);
});

test('a place that cannot be written to is told in words, and leaves nothing behind', async () => {
  await expect(writeEdits([edit('b/c', null, 'x')])).rejects.toThrow(/b\/c cannot be (?:read|written)/);
  expect(readdirSync(dir).sort()).toEqual(['a', 'b', 'new']);
});

test('patches name the file as git does, and a new one as new', () => {
  expect(patchOf(edit('m/a.yaml', 'a: 1\n', 'a: 2\n'))).toBe(
    '--- a/m/a.yaml\n+++ b/m/a.yaml\n@@ -1,1 +1,1 @@\n-a: 1\n+a: 2\n',
  );
  expect(patchOf(edit('m/a.yaml', null, 'a: 2\n'))).toBe(
    '--- /dev/null\n+++ b/m/a.yaml\n@@ -0,0 +1,1 @@\n+a: 2\n',
  );
  expect(patchOf(edit('a', 'a', 'b'))).toContain('\\ No newline at end of file');
});
