import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a file of the package, from the source as well as from the bundle. */
export function packageFile(name: string): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return join(dir, name);
}

/** What `rollcall help TOPIC` can tell of: the pages of the docs. */
export const topics = (): string[] =>
  readdirSync(packageFile('docs'))
    .flatMap((name) => /^([a-z-]+)\.md$/.exec(name)?.[1] ?? [])
    .sort();
