import { exportAccount } from '../../app/export/index.ts';
import type { Io } from '../../app/io.ts';
import { pinAccount } from '../../app/session.ts';
import { readCaller } from '../../aws/read.ts';
import { exitCode, RollcallError } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { loadManifests } from '../../manifest/index.ts';
import type { GlobalOptions } from '../options.ts';
import { onAccount } from '../progress.ts';
import { Terminal } from '../terminal.ts';
import { loading, noteReport, showCalls } from './common.ts';

/** Prints the account as it is. Manifests only say which account it must be, where there are some that can be used. */
export async function exportLive(
  io: Io,
  wanted: readonly string[],
  options: GlobalOptions & { readonly account?: string },
): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { account } = options;
  const { desired } =
    account === undefined
      ? await loadManifests(options.manifests, { ...loading(io), allowEmpty: true })
      : { desired: undefined };
  const likely = account ?? desired?.state.account ?? '123456789012';
  return await onAccount(io, terminal, options, likely, async (aws) => {
    const caller = desired ? await pinAccount(desired, aws) : await readCaller(aws);
    if (account !== undefined && caller.account !== account) {
      throw new RollcallError(
        `these credentials are for account ${caller.account}, but --account is ${account}`,
        { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
      );
    }
    const exported = await exportAccount(aws, caller, wanted);
    terminal.product(`${shownJson(exported)}\n`);
    noteReport(terminal, exported.reportedAt ? new Date(exported.reportedAt) : null, aws);
    showCalls(terminal, options, aws);
    return exitCode.done;
  });
}
