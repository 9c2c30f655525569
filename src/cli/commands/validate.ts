import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { shownJson } from '../../core/text.ts';
import { loadManifests } from '../../manifest/index.ts';
import type { GlobalOptions } from '../program.ts';
import { Terminal } from '../terminal.ts';

export async function validate(options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(options);
  const { desired, diagnostics } = await loadManifests(options.manifests);
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
