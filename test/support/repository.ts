/** A git repository of one's own, that goes with the test. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { scratch } from './cli.ts';

export interface Repository {
  readonly root: string;
  readonly git: (...args: string[]) => string;
  /** Replaces all of `manifests/` and commits it. @returns the commit. */
  readonly commit: (files: Readonly<Record<string, string>>) => string;
  /** Replaces all of `manifests/`. */
  readonly write: (files: Readonly<Record<string, string>>) => void;
}

/** @param dir where the manifests are in it. */
export function repository(dir = 'manifests'): Repository {
  const root = scratch();
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=dale', '-c', 'user.email=dale@example.com', ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  git('init', '-q', '-b', 'main');
  const write: Repository['write'] = (files) => {
    rmSync(join(root, dir), { recursive: true, force: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, dir, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  const commit: Repository['commit'] = (files) => {
    write(files);
    git('add', '--all');
    git('commit', '-q', '--allow-empty', '-m', 'Change');
    return git('rev-parse', 'HEAD');
  };
  return { root, git, commit, write };
}
