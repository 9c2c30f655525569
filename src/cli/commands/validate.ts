import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { loadManifests } from '../../manifest/index.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { loading } from './common.ts';

export async function validate(io: Io, options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { desired, diagnostics } = await loadManifests(options.manifests, loading(io));
  if (options.json) {
    terminal.product(`${shownJson({ valid: desired !== null, diagnostics })}\n`);
    return desired ? exitCode.done : exitCode.error;
  }
  terminal.diagnostics(diagnostics);
  const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (!desired) {
    terminal.error(`${count(errors, 'error')}, ${count(diagnostics.length - errors, 'warning')}`);
    return exitCode.error;
  }
  const { users, groups, policies, account } = desired.state;
  terminal.product(
    `Valid: account ${account}, ${count(users.size, 'user')}, ${count(groups.size, 'group')}, ${policies.size} ${policies.size === 1 ? 'policy' : 'policies'}.\n`,
  );
  return exitCode.done;
}
