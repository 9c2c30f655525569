import type { Desired } from '../core/desired.ts';
import { RollcallError } from '../core/errors.ts';
import type { Diagnostic } from '../core/errors.ts';
import { loadManifests } from '../manifest/index.ts';
import type { LoadOptions } from '../manifest/index.ts';

/**
 * Reads the manifests.
 *
 * @throws RollcallError with all diagnostics if there is any error.
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
