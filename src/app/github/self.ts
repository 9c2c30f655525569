import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { RollcallError } from '../../core/errors.ts';

export interface RunResult {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a child says goes into pages and annotations, whatever this process was told about colours. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, CLICOLOR_FORCE: _cli, GH_FORCE_TTY: _tty, ...env } = process.env;
  return { ...env, NO_COLOR: '1' };
}

/** Runs this very program with other arguments; its stderr is also shown as it comes. */
export async function runSelf(args: readonly string[]): Promise<RunResult> {
  const [node, program] = [process.execPath, process.argv[1]];
  if (program === undefined) throw new RollcallError('the path of rollcall is not known');
  const child = spawn(node, [...process.execArgv, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnvironment(),
  });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  const decoder = new StringDecoder('utf8');
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    err.push(chunk);
    process.stdout.write(decoder.write(chunk));
  });
  // A cancelled job interrupts us: let apply end its running step.
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
    return { code, stdout: text(out), stderr: text(err) };
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
  }
}

/**
 * Whatever is written meanwhile is text to the runner, never a workflow command: names and tags of an account are
 * other people's.
 */
export async function asText<T>(work: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n`);
  try {
    return await work();
  } finally {
    process.stdout.write(`\n::${token}::\n`);
  }
}
