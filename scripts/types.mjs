// Writes the declarations of the library into dist/ (or another directory, for tests), each in one file that needs no
// other package.
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateDtsBundle } from 'dts-bundle-generator';
import { library } from './bundle.mjs';

const root = resolve(import.meta.dirname, '..');
const outdir = process.argv[2] ?? join(root, 'dist');
// The last one says what imports with `?text` are; it becomes nothing.
const files = [...library.map((name) => `src/lib/${name}.ts`), 'src/render/page/text.d.ts'];
const declarations = generateDtsBundle(
  files.map((file) => ({
    filePath: join(root, file),
    output: { noBanner: true, exportReferencedTypes: false },
    libraries: { allowedTypesLibraries: [], importedLibraries: [] },
  })),
  { preferredConfigPath: join(root, 'tsconfig.json') },
);
for (const [index, name] of library.entries()) {
  await writeFile(join(outdir, `${name}.d.ts`), declarations[index]);
}
