import * as sdk from '@aws-sdk/client-iam';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox as startLibrary } from '../../src/lib/sandbox.ts';
import { startSandbox, type OpInput, type OpName, type Sandbox } from '../../src/sandbox/index.ts';
import { certificatePem } from './fixtures.ts';
import { clientOf, policy, trust } from './helpers.ts';

/** One refusal: what was there before, the call, and AWS's answer. */
interface Case {
  readonly name: string;
  readonly given?: (sandbox: Sandbox) => void;
  readonly op: OpName;
  readonly input: object;
  readonly answer: { readonly code: string; readonly status: number; readonly message: string };
}

const none = 'arn:aws:iam::123456789012:policy/none';
const own = 'arn:aws:iam::123456789012:policy/reports';
const readOnly = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const statement = (fields: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [fields] });
const sshKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  type: 'spki',
  format: 'pem',
});

const user = (sandbox: Sandbox): unknown => sandbox.call('CreateUser', { UserName: 'lorax' });
const group = (sandbox: Sandbox): unknown => sandbox.call('CreateGroup', { GroupName: 'admins' });
const role = (sandbox: Sandbox): unknown =>
  sandbox.call('CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
const managed = (sandbox: Sandbox): unknown =>
  sandbox.call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: policy('Allow', 's3:*') });
const given =
  (...steps: ((sandbox: Sandbox) => unknown)[]) =>
  (sandbox: Sandbox): void =>
    steps.forEach((step) => void step(sandbox));
const call =
  <Op extends OpName>(op: Op, input: OpInput<Op>) =>
  (sandbox: Sandbox): unknown =>
    sandbox.call(op, input);
const times =
  (count: number, step: (sandbox: Sandbox, index: number) => unknown) =>
  (sandbox: Sandbox): void => {
    for (let index = 0; index < count; index++) step(sandbox, index);
  };

const conflict = (message: string) => ({ code: 'DeleteConflict', status: 409, message });
const missing = (message: string) => ({ code: 'NoSuchEntity', status: 404, message });
const exists = (message: string) => ({ code: 'EntityAlreadyExists', status: 409, message });
const quota = (message: string) => ({ code: 'LimitExceeded', status: 409, message });
const invalid = (message: string) => ({ code: 'ValidationError', status: 400, message });
const malformed = (message: string) => ({ code: 'MalformedPolicyDocument', status: 400, message });

const lorax = { UserName: 'lorax' };
const noUser = missing('The user with name nobody cannot be found.');
const noGroup = missing('The group with name nobody cannot be found.');
const noRole = missing('The role with name nobody cannot be found.');

/** Operations that only need the name of something that is not there. */
const absent: Case[] = [
  ...(
    [
      ['GetUser', {}],
      ['UpdateUser', { NewPath: '/x/' }],
      ['DeleteUser', {}],
      ['TagUser', { Tags: [] }],
      ['UntagUser', { TagKeys: [] }],
      ['ListUserTags', {}],
      ['PutUserPermissionsBoundary', { PermissionsBoundary: readOnly }],
      ['DeleteUserPermissionsBoundary', {}],
      ['PutUserPolicy', { PolicyName: 'p', PolicyDocument: policy('Allow', '*') }],
      ['GetUserPolicy', { PolicyName: 'p' }],
      ['DeleteUserPolicy', { PolicyName: 'p' }],
      ['ListUserPolicies', {}],
      ['AttachUserPolicy', { PolicyArn: readOnly }],
      ['DetachUserPolicy', { PolicyArn: readOnly }],
      ['ListAttachedUserPolicies', {}],
      ['ListGroupsForUser', {}],
      // Neither the user nor the group is there: the user is told.
      ['AddUserToGroup', { GroupName: 'nobody' }],
      ['RemoveUserFromGroup', { GroupName: 'nobody' }],
      ['CreateAccessKey', {}],
      ['ListAccessKeys', {}],
      ['CreateLoginProfile', { Password: 'Abcdef1!xyz' }],
      ['GetLoginProfile', {}],
      ['UpdateLoginProfile', {}],
      ['DeleteLoginProfile', {}],
      ['ListMFADevices', {}],
      ['ListSSHPublicKeys', {}],
      ['UploadSSHPublicKey', { SSHPublicKeyBody: sshKey }],
      ['ListSigningCertificates', {}],
      ['ListServiceSpecificCredentials', {}],
      ['CreateServiceSpecificCredential', { ServiceName: 'codecommit.amazonaws.com' }],
    ] as const
  ).map(([op, input]): Case => ({
    name: `${op} of no user`,
    op,
    input: Object.assign({ UserName: 'nobody' }, input),
    answer: noUser,
  })),
  ...(
    [
      ['GetGroup', {}],
      ['UpdateGroup', {}],
      ['DeleteGroup', {}],
      ['PutGroupPolicy', { PolicyName: 'p', PolicyDocument: policy('Allow', '*') }],
      ['GetGroupPolicy', { PolicyName: 'p' }],
      ['DeleteGroupPolicy', { PolicyName: 'p' }],
      ['ListGroupPolicies', {}],
      ['AttachGroupPolicy', { PolicyArn: readOnly }],
      ['DetachGroupPolicy', { PolicyArn: readOnly }],
      ['ListAttachedGroupPolicies', {}],
    ] as const
  ).map(([op, input]): Case => ({
    name: `${op} of no group`,
    op,
    input: Object.assign({ GroupName: 'nobody' }, input),
    answer: noGroup,
  })),
  ...(
    [
      ['GetRole', {}],
      ['UpdateRole', {}],
      ['DeleteRole', {}],
      ['UpdateAssumeRolePolicy', { PolicyDocument: trust }],
      ['TagRole', { Tags: [] }],
      ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: policy('Allow', '*') }],
      ['GetRolePolicy', { PolicyName: 'p' }],
      ['AttachRolePolicy', { PolicyArn: readOnly }],
      ['ListInstanceProfilesForRole', {}],
    ] as const
  ).map(([op, input]): Case => ({
    name: `${op} of no role`,
    op,
    input: Object.assign({ RoleName: 'nobody' }, input),
    answer: noRole,
  })),
  ...(
    [
      ['GetPolicy', {}],
      ['DeletePolicy', {}],
      ['CreatePolicyVersion', { PolicyDocument: policy('Allow', '*') }],
      ['ListPolicyVersions', {}],
      ['DeletePolicyVersion', { VersionId: 'v1' }],
      ['TagPolicy', { Tags: [] }],
      ['UntagPolicy', { TagKeys: [] }],
      ['ListPolicyTags', {}],
      ['ListEntitiesForPolicy', {}],
    ] as const
  ).map(([op, input]): Case => ({
    name: `${op} of no policy`,
    op,
    input: Object.assign({ PolicyArn: none }, input),
    answer: missing(`Policy ${none} was not found.`),
  })),
];

const conflicts: Case[] = [
  {
    name: 'a user with an attached policy',
    given: given(user, call('AttachUserPolicy', { ...lorax, PolicyArn: readOnly })),
    answer: conflict('Cannot delete entity, must detach all policies first.'),
  },
  {
    name: 'a user with an inline policy',
    given: given(
      user,
      call('PutUserPolicy', { ...lorax, PolicyName: 'p', PolicyDocument: policy('Allow', '*') }),
    ),
    answer: conflict('Cannot delete entity, must delete policies first.'),
  },
  {
    name: 'a user with an access key',
    given: given(user, call('CreateAccessKey', lorax)),
    answer: conflict('Cannot delete entity, must delete access keys first.'),
  },
  {
    name: 'a user with an inactive access key',
    given: given(user, (sandbox) => {
      const { AccessKey } = sandbox.call('CreateAccessKey', lorax);
      sandbox.call('UpdateAccessKey', { ...lorax, AccessKeyId: AccessKey!.AccessKeyId!, Status: 'Inactive' });
    }),
    answer: conflict('Cannot delete entity, must delete access keys first.'),
  },
  {
    name: 'a user with a login profile',
    given: given(user, call('CreateLoginProfile', { ...lorax, Password: 'Abcdef1!xyz' })),
    answer: conflict('Cannot delete entity, must delete login profile first.'),
  },
  {
    name: 'a user with an MFA device',
    given: given(
      user,
      call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' }),
      call('EnableMFADevice', {
        ...lorax,
        SerialNumber: 'arn:aws:iam::123456789012:mfa/phone',
        AuthenticationCode1: '123456',
        AuthenticationCode2: '654321',
      }),
    ),
    answer: conflict('Cannot delete entity, must remove tokens from principal first.'),
  },
  {
    name: 'a user with a signing certificate',
    given: given(user, call('UploadSigningCertificate', { ...lorax, CertificateBody: certificatePem })),
    answer: conflict('Cannot delete entity, must delete certificates first.'),
  },
  {
    name: 'a user with an SSH key',
    given: given(user, call('UploadSSHPublicKey', { ...lorax, SSHPublicKeyBody: String(sshKey) })),
    answer: conflict('Cannot delete entity, must remove referenced objects first.'),
  },
  {
    name: 'a user with a service-specific credential',
    given: given(
      user,
      call('CreateServiceSpecificCredential', { ...lorax, ServiceName: 'bedrock.amazonaws.com' }),
    ),
    answer: conflict('Cannot delete entity, must remove referenced objects first.'),
  },
  {
    name: 'a user in a group',
    given: given(user, group, call('AddUserToGroup', { ...lorax, GroupName: 'admins' })),
    answer: conflict('Cannot delete entity, must remove users from group first.'),
  },
].map((item): Case => Object.assign({ op: 'DeleteUser' as const, input: lorax }, item));

const others: Case[] = [
  {
    name: 'DeleteGroup with members',
    given: given(user, group, call('AddUserToGroup', { ...lorax, GroupName: 'admins' })),
    op: 'DeleteGroup',
    input: { GroupName: 'admins' },
    answer: conflict('Cannot delete entity, must remove users from group first.'),
  },
  {
    name: 'DeleteGroup with an attached policy',
    given: given(group, call('AttachGroupPolicy', { GroupName: 'admins', PolicyArn: readOnly })),
    op: 'DeleteGroup',
    input: { GroupName: 'admins' },
    answer: conflict('Cannot delete entity, must detach all policies first.'),
  },
  {
    name: 'DeleteGroup with an inline policy',
    given: given(
      group,
      call('PutGroupPolicy', { GroupName: 'admins', PolicyName: 'p', PolicyDocument: policy('Allow', '*') }),
    ),
    op: 'DeleteGroup',
    input: { GroupName: 'admins' },
    answer: conflict('Cannot delete entity, must delete policies first.'),
  },
  {
    name: 'DeleteRole with an attached policy',
    given: given(role, call('AttachRolePolicy', { RoleName: 'deployer', PolicyArn: readOnly })),
    op: 'DeleteRole',
    input: { RoleName: 'deployer' },
    answer: conflict('Cannot delete entity, must detach all policies first.'),
  },
  {
    name: 'DeleteRole with an inline policy',
    given: given(
      role,
      call('PutRolePolicy', { RoleName: 'deployer', PolicyName: 'p', PolicyDocument: policy('Allow', '*') }),
    ),
    op: 'DeleteRole',
    input: { RoleName: 'deployer' },
    answer: conflict('Cannot delete entity, must delete policies first.'),
  },
  {
    name: 'DeletePolicy attached to a user',
    given: given(user, managed, call('AttachUserPolicy', { ...lorax, PolicyArn: own })),
    op: 'DeletePolicy',
    input: { PolicyArn: own },
    answer: conflict('Cannot delete a policy attached to entities.'),
  },
  {
    name: 'DeletePolicy used as a boundary',
    given: given(user, managed, call('PutUserPermissionsBoundary', { ...lorax, PermissionsBoundary: own })),
    op: 'DeletePolicy',
    input: { PolicyArn: own },
    answer: conflict('Cannot delete a policy attached to entities.'),
  },
  {
    name: 'DeletePolicy with further versions',
    given: given(
      managed,
      call('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: policy('Allow', '*') }),
    ),
    op: 'DeletePolicy',
    input: { PolicyArn: own },
    answer: conflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. " +
        'The default version is deleted with the policy.',
    ),
  },
  {
    name: 'DeletePolicyVersion of the default',
    given: managed,
    op: 'DeletePolicyVersion',
    input: { PolicyArn: own, VersionId: 'v1' },
    answer: conflict('Cannot delete the default version of a policy.'),
  },
  {
    name: 'DeleteVirtualMFADevice in use',
    given: conflicts.find((item) => item.name.includes('MFA'))!.given!,
    op: 'DeleteVirtualMFADevice',
    input: { SerialNumber: 'arn:aws:iam::123456789012:mfa/phone' },
    answer: conflict('MFA VirtualDevice in use. Must deactivate first.'),
  },

  // Names are taken whatever their case.
  {
    name: 'CreateUser twice',
    given: user,
    op: 'CreateUser',
    input: { UserName: 'LoraX' },
    answer: exists('User with name LoraX already exists.'),
  },
  {
    name: 'CreateGroup twice',
    given: group,
    op: 'CreateGroup',
    input: { GroupName: 'Admins' },
    answer: exists('Group with name Admins already exists.'),
  },
  {
    name: 'CreateRole twice',
    given: role,
    op: 'CreateRole',
    input: { RoleName: 'Deployer', AssumeRolePolicyDocument: trust },
    answer: exists('Role with name Deployer already exists.'),
  },
  {
    name: 'CreatePolicy twice, on another path',
    given: managed,
    op: 'CreatePolicy',
    input: { PolicyName: 'Reports', Path: '/x/', PolicyDocument: policy('Allow', '*') },
    answer: exists('A policy called Reports already exists. Duplicate names are not allowed.'),
  },
  {
    name: 'UpdateUser onto another name',
    given: given(user, call('CreateUser', { UserName: 'dale' })),
    op: 'UpdateUser',
    input: { UserName: 'dale', NewUserName: 'LORAX' },
    answer: exists('User with name LORAX already exists.'),
  },
  {
    name: 'UpdateGroup onto another name',
    given: given(group, call('CreateGroup', { GroupName: 'staff' })),
    op: 'UpdateGroup',
    input: { GroupName: 'staff', NewGroupName: 'ADMINS' },
    answer: exists('Group with name ADMINS already exists.'),
  },
  {
    name: 'CreateLoginProfile twice',
    given: given(user, call('CreateLoginProfile', { ...lorax, Password: 'Abcdef1!xyz' })),
    op: 'CreateLoginProfile',
    input: { ...lorax, Password: 'Abcdef1!xyz' },
    answer: exists('Login Profile for user lorax already exists.'),
  },
  {
    name: 'CreateVirtualMFADevice twice',
    given: call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' }),
    op: 'CreateVirtualMFADevice',
    input: { VirtualMFADeviceName: 'phone' },
    answer: exists('MFA device already exists.'),
  },

  // What is not there.
  {
    name: 'GetUserPolicy of no policy',
    given: user,
    op: 'GetUserPolicy',
    input: { ...lorax, PolicyName: '__proto__' },
    answer: missing('The user policy with name __proto__ cannot be found.'),
  },
  {
    name: 'DeleteGroupPolicy of no policy',
    given: group,
    op: 'DeleteGroupPolicy',
    input: { GroupName: 'admins', PolicyName: 'p' },
    answer: missing('The group policy with name p cannot be found.'),
  },
  {
    name: 'AttachUserPolicy of no policy',
    given: user,
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: none },
    answer: missing(`Policy ${none} does not exist or is not attachable.`),
  },
  {
    name: 'AttachUserPolicy of no AWS managed policy',
    given: user,
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAcces' },
    answer: missing('Policy arn:aws:iam::aws:policy/ReadOnlyAcces does not exist or is not attachable.'),
  },
  {
    name: 'DetachUserPolicy not attached',
    given: given(user, managed),
    op: 'DetachUserPolicy',
    input: { ...lorax, PolicyArn: own },
    answer: missing(`Policy ${own} was not found.`),
  },
  {
    name: 'GetPolicyVersion of no version',
    given: managed,
    op: 'GetPolicyVersion',
    input: { PolicyArn: own, VersionId: 'v9' },
    answer: missing(`Policy ${own} version v9 does not exist or is not attachable.`),
  },
  {
    name: 'DeleteAccessKey of another user',
    given: given(user, call('CreateUser', { UserName: 'dale' })),
    op: 'DeleteAccessKey',
    input: { UserName: 'dale', AccessKeyId: 'AKIA2222222222222222' },
    answer: missing('The Access Key with id AKIA2222222222222222 cannot be found.'),
  },
  {
    name: 'GetLoginProfile of none',
    given: user,
    op: 'GetLoginProfile',
    input: lorax,
    answer: missing('Login Profile for User lorax cannot be found.'),
  },
  {
    name: 'EnableMFADevice of no device',
    given: user,
    op: 'EnableMFADevice',
    input: {
      ...lorax,
      SerialNumber: 'arn:aws:iam::123456789012:mfa/phone',
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    },
    answer: missing('MFA Device with serial number arn:aws:iam::123456789012:mfa/phone does not exist.'),
  },
  {
    name: 'GetAccountPasswordPolicy of none',
    op: 'GetAccountPasswordPolicy',
    input: {},
    answer: missing('The Password Policy with domain name 123456789012 cannot be found.'),
  },
  {
    name: 'DeleteAccountAlias of none',
    op: 'DeleteAccountAlias',
    input: { AccountAlias: 'acme-dev' },
    answer: missing('The account alias acme-dev cannot be found.'),
  },
  {
    name: 'CreateAccountAlias with a capital',
    op: 'CreateAccountAlias',
    input: { AccountAlias: 'Acme' },
    answer: invalid(
      'The specified value for accountAlias is invalid. It must be a minimum ' +
        'length of 3 characters and maximum length of 63 characters, contain only digits, lowercase letters, ' +
        'and hyphens (-), but cannot begin or end with a hyphen.',
    ),
  },
  {
    name: 'CreateAccountAlias of the alias that the account has',
    given: given(call('CreateAccountAlias', { AccountAlias: 'acme' })),
    op: 'CreateAccountAlias',
    input: { AccountAlias: 'acme' },
    answer: exists('The account alias acme already exists.'),
  },
  {
    name: 'DeleteAccountAlias of another alias than the account has',
    given: given(call('CreateAccountAlias', { AccountAlias: 'acme' })),
    op: 'DeleteAccountAlias',
    input: { AccountAlias: 'acme-dev' },
    answer: missing('The account alias acme-dev cannot be found.'),
  },
  {
    name: 'UpdateAccountPasswordPolicy with zeros',
    op: 'UpdateAccountPasswordPolicy',
    input: { MaxPasswordAge: 0, PasswordReusePrevention: 0 },
    answer: invalid(
      "2 validation errors detected: Value at 'maxPasswordAge' failed to satisfy constraint: Member must " +
        "have value greater than or equal to 1; Value at 'passwordReusePrevention' failed to satisfy " +
        'constraint: Member must have value greater than or equal to 1',
    ),
  },
  {
    name: 'DeleteAccountPasswordPolicy of none',
    op: 'DeleteAccountPasswordPolicy',
    input: {},
    answer: missing('The account policy with name PasswordPolicy cannot be found.'),
  },

  // Quotas.
  {
    name: 'a third access key',
    given: given(user, times(2, call('CreateAccessKey', lorax))),
    op: 'CreateAccessKey',
    input: lorax,
    answer: quota('Cannot exceed quota for AccessKeysPerUser: 2'),
  },
  {
    name: 'an eleventh group',
    given: given(
      user,
      times(11, (sandbox, index) => sandbox.call('CreateGroup', { GroupName: `g${index}` })),
      times(10, (sandbox, index) => sandbox.call('AddUserToGroup', { ...lorax, GroupName: `g${index}` })),
    ),
    op: 'AddUserToGroup',
    input: { ...lorax, GroupName: 'g10' },
    answer: quota('Cannot exceed quota for GroupsPerUser: 10'),
  },
  {
    name: 'an eleventh attached policy',
    given: given(
      user,
      times(10, (sandbox, index) => {
        const { Policy } = sandbox.call('CreatePolicy', {
          PolicyName: `p${index}`,
          PolicyDocument: policy('Allow', '*'),
        });
        sandbox.call('AttachUserPolicy', { ...lorax, PolicyArn: Policy!.Arn! });
      }),
    ),
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: readOnly },
    answer: quota('Cannot exceed quota for PoliciesPerUser: 10'),
  },
  {
    name: 'inline policies too large together',
    given: given(
      user,
      call('PutUserPolicy', {
        ...lorax,
        PolicyName: 'a',
        PolicyDocument: policy('Allow', 's3:GetObject', `arn:aws:s3:::${'a'.repeat(1000)}`),
      }),
    ),
    op: 'PutUserPolicy',
    input: {
      ...lorax,
      PolicyName: 'b',
      PolicyDocument: policy('Allow', 's3:GetObject', `arn:aws:s3:::${'b'.repeat(1000)}`),
    },
    answer: quota('Maximum policy size of 2048 bytes exceeded for user lorax'),
  },
  {
    name: 'a managed policy too large',
    op: 'CreatePolicy',
    input: { PolicyName: 'p', PolicyDocument: policy('Allow', 's3:*', `arn:aws:s3:::${'a'.repeat(6144)}`) },
    answer: quota('Cannot exceed quota for PolicySize: 6144'),
  },
  {
    name: 'a sixth version',
    given: given(
      managed,
      times(4, call('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: policy('Allow', '*') })),
    ),
    op: 'CreatePolicyVersion',
    input: { PolicyArn: own, PolicyDocument: policy('Allow', '*') },
    answer: quota(
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing ' +
        'version.',
    ),
  },
  {
    name: 'a 51st tag',
    given: given(
      user,
      times(50, (sandbox, index) =>
        sandbox.call('TagUser', { ...lorax, Tags: [{ Key: `k${index}`, Value: '' }] }),
      ),
    ),
    op: 'TagUser',
    input: { ...lorax, Tags: [{ Key: 'k50', Value: '' }] },
    answer: quota('Cannot exceed quota for TagsPerUser: 50'),
  },
  {
    name: 'a user too many',
    given: times(4, (sandbox, index) => sandbox.call('CreateUser', { UserName: `u${index}` })),
    op: 'CreateUser',
    input: lorax,
    answer: quota('Cannot exceed quota for UsersPerAccount: 4'),
  },
  {
    name: 'a second CodeCommit credential too many',
    given: given(
      user,
      times(
        2,
        call('CreateServiceSpecificCredential', { ...lorax, ServiceName: 'codecommit.amazonaws.com' }),
      ),
    ),
    op: 'CreateServiceSpecificCredential',
    input: { ...lorax, ServiceName: 'codecommit.amazonaws.com' },
    answer: quota('Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2'),
  },

  // The service model.
  {
    name: 'a bad user name',
    op: 'CreateUser',
    input: { UserName: 'a b' },
    answer: invalid(
      'The specified value for userName is invalid. It must contain only alphanumeric characters and/or the ' +
        'following: +=,.@_-',
    ),
  },
  {
    name: 'a user name too long',
    op: 'CreateUser',
    input: { UserName: 'a'.repeat(65) },
    answer: invalid(
      "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member " +
        'must have length less than or equal to 64',
    ),
  },
  {
    name: 'a bad path',
    op: 'CreateUser',
    input: { UserName: 'dale', Path: 'partners' },
    answer: invalid(
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric ' +
        'characters and/or / characters.',
    ),
  },
  {
    name: 'several mistakes at once',
    op: 'ListUsers',
    input: { MaxItems: 1001, PathPrefix: '' },
    answer: invalid(
      "2 validation errors detected: Value at 'maxItems' failed to satisfy constraint: Member must have value " +
        "less than or equal to 1000; Value at 'pathPrefix' failed to satisfy constraint: Member must have " +
        'length greater than or equal to 1',
    ),
  },
  {
    name: 'a bad status',
    given: user,
    op: 'UpdateAccessKey',
    input: { ...lorax, AccessKeyId: 'AKIA2222222222222222', Status: 'Gone' },
    answer: invalid(
      "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy " +
        'enum value set',
    ),
  },
  {
    name: 'a password too long, which is not repeated',
    given: user,
    op: 'CreateLoginProfile',
    input: { ...lorax, Password: 'a'.repeat(129) },
    answer: invalid(
      "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have " +
        'length less than or equal to 128',
    ),
  },
  {
    name: 'a marker that was never given out',
    op: 'ListUsers',
    input: { Marker: 'abc' },
    answer: invalid('Invalid Marker.'),
  },
  {
    name: 'a credential of the caller, who is no user',
    op: 'CreateAccessKey',
    input: {},
    answer: invalid('Must specify userName when calling with non-User credentials'),
  },
  {
    name: 'an ARN that is none',
    given: user,
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: 'ReadOnlyAccess-by-its-name' },
    answer: invalid('Invalid ARN:  Could not be parsed!'),
  },
  {
    name: 'the same tag twice',
    given: user,
    op: 'TagUser',
    input: {
      ...lorax,
      Tags: [
        { Key: 'team', Value: 'a' },
        { Key: 'Team', Value: 'b' },
      ],
    },
    answer: {
      code: 'InvalidInput',
      status: 400,
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    },
  },
  {
    name: 'a weak password',
    given: user,
    op: 'CreateLoginProfile',
    input: { ...lorax, Password: 'abcdefgh' },
    answer: {
      code: 'PasswordPolicyViolation',
      status: 400,
      message:
        'Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols',
    },
  },
  {
    name: 'MFA codes that are the same',
    given: user,
    op: 'EnableMFADevice',
    input: {
      ...lorax,
      SerialNumber: 'GAHT12345678',
      AuthenticationCode1: '123456',
      AuthenticationCode2: '123456',
    },
    answer: {
      code: 'InvalidAuthenticationCode',
      status: 403,
      message: 'Authentication code for device is not valid.',
    },
  },
  {
    name: 'a certificate that is none',
    given: user,
    op: 'UploadSigningCertificate',
    input: { ...lorax, CertificateBody: 'hello' },
    answer: {
      code: 'MalformedCertificate',
      status: 400,
      message: 'Certificate hello is malformed.',
    },
  },
  {
    name: 'an SSH key that is none',
    given: user,
    op: 'UploadSSHPublicKey',
    input: { ...lorax, SSHPublicKeyBody: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx' },
    answer: { code: 'InvalidPublicKey', status: 400, message: 'The public key is invalid.' },
  },
  {
    name: 'a service without credentials of its own',
    given: user,
    op: 'CreateServiceSpecificCredential',
    input: { ...lorax, ServiceName: 's3.amazonaws.com' },
    answer: {
      code: 'NoSuchEntity',
      status: 404,
      message: 'No such service s3.amazonaws.com is supported for Service Specific Credentials',
    },
  },
  {
    name: "a policy of AWS's, changed",
    op: 'CreatePolicyVersion',
    input: { PolicyArn: readOnly, PolicyDocument: policy('Allow', '*') },
    answer: {
      code: 'AccessDenied',
      status: 403,
      message:
        'User: arn:aws:iam::123456789012:user/sandbox-operator is not authorized to perform: ' +
        `iam:CreatePolicyVersion on resource: policy ${readOnly}`,
    },
  },
  {
    name: 'a service role policy on a user',
    given: user,
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: 'arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy' },
    answer: {
      code: 'PolicyNotAttachable',
      status: 400,
      message: 'Cannot attach a Service Role Policy to a Customer User.',
    },
  },
  {
    name: 'a service role policy as boundary',
    given: user,
    op: 'PutUserPermissionsBoundary',
    input: {
      ...lorax,
      PermissionsBoundary: 'arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy',
    },
    answer: {
      code: 'PolicyNotAttachable',
      status: 400,
      message: 'AWS service role policies can only be attached to the service-linked role for that service.',
    },
  },
  {
    name: 'a policy of another partition',
    given: user,
    op: 'AttachUserPolicy',
    input: { ...lorax, PolicyArn: 'arn:aws-cn:iam::aws:policy/ReadOnlyAccess' },
    answer: { code: 'ValidationError', status: 400, message: 'Invalid ARN partition' },
  },
  {
    name: 'a boundary of another partition',
    given: user,
    op: 'PutUserPermissionsBoundary',
    input: { ...lorax, PermissionsBoundary: 'arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess' },
    answer: { code: 'ValidationError', status: 400, message: 'Invalid ARN partition' },
  },
  {
    name: 'a service-linked role, deleted',
    given: call('CreateServiceLinkedRole', { AWSServiceName: 'support.amazonaws.com' }),
    op: 'DeleteRole',
    input: { RoleName: 'AWSServiceRoleForSupport' },
    answer: {
      code: 'UnmodifiableEntity',
      status: 400,
      message:
        "Cannot perform the operation on the protected role 'AWSServiceRoleForSupport' - this role is only " +
        'modifiable by AWS',
    },
  },
  {
    name: 'a boundary that does not exist',
    given: user,
    op: 'PutUserPermissionsBoundary',
    input: { ...lorax, PermissionsBoundary: none },
    answer: missing(`Scope ARN: ${none} does not exist or is not attachable.`),
  },
  {
    name: 'an operation that the sandbox lacks',
    op: 'ListOrganizationsFeatures',
    input: {},
    answer: {
      code: 'NotImplemented',
      status: 501,
      message:
        'ListOrganizationsFeatures is an operation of IAM that this sandbox does not have. ' +
        'Its operations are listed in docs/sandbox.md.',
    },
  },
];

/** Documents that IAM does not store. */
const documents: Case[] = (
  [
    ['no JSON', '{', 'Syntax errors in policy.'],
    ['a list', '[]', 'Syntax errors in policy.'],
    ['no statement', '{"Version":"2012-10-17"}', 'Syntax errors in policy.'],
    [
      'an unknown key',
      statement({ Effect: 'Allow', Action: '*', Resource: '*', Extra: 1 }),
      'Syntax errors in policy.',
    ],
    ['no effect', statement({ Action: '*', Resource: '*' }), 'Syntax errors in policy.'],
    [
      'an effect in lower case',
      statement({ Effect: 'allow', Action: '*', Resource: '*' }),
      'The policy failed legacy parsing',
    ],
    [
      'Action and NotAction',
      statement({ Effect: 'Allow', Action: '*', NotAction: '*', Resource: '*' }),
      'Syntax errors in policy.',
    ],
    ['no action', statement({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
    ['no resource', statement({ Effect: 'Allow', Action: '*' }), 'Policy statement must contain resources.'],
    [
      'a principal',
      statement({ Effect: 'Allow', Action: '*', Resource: '*', Principal: '*' }),
      'Policy document should not specify a principal.',
    ],
    [
      'an action without a service',
      statement({ Effect: 'Allow', Action: 'GetObject', Resource: '*' }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'an action with two colons',
      statement({ Effect: 'Allow', Action: 's3:Get:Object', Resource: '*' }),
      'Actions/Condition can contain only one colon.',
    ],
    [
      'a bad service',
      statement({ Effect: 'Allow', Action: 's 3:Get', Resource: '*' }),
      'Vendor s 3 is not valid',
    ],
    [
      'a resource that is no ARN',
      statement({ Effect: 'Allow', Action: 's3:*', Resource: 'houdini' }),
      'Resource houdini must be in ARN format or "*".',
    ],
    [
      'an unknown partition',
      statement({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aaa:s3:::houdini' }),
      'Partition "aaa" is not valid for resource "arn:aaa:s3:::houdini".',
    ],
    [
      'the partition of another account',
      statement({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws-cn:s3:::houdini/*' }),
      'Partition "aws-cn" is not valid for resource "arn:aws-cn:s3:::houdini/*".',
    ],
    [
      'a date that is none',
      statement({
        Effect: 'Allow',
        Action: '*',
        Resource: '*',
        Condition: { DateLessThan: { 'aws:CurrentTime': '31.12.2026' } },
      }),
      'The policy failed legacy parsing',
    ],
    [
      'a wildcard for the service',
      statement({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:*:::houdini' }),
      'Resource vendor must be fully qualified and cannot contain regexes.',
    ],
    [
      'a region with S3',
      statement({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:eu-west-1::houdini' }),
      'Resource arn:aws:s3:eu-west-1::houdini can not contain region information.',
    ],
    [
      'a statement id twice',
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [1, 2].map(() => ({ Sid: 'a', Effect: 'Allow', Action: '*', Resource: '*' })),
      }),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    [
      'an unknown condition operator',
      statement({
        Effect: 'Allow',
        Action: '*',
        Resource: '*',
        Condition: { StringIs: { 'aws:username': 'x' } },
      }),
      'Syntax errors in policy.',
    ],
    [
      'an old version',
      JSON.stringify({ Version: '2008-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
      'Policy document must be version 2012-10-17 or greater.',
    ],
  ] as const
).map(([name, document, message]) => ({
  name: `a policy with ${name}`,
  op: 'CreatePolicy',
  input: { PolicyName: 'p', PolicyDocument: document },
  answer: malformed(message),
}));

const trusts: Case[] = (
  [
    ['no JSON', '{', 'This policy contains invalid Json'],
    [
      'no principal',
      statement({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
      'Missing required field Principal',
    ],
    [
      'a resource',
      statement({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Resource: '*' }),
      'Has prohibited field Resource',
    ],
    [
      'another action',
      statement({ Effect: 'Allow', Action: 's3:GetObject', Principal: '*' }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
    [
      'a bad principal',
      statement({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'dale' } }),
      'Invalid principal in policy: "AWS":"dale"',
    ],
  ] as const
).map(([name, document, message]) => ({
  name: `a trust policy with ${name}`,
  op: 'CreateRole',
  input: { RoleName: 'deployer', AssumeRolePolicyDocument: document },
  answer: malformed(message),
}));

const commands = sdk as unknown as Record<string, new (input: object) => never>;

describe('every refusal has the code, status and text of AWS', () => {
  let sandbox: Sandbox;
  let client: sdk.IAMClient;

  beforeAll(async () => {
    sandbox = await startSandbox();
    client = clientOf(sandbox);
  });
  afterAll(async () => {
    client.destroy();
    await sandbox.close();
  });

  it.each([...absent, ...conflicts, ...others, ...documents, ...trusts])('$op: $name', async (item) => {
    // A fresh account per case, reached through the same wire code as over HTTP.
    const fresh = await startSandbox(
      item.name === 'a user too many' ? { quotas: { usersPerAccount: 4 } } : {},
    );
    const own = clientOf(fresh);
    try {
      item.given?.(fresh);
      const command = new commands[`${item.op}Command`]!(item.input);
      const error: unknown = await own.send(command).then(
        () => 'no error',
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({
        Code: item.answer.code,
        message: item.answer.message,
        $metadata: { httpStatusCode: item.answer.status },
      });
      expect(fresh.journal.at(-1)).toMatchObject({ op: item.op, errorCode: item.answer.code });
    } finally {
      own.destroy();
      await fresh.close();
    }
  });

  it('knows errors by their classes', async () => {
    await expect(client.send(new sdk.GetUserCommand({ UserName: 'nobody' }))).rejects.toBeInstanceOf(
      sdk.NoSuchEntityException,
    );
    await expect(
      client.send(new sdk.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: '{' })),
    ).rejects.toBeInstanceOf(sdk.MalformedPolicyDocumentException);
  });
});

it.each(['constructor', 'toString', 'Nonsense'])('%s is no operation', async (op) => {
  const sandbox = await startLibrary();
  try {
    expect(() => sandbox.call(op, {})).toThrow(
      `${op} is an operation of IAM that this sandbox does not have`,
    );
  } finally {
    await sandbox.close();
  }
});

it('an account that cannot be one is refused', async () => {
  await expect(startLibrary({ account: '12' })).rejects.toThrow('an account has twelve digits, and not "12"');
});
