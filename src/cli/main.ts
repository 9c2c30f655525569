#!/usr/bin/env node
import { isatty } from 'node:tty';
import type { Output } from '../app/io.ts';
import { mistake, rim } from './rim.ts';

// Whoever reads our output may stop reading: an apply goes on, and nobody needs to be told. A full disk is an error.
let cut = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (!cut && stream === process.stdout)
      process.stderr.write(`error: cannot write the output (${error.code})\n`);
    cut = true;
    process.exitCode = 1;
  });
}

/** What a run writes to has its own rim; what others write to the same stream, such as Node its warnings, gets it here. */
function output(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  const write = stream.write.bind(stream) as (chunk: string, ...rest: unknown[]) => boolean;
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean =>
    write(rim(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')), ...rest);
  return {
    write: (text) => void write(text),
    isTTY: isatty(stream.fd),
    get columns() {
      return stream.columns;
    },
  };
}
const [stdout, stderr] = [output(process.stdout), output(process.stderr)];

// Node itself would write these around the rim.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${mistake(error)}\n`);
    process.exit(1);
  });
}

const { run } = await import('./program.ts');
const code = await run(process.argv.slice(2), {
  // Opened when somebody is asked: a closed stdin is no error before.
  get stdin() {
    return Object.assign(process.stdin, { isTTY: isatty(0) });
  },
  stdout,
  stderr,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  network: {},
  onInterrupt(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener);
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
  },
});
process.exitCode = code;
// What is written gets out; then nothing that still waits keeps the process: a credential_process that hangs, a server
// that never answers.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(cut ? 1 : code);
