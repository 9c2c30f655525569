import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/index.ts';

export const accountId = '123456789012';

/** What a command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds this text; rejects when the command ends without it. */
  readonly says: (text: string) => Promise<void>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const root = resolve(import.meta.dirname, '../..');
const ownBuild = join(tmpdir(), `rollcall-build-${process.pid}`);

/**
 * The command as it is shipped: `dist/rollcall.js`. Where sources have changed since it was built, a build of them
 * in a directory of its own, so that tests in other processes are not disturbed.
 */
export const command: Promise<string> = (async () => {
  const dist = join(root, 'dist/rollcall.js');
  const newest = Math.max(
    ...['src', 'schemas', 'scripts'].flatMap((dir) =>
      readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' }).map(
        (file) => statSync(join(root, dir, file)).mtimeMs,
      ),
    ),
  );
  if (existsSync(dist) && statSync(dist).mtimeMs > newest) return dist;
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs'), ownBuild], { cwd: root });
  return join(ownBuild, 'rollcall.js');
})();
// Reported by the first command that is started.
command.catch(() => {});

/** Nothing of the machine that runs the tests: no credentials, no configuration, no terminal, no CI. */
const bareEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: emptyHome,
  AWS_EC2_METADATA_DISABLED: 'true',
});
const emptyHome = mkdtempSync(join(tmpdir(), 'rollcall-home-'));

/** Starts `rollcall ARGS`. */
export async function start(args: readonly string[], options: RunOptions = {}): Promise<Running> {
  const child = spawn(process.execPath, [await command, ...args], {
    env: { ...bareEnvironment(), ...options.env },
    cwd: options.cwd ?? emptyHome,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let heard = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    heard();
  });
  const ended = new Promise<Ended>((done, fail) => {
    child.on('error', fail).on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return {
    child,
    ended,
    says: (text) =>
      new Promise((done, fail) => {
        heard = () => {
          if (stderr.includes(text)) done();
        };
        heard();
        ended.then(() => fail(new Error(`it ended without saying "${text}":\n${stderr}`)), fail);
      }),
  };
}

/** Runs `rollcall ARGS` to its end. */
export const run = async (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  await (
    await start(args, options)
  ).ended;

/** A directory that goes with the test. */
export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Files below a directory, by name. */
export function write(dir: string, files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}

/** A directory of manifests for the test account, in one file. */
export const manifests = (yaml: string, account = accountId): string =>
  write(scratch(), { 'account.yaml': `account: '${account}'\n${yaml}` });

/** An IAM for the command to talk to, and how to tell it so. */
export interface Stage {
  readonly sandbox: Sandbox;
  /** Options that lead a command there. */
  readonly there: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Runs `rollcall COMMAND --manifests DIR` there. */
  readonly rollcall: (command: string, dir: string, ...more: string[]) => Promise<Ended>;
  /** Writes that arrived, but for those of the lock, as `Op` or `Op Name` where there is a user or group. */
  readonly writes: () => string[];
}

export async function stage(options: SandboxOptions = {}): Promise<Stage> {
  // Each look at the clock takes a second, so that nothing has to be waited for.
  let time = Date.parse('2027-01-01T00:00:00Z');
  const clock = (): Date => new Date((time += 1000));
  const sandbox = await startSandbox({ account: accountId, seed: 1, clock, ...options });
  onTestFinished(() => sandbox.close());
  sandbox.call('GenerateCredentialReport', {});
  sandbox.clearJournal();
  const there = ['--endpoint-url', sandbox.url];
  const env = credentials(sandbox.operator);
  return {
    sandbox,
    there,
    env,
    rollcall: (command, dir, ...more) => run([command, '--manifests', dir, ...there, ...more], { env }),
    writes: () =>
      sandbox.journal
        .filter(
          ({ readOnly, op, params }) =>
            !readOnly &&
            op !== 'GenerateCredentialReport' &&
            !JSON.stringify(params).includes('rollcall-lock'),
        )
        .map(({ op, params }) => {
          const name = params['UserName'] ?? params['GroupName'] ?? params['PolicyName'];
          return typeof name === 'string' ? `${op} ${name}` : op;
        }),
  };
}

export const credentials = (key: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: key.accessKeyId,
  AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
});
