// Bundles the trials of effective access into a temporary file and runs it there, as scripts/sim.mjs does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { settings } from './bundle.mjs';

const dir = mkdtempSync(join(tmpdir(), 'rollcall-access-'));
process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
const outfile = join(dir, 'access.mjs');
await build({ ...settings, entryPoints: ['test/access/main.ts'], outfile, sourcemap: 'inline' });
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
