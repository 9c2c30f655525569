import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { kinds } from '../src/kinds/index.ts';
import { exportsOf, functionsOf, importsOf, parseSource, readSource, readSources } from './support/source.ts';
import type { Node, SourceFile } from './support/source.ts';

/** Which folders of src/ a folder may import (ARCHITECTURE.md, docs/decisions/layout.md). */
const may: { readonly [folder: string]: readonly string[] } = {
  core: [],
  policy: ['core'],
  access: ['policy', 'core'],
  kinds: ['access', 'policy', 'core'],
  manifest: ['kinds', 'access', 'policy', 'core'],
  plan: ['kinds', 'access', 'policy', 'core'],
  rails: ['kinds', 'access', 'policy', 'core'],
  aws: ['kinds', 'access', 'policy', 'core'],
  render: ['kinds', 'access', 'policy', 'core'],
  app: ['manifest', 'plan', 'rails', 'aws', 'render', 'kinds', 'access', 'policy', 'core', 'sandbox'],
  cli: ['app', 'manifest', 'plan', 'rails', 'aws', 'render', 'kinds', 'access', 'policy', 'core', 'sandbox'],
  lib: ['app', 'manifest', 'plan', 'rails', 'aws', 'render', 'kinds', 'access', 'policy', 'core', 'sandbox'],
  sandbox: ['core'],
};

const root = resolve('src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /(?<!\.d)\.ts$/.test(file),
);
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const imports = files.flatMap((file) =>
  [...text(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
    from: file,
    to: relative(root, resolve(root, dirname(file), match[1]!)),
  })),
);

test('ARCHITECTURE.md has the folders and what they may import as it is', () => {
  const rows = readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| `(\w+)` +\|[^|]*\| ([^|]*?) +\|$/gm);
  const folders = [...rows].map(([, folder, list]) => [
    folder,
    [...list!.matchAll(/`(\w+)`/g)].map(([, to]) => to),
  ]);
  expect(Object.fromEntries(folders)).toEqual(may);
});

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

test('the name of a test file says which command runs it, and each is run by one', () => {
  const list = ['node_modules/vitest/vitest.mjs', 'list', '--filesOnly', '--json'];
  const runs = JSON.parse(execFileSync(process.execPath, list, { encoding: 'utf8' })) as {
    file: string;
    projectName: string;
  }[];
  const all = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:test|spec)\.\w+$/.test(file))
    .map((file) => [file.endsWith('.deep.test.ts') ? 'deep' : 'quick', join('test', file)]);
  expect(all.length).toBeGreaterThan(100);
  expect(runs.map(({ file, projectName }) => [projectName, relative('.', file)]).sort()).toEqual(all.sort());
});

/** What may look at the process that it runs in. Everything else is given streams, environment, clock and directory. */
const ofTheProcess: { readonly [file: string]: string } = {
  'cli/main.ts': 'the program begins here: it hands the process over as Io',
  'lib/plan.ts': 'a program that calls it has one environment: its own',
  'app/lock.ts': 'the lock says which process holds it',
  'app/process-id.ts': 'whether the process that holds the lock still runs',
  'app/delivery/plain-file.ts': 'what files the system has, and whose they are',
  'core/builtin.ts': 'what Node brings, which is the same for every run',
  'core/durable.ts': 'what files the system has',
  'core/process.ts': 'whether a process that holds a lock still runs',
  'sandbox/store.ts': 'the lock of a file says which process holds it, and goes with that',
};

test('a run looks at nothing of the process that it was not given', () => {
  const found = files.filter((file) =>
    /\bprocess\.(?!\s)\w|\bconsole\.(?:log|error|warn)\b/.test(text(file)),
  );
  expect(found.sort()).toEqual(Object.keys(ofTheProcess).sort());
});

/** Files that a test file loads, with those that these load. */
function loads(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, to] of readFileSync(file, 'utf8').matchAll(/^import (?!type\b)[^;]*?'(\.[^']+\.ts)'/gm))
    loads(join(dirname(file), to!), seen);
  return seen;
}

test('no test of npm test starts the command in a process: it needs no build, and takes no time for one', () => {
  const quick = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.deep.test.ts'))
    .map((file) => join('test', file));
  expect(loads('test/cli/process.deep.test.ts')).toContain('test/support/process.ts');
  expect(quick.filter((file) => loads(file).has('test/support/process.ts'))).toEqual([]);
});

test('no private registry is named in the lock file', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(
    /"resolved": "(?!https:\/\/registry\.npmjs\.org\/)/,
  );
});

/** What is compared or written without case, and is no name of an object in IAM. */
const otherCase: { readonly [file: string]: string } = {
  'app/import/from/iambic.ts': 'names of accounts, elements of IAMbic',
  'core/expiry.ts': 'dates',
  'core/policy-grammar/condition.ts': 'condition operators, schemes of addresses',
  'core/policy-grammar/date.ts': 'the T and Z of dates',
  'core/policy-grammar/statement.ts': 'effects',
  'core/policy-grammar/trust.ts': 'condition operators and keys',
  'core/names.ts': 'the names of objects: here and nowhere else',
  'core/recipient.ts': 'prefixes of keys, code points',
  'core/text.ts': 'typing errors, for suggestions alone',
  'kinds/role/revocation.ts': 'condition keys',
  'kinds/role/trust-forms.ts': 'condition operators and keys',
  'kinds/user/words.ts': 'the word for the status of a key',
  'kinds/reading/identities.ts': 'tag keys',
  'kinds/to-manifest.ts': 'tag keys',
  'kinds/user/to-manifest.ts': 'the status of a key',
  'policy/canonical.ts': 'actions, condition operators and keys',
  'access/dangers.ts': 'actions, policy variables',
  'policy/grammar/words.ts': 'schemes of addresses',
  'policy/conditions.ts': 'condition operators',
  'policy/fill.ts': 'condition keys',
  'policy/hints/actions.ts': 'services',
  'policy/hints/conditions.ts': 'services, condition keys',
  'policy/hints/run.ts': 'actions',
  'policy/hints/services.ts': 'actions',
  'policy/hints/values.ts': 'condition operators, true and false',
  'policy/holds.ts': 'condition keys and values',
  'policy/merge.ts': 'condition operators',
  'policy/statement.ts': 'condition operators and keys',
  'policy/trust/nobody.ts': 'condition keys',
  'manifest/schema.ts': 'words of YAML, private keys',
  'manifest/yaml.ts': 'the first letter of a message',
  'manifest/write/documents.ts': 'bytes in hexadecimal',
  'manifest/write/layout.ts': 'names of files',
  'kinds/oidc-provider/live.ts': 'hexadecimal digits',
  'kinds/oidc-provider/manifest.ts': 'names of hosts, hexadecimal digits',
  'manifest/write/yaml.ts': 'words of YAML',
  'aws/environment.ts': 'names of variables',
  'aws/permissions.ts': 'the first letter of a label',
  'access/ask.ts': 'condition and tag keys',
  'access/clauses.ts': 'condition operators and keys',
  'app/setup/github.ts': 'words of YAML',
  'render/explanation.ts': 'the status of a key',
  'render/page/script.ts': 'what somebody searches for in a page',
  'sandbox/authorize/values.ts': 'condition keys',
  'sandbox/authorize/conditions.ts': 'condition operators, keys and values',
  'sandbox/authorize/match.ts': 'actions, policy variables',
  'sandbox/wire/request.ts': 'media types',
  'sandbox/http/host.ts': 'network addresses',
  'sandbox/http/transport.ts': 'names of headers, bytes in hexadecimal',
  'sandbox/iam/policies/aws-documents.ts': 'the service that a policy of AWS is about',
  'sandbox/iam/simulation/inputs.ts': 'condition keys',
  'sandbox/iam/simulation/simulate.ts': 'condition keys',
  'sandbox/iam/roles/service-roles.ts': 'the title of a service',
  'sandbox/iam/tags.ts': 'tag keys',
  'sandbox/sts/web-identity.ts': 'condition keys',
  'sandbox/wire/decode.ts': 'fields of the protocol',
  'sandbox/wire/sigv4.ts': 'names of headers',
};

test('one place decides whether two names are the same, and no other compares them without case', () => {
  const folds =
    /\.to(?:Locale)?(?:Lower|Upper)Case\b|\.localeCompare\b|[^\s\\/]\/[dgmsuvy]*i[dgmsuvy]*(?=[,;)]|\.(?:test|exec)\b)/;
  const found = files.filter((file) => folds.test(readFileSync(join(root, file), 'utf8')));
  expect(found.sort()).toEqual(Object.keys(otherCase).sort());
});

const source = files.map((file) => readSource(`src/${file}`));
const others = ['test', 'bench', 'scripts'].flatMap(readSources);
const allImports = [...source, ...others].flatMap(importsOf);

/** What the build takes as the beginning of a program or of the library: everything that such a file exports is used. */
const entries = new Set(
  [...readFileSync('scripts/bundle.mjs', 'utf8').matchAll(/src\/[\w./-]+\.ts/g)].map(([file]) => file),
);

test('every file is imported by another, or is where a program begins', () => {
  const imported = new Set(allImports.filter(({ from, to }) => from !== to).map(({ to }) => to));
  expect(entries.size).toBeGreaterThan(0);
  expect(source.map(({ path }) => path).filter((path) => !imported.has(path) && !entries.has(path))).toEqual(
    [],
  );
});

/** Exported for tests alone, and why they need it. */
const forTests: { readonly [name: string]: string } = {
  'src/app/delivery/index.ts DeliveryOptions': 'types of a helper',
  'src/app/export/schema.ts exportSchema': 'what is written is held to it',
  'src/app/github/job.ts summaryBytes': "GitHub's limit is held to the byte",
  'src/app/lock.ts LockOptions': 'types of a helper',
  'src/app/receipts/index.ts Receipt': 'types of a helper',
  'src/aws/permissions.ts Policy': 'types of a helper',
  'src/aws/permissions.ts applyOperations': 'held to what the commands call',
  'src/aws/permissions.ts planOperations': 'held to what the commands call',
  'src/cli/event-schema.ts eventSchema': 'what is written is held to it',
  'src/kinds/access-answer.ts explanationSchema': 'what is written is held to it',
  'src/kinds/access-answer.ts whoCanSchema': 'what is written is held to it',
  'src/kinds/role/trust-forms.ts GithubForm': 'a form is written and read back',
  'src/manifest/edit/index.ts Target': 'types of a helper',
  'src/manifest/schema-parts.ts publishedSchema': 'what is written is held to it',
  'src/manifest/write/index.ts layouts': 'every layout is imported in both ways',
  'src/policy/index.ts Comparison': 'types of a helper',
  'src/policy/index.ts DiffLine': 'types of a helper',
  'src/policy/index.ts pretty': 'diffs are compared with it',
  'src/sandbox/http/server.ts HttpFront': 'types of a helper',
  'src/sandbox/index.ts Iam': 'tests drive the sandbox in this process',
  'src/sandbox/index.ts OpInput': 'tests drive the sandbox in this process',
  'src/sandbox/index.ts OpName': 'tests drive the sandbox in this process',
  'src/sandbox/index.ts Sandbox': 'tests drive the sandbox in this process',
  'src/sandbox/index.ts State': 'tests drive the sandbox in this process',
  'src/sandbox/index.ts createIam': 'tests drive the sandbox in this process',
  'src/sandbox/wire/decode.ts patternOf': 'what errors tell is held to the service model',
};

/** What roles are about to use. */
const awaited =
  /^src\/(?:kinds\/pipeline\.ts pipelineProviders|core\/state\.ts (?:InstanceProfile|OidcProvider|SamlProvider))/;

test('every export is used by another file', () => {
  const users = new Map<string, Set<string>>();
  for (const { from, to, names } of allImports) {
    for (const name of names) {
      const key = `${to} ${name}`;
      users.set(key, (users.get(key) ?? new Set()).add(from.split('/')[0]!));
    }
  }
  const dead: string[] = [];
  const tested: string[] = [];
  for (const file of source.filter(({ path }) => !entries.has(path))) {
    for (const name of exportsOf(file)) {
      const by = new Set(['*', name].flatMap((one) => [...(users.get(`${file.path} ${one}`) ?? [])]));
      if (by.size === 0) dead.push(`${file.path} ${name}`);
      else if (by.size === 1 && by.has('test')) tested.push(`${file.path} ${name}`);
    }
  }
  expect(dead.filter((name) => !awaited.test(name))).toEqual([]);
  const others = tested.filter((name) => !awaited.test(name));
  expect(others.sort()).toEqual(Object.keys(forTests).sort());
});

test('no file imports itself through others', () => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of allImports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const reachable = (file: string): Set<string> => {
    const found = new Set<string>();
    const open = [file];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const to of targets.get(next) ?? []) if (!found.has(to)) open.push(to);
      for (const to of targets.get(next) ?? []) found.add(to);
    }
    return found;
  };
  const circular = source.map(({ path }) => path).filter((path) => reachable(path).has(path));
  expect(circular).toEqual([]);
});

/** Functions that are longer than a reader can keep in mind, and why they stay in one piece. Only ever shorter. */
const longFunctions: { readonly [name: string]: string } = {
  'src/cli/commands/demo.ts demo': 'a story in acts, told from beginning to end',
};
const mostLines = 70;

test(`no function has more than ${mostLines} lines`, () => {
  const long = source.flatMap((file) =>
    functionsOf(file)
      .filter(({ lines }) => lines > mostLines)
      .map(({ name }) => `${file.path} ${name}`),
  );
  expect(long.sort()).toEqual(Object.keys(longFunctions).sort());
});

/**
 * The names of kinds of object, and of their sections in manifests. What an account has one of is called by words
 * (`account`, `password`) that mean much else.
 */
const several = kinds.filter(({ section }) => !section.includes('.'));
const kindNames: ReadonlySet<unknown> = new Set(several.map(({ name }) => name));
const sectionNames: ReadonlySet<unknown> = new Set(several.map(({ section }) => section));

const valueOf = (node: Node | null): unknown => (node?.type === 'Literal' ? node.value : undefined);
const isNamedKind = (node: Node): boolean => kindNames.has(valueOf(node));

/** Whether what to do depends on which kind of object it is, by name: such code must change for each new kind. */
const isBranchOnKind = (node: Node, file: SourceFile): boolean => {
  if (node.type === 'SwitchCase') return kindNames.has(valueOf(node.test));
  if (node.type === 'ArrayExpression') {
    const names = node.elements.map(valueOf);
    return names.length > 1 && [kindNames, sectionNames].some((all) => names.every((name) => all.has(name)));
  }
  if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(node.operator)) return false;
  const sides = [node.left, node.right];
  if (sides.some(isNamedKind)) return true;
  // A user has `groups` and `policies` too: these words mean a section only where something is called so.
  const text = file.text.slice(node.start, node.end);
  return sides.some((side) => sectionNames.has(valueOf(side))) && /section|path\[0\]/i.test(text);
};

/** Tables with a place for each kind, and types that list the kinds: they too must change for each new one. */
const isTableOfKinds = (node: Node): boolean => {
  if (node.type === 'TSUnionType') {
    const names = node.types.map((one) => (one.type === 'TSLiteralType' ? valueOf(one.literal) : undefined));
    return names.length > 1 && [kindNames, sectionNames].some((all) => names.every((name) => all.has(name)));
  }
  if (node.type !== 'ObjectExpression') return false;
  const names = node.properties.map((property) =>
    property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : undefined,
  );
  return names.length > 2 && [kindNames, sectionNames].some((all) => names.every((name) => all.has(name)));
};

/** `user:dale`, `group:admins/members/dale` and the like, put together or taken apart by hand. */
const isReference = (node: Node, file: SourceFile): boolean => {
  // With a space behind it, it is a line of YAML.
  const begins = (text: string): boolean =>
    [...kindNames].some(
      (kind) => text.startsWith(`${String(kind)}:`) && !text.startsWith(`${String(kind)}: `),
    );
  if (node.type === 'Literal') return begins(String(node.value));
  if (node.type !== 'TemplateLiteral' || node.expressions.length === 0) return false;
  const [first, second] = node.quasis.map(({ value }) => value.raw);
  if (first !== '') return begins(first!);
  const { start, end } = node.expressions[0]!;
  return node.expressions.length > 1 && second === ':' && /\bkind$/i.test(file.text.slice(start, end));
};

/** `file:line` of each node outside `allowed` that `matches`. */
const places = (allowed: string, matches: (node: Node, file: SourceFile) => boolean): string[] =>
  // The sandbox is an IAM: it knows nothing of rollcall's kinds, and IAM's own are what it consists of.
  source
    .filter(({ path }) => !path.startsWith(allowed) && !path.startsWith('src/sandbox/'))
    .flatMap((file) => {
      const found: string[] = [];
      file.walk((node) => {
        if (matches(node, file)) found.push(`${file.path}:${file.line(node.start)}`);
      });
      return found;
    });

/** A kind is one folder and one line of the registry: nothing else may name it. */
test('nothing outside src/kinds asks which kind an object is', () => {
  expect(places('src/kinds/', isBranchOnKind)).toEqual([]);
});

test('nothing outside src/kinds lists the kinds', () => {
  expect(places('src/kinds/', isTableOfKinds)).toEqual([]);
});

test('one module makes and reads references to objects', () => {
  expect(places('src/core/references.ts', isReference)).toEqual([]);
});

test('what looks for code finds it', () => {
  const file = (text: string): SourceFile => parseSource('src/x.ts', text);
  const count = (text: string, matches: (node: Node, file: SourceFile) => boolean): number => {
    let found = 0;
    const parsed = file(text);
    parsed.walk((node) => (found += matches(node, parsed) ? 1 : 0));
    return found;
  };
  const branches = `if (kind === 'user') f(); if ('group' !== of.kind) f(); switch (kind) { case 'policy': f(); }
    for (const kind of ['user', 'group', 'policy']) f(kind); if (section === 'users') f();`;
  expect(count(branches, isBranchOnKind)).toBe(5);
  expect(
    count(`f('user'); if (x === 'users' || key === 'policies' || y === user) f(['user']);`, isBranchOnKind),
  ).toBe(0);
  expect(
    count(`type A = 'user' | 'group'; const b = { users: 1, groups: 2, policies: 3 };`, isTableOfKinds),
  ).toBe(2);
  expect(count(`type A = 'user' | 'service'; const b = { user, group };`, isTableOfKinds)).toBe(0);
  const references =
    'f(`user:${name}`, `group:${g}/members/${u}`, `${kind}:${name}`, "policy:", `${change.kind}:${name}/x`);';
  expect(count(references, isReference)).toBe(5);
  expect(count('f(`${file}:${line}`, `user ${name}`, "users:");', isReference)).toBe(0);
  expect(
    functionsOf(file('const a = {\n b() {\n return 1;\n } }; function c() { return () => {\n}; }')),
  ).toEqual([
    { name: 'b', lines: 3 },
    { name: 'c', lines: 2 },
    { name: 'c (inner)', lines: 2 },
  ]);
  expect(
    exportsOf(
      file(`export const { a, b: [c] } = x; export type T = 1; export { d as e } from './y.ts';
    export default class F {} export interface G {} export * from './z.ts';`),
    ),
  ).toEqual(['a', 'c', 'T', 'e', 'default', 'G']);
});
