import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** Which folders of src/ a folder may import (docs/decisions/layout.md). */
const may: { readonly [folder: string]: readonly string[] } = {
  core: [],
  policy: ['core'],
  kinds: ['policy', 'core'],
  manifest: ['kinds', 'policy', 'core'],
  plan: ['kinds', 'policy', 'core'],
  rails: ['kinds', 'policy', 'core'],
  aws: ['kinds', 'policy', 'core'],
  render: ['kinds', 'policy', 'core'],
  app: ['manifest', 'plan', 'rails', 'aws', 'render', 'kinds', 'policy', 'core', 'sandbox'],
  cli: ['app', 'manifest', 'plan', 'rails', 'aws', 'render', 'kinds', 'policy', 'core', 'sandbox'],
  sandbox: ['core'],
};

const root = resolve('src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const imports = files.flatMap((file) =>
  [...text(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
    from: file,
    to: relative(root, resolve(root, dirname(file), match[1]!)),
  })),
);

test('every folder of src has its place in the order', () => {
  expect(new Set(files.map((file) => file.split('/')[0]))).toEqual(new Set(Object.keys(may)));
  expect(imports.length).toBeGreaterThan(100);
});

test('imports go one way', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [source, target] = [from.split('/')[0]!, to.split('/')[0]!];
    return !to.startsWith('..') && source !== target && !may[source]!.includes(target);
  });
  expect(wrong).toEqual([]);
});

test('the sandbox is entered through its one door', () => {
  const around = imports.filter(
    ({ from, to }) => to.startsWith('sandbox/') && !from.startsWith('sandbox/') && to !== 'sandbox/index.ts',
  );
  expect(around).toEqual([]);
});

test('one module puts files in place', () => {
  const others = files.filter((file) => /\b(?:rename|renameSync|fsyncSync)\(|\.tmp\b/.test(text(file)));
  // The sandbox's log is appended to, not put in place.
  expect(others.filter((file) => file !== 'sandbox/store.ts')).toEqual(['core/durable.ts']);
});

test('no private registry is named in the lock file', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(
    /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/,
  );
});

/** What is compared or written without case, and is no name of an object in IAM. */
const otherCase: { readonly [file: string]: string } = {
  'core/names.ts': 'the names of objects: here and nowhere else',
  'core/recipient.ts': 'prefixes of keys, code points',
  'core/text.ts': 'typing errors, for suggestions alone',
  'kinds/user/offboard.ts': 'the word for the status of a key',
  'kinds/user/pins.ts': 'the word for the status of a key',
  'policy/canonical.ts': 'actions, condition operators and keys',
  'policy/cover.ts': 'condition operators',
  'policy/dangers.ts': 'actions, policy variables',
  'policy/grammar.ts': 'condition operators',
  'policy/merge.ts': 'condition operators',
  'policy/statement.ts': 'condition operators and keys',
  'manifest/expiry.ts': 'dates',
  'manifest/holders.ts': 'tag keys',
  'manifest/schema.ts': 'words of YAML, private keys',
  'manifest/yaml.ts': 'the first letter of a message',
  'manifest/write/to-manifest.ts': 'tag keys, the status of a key, bytes in hexadecimal',
  'manifest/write/layout.ts': 'names of files',
  'manifest/write/yaml.ts': 'words of YAML',
  'aws/permissions.ts': 'the first letter of a label',
  'app/receipts/trust.ts': 'condition keys',
  'app/setup/github.ts': 'words of YAML',
  'render/html-assets.ts': 'what somebody searches for in a page',
  'sandbox/authorize/authorize.ts': 'condition keys',
  'sandbox/authorize/conditions.ts': 'condition operators, keys and values',
  'sandbox/authorize/match.ts': 'actions, policy variables',
  'sandbox/engine.ts': 'media types',
  'sandbox/http/host.ts': 'network addresses',
  'sandbox/http/transport.ts': 'names of headers, bytes in hexadecimal',
  'sandbox/iam/documents.ts': 'bytes in hexadecimal',
  'sandbox/iam/grammar.ts': 'effects, condition operators',
  'sandbox/iam/policies/aws-documents.ts': 'the service that a policy of AWS is about',
  'sandbox/iam/roles/roles.ts': 'the title of a service',
  'sandbox/iam/tags.ts': 'tag keys',
  'sandbox/wire/decode.ts': 'fields of the protocol',
  'sandbox/wire/sigv4.ts': 'names of headers',
};

test('one place decides whether two names are the same, and no other compares them without case', () => {
  const folds =
    /\.to(?:Locale)?(?:Lower|Upper)Case\b|\.localeCompare\b|[^\s\\/]\/[dgmsuvy]*i[dgmsuvy]*(?=[,;)]|\.(?:test|exec)\b)/;
  const found = files.filter((file) => folds.test(readFileSync(join(root, file), 'utf8')));
  expect(found.sort()).toEqual(Object.keys(otherCase).sort());
});
