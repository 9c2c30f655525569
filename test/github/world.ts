import { generateIdentity, identityToRecipient } from 'age-encryption';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { accountId, credentials, run, scratch, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';
import { command } from '../support/process.ts';
import { Emulators } from './github.ts';
import { runWorkflow } from './runner.ts';
import type { Event, JobRun } from './runner.ts';

const root = resolve(import.meta.dirname, '../..');
export const repositoryName = 'octo-org/access';

/** Nobody keeps its private key. */
const newRecipient = async (): Promise<string> => await identityToRecipient(await generateIdentity());

/** Fails with the log of the job. */
export function succeeded(run: JobRun | undefined): void {
  if (run?.result !== 'success') throw new Error(`the job: ${run?.result}\n${run?.log}`);
}

/** A repository of manifests with the workflows that `init --github` writes, its account, and GitHub around it. */
export class World {
  readonly repository: string;
  readonly account: Stage;
  readonly emulators: Emulators;
  readonly #dir: string;
  readonly #env: Record<string, string>;
  readonly #roles: Record<string, Record<string, string>>;
  /** While the gated job waits for approval. */
  whileWaiting: (before: Record<string, JobRun>) => void = () => {};
  vars: Record<string, string> = {
    ROLLCALL_PLAN_ROLE: `arn:aws:iam::${accountId}:role/rollcall-plan`,
    ROLLCALL_APPLY_ROLE: `arn:aws:iam::${accountId}:role/rollcall-apply`,
  };

  private constructor(dir: string, account: Stage, emulators: Emulators, env: Record<string, string>) {
    this.#dir = dir;
    this.repository = join(dir, 'repository');
    this.account = account;
    this.emulators = emulators;
    this.#env = env;
    this.#roles = Object.fromEntries(
      ['rollcall-plan', 'rollcall-apply'].map((role) => [role, this.#playRole(role)]),
    );
  }

  /** The demo's manifests, not applied yet, in the first commit on main. */
  static async make(): Promise<World> {
    const dir = scratch();
    const repository = join(dir, 'repository');
    mkdirSync(repository);
    cpSync(join(root, 'manifests'), join(repository, 'manifests'), { recursive: true });
    // The users that play the roles are none of the manifests' business.
    const file = join(repository, 'manifests/account.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace("users: ['svc-legacy-*']", "users: ['plays-*']\n  policies: ['plays-*']"),
    );
    const recipients = await Promise.all([1, 2, 3, 4].map(newRecipient));
    // In a job, a new secret goes to its person or nowhere.
    const users = join(repository, 'manifests/users.yaml');
    writeFileSync(
      users,
      readFileSync(users, 'utf8').replaceAll(
        'accessKey: {}',
        () => `accessKey: { deliverTo: ${recipients.pop()} }`,
      ),
    );
    writeFileSync(
      join(repository, 'package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/rollcall': { version: '0.1.0' } } }),
    );
    const init = await run(['init', '--github', '--repo', repositoryName], { cwd: repository });
    if (init.code !== 0) throw new Error(init.stderr);

    const account = await stage({ enforce: true });
    const emulators = new Emulators(join(dir, 'emulators'));
    const env = {
      HOME: dir,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_IAM: account.sandbox.url,
      AWS_ENDPOINT_URL_STS: account.sandbox.url,
      ...emulators.env(),
      ROLLCALL_UNDER_TEST: dirname(await command()),
      // Where the emulator for gh looks branches up.
      ORIGIN: repository,
    };
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository]);
    const world = new World(dir, account, emulators, env);
    world.#commit('Declare the account as it is to be');
    return world;
  }

  /** A user with exactly the policy of the role: so the least privilege that `init` writes is what all runs have. */
  #playRole(role: string): Record<string, string> {
    const { sandbox } = this.account;
    const name = role.replace('rollcall', 'plays');
    const PolicyDocument = readFileSync(join(this.repository, `iam/${role}-policy.json`), 'utf8');
    sandbox.call('CreateUser', { UserName: name });
    const { Policy } = sandbox.call('CreatePolicy', { PolicyName: name, PolicyDocument });
    sandbox.call('AttachUserPolicy', { UserName: name, PolicyArn: Policy!.Arn! });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: name });
    sandbox.call('GenerateCredentialReport', {});
    sandbox.clearJournal();
    return credentials({
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=dale', '-c', 'user.email=dale@example.com'];
    return execFileSync('git', ['-C', this.repository, ...identity, ...args], { encoding: 'utf8' }).trim();
  }

  #commit(message: string): string {
    this.git('add', '.');
    this.git('commit', '--quiet', '--message', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** An edit on a branch of its own; the branch stays checked out. */
  branch(name: string, file: string, edit: (text: string) => string): string {
    this.git('switch', '--quiet', '--force-create', name, 'main');
    return this.edit(file, edit);
  }

  edit(file: string, edit: (text: string) => string): string {
    const path = join(this.repository, file);
    const before = readFileSync(path, 'utf8');
    const after = edit(before);
    if (after === before) throw new Error(`the edit of ${file} changes nothing`);
    writeFileSync(path, after);
    return this.#commit(`Change ${file}`);
  }

  /** The plan workflow on a pull request of the checked-out branch. */
  async pullRequest(number: number, from = repositoryName): Promise<Record<string, JobRun>> {
    const sha = this.git('rev-parse', 'HEAD');
    return await this.#run('.github/workflows/rollcall-plan.yml', {
      name: 'pull_request',
      ref: `refs/pull/${number}/merge`,
      sha,
      payload: {
        pull_request: { number, head: { sha, repo: { full_name: from } }, base: { ref: 'main' } },
      },
    });
  }

  /** Merges the checked-out branch; then the apply workflow. */
  async merge(): Promise<Record<string, JobRun>> {
    const branch = this.git('branch', '--show-current');
    if (branch !== 'main') {
      this.git('switch', '--quiet', 'main');
      this.git('merge', '--quiet', '--no-ff', '--message', `Merge ${branch}`, branch);
    }
    return await this.apply('push');
  }

  /** The apply workflow; of an older commit where a run is run again. */
  async apply(
    name: 'push' | 'workflow_dispatch',
    inputs: Record<string, string> = {},
    sha = this.git('rev-parse', 'main'),
  ): Promise<Record<string, JobRun>> {
    return await this.#run('.github/workflows/rollcall-apply.yml', {
      name,
      ref: 'refs/heads/main',
      sha,
      inputs,
    });
  }

  async drift(): Promise<Record<string, JobRun>> {
    const sha = this.git('rev-parse', 'main');
    return await this.#run('.github/workflows/rollcall-drift.yml', {
      name: 'schedule',
      ref: 'refs/heads/main',
      sha,
    });
  }

  async #run(file: string, event: Event): Promise<Record<string, JobRun>> {
    // The credential report is re-created, so that what was made since is seen as after some hours.
    this.account.sandbox.call('GenerateCredentialReport', {});
    this.account.sandbox.clearJournal();
    return await runWorkflow(
      {
        repository: this.repository,
        dir: this.#dir,
        name: repositoryName,
        vars: this.vars,
        env: this.#env,
        roles: this.#roles,
        deployed: (environment, sha, state) => {
          const { github } = this.emulators;
          const { deployments = [] } = github;
          const made = { id: deployments.length + 1, sha, environment, statuses: [{ state }] };
          this.emulators.github = { ...github, deployments: [...deployments, made] };
        },
        approve: (before) => Promise.resolve(this.whileWaiting(before)),
      },
      file,
      event,
    );
  }

  artifact(name: string): string | null {
    const found = execFileSync('find', [this.#dir, '-path', `*artifacts-*/${name}`], { encoding: 'utf8' });
    return found.trim().split('\n').at(-1) || null;
  }
}
