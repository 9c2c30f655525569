import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  AttachUserPolicyCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  DeletePolicyCommand,
  DetachUserPolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListGroupsForUserCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

/**
 * The demo's story on an IAM that others wrote. moto is lenient: it deletes a user who still has keys, and takes
 * policies that IAM refuses. So green means that rollcall's calls are understood and its reads see what they did; that
 * IAM's preconditions hold is shown on the embedded sandbox (test/scenarios).
 */

const missing =
  spawnSync('moto_server', ['--help']).status === 0 ? '' : ' (skipped: moto_server is not installed)';

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
};

const env = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };

describe.skipIf(missing !== '')(`the demo's story on moto${missing}`, () => {
  let server: ChildProcess;
  let iam: IAMClient;
  let endpoint: string;
  let dir: string;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'rollcall-moto-'));
    cpSync(resolve(import.meta.dirname, '../../manifests'), join(dir, 'manifests'), { recursive: true });
    const port = await freePort();
    server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((ready, failed) => {
      server.on('exit', (code) => failed(new Error(`moto_server ended with ${code}`)));
      server.stderr!.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('Running on')) ready();
      });
    });
    endpoint = `http://127.0.0.1:${port}`;
    iam = new IAMClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
  });
  afterAll(async () => {
    iam.destroy();
    const ended = new Promise((done) => server.once('exit', done));
    server.kill();
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });

  const users = (): string => join(dir, 'manifests/users.yaml');
  const edit = (change: (text: string) => string): void => {
    const text = readFileSync(users(), 'utf8');
    const edited = change(text);
    expect(edited).not.toBe(text);
    writeFileSync(users(), edited);
  };
  const rollcall = (command: string, ...more: string[]): Promise<Ended> =>
    run([command, '--endpoint-url', endpoint, ...more], { cwd: dir, env });

  test('create: users, a group and keys', async () => {
    expect((await rollcall('plan')).code).toBe(2);
    const applied = await rollcall('apply', '--yes', '--keys-to', 'keys');
    expect(applied).toMatchObject({ code: 0, stderr: '' });

    const { User } = await iam.send(new GetUserCommand({ UserName: 'melvins' }));
    expect(User).toMatchObject({
      Path: '/partners/',
      Arn: 'arn:aws:iam::123456789012:user/partners/melvins',
    });
    const { Groups } = await iam.send(new ListGroupsForUserCommand({ UserName: 'lorax' }));
    expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['admins']);
    const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName: 'melvins' }));
    expect(readFileSync(join(dir, 'keys'), 'utf8')).toContain(AccessKeyMetadata[0]?.AccessKeyId);
    expect(await rollcall('plan')).toMatchObject({ code: 0, stderr: '' });
  });

  test('restrict: melvins only ever uploads', async () => {
    edit((text) => text.replace('s3:*', 's3:PutObject'));
    expect((await rollcall('plan')).stdout).toContain('narrows');
    expect((await rollcall('apply', '--yes')).code).toBe(0);
    const { PolicyDocument = '' } = await iam.send(
      new GetUserPolicyCommand({ UserName: 'melvins', PolicyName: 'allow_access_houdini' }),
    );
    expect(decodeURIComponent(PolicyDocument)).toContain('s3:PutObject');
    expect((await rollcall('plan')).code).toBe(0);
  });

  test('offboard: moto cannot list all that a person may have, which is an error and not an empty list', async () => {
    await iam.send(new CreateLoginProfileCommand({ UserName: 'lorax', Password: 'Truffula-tree-1' }));
    edit((text) => text.replace(/^ {2}lorax:.*\n(?: {4,}.*\n)*/m, ''));
    const { code, stdout, stderr } = await rollcall('plan');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: ListServiceSpecificCredentials: the answer \(status 500\) is not from IAM/,
    );
    expect(stderr).toContain('--assume-empty');
  });

  test('offboard: told which list moto lacks, lorax goes with password and key', async () => {
    const lacking = ['--assume-empty', 'ListServiceSpecificCredentials'];
    const planned = await rollcall('plan', ...lacking);
    expect(planned.code).toBe(2);
    expect(planned.stderr).toBe('warning: not called, and taken for empty: ListServiceSpecificCredentials\n');
    expect(planned.stdout).toContain('- user lorax: offboard');
    expect(planned.stdout).toContain('- login profile (console password)');
    expect(planned.stdout).toMatch(/- access key AKIA\w+ \(active\)/);
    const applied = await rollcall('apply', '--yes', ...lacking);
    expect(applied.stderr).not.toContain('failed');
    expect(applied.code).toBe(0);
    await expect(iam.send(new GetUserCommand({ UserName: 'lorax' }))).rejects.toThrow(/lorax/);
    await expect(iam.send(new ListAccessKeysCommand({ UserName: 'lorax' }))).rejects.toThrow(/lorax/);
  });

  test('import: a policy that moto tells without its name has the one of its ARN', async () => {
    const PolicyArn = 'arn:aws:iam::123456789012:policy/team/read-reports';
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    });
    await iam.send(new CreatePolicyCommand({ PolicyName: 'read-reports', Path: '/team/', PolicyDocument }));
    await iam.send(new AttachUserPolicyCommand({ UserName: 'melvins', PolicyArn }));
    const imported = ['--manifests', 'imported'];
    expect((await rollcall('import', ...imported)).code).toBe(0);
    expect(readFileSync(join(dir, 'imported/users.yaml'), 'utf8')).toContain('attach: [read-reports]');
    expect(readFileSync(join(dir, 'imported/policies.yaml'), 'utf8')).toContain('path: /team/');
    expect(await rollcall('plan', ...imported)).toMatchObject({ code: 0 });
    await iam.send(new DetachUserPolicyCommand({ UserName: 'melvins', PolicyArn }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
  });

  test('and again: nothing is left to do', async () => {
    expect(await rollcall('plan')).toMatchObject({ code: 0, stderr: '' });
    expect(await rollcall('apply', '--yes')).toMatchObject({ code: 0, stderr: '' });
  });
});
