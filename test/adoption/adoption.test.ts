/** An account that others filled is taken over one by one, and nobody else is touched. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { manifests, run, stage } from '../support/cli.ts';
import { repository } from '../support/repository.ts';
import { adopted, arnOf, declaredUsers, fillAccount } from './account.ts';

const account = "account: '123456789012'\n";
const strangersSection = 'manage: { users: declared, groups: declared, policies: declared }\n';

interface Everything {
  readonly UserDetailList: readonly { readonly UserName: string }[];
  readonly GroupDetailList: readonly unknown[];
  readonly RoleDetailList: readonly unknown[];
  readonly Policies: readonly { readonly AttachmentCount?: number }[];
}

/** All that IAM has of everybody but these people. */
function others(sandbox: Sandbox, ...people: readonly string[]): unknown {
  const of = (op: 'ListAccessKeys' | 'GetLoginProfile', UserName: string): unknown => {
    try {
      return sandbox.call(op, { UserName });
    } catch {
      return null;
    }
  };
  const all = sandbox.call('GetAccountAuthorizationDetails', { MaxItems: 1000 }) as unknown as Everything;
  return {
    users: all.UserDetailList.filter(({ UserName }) => !people.includes(UserName)).map((user) => ({
      ...user,
      keys: of('ListAccessKeys', user.UserName),
      password: of('GetLoginProfile', user.UserName),
    })),
    groups: all.GroupDetailList,
    roles: all.RoleDetailList,
    policies: all.Policies.map((policy) => ({ ...policy, AttachmentCount: null })),
  };
}

/** Users whose credentials were asked for. */
const lookedAt = (sandbox: Sandbox): string[] => [
  ...new Set(
    sandbox.journal
      .filter(({ op }) => ['ListAccessKeys', 'GetLoginProfile', 'ListMFADevices'].includes(op))
      .map(({ params }) => String(params['UserName'])),
  ),
];

test('three of 127 users are adopted, one of them leaves, and strangers are not touched; then everything', async () => {
  const { sandbox, there, env, writes } = await stage();
  await fillAccount(sandbox);
  const { root, commit, write: replace } = repository();
  const rollcall = async (...args: string[]) => await run([...args, ...there], { env, cwd: root });
  const settings = { 'account.yaml': `${account}${strangersSection}` };
  const people = Object.fromEntries(adopted.map((name) => [`${name}.yaml`, declaredUsers[name]] as const));

  // Nothing is declared: nothing is to be done, and nobody's credentials are looked at.
  commit(settings);
  const first = await rollcall('plan');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(
    'what left the manifests is not known and not removed (users, groups, policies)',
  );
  expect(lookedAt(sandbox)).toEqual([]);

  // Three are declared as they are.
  commit({ ...settings, ...people });
  const three = await rollcall('plan', '--base', 'HEAD~1');
  expect(three).toMatchObject({ code: 2, stderr: '' });
  expect(three.stdout).toContain(
    '+ users anna.berg, ben.dubois, carla.eng: declared as the account has them',
  );
  expect(three.stdout).toContain('no API call');
  expect(three.stdout).toContain('group team-001 is not managed, and stays with what it gives to anna.berg');
  expect(three.stdout).not.toContain('what left the manifests');

  // One of them leaves: known from git.
  const before = others(sandbox, 'ben.dubois');
  const { 'ben.dubois.yaml': _, ...staying } = people;
  commit({ ...settings, ...staying });
  expect((await rollcall('plan')).code).toBe(0);
  sandbox.clearJournal();
  const leaving = await rollcall('plan', '--base', 'HEAD~1');
  expect(leaving.code).toBe(2);
  expect(leaving.stdout).toContain('1 change: 1 offboarding; 0 may widen access');
  // Of those who stay, only who may have what no file declares, or lack what one does.
  expect(lookedAt(sandbox)).toEqual(['ben.dubois', 'carla.eng']);
  const saved = join(root, 'plan.json');
  expect((await rollcall('plan', '--base', 'HEAD~1', '--out', saved)).code).toBe(2);
  expect(await rollcall('apply', '--yes', '--base', 'HEAD~1', saved)).toMatchObject({ code: 0 });
  expect(writes().every((call) => call.endsWith(' ben.dubois') || call === 'DeleteAccessKey')).toBe(true);
  expect(writes()).toContain('DeleteUser ben.dubois');
  expect(others(sandbox, 'ben.dubois')).toEqual(before);

  // Another one leaves, without git: named under `removed`, and dropped from there once gone.
  const rest = others(sandbox, 'ben.dubois', 'carla.eng');
  const { 'carla.eng.yaml': __, ...last } = staying;
  replace({ 'account.yaml': `${account}${strangersSection}removed: { users: [carla.eng] }\n`, ...last });
  expect(await rollcall('apply', '--yes')).toMatchObject({ code: 0 });
  expect(others(sandbox, 'ben.dubois', 'carla.eng')).toEqual(rest);
  const dropped = await rollcall('plan');
  expect(dropped.code).toBe(0);
  expect(dropped.stdout).toContain(
    'removed.users names carla.eng, and there is no such user in the account: drop the name (manifests/account.yaml:3:20)',
  );

  // Everything, by one line: first all that is in no file would go, and the rail stops it; import writes it down.
  replace({ 'account.yaml': `${account}manage: all\n`, ...last });
  const everything = await rollcall('plan');
  expect(everything.code).toBe(3);
  expect(everything.stderr).toContain('124 users of 125 would be removed');
  expect(await rollcall('import')).toMatchObject({ code: 0 });
  expect(readFileSync(join(root, 'manifests', 'account.yaml'), 'utf8')).toContain('manage: all');
  sandbox.clearJournal();
  expect(await rollcall('plan')).toMatchObject({ code: 0 });
  expect(writes()).toEqual([]);
}, 240_000);

test('offboard tells what makes the plan know that they were declared', async () => {
  const { sandbox, there, env } = await stage();
  for (const UserName of ['ann', 'ben', 'eve']) sandbox.call('CreateUser', { UserName });
  const dir = manifests('manage: declared\nusers: { ann: {}, ben: {} }\n');
  const ended = await run(['offboard', 'ben', '-m', dir, ...there], { env });
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('- user ben: offboard');
  expect(ended.stderr).toContain(
    'in the pipeline, or with `rollcall apply --base REV`, where REV is a commit that declares them',
  );
  const stranger = await run(['offboard', 'eve', '-m', dir, ...there], { env });
  expect(stranger).toMatchObject({ code: 1, stdout: '' });
  expect(stranger.stderr).toContain('hint: if it was, and is to go, name it under removed.users');
});

test('a file may attach a policy of strangers, and not one that is to go', async () => {
  const { sandbox, there, env } = await stage();
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  sandbox.call('CreatePolicy', { PolicyName: 'logs', PolicyDocument: JSON.stringify(document) });
  sandbox.call('CreateUser', { UserName: 'ann' });
  const { root, commit } = repository();
  const rollcall = async (...args: string[]) => await run([...args, ...there], { env, cwd: root });
  const text = `${account}manage: declared\nusers: { ann: { attach: ['${arnOf('logs')}'] } }\n`;
  const declared =
    'policies: { logs: { document: { Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } } } }\n';
  commit({ 'account.yaml': text });
  expect((await rollcall('apply', '--yes')).code).toBe(0);
  expect(sandbox.call('ListAttachedUserPolicies', { UserName: 'ann' })).toMatchObject({
    AttachedPolicies: [{ PolicyName: 'logs' }],
  });
  commit({ 'account.yaml': text, 'policies.yaml': declared });
  expect((await rollcall('plan')).code).toBe(0);
  commit({ 'account.yaml': text });
  const refused = await rollcall('plan', '--base', 'HEAD~1');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    'manifests/account.yaml:3:26: error: policy logs is in no file any more and would be removed, but a file gives it to user ann [cannot-plan]\n' +
      '  hint: declare it under policies, or drop it from attach of user ann',
  );
});
