import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBase } from '../../src/app/base.ts';
import type { Base, Desired } from '../../src/core/desired.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { bareEnvironment, scratch } from '../support/cli.ts';
import { repository } from '../support/repository.ts';

const account = "account: '123456789012'\n";
const now = new Date('2027-01-10T00:00:00Z');

/** The base at a commit, for the manifests as they are. */
async function at(root: string, rev: string, dir = 'manifests', cwd = root): Promise<Base> {
  const { desired } = await loadManifests(dir, { cwd, now, allowEmpty: true });
  return await readBase({ cwd, env: bareEnvironment() }, dir, rev, { desired: desired!, now });
}
const read = (base: Base): Desired => {
  if ('why' in base) throw new Error(base.why);
  return base.desired;
};
const why = (base: Base): string => ('why' in base ? base.why : 'it was read');

test('the manifests at a commit, whatever became of the files, and places that name the commit', async () => {
  const { root, commit } = repository();
  const first = commit({
    'account.yaml': account,
    'team/users.yaml':
      'users:\n  dale:\n    expires: 2027-01-01\n  anna:\n    policies: { a: docs/a.json }\n',
    'team/docs/a.json':
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}',
  });
  commit({ 'account.yaml': `${account}users: { ben: {} }\n` });
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('rollcall-base-'));
  const base = await at(root, 'HEAD~1');
  expect(base).toMatchObject({ rev: 'HEAD~1', commit: first });
  const { state, sources, files, expiring } = read(base);
  expect([...state.users.keys()]).toEqual(['anna']);
  expect(state.users.get('anna')!.policies).toHaveProperty('a');
  expect(sources.get('user:anna')).toEqual({ file: 'HEAD~1:manifests/team/users.yaml', line: 4, column: 3 });
  expect(files).toContain('HEAD~1:manifests/team/docs/a.json');
  // As of now, whenever the commit was made.
  expect(expiring).toMatchObject([{ ref: 'user:dale', expired: true }]);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('rollcall-base-'))).toEqual(before);
});

test('manifests at the root of the repository, in a directory with odd names, and seen from below', async () => {
  const flat = repository();
  writeFileSync(join(flat.root, 'users.yaml'), `${account}users: { dale: {} }\n`);
  flat.git('add', '.');
  flat.git('commit', '-qm', 'Begin');
  expect([...read(await at(flat.root, 'main', '.')).state.users.keys()]).toEqual(['dale']);

  const odd = repository('-a b*/ü:x');
  odd.commit({ 'users.yaml': `${account}users: { dale: {} }\n` });
  const found = read(await at(odd.root, 'HEAD', './-a b*/ü:x'));
  expect(found.files).toEqual(['HEAD:-a b*/ü:x/users.yaml']);
  expect(read(await at(odd.root, 'HEAD', '.', join(odd.root, '-a b*', 'ü:x'))).files).toEqual(found.files);
});

test('no commit, no repository, no git: why, and never a base', async () => {
  const { root, git, commit } = repository();
  commit({ 'users.yaml': `${account}users: { dale: {} }\n` });
  const blob = git('rev-parse', 'HEAD:manifests/users.yaml');
  const sprung = join(root, 'sprung');
  for (const rev of [
    'nosuch',
    '',
    'a..b',
    blob,
    'HEAD:manifests',
    '--all',
    `--output=${sprung}`,
    '-h',
    '\n',
  ]) {
    expect(why(await at(root, rev))).toBe(`git knows no commit ${JSON.stringify(rev)}`);
  }
  expect(readdirSync(root)).not.toContain('sprung');

  const plain = scratch();
  mkdirSync(join(plain, 'manifests'));
  writeFileSync(join(plain, 'manifests', 'a.yaml'), `${account}users: { dale: {} }\n`);
  expect(why(await at(plain, 'HEAD'))).toMatch(/^".+\/manifests" is in no git repository$/);

  const { desired } = await loadManifests('manifests', { cwd: root, now });
  const io = { cwd: root, env: { PATH: plain } };
  expect(why(await readBase(io, 'manifests', 'HEAD', { desired: desired!, now }))).toBe(
    'git cannot be run (ENOENT)',
  );
});

test('a shallow clone says what it lacks', async () => {
  const { root, commit } = repository();
  const first = commit({ 'users.yaml': `${account}users: { dale: {} }\n` });
  commit({ 'users.yaml': `${account}users: { anna: {} }\n` });
  const clone = scratch();
  execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone], { stdio: 'ignore' });
  expect(why(await at(clone, first))).toBe(
    `this clone is shallow and has no commit "${first}": fetch more of its history`,
  );
  expect([...read(await at(clone, 'HEAD')).state.users.keys()]).toEqual(['anna']);
});

test('where there were no manifests, nothing was declared', async () => {
  const { root, git, commit } = repository();
  writeFileSync(join(root, 'README.md'), 'Before all\n');
  git('add', '.');
  git('commit', '-qm', 'Begin');
  commit({ 'readme.txt': 'no manifest' });
  commit({ 'users.yaml': `${account}users: { dale: {} }\n` });
  for (const rev of ['HEAD~2', 'HEAD~1']) {
    expect(read(await at(root, rev))).toMatchObject({
      files: [],
      hash: '',
      state: { account: '123456789012' },
    });
  }
});

test('manifests that were invalid or of another account are no base', async () => {
  const { root, commit } = repository();
  commit({ 'users.yaml': `${account}users: { dale: { gruops: [] } }\n` });
  commit({ 'users.yaml': "account: '210987654321'\nusers: { dale: {} }\n" });
  commit({ 'users.yaml': `${account}users: { dale: {} }\n` });
  expect(why(await at(root, 'HEAD~2'))).toBe(
    'the manifests there have 1 error, the first at HEAD~2:manifests/users.yaml:2:18: unknown key "gruops" in user "dale"',
  );
  expect(why(await at(root, 'HEAD~1'))).toBe('the manifests there are for account 210987654321');
});

test('links stay within the manifests, at the commit as in the working tree', async () => {
  const { root, git, commit } = repository();
  const outside = scratch();
  writeFileSync(join(outside, 'users.yaml'), 'users: { spy: {} }\n');
  commit({ 'account.yaml': account, 'all/users.yaml': 'users: { dale: {} }\n' });
  symlinkSync('all/users.yaml', join(root, 'manifests', 'users.yaml'));
  git('add', '.');
  git('commit', '-qm', 'Link');
  expect([...read(await at(root, 'HEAD')).state.users.keys()]).toEqual(['dale']);
  symlinkSync(join(outside, 'users.yaml'), join(root, 'manifests', 'spy.yaml'));
  git('add', '.');
  git('commit', '-qm', 'Spy');
  git('rm', '-q', 'manifests/spy.yaml');
  git('commit', '-qm', 'No spy');
  expect(why(await at(root, 'HEAD~1'))).toContain(
    'HEAD~1:manifests/spy.yaml:1:1: the symbolic link leads outside',
  );
});
