// Which public escalations are named, and what is named in AWS's own policies: `npm run escalations -- CORPUS`, a folder with
// `escalation-paths.ndjson` (`{actions, sources}` a line) and `aws-managed-policies.ndjson.gz` (`{name, document}` a line).
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { format, resolveConfig } from 'prettier';

const [corpus] = process.argv.slice(2);
if (!corpus) throw new Error('usage: npm run escalations -- CORPUS');
const root = resolve(import.meta.dirname, '..');
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/access/dangers.ts')],
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});
const { dangersOf } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const codesOf = (document) => dangersOf(null, document).map(({ code }) => code);
const allow = (...actions) => ({
  Version: '2012-10-17',
  Statement: actions.map((Action) => ({ Effect: 'Allow', Action, Resource: '*' })),
});

/** Each set as it stands, each action in a statement of its own, and with wildcards for all services but IAM. */
const forms = {
  'as listed': (actions) => allow(actions),
  'each action in a statement of its own': (actions) => allow(...actions),
  'with wildcards of the services': (actions) =>
    allow(actions.map((one) => (/^iam:/i.test(one) ? one : one.replace(/:.*/, ':*')))),
};
const paths = lines(readFileSync(join(corpus, 'escalation-paths.ndjson'), 'utf8'));
const isNamed = (codes) => codes.some((code) => code.includes(':'));
const named = Object.fromEntries(
  Object.entries(forms).map(([form, of]) => [
    form,
    paths.filter(({ actions }) => isNamed(codesOf(of(actions)))).length,
  ]),
);
for (const { actions, sources } of paths)
  if (!isNamed(codesOf(allow(actions))))
    console.log(`not named: ${actions.join(', ')} (${sources.join(', ')})`);

const policies = lines(gunzipSync(readFileSync(join(corpus, 'aws-managed-policies.ndjson.gz'))).toString());
const flagged = policies.flatMap(({ name, document }) => {
  const dangers = codesOf(document);
  return dangers.length > 0 ? [{ name, dangers }] : [];
});

const out = join(root, 'docs/reliability');
const write = async (file, text, parser) => {
  const options = { ...(await resolveConfig(file)), ...parser, filepath: file };
  writeFileSync(file, await format(text, options));
};
await write(
  join(out, 'escalations.json'),
  JSON.stringify({ paths: paths.length, named, policies: policies.length, flagged: flagged.length }),
);
const rows = flagged.map(
  ({ name, dangers }) => `- **${name}**: ${dangers.map((code) => `\`${code}\``).join(', ')}`,
);
await write(
  join(out, 'escalations.md'),
  `# What AWS's own policies let their holder become

Made by \`npm run escalations\`. Of ${policies.length.toLocaleString('en-US')} policies that AWS manages, ${flagged.length} have one of the dangers that plans name
([plan-formats.md](../plan-formats.md#marks)), each with the actions that make it; the others have none. Whose finding each is,
says [\`src/access/escalations.ts\`](../../src/access/escalations.ts).

${rows.join('\n')}
`,
);
console.log(
  `${Object.entries(named)
    .map(([form, count]) => `${form}: ${count} of ${paths.length}`)
    .join('; ')}; ${flagged.length} of ${policies.length} policies of AWS`,
);
