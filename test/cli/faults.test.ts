import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { FaultKind } from '../../src/sandbox/index.ts';
import { manifests, run, scratch, stage, write } from '../support/cli.ts';

const document = `{ Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }] }`;
const world = `
users:
  melvins: { accessKey: {}, policies: { read: ${document} } }
  buzzo: { groups: [readers], attach: [reports] }
  dale: { tags: { team: images } }
groups:
  readers: { policies: { read: ${document} } }
policies:
  reports: { document: ${document} }
`;

/** The keys of the file are the keys of the account that have the status: none without its secret, none lost. */
function expectEachKeyDelivered(
  sandbox: { call: StageSandbox['call'] },
  file: string,
  users: string[],
  statuses = ['Active', 'Inactive'],
): void {
  const delivered = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { user: string; accessKeyId: string })
        .map(({ user, accessKeyId }) => `${user} ${accessKeyId}`)
    : [];
  const live = users.flatMap((UserName) =>
    (sandbox.call('ListAccessKeys', { UserName }).AccessKeyMetadata ?? []).flatMap(
      ({ AccessKeyId, Status }) => (statuses.includes(Status!) ? [`${UserName} ${AccessKeyId}`] : []),
    ),
  );
  expect(live.sort()).toEqual(delivered.sort());
}
type StageSandbox = Awaited<ReturnType<typeof stage>>['sandbox'];

describe('credentials that do not work: exit 1, what to do, nothing written', () => {
  test('none at all', async () => {
    const { code, stdout, stderr } = await run(['plan', '-m', manifests(world)]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: no usable AWS credentials: .*\n {2}hint: set AWS_PROFILE or /);
  });

  test('a profile that is not there, or has none', async () => {
    const key = 'aws_access_key_id = AKIAEXAMPLE000000000\naws_secret_access_key = hush-hush\n';
    const home = write(scratch(), {
      '.aws/credentials': `[production]\n${key}`,
      '.aws/config': '[profile empty]\nregion = eu-central-1\n',
      'failing/config': '[profile odd]\ncredential_process = /nowhere/tool --password hush-hush\n',
    });
    const told = async (env: Record<string, string>, ...more: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(['plan', '-m', manifests(world), ...more], {
        env: { HOME: home, ...env },
      });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).not.toMatch(/hush|^\s+at /m);
      return stderr;
    };
    const missing =
      'error: no usable AWS credentials: there is no profile "productoin" in ~/.aws/config or ~/.aws/credentials\n' +
      '  hint: did you mean "production"?\n';
    expect(await told({}, '--profile', 'productoin')).toBe(missing);
    expect(await told({ AWS_PROFILE: 'productoin' })).toBe(missing);
    const config = join(home, 'failing/config');
    const files = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: '/nowhere' };
    expect(await told({ AWS_PROFILE: 'production', ...files })).toContain(
      `there is no profile "production" in ${config} or /nowhere\n`,
    );
    expect(await told({}, '--profile', 'empty')).toContain(
      'the profile "empty" of ~/.aws/config and ~/.aws/credentials gives no credentials',
    );
    expect(await told(files, '--profile', 'odd')).toContain('gives no credentials\n');
  });

  test('nothing of the SDK stands before the error, as where the environment has keys beside a profile', async () => {
    // The SDK looks at the environment of the process, and writes to the console of the process.
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAEXAMPLE000000000');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'hush-hush');
    onTestFinished(() => void vi.unstubAllEnvs());
    const written: unknown[] = [];
    for (const method of ['debug', 'error', 'info', 'log', 'warn'] as const) {
      const spy = vi.spyOn(console, method).mockImplementation((text) => void written.push(text));
      onTestFinished(() => spy.mockRestore());
    }
    const { code, stderr } = await run(['plan', '-m', manifests(world), '--profile', 'nope']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: no usable AWS credentials: there is no profile "nope" in ~/.aws/config or ~/.aws/credentials\n' +
        '  hint: name another with --profile or AWS_PROFILE\n',
    });
    expect(written).toEqual([]);
  });

  test('a region that is none is told before any call; an empty one is none that was set', async () => {
    const { sandbox, env, there } = await stage();
    const plan = (AWS_REGION: string) =>
      run(['plan', '-m', manifests(world), ...there], { env: { ...env, AWS_REGION } });
    expect(await plan('eu west 1')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^error: "eu west 1" is not a region of AWS\n {2}hint: set AWS_REGION/,
      ) as string,
    });
    expect(sandbox.journal).toEqual([]);
    expect((await plan('')).stderr).toBe('');
  });

  test.each([
    [
      'unknown',
      { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN000000000', AWS_SECRET_ACCESS_KEY: 'x' },
      'InvalidClientTokenId',
    ],
    ['with a wrong secret', { AWS_SECRET_ACCESS_KEY: 'x' }, 'SignatureDoesNotMatch'],
  ])('a key that is %s', async (_, wrong, reason) => {
    const { there, env } = await stage({ strict: true });
    for (const command of ['plan', 'apply']) {
      const { code, stdout, stderr } = await run([command, '-m', manifests(world), ...there], {
        env: { ...env, ...wrong },
      });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(
          `^error: GetCallerIdentity: AWS does not accept these credentials \\(${reason}\\): The .*\\n {2}hint: `,
        ),
      );
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });
});

describe('a read that fails ends the plan: what cannot be seen is not planned away', () => {
  const populated = async () => {
    const there = await stage();
    for (const UserName of ['buzzo', 'dale', 'lorax', 'melvins']) {
      there.sandbox.call('CreateUser', { UserName });
    }
    there.sandbox.clearJournal();
    return there;
  };

  test.each<[string, FaultKind, RegExp]>([
    [
      'denied',
      'denied',
      /^error: GetAccountAuthorizationDetails: access denied: .*\n {2}hint: allow iam:GetAcc/,
    ],
    ['cut short', 'cut-reply', /^error: GetAccountAuthorizationDetails: the answer cannot be read/],
  ])('the first page is %s', async (_, kind, told) => {
    const { sandbox, rollcall, writes } = await populated();
    sandbox.faults.add({ kind, op: 'GetAccountAuthorizationDetails' });
    for (const command of ['plan', 'apply']) {
      const { code, stdout, stderr } = await rollcall(command, manifests(world));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(told);
    }
    expect(writes()).toEqual([]);
  });

  test.each<FaultKind>(['denied', 'cut-reply'])('the third page of four is lost (%s)', async (kind) => {
    const { sandbox, rollcall, writes } = await populated();
    const op = 'GetAccountAuthorizationDetails';
    sandbox.faults.add({ kind: 'truncate-page', op, times: 2 });
    sandbox.faults.add({ kind, op });
    const { code, stdout, stderr } = await rollcall('apply', manifests(world), '--yes');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`error: ${op}: `);
    expect(writes()).toEqual([]);
    expect(sandbox.journal.filter((call) => call.op === op)).toHaveLength(3);
  });

  test('pages of one item each are the same account', async () => {
    const { sandbox, rollcall } = await populated();
    const dir = manifests(world);
    const whole = await rollcall('plan', dir, '--json');
    sandbox.faults.add({ kind: 'truncate-page' });
    expect((await rollcall('plan', dir, '--json')).stdout).toBe(whole.stdout);
  });

  test('the credentials of one who leaves cannot be listed', async () => {
    const { sandbox, rollcall, writes } = await populated();
    sandbox.faults.add({ kind: 'denied', op: 'ListMFADevices' });
    const { code, stderr } = await rollcall('apply', manifests(world), '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: ListMFADevices: access denied: /);
    expect(writes()).toEqual([]);
  });
});

describe('IAM stumbles and recovers: the run does not', () => {
  test.each<[FaultKind, string]>([
    ['throttle', 'is throttling'],
    ['error-before', 'fails before the effect'],
    ['error-after', 'fails after the effect'],
    ['lost-reply-before', 'does not answer before the effect'],
    ['lost-reply-after', 'does not answer after the effect'],
  ])('%s: each operation %s once', async (kind) => {
    const { sandbox, rollcall } = await stage();
    const file = join(scratch(), 'keys');
    for (const op of [
      ['CreateUser', 'CreateGroup', 'CreatePolicy', 'CreateAccessKey', 'AddUserToGroup'],
      ['PutUserPolicy', 'PutGroupPolicy', 'AttachUserPolicy', 'TagUser', 'UntagUser'],
      ['GetCallerIdentity', 'GetAccountAuthorizationDetails', 'CreatePolicyVersion', 'TagUser'],
    ].flat()) {
      sandbox.faults.add({ kind, op, times: 1 });
    }
    const made = await rollcall('apply', manifests(world), '--yes', '--keys-to', file);
    expect(made.code).toBe(0);
    const left = kind.endsWith('-after')
      ? /^warning: user:melvins: CreateAccessKey had no answer once, .* AKIA\w+ of melvins: it is inactive, and the next run deletes it.*\n$/
      : /^$/;
    expect(made.stderr).toMatch(left);
    // One whose secret no answer brought is inactive; the next run deletes it.
    expectEachKeyDelivered(sandbox, file, ['melvins'], ['Active']);

    const changed = manifests(world.replaceAll('s3:GetObject', 's3:PutObject').replace('images', 'text'));
    const again = await rollcall('apply', changed, '--yes', '--keys-to', file);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expectEachKeyDelivered(sandbox, file, ['melvins']);
    expect(await rollcall('plan', changed)).toMatchObject({ code: 0, stderr: '' });
  });

  test('a policy with room for one version more takes one version, whatever the answers say', async () => {
    const { sandbox, rollcall } = await stage();
    const withAction = (action: string) =>
      manifests(`policies: { reports: { document: ${document.replace('s3:GetObject', action)} } }`);
    expect((await rollcall('apply', withAction('s3:A'), '--yes')).code).toBe(0);
    const PolicyArn = 'arn:aws:iam::123456789012:policy/reports';
    for (const action of ['s3:B', 's3:C', 's3:D', 's3:E']) {
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
      });
      sandbox.call('CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
    }
    sandbox.faults.add({ kind: 'error-after', op: 'CreatePolicyVersion', times: 1 });
    expect(await rollcall('apply', withAction('s3:PutObject'), '--yes')).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await rollcall('plan', withAction('s3:PutObject'))).toMatchObject({ code: 0 });
    expect(sandbox.call('ListPolicyVersions', { PolicyArn }).Versions).toHaveLength(5);
  });

  test('what was just made is not seen yet', async () => {
    const { sandbox, rollcall } = await stage();
    const file = join(scratch(), 'keys');
    sandbox.faults.consistency = { newHiddenCalls: 2 };
    const { code, stderr } = await rollcall('apply', manifests(world), '--yes', '--keys-to', file);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    sandbox.faults.clear();
    expectEachKeyDelivered(sandbox, file, ['melvins']);
    expect(await rollcall('plan', manifests(world))).toMatchObject({ code: 0 });
  });
});

describe('a step that fails', () => {
  const leaving = world.replace(/ {2}dale.*\n/, '');

  test('takes what needs it with it, and nothing else: exit 5, what remains, and then it converges', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.faults.add({ kind: 'denied', op: 'CreateGroup' });
    const file = join(scratch(), 'keys');
    const dir = manifests(world);
    const { code, stdout, stderr } = await rollcall('apply', dir, '--yes', '--keys-to', file);
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^failed: group:readers: CreateGroup: access denied: .*\n {2}allow iam:CreateGroup /,
    );
    expect(stderr).not.toContain('stopped');
    expect(stdout).toContain('Partly applied: ');
    expect(stdout).toMatch(/\n {2}group:readers: CreateGroup, PutGroupPolicy.*\n/);
    for (const UserName of ['melvins', 'buzzo', 'dale']) sandbox.call('GetUser', { UserName });
    expect(sandbox.allows('buzzo', 's3:GetObject', 'arn:aws:s3:::x/y')).toBe(true);
    expectEachKeyDelivered(sandbox, file, ['melvins']);

    sandbox.faults.clear();
    expect(await rollcall('apply', dir, '--yes', '--keys-to', file)).toMatchObject({ code: 0, stderr: '' });
    expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
    expectEachKeyDelivered(sandbox, file, ['melvins']);
  });

  test('elsewhere does not hold up an offboarding, which comes first', async () => {
    const { sandbox, rollcall, writes } = await stage();
    const file = join(scratch(), 'keys');
    expect((await rollcall('apply', manifests(world), '--yes', '--keys-to', file)).code).toBe(0);
    sandbox.clearJournal();
    sandbox.faults.add({ kind: 'denied', op: /^(PutGroupPolicy|CreatePolicyVersion|TagUser)$/ });
    const next = manifests(leaving.replaceAll('s3:GetObject', 's3:PutObject'));
    const { code, stdout } = await rollcall('apply', next, '--yes', '--parallelism', '1');
    expect(code).toBe(5);
    expect(writes()[0]).toBe('PutUserPolicy dale');
    expect(writes().indexOf('DeleteUser dale')).toBeLessThan(writes().indexOf('PutGroupPolicy readers'));
    expect(() => sandbox.call('GetUser', { UserName: 'dale' })).toThrow(/cannot be found/);
    expect(stdout).not.toContain('user:dale:');
    sandbox.faults.clear();
    expect((await rollcall('apply', next, '--yes')).code).toBe(0);
  });

  test('within an offboarding leaves the person denied, and the next run goes on from there', async () => {
    const { sandbox, rollcall } = await stage();
    const file = join(scratch(), 'keys');
    expect((await rollcall('apply', manifests(world), '--yes', '--keys-to', file)).code).toBe(0);
    const gone = manifests(world.replace(/ {2}melvins.*\n/, ''));
    sandbox.faults.add({ kind: 'denied', op: 'DeleteAccessKey' });
    const { code, stdout } = await rollcall('apply', gone, '--yes');
    expect(code).toBe(5);
    expect(stdout).toMatch(/\n {2}user:melvins: DeleteAccessKey, .*DeleteUser\n/);
    expect(sandbox.allows('melvins', 's3:GetObject', 'arn:aws:s3:::x/y')).toBe(false);
    const [key] = sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata ?? [];
    expect(key?.Status).toBe('Inactive');
    sandbox.faults.clear();
    expect((await rollcall('apply', gone, '--yes')).code).toBe(0);
    expect((await rollcall('plan', gone)).code).toBe(0);
  });

  test('with --json is a failed step with its reason', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.faults.add({ kind: 'denied', op: 'CreateUser' });
    const { code, stdout } = await rollcall('apply', manifests('users: { buzzo: {} }'), '--yes', '--json');
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({
      done: 0,
      remaining: ['user:buzzo'],
      steps: [
        { op: 'CreateUser', status: 'failed', message: expect.stringContaining('access denied') as string },
      ],
    });
  });

  test('because somebody else has changed the account meanwhile is told as that', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.call('CreateUser', { UserName: 'lorax' });
    sandbox.faults.beforeCall = ({ op }) => {
      if (op !== 'GetUser') return;
      sandbox.faults.beforeCall = null;
      sandbox.call('DeleteUser', { UserName: 'lorax' });
      sandbox.call('CreateUser', { UserName: 'lorax' });
    };
    const { code, stderr } = await rollcall('apply', manifests('users: { buzzo: {} }'), '--yes');
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /^failed: user:lorax: GetUser: .*somebody else changed it since the plan\n {2}run again/,
    );
    expect(sandbox.call('GetUser', { UserName: 'lorax' }).User?.UserName).toBe('lorax');
  });
});
