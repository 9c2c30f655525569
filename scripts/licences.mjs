// Licences of every package in the bundle (`--json`: all that is known of them). Fails on any that is not allowed.
import { bundle, packagesIn } from './bundle.mjs';

const { metafile } = await bundle({ outdir: 'dist', write: false });
const packages = packagesIn(metafile);
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(packages.map(({ text: _text, ...one }) => one)));
} else {
  for (const { name, version, licence } of packages) console.log(`${licence.padEnd(14)} ${name}@${version}`);
}
