import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RollcallError } from '../core/errors.ts';

/**
 * The path of a file of the package, from the source as well as from the bundle.
 *
 * @param from where to begin to look upwards for the package.
 */
export function packageFile(name: string, from = dirname(fileURLToPath(import.meta.url))): string {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, 'package.json'))) return join(dir, name);
    if (dir !== dirname(dir)) continue;
    throw new RollcallError(`${name} of rollcall's package is not there: no package.json above ${from}`, {
      hint: 'install rollcall again, or run its file where it was installed',
    });
  }
}

/** What `rollcall help TOPIC` can tell of: the pages of the docs. */
export const topics = (): string[] =>
  readdirSync(packageFile('docs'))
    .flatMap((name) => /^([a-z-]+)\.md$/.exec(name)?.[1] ?? [])
    .sort();
