import * as given from '../given.ts';
import {
  api,
  call,
  fails,
  guide,
  localstack,
  model,
  quotaPage,
  works,
  type Row,
  type Source,
} from '../row.ts';

const { codes, enablePhone, lorax, makePhone, makeUser, nobody, password, phone, sshKey, tag } = given;
const user = [makeUser];
const twoSets =
  'You can have a maximum of two sets of service-specific credentials for each supported service per user.';

const makeKey = call('CreateAccessKey', lorax);
const keyId = { AccessKeyId: '$1.AccessKey.AccessKeyId' };
const noKey = { AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' };
/** A device that is not virtual. */
const token = { SerialNumber: 'GAHT12345678' };
const idPrefix = (prefix: string): Source => guide('reference_identifiers', prefix);

const accessKeys: readonly Row[] = [
  works(
    'answers key id and secret',
    makeKey,
    {
      AccessKey: {
        ...lorax,
        AccessKeyId: '~/^AKIA[A-Z0-9]{16}$/',
        SecretAccessKey: '~/^.{40}$/',
        Status: 'Active',
        CreateDate: '~any',
      },
    },
    { setup: user, source: idPrefix('AKIA: Access key') },
  ),
  fails('of nobody', call('CreateAccessKey', nobody), 'NoSuchEntity'),
  fails('a third key', makeKey, 'LimitExceeded', {
    setup: [makeUser, { ...makeKey, times: 2 }],
    source: quotaPage('Access keys assigned to an IAM user: 2'),
  }),
  fails('a third key while one is inactive', makeKey, 'LimitExceeded', {
    setup: [makeUser, makeKey, makeKey, call('UpdateAccessKey', { ...lorax, ...keyId, Status: 'Inactive' })],
    source: quotaPage('Access keys assigned to an IAM user: 2'),
  }),
  works(
    'of the caller, without a name',
    call('CreateAccessKey', {}, { as: '$1.AccessKey' }),
    { AccessKey: lorax },
    {
      setup: [makeUser, makeKey],
      source: api(
        'CreateAccessKey',
        'If you do not specify a user name, IAM determines the user name implicitly',
      ),
    },
  ),
  works(
    'without secrets',
    call('ListAccessKeys', lorax),
    {
      AccessKeyMetadata: [{ ...lorax, ...keyId, Status: 'Active', SecretAccessKey: '~absent' }],
    },
    {
      setup: [makeUser, makeKey],
      source: api('ListAccessKeys', 'the secret access key is accessible only during key and user creation'),
    },
  ),
  works(
    'of a user without any',
    call('ListAccessKeys', lorax),
    { AccessKeyMetadata: [] },
    {
      setup: user,
      source: api('ListAccessKeys', 'If there is none, the operation returns an empty list.'),
    },
  ),
  fails('of nobody', call('ListAccessKeys', nobody), 'NoSuchEntity'),
  works(
    'deactivates',
    call('UpdateAccessKey', { ...lorax, ...keyId, Status: 'Inactive' }),
    {},
    {
      setup: [makeUser, makeKey],
    },
  ),
  works(
    'of a user with an inactive key',
    call('ListAccessKeys', lorax),
    {
      AccessKeyMetadata: [{ Status: 'Inactive' }],
    },
    {
      setup: [makeUser, makeKey, call('UpdateAccessKey', { ...lorax, ...keyId, Status: 'Inactive' })],
      source: api(
        'UpdateAccessKey',
        'Changes the status of the specified access key from Active to Inactive, or vice versa.',
      ),
    },
  ),
  fails(
    'that is not there',
    call('UpdateAccessKey', { ...lorax, ...noKey, Status: 'Inactive' }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  fails(
    "another user's key",
    call('UpdateAccessKey', { UserName: 'dale', ...keyId, Status: 'Inactive' }),
    'NoSuchEntity',
    {
      setup: [makeUser, makeKey, call('CreateUser', { UserName: 'dale' })],
    },
  ),
  fails(
    'a status that is none',
    call('UpdateAccessKey', { ...lorax, ...keyId, Status: 'Gone' }),
    'ValidationError',
    {
      setup: [makeUser, makeKey],
      source: model('statusType'),
    },
  ),
  works('removes', call('DeleteAccessKey', { ...lorax, ...keyId }), {}, { setup: [makeUser, makeKey] }),
  fails('that is not there', call('DeleteAccessKey', { ...lorax, ...noKey }), 'NoSuchEntity', {
    setup: user,
  }),
  fails('of nobody', call('DeleteAccessKey', { ...nobody, ...noKey }), 'NoSuchEntity'),
  works(
    'of a key never used',
    call('GetAccessKeyLastUsed', keyId),
    { UserName: 'lorax', AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A', LastUsedDate: '~absent' } },
    {
      setup: [makeUser, makeKey],
      source: api('GetAccessKeyLastUsed', 'The value of this field is "N/A" in the following situations'),
    },
  ),
  works(
    'of a key in use',
    call('GetAccessKeyLastUsed', keyId),
    {
      AccessKeyLastUsed: { ServiceName: 'iam', Region: 'us-east-1', LastUsedDate: '~any' },
    },
    {
      setup: [makeUser, makeKey, call('GetUser', {}, { as: '$1.AccessKey' })],
      source: api(
        'GetAccessKeyLastUsed',
        'The name of the Amazon Web Services service with which this access key was most recently used.',
      ),
    },
  ),
  fails(
    'an id of 15 characters',
    call('GetAccessKeyLastUsed', { AccessKeyId: 'A'.repeat(15) }),
    'ValidationError',
    {
      source: model('accessKeyIdType'),
    },
  ),
];

const expired = (op: string, what: object, setup: Row['setup'][number]): Row =>
  fails('a status that nobody may set', call(op, { ...lorax, ...what, Status: 'Expired' }), 'InvalidInput', {
    setup: [makeUser, setup],
  });

const makeProfile = call('CreateLoginProfile', { ...lorax, Password: password, PasswordResetRequired: true });
const profiles: readonly Row[] = [
  works(
    'answers no password',
    makeProfile,
    {
      LoginProfile: { ...lorax, PasswordResetRequired: true, CreateDate: '~any', Password: '~absent' },
    },
    { setup: user },
  ),
  fails('of nobody', call('CreateLoginProfile', { ...nobody, Password: password }), 'NoSuchEntity'),
  fails('there is one', makeProfile, 'EntityAlreadyExists', { setup: [makeUser, makeProfile] }),
  fails(
    'a password of seven characters',
    call('CreateLoginProfile', { ...lorax, Password: 'aB3!xyz' }),
    'PasswordPolicyViolation',
    {
      setup: user,
      source: guide('id_credentials_passwords_account-policy', 'the default policy: at least 8 characters'),
    },
  ),
  fails(
    'a password of one kind of character',
    call('CreateLoginProfile', { ...lorax, Password: 'abcdefghij' }),
    'PasswordPolicyViolation',
    {
      setup: user,
      source: guide(
        'id_credentials_passwords_account-policy',
        'the default policy: three of four kinds of characters',
      ),
    },
  ),
  fails(
    "a password against the account's policy",
    call('CreateLoginProfile', { ...lorax, Password: password }),
    'PasswordPolicyViolation',
    { setup: [makeUser, call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 40 })] },
  ),
  fails(
    'a password of 129 characters',
    call('CreateLoginProfile', { ...lorax, Password: 'aB3!'.repeat(33) }),
    'ValidationError',
    {
      setup: user,
      source: model('passwordType'),
    },
  ),
  works(
    'of a user',
    call('GetLoginProfile', lorax),
    { LoginProfile: { ...lorax, PasswordResetRequired: true } },
    {
      setup: [makeUser, makeProfile],
    },
  ),
  fails('of a user without one', call('GetLoginProfile', lorax), 'NoSuchEntity', { setup: user }),
  fails('of nobody', call('GetLoginProfile', nobody), 'NoSuchEntity'),
  works(
    'sets',
    call('UpdateLoginProfile', { ...lorax, Password: `${password}x` }),
    {},
    {
      setup: [makeUser, makeProfile],
    },
  ),
  fails(
    'of a user without one',
    call('UpdateLoginProfile', { ...lorax, Password: password }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  fails(
    'a weak password',
    call('UpdateLoginProfile', { ...lorax, Password: 'abc' }),
    'PasswordPolicyViolation',
    {
      setup: [makeUser, makeProfile],
    },
  ),
  works('removes', call('DeleteLoginProfile', lorax), {}, { setup: [makeUser, makeProfile] }),
  fails('of a user without one', call('DeleteLoginProfile', lorax), 'NoSuchEntity', { setup: user }),
  works(
    'with the old password',
    call('ChangePassword', { OldPassword: password, NewPassword: `${password}x` }, { as: '$2.AccessKey' }),
    {},
    { setup: [makeUser, makeProfile, makeKey] },
  ),
  fails(
    'of a user without a password',
    call('ChangePassword', { OldPassword: password, NewPassword: `${password}x` }, { as: '$1.AccessKey' }),
    'NoSuchEntity',
    { setup: [makeUser, makeKey] },
  ),
  fails(
    'a weak password',
    call('ChangePassword', { OldPassword: password, NewPassword: 'abc' }, { as: '$2.AccessKey' }),
    'PasswordPolicyViolation',
    { setup: [makeUser, makeProfile, makeKey] },
  ),
];

const hardware = { SerialNumber: 'GAHT12345678' };
const noPhone = { SerialNumber: given.arn('mfa/none') };
const devices: readonly Row[] = [
  works(
    'answers serial number and seed',
    makePhone,
    {
      VirtualMFADevice: { ...phone, Base32StringSeed: '~bytes:/^[A-Z2-7]{16,}$/', QRCodePNG: '~bytes:/PNG/' },
    },
    { source: api('CreateVirtualMFADevice', 'The base32 seed defined as specified in RFC3548.') },
  ),
  fails('the name is taken', makePhone, 'EntityAlreadyExists', { setup: [makePhone] }),
  fails(
    'a tag key twice',
    call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone', ...given.sameTagTwice }),
    'InvalidInput',
  ),
  fails('a bad name', call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'a b' }), 'ValidationError', {
    source: model('virtualMFADeviceName'),
  }),
  works('enables', enablePhone, {}, { setup: [makeUser, makePhone] }),
  fails('of nobody', call('EnableMFADevice', { ...nobody, ...phone, ...codes }), 'NoSuchEntity', {
    setup: [makePhone],
  }),
  fails(
    'a virtual device that is not there',
    call('EnableMFADevice', { ...lorax, ...noPhone, ...codes }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  fails('a device in use', enablePhone, 'EntityAlreadyExists', { setup: [makeUser, makePhone, enablePhone] }),
  fails(
    'a ninth device',
    call('EnableMFADevice', { ...lorax, SerialNumber: given.arn('mfa/p8'), ...codes }),
    'LimitExceeded',
    {
      setup: [
        makeUser,
        call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'p{i}' }, { times: 9 }),
        call('EnableMFADevice', { ...lorax, SerialNumber: given.arn('mfa/p{i}'), ...codes }, { times: 8 }),
      ],
      source: quotaPage('MFA devices in use by an IAM user: 8'),
    },
  ),
  fails(
    'codes that are the same',
    call('EnableMFADevice', {
      ...lorax,
      ...phone,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '123456',
    }),
    'InvalidAuthenticationCode',
    {
      setup: [makeUser, makePhone],
      source: api('EnableMFADevice', 'A subsequent authentication code emitted by the device.'),
    },
  ),
  fails(
    'a code of five digits',
    call('EnableMFADevice', { ...lorax, ...phone, ...codes, AuthenticationCode1: '12345' }),
    'ValidationError',
    {
      setup: [makeUser, makePhone],
      source: model('authenticationCodeType'),
    },
  ),
  works(
    'resynchronises',
    call('ResyncMFADevice', { ...lorax, ...phone, ...codes }),
    {},
    {
      setup: [makeUser, makePhone, enablePhone],
    },
  ),
  fails('that is not enabled', call('ResyncMFADevice', { ...lorax, ...phone, ...codes }), 'NoSuchEntity', {
    setup: [makeUser, makePhone],
  }),
  fails(
    'codes that are the same',
    call('ResyncMFADevice', {
      ...lorax,
      ...phone,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '123456',
    }),
    'InvalidAuthenticationCode',
    {
      setup: [makeUser, makePhone, enablePhone],
      source: api('ResyncMFADevice', 'A subsequent authentication code emitted by the device.'),
    },
  ),
  works(
    'of a user',
    call('ListMFADevices', lorax),
    { MFADevices: [{ ...lorax, ...phone, EnableDate: '~any' }] },
    {
      setup: [makeUser, makePhone, enablePhone],
    },
  ),
  works('of a user without any', call('ListMFADevices', lorax), { MFADevices: [] }, { setup: user }),
  fails('of nobody', call('ListMFADevices', nobody), 'NoSuchEntity'),
  works(
    'of a user',
    call('GetMFADevice', { ...lorax, ...token }),
    { ...lorax, ...token, EnableDate: '~any' },
    {
      setup: [makeUser, call('EnableMFADevice', { ...lorax, ...token, ...codes })],
    },
  ),
  fails('that is not there', call('GetMFADevice', { ...lorax, ...phone }), 'NoSuchEntity', { setup: user }),
  works(
    'those that nobody has',
    call('ListVirtualMFADevices', { AssignmentStatus: 'Unassigned' }),
    {
      VirtualMFADevices: [{ SerialNumber: given.arn('mfa/spare'), User: '~absent' }],
    },
    {
      setup: [
        makeUser,
        makePhone,
        enablePhone,
        call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'spare' }),
      ],
      source: api('ListVirtualMFADevices', 'Assignment status can be Assigned, Unassigned, or Any.'),
    },
  ),
  works(
    'those that somebody has',
    call('ListVirtualMFADevices', { AssignmentStatus: 'Assigned' }),
    {
      VirtualMFADevices: [{ ...phone, User: lorax }],
    },
    { setup: [makeUser, makePhone, enablePhone] },
  ),
  works(
    'frees',
    call('DeactivateMFADevice', { ...lorax, ...phone }),
    {},
    {
      setup: [makeUser, makePhone, enablePhone],
    },
  ),
  fails('that is not enabled', call('DeactivateMFADevice', { ...lorax, ...phone }), 'NoSuchEntity', {
    setup: [makeUser, makePhone],
  }),
  works('of a device that nobody has', call('DeleteVirtualMFADevice', phone), {}, { setup: [makePhone] }),
  works(
    'of a device that was deactivated',
    call('DeleteVirtualMFADevice', phone),
    {},
    {
      setup: [makeUser, makePhone, enablePhone, call('DeactivateMFADevice', { ...lorax, ...phone })],
    },
  ),
  fails('that is not there', call('DeleteVirtualMFADevice', noPhone), 'NoSuchEntity'),
  fails('in use', call('DeleteVirtualMFADevice', phone), 'DeleteConflict', {
    setup: [makeUser, makePhone, enablePhone],
    source: api(
      'DeleteVirtualMFADevice',
      "You must deactivate a user's virtual MFA device before you can delete it.",
    ),
  }),
  works('adds', call('TagMFADevice', { ...phone, Tags: [tag('a')] }), {}, { setup: [makePhone] }),
  fails('that is not there', call('TagMFADevice', { ...noPhone, Tags: [tag('a')] }), 'NoSuchEntity'),
  fails('a key twice', call('TagMFADevice', { ...phone, ...given.sameTagTwice }), 'InvalidInput', {
    setup: [makePhone],
  }),
  fails('a 51st tag', call('TagMFADevice', { ...phone, Tags: [tag('k50')] }), 'LimitExceeded', {
    setup: [makePhone, call('TagMFADevice', { ...phone, Tags: [tag('k{i}')] }, { times: 50 })],
    source: quotaPage('Tags that can be attached to a virtual MFA device: 50'),
  }),
  works('removes', call('UntagMFADevice', { ...phone, TagKeys: ['a'] }), {}, { setup: [makePhone] }),
  fails('that is not there', call('UntagMFADevice', { ...noPhone, TagKeys: ['a'] }), 'NoSuchEntity'),
  works(
    'of a device',
    call('ListMFADeviceTags', phone),
    { Tags: [{ Key: 'a', Value: 'x' }] },
    {
      setup: [makePhone, call('TagMFADevice', { ...phone, Tags: [tag('a')] })],
    },
  ),
  fails('that is not there', call('ListMFADeviceTags', noPhone), 'NoSuchEntity'),
];

const upload = call('UploadSSHPublicKey', { ...lorax, SSHPublicKeyBody: sshKey });
const sshId = { SSHPublicKeyId: '$1.SSHPublicKey.SSHPublicKeyId' };
const noSsh = { SSHPublicKeyId: 'APKAAAAAAAAAAAAAAAAA' };
const sshKeys: readonly Row[] = [
  works(
    'answers id and fingerprint',
    upload,
    {
      SSHPublicKey: {
        ...lorax,
        SSHPublicKeyId: '~/^APKA[A-Z0-9]{16,}$/',
        Fingerprint: '~/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/',
        Status: 'Active',
        SSHPublicKeyBody: '~any',
      },
    },
    { setup: user, source: idPrefix('APKA: Public key') },
  ),
  fails('of nobody', call(upload.op, { ...upload.input, ...nobody }), 'NoSuchEntity'),
  fails('the same key', upload, 'DuplicateSSHPublicKey', { setup: [makeUser, upload] }),
  fails('a broken key', call(upload.op, { ...lorax, SSHPublicKeyBody: 'ssh-rsa AAAA' }), 'InvalidPublicKey', {
    setup: user,
  }),
  fails(
    'a key of no known encoding',
    call(upload.op, { ...lorax, SSHPublicKeyBody: 'hello' }),
    'UnrecognizedPublicKeyEncoding',
    {
      setup: user,
    },
  ),
  fails(
    'a sixth key',
    call(upload.op, { ...lorax, SSHPublicKeyBody: given.moreSshKeys[4] }),
    'LimitExceeded',
    {
      setup: [
        makeUser,
        upload,
        ...given.moreSshKeys
          .slice(0, 4)
          .map((SSHPublicKeyBody) => call(upload.op, { ...lorax, SSHPublicKeyBody })),
      ],
      source: quotaPage('SSH public keys assigned to an IAM user: 5'),
    },
  ),
  works(
    'as SSH',
    call('GetSSHPublicKey', { ...lorax, ...sshId, Encoding: 'SSH' }),
    {
      SSHPublicKey: { ...sshId, SSHPublicKeyBody: '~/^ssh-rsa AAAA/' },
    },
    {
      setup: [makeUser, upload],
      source: api('GetSSHPublicKey', 'To retrieve the public key in ssh-rsa format, use SSH.'),
    },
  ),
  works(
    'as PEM',
    call('GetSSHPublicKey', { ...lorax, ...sshId, Encoding: 'PEM' }),
    {
      SSHPublicKey: { SSHPublicKeyBody: '~/^-----BEGIN PUBLIC KEY-----/' },
    },
    {
      setup: [makeUser, upload],
      source: api('GetSSHPublicKey', 'To retrieve the public key in PEM format, use PEM.'),
    },
  ),
  fails(
    'that is not there',
    call('GetSSHPublicKey', { ...lorax, ...noSsh, Encoding: 'SSH' }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  works(
    'of a user',
    call('ListSSHPublicKeys', lorax),
    {
      SSHPublicKeys: [{ ...lorax, ...sshId, Status: 'Active' }],
    },
    { setup: [makeUser, upload] },
  ),
  fails('of nobody', call('ListSSHPublicKeys', nobody), 'NoSuchEntity'),
  works(
    'deactivates',
    call('UpdateSSHPublicKey', { ...lorax, ...sshId, Status: 'Inactive' }),
    {},
    {
      setup: [makeUser, upload],
    },
  ),
  fails(
    'that is not there',
    call('UpdateSSHPublicKey', { ...lorax, ...noSsh, Status: 'Inactive' }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  works('removes', call('DeleteSSHPublicKey', { ...lorax, ...sshId }), {}, { setup: [makeUser, upload] }),
  fails('that is not there', call('DeleteSSHPublicKey', { ...lorax, ...noSsh }), 'NoSuchEntity', {
    setup: user,
  }),
];

const certify = call('UploadSigningCertificate', { ...lorax, CertificateBody: given.certificate });
const certificateId = { CertificateId: '$1.Certificate.CertificateId' };
const noCertificate = { CertificateId: 'A'.repeat(32) };
const certificates: readonly Row[] = [
  works(
    'answers the certificate',
    certify,
    {
      Certificate: { ...lorax, CertificateId: '~/^\\w{24,}$/', CertificateBody: '~any', Status: 'Active' },
    },
    {
      setup: user,
      source: api(
        'UploadSigningCertificate',
        'When you upload the certificate, its default status is Active.',
      ),
    },
  ),
  fails('of nobody', call(certify.op, { ...certify.input, ...nobody }), 'NoSuchEntity'),
  fails('no certificate', call(certify.op, { ...lorax, CertificateBody: 'hello' }), 'MalformedCertificate', {
    setup: user,
  }),
  fails('the same certificate', certify, 'DuplicateCertificate', { setup: [makeUser, certify] }),
  fails(
    'a third certificate',
    call(certify.op, { ...lorax, CertificateBody: given.otherCertificates[1] }),
    'LimitExceeded',
    {
      setup: [makeUser, certify, call(certify.op, { ...lorax, CertificateBody: given.otherCertificates[0] })],
      source: quotaPage('Signing certificates assigned to an IAM user: 2'),
    },
  ),
  works(
    'of a user',
    call('ListSigningCertificates', lorax),
    {
      Certificates: [{ ...lorax, ...certificateId, Status: 'Active' }],
    },
    { setup: [makeUser, certify] },
  ),
  fails('of nobody', call('ListSigningCertificates', nobody), 'NoSuchEntity'),
  works(
    'deactivates',
    call('UpdateSigningCertificate', { ...lorax, ...certificateId, Status: 'Inactive' }),
    {},
    {
      setup: [makeUser, certify],
    },
  ),
  fails(
    'that is not there',
    call('UpdateSigningCertificate', { ...lorax, ...noCertificate, Status: 'Inactive' }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  works(
    'removes',
    call('DeleteSigningCertificate', { ...lorax, ...certificateId }),
    {},
    {
      setup: [makeUser, certify],
    },
  ),
  fails(
    'that is not there',
    call('DeleteSigningCertificate', { ...lorax, ...noCertificate }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
];

const git = { ServiceName: 'codecommit.amazonaws.com' };
const makeGit = call('CreateServiceSpecificCredential', { ...lorax, ...git });
const gitId = {
  ServiceSpecificCredentialId: '$1.ServiceSpecificCredential.ServiceSpecificCredentialId',
};
const noGit = { ServiceSpecificCredentialId: 'ACCAAAAAAAAAAAAAAAAA' };
const serviceCredentials: readonly Row[] = [
  works(
    'answers user name and password',
    makeGit,
    {
      ServiceSpecificCredential: {
        ...lorax,
        ...git,
        ServiceSpecificCredentialId: '~/^ACCA[A-Z0-9]{16,}$/',
        ServiceUserName: '~/^lorax/',
        ServicePassword: '~any',
        Status: 'Active',
      },
    },
    { setup: user, source: idPrefix('ACCA: Context-specific credential') },
  ),
  works(
    'for Amazon Keyspaces',
    call(makeGit.op, { ...lorax, ServiceName: 'cassandra.amazonaws.com' }),
    {},
    {
      setup: user,
      source: api(
        makeGit.op,
        'You can create service-specific credentials for Amazon Bedrock, Amazon CloudWatch Logs, CodeCommit and Amazon Keyspaces',
      ),
    },
  ),
  works(
    'an API key for Amazon Bedrock',
    call(makeGit.op, { ...lorax, ServiceName: 'bedrock.amazonaws.com' }),
    {
      ServiceSpecificCredential: { ServiceCredentialSecret: '~any', ServicePassword: '~absent' },
    },
    {
      setup: user,
      source: api(makeGit.op, 'You can create service-specific credentials for Amazon Bedrock'),
    },
  ),
  fails('of nobody', call(makeGit.op, { ...nobody, ...git }), 'NoSuchEntity'),
  fails(
    'a service without such credentials',
    call(makeGit.op, { ...lorax, ServiceName: 's3.amazonaws.com' }),
    'NoSuchEntity',
    {
      setup: user,
      message: 'No such service s3.amazonaws.com is supported for Service Specific Credentials',
      source: localstack(
        'test_create_service_specific_credential_invalid_service',
        'such a service is NoSuchEntity, not the documented ServiceNotSupported',
      ),
    },
  ),
  fails('a third set', makeGit, 'LimitExceeded', {
    setup: [makeUser, { ...makeGit, times: 2 }],
    source: api(makeGit.op, twoSets),
  }),
  works(
    'without passwords',
    call('ListServiceSpecificCredentials', lorax),
    {
      ServiceSpecificCredentials: [
        { ...lorax, ...git, ...gitId, Status: 'Active', ServicePassword: '~absent' },
      ],
    },
    { setup: [makeUser, makeGit] },
  ),
  fails('of nobody', call('ListServiceSpecificCredentials', nobody), 'NoSuchEntity'),
  works(
    'of all users',
    call('ListServiceSpecificCredentials', { AllUsers: true }),
    { ServiceSpecificCredentials: [{ ...lorax, ...git, ...gitId, Status: 'Active' }], IsTruncated: false },
    {
      setup: [makeUser, makeGit],
      source: api(
        'ListServiceSpecificCredentials',
        'A flag indicating whether to list service specific credentials for all users',
      ),
    },
  ),
  works(
    'of all users, a page at a time',
    call('ListServiceSpecificCredentials', { AllUsers: true, MaxItems: 1 }),
    { IsTruncated: true, Marker: '~any' },
    { setup: [makeUser, { ...makeGit, times: 2 }] },
  ),
  works(
    'of all users, the last page',
    call('ListServiceSpecificCredentials', { AllUsers: true, Marker: '$2.Marker' }),
    { ServiceSpecificCredentials: [{ ...lorax, ...git }], IsTruncated: false, Marker: '~absent' },
    {
      setup: [
        makeUser,
        { ...makeGit, times: 2 },
        call('ListServiceSpecificCredentials', { AllUsers: true, MaxItems: 1 }),
      ],
    },
  ),
  fails(
    'of all users and of one',
    call('ListServiceSpecificCredentials', { ...lorax, AllUsers: true }),
    'ValidationError',
    {
      setup: [makeUser],
      source: api(
        'ListServiceSpecificCredentials',
        'This parameter cannot be specified together with UserName',
      ),
    },
  ),
  works(
    'deactivates',
    call('UpdateServiceSpecificCredential', { ...lorax, ...gitId, Status: 'Inactive' }),
    {},
    {
      setup: [makeUser, makeGit],
    },
  ),
  fails(
    'that is not there',
    call('UpdateServiceSpecificCredential', { ...lorax, ...noGit, Status: 'Inactive' }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
  works(
    'answers a new password',
    call('ResetServiceSpecificCredential', { ...lorax, ...gitId }),
    {
      ServiceSpecificCredential: { ...gitId, ServicePassword: '~any' },
    },
    { setup: [makeUser, makeGit] },
  ),
  fails('that is not there', call('ResetServiceSpecificCredential', { ...lorax, ...noGit }), 'NoSuchEntity', {
    setup: user,
  }),
  works(
    'removes',
    call('DeleteServiceSpecificCredential', { ...lorax, ...gitId }),
    {},
    {
      setup: [makeUser, makeGit],
    },
  ),
  fails(
    'that is not there',
    call('DeleteServiceSpecificCredential', { ...lorax, ...noGit }),
    'NoSuchEntity',
    {
      setup: user,
    },
  ),
];

export const credentials: readonly Row[] = [
  fails('a hardware device', call('TagMFADevice', { ...hardware, Tags: [tag('a')] }), 'InvalidInput'),
  fails('a hardware device', call('UntagMFADevice', { ...hardware, TagKeys: ['a'] }), 'InvalidInput'),
  fails('a hardware device', call('ListMFADeviceTags', hardware), 'InvalidInput'),
  expired('UpdateAccessKey', keyId, makeKey),
  expired('UpdateSSHPublicKey', sshId, upload),
  expired('UpdateSigningCertificate', certificateId, certify),
  fails(
    'of a caller who is no IAM user',
    call('ChangePassword', { OldPassword: password, NewPassword: `${password}x` }),
    'InvalidUserType',
  ),
  fails(
    'of a service without such credentials',
    call('ListServiceSpecificCredentials', { ...lorax, ServiceName: 's3.amazonaws.com' }),
    'NoSuchEntity',
    {
      setup: user,
      source: localstack(
        'test_list_service_specific_credential_different_service',
        'such a service is NoSuchEntity, not the documented ServiceNotSupported',
      ),
    },
  ),
  ...accessKeys,
  ...profiles,
  ...devices,
  ...sshKeys,
  ...certificates,
  ...serviceCredentials,
];
