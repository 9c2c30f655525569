// Bundles the simulator into a temporary file and runs it there: TypeScript without a loader, in half a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const dir = mkdtempSync(join(tmpdir(), 'rollcall-sim-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const outfile = join(dir, 'sim.mjs');
await build({
  entryPoints: ['test/sim/main.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'inline',
  logLevel: 'warning',
  banner: {
    js: "import { createRequire as simRequire } from 'node:module'; const require = simRequire(import.meta.url);",
  },
});
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
