import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollcallError } from '../../src/core/errors.ts';
import { testAccount } from '../support/account.ts';
import { scratch, stage, write } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';
import { build, recipe } from './accounts.ts';
import { declarable, filesIn, importInto, planned, withDirectory } from './support.ts';

const allow = (action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: action, Resource: '*' } });

/** Two Annas and their group, and everybody else. */
async function company(): Promise<Stage> {
  const there = await stage();
  const { sandbox } = there;
  const policy = (PolicyName: string): string =>
    sandbox.call('CreatePolicy', { PolicyName, PolicyDocument: allow('s3:Get*') }).Policy!.Arn!;
  const [reports, limits] = [policy('reports'), policy('limits')];
  policy('others');
  for (const GroupName of ['readers', 'writers']) sandbox.call('CreateGroup', { GroupName });
  sandbox.call('AttachGroupPolicy', { GroupName: 'readers', PolicyArn: reports });
  sandbox.call('CreateUser', { UserName: 'anna.ito', Path: '/people/', PermissionsBoundary: limits });
  sandbox.call('CreateUser', { UserName: 'anna.roy', Path: '/people/eu/' });
  sandbox.call('CreateUser', { UserName: 'anna.bot', Path: '/bots/' });
  for (const UserName of ['ben', 'carl']) sandbox.call('CreateUser', { UserName, Path: '/people/' });
  for (const UserName of ['anna.ito', 'ben'])
    sandbox.call('AddUserToGroup', { UserName, GroupName: 'readers' });
  sandbox.call('AddUserToGroup', { UserName: 'carl', GroupName: 'writers' });
  sandbox.call('CreateAccessKey', { UserName: 'anna.roy' });
  sandbox.call('CreateRole', { RoleName: 'ci', AssumeRolePolicyDocument: trust });
  sandbox.call('AttachRolePolicy', { RoleName: 'ci', PolicyArn: reports });
  sandbox.clearJournal();
  return there;
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
});

const declaredMode = `account: '123456789012'
manage: { users: declared, groups: declared, policies: declared }
`;

test('takes some, and what they need, into manifests that manage what is declared', async () => {
  const there = await company();
  const dir = write(scratch(), { 'account.yaml': declaredMode });
  const { code, stderr } = await there.rollcall('import', dir, '--only', 'anna.*', '--path', '/people/');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `Imported of account 123456789012: 2 users, 1 group, 2 policies.
Taken with them, as they are in it or hold it: group readers; policies limits, reports.
Left alone, as no file declares them: 3 users, 1 group, 1 policy, 1 role.
In no file, and so neither read nor changed: account.alias and account.passwordPolicy.
The next plan is empty.
`,
  });
  const { 'users.yaml': users, 'groups.yaml': groups, 'account.yaml': account } = filesIn(dir);
  expect(users).toContain(`users:
  anna.ito:
    path: /people/
    groups: [readers]
    boundary: limits
  anna.roy: { path: /people/eu/, accessKey: {} }
`);
  expect(groups).toContain('groups:\n  readers: { attach: [reports] }\n');
  expect(account).toBe(declaredMode);
  const plan = await there.rollcall('plan', dir);
  expect({ code: plan.code, writes: there.writes() }).toEqual({ code: 0, writes: [] });
});

test('into a new directory: the first plan is empty, and strangers are left alone', async () => {
  const there = await company();
  const dir = join(scratch(), 'manifests');
  const { code, stdout, stderr } = await there.rollcall('import', dir, '--only', 'ben');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: ['account', 'groups', 'policies', 'users']
      .map((name) => `${dir}/${name}.yaml\n`)
      .concat(`${dir}/manifest.schema.json\n`)
      .join(''),
  });
  expect(stderr).toContain('Taken with them, as they are in it or hold it: group readers; policy reports.\n');
  const account = filesIn(dir)['account.yaml']!;
  expect(account).toContain('manage: declared\n');
  expect(account).not.toContain("'*'");
  expect((await there.rollcall('plan', dir)).code).toBe(0);
  // Then another one, and nothing that was there changes but for what comes in.
  const before = filesIn(dir);
  const more = await there.rollcall('import', dir, '--only', 'anna.ito');
  expect(more.stderr).toContain('Imported of account 123456789012: 1 user, 0 groups, 1 policy.');
  expect(more.stderr).toContain('Taken with them, as they are in it or hold it: policy limits.');
  const after = filesIn(dir);
  for (const [name, text] of Object.entries(before))
    for (const line of text.split('\n')) expect(after[name]).toContain(line);
  expect(after['account.yaml']).toBe(before['account.yaml']);
  expect((await there.rollcall('plan', dir)).code).toBe(0);
});

test('a name that is declared already is passed over, told, and not written over', async () => {
  const there = await company();
  const mine = `${declaredMode}users:\n  ben: { path: /people/ } # mine\n`;
  const dir = write(scratch(), { 'account.yaml': mine });
  const { code, stdout, stderr } = await there.rollcall('import', dir, '--only', 'ben', '--only', 'BEN');
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('groups.yaml') as string });
  expect(stderr).toContain('Declared already, and kept as they are: user ben.\n');
  expect(filesIn(dir)['account.yaml']).toBe(mine);
});

test('groups and policies are asked for with their kind, and paths take everything below them', async () => {
  const there = await company();
  const json = async (...more: string[]): Promise<unknown> => {
    const { stdout } = await there.rollcall('import', join(scratch(), 'm'), '--json', '--dry-run', ...more);
    return (JSON.parse(stdout) as { added: unknown }).added;
  };
  expect(await json('--only', 'group:r*')).toEqual({
    users: [],
    groups: ['readers'],
    policies: ['reports'],
    roles: [],
    instanceProfiles: [],
    'identityProviders.oidc': [],
    'identityProviders.saml': [],
  });
  expect(await json('--only', 'policy:others', '--only', 'user:carl')).toEqual({
    users: ['carl'],
    groups: ['writers'],
    policies: ['others'],
    roles: [],
    instanceProfiles: [],
    'identityProviders.oidc': [],
    'identityProviders.saml': [],
  });
  expect(await json('--path', '/people/eu/', '--path', '/bots/')).toEqual({
    users: ['anna.bot', 'anna.roy'],
    groups: [],
    policies: [],
    roles: [],
    instanceProfiles: [],
    'identityProviders.oidc': [],
    'identityProviders.saml': [],
  });
});

test('some roles, and what they hold: the others stay as they are, whatever the files say of other sections', async () => {
  const there = await company();
  there.sandbox.call('CreateRole', { RoleName: 'other', AssumeRolePolicyDocument: trust });
  for (const [before, after] of [
    [
      'manage: { users: declared, groups: declared, policies: declared }',
      'policies: declared, roles: declared }',
    ],
    [
      'ignore: { users: [ben, carl, anna.ito, anna.roy], groups: ["*"], policies: [limits, others] }',
      'manage:\n  roles: declared\n',
    ],
    ['manage: declared', 'manage: declared\n'],
  ] as const) {
    const dir = write(scratch(), {
      'account.yaml': `account: '123456789012'\nusers: { anna.bot: { path: /bots/ } }\n${before}\n`,
    });
    const { code, stderr } = await there.rollcall('import', dir, '--only', 'role:ci');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain('0 users, 0 groups, 1 policy, 1 role.\nTaken with them');
    expect(stderr).toContain('policy reports.');
    const files = filesIn(dir);
    expect(files['account.yaml']).toContain(after);
    expect(files['roles.yaml']).toContain('roles:\n  ci:\n');
    const { stdout } = await there.rollcall('plan', dir);
    expect(stdout).toContain('nothing to change.');
    expect(stdout).toContain('1 role ignored or not managed');
  }
});

test('what is ignored is passed over, with what to do', async () => {
  const there = await company();
  const dir = write(scratch(), {
    'account.yaml':
      "account: '123456789012'\nmanage: declared\nignore: { users: ['*'], groups: [readers] }\n",
  });
  const { code, stderr } = await there.rollcall('import', dir, '--only', 'ben');
  expect(code).toBe(0);
  expect(stderr).toContain('Ignored before, and passed over: 1 user, 0 groups, 0 policies. Narrow `ignore`');
});

test('without --only, it takes what manage selects and no more', async () => {
  const there = await company();
  const dir = write(scratch(), {
    'account.yaml':
      "account: '123456789012'\nmanage: { users: { paths: [/people/eu/] }, groups: declared, policies: declared }\n",
  });
  const { stderr } = await there.rollcall('import', dir);
  expect(stderr).toContain('Imported of account 123456789012: 1 user, 2 groups, 3 policies, 1 role.');
  expect(stderr).toContain(
    'Outside of what `manage` selects, and left alone: 4 users, 0 groups, 0 policies.',
  );
  expect((await there.rollcall('plan', dir)).code).toBe(0);
});

test.each([
  [['--only', 'nobody*'], 'no user of account 123456789012 fits "nobody*"'],
  [['--only', 'anna.itu'], 'did you mean "anna.ito"?'],
  [['--only', 'machine:ci'], 'there is no kind of object "machine"'],
  [['--only', 'anna.*', '--path', '/nowhere/'], 'nothing that fits "anna.*" has the path "/nowhere/"'],
  [['--path', 'people'], 'Expected an IAM path, which begins and ends with /'],
])('%j: is refused, and nothing is written', async (more, expected) => {
  const there = await company();
  const dir = join(scratch(), 'manifests');
  const { code, stderr } = await there.rollcall('import', dir, ...more);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(expected) as string });
  expect(filesIn(join(dir, '..'))).toEqual({});
});

test('of any account, an import of some gives an empty plan where only what is declared is managed', async () => {
  await fc.assert(
    fc.asyncProperty(recipe, fc.infiniteStream(fc.boolean()), fc.boolean(), async (made, coins, isNew) => {
      const there = await testAccount({ transport: 'direct', journalCap: 10 });
      try {
        await build(there, made);
        const names = made.users.map(({ name }) => name);
        const only = names.filter(() => coins.next().value);
        const groups = made.groups.map(({ name }) => `group:${name}`).filter(() => coins.next().value);
        await withDirectory(async (dir) => {
          if (!isNew) write(dir, { 'account.yaml': `account: '123456789012'\nmanage: declared\n` });
          const wanted = { only: [...only, ...groups], paths: [] };
          const imported = await importInto(dir, there, { wanted }).catch((error: unknown) => {
            // The sandbox refused to make it, or nothing was asked for.
            if (error instanceof RollcallError && /fits|has the path/.test(error.message)) return null;
            throw error;
          });
          if (!imported) return;
          expect(declarable(imported.pending)).toEqual([]);
          expect((await planned(dir, there)).changes).toEqual([]);
        });
      } finally {
        await there.close();
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 15) },
  );
});
