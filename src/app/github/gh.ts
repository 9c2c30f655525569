import { execFile } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { RollcallError } from '../../core/errors.ts';
import { isObject, parseJson, valueAt } from '../../core/json.ts';

/** Limit for one call of GitHub's API, in ms. */
const patience = 60_000;

type Method = 'GET' | 'POST' | 'PATCH';

/** The output of gh goes into pages and annotations, so it must have no colours. */
function plainEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, CLICOLOR_FORCE: _cli, GH_FORCE_TTY: _tty, ...env } = given;
  return { ...env, NO_COLOR: '1' };
}

/**
 * Calls GitHub's API through `gh`, which runners have and which knows hosts, proxies and tokens (`GH_TOKEN`). Bodies
 * go through stdin, so nothing of them is ever part of a command line.
 *
 * @throws RollcallError with the message of gh.
 */
export async function api(
  env: NodeJS.ProcessEnv,
  method: Method,
  path: string,
  body?: object,
  timeout = patience,
): Promise<unknown> {
  const args = ['api', '--method', method, path, ...(body === undefined ? [] : ['--input', '-'])];
  const options = {
    env: plainEnvironment(env),
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: Number.POSITIVE_INFINITY,
  } as const;
  type Ended = readonly [failure: ExecFileException | null, out: string, err: string];
  const [failure, text, err] = await new Promise<Ended>((resolve) => {
    const child = execFile('gh', args, options, (...ended) => resolve(ended));
    // If gh ends early it closes its stdin; its exit code says why.
    child.stdin?.on('error', () => {}).end(body === undefined ? undefined : JSON.stringify(body));
  });
  if (typeof failure?.code === 'string') {
    throw new RollcallError(`gh cannot be run (${failure.code})`, {
      hint: 'GitHub’s runners have it; elsewhere install it from cli.github.com',
    });
  }
  if (failure) {
    const said = err.trim().replaceAll(/\s+/g, ' ');
    const ended = failure.code == null ? `no answer within ${timeout / 1000} s` : `exit ${failure.code}`;
    throw new RollcallError(`gh api ${method} ${path}: ${said || ended}`, {
      hint: 'the job needs GH_TOKEN, and the permission pull-requests: write or issues: write',
    });
  }
  if (text.trim() === '') return null;
  try {
    return parseJson(text);
  } catch (error) {
    throw new RollcallError(`gh api ${method} ${path}: the answer is no JSON (${(error as Error).message})`, {
      hint: 'update gh, and run again',
    });
  }
}

const perPage = 100;
/** More comments or issues than anybody reads: the list does not end. */
const mostPages = 100;

/** All pages of a list. */
export async function list(env: NodeJS.ProcessEnv, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let page = 1; ; page += 1) {
    const query = `${path.includes('?') ? '&' : '?'}per_page=${perPage}&page=${page}`;
    const answer = await api(env, 'GET', `${path}${query}`);
    if (!Array.isArray(answer)) throw new RollcallError(`gh api GET ${path}: the answer is no list`);
    items.push(...answer.filter(isObject));
    if (answer.length < perPage) return items;
    if (page >= mostPages) throw new RollcallError(`gh api GET ${path}: the list does not end`);
  }
}

/** The login that the token belongs to, such as `github-actions[bot]`. */
export async function ownLogin(env: NodeJS.ProcessEnv): Promise<string> {
  const answer = await api(env, 'POST', 'graphql', { query: '{ viewer { login } }' });
  const login = valueAt(answer, 'data', 'viewer', 'login');
  if (typeof login !== 'string') throw new RollcallError('gh api graphql: no login in the answer');
  return login;
}

/** The author and the text of a comment or an issue. */
export function authored(item: Record<string, unknown>): {
  readonly id: number;
  readonly number: number;
  readonly author: string;
  readonly body: string;
} {
  const { id, number, body } = item;
  const login = valueAt(item, 'user', 'login');
  return {
    id: Number(id),
    number: Number(number),
    author: typeof login === 'string' ? login : '',
    body: typeof body === 'string' ? body : '',
  };
}
