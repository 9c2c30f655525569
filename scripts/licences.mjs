// Licences of everything that the published package brings along. Fails on any that is not on the list.
import { readFileSync } from 'node:fs';

const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** `(MIT OR GPL-3.0)` is fine, `MIT AND GPL-3.0` is not. */
const fits = (licence) =>
  licence
    .replace(/[()]/g, '')
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((one) => allowed.has(one.trim())));

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const rows = [];
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev === true) continue;
  // What is installed says what is used; optional packages of other platforms are not here.
  let manifest = entry;
  try {
    manifest = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'));
  } catch {
    if (entry.optional !== true) throw new Error(`${path} is not installed: run npm ci`);
  }
  const { license } = manifest;
  const licence = typeof license === 'string' ? license : (license?.type ?? entry.license ?? 'none');
  rows.push({ name: path.replace(/^.*node_modules\//, ''), version: entry.version, licence });
}
rows.sort((a, b) => (a.name < b.name ? -1 : 1));

if (process.argv.includes('--json')) console.log(JSON.stringify(rows, null, 2));
else for (const { name, version, licence } of rows) console.log(`${licence.padEnd(14)} ${name}@${version}`);

const refused = rows.filter(({ licence }) => !fits(licence));
if (refused.length > 0) {
  console.error(`not allowed: ${refused.map(({ name, licence }) => `${name} (${licence})`).join(', ')}`);
  process.exitCode = 1;
}
