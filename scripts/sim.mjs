// Bundles the simulator into a temporary file and runs it there: TypeScript without a loader, in half a second.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { settings } from './bundle.mjs';

const dir = mkdtempSync(join(tmpdir(), 'rollcall-sim-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const outfile = join(dir, 'sim.mjs');
await build({ ...settings, entryPoints: ['test/sim/main.ts'], outfile, sourcemap: 'inline' });
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
