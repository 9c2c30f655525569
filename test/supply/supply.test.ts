import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly dev?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Readonly<Record<string, Locked>>;
};
const entries = Object.entries(packages).filter(([path]) => path !== '');

describe('what comes with rollcall', () => {
  it('has licences that allow it', () => {
    const rows = JSON.parse(
      execFileSync(process.execPath, ['scripts/licences.mjs', '--json'], { encoding: 'utf8' }),
    ) as {
      name: string;
      licence: string;
    }[];
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.map(({ name }) => name)).toContain('@aws-sdk/client-iam');
  });

  it('is locked with checksums, and from no other registry than the public one', () => {
    const loose = entries.filter(
      ([, { resolved, integrity }]) =>
        (resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/')) ||
        integrity?.startsWith('sha512-') !== true,
    );
    expect(loose.map(([path]) => path)).toEqual([]);
  });

  it('runs no script when it is installed', () => {
    expect(
      entries.filter(([, { dev, hasInstallScript }]) => !dev && hasInstallScript).map(([path]) => path),
    ).toEqual([]);
  });

  it('is named in docs/decisions/dependencies.md, with the reason', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object };
    const page = readFileSync('docs/decisions/dependencies.md', 'utf8');
    expect(Object.keys(dependencies).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
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
