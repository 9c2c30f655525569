#!/usr/bin/env node
import { guard, mistake } from './rim.ts';

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

guard(process.stdout, process.stderr);
// Node itself would write these around the rim.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`${mistake(error)}\n`);
    process.exit(1);
  });
}

const { run } = await import('./program.ts');
const code = await run(process.argv.slice(2));
process.exitCode = code;
// What is written gets out; then nothing that still waits keeps the process: a credential_process that hangs, a server
// that never answers.
for (const stream of [process.stdout, process.stderr]) await new Promise((done) => stream.write('', done));
process.exit(cut ? 1 : code);
