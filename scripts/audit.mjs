// `npm audit --json | node scripts/audit.mjs`: fails on known vulnerabilities of packages that the bundle holds. Those of
// development alone are told by Dependabot and stop no release.
import { readFileSync } from 'node:fs';
import { bundle, packagesIn } from './bundle.mjs';

const { vulnerabilities, error, message } = JSON.parse(readFileSync(0, 'utf8'));
// No answer is not a clean one.
if (!vulnerabilities) throw new Error(`no audit: ${error?.summary || message || 'npm audit said nothing'}`);
const { metafile } = await bundle({ outdir: 'dist', write: false });
const packages = packagesIn(metafile);
const shipped = new Set(packages.map(({ path }) => path));
const found = Object.values(vulnerabilities).filter(({ nodes }) => nodes.some((path) => shipped.has(path)));
for (const { name, severity, range } of found) console.error(`${severity}: ${name} ${range}`);
if (found.length > 0) process.exitCode = 1;
else console.log(`nothing known against the ${packages.length} packages in the bundle`);
