import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';

const account = `# The account.
account: '123456789012'
rails:
  protect: { users: [dale] }
  minMembers: { admins: 2 }
`;
const users = `# Everybody.
users:
  buzzo: { groups: [admins] }

  # Trees. Speaks for them.
  lorax:
    groups: [admins] # since 2025
    tags: { team: trees }

  dale: { groups: [admins] }
  melvins: {}
`;
const groups = `groups:
  admins:
    policies:
      allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] }
  readers:
    members:
      - melvins
      - lorax # reads
      - dale
  writers: { members: [lorax] }
`;

/** A directory of manifests as a repository has it, and where the command runs. */
function repository(files: Record<string, string> = {}): { cwd: string; read: (name: string) => string } {
  const cwd = write(scratch(), {
    'manifests/account.yaml': account,
    'manifests/users.yaml': users,
    'manifests/teams/groups.yaml': groups,
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`manifests/${name}`, text])),
  });
  return { cwd, read: (name) => readFileSync(join(cwd, 'manifests', name), 'utf8') };
}

test('it prints a patch that git applies, and writes exactly that', async () => {
  const { cwd, read } = repository();
  const dry = await run(['offboard', 'lorax', '--dry-run'], { cwd });
  expect({ code: dry.code, stderr: dry.stderr }).toEqual({
    code: 0,
    stderr: 'Nothing was written (--dry-run).\n',
  });
  expect(read('users.yaml')).toBe(users);
  expect(dry.stdout).toBe(`--- a/manifests/teams/groups.yaml
+++ b/manifests/teams/groups.yaml
@@ -5,6 +5,5 @@
   readers:
     members:
       - melvins
-      - lorax # reads
       - dale
-  writers: { members: [lorax] }
+  writers: { members: [] }
--- a/manifests/users.yaml
+++ b/manifests/users.yaml
@@ -2,10 +2,5 @@
 users:
   buzzo: { groups: [admins] }
 
-  # Trees. Speaks for them.
-  lorax:
-    groups: [admins] # since 2025
-    tags: { team: trees }
-
   dale: { groups: [admins] }
   melvins: {}
`);
  const copy = repository();
  execFileSync('git', ['apply', '-'], { cwd: copy.cwd, input: dry.stdout });

  const { code, stdout } = await run(['offboard', 'lorax', '--no-plan'], { cwd });
  expect({ code, stdout }).toEqual({ code: 0, stdout: dry.stdout });
  expect([read('users.yaml'), read('teams/groups.yaml')]).toEqual([
    copy.read('users.yaml'),
    copy.read('teams/groups.yaml'),
  ]);
  expect(readdirSync(join(cwd, 'manifests'))).toEqual(['account.yaml', 'teams', 'users.yaml']);
});

test('from a folder beside the manifests it prints a patch for the root of the repository', async () => {
  const { cwd, read } = repository();
  write(cwd, { 'sub/keep': '' });
  execFileSync('git', ['init', '-q'], { cwd });
  const below = { cwd: join(cwd, 'sub') };
  for (const dir of ['../manifests', join(cwd, 'manifests')]) {
    const { code, stdout } = await run(['offboard', 'lorax', '--dry-run', '-m', dir], below);
    expect(code).toBe(0);
    expect(stdout).toContain('--- a/manifests/users.yaml\n+++ b/manifests/users.yaml\n');
    execFileSync('git', ['apply', '--check', '-'], { cwd, input: stdout });
  }
  // What is printed last is what is written.
  const { stdout } = await run(['offboard', 'lorax', '--no-plan', '-m', '../manifests'], below);
  expect(read('users.yaml')).not.toContain('lorax');
  execFileSync('git', ['apply', '-R', '-'], { cwd, input: stdout });
  expect(read('users.yaml')).toBe(users);
});

test('then it plans: the offboarding is in it', async () => {
  const { rollcall, sandbox, writes } = await stage();
  for (const UserName of ['buzzo', 'lorax', 'dale', 'melvins']) sandbox.call('CreateUser', { UserName });
  sandbox.clearJournal();
  const { cwd, read } = repository();
  const { code, stdout, stderr } = await rollcall('offboard', join(cwd, 'manifests'), 'lorax', 'melvins');
  expect(stdout).toContain('user lorax: offboard');
  expect(stdout).toContain('user melvins: offboard');
  expect(stderr).toContain('Took "lorax" and "melvins" out of 2 files.');
  // dale is protected, and gets his groups.
  expect({ code, refused: stderr.includes('refused by the rail protected') }).toEqual({
    code: 3,
    refused: true,
  });
  expect(read('users.yaml')).toBe(`# Everybody.
users:
  buzzo: { groups: [admins] }

  dale: { groups: [admins] }
`);
  expect(writes()).toEqual([]);
});

test('a plan that no rail refuses is done', async () => {
  const { rollcall } = await stage();
  const dir = write(scratch(), { 'a.yaml': "account: '123456789012'\nusers: { buzzo: {}, lorax: {} }\n" });
  const { code, stdout } = await rollcall('offboard', dir, 'lorax');
  expect(code).toBe(0);
  expect(stdout).toContain('user buzzo: create');
});

test('without AWS there is no plan, and that is said; asked for, it is an error', async () => {
  const { cwd } = repository();
  const { code, stderr } = await run(['offboard', 'lorax'], { cwd });
  expect(code).toBe(0);
  expect(stderr).toContain('No plan is shown: AWS cannot be reached');
  const asked = await run(['offboard', 'melvins', '--plan'], { cwd });
  expect(asked.code).toBe(1);
  expect(asked.stderr).toContain('no usable AWS credentials');
});

test('--json tells all of it at once', async () => {
  const { cwd } = repository();
  const { stdout } = await run(['offboard', 'lorax', '--json', '--sandbox'], { cwd });
  const said = JSON.parse(stdout) as {
    offboarded: string[];
    files: { file: string }[];
    plan: { changes: object[] };
  };
  expect(said.offboarded).toEqual(['lorax']);
  expect(said.files.map(({ file }) => file)).toEqual(['manifests/teams/groups.yaml', 'manifests/users.yaml']);
  expect(said.plan.changes.length).toBeGreaterThan(0);
});

describe('refusals change nothing', () => {
  test.each([
    [
      'a protected name, with its place',
      ['dale'],
      3,
      ['manifests/account.yaml:4:22', 'protected by rails.protect.users'],
    ],
    ['an unknown name', ['loraxx'], 1, ['no file declares a user "loraxx"', 'did you mean "lorax"?']],
    ['another case', ['Lorax'], 1, ['did you mean "lorax"?']],
    [
      'one of several, and all are told',
      ['lorax', 'dale', 'nobody-at-all'],
      3,
      ['"dale" is protected', 'no file declares a user "nobody-at-all"'],
    ],
    ['a protected name in another case', ['DALE'], 3, ['"DALE" is protected by rails.protect.users']],
    ['an ignored name', ['svc-legacy-1'], 1, ['ignore.users names it']],
    ['an ignored name in another case', ['SVC-Legacy-1'], 1, ['ignore.users names it']],
    [
      'the old name of somebody',
      ['old-buzz'],
      1,
      ['manifests/more.yaml:3:8', 'user "aldrin" is renamed from it'],
    ],
    ['the old name of somebody in another case', ['Old-Buzz'], 1, ['user "aldrin" is renamed from it']],
  ])('%s', async (_name, names, exit, texts) => {
    const more = "ignore: { users: ['svc-legacy-*'] }\nusers: { aldrin:\n     { renamedFrom: old-buzz } }\n";
    const { cwd, read } = repository({ 'more.yaml': more });
    const { code, stdout, stderr } = await run(['offboard', ...names], { cwd });
    expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
    for (const text of texts) expect(stderr).toContain(text);
    expect(read('users.yaml')).toBe(users);
    expect(read('teams/groups.yaml')).toBe(groups);
  });

  test('a name that the rails have in another case', async () => {
    const { cwd, read } = repository({ 'account.yaml': account.replace('[dale]', '[Dale]') });
    const { code, stderr } = await run(['offboard', 'dale', '--no-plan'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('manifests/account.yaml:4:22');
    expect(read('users.yaml')).toBe(users);
  });

  test('an anchor that others use, with both places', async () => {
    const { cwd, read } = repository({
      'users.yaml': 'users:\n  lorax: &team { groups: [admins] }\n  melvins: *team\n  dale: {}\n',
    });
    const { code, stderr } = await run(['offboard', 'lorax', '--no-plan'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('manifests/users.yaml:2:10');
    expect(stderr).toContain('manifests/users.yaml:3:12');
    expect(read('teams/groups.yaml')).toBe(groups);
  });

  test('manifests with errors', async () => {
    const { cwd } = repository({ 'x.yaml': 'users: { lorax: {} }\n' });
    const { code, stderr } = await run(['offboard', 'lorax', '--no-plan'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('user "lorax" is declared twice');
  });
});

describe('it warns', () => {
  test('of a group that has too few members left', async () => {
    const { cwd } = repository();
    const { stderr } = await run(['offboard', 'lorax', 'buzzo', '--dry-run'], { cwd });
    expect(stderr).toContain('warning: group "admins" is left with 1 member; rails.minMembers wants 2');
  });

  test('of nothing that is declared any more', async () => {
    const { rollcall } = await stage();
    const yaml = "account: '123456789012'\nusers: { lorax: { expires: 2020-01-31 }, dale: {} }\n";
    const dir = write(scratch(), { 'a.yaml': yaml });
    const one = await rollcall('offboard', dir, 'dale', '--no-plan');
    expect(one.stderr).not.toContain('nothing is declared any more');
    const { code, stderr } = await rollcall('offboard', dir, 'lorax');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: nothing is declared any more: plan and apply refuse that, unless');
    expect(await rollcall('apply', dir, '--yes', '--override', 'empty-manifest')).toMatchObject({ code: 0 });
  });

  test('of no user that is declared any more, where the plan of an earlier commit would be refused for it', async () => {
    const { rollcall } = await stage();
    const yaml = "account: '123456789012'\nmanage: declared\nusers: { lorax: {} }\ngroups: { readers: {} }\n";
    const dir = write(scratch(), { 'a.yaml': yaml });
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    const { code, stderr } = await rollcall('offboard', dir, 'lorax');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: no user is declared any more: plan and apply refuse that, unless');
  });

  test('of a rename that may not be applied yet, and of the name in other texts', async () => {
    const { cwd } = repository({
      'more.yaml': `# Ask twigs, not twigs-2 or old.twigs.
users:
  twigs: { renamedFrom: thneed }
policies:
  own: { document: { Statement: { Effect: Allow, Action: 'iam:Get*', Resource: 'arn:aws:iam::123456789012:user/twigs' } } }
`,
    });
    const { stderr } = await run(['offboard', 'twigs', '--dry-run'], { cwd });
    expect(stderr).toContain('user "twigs" was renamed from "thneed"');
    expect(stderr).toContain(
      'the text "twigs" is still there: manifests/more.yaml:1:7 and manifests/more.yaml:4:112',
    );
  });
});

test('it names files that nobody needs any more, and documents that still name somebody', async () => {
  const { cwd } = repository({
    'more.yaml': `users:
  twigs: { policies: { own: ./own.json } }
policies:
  shared: { document: ./shared.json }
`,
    'own.json': '{ "Statement": { "Effect": "Allow", "Action": "s3:Get*", "Resource": "*" } }',
    'shared.json':
      '{ "Statement": { "Effect": "Allow", "Action": "iam:Get*", "Resource": "arn:aws:iam::123456789012:user/twigs" } }',
  });
  const { stderr } = await run(['offboard', 'twigs', '--dry-run'], { cwd });
  expect(stderr).toContain('no manifest names manifests/own.json any more: remove the file');
  expect(stderr).toContain('the text "twigs" is still there: manifests/shared.json:1:103');
});

test('files keep their mode, their encoding, and links stay links', async () => {
  const { cwd, read } = repository({ 'bom.yaml': '\ufeffgroups:\r\n  dogs: { members: [lorax, dale] }\r\n' });
  const manifests = join(cwd, 'manifests');
  write(cwd, { 'manifests/.elsewhere/trees.txt': 'groups: { trees: { members: [lorax] } }' });
  symlinkSync('.elsewhere/trees.txt', join(manifests, 'trees.yaml'));
  chmodSync(join(manifests, 'users.yaml'), 0o662);
  const { code } = await run(['offboard', 'lorax', '--no-plan'], { cwd });
  expect(code).toBe(0);
  expect(read('bom.yaml')).toBe('\ufeffgroups:\r\n  dogs: { members: [dale] }\r\n');
  expect(statSync(join(manifests, 'users.yaml')).mode & 0o777).toBe(0o662);
  expect(lstatSync(join(manifests, 'trees.yaml')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(manifests, '.elsewhere/trees.txt'), 'utf8')).toBe(
    'groups: { trees: { members: [] } }',
  );
});

test('who leaves is no exception of a rail any more, in whichever case', async () => {
  const { cwd, read } = repository({
    'account.yaml': `${account}  deny: [escalation, { danger: administrator, except: { users: [buzzo, Lorax] } }]\n`,
  });
  expect((await run(['offboard', 'lorax', '--no-plan'], { cwd })).code).toBe(0);
  expect(read('account.yaml')).toContain('except: { users: [buzzo] } }]');
});
