/** What other tools make in the account stops no command, and stays theirs. */
import { describe, expect, test } from 'vitest';
import { manifests, run, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
  },
});
const allow = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const arn = (name: string) => `arn:aws:iam::123456789012:policy/${name}`;

/** A role with a policy of its own, as the console of Lambda makes them. */
function lambda({ sandbox }: Stage, policy = 'web-api-logs', as: 'attachment' | 'boundary' = 'attachment') {
  try {
    sandbox.call('CreatePolicy', { PolicyName: policy, PolicyDocument: allow('logs:PutLogEvents') });
  } catch {
    // It is there already.
  }
  const boundary = as === 'boundary' ? { PermissionsBoundary: arn(policy) } : {};
  sandbox.call('CreateRole', { RoleName: 'web-api-lambda', AssumeRolePolicyDocument: trust, ...boundary });
  if (as === 'attachment')
    sandbox.call('AttachRolePolicy', { RoleName: 'web-api-lambda', PolicyArn: arn(policy) });
}

const people = 'users: { dale: {}, ben: {} }\n';
/** And nothing else. */
const reportNote: unknown = expect.stringMatching(/^note: keys and passwords are as of [^\n]*\n$/);

describe.each(['attachment', 'boundary'] as const)('a policy that only a role has, as %s', (as) => {
  test('is not managed: nothing differs, and everything else goes on', async () => {
    const world = await stage();
    const { rollcall, writes, sandbox } = world;
    await rollcall('apply', manifests(people), '--yes');
    lambda(world, 'web-api-logs', as);
    sandbox.clearJournal();

    expect(await rollcall('plan', manifests(people))).toMatchObject({ code: 0, stderr: '' });
    expect(await rollcall('drift', manifests(people))).toMatchObject({ code: 0, stderr: reportNote });
    expect(await rollcall('apply', manifests('users: { dale: {} }'), '--yes')).toMatchObject({ code: 0 });
    expect(writes()).toContain('DeleteUser ben');
    expect(writes().filter((op) => op.includes('Policy') && !op.includes('ben'))).toEqual([]);
  });
});

test('offboard works where another tool has made a policy', async () => {
  const world = await stage();
  const { rollcall, there, env } = world;
  const dir = manifests(people);
  await rollcall('apply', dir, '--yes');
  lambda(world);
  const ended = await run(['offboard', 'ben', '-m', dir, ...there], { env });
  expect(ended).toMatchObject({ code: 0 });
  expect(ended.stderr).not.toContain('no plan can be made');
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
});

const old = `policies: { old: { document: { Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }] } } }\n`;

test('a policy that managed people have, too, goes from them, and only its deletion is left', async () => {
  const world = await stage();
  const { rollcall, writes, sandbox } = world;
  const before = `${old}users: { dale: { attach: [old] }, ben: { boundary: old }, lorax: {} }\ngroups: { staff: { attach: [old], members: [dale] } }`;
  await rollcall('apply', manifests(before), '--yes');
  lambda(world, 'old');
  sandbox.clearJournal();

  const after = manifests('users: { dale: {}, ben: {} }\ngroups: { staff: { members: [dale] } }');
  const plan = await rollcall('plan', after);
  expect(plan).toMatchObject({ code: 2, stderr: '' });
  expect(plan.stdout).toContain('policy old: not deleted, left: held by role web-api-lambda');
  const drift = await rollcall('drift', after);
  expect(drift).toMatchObject({ code: 2, stderr: reportNote });
  expect(drift.stdout).toContain('policy old is in no file, left: held by role web-api-lambda');
  const json = JSON.parse((await rollcall('plan', after, '--json')).stdout) as {
    changes: { id: string; left?: unknown }[];
  };
  expect(json.changes.filter(({ left }) => left)).toMatchObject([
    { id: 'policy:old', left: [{ kind: 'role', name: 'web-api-lambda', as: 'attachment' }] },
  ]);
  for (const format of ['markdown', 'html']) {
    const { stdout } = await rollcall('plan', after, '--format', format);
    expect(stdout).toContain('left: held by role web-api-lambda');
  }

  const applied = await rollcall('apply', after, '--yes');
  expect(applied).toMatchObject({ code: 0 });
  expect(applied.stdout).toMatch(/Left as it is, as others hold it:\n.*policy old: .*role web-api-lambda/);
  expect(writes()).toEqual(
    expect.arrayContaining([
      'DetachUserPolicy dale',
      'DetachGroupPolicy staff',
      'DeleteUserPermissionsBoundary ben',
      'DeleteUser lorax',
    ]),
  );
  expect(writes().filter((op) => /DeletePolicy|DetachRolePolicy/.test(op))).toEqual([]);
  // Only the role has it now: it is no business of the manifests any more.
  expect(await rollcall('plan', after)).toMatchObject({ code: 0 });
});

test('what is left is no removal, which a rail could count', async () => {
  const world = await stage();
  const { rollcall, sandbox } = world;
  await rollcall('apply', manifests(`${old}users: { dale: { attach: [old] } }`), '--yes');
  lambda(world, 'old');
  sandbox.call('CreatePolicy', { PolicyName: 'forgotten', PolicyDocument: allow('s3:*') });
  const rails = 'rails: { maxRemovals: { policies: 1 }, protect: { policies: [old] } }\n';
  expect(await rollcall('apply', manifests(`${rails}users: { dale: {} }`), '--yes')).toMatchObject({
    code: 0,
  });
});

test('apply tells as JSON what it left', async () => {
  const world = await stage();
  const { rollcall } = world;
  await rollcall('apply', manifests(`${old}users: { dale: { attach: [old] } }`), '--yes');
  lambda(world, 'old', 'boundary');
  const { code, stdout } = await rollcall('apply', manifests('users: { dale: {} }'), '--yes', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    remaining: [],
    left: [{ change: 'policy:old', heldBy: [{ kind: 'role', name: 'web-api-lambda', as: 'boundary' }] }],
  });
});

test('an undeclared policy that nobody has goes, as ever', async () => {
  const { rollcall, writes, sandbox } = await stage();
  sandbox.call('CreatePolicy', { PolicyName: 'forgotten', PolicyDocument: allow('s3:*') });
  expect(await rollcall('apply', manifests('users: { dale: {} }'), '--yes')).toMatchObject({ code: 0 });
  expect(writes()).toContain('DeletePolicy');
});

test('an ignored user or group is a stranger, too', async () => {
  const { rollcall, sandbox } = await stage();
  const ignore = 'ignore: { users: [svc], groups: [tools] }\n';
  await rollcall('apply', manifests(`${ignore}users: { dale: {} }`), '--yes');
  sandbox.call('CreatePolicy', { PolicyName: 'theirs', PolicyDocument: allow('s3:*') });
  sandbox.call('CreateUser', { UserName: 'svc', PermissionsBoundary: arn('theirs') });
  sandbox.call('CreateGroup', { GroupName: 'tools' });
  sandbox.call('AttachGroupPolicy', { GroupName: 'tools', PolicyArn: arn('theirs') });
  expect(await rollcall('plan', manifests(`${ignore}users: { dale: {} }`))).toMatchObject({ code: 0 });
});

describe('a policy at another path', () => {
  const at = (path: string, action = 's3:GetObject') =>
    `policies: { old: { path: ${path}, document: { Statement: [{ Effect: Allow, Action: '${action}', Resource: '*' }] } } }\n` +
    'users: { dale: { attach: [old] } }\n';

  test.each(['attachment', 'boundary'] as const)(
    'stays where it is while a role has it as %s, with what it says now',
    async (as) => {
      const world = await stage();
      const { rollcall, writes, sandbox } = world;
      await rollcall('apply', manifests(at('/')), '--yes');
      lambda(world, 'old', as);
      sandbox.clearJournal();
      const after = manifests(at('/team/', 's3:PutObject'));
      const plan = await rollcall('plan', after);
      expect(plan.code).toBe(2);
      expect(plan.stdout).toContain(
        `policy old: path / → /team/, left: held by role web-api-lambda${as === 'boundary' ? ' (as boundary)' : ''}`,
      );
      expect(plan.stdout).toContain('IAM cannot move a policy that somebody holds');
      expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
      // Dale has it all the while, and it says what the files say.
      expect(writes()).toEqual(['CreatePolicyVersion']);
      const again = await rollcall('plan', after);
      expect(again.stdout).toContain('1 change: 1 left');
      if (as === 'attachment')
        sandbox.call('DetachRolePolicy', { RoleName: 'web-api-lambda', PolicyArn: arn('old') });
      else sandbox.call('DeleteRolePermissionsBoundary', { RoleName: 'web-api-lambda' });
      expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
      expect(await rollcall('plan', after)).toMatchObject({ code: 0 });
    },
  );

  test('stays where it is while it is a boundary of somebody managed', async () => {
    const { rollcall, writes, sandbox } = await stage();
    const bounded = (path: string) =>
      `${at(path)}  ben: { boundary: old }`.replace(
        'users: { dale: { attach: [old] } }\n',
        'users:\n  dale: { attach: [old] }\n',
      );
    expect(await rollcall('apply', manifests(bounded('/')), '--yes')).toMatchObject({ code: 0 });
    sandbox.clearJournal();
    expect((await rollcall('plan', manifests(bounded('/x/')))).stdout).toContain(
      'left: held by user ben (as boundary)',
    );
    expect(await rollcall('apply', manifests(bounded('/x/')), '--yes')).toMatchObject({ code: 0 });
    expect(writes()).toEqual([]);
  });
});

describe('a group with members who are not managed', () => {
  const ignore = 'ignore: { users: [svc-a] }\n';

  test('is not managed either, where there are no others', async () => {
    const { rollcall, sandbox } = await stage();
    sandbox.call('CreateUser', { UserName: 'svc-a' });
    sandbox.call('CreateGroup', { GroupName: 'robots' });
    sandbox.call('AddUserToGroup', { GroupName: 'robots', UserName: 'svc-a' });
    await rollcall('apply', manifests(`${ignore}users: { dale: {} }`), '--yes');
    expect(await rollcall('plan', manifests(`${ignore}users: { dale: {} }`))).toMatchObject({ code: 0 });
  });

  test('is left by the managed ones, and keeps what it has for the others', async () => {
    const { rollcall, writes, sandbox } = await stage();
    sandbox.call('CreateUser', { UserName: 'svc-a' });
    const before = `${ignore}${old}users: { dale: {}, ben: {} }\ngroups: { staff: { attach: [old], members: [dale, ben] } }`;
    await rollcall('apply', manifests(before), '--yes');
    sandbox.call('AddUserToGroup', { GroupName: 'staff', UserName: 'svc-a' });
    sandbox.clearJournal();
    const after = manifests(`${ignore}users: { dale: {}, ben: {} }`);
    const plan = await rollcall('plan', after);
    expect(plan).toMatchObject({ code: 2, stderr: '' });
    expect(plan.stdout).toContain('group staff: not deleted, left: still has user svc-a');
    expect(plan.stdout).toContain('policy old: not deleted, left: held by group staff');
    expect(await rollcall('apply', after, '--yes')).toMatchObject({ code: 0 });
    expect(writes().sort()).toEqual(['RemoveUserFromGroup ben', 'RemoveUserFromGroup dale']);
    expect(await rollcall('plan', after)).toMatchObject({ code: 0 });
  });
});
