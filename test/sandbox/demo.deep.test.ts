import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { policy, sandboxFor } from './helpers.ts';

const houdini = policy('Allow', 's3:*', 'arn:aws:s3:::houdini/*');
const allowAll = policy('Allow', '*');

function runs(command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
const hasCli = runs('aws', ['--version']);
const hasBoto3 = runs('python3', ['-c', 'import boto3']);

const environment = (sandbox: Sandbox): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  // No profile, no configuration of this machine.
  HOME: '/nonexistent',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: sandbox.url,
  AWS_ACCESS_KEY_ID: sandbox.operator.accessKeyId,
  AWS_SECRET_ACCESS_KEY: sandbox.operator.secretAccessKey,
  AWS_PAGER: '',
  AWS_MAX_ATTEMPTS: '1',
  ...(process.env['PYENV_ROOT'] ? { PYENV_ROOT: process.env['PYENV_ROOT'] } : {}),
});

describe('the demo story', () => {
  it.skipIf(!hasBoto3)(`is told by boto3${hasBoto3 ? '' : ' (skipped: python3 has no boto3)'}`, async () => {
    const { sandbox } = await sandboxFor();
    const script = `
import boto3, json
iam = boto3.client('iam')
assert boto3.client('sts').get_caller_identity()['Account'] == '123456789012'
iam.create_user(UserName='melvins', Path='/partners/', Tags=[{'Key': 'team', 'Value': 'images'}])
iam.put_user_policy(UserName='melvins', PolicyName='allow_access_houdini', PolicyDocument=${JSON.stringify(houdini)})
key = iam.create_access_key(UserName='melvins')['AccessKey']
assert len(key['SecretAccessKey']) == 40
iam.create_group(GroupName='admins')
iam.put_group_policy(GroupName='admins', PolicyName='allow_all', PolicyDocument=${JSON.stringify(allowAll)})
for name in ('buzzo', 'lorax', 'dale'):
    iam.create_user(UserName=name)
    iam.add_user_to_group(GroupName='admins', UserName=name)
try:
    iam.delete_user(UserName='lorax')
    raise SystemExit('no DeleteConflict')
except iam.exceptions.DeleteConflictException as error:
    assert error.response['Error']['Message'] == 'Cannot delete entity, must remove users from group first.'
iam.remove_user_from_group(GroupName='admins', UserName='lorax')
iam.delete_user(UserName='lorax')
assert iam.get_user_policy(UserName='melvins', PolicyName='allow_access_houdini')['PolicyDocument']['Statement'][0]['Action'] == 's3:*'
pages = iam.get_paginator('get_account_authorization_details').paginate(PaginationConfig={'PageSize': 2})
names = [user['UserName'] for page in pages for user in page['UserDetailList']]
own = boto3.client('iam', aws_access_key_id=key['AccessKeyId'], aws_secret_access_key=key['SecretAccessKey'])
assert own.get_user()['User']['UserName'] == 'melvins'
device = iam.create_virtual_mfa_device(VirtualMFADeviceName='phone')['VirtualMFADevice']
assert device['QRCodePNG'].startswith(b'\\x89PNG') and len(device['Base32StringSeed']) == 64
iam.generate_credential_report()
print(json.dumps(names))
`;
    const output = await run('python3', ['-c', script], sandbox);
    expect(JSON.parse(output)).toEqual(['buzzo', 'dale', 'melvins']);
  });

  it.skipIf(!hasCli)(`is told by the AWS CLI${hasCli ? '' : ' (skipped: no aws command)'}`, async () => {
    const { sandbox } = await sandboxFor();
    const directory = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'policy.json');
    writeFileSync(file, houdini);
    const aws = async (...args: string[]): Promise<unknown> => {
      const output = await run('aws', ['iam', ...args, '--output', 'json'], sandbox);
      return output.trim() === '' ? null : JSON.parse(output);
    };
    await aws('create-user', '--user-name', 'melvins', '--path', '/partners/');
    const name = ['--policy-name', 'allow_access_houdini'];
    await aws('put-user-policy', '--user-name', 'melvins', ...name, '--policy-document', `file://${file}`);
    expect(await aws('get-user-policy', '--user-name', 'melvins', ...name)).toMatchObject({
      PolicyDocument: { Statement: [{ Resource: 'arn:aws:s3:::houdini/*' }] },
    });
    sandbox.call('CreateUser', { UserName: 'lorax' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('AddUserToGroup', { UserName: 'lorax', GroupName: 'admins' });
    await expect(aws('delete-user', '--user-name', 'lorax')).rejects.toThrow(
      'An error occurred (DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must ' +
        'remove users from group first.',
    );
    await aws('remove-user-from-group', '--user-name', 'lorax', '--group-name', 'admins');
    await aws('delete-user', '--user-name', 'lorax');
    expect(await aws('list-users', '--page-size', '1')).toMatchObject({ Users: [{ UserName: 'melvins' }] });
  });
});

/** The sandbox runs in this process, so the client must not block it. */
function run(command: string, args: string[], sandbox: Sandbox): Promise<string> {
  return new Promise((done, failed) => {
    execFile(command, args, { env: environment(sandbox), timeout: 50_000 }, (error, stdout, stderr) => {
      if (error) failed(new Error(stderr || error.message));
      else done(stdout);
    });
  });
}
