import { isCommit } from '../../core/commit.ts';
import { askGit } from '../git.ts';
import type { Commit } from './receipt.ts';

/**
 * The commit that a directory was checked out from, or null if git cannot say. It never throws: a receipt is worth
 * more than that.
 */
export async function readCommit(dir: string, env: NodeJS.ProcessEnv): Promise<Commit | null> {
  const ask = async (...args: string[]): Promise<string> => await askGit(dir, env, ...args);
  try {
    const commit = await ask('rev-parse', 'HEAD');
    if (!isCommit(commit)) return null;
    // Only changes in this directory count, since the run itself writes receipts and deliveries beside it.
    const changes = await ask('status', '--porcelain', '--untracked-files=normal', '--', '.');
    return { commit, dirty: changes !== '' };
  } catch {
    return null;
  }
}
