import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportSchema } from '../../src/app/export/schema.ts';
import type { Exported } from '../../src/app/export/schema.ts';
import { manifests, run, scratch, stage } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

/** `export`: the account as it is, as JSON. */

const yaml = `
users:
  melvins: { path: /partners/, accessKey: {}, tags: { team: images, area: eu }, policies: { own: { Statement: [{ Effect: Allow, Action: 's3:*', Resource: '*' }] } } }
  dale: { groups: [admins], console: {}, attach: [reports] }
groups: { admins: { path: /staff/ } }
policies: { reports: { tags: { b: x, a: y }, document: { Statement: [{ Effect: Allow, Action: 's3:Get*', Resource: '*' }] } } }
`;

async function account() {
  const { sandbox, rollcall, there, env } = await stage();
  const keys = join(scratch(), 'keys');
  expect((await rollcall('apply', manifests(yaml), '--yes', '--keys-to', keys)).code).toBe(0);
  sandbox.call('CreateAccountAlias', { AccountAlias: 'acme' });
  sandbox.call('GenerateCredentialReport', {});
  sandbox.clearJournal();
  const exported = (...args: string[]): Promise<Ended> =>
    run(['export', ...args, ...there], { env, cwd: scratch() });
  return { sandbox, exported, keys, there, env };
}

const validate = new Ajv2020({
  formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ },
}).compile(exportSchema);
const read = ({ code, stdout }: Ended): Exported => {
  expect(code).toBe(0);
  const value = JSON.parse(stdout) as Exported;
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
  return value;
};

test('the whole account, with ids, ARNs, dates and credentials, the same each time', async () => {
  const { sandbox, exported } = await account();
  const first = await exported();
  const whole = read(first);
  expect((await exported()).stdout).toBe(first.stdout);
  const { User } = sandbox.call('GetUser', { UserName: 'melvins' });
  const [key] = sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata!;
  expect(whole).toMatchObject({ version: 1, account: '123456789012', partition: 'aws' });
  expect(whole.users!['melvins']).toEqual({
    name: 'melvins',
    path: '/partners/',
    id: User!.UserId,
    arn: 'arn:aws:iam::123456789012:user/partners/melvins',
    createdAt: User!.CreateDate!.toISOString(),
    tags: { area: 'eu', team: 'images' },
    groups: [],
    policies: {
      own: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
    },
    attachedPolicyArns: [],
    boundary: null,
    credentials: {
      accessKeys: [{ id: key!.AccessKeyId, status: 'Active', createdAt: key!.CreateDate!.toISOString() }],
      loginProfile: null,
    },
  });
  expect(whole.users!['dale']!.credentials.loginProfile).toEqual({
    createdAt: sandbox.call('GetLoginProfile', { UserName: 'dale' }).LoginProfile!.CreateDate!.toISOString(),
  });
  expect(whole.groups!['admins']).toMatchObject({ path: '/staff/', members: ['dale'] });
  expect(whole.policies!['reports']).toMatchObject({
    tags: { a: 'y', b: 'x' },
    versions: [{ id: 'v1', isDefault: true }],
    document: { Statement: [{ Action: 's3:Get*' }] },
  });
  expect(whole.settings).toEqual({ alias: { alias: 'acme' }, passwordPolicy: null });
  expect(Object.keys(whole.users!)).toEqual(['dale', 'melvins']);
});

test('a user who is named, with every credential as it is now; nobody else is asked about', async () => {
  const { sandbox, exported } = await account();
  sandbox.call('CreateServiceSpecificCredential', {
    UserName: 'dale',
    ServiceName: 'codecommit.amazonaws.com',
  });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'dale' });
  sandbox.clearJournal();
  const { users, ...rest } = read(await exported('user:DALE'));
  expect(Object.keys(rest)).toEqual(['version', 'account', 'partition']);
  expect(Object.keys(users!)).toEqual(['dale']);
  const { credentials } = users!['dale']!;
  expect(credentials).toMatchObject({
    accessKeys: [{ id: AccessKey!.AccessKeyId, status: 'Active', lastUsedAt: null }],
    mfaDevices: [],
    signingCertificates: [],
    sshKeys: [],
    serviceCredentials: [{ service: 'codecommit.amazonaws.com', status: 'Active' }],
  });
  const asked = sandbox.journal.flatMap(({ params }) => params['UserName'] ?? []);
  expect(new Set(asked)).toEqual(new Set(['dale']));
  expect(sandbox.journal.map(({ op }) => op)).not.toContain('GetCredentialReport');
});

test('no secret is in it, and nothing is written', async () => {
  const { sandbox, exported, keys } = await account();
  const { stdout } = await exported('user:melvins', 'user:dale', 'group:admins', 'policy:reports');
  expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
    'version',
    'account',
    'partition',
    'users',
    'groups',
    'policies',
  ]);
  for (const line of readFileSync(keys, 'utf8').trim().split('\n')) {
    const { secretAccessKey, password } = JSON.parse(line) as Record<string, string>;
    expect(stdout).not.toContain(secretAccessKey ?? password);
  }
  expect(sandbox.journal.filter(({ readOnly }) => !readOnly)).toEqual([]);
});

test.each([
  [['user:dal'], 'error: the account has no user "dal"\n  hint: did you mean "user:dale"?\n'],
  [['dale'], 'error: "dale" names no object\n  hint: did you mean "user:dale"?\n'],
  [
    ['person:x'],
    'error: "person:x" names no object\n  hint: write user:NAME, group:NAME, policy:NAME, role:NAME, instance-profile:NAME, oidc-provider:NAME or saml-provider:NAME\n',
  ],
  [
    ['user:dal', 'group:nobody'],
    'error: nothing was exported:\n  the account has no user "dal"; did you mean "user:dale"?\n  the account has no group "nobody"\n',
  ],
])('%j is an error', async (args, stderr) => {
  const { exported } = await account();
  expect(await exported(...args)).toEqual({ code: 1, stdout: '', stderr });
});

test('manifests and --account say which account it must be; none are needed, nor right ones', async () => {
  const { exported } = await account();
  const elsewhere = await exported('-m', manifests('users: { anna: {} }', '999999999999'));
  expect(elsewhere).toMatchObject({ code: 3, stdout: '' });
  expect(await exported('--account', '999999999999')).toMatchObject({ code: 3, stdout: '' });
  for (const args of [['--account', '123456789012'], ['-m', manifests('users: [nonsense')], []])
    expect(await exported('user:dale', ...args)).toMatchObject({ code: 0, stderr: '' });
});
