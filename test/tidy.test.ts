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
