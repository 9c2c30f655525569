import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

const markdown = (directory: string): string[] =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(directory, name));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'bench', '.github'].flatMap(markdown),
  ...readdirSync(join(root, 'test'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'test', entry.name, 'README.md')))
    .map((entry) => join('test', entry.name, 'README.md')),
];

/** A page without what is code: no link there is one, and no `#` a heading. */
const prose = (file: string): string =>
  text(file)
    .replace(/^( *)(`{3,})[^`\n]*\n.*?^ *\2`*$/gms, '')
    .replace(/(`+)(?!`).*?[^`]\1(?!`)/gs, (code) => code.replace(/[[\]()#<>]/g, ' '));

/** The ids that GitHub gives to headings, and those that a page gives itself. */
const anchors = (file: string): Set<string> => {
  const ids = new Set([...prose(file).matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!));
  for (const [, heading] of prose(file).matchAll(/^#{1,6} +(.*)$/gm)) {
    const id = heading!
      .toLowerCase()
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = id;
    for (let count = 1; ids.has(unique); count += 1) unique = `${id}-${count}`;
    ids.add(unique);
  }
  return ids;
};

const links = pages.flatMap((page) =>
  [...prose(page).matchAll(/\]\(\s*([^()\s]+)\s*\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => ({ page, link })),
);

test('the index of the docs names every page', () => {
  const listed = new Set(
    links.filter(({ page }) => page === 'docs/README.md').map(({ link }) => link.replace(/#.*/, '')),
  );
  const there = readdirSync(join(root, 'docs')).filter(
    (name) => name.endsWith('.md') && name !== 'README.md',
  );
  expect(there.filter((name) => !listed.has(name))).toEqual([]);
});

test('the index of the decisions names every decision', () => {
  const listed = links.filter(({ page }) => page === 'docs/decisions/README.md').map(({ link }) => link);
  const there = readdirSync(join(root, 'docs/decisions')).filter((name) => name !== 'README.md');
  expect(listed.sort()).toEqual(there.sort());
});

test('every link between pages leads somewhere', () => {
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ page, link }) => {
    const [path = '', anchor] = link.split('#', 2);
    const target = path === '' ? page : relative(root, resolve(root, dirname(page), path));
    if (target.startsWith('..') || !existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchors(target).has(anchor);
  });
  expect(broken).toEqual([]);
});

test('every file that the map and the rules of contributing name is there', () => {
  const named = ['ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap((page) =>
    [...text(page).matchAll(/`((?:src|test|scripts|schemas|docs)\/[\w./-]*)`/g)].map(([, path]) => path!),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the changelog has what is not released yet, and a date for each version', () => {
  const [first, ...released] = [...text('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(
    ([, heading]) => heading!,
  );
  expect(first).toBe('Unreleased');
  expect(released.filter((heading) => !/^\d+\.\d+\.\d+ \(\d{4}-\d\d-\d\d\)$/.test(heading))).toEqual([]);
  const { version } = JSON.parse(text('package.json')) as { version: string };
  expect(released.map((heading) => heading.split(' ')[0])).toContain(version);
});
