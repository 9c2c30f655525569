// `import script from './page/script.ts?text'` is the file as it stands in a page: minified, and JavaScript. For esbuild,
// which bundles the command, and for vite, which runs the tests.
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

async function textOf(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'iife',
    minify: true,
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0].text.trim();
}

const suffix = /\?text$/;
const ending = '.page-text';

export const esbuildPlugin = {
  name: 'page-text',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: suffix }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(suffix, '')),
      namespace: 'page-text',
    }));
    onLoad({ filter: /./, namespace: 'page-text' }, async ({ path }) => ({
      contents: await textOf(path),
      loader: 'text',
    }));
  },
};

/** @type {import('vite').Plugin} */
export const vitePlugin = {
  name: 'page-text',
  enforce: 'pre',
  // A name of our own, that does not end as a style sheet's: other plugins keep away.
  resolveId: (source, importer) =>
    suffix.test(source) && importer ? `\0${join(dirname(importer), source).replace(suffix, ending)}` : null,
  load: async (id) =>
    id.startsWith('\0') && id.endsWith(ending)
      ? `export default ${JSON.stringify(await textOf(id.slice(1, -ending.length)))};`
      : null,
};
