#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import type { Output } from '../app/io.ts';
import { eventLine, wantsEvents } from './events.ts';
import { mistake, rim } from './rim.ts';

const argv = process.argv.slice(2);

// rollcall writes to its streams alone. What libraries write to the console, as the SDK does where it doubts a setting,
// would stand before the error that says what is wrong and what to do.
for (const method of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) console[method] = () => {};

// Of a large account most of the heap is garbage, and V8 would sooner take more memory than collect it (bench/README.md).
setFlagsFromString('--heap-growing-percent=50');

// The reader of our output may close it: an apply goes on, and it is no error. A full disk is one.
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

/**
 * A run writes through `rim` itself. Others that write to the same stream, such as Node with its warnings, get it
 * here.
 */
function output(stream: NodeJS.WriteStream & { readonly fd: number }): Output {
  const write = stream.write.bind(stream) as (chunk: string, ...rest: unknown[]) => boolean;
  const asEvents = stream === process.stderr && wantsEvents(argv);
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    if (!asEvents || text === '') return write(rim(text), ...rest);
    return write(eventLine({ type: 'message', level: 'warning', text: text.trimEnd() }, new Date()), ...rest);
  };
  return {
    write: (text) => void write(text),
    isTTY: stream.isTTY,
    get columns() {
      return stream.columns;
    },
  };
}
const [stdout, stderr] = [output(process.stdout), output(process.stderr)];

// Node would write these itself, without `rim`.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${mistake(error)}\n`);
    process.exit(1);
  });
}

const { run } = await import('./program.ts');
const code = await run(argv, {
  // Opened only when a question is asked: until then a closed stdin does not matter.
  get stdin() {
    return process.stdin;
  },
  stdout,
  stderr,
  env: process.env,
  cwd: process.cwd(),
  now: () => new Date(),
  network: {},
  every(ms, tick) {
    const timer = setInterval(tick, ms).unref();
    return () => clearInterval(timer);
  },
  onInterrupt(listener) {
    process.on('SIGINT', listener).on('SIGTERM', listener);
    return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
  },
});
process.exitCode = code;
// Lets all output be written, then exits although something may still be waiting: a credential_process that
// hangs, or a server that never answers.
for (const stream of [process.stdout, process.stderr]) {
  // An empty write is an error too where the disk is full: nothing is written where nothing waits.
  await new Promise((done) => (stream.writableLength > 0 ? stream.write('', done) : setImmediate(done)));
}
process.exit(cut ? 1 : code);
