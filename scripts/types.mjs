// Writes the declarations of the library into dist/ (or another directory, for tests), each in one file that needs no
// other package.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { library } from './bundle.mjs';

const root = resolve(import.meta.dirname, '..');
const outdir = process.argv[2] ?? join(root, 'dist');
const declarations = generateDtsBundle(
  Object.values(library).map((file) => ({
    filePath: join(root, file),
    output: { noBanner: true, exportReferencedTypes: false },
    libraries: { allowedTypesLibraries: [], importedLibraries: [] },
  })),
  { preferredConfigPath: join(root, 'tsconfig.json') },
);
for (const [index, name] of Object.keys(library).entries()) {
  await writeFile(join(outdir, `${name}.d.ts`), declarations[index]);
}
