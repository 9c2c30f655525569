import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { RollcallError } from '../../core/errors.ts';
import { parseJson, valueAt } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import { storing } from '../storage.ts';

/** GitHub refuses a step's summary beyond this. */
export const summaryBytes = 1024 * 1024;

/** The event that started the job; null if the runner wrote none. @throws RollcallError */
function readEvent(path: string): Json {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new RollcallError(`the event of the job, ${path}, cannot be read: ${code ?? message}`, {
      hint: 'GITHUB_EVENT_PATH is GitHub’s to set, to a file of JSON',
    });
  }
}

/** The page of the run that this process is part of; undefined outside a job. */
export function runUrl({
  GITHUB_SERVER_URL,
  GITHUB_REPOSITORY,
  GITHUB_RUN_ID,
}: NodeJS.ProcessEnv): string | undefined {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY || !GITHUB_RUN_ID) return undefined;
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
}

/** The job that this process runs in, from the runner's environment. Outside a job all of it is undefined. */
export class Job {
  readonly #env: NodeJS.ProcessEnv;
  readonly #event: Json;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
    const path = env['GITHUB_EVENT_PATH'];
    this.#event = path ? readEvent(path) : null;
  }

  /** The root of the checked-out repository. */
  get root(): string | undefined {
    return this.#env['GITHUB_WORKSPACE'];
  }

  /** `OWNER/NAME`. */
  get repository(): string | undefined {
    return this.#env['GITHUB_REPOSITORY'];
  }

  get pullRequest(): number | undefined {
    const number = valueAt(this.#event, 'pull_request', 'number');
    return typeof number === 'number' ? number : undefined;
  }

  /** The branch that a pull request is to be merged into, and its tip when the event came. */
  get base(): { readonly ref: string; readonly sha?: string } | undefined {
    const [ref, sha] = ['ref', 'sha'].map((field) => valueAt(this.#event, 'pull_request', 'base', field));
    const name = this.#env['GITHUB_BASE_REF'] || ref;
    if (typeof name !== 'string') return undefined;
    return { ref: name, ...(typeof sha === 'string' ? { sha } : {}) };
  }

  /** The tip of the branch before what was pushed. */
  get before(): string | undefined {
    const sha = valueAt(this.#event, 'before');
    return typeof sha === 'string' ? sha : undefined;
  }

  /** The commit that people know: for a pull request its head, not the merge commit that is checked out. */
  get commit(): string | undefined {
    const sha = valueAt(this.#event, 'pull_request', 'head', 'sha');
    return typeof sha === 'string' ? sha : this.#env['GITHUB_SHA'];
  }

  get runUrl(): string | undefined {
    return runUrl(this.#env);
  }

  output(name: string, value: string): void {
    const file = this.#env['GITHUB_OUTPUT'];
    if (!file) return;
    const end = randomUUID();
    append(file, `${name}<<${end}\n${value}\n${end}\n`);
  }

  /** Adds to the step's summary. */
  summary(page: (limit: number) => string): void {
    const file = this.#env['GITHUB_STEP_SUMMARY'];
    if (!file) return;
    const left = summaryBytes - (existsSync(file) ? statSync(file).size : 0);
    if (left > least) append(file, cutToBytes(`${page(left - 1)}\n`, left));
  }
}

function append(file: string, text: string): void {
  storing(file, 'cannot be written', () => appendFileSync(file, text));
}

/** With less room than this, no page is worth writing. */
const least = 10_000;

const more = '\n\n… cut here: GitHub shows no more than 1 MiB.\n';

function cutToBytes(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  const room = most - Buffer.byteLength(more);
  if (room <= 0) return '';
  // A character that was cut in half decodes to U+FFFD, which is longer: step back to a whole one.
  let end = room;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString('utf8') + more;
}
