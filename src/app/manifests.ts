import type { Desired } from '../core/desired.ts';
import { RollcallError } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import { loadManifests } from '../manifest/index.ts';
import type { LoadOptions } from '../manifest/index.ts';

/**
 * The manifests, or all that is wrong with them at once.
 *
 * @throws RollcallError carrying the diagnostics.
 */
export async function requireManifests(
  dir: string,
  options: LoadOptions = {},
): Promise<{ desired: Desired; warnings: readonly Diagnostic[] }> {
  const { desired, diagnostics } = await loadManifests(dir, options);
  if (!desired) {
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    throw new RollcallError(`the manifests have ${errors} ${errors === 1 ? 'error' : 'errors'}`, {
      diagnostics,
    });
  }
  return { desired, warnings: diagnostics };
}
