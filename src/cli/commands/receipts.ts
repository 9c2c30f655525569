import type { Io } from '../../app/io.ts';
import { readReceipts, verifyReceipts } from '../../app/receipts/index.ts';
import type { Checked, StoredReceipt, Verification } from '../../app/receipts/index.ts';
import { readCaller } from '../../aws/read.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { Diagnostic, ExitCode } from '../../core/errors.ts';
import { plural, shownJson } from '../../core/text.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { showCalls } from './common.ts';

/** Lists the receipts of a directory, without any API call. */
export async function list(
  io: Io,
  options: GlobalOptions & { readonly receipts: string },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { receipts, diagnostics } = await readReceipts(options.receipts, io.cwd);
  if (options.json) {
    const listed = receipts.map((stored) => ({ ...about(stored), steps: stored.receipt.steps.length }));
    terminal.product(`${shownJson({ receipts: listed, diagnostics })}\n`);
  } else {
    terminal.diagnostics(diagnostics);
    for (const stored of receipts) {
      const { run, remaining, complete } = stored.receipt;
      const state = complete ? 'complete' : `not complete: ${plural(remaining.length, 'step')} left`;
      terminal.line(`${title(stored)}, ${state}, by ${run.by}`);
    }
    if (receipts.length === 0) terminal.info(`No receipts in ${options.receipts}.`);
  }
  return diagnostics.length > 0 ? exitCode.error : exitCode.done;
}

/** Checks that everybody whom the receipts are about is still gone. */
export async function verify(
  io: Io,
  options: GlobalOptions & { readonly receipts: string; readonly account?: string },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { receipts, diagnostics } = await readReceipts(options.receipts, io.cwd);
  const { account } = options;
  // A sandbox that is kept in a file needs the account that it holds.
  const likely = account ?? receipts.at(-1)?.receipt.account ?? '123456789012';
  return await onAccount(io, terminal, options, likely, async (aws) => {
    const caller = await readCaller(aws);
    if (account !== undefined && caller.account !== account) {
      throw new RollcallError(
        `these credentials are for account ${caller.account}, but --account is ${account}`,
        { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
      );
    }
    const verification = await verifyReceipts(receipts, aws, caller);
    report(terminal, options, verification, diagnostics);
    showCalls(terminal, options, aws);
    // A person who is back is more important than a broken file, and decides the exit code.
    if (verification.checked.some(({ verdict }) => verdict === 'back' || verdict === 'incomplete')) {
      return exitCode.pending;
    }
    return diagnostics.length > 0 ? exitCode.error : exitCode.done;
  });
}

function report(
  terminal: Terminal,
  options: GlobalOptions & { readonly receipts: string },
  verification: Verification,
  diagnostics: readonly Diagnostic[],
): void {
  const { account, checked, keysAsked, keysKnown } = verification;
  if (options.json) {
    const listed = checked.map(({ verdict, findings, keys, ...stored }) => ({
      ...about(stored),
      verdict,
      findings,
      keys,
    }));
    const counts = { accessKeys: { asked: keysAsked, known: keysKnown } };
    terminal.product(`${shownJson({ account, ...counts, receipts: listed, diagnostics })}\n`);
    return;
  }
  terminal.diagnostics(diagnostics);
  const { red, green, dim } = terminal.colors;
  const words = {
    gone: green('gone'),
    back: red('BACK'),
    incomplete: red('incomplete'),
    skipped: dim('skipped'),
  };
  for (const one of checked) {
    terminal.line(`${words[one.verdict]}  ${title(one)}`);
    for (const finding of one.findings) terminal.line(`  ${finding}`);
  }
  const count = (verdict: Checked['verdict']): number =>
    checked.filter((one) => one.verdict === verdict).length;
  const broken = new Set(diagnostics.map(({ at }) => at?.file)).size;
  terminal.line(
    `Account ${account}: ${[
      `${count('gone')} gone`,
      `${count('back')} back`,
      `${count('incomplete')} incomplete`,
      ...(count('skipped') > 0 ? [`${count('skipped')} of other accounts skipped`] : []),
      ...(broken > 0 ? [`${broken} not readable`] : []),
    ].join(', ')}; ${keysAsked} of ${plural(keysKnown, 'access key')} asked for.`,
  );
}

const about = ({ file, receipt }: StoredReceipt): object => ({
  file,
  account: receipt.account,
  user: receipt.user.name,
  userId: receipt.user.id,
  complete: receipt.complete,
  startedAt: receipt.run.startedAt,
});

const title = ({ file, receipt }: StoredReceipt): string =>
  `${receipt.run.startedAt.slice(0, 10)}  ${receipt.user.name} (${receipt.user.id})  ${file}`;
