import { chmodSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, run, scratch, stage, start, write } from '../support/cli.ts';

const before = `
users:
  melvins: { path: /partners/, accessKey: {}, policies: { allow_access_houdini: { Statement: [{ Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::houdini/*' }] } } }
  buzzo: { groups: [admins] }
  lorax: { groups: [admins], accessKey: {} }
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } }
`;
const after = before.replace(/ {2}lorax.*\n/, '').replace('s3:*', 's3:PutObject');

const keysIn = (file: string): { user: string; accessKeyId: string; secretAccessKey: string }[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { user: string; accessKeyId: string; secretAccessKey: string });

/** Every byte of every file below a directory. */
const everyByte = (dir: string): string =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');

test('without --yes and without a terminal nobody can agree: exit 1, and nothing is written', async () => {
  const { rollcall, writes } = await stage();
  const { code, stderr } = await rollcall('apply', manifests(before));
  expect(code).toBe(1);
  expect(stderr).toBe('error: nobody is there to agree to the plan\n  hint: add --yes to apply it\n');
  expect(writes()).toEqual([]);
});

test('it makes the account match, and a second time there is nothing to do', async () => {
  const { sandbox, rollcall, writes } = await stage();
  const keys = join(scratch(), 'keys');
  const dir = manifests(before);
  const applied = await rollcall('apply', dir, '--yes', '--keys-to', keys);
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(applied.stdout).toMatch(/\nApplied 4 changes.*\n$/);
  expect(sandbox.call('GetUser', { UserName: 'melvins' }).User?.Path).toBe('/partners/');
  expect(sandbox.allows('melvins', 's3:GetObject', 'arn:aws:s3:::houdini/x')).toBe(true);

  expect((await rollcall('plan', dir)).code).toBe(0);
  sandbox.clearJournal();
  expect(await rollcall('apply', dir)).toMatchObject({ code: 0, stderr: '' });
  expect(writes()).toEqual([]);
});

test('who is deleted from the file is gone with the key, and who is restricted is', async () => {
  const { sandbox, rollcall } = await stage();
  const keys = join(scratch(), 'keys');
  expect((await rollcall('apply', manifests(before), '--yes', '--keys-to', keys)).code).toBe(0);
  const dir = manifests(after);
  const planned = await rollcall('plan', dir);
  expect(planned.code).toBe(2);
  expect(planned.stdout).toContain('- user lorax: offboard');
  expect((await rollcall('apply', dir, '--yes')).code).toBe(0);
  expect(() => sandbox.call('GetUser', { UserName: 'lorax' })).toThrow(/cannot be found/);
  expect(sandbox.allows('melvins', 's3:GetObject', 'arn:aws:s3:::houdini/x')).toBe(false);
  expect(sandbox.allows('melvins', 's3:PutObject', 'arn:aws:s3:::houdini/x')).toBe(true);
  expect((await rollcall('plan', dir)).code).toBe(0);
});

test('--json tells what became of each step, and no plan for people', async () => {
  const { rollcall } = await stage();
  const { code, stdout, stderr } = await rollcall(
    'apply',
    manifests('users: { buzzo: {} }'),
    '--yes',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    account: '123456789012',
    done: 1,
    remaining: [],
    steps: [{ op: 'CreateUser', change: 'user:buzzo', status: 'done' }],
  });
});

test('--verbose counts the calls on stderr', async () => {
  const { rollcall } = await stage();
  const { stderr } = await rollcall('apply', manifests('users: { buzzo: {} }'), '--yes', '--verbose');
  // How often the lock is looked at depends on the time that passes.
  expect(stderr).toMatch(
    /^API calls: \d+ \(CreatePolicy 1, CreateUser 1, DeletePolicy 1, GetAccountAuthorizationDetails 2, GetAccountSummary 1, GetCallerIdentity 1, GetPolicy [12]\)\n$/,
  );
});

describe('new access keys in clear (--keys-to)', () => {
  test('have nowhere to go without it: refused before the first write', async () => {
    const { rollcall, writes } = await stage();
    const { code, stderr } = await rollcall('apply', manifests(before), '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the new access key of \w+ has nowhere to go\n {2}hint: .*--keys-to FILE/);
    expect(writes()).toEqual([]);
  });

  test('are in a file of mode 0600, one JSON object a line, and work', async () => {
    const { sandbox, rollcall } = await stage({ strict: true });
    const file = join(scratch(), 'keys');
    expect((await rollcall('apply', manifests(before), '--yes', '--keys-to', file)).code).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const keys = keysIn(file);
    expect(keys.map(({ user }) => user).sort()).toEqual(['lorax', 'melvins']);
    for (const { user, accessKeyId } of keys) {
      const listed = sandbox.call('ListAccessKeys', { UserName: user }).AccessKeyMetadata;
      expect(listed?.map(({ AccessKeyId }) => AccessKeyId)).toEqual([accessKeyId]);
    }
    const [key] = keys;
    const told = await run(
      ['plan', '-m', manifests(before), '--endpoint-url', sandbox.url, '--override', 'caller'],
      { env: { AWS_ACCESS_KEY_ID: key!.accessKeyId, AWS_SECRET_ACCESS_KEY: key!.secretAccessKey } },
    );
    expect(told).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([
    [
      'that others may read',
      (dir: string) => chmodSync(join(write(dir, { keys: '' }), 'keys'), 0o644),
      'keys',
    ],
    ['in a directory that is not there', () => {}, 'nowhere/keys'],
    ['that is a directory', () => {}, '.'],
  ])('do not go to a file %s: refused before the first write', async (_, prepare, name) => {
    const { rollcall, writes } = await stage();
    const dir = scratch();
    prepare(dir);
    const { code, stderr } = await rollcall(
      'apply',
      manifests(before),
      '--yes',
      '--keys-to',
      join(dir, name),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: --keys-to /);
    expect(stderr).toContain('\n  hint: ');
    expect(writes()).toEqual([]);
  });

  test('are nowhere else: not in what is printed, planned, kept or journalled', async () => {
    const home = scratch();
    const kept = scratch();
    const { sandbox, rollcall } = await stage({ file: join(kept, 'account') });
    const file = join(home, 'keys');
    const dir = manifests(before);
    const plan = join(kept, 'plan.json');
    const ended = [
      await rollcall('plan', dir, '--out', plan, '--verbose'),
      await rollcall('apply', dir, '--yes', '--keys-to', file, '--verbose', '--receipts', join(kept, 'r')),
      await rollcall('plan', manifests(after), '--json'),
      await rollcall('apply', manifests(after), '--yes', '--json', '--receipts', join(kept, 'r')),
    ];
    expect(ended.map(({ code }) => code)).toEqual([2, 0, 2, 0]);
    const traces = [
      everyByte(kept),
      JSON.stringify(sandbox.journal),
      ...ended.map(({ stdout, stderr }) => stdout + stderr),
    ];
    const secrets = keysIn(file).map(({ secretAccessKey }) => secretAccessKey);
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) {
      expect(secret).toMatch(/^\S{40}$/);
      for (const trace of traces) expect(trace).not.toContain(secret);
    }
  });
});

describe('the sandbox as a command', () => {
  test('serves until Ctrl-C, and then ends well', async () => {
    const served = start(['sandbox', '--port', '0', '--json']);
    const line = await served.prints('\n');
    const { url, credentials: key } = JSON.parse(line) as {
      url: string;
      credentials: { accessKeyId: string; secretAccessKey: string };
    };
    const env = { AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
    const { code } = await run(['plan', '-m', manifests(before), '--endpoint-url', url], { env });
    expect(code).toBe(2);
    served.interrupt();
    expect(await served.ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('says so when its port is taken', async () => {
    const { sandbox } = await stage();
    const { port } = new URL(sandbox.url);
    const { code, stderr } = await run(['sandbox', '--port', port]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: cannot listen on port ${port} of 127.0.0.1 (EADDRINUSE)\n  hint: --port 0 takes any free port\n`,
    );
  });

  test('says so when its host is not this machine', async () => {
    const { code, stderr } = await run(['sandbox', '--host', '192.0.2.1', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'error: cannot listen on port 0 of 192.0.2.1 (EADDRNOTAVAIL)\n' +
        '  hint: --host is an address of this machine, or 0.0.0.0 for all of them\n',
    );
  });
});

test('the demo tells its story and ends well', async () => {
  const { code, stdout, stderr } = await run(['demo']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Receipt of lorax: \S+\n$/);
  expect(stdout).toContain('GetUser lorax: NoSuchEntity');
  expect(stdout).toMatch(
    /nothing to change\.\nRules were not compared \(no --base\)\.\nLooked at: .*not managed\.\nnote: keys and passwords are as of .*\n$/,
  );
});
