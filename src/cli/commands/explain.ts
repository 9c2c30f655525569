import { explainAccess } from '../../app/access/explain.ts';
import { checkRequest } from '../../app/access/request.ts';
import { whoIs } from '../../app/access/who.ts';
import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { explanationOutline, explanationRows, explanationWithNotes } from '../../render/explanation.ts';
import type { AskedOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { onAsked, printAnswer } from './asked.ts';

/** What a user or role may do, or what becomes of a request of theirs, and why. Exit 0 whatever that is. */
export async function explain(
  io: Io,
  who: string,
  action: string | undefined,
  resource: string,
  options: AskedOptions,
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const request = { action: action ?? '*', resource, context: options.context ?? {} };
  terminal.diagnostics(await checkRequest(request));
  await onAsked(io, terminal, options, async (asked, aws) => {
    const about = { request, whole: action === undefined };
    const answer = explanationWithNotes(await explainAccess(whoIs(who, asked), about, asked, aws));
    const outline = (one: typeof answer) => explanationOutline(one, io.now());
    printAnswer(terminal, options, answer, { outline, rows: explanationRows });
  });
  return exitCode.done;
}
