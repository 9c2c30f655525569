/** The manifests as they were at a commit, read from git without a checkout. */
import { isCommit } from '../core/commit.ts';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { undeclared } from '../core/desired.ts';
import type { Base, Desired } from '../core/desired.ts';
import { formatLocation } from '../core/errors.ts';
import type { Diagnostic, Location } from '../core/errors.ts';
import { plural, quote } from '../core/text.ts';
import { staysBelow } from '../manifest/files.ts';
import { loadManifests } from '../manifest/index.ts';
import { askGit, git, GitError } from './git.ts';
import type { Io } from './io.ts';

interface Reading {
  /** The manifests as they are now: those at the commit must be for the same account. */
  readonly desired: Desired;
  /** The time at which `expires` is judged, of the base as well. */
  readonly now: Date;
  /** Only what the checked-out commit comes from: no commit of some other branch may say what was declared. */
  readonly isPast?: boolean;
}

/**
 * Never throws for what is wrong with the commit, the repository or the manifests there: then the base says why it
 * could not be read. A directory that the commit lacks declares nothing.
 *
 * @param manifests directory of the manifests, as the user names it.
 * @param rev anything that git takes for a commit.
 */
export async function readBase(
  io: Pick<Io, 'cwd' | 'env'>,
  manifests: string,
  rev: string,
  reading: Reading,
): Promise<Base> {
  const repository = await realpath(resolve(io.cwd, manifests)).catch(() => resolve(io.cwd, manifests));
  try {
    const read = await readAt(repository, io.env, rev, reading);
    return typeof read === 'string' ? { rev, why: read } : { rev, ...read };
  } catch (error) {
    if (error instanceof GitError) return { rev, why: error.message };
    throw error;
  }
}

type Read = { readonly commit: string; readonly desired: Desired };

async function readAt(
  dir: string,
  env: NodeJS.ProcessEnv,
  rev: string,
  reading: Reading,
): Promise<Read | string> {
  const ask = async (...args: string[]): Promise<string> => await askGit(dir, env, ...args);
  // With a slash at its end; empty at the root of the repository.
  const [shallow, prefix = ''] = (
    await ask('rev-parse', '--is-shallow-repository', '--show-prefix').catch((error: unknown) => {
      throw error instanceof GitError && /not a git repository/.test(error.message)
        ? new GitError(`${quote(dir)} is in no git repository`)
        : error;
    })
  ).split('\n');
  // What begins with a dash would be an option of git.
  const commit = /^[^-]/.test(rev)
    ? await ask('rev-parse', '--verify', '--quiet', `${rev}^{commit}`).catch(() => '')
    : '';
  if (!isCommit(commit)) {
    return shallow === 'true'
      ? `this clone is shallow and has no commit ${quote(rev)}: fetch more of its history`
      : `git knows no commit ${quote(rev)}`;
  }
  if (reading.isPast === true) {
    const isPast = await ask('merge-base', '--is-ancestor', commit, 'HEAD').then(
      () => true,
      () => false,
    );
    if (!isPast) return `the checked-out commit does not come from ${commit.slice(0, 12)}`;
  }
  const path = prefix.replace(/\/$/, '');
  const type = await ask('cat-file', '-t', `${commit}:${path}`).catch(() => '');
  const desired =
    type === 'tree'
      ? await loadTree(dir, env, { rev, commit, path }, reading)
      : undeclared(reading.desired.state);
  return typeof desired === 'string' ? desired : { commit, desired };
}

interface Tree {
  readonly rev: string;
  readonly commit: string;
  /** From the root of the repository; empty: the root itself. */
  readonly path: string;
}

async function loadTree(
  dir: string,
  env: NodeJS.ProcessEnv,
  tree: Tree,
  { desired: { state }, now }: Reading,
): Promise<Desired | string> {
  const root = await mkdtemp(join(tmpdir(), 'rollcall-base-'));
  try {
    await extract(dir, env, tree, join(root, tree.path));
    const where = tree.path === '' ? '.' : tree.path;
    const { desired, diagnostics } = await loadManifests(where, { cwd: root, now, allowEmpty: true });
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0 && errors.every(({ code }) => code === 'no-manifests')) return undeclared(state);
    if (!desired) return whyInvalid(errors, tree.rev);
    if (desired.state.account !== state.account)
      return `the manifests there are for account ${desired.state.account}`;
    return {
      ...desired,
      sources: new Map([...desired.sources].map(([ref, at]) => [ref, atRev(at, tree.rev)])),
      files: desired.files.map((file) => `${tree.rev}:${file}`),
    };
  } catch (error) {
    // The file system's: names that it cannot hold, or no space.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return `the files there cannot be written into a temporary directory: ${message}`;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const atRev = (at: Location, rev: string): Location => ({ ...at, file: `${rev}:${at.file}` });

function whyInvalid(errors: readonly Diagnostic[], rev: string): string {
  const [first] = errors;
  const where = first?.at ? ` at ${formatLocation(atRev(first.at, rev))}` : '';
  return `the manifests there have ${plural(errors.length, 'error')}, the first${where}: ${first?.message}`;
}

/** Writes what manifests can be made of. Links come last, so that nothing is written through one. */
async function extract(dir: string, env: NodeJS.ProcessEnv, tree: Tree, into: string): Promise<void> {
  const listed = await git(dir, env, ['ls-tree', '-r', '-z', '--full-tree', `${tree.commit}:${tree.path}`]);
  const entries = listed
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const [, mode = '', object = '', name = ''] = /^(\d+) blob (\S+)\t(.+)$/s.exec(line) ?? [];
      const isLink = mode === '120000';
      const isWanted = (isLink || /\.(json|ya?ml|xml)$/.test(name)) && !name.split('/').includes('..');
      return isWanted ? [{ isLink, object, path: join(into, name) }] : [];
    });
  const contents = await readObjects(
    dir,
    env,
    entries.map(({ object }) => object),
  );
  mkdirSync(into, { recursive: true });
  const files = entries.map((entry, index) => ({ ...entry, bytes: contents[index]! }));
  for (const { path, bytes } of files.filter(({ isLink }) => !isLink)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { flag: 'wx' });
  }
  for (const { path, bytes } of files.filter(({ isLink }) => isLink)) {
    if (!(await staysBelow(into, dirname(path)))) continue;
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(bytes.toString('utf8'), path);
  }
}

/** The contents of blobs, in order. @throws GitError for one that the clone lacks. */
async function readObjects(
  dir: string,
  env: NodeJS.ProcessEnv,
  objects: readonly string[],
): Promise<Buffer[]> {
  if (objects.length === 0) return [];
  const out = await git(dir, env, ['cat-file', '--batch'], objects.map((object) => `${object}\n`).join(''));
  const found: Buffer[] = [];
  let at = 0;
  for (const object of objects) {
    const end = out.indexOf('\n', at);
    const [, , size] = out.subarray(at, end).toString('latin1').split(' ');
    if (size === undefined) throw new GitError(`this clone lacks the file ${object}`);
    found.push(out.subarray(end + 1, end + 1 + Number(size)));
    at = end + 1 + Number(size) + 1;
  }
  return found;
}
