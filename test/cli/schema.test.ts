import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, scratch, write } from '../support/cli.ts';

const published = readFileSync('schemas/manifest.schema.json', 'utf8');
const read = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8');

test('schema writes it beside the manifests, over that of an earlier version', async () => {
  const cwd = write(scratch(), { 'manifests/manifest.schema.json': '{}' });
  expect(await run(['schema'], { cwd })).toEqual({
    code: 0,
    stdout: 'manifests/manifest.schema.json\n',
    stderr: '',
  });
  expect(read(cwd, 'manifests/manifest.schema.json')).toBe(published);
});

test('--out writes it elsewhere, and to stdout', async () => {
  const cwd = scratch();
  expect(await run(['schema', '--out', 'x/y.json', '--json'], { cwd })).toMatchObject({
    code: 0,
    stdout: '{\n  "files": [\n    "x/y.json"\n  ]\n}\n',
  });
  expect(read(cwd, 'x/y.json')).toBe(published);
  expect(await run(['schema', '--out', '-'], { cwd })).toEqual({ code: 0, stdout: published, stderr: '' });
});

test('it says which files do not name it, with the line that is right in their folder', async () => {
  const line = '# yaml-language-server: $schema=';
  const cwd = write(scratch(), {
    'iam/account.yaml': `${line}./manifest.schema.json\naccount: "123456789012"\n`,
    'iam/a.yaml': 'users: {}\n',
    'iam/team/b.yaml': 'users: {}\n',
    'iam/team/c.yaml': 'groups: {}\n',
  });
  expect(await run(['schema', '-m', 'iam'], { cwd })).toEqual({
    code: 0,
    stdout: 'iam/manifest.schema.json\n',
    stderr: `Editors need this line at the top of iam/a.yaml:
  ${line}./manifest.schema.json
Editors need this line at the top of iam/team/b.yaml and iam/team/c.yaml:
  ${line}../manifest.schema.json
`,
  });
});

test('it says so where it cannot write', async () => {
  const cwd = write(scratch(), { manifests: 'a file' });
  const { code, stderr } = await run(['schema'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: manifests\/manifest\.schema\.json cannot be written: /);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('every file that init and import write names the schema beside it', async () => {
  const cwd = scratch();
  await run(['init', '-m', 'new', '--account', '123456789012'], { cwd });
  await run(['import', '-m', 'imported', '--sandbox'], { cwd });
  for (const name of ['new/account.yaml', 'new/users.yaml', 'new/groups.yaml', 'imported/account.yaml'])
    expect(read(cwd, name)).toMatch(/^# yaml-language-server: \$schema=\.\/manifest\.schema\.json\n/);
  for (const dir of ['new', 'imported']) expect(read(cwd, join(dir, 'manifest.schema.json'))).toBe(published);
});
