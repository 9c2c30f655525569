import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { manifests, run, scratch, stage, write } from '../support/cli.ts';

const team = `
users:
  buzzo: { groups: [admins] }
  lorax: { groups: [admins] }
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } }
`;

describe('the exit code tells what the plan came to', () => {
  test('2: changes are pending, and nothing has been written', async () => {
    const { rollcall, writes } = await stage();
    const { code, stdout, stderr } = await rollcall('plan', manifests(team));
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('+ user buzzo: create');
    expect(stdout).toMatch(
      /\n3 changes: 3 creations; 3 may widen access.*; \d+ API calls\.\nLooked at: the password policy not managed\.\n$/,
    );
    expect(writes()).toEqual([]);
  });

  test('0: the account matches the manifests', async () => {
    const { rollcall } = await stage();
    const dir = manifests(team);
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0 });
    expect(await rollcall('plan', dir)).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^Account 123456789012 matches the manifests: nothing to change\.\nRules were not compared \(no --base\)\.\nLooked at: .*not managed\.\nnote: keys and passwords are as of .*\n$/,
      ),
      stderr: '',
    });
  });

  test('3: these credentials are for another account, and none of it has been read', async () => {
    const { sandbox, rollcall } = await stage({ account: '999999999999' });
    for (const command of ['plan', 'apply']) {
      const { code, stdout, stderr } = await rollcall(command, manifests(team));
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain(
        'credentials are for account 999999999999, but the manifests are for 123456789012',
      );
      expect(stderr).not.toContain('--override');
    }
    expect(new Set(sandbox.journal.map(({ op }) => op))).toEqual(new Set(['GetCallerIdentity']));
  });
});

describe('--format json', () => {
  test('is one JSON document on stdout, the same bytes each time', async () => {
    const { rollcall } = await stage();
    const dir = manifests(team);
    const first = await rollcall('plan', dir, '--format', 'json');
    expect(first).toMatchObject({ code: 2, stderr: '' });
    const plan = JSON.parse(first.stdout) as { changes: { id: string }[]; steps: object[] };
    expect(plan.changes.map(({ id }) => id)).toEqual(['user:buzzo', 'user:lorax', 'group:admins']);
    expect((await rollcall('plan', dir, '--format', 'json')).stdout).toBe(first.stdout);
    expect((await rollcall('plan', dir, '--json')).stdout).toBe(first.stdout);
  });

  test('does not depend on the order of files and keys', async () => {
    const { rollcall } = await stage();
    const [users, groups] = [team.slice(0, team.indexOf('groups:\n')), team.slice(team.indexOf('groups:\n'))];
    const files = write(scratch(), { 'a.yaml': `account: "123456789012"\n${groups}`, 'b.yaml': users });
    const steps = async (dir: string): Promise<unknown> => {
      const { stdout } = await rollcall('plan', dir, '--json');
      return (JSON.parse(stdout) as { steps: unknown }).steps;
    };
    expect(await steps(files)).toEqual(await steps(manifests(team)));
  });
});

describe('streams', () => {
  test('--verbose counts the calls on stderr; --quiet silences that', async () => {
    const { rollcall } = await stage();
    const dir = manifests(team);
    const { stderr } = await rollcall('plan', dir, '--verbose');
    expect(stderr).toBe(
      'API calls: 3 (GetAccountAuthorizationDetails 1, GetAccountSummary 1, GetCallerIdentity 1)\n',
    );
    expect((await rollcall('plan', dir, '--verbose', '--quiet')).stderr).toBe('');
    expect((await rollcall('plan', dir, '--verbose', '--json')).stdout).toMatch(/^\{/);
  });

  test('warnings of the manifests go to stderr, and the plan is made', async () => {
    const { rollcall } = await stage();
    const { code, stdout, stderr } = await rollcall('plan', manifests(`${team}  nobody: {}\n`), '--json');
    expect(code).toBe(2);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
    expect(stderr === '' || /account\.yaml:\d+:\d+: warning: /.test(stderr)).toBe(true);
  });

  test('names from IAM do not reach the terminal as control characters', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.call('CreateUser', { UserName: 'dale', Tags: [{ Key: 'note', Value: 'a' }] });
    const { stdout } = await rollcall('plan', manifests(team));
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});

describe('--out', () => {
  test('keeps a symbolic link, and a device that it is given', async () => {
    const dir = manifests(team);
    const out = scratch();
    symlinkSync('plans/latest.json', `${out}/plan.json`);
    mkdirSync(`${out}/plans`);
    expect(await run(['plan', '--sandbox', '-m', dir, '-o', `${out}/plan.json`])).toMatchObject({ code: 2 });
    expect(lstatSync(`${out}/plan.json`).isSymbolicLink()).toBe(true);
    expect(readFileSync(`${out}/plans/latest.json`, 'utf8')).toContain('"digest"');
    expect(await run(['plan', '--sandbox', '-m', dir, '-o', '/dev/null'])).toMatchObject({ code: 2 });
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(out).concat(readdirSync(`${out}/plans`))).toEqual([
      'plan.json',
      'plans',
      'latest.json',
    ]);
  });

  test('that cannot be written says why, and leaves no other file behind', async () => {
    const out = scratch();
    mkdirSync(`${out}/folder`);
    const { code, stderr } = await run(['plan', '--sandbox', '-m', manifests(team), '-o', `${out}/folder`]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      `error: ${out}/folder cannot be written: a directory is in the way (EISDIR)\n` +
        '  hint: move the directory that is in the way, or name another path\n',
    );
    expect(readdirSync(out)).toEqual(['folder']);
  });
});

describe('where IAM is', () => {
  test('--sandbox is an IAM in memory, without any network or credentials', async () => {
    const dir = manifests(team);
    expect(await run(['plan', '--sandbox', '-m', dir])).toMatchObject({ code: 2, stderr: '' });
  });

  test('--sandbox=FILE keeps the account from one command to the next', async () => {
    const dir = manifests(team);
    const file = `--sandbox=${scratch()}/account`;
    expect(await run(['apply', '--yes', file, '-m', dir])).toMatchObject({ code: 0, stderr: '' });
    expect(await run(['plan', file, '-m', dir])).toMatchObject({ code: 0, stderr: '' });
  });

  test('a sandbox file that is none is left as it is', async () => {
    const dir = write(scratch(), { account: 'something else' });
    const { code, stderr } = await run(['plan', `--sandbox=${dir}/account`, '-m', manifests(team)]);
    expect(code).toBe(1);
    expect(stderr).toContain('is not a sandbox file');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('AWS_ENDPOINT_URL_IAM and AWS_ENDPOINT_URL_STS lead there as they do the AWS CLI', async () => {
    const { sandbox, env } = await stage();
    const { code } = await run(['plan', '-m', manifests(team)], {
      env: { ...env, AWS_ENDPOINT_URL_IAM: sandbox.url, AWS_ENDPOINT_URL_STS: sandbox.url },
    });
    expect(code).toBe(2);
  });

  test('a profile gives credentials, endpoint and region', async () => {
    const { sandbox } = await stage();
    sandbox.call('CreateUser', { UserName: 'ci' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'ci' });
    const dir = write(scratch(), {
      config: `[profile there]\nregion = eu-central-1\nendpoint_url = ${sandbox.url}\naws_access_key_id = ${AccessKey?.AccessKeyId}\naws_secret_access_key = ${AccessKey?.SecretAccessKey}\n`,
      credentials: '',
    });
    const { code, stderr } = await run(
      ['plan', '--profile', 'there', '-m', manifests(`${team}ignore: { users: [ci] }`)],
      {
        env: { AWS_CONFIG_FILE: `${dir}/config`, AWS_SHARED_CREDENTIALS_FILE: `${dir}/credentials` },
      },
    );
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const used = sandbox.call('GetAccessKeyLastUsed', { AccessKeyId: AccessKey?.AccessKeyId ?? '' });
    expect(used.AccessKeyLastUsed?.Region).toBe('eu-central-1');
  });

  test.each([
    [200, '<html>Welcome</html>'],
    [200, ''],
    [200, '{"ok": true}'],
    [404, '<html>Not found</html>'],
    [302, ''],
  ])('a web server that is no IAM (%i, %j) is an error, not an empty account', async (status, body) => {
    const server = createServer((_, response) => response.writeHead(status, { location: '/' }).end(body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await run(
      ['plan', '-m', manifests(team), '--endpoint-url', `http://127.0.0.1:${port}`],
      { env: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' } },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: GetCallerIdentity: /);
    expect(stderr).toContain('--endpoint-url');
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
