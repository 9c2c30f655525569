/**
 * The program, called in this process: real files, the real SDK, the sandbox over HTTP. A run sees nothing of this
 * process but what it is given, so many may run at a time.
 *
 *     const { sandbox, rollcall, there, env } = await stage();              // an account of its own, over a socket
 *     const dir = manifests('users: { buzzo: {} }');                       // goes with the test
 *     expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
 *     const ended = await run(['plan', '-m', dir, ...there], { env, cwd }); // { code, stdout, stderr }
 *     const running = start(['apply', '--yes', '-m', dir, ...there], { env });
 *     await running.says('Interrupted'); running.interrupt(); await running.ended;
 *
 * What is different from a process: waits and the SDK's pauses before a retry take no time (the run's clock goes on by
 * them); nothing is a terminal unless `terminal` says so; `interrupt` is what SIGINT and SIGTERM come to. What is about
 * the process itself (the bundle, signals, kills, two processes and one lock, a pty) takes `test/support/process.ts`.
 */
import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Io, Output } from '../../src/app/io.ts';
import { run as runProgram } from '../../src/cli/program.ts';
import type { ExitCode } from '../../src/core/errors.ts';
import { startSandbox } from '../../src/sandbox/index.ts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/index.ts';

export const accountId = '123456789012';

/** What a command left behind. */
export interface Ended {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves when stderr holds this text; rejects when the command ends without it. */
  readonly says: (text: string) => Promise<void>;
  /** The same of stdout. */
  readonly prints: (text: string) => Promise<string>;
  /** Asks it to end, as Ctrl-C does. */
  readonly interrupt: () => void;
  /** So many ms pass, and what a run does each second is done once. Without it, it is never done. */
  readonly tick: (ms: number) => void;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is typed or piped; nothing when absent. */
  readonly stdin?: string;
  /** Nothing is typed, and the end of the input does not come. */
  readonly open?: boolean;
  /** Which streams are a terminal of 80 columns. */
  readonly terminal?: readonly ('stdin' | 'stdout' | 'stderr')[];
  /** The run's clock when it begins; now when absent. */
  readonly now?: Date;
  readonly network?: Io['network'];
  /** No time passes but by waits and ticks. */
  readonly still?: boolean;
}

let home: string | null = null;

/** Where the runs of a test are at home, unless it says where; goes with the test. */
export function testHome(): string {
  if (home === null) {
    home = scratch();
    onTestFinished(() => void (home = null));
  }
  return home;
}

/** Nothing of the machine that runs the tests: no credentials, no configuration, no terminal, no CI. */
export const bareEnvironment = (): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '',
  HOME: testHome(),
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** Text that somebody may wait for. */
class Transcript implements Output {
  readonly isTTY: boolean;
  readonly columns = 80;
  text = '';
  #heard: (() => void)[] = [];

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
    for (const heard of this.#heard) heard();
  }

  async holds(text: string, ended: Promise<Ended>): Promise<string> {
    return await new Promise((done, fail) => {
      const heard = (): void => {
        if (this.text.includes(text)) done(this.text);
      };
      this.#heard.push(heard);
      heard();
      ended.then(() => fail(new Error(`it ended without saying "${text}":\n${this.text}`)), fail);
    });
  }
}

/** Starts `rollcall ARGS`. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const is = (stream: 'stdin' | 'stdout' | 'stderr'): boolean => options.terminal?.includes(stream) ?? false;
  const [stdout, stderr] = [new Transcript(is('stdout')), new Transcript(is('stderr'))];
  const interrupts = new EventEmitter();
  const ticks = new Set<() => void>();
  let waited = 0;
  const began = Date.now();
  const passed = (): number => (options.still ? 0 : Date.now() - began);
  const io: Io = {
    stdin: Object.assign(options.open ? new PassThrough() : Readable.from([options.stdin ?? '']), {
      isTTY: is('stdin'),
    }),
    stdout,
    stderr,
    env: { ...bareEnvironment(), ...options.env },
    cwd: options.cwd ?? testHome(),
    now: () => new Date((options.now?.getTime() ?? began) + passed() + waited),
    network: {
      wait: async (ms) => {
        waited += ms;
        await new Promise((done) => setImmediate(done));
      },
      elapsed: () => (options.still ? 0 : performance.now()) + waited,
      retryDelay: () => 0,
      ...options.network,
    },
    every(_, tick) {
      ticks.add(tick);
      return () => void ticks.delete(tick);
    },
    onInterrupt(listener) {
      interrupts.on('interrupt', listener);
      return () => void interrupts.off('interrupt', listener);
    },
  };
  const ended = runProgram(args, io).then((code) => {
    if (interrupts.listenerCount('interrupt') > 0)
      throw new Error('it ended, and still waits for interrupts');
    if (ticks.size > 0) throw new Error('it ended, and still looks at the clock');
    return { code, stdout: stdout.text, stderr: stderr.text };
  });
  return {
    ended,
    says: async (text) => void (await stderr.holds(text, ended)),
    prints: (text) => stdout.holds(text, ended),
    interrupt: () => void interrupts.emit('interrupt'),
    tick(ms) {
      waited += ms;
      for (const tick of ticks) tick();
    },
  };
}

/** Runs `rollcall ARGS` to its end. */
export const run = async (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  await start(args, options).ended;

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
