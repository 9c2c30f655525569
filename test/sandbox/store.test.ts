import * as sdk from '@aws-sdk/client-iam';
import fs, {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, describe, vi } from 'vitest';
import { RollcallError } from '../../src/core/errors.ts';
import { createIam, startSandbox } from '../../src/sandbox/index.ts';
import { clientOf, policy } from './helpers.ts';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'rollcall-sandbox-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}
const temporary = (): string => join(directory(), 'account.db');

/** The error of opening a file. */
function openError(file: string, options: object = {}): RollcallError {
  try {
    createIam({ file, ...options }).close();
  } catch (error) {
    if (error instanceof RollcallError) return error;
    throw error;
  }
  throw new Error('it opened');
}

describe('a sandbox in a file', () => {
  it('has everything again after a restart', async () => {
    const file = temporary();
    const first = await startSandbox({ file, seed: 7 });
    const client = clientOf(first);
    await client.send(new sdk.CreateUserCommand({ UserName: 'melvins', Path: '/partners/' }));
    await client.send(new sdk.CreateUserCommand({ UserName: 'lorax' }));
    await client.send(new sdk.CreateGroupCommand({ GroupName: 'admins' }));
    await client.send(new sdk.AddUserToGroupCommand({ UserName: 'melvins', GroupName: 'admins' }));
    await client.send(
      new sdk.PutUserPolicyCommand({
        UserName: 'melvins',
        PolicyName: 'p',
        PolicyDocument: policy('Allow', 's3:*'),
      }),
    );
    await client.send(
      new sdk.CreateLoginProfileCommand({ UserName: 'melvins', Password: 'correct-Horse-7' }),
    );
    const { AccessKey } = await client.send(new sdk.CreateAccessKeyCommand({ UserName: 'melvins' }));
    await client.send(new sdk.DeleteUserCommand({ UserName: 'lorax' }));
    const before = await client.send(new sdk.GetAccountAuthorizationDetailsCommand({}));
    await first.close();
    client.destroy();

    const second = await startSandbox({ file, seed: 7 });
    const again = clientOf(second);
    const after = await again.send(new sdk.GetAccountAuthorizationDetailsCommand({}));
    expect(after.UserDetailList).toEqual(before.UserDetailList);
    expect(after.GroupDetailList).toEqual(before.GroupDetailList);
    expect(second.allows('melvins', 's3:GetObject', '*')).toBe(true);
    // A key from before is known by its id; its secret was never written.
    const own = clientOf(second, { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: 'forgotten' });
    expect((await own.send(new sdk.GetUserCommand({}))).User?.UserName).toBe('melvins');
    // Seeded ids go on, they do not start over.
    const { User } = await again.send(new sdk.CreateUserCommand({ UserName: 'dale' }));
    expect(before.UserDetailList?.map((user) => user.UserId)).not.toContain(User?.UserId);
    again.destroy();
    own.destroy();
    await second.close();
  });

  it("has the account's own settings again after a restart", async () => {
    const file = temporary();
    const policy = { MinimumPasswordLength: 14, RequireSymbols: true, MaxPasswordAge: 90 };
    const first = await startSandbox({ file });
    const client = clientOf(first);
    await client.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'acme' }));
    await client.send(new sdk.UpdateAccountPasswordPolicyCommand(policy));
    client.destroy();
    await first.close();

    const second = await startSandbox({ file });
    const again = clientOf(second);
    expect((await again.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases).toEqual(['acme']);
    expect((await again.send(new sdk.GetAccountPasswordPolicyCommand({}))).PasswordPolicy).toMatchObject(
      policy,
    );
    await again.send(new sdk.DeleteAccountPasswordPolicyCommand({}));
    await again.send(new sdk.DeleteAccountAliasCommand({ AccountAlias: 'acme' }));
    again.destroy();
    await second.close();

    const third = createIam({ file });
    expect(third.state.account.sorted()).toMatchObject([{ alias: null, passwordPolicy: null }]);
    third.close();
  });

  it('never holds a secret or a password, nor lets others read it', async () => {
    const file = temporary();
    const iam = createIam({ file });
    iam.call('CreateUser', { UserName: 'dale' });
    const secrets = ['correct-Horse-7', 'battery-Staple-8'];
    iam.call('CreateLoginProfile', { UserName: 'dale', Password: secrets[0]! });
    iam.call('UpdateLoginProfile', { UserName: 'dale', Password: secrets[1]! });
    secrets.push(iam.call('CreateAccessKey', { UserName: 'dale' }).AccessKey!.SecretAccessKey!);
    for (const ServiceName of ['codecommit.amazonaws.com', 'bedrock.amazonaws.com']) {
      const { ServiceSpecificCredential: made } = iam.call('CreateServiceSpecificCredential', {
        UserName: 'dale',
        ServiceName,
      });
      secrets.push((made?.ServicePassword ?? made?.ServiceCredentialSecret)!);
    }
    const { VirtualMFADevice } = iam.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' });
    secrets.push(Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString());
    expect(secrets).toHaveLength(6);
    const everything = readFileSync(file, 'utf8') + JSON.stringify(iam.journal);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    iam.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('drops a last line that was never finished', () => {
    const file = temporary();
    const first = createIam({ file });
    first.call('CreateUser', { UserName: 'dale' });
    first.close();
    appendFileSync(file, '{"n":9,"put":[["users","AIDA');
    const second = createIam({ file });
    second.call('CreateUser', { UserName: 'lorax' });
    second.close();
    const third = createIam({ file });
    expect(third.state.users.sorted().map((user) => user.name)).toEqual(['dale', 'lorax']);
    third.close();
  });

  it('is refused when damaged, and left as it is', () => {
    const file = temporary();
    const iam = createIam({ file });
    iam.call('CreateUser', { UserName: 'dale' });
    iam.call('CreateUser', { UserName: 'lorax' });
    iam.close();
    const lines = readFileSync(file, 'utf8').split('\n');
    const damaged = [...lines.slice(0, 2), 'oops', ...lines.slice(2)].join('\n');
    writeFileSync(file, damaged);
    const error = openError(file);
    expect(error.message).toBe(`${file}:3: the sandbox file is damaged`);
    expect(error.hint).toContain('left as it is');
    expect(readFileSync(file, 'utf8')).toBe(damaged);
  });

  it.each([
    ['another file', '# Notes\n\nnothing of ours\n', 'is not a sandbox file'],
    ['another file without a line end', 'hello', 'is not a sandbox file'],
    ['an empty file', '', 'is not a sandbox file'],
    ['a later version', '{"format":"rollcall-sandbox","version":2}\n', 'is a sandbox file of version 2'],
    [
      'another account',
      '{"format":"rollcall-sandbox","version":1,"account":"999999999999"}\n',
      'holds account "999999999999", not 123456789012',
    ],
    ['cut in its header', '{"format":"rollcall-sandbox","version":1,"account":"123456789012"}', 'is damaged'],
    [
      'cut in its first record',
      '{"format":"rollcall-sandbox","version":1,"account":"123456789012"}\n{"n":9,"put":[["users","AIDA',
      'is damaged',
    ],
    [
      'records of no kind that is known',
      '{"format":"rollcall-sandbox","version":1,"account":"123456789012"}\n{"n":0,"put":[["__proto__","x",{"id":"x"}]]}\n',
      'is damaged',
    ],
  ])('is refused where it is %s', (_name, content, message) => {
    const file = temporary();
    writeFileSync(file, content);
    expect(openError(file).message).toContain(message.replace(/^is damaged$/, 'the sandbox file is damaged'));
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(readdirSync(join(file, '..'))).toEqual(['account.db']);
  });

  it('needs a place that can be written to', () => {
    const file = join(directory(), 'none', 'account.db');
    expect(openError(file)).toMatchObject({
      message: `${file} cannot be written (ENOENT)`,
      hint: 'Make its directory first.',
    });
  });

  it('belongs to one process at a time', () => {
    const file = temporary();
    const iam = createIam({ file });
    const error = openError(file);
    expect(error.message).toBe(`${file} is in use by process ${process.pid}`);
    iam.close();
    createIam({ file }).close();
  });

  it('stays small and quick under many calls', () => {
    const file = temporary();
    const iam = createIam({ file });
    iam.call('CreateUser', { UserName: 'dale' });
    const syncs = vi.spyOn(fs, 'fsyncSync');
    syncBuiltinESMExports();
    onTestFinished(() => {
      syncs.mockRestore();
      syncBuiltinESMExports();
    });
    for (let index = 0; index < 10_000; index++) {
      iam.call('TagUser', { UserName: 'dale', Tags: [{ Key: 'n', Value: String(index) }] });
    }
    // One per call would take minutes: they wait for a moment without calls, or for the end.
    expect(syncs).not.toHaveBeenCalled();
    iam.close();
    expect(syncs).toHaveBeenCalled();
    expect(statSync(file).size).toBeLessThan(10_000);
    const again = createIam({ file });
    expect(again.state.users.find('dale')?.tags).toEqual([{ key: 'n', value: '9999' }]);
    again.close();
  });
});
