import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { credentials, manifests, run, scratch, stage } from '../support/cli.ts';

/** What apply says of what it made: facts from the answers of its own calls, and where each secret went. */

const statement = `[{ Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::houdini/*' }]`;
const recipient = await identityToRecipient(await generateIdentity());

const everything = `
users:
  melvins:
    path: /partners/
    accessKey: { deliverTo: ${recipient} }
    policies: { allow_access_houdini: { Statement: ${statement} } }
  dale: { groups: [admins], console: {}, accessKey: {} }
groups:
  admins: { path: /staff/, attach: [reports] }
policies:
  reports: { path: /shared/, document: { Statement: ${statement} } }
`;

interface Made {
  readonly kind: string;
  readonly name: string;
  readonly [field: string]: unknown;
}
const madeIn = (stdout: string): Made[] => (JSON.parse(stdout) as { made: Made[] }).made;

/** What IAM has, asked by other calls. */
async function world() {
  const there = await stage();
  const { sandbox } = there;
  return {
    ...there,
    user: (UserName: string) => sandbox.call('GetUser', { UserName }).User!,
    key: (UserName: string) => sandbox.call('ListAccessKeys', { UserName }).AccessKeyMetadata![0]!,
  };
}

test('on the terminal every object that is made is named with its path, date, id and ARN', async () => {
  const { rollcall, sandbox, user, key } = await world();
  const home = scratch();
  const keys = join(home, 'keys.jsonl');
  const { code, stdout } = await rollcall(
    'apply',
    manifests(everything),
    '--yes',
    '--keys-to',
    keys,
    '--deliveries',
    join(home, 'deliveries'),
  );
  expect(code).toBe(0);
  const policy = sandbox.call('GetPolicy', {
    PolicyArn: 'arn:aws:iam::123456789012:policy/shared/reports',
  }).Policy!;
  const group = sandbox.call('GetGroup', { GroupName: 'admins' }).Group!;
  const login = sandbox.call('GetLoginProfile', { UserName: 'dale' }).LoginProfile!;
  const [melvins, dale, own, dales] = [user('melvins'), user('dale'), key('melvins'), key('dale')];
  const iso = (date: Date | undefined): string => date!.toISOString();
  const made = stdout.slice(stdout.indexOf('Made:\n'), stdout.indexOf('\n\nApplied '));
  expect(made).toBe(
    [
      'Made:',
      '  + user dale',
      `      path /, created ${iso(dale.CreateDate)}, id ${dale.UserId}`,
      '      arn:aws:iam::123456789012:user/dale',
      `  + access key ${dales.AccessKeyId} of dale`,
      `      status Active, created ${iso(dales.CreateDate)}`,
      `      secret in ${keys}, in clear`,
      '  + login profile of dale',
      `      created ${iso(login.CreateDate)}`,
      `      password in ${keys}, in clear`,
      '  + user melvins',
      `      path /partners/, created ${iso(melvins.CreateDate)}, id ${melvins.UserId}`,
      '      arn:aws:iam::123456789012:user/partners/melvins',
      `  + access key ${own.AccessKeyId} of melvins`,
      `      status Active, created ${iso(own.CreateDate)}`,
      `      secret in ${join(home, 'deliveries', '123456789012', `melvins-${own.AccessKeyId}.age`)}`,
      `      encrypted to ${recipient}`,
      '  + group admins',
      `      path /staff/, created ${iso(group.CreateDate)}, id ${group.GroupId}`,
      '      arn:aws:iam::123456789012:group/staff/admins',
      '  + policy reports',
      `      path /shared/, created ${iso(policy.CreateDate)}, id ${policy.PolicyId}, version v1`,
      '      arn:aws:iam::123456789012:policy/shared/reports',
    ].join('\n'),
  );
  for (const line of readFileSync(keys, 'utf8').trim().split('\n')) {
    const { secretAccessKey, password } = JSON.parse(line) as Record<string, string>;
    expect(stdout).not.toContain(secretAccessKey ?? password);
  }
  const nothing = await rollcall('apply', manifests(everything), '--yes', '--keys-to', keys);
  expect(nothing.stdout).not.toContain('Made:');
});

test('with --json they are in made, and no secret anywhere', async () => {
  const { rollcall, user, key } = await world();
  const keys = join(scratch(), 'keys.jsonl');
  const { stdout } = await rollcall('apply', manifests(everything), '--yes', '--json', '--keys-to', keys);
  const made = madeIn(stdout);
  expect(made.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'user dale',
    'access-key dale',
    'login-profile dale',
    'user melvins',
    'access-key melvins',
    'group admins',
    'policy reports',
  ]);
  const { UserId, CreateDate } = user('melvins');
  expect(made[3]).toEqual({
    kind: 'user',
    name: 'melvins',
    path: '/partners/',
    id: UserId,
    arn: 'arn:aws:iam::123456789012:user/partners/melvins',
    createdAt: CreateDate!.toISOString(),
  });
  const { AccessKeyId, CreateDate: at } = key('melvins');
  expect(made[4]).toEqual({
    kind: 'access-key',
    name: 'melvins',
    id: AccessKeyId,
    status: 'Active',
    createdAt: at!.toISOString(),
    delivered: {
      how: 'encrypted',
      path: `deliveries/123456789012/melvins-${AccessKeyId}.age`,
      to: recipient,
    },
  });
  expect(made[1]).toMatchObject({ delivered: { how: 'plain', path: keys } });
  expect(made[6]).toMatchObject({ versionId: 'v1' });
  const secrets = readFileSync(keys, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  for (const one of secrets) expect(stdout).not.toContain(one['secretAccessKey'] ?? one['password']);
  const again = await rollcall('apply', manifests(everything), '--yes', '--json', '--keys-to', keys);
  expect(madeIn(again.stdout)).toEqual([]);
});

test('a changed managed policy gets a version, with its number and date', async () => {
  const { rollcall, sandbox } = await stage();
  const policy = (action: string): string =>
    manifests(
      `policies: { reports: { document: { Statement: [{ Effect: Allow, Action: '${action}', Resource: '*' }] } } }`,
    );
  await rollcall('apply', policy('s3:Get*'), '--yes');
  const { stdout } = await rollcall('apply', policy('s3:Put*'), '--yes', '--json');
  const arn = 'arn:aws:iam::123456789012:policy/reports';
  const { PolicyVersion } = sandbox.call('GetPolicyVersion', { PolicyArn: arn, VersionId: 'v2' });
  expect(madeIn(stdout)).toEqual([
    {
      kind: 'policy-version',
      name: 'reports',
      arn,
      versionId: 'v2',
      createdAt: PolicyVersion!.CreateDate!.toISOString(),
    },
  ]);
});

test('no call is made for it: each object is made by one call, and nothing is read after the first write', async () => {
  const { rollcall, sandbox } = await stage();
  sandbox.clearJournal();
  await rollcall('apply', manifests(everything), '--yes', '--keys-to', join(scratch(), 'keys.jsonl'));
  const ops = sandbox.journal
    .filter(({ params }) => !JSON.stringify(params).includes('rollcall-lock'))
    .map(({ op }) => op);
  const after = ops.slice(ops.findIndex((op) => op.startsWith('Create')));
  expect(after.sort()).toEqual([
    'AddUserToGroup',
    'AttachGroupPolicy',
    'CreateAccessKey',
    'CreateAccessKey',
    'CreateGroup',
    'CreateLoginProfile',
    'CreatePolicy',
    'CreateUser',
    'CreateUser',
    'GetAccountPasswordPolicy',
    // As before: which keys there are, before another is made.
    'ListAccessKeys',
    'ListAccessKeys',
    'PutUserPolicy',
    'TagUser',
    'TagUser',
    'UntagUser',
    'UntagUser',
  ]);
});

describe('when not all goes well', () => {
  test('a partial apply tells what was made until then', async () => {
    const { rollcall, sandbox } = await stage();
    sandbox.faults.add({ op: 'CreateGroup', kind: 'denied' });
    const dir = manifests('users: { buzzo: { groups: [admins] } }\ngroups: { admins: {} }');
    const text = await rollcall('apply', dir, '--yes');
    expect(text.code).toBe(5);
    expect(text.stdout).toMatch(/\nMade:\n {2}\+ user buzzo\n.*\n.*\n\nPartly applied: 1 of 3 steps/);
    expect(text.stdout).not.toContain('+ group admins\n      path');
  });

  test('what a first try made whose answer was lost is told all the same', async () => {
    const { rollcall, sandbox } = await stage();
    for (const op of ['CreateUser', 'CreateGroup', 'CreatePolicy'])
      sandbox.faults.add({ op, kind: 'lost-reply-after', times: 1 });
    const dir = manifests(
      `users: { buzzo: {} }\ngroups: { admins: {} }\npolicies: { reports: { document: { Statement: ${statement} } } }`,
    );
    const { code, stdout } = await rollcall('apply', dir, '--yes', '--json');
    expect(code).toBe(0);
    const filled = { path: '/', id: expect.any(String) as string, createdAt: expect.any(String) as string };
    expect(madeIn(stdout)).toEqual([
      { kind: 'user', name: 'buzzo', ...filled, arn: 'arn:aws:iam::123456789012:user/buzzo' },
      { kind: 'group', name: 'admins', ...filled, arn: 'arn:aws:iam::123456789012:group/admins' },
      {
        kind: 'policy',
        name: 'reports',
        ...filled,
        arn: 'arn:aws:iam::123456789012:policy/reports',
        versionId: 'v1',
      },
    ]);
  });

  test('a key whose secret could not be delivered is deleted again, and not told as made', async () => {
    const { rollcall } = await stage();
    const dir = manifests(`users: { melvins: { accessKey: { deliverTo: ${recipient} } } }`);
    const { stdout } = await rollcall(
      'apply',
      dir,
      '--yes',
      '--json',
      '--deliveries',
      '/dev/null/deliveries',
    );
    expect(stdout).toBe('');
  });
});

test('the summary of a job names all of them, however long the plan is', async () => {
  const { there, env, sandbox } = await stage();
  const cwd = scratch();
  const names = Array.from(
    { length: 150 },
    (_, index) => `user-with-a-long-name-${String(index).padStart(3, '0')}`,
  );
  const dir = manifests(`users:\n${names.map((name) => `  ${name}: { tags: { team: images } }\n`).join('')}`);
  await run(['plan', '-m', dir, ...there, '--out', 'plan.json'], { env, cwd });
  const summary = join(cwd, 'summary.md');
  const github = { ...credentials(sandbox.operator), GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: cwd };
  const args = ['github', 'apply', '-m', dir, ...there, '--plan-file', 'plan.json'];
  expect((await run(args, { env: github, cwd })).code).toBe(0);
  const text = readFileSync(summary, 'utf8');
  for (const name of names) {
    const { UserId } = sandbox.call('GetUser', { UserName: name }).User!;
    expect(text).toContain(`id ${UserId}\n      arn:aws:iam::123456789012:user/${name}\n`);
  }
});

test('the summary of a job names them too', async () => {
  const { there, env, sandbox } = await stage();
  const cwd = scratch();
  const dir = manifests('users: { buzzo: {} }');
  await run(['plan', '-m', dir, ...there, '--out', 'plan.json'], { env, cwd });
  const summary = join(cwd, 'summary.md');
  const github = { ...credentials(sandbox.operator), CI: 'true', GITHUB_ACTIONS: 'true' };
  const files = { GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: join(cwd, 'output'), GITHUB_WORKSPACE: cwd };
  const ended = await run(['github', 'apply', '-m', dir, ...there, '--plan-file', 'plan.json'], {
    env: { ...github, ...files },
    cwd,
  });
  expect(ended.code).toBe(0);
  const { UserId } = sandbox.call('GetUser', { UserName: 'buzzo' }).User!;
  expect(readdirSync(cwd)).toContain('summary.md');
  expect(readFileSync(summary, 'utf8')).toContain(
    `id ${UserId}\n      arn:aws:iam::123456789012:user/buzzo\n`,
  );
});
