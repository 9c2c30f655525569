/** What is managed, as a user tries it. */
import { expect, test } from 'vitest';
import { manifests, run, stage, write, scratch } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';
import { repository } from '../support/repository.ts';

const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
});
const account = "account: '123456789012'\n";

/** Calls about one user or policy, with whom they are about. */
const callsOf = ({ sandbox }: Stage, ...ops: string[]): string[] =>
  sandbox.journal
    .filter(({ op }) => ops.includes(op))
    .map(({ op, params }) =>
      [op, String(params['UserName'] ?? params['PolicyArn']).replace(/.*\//, '')].join(' '),
    )
    .sort();

test('credentials of strangers are not read; of who leaves they are', async () => {
  const there = await stage();
  const { sandbox, rollcall } = there;
  for (const UserName of ['ann', 'ben', 'eve']) {
    sandbox.call('CreateUser', { UserName });
    sandbox.call('CreateAccessKey', { UserName });
  }
  sandbox.clearJournal();
  const yaml = 'manage: declared\n';
  expect(await rollcall('plan', manifests(yaml))).toMatchObject({ code: 0, stderr: '' });
  expect(callsOf(there, 'ListAccessKeys', 'GetLoginProfile')).toEqual([]);
  expect((await rollcall('plan', manifests(`${yaml}removed: { users: [BEN] }\n`))).code).toBe(2);
  expect(callsOf(there, 'ListAccessKeys', 'GetLoginProfile')).toEqual([
    'GetLoginProfile ben',
    'ListAccessKeys ben',
  ]);
});

test('tags of policies decide what is managed, and are read only of those that names and paths select', async () => {
  const there = await stage();
  const { sandbox, rollcall } = there;
  for (const [PolicyName, Path, Value] of [
    ['mine', '/team/', 'x'],
    ['other', '/team/', 'y'],
    ['far', '/', 'x'],
  ] as const) {
    const Tags = [{ Key: 'team', Value }];
    sandbox.call('CreatePolicy', { PolicyName, Path, PolicyDocument: document, Tags });
  }
  sandbox.clearJournal();
  const plan = async (manage: string) =>
    await rollcall(
      'plan',
      manifests(`manage: { users: declared, policies: ${manage} }\nusers: {}\ngroups: { g: {} }\n`),
    );
  const selected = await plan('{ paths: [/team/], tags: { team: x } }');
  expect(selected.stdout).toContain('- policy mine: delete');
  expect(selected.stdout).not.toMatch(/policy (?:other|far)/);
  expect(callsOf(there, 'GetPolicy')).toEqual(['GetPolicy mine', 'GetPolicy other']);

  const alone = await plan('{ tags: { team: x } }');
  expect(alone.stdout).not.toContain(': delete');
  expect(alone.stdout).toContain(
    'not known to have been: policy far, policy mine; a tag alone has nothing removed',
  );
});

test('a saved plan that removes what was declared is applied in the same scope, or not at all', async () => {
  const { sandbox, there, env, writes } = await stage();
  for (const UserName of ['ann', 'ben', 'eve']) sandbox.call('CreateUser', { UserName });
  const { root, commit, write: replace } = repository();
  const rollcall = async (...args: string[]) => await run([...args, ...there], { env, cwd: root });
  const yaml = (users: string) => ({ 'account.yaml': `${account}manage: declared\nusers: ${users}\n` });
  commit(yaml('{ ann: {}, ben: {} }'));
  commit(yaml('{ ann: {} }'));
  expect((await rollcall('plan', '--base', 'HEAD~1', '--out', 'plan.json')).code).toBe(2);
  // The manifests that it was made from: nobody else is in its scope.
  expect((await rollcall('apply', '--yes', '--base', 'HEAD~1', 'plan.json')).code).toBe(0);
  expect(writes().filter((call) => call.startsWith('Delete'))).toEqual([
    'DeleteUserPolicy ben',
    'DeleteUser ben',
  ]);
  // Without anything that tells who was declared, nobody goes.
  replace(yaml('{}'));
  expect(await rollcall('apply', '--yes')).toMatchObject({ code: 0 });
  expect(sandbox.call('ListUsers', {}).Users!.map(({ UserName }) => UserName)).toEqual(['ann', 'eve']);
});

test('who-can and explain look at strangers, too', async () => {
  const { sandbox, there, env } = await stage();
  sandbox.call('CreateUser', { UserName: 'eve' });
  sandbox.call('PutUserPolicy', { UserName: 'eve', PolicyName: 'own', PolicyDocument: document });
  const dir = manifests('manage: declared\n');
  const who = await run(['who-can', 's3:GetObject', '-m', dir, ...there], { env });
  expect(who.stdout).toContain('eve');
  const explained = await run(['explain', 'eve', '-m', dir, ...there], { env });
  expect(explained.stdout).toContain('s3:GetObject');
});

test('a stranger who holds a managed policy is shown where it changes what they can do', async () => {
  const { sandbox, rollcall } = await stage();
  const yaml = (action: string) =>
    `manage: declared\npolicies: { reports: { document: { Statement: [{ Effect: Allow, Action: "${action}", Resource: "*" }] } } }\n`;
  await rollcall('apply', manifests(yaml('s3:GetObject')), '--yes');
  sandbox.call('CreateUser', { UserName: 'eve' });
  sandbox.call('AttachUserPolicy', {
    UserName: 'eve',
    PolicyArn: 'arn:aws:iam::123456789012:policy/reports',
  });
  const { stdout } = await rollcall('plan', manifests(yaml('s3:*')));
  expect(stdout).toContain('Who gains, who loses\n  + user eve: s3:* on *');
});

test('an exception that is not quoted is told to be', async () => {
  const dir = write(scratch(), { 'a.yaml': `${account}manage: { users: { names: ["*", !break-glass] } }\n` });
  const { code, stderr } = await run(['validate', '-m', dir]);
  expect(code).toBe(1);
  expect(stderr).toContain('a.yaml:2:');
  expect(stderr).toMatch(/quote/);
});
