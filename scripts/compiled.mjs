// A `compiled.ts` is run when the bundle is made, and the bundle holds what it exports: validators as the code that ajv
// writes for them, anything else as data. So a process that starts compiles no schema, and loads neither ajv nor what
// schemas are made of. Where the sources run as they are, in tests, so does a `compiled.ts`.
import { dirname, join, relative, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { _ } from 'ajv/dist/compile/codegen/index.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, transform } from 'esbuild';

const core = resolve(import.meta.dirname, '../src/core');

/** What a module of the sources exports. */
async function run(path) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

/**
 * The code of a validator, as a module of its own: its names are not those of another, and short ones serve, since nobody
 * sees them in a stack.
 */
async function codeOfValidator({ schema, options }) {
  const ajv = new Ajv2020({ ...options, code: { source: true, esm: true, formats: _`formats` } });
  const { code } = await transform(
    `import { formats } from ${JSON.stringify(join(core, 'formats.ts'))};
    ${standaloneCode(ajv, ajv.compile(schema))}`,
    { format: 'esm', minifyIdentifiers: true, minifySyntax: true },
  );
  return code;
}

/** @param {Map<string, object>} validators takes those that the value holds, by the name that its code has for each. */
function codeOf(value, name, validators) {
  if (typeof value === 'function') {
    validators.set(name, value);
    return `(value) => (${name}(value) ? [] : ${name}.errors)`;
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(
    ([key, field]) => `${JSON.stringify(key)}: ${codeOf(field, `${name}_${key}`, validators)}`,
  );
  return `{ ${fields.join(', ')} }`;
}

/** For esbuild. */
export const compiledPlugin = {
  name: 'compiled',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /[\\/]compiled\.ts$/ }, async ({ path }) => {
      const validators = new Map();
      const exports = Object.entries(await run(path)).map(
        ([name, value]) => `export const ${name} = ${codeOf(value, `${name}_`, validators)};`,
      );
      const imports = [...validators.keys()].map(
        (name) => `import { validate as ${name} } from 'validator:${name}';`,
      );
      return {
        contents: [...imports, ...exports].join('\n'),
        resolveDir: dirname(path),
        pluginData: validators,
      };
    });
    onResolve({ filter: /^validator:/ }, ({ path, importer, pluginData }) => ({
      // Stands in the bundle, which is the same wherever it is made.
      path: `${relative(core, importer)}:${path}`,
      namespace: 'validator',
      pluginData,
    }));
    onLoad({ filter: /./, namespace: 'validator' }, async ({ path, pluginData }) => ({
      contents: await codeOfValidator(pluginData.get(path.split(':').at(-1))),
      resolveDir: core,
    }));
  },
};
