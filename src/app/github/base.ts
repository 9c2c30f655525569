/** The commit that a job compares the manifests with. */
import { isCommit } from '../../core/commit.ts';
import { isObject } from '../../core/json.ts';
import { RollcallError } from '../../core/errors.ts';
import { GitError, askGit } from '../git.ts';
import { api } from './gh.ts';
import type { Job } from './job.ts';

/** A commit, with what a reviewer should know of it; or what was looked for, and why it was not found. */
type JobBase =
  | { readonly commit: string; readonly note?: string }
  | { readonly rev: string; readonly why: string }
  | { readonly note: string };

interface Place {
  readonly env: NodeJS.ProcessEnv;
  /** A directory of the repository. */
  readonly dir: string;
  /** GitHub environment that is applied to. */
  readonly environment: string;
}

/**
 * In a pull request the merge base: what it changes, and nothing that others changed meanwhile. Elsewhere the commit
 * that was last applied (docs/decisions/github.md). Null outside a job of GitHub's.
 */
export async function jobBase(job: Job, place: Place): Promise<JobBase | null> {
  const { base } = job;
  if (job.pullRequest !== undefined) return base === undefined ? null : await mergeBase(base, place);
  const { repository } = job;
  return repository === undefined ? null : await lastApplied(job, repository, place);
}

async function mergeBase({ ref, sha }: NonNullable<Job['base']>, { env, dir }: Place): Promise<JobBase> {
  const rev = `the merge base with ${ref}`;
  const ask = async (...args: string[]): Promise<string> => await askGit(dir, env, ...args);
  // The branch as it was fetched: what is checked out may be merged with a newer tip than the event knows.
  const tips = [`refs/remotes/origin/${ref}`, ...(sha !== undefined && isCommit(sha) ? [sha] : [])];
  try {
    for (const tip of tips) {
      const found = await ask('merge-base', tip, 'HEAD').catch((error: unknown) => {
        if (error instanceof GitError) return '';
        throw error;
      });
      if (isCommit(found)) return { commit: found };
    }
    const shallow = await ask('rev-parse', '--is-shallow-repository');
    return {
      rev,
      why:
        shallow === 'true'
          ? 'this clone is shallow: check it out with fetch-depth: 0'
          : `this clone has no branch origin/${ref} that it comes from`,
    };
  } catch (error) {
    if (error instanceof GitError) return { rev, why: error.message };
    throw error;
  }
}

/** More applies that failed one after the other than anybody leaves so. */
const most = 30;

/**
 * GitHub records a deployment of the environment with each apply job, and whether it succeeded. One that was followed by
 * others is inactive now, and had succeeded before.
 */
async function lastApplied(job: Job, repository: string, place: Place): Promise<JobBase> {
  const { env, environment } = place;
  const rev = `the commit last applied to ${environment}`;
  try {
    const path = `repos/${repository}/deployments`;
    const list = async (address: string): Promise<Record<string, unknown>[]> => {
      const answer = await api(env, 'GET', `${address}per_page=100`);
      return Array.isArray(answer) ? answer.filter(isObject) : [];
    };
    const deployments = await list(`${path}?environment=${encodeURIComponent(environment)}&`);
    for (const { id, sha } of deployments.slice(0, most)) {
      if (typeof sha !== 'string' || !isCommit(sha)) continue;
      const statuses = await list(`${path}/${Number(id)}/statuses?`);
      if (statuses.some(({ state }) => state === 'success')) return { commit: sha };
    }
    return await before(job, place);
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return { rev, why: `${error.message}; the job needs the permission deployments: read` };
  }
}

/** Nothing was applied yet: what this push changes is at least known. */
async function before(job: Job, { env, dir, environment }: Place): Promise<JobBase> {
  const never = `no apply has succeeded in the environment ${environment} yet`;
  const pushed = job.before;
  const commit =
    pushed !== undefined && isCommit(pushed) && !/^0+$/.test(pushed)
      ? pushed
      : await askGit(dir, env, 'rev-parse', '--verify', '--quiet', 'HEAD^1').catch(() => '');
  return isCommit(commit)
    ? { commit, note: `${never}: rules are compared with ${commit.slice(0, 12)}, the commit before this one` }
    : { note: `${never}, and there is no commit before this one: every rule is new` };
}
