import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  readonly body: string;
}

export interface Issue extends Comment {
  readonly number: number;
  readonly state: string;
  readonly title: string;
  readonly labels: readonly { readonly name: string }[];
  readonly pull_request?: object;
}

interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly statuses: readonly { readonly state: string }[];
}

/** GitHub's side, as its emulator keeps it. */
export interface Github {
  login: string;
  nextId: number;
  comments: Record<string, Comment[]>;
  issues: Issue[];
  /** What jobs with an environment leave, the oldest first. */
  deployments?: Deployment[];
  /** Calls that fail, as a pattern of `METHOD path`. */
  fails?: string;
}

export class Emulators {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  get github(): Github {
    const file = join(this.dir, 'github.json');
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Github;
    return { login: 'github-actions[bot]', nextId: 5_000_000_000, comments: {}, issues: [] };
  }

  set github(state: Github) {
    writeFileSync(join(this.dir, 'github.json'), JSON.stringify(state));
  }

  /** Calls of gh that change something. */
  writes(): { method: string; path: string; body: Record<string, unknown> }[] {
    return this.calls().filter(({ method, path }) => method !== 'GET' && path !== 'graphql');
  }

  calls(): { method: string; path: string; body: Record<string, unknown> }[] {
    return this.#lines('gh.jsonl').map(
      (line) => JSON.parse(line) as { method: string; path: string; body: Record<string, unknown> },
    );
  }

  npm(): string[] {
    return this.#lines('npm.log');
  }

  #lines(name: string): string[] {
    const file = join(this.dir, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  }

  /** Environment that leads to them; `GH_TOKEN` is the job's own affair. */
  env(): Record<string, string> {
    return {
      PATH: `${join(import.meta.dirname, 'emulators')}:${process.env['PATH'] ?? ''}`,
      EMULATORS: this.dir,
    };
  }
}
