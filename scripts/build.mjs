// Bundles the command into dist/ (or another directory, for tests): one small entry, and chunks that load only when
// a command needs them.
import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';
await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { rollcall: 'src/cli/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  legalComments: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
  // Bundled CommonJS packages still call require for Node's own modules.
  banner: {
    js: "import { createRequire as rollcallRequire } from 'node:module'; const require = rollcallRequire(import.meta.url);",
  },
});
await chmod(`${outdir}/rollcall.js`, 0o755);
