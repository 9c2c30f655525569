import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readCommit } from '../../src/app/receipts/commit.ts';
import { scratch } from './support.ts';

const git = (cwd: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=dale', '-c', 'user.email=dale@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  });

function checkout(): { root: string; manifests: string; commit: string } {
  const root = scratch();
  const manifests = join(root, 'manifests');
  mkdirSync(manifests);
  writeFileSync(join(manifests, 'account.yaml'), 'account: "123456789012"\n');
  git(root, 'init', '-q');
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'Begin');
  return { root, manifests, commit: git(root, 'rev-parse', 'HEAD').trim() };
}

test('the commit, and whether the manifests are as committed', async () => {
  const { root, manifests, commit } = checkout();
  expect(await readCommit(manifests, process.env)).toEqual({ commit, dirty: false });
  // What lies beside the manifests is not of them.
  writeFileSync(join(root, 'receipt.json'), '{}');
  expect(await readCommit(manifests, process.env)).toEqual({ commit, dirty: false });
  writeFileSync(join(manifests, 'users.yaml'), 'users: {}\n');
  expect(await readCommit(manifests, process.env)).toEqual({ commit, dirty: true });
  git(root, 'add', '.');
  expect(await readCommit(manifests, process.env)).toEqual({ commit, dirty: true });
});

test('no checkout, no commit, no directory, no git: null, and no error', async () => {
  const empty = scratch();
  expect(await readCommit(empty, process.env)).toBeNull();
  git(empty, 'init', '-q');
  expect(await readCommit(empty, process.env)).toBeNull();
  expect(await readCommit(join(empty, 'nowhere'), process.env)).toBeNull();
  const { PATH } = process.env;
  onTestFinished(() => void (process.env['PATH'] = PATH));
  process.env['PATH'] = empty;
  expect(await readCommit(checkoutWith(PATH!), process.env)).toBeNull();
});

function checkoutWith(path: string): string {
  const { PATH } = process.env;
  process.env['PATH'] = path;
  const { manifests } = checkout();
  process.env['PATH'] = PATH;
  return manifests;
}

test('no program that the repository names is run, and a hook’s variables lead nowhere else', async () => {
  const { root, manifests, commit } = checkout();
  const trap = join(root, 'trap.sh');
  writeFileSync(trap, `#!/bin/sh\ntouch ${join(root, 'sprung')}\n`);
  chmodSync(trap, 0o755);
  git(root, 'config', 'core.fsmonitor', trap);
  onTestFinished(() => void delete process.env['GIT_DIR']);
  process.env['GIT_DIR'] = join(scratch(), '.git');
  expect((await readCommit(manifests, process.env))!.commit).toBe(commit);
  expect(() => execFileSync('ls', [join(root, 'sprung')], { stdio: 'pipe' })).toThrow('sprung');
});
