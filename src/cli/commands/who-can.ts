import { checkRequest } from '../../app/access/request.ts';
import { whoCan as find } from '../../app/access/who-can.ts';
import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { whoCanOutline, whoCanRows, withNotes } from '../../render/who-can.ts';
import type { AskedOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { onAsked, printAnswer } from './asked.ts';

/** Everybody who may do something, and through which policies. Exit 0 whatever is found. */
export async function whoCan(
  io: Io,
  action: string,
  resource: string,
  options: AskedOptions,
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const request = { action, resource, context: options.context ?? {} };
  terminal.diagnostics(await checkRequest(request));
  await onAsked(io, terminal, options, (asked) => {
    const answer = withNotes(find(asked, request));
    printAnswer(terminal, options, answer, { outline: whoCanOutline, rows: whoCanRows });
  });
  return exitCode.done;
}
