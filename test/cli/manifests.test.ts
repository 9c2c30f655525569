import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, run, scratch, stage, write } from '../support/cli.ts';

const good = `
users:
  buzzo: { groups: [admins] }
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } }
`;

describe('init', () => {
  const written = ['account.yaml', 'users.yaml', 'groups.yaml', 'manifest.schema.json'];

  test('writes manifests that are valid and whose first plan is empty, whatever the account holds', async () => {
    const dir = join(scratch(), 'access');
    const { sandbox, rollcall } = await stage();
    sandbox.call('CreateUser', { UserName: 'buzzo' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });

    const init = await run(['init', '-m', dir, '--account', '123456789012']);
    expect(init).toMatchObject({
      code: 0,
      stdout: written.map((name) => `${join(dir, name)}\n`).join(''),
    });
    expect(init.stderr).toContain('Next: declare users and groups');
    expect(await run(['validate', '-m', dir])).toMatchObject({ code: 0, stderr: '' });
    expect(await rollcall('plan', dir)).toMatchObject({ code: 0, stderr: '' });
  });

  test('--json tells the files as data', async () => {
    const dir = join(scratch(), 'access');
    const { code, stdout } = await run(['init', '-m', dir, '--account', '123456789012', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      files: written.map((name) => join(dir, name)),
    });
  });

  test('asks AWS for the account where none is named', async () => {
    const { sandbox, rollcall } = await stage({ account: '000000000042' });
    const dir = scratch();
    expect(await rollcall('init', dir, '--quiet')).toMatchObject({ code: 0, stderr: '' });
    expect(sandbox.journal.map(({ op }) => op)).toEqual(['GetCallerIdentity']);
    expect((await run(['validate', '-m', dir])).stdout).toContain('account 000000000042');
  });

  test('never writes over manifests', async () => {
    const dir = manifests(good);
    const { code, stdout, stderr } = await run(['init', '-m', dir, '--account', '123456789012']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('already has manifests (account.yaml)');
  });

  test('says so where it cannot write', async () => {
    const dir = write(scratch(), { taken: 'a file' });
    for (const at of [join(dir, 'taken'), join(dir, 'taken/below')]) {
      const { code, stderr } = await run(['init', '-m', at, '--account', '123456789012']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .* cannot be (read|written) \(ENOTDIR\)\n {2}hint: /);
    }
  });
});

describe('validate', () => {
  test('good manifests: one line on stdout, nothing on stderr, exit 0', async () => {
    expect(await run(['validate', '-m', manifests(good)])).toEqual({
      code: 0,
      stdout: 'Valid: account 123456789012, 1 user, 1 group, 0 policies.\n',
      stderr: '',
    });
  });

  test('bad manifests: every fault with file:line:column on stderr, nothing on stdout, exit 1', async () => {
    const dir = write(scratch(), {
      'a.yaml': `account: "123456789012"\nusers:\n  buzzo: { groups: [admin] }\n  dale: { grups: [] }\n`,
      'b.yaml': `users:\n  buzzo: {}\ngroups:\n  admins: {}\n`,
    });
    const { code, stdout, stderr } = await run(['validate', '-m', dir]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('a.yaml:3:21: error: ');
    expect(stderr).toContain('did you mean "admins"?');
    expect(stderr).toContain('a.yaml:4:11: error: ');
    expect(stderr).toContain('did you mean "groups"?');
    expect(stderr).toMatch(/a\.yaml:3:3.*\n.*b\.yaml:2:3|b\.yaml:2:3.*\n.*a\.yaml:3:3/);
    expect(stderr).toContain('\n3 errors, 0 warnings\n');
  });

  test('--json: the same as data on stdout, with the same exit code', async () => {
    const bad = await run(['validate', '--json', '-m', manifests('users: { buzzo: { path: here } }')]);
    expect(bad).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(bad.stdout)).toMatchObject({
      valid: false,
      diagnostics: [{ severity: 'error', at: { line: 2, column: 25 } }],
    });
    const fine = await run(['validate', '--json', '-m', manifests(good)]);
    expect(JSON.parse(fine.stdout)).toEqual({ valid: true, diagnostics: [] });
  });
});

/** Before any API call: there is no endpoint and there are no credentials to call it with. */
describe('manifests that cannot be used stop every command before the first call, with a reason', () => {
  const refused = async (dir: string): Promise<string> => {
    const told = await Promise.all(['validate', 'plan', 'apply'].map((command) => run([command, '-m', dir])));
    for (const { code, stdout, stderr } of told) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(/^\s+at /m);
      expect(stderr.length).toBeLessThan(3000);
    }
    return told[0]!.stderr;
  };

  test('a missing directory', async () => {
    expect(await refused(join(scratch(), 'nowhere'))).toMatch(/cannot read the directory .*no such file/);
  });

  test('an empty directory', async () => {
    expect(await refused(scratch())).toContain('no *.yaml or *.yml file');
  });

  test('a file in place of a directory', async () => {
    expect(await refused(join(manifests(good), 'account.yaml'))).toContain('it is not a directory');
  });

  test('files that declare nobody: everybody would be removed', async () => {
    expect(await refused(manifests('users: {}'))).toContain('everything would be removed');
  });

  test('a file that a broken link stands for: it may have declared anybody', async () => {
    const dir = manifests(good);
    symlinkSync('nowhere.yaml', join(dir, 'more.yaml'));
    expect(await refused(dir)).toMatch(/more\.yaml:1:1: error: cannot read the file: there is no such file/);
  });

  test.skipIf(process.getuid?.() === 0)(
    'a file that may not be read (skipped for root, who may)',
    async () => {
      const dir = manifests(good);
      write(dir, { 'more.yaml': 'users: { dale: {} }' });
      chmodSync(join(dir, 'more.yaml'), 0o000);
      expect(await refused(dir)).toMatch(/more\.yaml:1:1: error: cannot read the file: permission denied/);
    },
  );

  test('a file that is not text', async () => {
    const dir = write(manifests(good), { 'more.yaml': Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]) });
    expect(await refused(dir)).toContain('more.yaml:1:1: error: ');
  });

  test('a file of 10 MB', async () => {
    const users = Array.from({ length: 400_000 }, (_, n) => `  user${n}: { path: / }`);
    const dir = write(manifests(good), { 'more.yaml': `users:\n${users.join('\n')}\n` });
    expect(await refused(dir)).toMatch(/more\.yaml:1:1: error: .*MiB/);
  });

  test('a bomb of aliases', async () => {
    const lines = Array.from({ length: 12 }, (_, n) =>
      n === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
        : `a${n}: &a${n} [${Array(9)
            .fill(`*a${n - 1}`)
            .join(', ')}]`,
    );
    const dir = write(manifests(good), {
      'more.yaml': `${lines.join('\n')}\nusers: { dale: { groups: *a11 } }\n`,
    });
    expect(await refused(dir)).toMatch(/more\.yaml:\d+:\d+: error: .*alias/i);
  });

  test('nesting without end', async () => {
    const dir = write(manifests(good), { 'more.yaml': `users: ${'['.repeat(100_000)}` });
    expect(await refused(dir)).toMatch(/more\.yaml:\d+:\d+: error: /);
  });

  test('an account id that has lost its quotes and its leading zero', async () => {
    const dir = write(scratch(), { 'account.yaml': `account: 012345678901\n${good}` });
    expect(await refused(dir)).toMatch(/account\.yaml:1:10: error: .*quotes/s);
  });
});
