/** What rollcall runs with is compared and told, and no plan writes it. */
import { expect, test } from 'vitest';
import { manifests, run, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

const trust = (Principal: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
  });

const account = '123456789012';

/** With credentials of a session of the role. */
function sessionOf({ sandbox }: Stage, role: string): Record<string, string> {
  const { Credentials } = sandbox.call('AssumeRole', {
    RoleArn: `arn:aws:iam::${account}:role/${role}`,
    RoleSessionName: 'job',
  }) as { Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string } };
  return {
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: Credentials.SessionToken,
  };
}

const declared = (name: string, boundary = ''): string => `
users: { dale: {} }
roles:
  ${name}:
    ${boundary}
    trust: { Statement: { Effect: Allow, Principal: { AWS: '${account}' }, Action: 'sts:AssumeRole' } }
    attach: [aws:IAMFullAccess]
`;

test('the roles that init --github names are told where they differ, and never written nor removed', async () => {
  const { rollcall, writes, sandbox } = await stage();
  for (const RoleName of ['rollcall-plan', 'rollcall-apply'])
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: trust({ AWS: account }) });
  sandbox.clearJournal();
  const dir = manifests(declared('rollcall-apply'));
  const plan = await rollcall('plan', dir);
  expect(plan.stdout).toContain('rollcall runs with it: no plan writes it');
  expect(plan.code).toBe(2);
  const { code, stdout } = await rollcall('apply', dir, '--yes');
  expect(code).not.toBe(1);
  expect(stdout).toContain('role rollcall-apply');
  expect(writes().filter((op) => op.includes('rollcall-'))).toEqual([]);
});

test('so is the role that the run has, whatever it is called', async () => {
  const world = await stage();
  const { there, sandbox } = world;
  sandbox.call('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trust({ AWS: account }) });
  sandbox.call('AttachRolePolicy', { RoleName: 'ci', PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' });
  const env = sessionOf(world, 'ci');
  const dir = manifests(declared('ci', 'description: The pipeline'));
  const { stdout, code } = await run(['plan', '--manifests', dir, ...there], { env });
  expect(stdout).toContain('rollcall runs with it: no plan writes it');
  expect(code).toBe(2);
});

test('a saved plan of one role does not let another write itself', async () => {
  const world = await stage();
  const { there, sandbox } = world;
  for (const RoleName of ['ci', 'other'])
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: trust({ AWS: account }) });
  for (const RoleName of ['ci', 'other'])
    sandbox.call('AttachRolePolicy', { RoleName, PolicyArn: 'arn:aws:iam::aws:policy/IAMFullAccess' });
  const dir = manifests(declared('ci', 'description: The pipeline'));
  const file = `${dir}/../plan.json`;
  await run(['plan', '--manifests', dir, '--out', file, ...there, '--override', 'max-removals'], {
    env: sessionOf(world, 'other'),
  });
  const ended = await run(['apply', file, '--manifests', dir, '--yes', ...there], {
    env: sessionOf(world, 'ci'),
  });
  expect(ended.code).toBe(3);
  expect(ended.stderr).toContain('refused by the rail caller: the plan touches ci, who runs it');
});

test('no plan hands its roles to instances, nor takes them from where they are', async () => {
  const { rollcall, writes, sandbox } = await stage();
  const AssumeRolePolicyDocument = trust({ AWS: account });
  sandbox.call('CreateRole', { RoleName: 'rollcall-apply', AssumeRolePolicyDocument });
  sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'there' });
  sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'there', RoleName: 'rollcall-apply' });
  sandbox.clearJournal();
  const files = (role: string, profiles: string): string =>
    manifests(
      `users: { dale: {} }\nroles: { rollcall-apply: { trust: [{ account: '${account}' }]${role} } }\ninstanceProfiles: ${profiles}\n`,
    );
  for (const dir of [
    files(', instanceProfile: true', '{ x: { role: rollcall-apply } }'),
    files('', '{ there: {} }'),
    files('', '{}'),
  ]) {
    await rollcall('apply', dir, '--yes', '--override', 'max-removals');
    expect(writes().filter((op) => op.includes('InstanceProfile'))).toEqual([]);
  }
  const { stdout } = await rollcall('plan', files('', '{ x: { role: rollcall-apply } }'));
  expect(stdout).toContain('rollcall runs with its role: no plan hands that to instances');
});
