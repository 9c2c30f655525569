// Writes the declarations of the library into dist/ (or another directory, for tests), each in one file that needs no
// other package.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { library } from './bundle.mjs';

const root = resolve(import.meta.dirname, '..');
const outdir = process.argv[2] ?? join(root, 'dist');
const declarations = generateDtsBundle(
  library.map((name) => ({
    filePath: join(root, `src/lib/${name}.ts`),
    output: { noBanner: true, exportReferencedTypes: false },
    libraries: { allowedTypesLibraries: [], importedLibraries: [] },
  })),
  { preferredConfigPath: join(root, 'tsconfig.json') },
);
for (const [index, name] of library.entries()) {
  await writeFile(join(outdir, `${name}.d.ts`), declarations[index]);
}
