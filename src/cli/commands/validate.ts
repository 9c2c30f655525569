import type { Io } from '../../app/io.ts';
import { exitCode } from '../../core/errors.ts';
import type { ExitCode } from '../../core/errors.ts';
import { plural, shownJson } from '../../core/text.ts';
import { loadManifests } from '../../manifest/index.ts';
import type { GlobalOptions } from '../options.ts';
import { Terminal } from '../terminal.ts';
import { countOf } from '../../kinds/index.ts';
import { namedKinds } from '../../kinds/sections.ts';
import { loading } from './common.ts';

export async function validate(io: Io, options: GlobalOptions): Promise<ExitCode> {
  const terminal = new Terminal(io, options);
  const { desired, diagnostics } = await loadManifests(options.manifests, loading(io));
  if (options.json) {
    terminal.product(`${shownJson({ valid: desired !== null, diagnostics })}\n`);
    return desired ? exitCode.done : exitCode.error;
  }
  terminal.diagnostics(diagnostics);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (!desired) {
    terminal.error(`${plural(errors, 'error')}, ${plural(diagnostics.length - errors, 'warning')}`);
    return exitCode.error;
  }
  const objects = namedKinds
    .map((kind) => ({ ...kind, size: kind.of(desired.state).size }))
    .filter(({ optIn, size }) => optIn !== true || size > 0)
    .map(({ name, size }) => countOf(size, name));
  terminal.product(`Valid: ${[`account ${desired.state.account}`, ...objects].join(', ')}.\n`);
  return exitCode.done;
}
