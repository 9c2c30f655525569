import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';
import { filesIn } from './support.ts';

const secrets: string[] = [];

function people({ sandbox }: Stage): void {
  for (const UserName of ['dale', 'melvins']) sandbox.call('CreateUser', { UserName });
  for (let index = 0; index < 2; index += 1) {
    secrets.push(sandbox.call('CreateAccessKey', { UserName: 'melvins' }).AccessKey!.SecretAccessKey!);
  }
  sandbox.call('CreateLoginProfile', { UserName: 'dale', Password: 'Correct-Horse-9!' });
  sandbox.call('CreateGroup', { GroupName: 'admins' });
  sandbox.call('CreateRole', {
    RoleName: 'ci',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    }),
  });
  secrets.push('Correct-Horse-9!');
  sandbox.clearJournal();
}

test('import, validate, plan: nothing to do; and again: nothing to write', async () => {
  const there = await stage();
  people(there);
  const dir = join(scratch(), 'manifests');
  const { code, stdout, stderr } = await there.rollcall('import', dir);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: ['account.yaml', 'groups.yaml', 'roles.yaml', 'users.yaml', 'manifest.schema.json']
      .map((name) => `${dir}/${name}\n`)
      .join(''),
    stderr: `Imported of account 123456789012: 2 users, 1 group, 0 policies, 1 role.
The next plan is empty.
`,
  });
  const files = filesIn(dir);
  expect(files['users.yaml']).toContain(`users:
  dale: { console: {} }
  melvins:
    accessKey: { count: 2 }
`);
  const all = JSON.stringify(files) + stdout + stderr;
  for (const secret of secrets) expect(all).not.toContain(secret);
  expect((await run(['validate', '--manifests', dir])).code).toBe(0);
  expect((await there.rollcall('plan', dir)).code).toBe(0);
  const again = await there.rollcall('import', dir);
  expect({ code: again.code, stdout: again.stdout }).toEqual({ code: 0, stdout: '' });
  expect(filesIn(dir)).toEqual(files);
  expect(there.writes()).toEqual([]);
});

test('providers and profiles are imported too', async () => {
  const { sandbox, rollcall } = await stage();
  sandbox.call('CreateOpenIDConnectProvider', { Url: 'https://token.actions.githubusercontent.com' });
  sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'spare' });
  sandbox.call('CreateUser', { UserName: 'lorax' });
  const { code, stderr } = await rollcall('import', join(scratch(), 'manifests'));
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr).toContain(
    'Imported of account 123456789012: 1 user, 0 groups, 0 policies, 1 instance profile, 1 OIDC provider.\n',
  );
});

test('what rests on an old credential report says so', async () => {
  let behind = 2 * 3600_000;
  const there = await stage({ clock: () => new Date(Date.now() - behind) });
  there.sandbox.call('CreateUser', { UserName: 'dale' });
  behind = 0;
  const dir = join(scratch(), 'manifests');
  const { code, stderr } = await there.rollcall('import', dir);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /The next plan is empty\.\nnote: keys and passwords .* as of \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
  );
  // Nothing was asked of it.
  expect((await there.rollcall('import', dir)).stderr).not.toContain('note: ');
});

test('--dry-run prints what git apply would make of it', async () => {
  const there = await stage();
  people(there);
  const cwd = scratch();
  const options = { cwd, env: there.env };
  const { stdout } = await run(['import', '--dry-run', '--layout', 'path', ...there.there], options);
  expect(filesIn(cwd)).toEqual({});
  execFileSync('git', ['apply', '-'], { cwd, input: stdout });
  const patched = filesIn(cwd);
  expect(Object.keys(patched)).toEqual(['manifests/account.yaml', 'manifests/main.yaml']);
  const other = scratch();
  await run(['import', '--layout', 'path', ...there.there], { ...options, cwd: other });
  const { 'manifests/manifest.schema.json': schema, ...written } = filesIn(other);
  expect(written).toEqual(patched);
  // It would hide the rest of a patch.
  expect(schema).toContain('"title": "rollcall manifest"');
});

test('--json tells what came in, what did not, and what differs', async () => {
  const there = await stage();
  people(there);
  there.sandbox.call('TagUser', { UserName: 'dale', Tags: [{ Key: 'a', Value: 'b' }] });
  const dir = write(scratch(), {
    'a.yaml': 'account: "123456789012"\nusers: { dale: {} }\nignore: { groups: [adm*] }\n',
  });
  const { code, stdout } = await there.rollcall('import', dir, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    account: '123456789012',
    files: [
      { file: `${dir}/roles.yaml`, new: true },
      { file: `${dir}/users.yaml`, new: true },
      { file: `${dir}/manifest.schema.json`, new: true },
    ],
    added: { users: ['melvins'], groups: [], policies: [], roles: ['ci'] },
    ignored: [],
    ours: { users: [], groups: [], policies: [], roles: [] },
    passedOver: { users: [], groups: ['admins'], policies: [], roles: [] },
    pending: [{ id: 'user:dale/tags', summary: 'tags -a' }],
    problems: [],
  });
});

test('after init, it takes all there is into the manifests that manage what is declared', async () => {
  const there = await stage();
  people(there);
  const dir = join(scratch(), 'manifests');
  await there.rollcall('init', dir);
  expect((await there.rollcall('plan', dir)).code).toBe(0);
  const { code, stderr } = await there.rollcall('import', dir);
  expect(code).toBe(0);
  expect(stderr).toContain('Imported of account 123456789012: 2 users, 1 group, 0 policies, 1 role.');
  expect(stderr).toContain('The next plan is empty.');
  const account = filesIn(dir)['account.yaml']!;
  expect(account).toContain('manage: declared\n');
  // Moving to everything is one line.
  write(dir, { 'account.yaml': account.replace('manage: declared\n', '') });
  const everything = await there.rollcall('plan', dir);
  expect(everything).toMatchObject({ code: 0 });
});

test('what was ignored is passed over and told', async () => {
  const there = await stage();
  people(there);
  const dir = write(join(scratch(), 'manifests'), {
    'account.yaml': 'account: "123456789012"\nignore: { users: ["*"], groups: ["*"], roles: ["*"] }\n',
  });
  const files = filesIn(dir);
  const { code, stderr } = await there.rollcall('import', dir);
  expect(code).toBe(0);
  expect(stderr).toContain(
    'Ignored before, and passed over: 2 users, 1 group, 0 policies, 1 role. Narrow `ignore`',
  );
  expect({ ...filesIn(dir), 'account.yaml': '' }).toEqual({ ...files, 'account.yaml': '' });
});

describe('refusals write nothing', () => {
  test('without credentials', async () => {
    const dir = join(scratch(), 'manifests');
    const { code, stderr } = await run(['import', '--manifests', dir]);
    expect(code).toBe(1);
    expect(stderr).toContain('no usable AWS credentials');
    expect(filesIn(join(dir, '..'))).toEqual({});
  });

  test('another account', async () => {
    const there = await stage();
    const dir = write(scratch(), { 'a.yaml': 'account: "210987654321"\nusers: { dale: {} }\n' });
    const { code, stderr } = await there.rollcall('import', dir);
    expect(code).toBe(3);
    expect(stderr).toContain('these credentials are for account 123456789012');
  });

  test('another account than --account', async () => {
    const there = await stage();
    const dir = join(scratch(), 'manifests');
    const { code, stderr } = await there.rollcall('import', dir, '--account', '210987654321');
    expect(code).toBe(3);
    expect(stderr).toContain('these credentials are for account 123456789012, not for 210987654321');
    expect(filesIn(join(dir, '..'))).toEqual({});
  });

  test('a read that fails half way', async () => {
    const there = await stage();
    people(there);
    there.sandbox.faults.rules = [{ op: 'GetLoginProfile', kind: 'denied' }];
    const dir = join(scratch(), 'manifests');
    const { code, stderr } = await there.rollcall('import', dir);
    expect(code).toBe(1);
    expect(stderr).toContain('GetLoginProfile: access denied');
    expect(filesIn(join(dir, '..'))).toEqual({});
  });

  test('a directory that cannot be', async () => {
    const there = await stage();
    const parent = write(scratch(), { manifests: 'a file' });
    const { code, stderr } = await there.rollcall('import', join(parent, 'manifests'));
    expect(code).toBe(1);
    expect(stderr).toContain('not a directory');
    mkdirSync(join(parent, 'empty'));
    expect((await there.rollcall('import', join(parent, 'empty'))).code).toBe(0);
  });
});
