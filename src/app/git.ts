import { spawn } from 'node:child_process';
import { errorCode } from '../core/durable.ts';

/** Longer than any repository needs for what is asked here, in ms. */
const patience = 60_000;

/** Git could not be run, or said no; the message is the first line of what it said. */
export class GitError extends Error {
  override readonly name = 'GitError';
}

/**
 * What a command of git prints. Arguments that come from a user must not begin with `-`: it is the caller's to see to
 * that.
 *
 * @param cwd a directory of the repository.
 * @param input goes to its stdin.
 * @throws GitError
 */
export async function git(
  cwd: string,
  given: NodeJS.ProcessEnv,
  args: readonly string[],
  input = '',
): Promise<Buffer> {
  // In a git hook these variables name the repository of the hook, not the one of `cwd`.
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = given;
  // Run no program that the repository's own settings name, and take no lock that others need.
  const options = ['--no-optional-locks', '-c', 'core.fsmonitor=false'];
  // What is read is what was committed, whatever a ref of somebody's own repository puts in its place.
  const plain = { ...env, LC_ALL: 'C', GIT_NO_REPLACE_OBJECTS: '1', GIT_TERMINAL_PROMPT: '0' };
  return await new Promise((resolve, reject) => {
    const child = spawn('git', [...options, ...args], {
      cwd,
      env: plain,
      timeout: patience,
      windowsHide: true,
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.on('error', (error) =>
      reject(new GitError(`git cannot be run (${errorCode(error) ?? error.message})`)),
    );
    child.on('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(out));
      const said = Buffer.concat(err).toString('utf8').trim().split('\n')[0] ?? '';
      reject(new GitError(said.replace(/^(fatal|error): /, '') || `git ${args[0]} ended with ${code}`));
    });
    // If git ends early it closes its stdin; its exit code says why.
    child.stdin.on('error', () => {}).end(input);
  });
}

/** The same as text, without the end of its last line. */
export const askGit = async (
  cwd: string,
  env: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<string> => (await git(cwd, env, args)).toString('utf8').replace(/\n$/, '');
