import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const dir = mkdtempSync(join(tmpdir(), 'rollcall-package-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly files: readonly string[];
};
const tarball = `rollcall-${about.version}.tgz`;
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Without the network and without anything of the machine's npm. */
const environment = {
  PATH: process.env['PATH'],
  HOME: dir,
  NO_COLOR: '1',
  npm_config_offline: 'true',
  npm_config_cache: join(dir, 'cache'),
  npm_config_prefix: join(dir, 'global'),
  npm_config_update_notifier: 'false',
};
/** What a shell says to a line of the README, on both of its streams. */
const shell = (line: string, cwd: string): string =>
  execFileSync('bash', ['-ec', `{ ${line}\n} 2>&1`], { cwd, env: environment, encoding: 'utf8' });

/** The shell lines of a section of the README, without their comments. */
const linesOf = (section: string): string[] =>
  readme
    .split(`\n## ${section}\n`)[1]!
    .split('\n## ')[0]!
    .split('```sh\n')
    .slice(1)
    .flatMap((part) => part.split('\n```')[0]!.split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''));

/** As `npm pack` does it, but beside `dist/`, which other tests use. */
beforeAll(() => {
  const copy = join(dir, 'clone');
  for (const file of ['package.json', 'README.md', 'LICENSE', ...about.files]) {
    if (!/^dist$|\*/.test(file)) cpSync(join(root, file), join(copy, file), { recursive: true });
  }
  cpSync(join(root, '.github/workflows'), join(copy, '.github/workflows'), { recursive: true });
  for (const script of ['build', 'types'])
    execFileSync(process.execPath, [join(root, `scripts/${script}.mjs`), join(copy, 'dist')], { cwd: root });
  shell(`npm pack --ignore-scripts --pack-destination "${dir}"`, copy);
}, 240_000);

test('npm pack builds first', () => {
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
    scripts: { prepack: 'npm run build && npm run build:types' },
  });
});

test('the README tells how to install it, and that works: one package, no warning', () => {
  const [pack, save, run, global, globally, once, ...rest] = linesOf('Install').map((line) =>
    line.replace(/rollcall-\d+\.\d+\.\d+\.tgz/, tarball).replace('path/to', '..'),
  );
  expect(pack).toBe('npm ci && npm pack');
  const project = join(dir, 'project');
  cpSync(join(root, 'manifests'), join(project, 'manifests'), { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "name": "access", "private": true }');
  const said = shell(save!, project);
  expect(said).toMatch(/^\s*added 1 package\b/);
  expect(said).not.toMatch(/warn/i);
  expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'rollcall',
  ]);
  expect(shell(run!, project)).toMatch(/^Valid: account 123456789012/);
  expect(shell(global!, project)).toMatch(/^\s*added 1 package\b/);
  environment.PATH = `${join(dir, 'global/bin')}:${process.env['PATH']}`;
  expect(shell(globally!, project)).toMatch(/^Valid: account 123456789012/);
  expect(shell(once!, join(dir, 'project'))).toMatch(/^Valid: account 123456789012/);
  expect(rest).toEqual([]);
}, 120_000);

test('it ships the licences of what it holds', () => {
  const installed = join(dir, 'unpacked');
  shell(`mkdir unpacked && tar -xzf ${tarball} -C unpacked`, dir);
  const notices = readFileSync(join(installed, 'package/dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
  for (const line of shell('npm run --silent licences', root).trim().split('\n')) {
    const [licence, name] = line.split(/\s+/);
    expect(notices).toContain(`${name!.replace(/@([^@]+)$/, ' $1')} (${licence})`);
  }
  expect(notices).toContain('Copyright 2023 The age Authors');
});

describe('the library', () => {
  const consumer = join(dir, 'consumer');
  const examples = [
    ...readFileSync(join(root, 'docs/library.md'), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms),
  ].map(([, code]) => code!);
  const compilers = {
    'TypeScript 7': join(root, 'node_modules/typescript/bin/tsc'),
    'TypeScript 5': join(root, 'node_modules/dts-bundle-generator/node_modules/typescript/bin/tsc'),
  };
  const compile = (compiler: keyof typeof compilers, compilerOptions: object, files: readonly string[]) => {
    const project = join(consumer, 'tsconfig.json');
    writeFileSync(
      project,
      JSON.stringify({
        compilerOptions: {
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          target: 'es2022',
          lib: ['es2022'],
          types: [],
          skipLibCheck: false,
          ...compilerOptions,
        },
        files,
      }),
    );
    return spawnSync(process.execPath, [compilers[compiler], '--project', project], { encoding: 'utf8' });
  };

  beforeAll(() => {
    cpSync(join(root, 'manifests'), join(consumer, 'manifests'), { recursive: true });
    writeFileSync(
      join(consumer, 'package.json'),
      '{ "name": "consumer", "private": true, "type": "module" }',
    );
    shell(`npm install ../${tarball}`, consumer);
    for (const [index, code] of examples.entries())
      writeFileSync(join(consumer, `example${index}.test.ts`), code);
  });

  test.each(Object.keys(compilers) as (keyof typeof compilers)[])(
    '%s compiles its declarations with nothing else installed',
    (compiler) => {
      writeFileSync(
        join(consumer, 'all.ts'),
        `import { makePlan, type Plan } from 'rollcall/plan';
        import { compareDocuments } from 'rollcall/policy';
        import { startSandbox, type Sandbox } from 'rollcall/sandbox';
        export const plan = async (): Promise<Plan> => (await makePlan('manifests')).plan;
        export const narrows = compareDocuments(null, { Statement: [] }).effect === 'narrows';
        export const sandbox: Promise<Sandbox> = startSandbox({ quotas: { usersPerAccount: 10 } });`,
      );
      for (const module of ['nodenext', 'esnext']) {
        const moduleResolution = module === 'nodenext' ? module : 'bundler';
        expect(compile(compiler, { module, moduleResolution }, ['all.ts'])).toMatchObject({
          stdout: '',
          status: 0,
        });
      }
      writeFileSync(
        join(consumer, 'wrong.ts'),
        `import { compareDocuments } from 'rollcall/policy';
        import { startSandbox } from 'rollcall/sandbox';
        compareDocuments('{}', null);
        void startSandbox({ sed: 1 });`,
      );
      const wrong = compile(compiler, { module: 'nodenext' }, ['wrong.ts']);
      expect(wrong.stdout.match(/wrong\.ts\(\d+/g)).toEqual(['wrong.ts(3', 'wrong.ts(4']);
    },
  );

  test('its declarations are for people to read, and say nothing of what is inside', () => {
    for (const name of ['sandbox', 'policy', 'plan']) {
      const text = readFileSync(join(consumer, `node_modules/rollcall/dist/${name}.d.ts`), 'utf8');
      expect(text.split('\n').length).toBeLessThan(250);
      expect(text).not.toMatch(/aws-sdk|smithy|import\(|^import /m);
    }
  });

  test('its examples are typed and do what they say', () => {
    // What the examples use beside rollcall, from the project's own packages.
    for (const name of ['vitest', '@aws-sdk']) {
      symlinkSync(join(root, 'node_modules', name), join(consumer, 'node_modules', name));
    }
    const names = examples.map((_, index) => `example${index}.test.ts`);
    expect(names).toHaveLength(3);
    const typed = compile(
      'TypeScript 7',
      {
        module: 'nodenext',
        skipLibCheck: true,
        typeRoots: [join(root, 'node_modules/@types')],
        types: ['node'],
      },
      names,
    );
    expect(typed).toMatchObject({ stdout: '', status: 0 });
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const ran = spawnSync(process.execPath, [vitest, 'run', '--root', consumer, '--no-color'], {
      cwd: consumer,
      encoding: 'utf8',
      env: { ...environment, CI: 'true' },
    });
    expect(ran.stdout + ran.stderr).toMatch(/Tests +5 passed/);
  });

  test('CommonJS may require it', () => {
    const code = "const { explain } = require('rollcall/policy'); console.log(typeof explain);";
    writeFileSync(join(consumer, 'x.cjs'), code);
    expect(shell(`${process.execPath} x.cjs`, consumer)).toBe('function\n');
  });

  test('nothing else of the package can be imported', () => {
    const code = "import('rollcall/dist/rollcall.js').catch(({ code }) => console.log(code));";
    expect(shell(`${process.execPath} --eval "${code}"`, consumer)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });
});
