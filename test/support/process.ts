/**
 * The program as it is shipped, in a process of its own: for what is about processes. Everything else is tested by
 * `cli.ts`, in a hundredth of the time.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bareEnvironment, testHome } from './cli.ts';
import type { RunOptions } from './cli.ts';

/** What a process left behind. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<ProcessEnd>;
  /** Resolves when stderr holds this text; rejects when the process ends without it. */
  readonly says: (text: string) => Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');

/**
 * The path of the program: `dist/rollcall.js`. Where sources have changed since it was built, a build of them in a
 * directory of its own, so that tests in other processes are not disturbed.
 */
export async function command(): Promise<string> {
  return await (built ??= build());
}
let built: Promise<string> | undefined;

async function build(): Promise<string> {
  const dist = join(root, 'dist/rollcall.js');
  const newest = Math.max(
    ...['src', 'schemas', 'scripts'].flatMap((dir) =>
      readdirSync(join(root, dir), { recursive: true, encoding: 'utf8' }).map(
        (file) => statSync(join(root, dir, file)).mtimeMs,
      ),
    ),
  );
  if (existsSync(dist) && statSync(dist).mtimeMs > newest) return dist;
  const own = join(tmpdir(), `rollcall-build-${process.pid}`);
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs'), own], { cwd: root });
  return join(own, 'rollcall.js');
}

/** Starts `rollcall ARGS`. */
export async function startProcess(
  args: readonly string[],
  options: Pick<RunOptions, 'env' | 'cwd'> = {},
): Promise<RunningProcess> {
  const child = spawn(process.execPath, [await command(), ...args], {
    env: { ...bareEnvironment(), ...options.env },
    cwd: options.cwd ?? testHome(),
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
  const ended = new Promise<ProcessEnd>((done, fail) => {
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
export const runProcess = async (
  args: readonly string[],
  options: Pick<RunOptions, 'env' | 'cwd'> = {},
): Promise<ProcessEnd> => await (await startProcess(args, options)).ended;
