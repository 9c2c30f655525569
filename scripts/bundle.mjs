// How sources become what is shipped, and which packages end up in it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { compiledPlugin } from './compiled.mjs';
import { esbuildPlugin as pageText } from './page-text.mjs';
import { esbuildPlugin as serviceData } from './service-data.mjs';

const root = resolve(import.meta.dirname, '..');

/** Commander can start programs as its commands. None of ours is one, so Node's module for that is not loaded. */
const noChildren = {
  name: 'no-children',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]commander[\\/]/.test(importer)
        ? { path: 'child_process', namespace: 'no-children' }
        : null,
    );
    onLoad({ filter: /./, namespace: 'no-children' }, () => ({ contents: 'module.exports = {};' }));
  },
};

/** What every bundle of these sources needs. */
export const settings = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  plugins: [pageText, serviceData, compiledPlugin, noChildren],
  // ES modules where a package has both: what is not used is left out, and what is used is parsed once.
  mainFields: ['module', 'main'],
  alias: { yaml: './node_modules/yaml/browser/dist/index.js' },
  // On Node 20 the SDK warns that its next versions need 22. That is for whoever builds the bundle and not for whoever
  // runs it: the SDK inside stays as it is. test/supply fails once a package in the bundle no longer allows Node 20.19.
  define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  // Bundled CommonJS packages still call require for Node's own modules, and for nothing else.
  banner: { js: 'const require = process.getBuiltinModule;' },
};

/** The library: `rollcall/NAME` to others. */
export const library = {
  sandbox: 'src/lib/sandbox.ts',
  policy: 'src/lib/policy.ts',
  plan: 'src/lib/plan.ts',
};

/** Bundles the command and the library: small entries, and chunks that load only when something needs them. */
export const bundle = (options) =>
  build({
    ...settings,
    entryPoints: { rollcall: 'src/cli/main.ts', ...library },
    splitting: true,
    minifySyntax: true,
    // Less to read and to parse at each start. Names stay, since errors of our own are reported with their stacks.
    minifyWhitespace: true,
    // THIRD_PARTY_NOTICES.txt has them all.
    legalComments: 'none',
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
    ...options,
  });

const allowed = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/** `(MIT OR GPL-3.0)` is fine, `MIT AND GPL-3.0` is not. Parentheses within are for a person to look at. */
export const fits = (licence) =>
  licence
    .replace(/^\((.*)\)$/, '$1')
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((one) => allowed.has(one.trim())));

/**
 * The packages that a bundle holds code of, in text order, each with its licence's text.
 *
 * Throws for a licence that is not allowed, and for a package that comes without its text.
 */
export function packagesIn({ inputs }) {
  const dirs = new Set();
  for (const file of Object.keys(inputs)) {
    // The innermost one: a package may bring packages of its own.
    const dir = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file);
    if (dir) dirs.add(dir[0]);
  }
  const packages = [...dirs].map((dir) => {
    const about = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
    const texts = readdirSync(join(root, dir))
      .filter((file) => /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(file))
      .sort()
      .map((file) => readFileSync(join(root, dir, file), 'utf8').trim());
    return {
      path: dir,
      name: about.name,
      version: about.version,
      licence: about.license?.type ?? about.license ?? 'none',
      repository: about.repository?.url,
      node: about.engines?.node ?? '*',
      text: texts.join('\n\n'),
    };
  });
  for (const one of packages) {
    // Some of a monorepo's packages come without the text that their siblings have.
    one.text ||=
      packages.find(
        ({ text, repository, licence }) =>
          text !== '' && repository === one.repository && licence === one.licence,
      )?.text ?? '';
  }
  const refused = packages.filter(({ licence, text }) => !fits(licence) || text === '');
  if (refused.length > 0) {
    const list = refused.map(({ name, licence, text }) =>
      text === '' ? `${name} (no licence text)` : `${name} (${licence})`,
    );
    throw new Error(`not allowed in the bundle: ${list.join(', ')}`);
  }
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What their licences ask for: each text, once for all the packages that have it. */
export function notices(packages) {
  const users = new Map();
  for (const { name, version, licence, text } of packages) {
    users.set(text, [...(users.get(text) ?? []), `${name} ${version} (${licence})`]);
  }
  const line = '='.repeat(80);
  const parts = [...users].map(([text, names]) => `${line}\n${names.join('\n')}\n${line}\n\n${text}\n`);
  return `rollcall contains the following packages.\n\n${parts.join('\n')}`;
}
