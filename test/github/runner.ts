import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { condition, interpolate } from './expressions.ts';
import type { Context } from './expressions.ts';

export interface StepYaml {
  readonly id?: string;
  readonly name?: string;
  readonly if?: unknown;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Record<string, unknown>;
  readonly env?: Record<string, unknown>;
  readonly 'working-directory'?: string;
}

export interface JobYaml {
  readonly if?: unknown;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions?: Record<string, string>;
  readonly outputs?: Record<string, unknown>;
  readonly 'runs-on': string;
  readonly 'timeout-minutes'?: number;
  readonly steps: readonly StepYaml[];
}

export interface WorkflowYaml {
  readonly on: Record<string, unknown>;
  readonly permissions?: unknown;
  readonly concurrency?: { readonly group: string; readonly 'cancel-in-progress': boolean };
  readonly jobs: Record<string, JobYaml>;
}

export interface ActionYaml {
  readonly inputs: Record<string, { readonly description: string; readonly default?: unknown }>;
  readonly outputs: Record<string, { readonly value: string }>;
  readonly runs: { readonly using: string; readonly steps: readonly StepYaml[] };
}

export interface Event {
  readonly name: 'pull_request' | 'push' | 'schedule' | 'workflow_dispatch';
  readonly ref: string;
  readonly sha: string;
  readonly payload?: Record<string, unknown>;
  readonly inputs?: Record<string, string>;
}

export interface JobRun {
  result: 'success' | 'failure' | 'skipped';
  log: string;
  summary: string;
  outputs: Record<string, string>;
}

export interface Setting {
  /** The repository that is cloned, and where all else of a run is kept. */
  readonly repository: string;
  readonly dir: string;
  /** OWNER/NAME. */
  readonly name: string;
  readonly vars: Record<string, string>;
  /** Of every step. */
  readonly env: Record<string, string>;
  /** Credentials by role, given to jobs that the role trusts. */
  readonly roles: Record<string, Record<string, string>>;
  /** Records that a job with an environment has ended. */
  readonly deployed?: (environment: string, sha: string, state: string) => void;
  /** Called where a job waits for its environment's approval. */
  readonly approve?: (run: Record<string, JobRun>) => Promise<void>;
}

/** Runs workflows as GitHub would, with emulators for the actions of others. */
export async function runWorkflow(
  setting: Setting,
  file: string,
  event: Event,
): Promise<Record<string, JobRun>> {
  const text = execFileSync('git', ['-C', setting.repository, 'show', `${event.sha}:${file}`], {
    encoding: 'utf8',
  });
  const workflow = parse(text) as WorkflowYaml;
  const artifacts = mkdtempSync(join(setting.dir, 'artifacts-'));
  const runs: Record<string, JobRun> = {};
  for (const [name, job] of Object.entries(workflow.jobs)) {
    runs[name] = await new Job(setting, event, job, artifacts, runs).run();
  }
  return runs;
}

interface Scope {
  /** Of the steps of this job or action. */
  readonly steps: Record<string, { outputs: Record<string, string> }>;
  readonly inputs: Record<string, unknown>;
  readonly actionPath?: string;
  failed: boolean;
}

class Job {
  readonly #setting: Setting;
  readonly #event: Event;
  readonly #job: JobYaml;
  readonly #artifacts: string;
  readonly #others: Record<string, JobRun>;
  readonly #workspace: string;
  readonly #permissions: Record<string, string>;
  /** What steps leave to later ones, credentials above all. */
  readonly #env: Record<string, string> = {};
  readonly #out: JobRun = { result: 'success', log: '', summary: '', outputs: {} };
  #steps = 0;

  constructor(
    setting: Setting,
    event: Event,
    job: JobYaml,
    artifacts: string,
    others: Record<string, JobRun>,
  ) {
    this.#setting = setting;
    this.#event = event;
    this.#job = job;
    this.#artifacts = artifacts;
    this.#others = others;
    this.#workspace = mkdtempSync(join(setting.dir, 'workspace-'));
    // A fork's jobs get a token that can only read, whatever the workflow says.
    const asked = Object.entries(job.permissions ?? {});
    this.#permissions = Object.fromEntries(
      this.#ofFork() ? asked.filter(([, level]) => level === 'read') : asked,
    );
  }

  async run(): Promise<JobRun> {
    const needed = this.#job.needs === undefined ? [] : [this.#others[this.#job.needs]!];
    const failed = needed.some(({ result }) => result !== 'success');
    const scope: Scope = { steps: {}, inputs: this.#event.inputs ?? {}, failed: false };
    if (!condition(this.#job.if, this.#context(scope), { failed }))
      return { ...this.#out, result: 'skipped' };
    if (this.#job.environment !== undefined) await this.#setting.approve?.(this.#others);
    await this.#runSteps(this.#job.steps, scope);
    this.#out.outputs = this.#interpolateAll(this.#job.outputs ?? {}, scope);
    if (scope.failed) this.#out.result = 'failure';
    if (this.#job.environment !== undefined)
      this.#setting.deployed?.(this.#job.environment, this.#event.sha, this.#out.result);
    return this.#out;
  }

  async #runSteps(steps: readonly StepYaml[], scope: Scope): Promise<void> {
    for (const step of steps) {
      if (!condition(step.if, this.#context(scope), scope)) continue;
      const { ok, outputs } = await this.#step(step, scope);
      if (step.id !== undefined) scope.steps[step.id] = { outputs };
      if (!ok) scope.failed = true;
    }
  }

  async #step(step: StepYaml, scope: Scope): Promise<{ ok: boolean; outputs: Record<string, string> }> {
    if (step.run !== undefined) return await this.#shell(step, scope);
    const uses = step.uses!;
    const inputs = this.#interpolateAll(step.with ?? {}, scope);
    if (uses.startsWith('./')) return await this.#action(resolve(this.#workspace, uses), inputs);
    const [action] = uses.split('@');
    const done = { ok: true, outputs: {} };
    switch (action) {
      case 'actions/checkout':
        this.#checkout();
        return done;
      case 'actions/setup-node':
        return done;
      case 'actions/upload-artifact':
        return { ok: this.#upload(inputs), outputs: {} };
      case 'actions/download-artifact':
        cpSync(join(this.#artifacts, inputs['name']!), this.#workspace, { recursive: true });
        return done;
      case 'aws-actions/configure-aws-credentials':
        return { ok: this.#takeRole(inputs['role-to-assume']!), outputs: {} };
      default:
        throw new Error(`there is no emulator for ${uses}`);
    }
  }

  async #action(
    dir: string,
    given: Record<string, string>,
  ): Promise<{ ok: boolean; outputs: Record<string, string> }> {
    const action = parse(readFileSync(join(dir, 'action.yml'), 'utf8')) as ActionYaml;
    const unknown = Object.keys(given).filter((name) => !(name in action.inputs));
    if (unknown.length > 0) throw new Error(`the action has no input ${unknown.join(', ')}`);
    const scope: Scope = { steps: {}, inputs: {}, actionPath: dir, failed: false };
    for (const [name, { default: value }] of Object.entries(action.inputs)) {
      scope.inputs[name] = given[name] ?? interpolate(value, this.#context(scope));
    }
    await this.#runSteps(action.runs.steps, scope);
    const values = Object.entries(action.outputs).map(([name, { value }]) => [name, value]);
    return { ok: !scope.failed, outputs: this.#interpolateAll(Object.fromEntries(values), scope) };
  }

  async #shell(step: StepYaml, scope: Scope): Promise<{ ok: boolean; outputs: Record<string, string> }> {
    this.#steps += 1;
    const file = (kind: string): string => join(this.#workspace, '..', `${this.#id()}-${kind}`);
    const [script, output, summary] = [file('script'), file('output'), file('summary')];
    writeFileSync(script, interpolate(step.run, this.#context(scope)));
    writeFileSync(output, '');
    writeFileSync(summary, '');
    const cwd = resolve(this.#workspace, interpolate(step['working-directory'], this.#context(scope)));
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd,
      env: {
        ...this.#setting.env,
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: this.#event.name,
        GITHUB_EVENT_PATH: this.#eventFile(),
        GITHUB_OUTPUT: output,
        GITHUB_REF_NAME: this.#event.ref.replace(/^refs\/(?:heads|tags)\//, ''),
        GITHUB_REPOSITORY: this.#setting.name,
        GITHUB_RUN_ID: '42',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_SHA: this.#event.sha,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: this.#workspace,
        RUNNER_TEMP: this.#temp(),
        ...this.#env,
        ...this.#interpolateAll(step.env ?? {}, scope),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.on('data', (chunk: Buffer) => (this.#out.log += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (this.#out.log += chunk.toString('utf8')));
    const code = await new Promise<number | null>((done) => child.on('close', done));
    this.#out.summary += readFileSync(summary, 'utf8');
    return { ok: code === 0, outputs: outputsOf(readFileSync(output, 'utf8')) };
  }

  #checkout(): void {
    const { repository } = this.#setting;
    rmSync(this.#workspace, { recursive: true });
    execFileSync('git', ['clone', '--quiet', '--no-checkout', repository, this.#workspace]);
    execFileSync('git', ['-C', this.#workspace, 'checkout', '--quiet', '--detach', this.#event.sha]);
  }

  #upload(inputs: Record<string, string>): boolean {
    const path = resolve(this.#workspace, inputs['path']!);
    const to = join(this.#artifacts, inputs['name']!);
    if (!existsSync(path)) {
      this.#out.log += `No files were found with the provided path: ${path}\n`;
      return inputs['if-no-files-found'] !== 'error';
    }
    mkdirSync(to, { recursive: true });
    // A file keeps its name alone; of a directory, what is in it.
    cpSync(path, inputs['path']!.endsWith('/') ? to : join(to, relative(dirname(path), path)), {
      recursive: true,
    });
    return true;
  }

  /** As STS judges: the token's subject against the trust policy of the role, which is in the repository. */
  #takeRole(arn: string): boolean {
    const role = arn.slice(arn.lastIndexOf('/') + 1);
    const trust = readFileSync(join(this.#setting.repository, `iam/${role}-role.json`), 'utf8');
    const { Statement } = JSON.parse(trust) as {
      Statement: { Condition: { StringEquals: Record<string, string | string[]> } }[];
    };
    const subjects = [
      Statement[0]!.Condition.StringEquals['token.actions.githubusercontent.com:sub']!,
    ].flat();
    const { name } = this.#setting;
    const subject =
      this.#job.environment !== undefined
        ? `repo:${name}:environment:${this.#job.environment}`
        : this.#event.name === 'pull_request'
          ? `repo:${name}:pull_request`
          : `repo:${name}:ref:${this.#event.ref}`;
    if (this.#permissions['id-token'] !== 'write' || !subjects.includes(subject)) {
      this.#out.log += `Not authorized to perform sts:AssumeRoleWithWebIdentity (${subject})\n`;
      return false;
    }
    Object.assign(this.#env, this.#setting.roles[role]);
    return true;
  }

  #context(scope: Scope): Context {
    const { payload = {}, ref, sha, name } = this.#event;
    return {
      github: {
        repository: this.#setting.name,
        event: payload,
        event_name: name,
        ref,
        sha,
        run_id: '42',
        token: this.#token(),
        action_path: scope.actionPath ?? '',
      },
      vars: this.#setting.vars,
      inputs: scope.inputs,
      steps: scope.steps,
      needs: this.#others,
    };
  }

  /** Tells the emulator for gh what the job may do. */
  #token(): string {
    const writable = Object.entries(this.#permissions).filter(([, level]) => level === 'write');
    return `token ${writable.map(([scope]) => scope).join(' ')}`;
  }

  #interpolateAll(values: Record<string, unknown>, scope: Scope): Record<string, string> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, interpolate(value, this.#context(scope))]),
    );
  }

  #ofFork(): boolean {
    const pull = this.#event.payload?.['pull_request'] as
      { head: { repo: { full_name: string } } } | undefined;
    return pull !== undefined && pull.head.repo.full_name !== this.#setting.name;
  }

  #id(): string {
    return `${this.#workspace.slice(this.#workspace.lastIndexOf('-') + 1)}-${this.#steps}`;
  }

  #temp(): string {
    const temp = join(this.#setting.dir, 'temp');
    mkdirSync(temp, { recursive: true });
    return temp;
  }

  #eventFile(): string {
    const file = join(this.#setting.dir, `${this.#id()}-event.json`);
    writeFileSync(file, JSON.stringify(this.#event.payload ?? {}));
    return file;
  }
}

/** `name=value`, and `name<<END … END`. */
export function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const long = /^([\w-]+)<<(.+)$/.exec(line);
    const short = /^([\w-]+)=(.*)$/.exec(line);
    if (long)
      outputs[long[1]!] = lines
        .splice(0, lines.indexOf(long[2]!) + 1)
        .slice(0, -1)
        .join('\n');
    else if (short) outputs[short[1]!] = short[2]!;
  }
  return outputs;
}
