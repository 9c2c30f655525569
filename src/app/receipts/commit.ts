import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Commit } from './receipt.ts';

const run = promisify(execFile);

/**
 * The commit that a directory was checked out from, or null if git cannot say. It never throws: a receipt is worth
 * more than that.
 */
export async function readCommit(dir: string, env: NodeJS.ProcessEnv): Promise<Commit | null> {
  try {
    const commit = (await git(dir, env, ['rev-parse', 'HEAD'])).trim();
    if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
    // Only changes in this directory count, since the run itself writes receipts and deliveries beside it.
    const changes = await git(dir, env, ['status', '--porcelain', '--untracked-files=normal', '--', '.']);
    return { commit, dirty: changes.trim() !== '' };
  } catch {
    return null;
  }
}

async function git(cwd: string, given: NodeJS.ProcessEnv, args: readonly string[]): Promise<string> {
  // In a git hook these variables name the repository of the hook, not the one of `cwd`.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = given;
  // Run no program that the repository's own settings name, and take no lock that others need.
  const options = ['--no-optional-locks', '-c', 'core.fsmonitor=false'];
  const { stdout } = await run('git', [...options, ...args], {
    cwd,
    env,
    timeout: 10_000,
    maxBuffer: 16 * 1024 * 1024,
    windowsHide: true,
  });
  return stdout;
}
