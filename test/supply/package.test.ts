import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'rollcall-package-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly files: readonly string[];
};
const tarball = `rollcall-${about.version}.tgz`;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Without the network and without anything of the machine's npm. */
const environment = {
  PATH: process.env['PATH'],
  HOME: dir,
  NO_COLOR: '1',
  npm_config_offline: 'true',
  npm_config_cache: join(dir, 'cache'),
  npm_config_prefix: join(dir, 'global'),
  npm_config_update_notifier: 'false',
};
/** What a shell says to a line of the README, on both of its streams. */
const shell = (line: string, cwd: string): string =>
  execFileSync('bash', ['-ec', `{ ${line}\n} 2>&1`], { cwd, env: environment, encoding: 'utf8' });

/** The shell lines of a section of the README, without their comments. */
const linesOf = (section: string): string[] =>
  readme
    .split(`\n## ${section}\n`)[1]!
    .split('\n## ')[0]!
    .split('```sh\n')
    .slice(1)
    .flatMap((part) => part.split('\n```')[0]!.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''));

/** As `npm pack` does it, but beside `dist/`, which other tests use. */
beforeAll(() => {
  const copy = join(dir, 'clone');
  for (const file of ['package.json', 'README.md', 'LICENSE', ...about.files]) {
    if (!/^dist$|\*/.test(file)) cpSync(join(root, file), join(copy, file), { recursive: true });
  }
  cpSync(join(root, '.github/workflows'), join(copy, '.github/workflows'), { recursive: true });
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), join(copy, 'dist')], { cwd: root });
  shell(`npm pack --ignore-scripts --pack-destination "${dir}"`, copy);
}, 120_000);

test('npm pack builds first', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
    scripts: { prepack: 'npm run build', build: 'node scripts/build.mjs' },
  });
});

test('the README tells how to install it, and that works: one package, no warning', () => {
  const [pack, save, run, global, globally, once, ...rest] = linesOf('Install').map((line) =>
    line.replace(/rollcall-\d+\.\d+\.\d+\.tgz/, tarball).replace('path/to', '..'),
  );
  expect(pack).toBe('npm ci && npm pack');
  const project = join(dir, 'project');
  cpSync(join(root, 'manifests'), join(project, 'manifests'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "name": "access", "private": true }');
  const said = shell(save!, project);
  expect(said).toMatch(/^\s*added 1 package\b/);
  expect(said).not.toMatch(/warn/i);
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'rollcall',
  ]);
  expect(shell(run!, project)).toMatch(/^Valid: account 123456789012/);
  expect(shell(global!, project)).toMatch(/^\s*added 1 package\b/);
  environment.PATH = `${join(dir, 'global/bin')}:${process.env['PATH']}`;
  expect(shell(globally!, project)).toMatch(/^Valid: account 123456789012/);
  expect(shell(once!, join(dir, 'project'))).toMatch(/^Valid: account 123456789012/);
  expect(rest).toEqual([]);
}, 120_000);

test('it ships the licences of what it holds', () => {
  const installed = join(dir, 'unpacked');
  shell(`mkdir unpacked && tar -xzf ${tarball} -C unpacked`, dir);
  const notices = readFileSync(join(installed, 'package/dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
  for (const line of shell('npm run --silent licences', root).trim().split('\n')) {
    const [licence, name] = line.split(/\s+/);
    expect(notices).toContain(`${name!.replace(/@([^@]+)$/, ' $1')} (${licence})`);
  }
  expect(notices).toContain('Copyright 2023 The age Authors');
});
