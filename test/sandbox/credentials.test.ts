import * as sdk from '@aws-sdk/client-iam';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificatePem, otherCertificates } from './fixtures.ts';
import { clientOf, manualClock, policy, sandboxFor } from './helpers.ts';

const UserName = 'lorax';

describe('access keys', () => {
  it('are made, used, switched off and deleted', async () => {
    const clock = manualClock();
    const { sandbox, client } = await sandboxFor({ clock });
    sandbox.call('CreateUser', { UserName });
    const { AccessKey } = await client.send(new sdk.CreateAccessKeyCommand({ UserName }));
    const AccessKeyId = AccessKey!.AccessKeyId!;
    const own = clientOf(sandbox, { accessKeyId: AccessKeyId, secretAccessKey: AccessKey!.SecretAccessKey! });
    const unused = await client.send(new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId }));
    expect(unused.AccessKeyLastUsed).toEqual({ ServiceName: 'N/A', Region: 'N/A' });
    clock.advance(3600_000);
    expect((await own.send(new sdk.GetUserCommand({}))).User?.UserName).toBe(UserName);
    const used = await client.send(new sdk.GetAccessKeyLastUsedCommand({ AccessKeyId }));
    expect(used).toMatchObject({
      UserName,
      AccessKeyLastUsed: { ServiceName: 'iam', Region: 'us-east-1', LastUsedDate: clock() },
    });
    await client.send(new sdk.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Inactive' }));
    const refused = { name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } };
    await expect(own.send(new sdk.GetUserCommand({}))).rejects.toMatchObject(refused);
    await client.send(new sdk.UpdateAccessKeyCommand({ UserName, AccessKeyId, Status: 'Active' }));
    await own.send(new sdk.GetUserCommand({}));
    await client.send(new sdk.DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    // A deleted key must not pass for an unknown one, which would be the operator's.
    await expect(own.send(new sdk.GetUserCommand({}))).rejects.toMatchObject(refused);
    expect((await client.send(new sdk.ListAccessKeysCommand({ UserName }))).AccessKeyMetadata).toEqual([]);
    own.destroy();
  });
});

describe('login profiles', () => {
  it('are made, changed and deleted', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName });
    const Password = 'correct-Horse-7';
    const made = await client.send(
      new sdk.CreateLoginProfileCommand({ UserName, Password, PasswordResetRequired: true }),
    );
    expect(made.LoginProfile).toMatchObject({ UserName, PasswordResetRequired: true });
    await client.send(new sdk.UpdateLoginProfileCommand({ UserName, PasswordResetRequired: false }));
    const { LoginProfile } = await client.send(new sdk.GetLoginProfileCommand({ UserName }));
    expect(LoginProfile?.PasswordResetRequired).toBe(false);
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
    const own = clientOf(sandbox, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    const change = { OldPassword: 'wrong', NewPassword: 'battery-Staple-8' };
    await expect(own.send(new sdk.ChangePasswordCommand(change))).rejects.toThrow('incorrect');
    await own.send(new sdk.ChangePasswordCommand({ ...change, OldPassword: Password }));
    await client.send(new sdk.DeleteLoginProfileCommand({ UserName }));
    own.destroy();
  });
});

describe('MFA devices', () => {
  it('are virtual, assigned, set free and deleted', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName });
    const { VirtualMFADevice } = await client.send(
      new sdk.CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'phone', Path: '/x/' }),
    );
    const SerialNumber = VirtualMFADevice!.SerialNumber!;
    expect(SerialNumber).toBe('arn:aws:iam::123456789012:mfa/x/phone');
    expect(Buffer.from(VirtualMFADevice!.Base32StringSeed!).toString()).toMatch(/^[A-Z2-7]{64}$/);
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
    await client.send(new sdk.EnableMFADeviceCommand({ UserName, SerialNumber, ...codes }));
    await expect(
      client.send(new sdk.EnableMFADeviceCommand({ UserName, SerialNumber, ...codes })),
    ).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    expect((await client.send(new sdk.ListMFADevicesCommand({ UserName }))).MFADevices).toMatchObject([
      { UserName, SerialNumber },
    ]);
    const listed = async (AssignmentStatus: sdk.AssignmentStatusType): Promise<number> =>
      (await client.send(new sdk.ListVirtualMFADevicesCommand({ AssignmentStatus }))).VirtualMFADevices!
        .length;
    expect([await listed('Assigned'), await listed('Unassigned'), await listed('Any')]).toEqual([1, 0, 1]);
    await client.send(new sdk.ResyncMFADeviceCommand({ UserName, SerialNumber, ...codes }));
    await client.send(new sdk.DeactivateMFADeviceCommand({ UserName, SerialNumber }));
    expect([await listed('Assigned'), await listed('Unassigned'), await listed('Any')]).toEqual([0, 1, 1]);
    await client.send(new sdk.DeleteUserCommand({ UserName }));
    await client.send(new sdk.DeleteVirtualMFADeviceCommand({ SerialNumber }));
    expect(await listed('Any')).toBe(0);
  });

  it('may be hardware tokens, which are gone once deactivated', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName });
    const device = { UserName, SerialNumber: 'GAHT12345678' };
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
    await client.send(new sdk.EnableMFADeviceCommand({ ...device, ...codes }));
    await client.send(new sdk.DeactivateMFADeviceCommand(device));
    await expect(client.send(new sdk.DeactivateMFADeviceCommand(device))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
  });
});

describe('SSH keys', () => {
  it('are taken in both forms and given in both', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName });
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
    const { SSHPublicKey } = await client.send(
      new sdk.UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody: pem }),
    );
    const SSHPublicKeyId = SSHPublicKey!.SSHPublicKeyId!;
    expect(SSHPublicKeyId).toMatch(/^APKA/);
    expect(SSHPublicKey?.Fingerprint).toMatch(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const asSsh = await client.send(
      new sdk.GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding: 'SSH' }),
    );
    expect(asSsh.SSHPublicKey?.SSHPublicKeyBody).toMatch(/^ssh-rsa AAAAB3NzaC1yc2E/);
    const again = { UserName, SSHPublicKeyBody: `${asSsh.SSHPublicKey!.SSHPublicKeyBody!} lorax@laptop` };
    await expect(client.send(new sdk.UploadSSHPublicKeyCommand(again))).rejects.toMatchObject({
      name: 'DuplicateSSHPublicKeyException',
    });
    const asPem = await client.send(
      new sdk.GetSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Encoding: 'PEM' }),
    );
    expect(asPem.SSHPublicKey?.SSHPublicKeyBody).toBe(pem);
    await client.send(new sdk.UpdateSSHPublicKeyCommand({ UserName, SSHPublicKeyId, Status: 'Inactive' }));
    const { SSHPublicKeys } = await client.send(new sdk.ListSSHPublicKeysCommand({ UserName }));
    expect(SSHPublicKeys).toMatchObject([{ SSHPublicKeyId, Status: 'Inactive' }]);
    await client.send(new sdk.DeleteSSHPublicKeyCommand({ UserName, SSHPublicKeyId }));
    await client.send(new sdk.DeleteUserCommand({ UserName }));
  });
});

describe('signing certificates', () => {
  it('are two at most, and never the same twice', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName });
    const upload = (CertificateBody: string) =>
      client.send(new sdk.UploadSigningCertificateCommand({ UserName, CertificateBody }));
    const { Certificate } = await upload(certificatePem);
    const CertificateId = Certificate!.CertificateId!;
    expect(CertificateId).toMatch(/^[A-Z2-7]{32}$/);
    await expect(upload(certificatePem)).rejects.toMatchObject({ name: 'DuplicateCertificateException' });
    await upload(otherCertificates[0]);
    await expect(upload(otherCertificates[1])).rejects.toThrow(
      'Cannot exceed quota for CertificatesPerUser: 2',
    );
    await client.send(
      new sdk.UpdateSigningCertificateCommand({ UserName, CertificateId, Status: 'Inactive' }),
    );
    await client.send(new sdk.DeleteSigningCertificateCommand({ UserName, CertificateId }));
    expect(
      (await client.send(new sdk.ListSigningCertificatesCommand({ UserName }))).Certificates,
    ).toHaveLength(1);
  });
});

describe('service-specific credentials', () => {
  it('are passwords for some services and API keys for others', async () => {
    const clock = manualClock();
    const { sandbox, client } = await sandboxFor({ clock });
    sandbox.call('CreateUser', { UserName });
    const create = (ServiceName: string, more: object = {}) =>
      client.send(new sdk.CreateServiceSpecificCredentialCommand({ UserName, ServiceName, ...more }));
    const { ServiceSpecificCredential: git } = await create('codecommit.amazonaws.com');
    expect(git).toMatchObject({ ServiceUserName: 'lorax-at-123456789012', Status: 'Active' });
    expect(git?.ServicePassword).toHaveLength(44);
    expect(git?.ServiceSpecificCredentialId).toMatch(/^ACCA/);
    await create('cassandra.amazonaws.com');
    const { ServiceSpecificCredential: key } = await create('bedrock.amazonaws.com', {
      CredentialAgeDays: 30,
    });
    expect(key?.ServicePassword).toBeUndefined();
    expect(key?.ServiceCredentialSecret).toBeDefined();
    expect(key?.ExpirationDate).toEqual(new Date(clock().getTime() + 30 * 86_400_000));
    await create('logs.amazonaws.com');
    const ServiceSpecificCredentialId = git!.ServiceSpecificCredentialId!;
    const reset = await client.send(
      new sdk.ResetServiceSpecificCredentialCommand({ UserName, ServiceSpecificCredentialId }),
    );
    expect(reset.ServiceSpecificCredential?.ServicePassword).not.toBe(git?.ServicePassword);
    await client.send(
      new sdk.UpdateServiceSpecificCredentialCommand({
        UserName,
        ServiceSpecificCredentialId,
        Status: 'Inactive',
      }),
    );
    const list = await client.send(new sdk.ListServiceSpecificCredentialsCommand({ UserName }));
    expect(list.ServiceSpecificCredentials).toHaveLength(4);
    const all = await client.send(
      new sdk.ListServiceSpecificCredentialsCommand({
        AllUsers: true,
        ServiceName: 'codecommit.amazonaws.com',
      }),
    );
    expect(all.ServiceSpecificCredentials).toMatchObject([{ UserName, Status: 'Inactive' }]);
    for (const item of list.ServiceSpecificCredentials!) {
      await client.send(
        new sdk.DeleteServiceSpecificCredentialCommand({
          UserName,
          ServiceSpecificCredentialId: item.ServiceSpecificCredentialId!,
        }),
      );
    }
    await client.send(new sdk.DeleteUserCommand({ UserName }));
  });
});

describe('the credential report', () => {
  it('goes from nothing through STARTED and INPROGRESS to COMPLETE, and ages out', async () => {
    const clock = manualClock();
    const { sandbox, client } = await sandboxFor({ clock });
    const get = () => client.send(new sdk.GetCredentialReportCommand({}));
    const generate = async () => (await client.send(new sdk.GenerateCredentialReportCommand({}))).State;
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportNotPresentException',
      $metadata: { httpStatusCode: 410 },
    });
    expect(await generate()).toBe('STARTED');
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportNotReadyException',
      $metadata: { httpStatusCode: 404 },
    });
    expect(await generate()).toBe('INPROGRESS');
    clock.advance(3000);
    expect(await generate()).toBe('COMPLETE');
    expect((await get()).ReportFormat).toBe('text/csv');
    // The same report for four hours, whatever happens meanwhile.
    sandbox.call('CreateUser', { UserName });
    clock.advance(3.9 * 3600_000);
    expect(await generate()).toBe('COMPLETE');
    expect(Buffer.from((await get()).Content!).toString()).not.toContain('lorax');
    clock.advance(0.2 * 3600_000);
    await expect(get()).rejects.toMatchObject({
      name: 'CredentialReportExpiredException',
      $metadata: { httpStatusCode: 410 },
    });
    expect(await generate()).toBe('STARTED');
    clock.advance(3000);
    expect(Buffer.from((await get()).Content!).toString()).toContain('lorax');
  });

  it('has one row per user and the columns of AWS', async () => {
    const clock = manualClock();
    const { sandbox, client } = await sandboxFor({ clock });
    sandbox.call('CreateUser', { UserName: 'melvins', Path: '/partners/' });
    sandbox.call('CreateUser', { UserName: 'a,b' });
    sandbox.call('CreateLoginProfile', { UserName: 'melvins', Password: 'correct-Horse-7' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'melvins' });
    sandbox.call('PutUserPolicy', {
      UserName: 'melvins',
      PolicyName: 'p',
      PolicyDocument: policy('Allow', '*'),
    });
    const own = clientOf(sandbox, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
    clock.advance(86_400_000);
    await own.send(new sdk.GetUserCommand({}));
    own.destroy();
    sandbox.call('GenerateCredentialReport', {});
    clock.advance(3000);
    const { Content } = await client.send(new sdk.GetCredentialReportCommand({}));
    const rows = Buffer.from(Content!).toString().split('\n');
    const columns = rows[0]!.split(',');
    expect(columns).toHaveLength(22);
    expect(rows[1]).toMatch(/^<root_account>,arn:aws:iam::123456789012:root,/);
    expect(rows[2]).toMatch(/^"a,b","arn:aws:iam::123456789012:user\/a,b",/);
    const melvins = Object.fromEntries(rows[3]!.split(',').map((cell, index) => [columns[index], cell]));
    expect(melvins).toMatchObject({
      user: 'melvins',
      arn: 'arn:aws:iam::123456789012:user/partners/melvins',
      user_creation_time: '2026-03-01T12:00:00Z',
      password_enabled: 'true',
      password_last_used: 'no_information',
      mfa_active: 'false',
      access_key_1_active: 'true',
      access_key_1_last_used_date: '2026-03-02T12:00:00Z',
      access_key_1_last_used_service: 'iam',
      access_key_2_active: 'false',
      cert_2_last_rotated: 'N/A',
    });
  });
});
