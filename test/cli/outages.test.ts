import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startSandbox } from '../../src/sandbox/index.ts';
import { accountId, credentials, manifests, run, scratch, stage, start } from '../support/cli.ts';
import { held } from './stages.ts';

const users = (...names: string[]): string =>
  manifests(`users: { ${names.map((name) => `${name}: { tags: { a: '1' } }`).join(', ')} }`);

describe('Ctrl-C', () => {
  test('delivers the key that is being made before it stops', async () => {
    const { sandbox, env, rollcall } = await stage();
    const way = await held(sandbox, 'CreateAccessKey');
    const file = join(scratch(), 'keys');
    const dir = manifests('users: { melvins: { accessKey: {} }, buzzo: { accessKey: {} } }');
    const running = start(['apply', '--yes', '-m', dir, ...way.there, '--keys-to', file], { env });
    await way.arrival;
    running.interrupt();
    await running.says('Interrupted');
    way.release();
    expect((await running.ended).code).toBe(5);
    expect(await rollcall('apply', dir, '--yes', '--keys-to', file)).toMatchObject({ code: 0, stderr: '' });
    const delivered = readFileSync(file, 'utf8');
    for (const UserName of ['melvins', 'buzzo']) {
      const keys = sandbox.call('ListAccessKeys', { UserName }).AccessKeyMetadata ?? [];
      expect(keys).toHaveLength(1);
      expect(delivered).toContain(keys[0]?.AccessKeyId);
    }
  });
});

describe('nobody answers', () => {
  const key = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y' };

  test('an endpoint that refuses connections', async () => {
    const { code, stdout, stderr } = await run(
      ['plan', '-m', users('buzzo'), '--endpoint-url', 'http://127.0.0.1:9'],
      { env: key },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'error: GetCallerIdentity: no answer from IAM (ECONNREFUSED) (after 8 attempts)\n  hint: check the network and --endpoint-url\n',
    );
  });

  test('throttling that does not end', async () => {
    const { sandbox, rollcall, writes } = await stage();
    sandbox.faults.add({ kind: 'throttle', op: 'GetAccountAuthorizationDetails' });
    const { code, stdout, stderr } = await rollcall('apply', users('buzzo'), '--yes');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'error: GetAccountAuthorizationDetails: IAM is throttling, and has done nothing else for 5 minutes: Rate exceeded\n  hint: run again later; --max-wait MINUTES waits longer\n',
    );
    expect(writes()).toEqual([]);
  });

  test('the connection is lost in the middle of an apply', async () => {
    const file = join(scratch(), 'account');
    let time = Date.now();
    // Each look at the clock takes a second, so that nothing has to be waited for.
    const clock = (): Date => new Date((time += 1000));
    const sandbox = await startSandbox({ account: accountId, file, clock });
    let created = 0;
    let closed: Promise<void> | undefined;
    sandbox.faults.afterCall = ({ op }) => {
      if (op === 'CreateUser' && ++created === 2) closed = sandbox.close();
    };
    const dir = users('buzzo', 'dale', 'lorax', 'melvins');
    const env = credentials(sandbox.operator);
    const lost = await run(
      ['apply', '--yes', '-m', dir, '--parallelism', '1', '--endpoint-url', sandbox.url],
      { env },
    );
    await closed;
    expect(lost.code).toBe(5);
    expect(lost.stderr).toMatch(
      /^failed: user:dale: CreateUser: no answer from IAM \(ECONN\w+\).*\n {2}check the/,
    );
    expect(lost.stderr).toContain('stopped: the connection to IAM is lost\n');
    expect(lost.stdout).toContain('Partly applied: 1 of 4 steps. Run apply again for what remains:\n');
    for (const name of ['dale', 'lorax', 'melvins'])
      expect(lost.stdout).toContain(`  user:${name}: CreateUser\n`);

    // The lock that it could not give back counts for five minutes: the process that held it, this one, still runs.
    time += 5 * 60_000;
    const back = await startSandbox({ account: accountId, file, clock });
    try {
      const at = ['--endpoint-url', back.url, '-m', dir];
      expect(await run(['apply', '--yes', ...at], { env })).toMatchObject({ code: 0, stderr: '' });
      expect(await run(['plan', ...at], { env })).toMatchObject({ code: 0 });
    } finally {
      await back.close();
    }
  });

  test('the credentials expire in the middle of an apply', async () => {
    const { sandbox, there } = await stage({ strict: true });
    sandbox.call('CreateUser', { UserName: 'ci' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'ci' });
    const { AccessKeyId = '', SecretAccessKey = '' } = AccessKey ?? {};
    sandbox.clearJournal();
    sandbox.faults.afterCall = ({ op }) => {
      if (op !== 'CreateUser') return;
      sandbox.call('UpdateAccessKey', { UserName: 'ci', AccessKeyId, Status: 'Inactive' });
    };
    const dir = manifests('ignore: { users: [ci] }\nusers: { buzzo: {}, dale: {}, lorax: {} }');
    const { code, stderr } = await run(['apply', '--yes', '-m', dir, '--parallelism', '1', ...there], {
      env: credentials({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }),
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^failed: user:dale: CreateUser: AWS does not accept these credentials /);
    expect(stderr).toContain('stopped: IAM no longer accepts these credentials\n');
    expect(sandbox.call('ListUsers', {}).Users?.map(({ UserName }) => UserName)).toEqual(['buzzo', 'ci']);
  });
});
