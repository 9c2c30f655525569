import * as given from '../given.ts';
import { call, fails, guide, localstack, works, type Row } from '../row.ts';

/**
 * What the tests of moto ask of IAM and the sandbox answered otherwise than AWS, or moto does. LocalStack made most of
 * those calls to AWS in February 2026 and kept the answers (docs/sandbox-moto.md).
 */

const { admins, arn, deployer, fillProfile, lorax, makeGroup, makeOidc, makePolicy, makeProfile } = given;
const { makeRole, makeSaml, makeServerCertificate, makeUser, nobody, oidc, phone, reports, saml, shop } =
  given;
const { tag, trust, web } = given;
const none = { GroupName: 'nobody' };
const theirs = { Path: '/', RoleName: 'deployer', MaxSessionDuration: '~absent' };
const bothCases = [tag('team'), tag('Team', 'y')];
const caseSource = guide(
  'id_tags',
  'keys of users and roles are compared without case, of all other resources with it',
);

const roles: readonly Row[] = [
  works(
    'neither its description nor its longest session, though the call gives both',
    call('CreateRole', {
      ...deployer,
      AssumeRolePolicyDocument: trust,
      Description: 'Deploys.',
      MaxSessionDuration: 7200,
    }),
    { Role: { ...theirs, Description: '~absent' } },
    {
      source: localstack('test_iam_roles::test_list_roles_pagination', 'only the list tells the description'),
    },
  ),
  works(
    'the description, and not the longest session',
    call('UpdateRoleDescription', { ...deployer, Description: 'Deploys.' }),
    { Role: { ...theirs, Description: 'Deploys.' } },
    { setup: [makeRole], source: localstack('test_iam_roles::test_update_role', 'update-role-description') },
  ),
  works(
    'keeps what an update without parameters leaves out',
    call('GetRole', deployer),
    { Role: { Description: 'Deploys.', MaxSessionDuration: 7200 } },
    {
      setup: [
        makeRole,
        call('UpdateRole', { ...deployer, Description: 'Deploys.', MaxSessionDuration: 7200 }),
        call('UpdateRole', deployer),
      ],
      source: localstack('test_iam_roles::test_update_role', 'moto goes back to the defaults'),
    },
  ),
];

const profiles: readonly Row[] = [
  works(
    'an empty list of tags, and its role in short',
    call('GetInstanceProfile', web),
    { InstanceProfile: { Tags: [], Roles: [theirs] } },
    {
      setup: [makeRole, makeProfile, fillProfile],
      source: localstack('test_iam_instance_profiles::test_add_remove_role_from_instance_profile', 'so'),
    },
  ),
  works(
    'no tags',
    makeProfile,
    { InstanceProfile: { Tags: '~absent' } },
    {
      source: localstack(
        'test_iam_instance_profiles::test_instance_profile_lifecycle',
        'until it is asked for',
      ),
    },
  ),
  works(
    'roles in short',
    call('ListInstanceProfiles'),
    { InstanceProfiles: [{ Roles: [theirs] }] },
    {
      setup: [makeRole, makeProfile, fillProfile],
      source: localstack(
        'test_iam_instance_profiles::test_list_instance_profiles',
        'without the longest session',
      ),
    },
  ),
  fails(
    'a role that is in none, in words',
    call('RemoveRoleFromInstanceProfile', { ...web, ...deployer }),
    'NoSuchEntity',
    {
      setup: [makeRole, makeProfile],
      message: 'Role deployer in Instance Profile web cannot be found.',
      source: localstack('test_iam_instance_profiles::test_role_instance_profile_operations_errors', 'so'),
    },
  ),
];

const providers: readonly Row[] = [
  works(
    'lists without anything in them, and encryption that is allowed',
    call('GetSAMLProvider', saml),
    { AssertionEncryptionMode: 'Allowed', PrivateKeyList: [], Tags: [] },
    {
      setup: [makeSaml],
      source: localstack('test_iam_saml_providers::test_get_saml_provider', 'though nobody asked for it'),
    },
  ),
  fails(
    'a 51st tag, in words',
    call('TagOpenIDConnectProvider', { ...oidc, Tags: [tag('k50')] }),
    'LimitExceeded',
    {
      setup: [makeOidc, call('TagOpenIDConnectProvider', { ...oidc, Tags: [tag('k{i}')] }, { times: 50 })],
      message: 'The number of tags has reached the maximum limit.',
      source: localstack(
        'test_iam_oidc::test_open_id_connect_provider_tags_limit',
        'of other kinds: another text',
      ),
    },
  ),
  works(
    'an empty list of tags',
    call('GetServerCertificate', shop),
    { ServerCertificate: { Tags: [] } },
    {
      setup: [makeServerCertificate],
      source: localstack('test_iam_server_certificates::test_server_certificate_lifecycle', 'so'),
    },
  ),
];

const policies: readonly Row[] = [
  works(
    'keys that differ in case only',
    call('ListPolicyTags', reports),
    { Tags: [tag('Team', 'y'), tag('team')] },
    { setup: [makePolicy, call('TagPolicy', { ...reports, Tags: bothCases })], source: caseSource },
  ),
  works(
    'the one spelling and not the other',
    call('ListPolicyTags', reports),
    { Tags: [tag('Team', 'y')] },
    {
      setup: [
        makePolicy,
        call('TagPolicy', { ...reports, Tags: bothCases }),
        call('UntagPolicy', { ...reports, TagKeys: ['team'] }),
      ],
      source: localstack('test_iam_policies::test_policy_tag_operations', 'list-after-untag-lowercase'),
    },
  ),
  fails('a key twice, in words', call('TagPolicy', { ...reports, ...given.sameTagTwice }), 'InvalidInput', {
    setup: [makePolicy],
    message: 'Duplicate tag keys found.',
    source: localstack('test_iam_policies::test_policy_tag_update_errors', 'err-tag-duplicate-keys'),
  }),
  fails(
    'keys of a role that differ in case only',
    call('TagRole', { ...deployer, Tags: bothCases }),
    'InvalidInput',
    {
      setup: [makeRole],
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
      source: localstack('test_iam_roles::test_role_tag_errors', 'tag-role-duplicate-tags-different-case'),
    },
  ),
  ...(['GetPolicyVersion', 'SetDefaultPolicyVersion'] as const).map((op) =>
    fails(
      'of a policy that is not there, in words',
      call(op, { ...given.noPolicy, VersionId: 'v1' }),
      'NoSuchEntity',
      {
        message: `Policy ${given.noPolicy.PolicyArn} version v1 does not exist or is not attachable.`,
        source: localstack('test_iam_policies::test_policy_version_errors', 'as if it had no such version'),
      },
    ),
  ),
];

const others: readonly Row[] = [
  ...(['AddUserToGroup', 'RemoveUserFromGroup'] as const).map((op) =>
    fails('neither the user nor the group is there', call(op, { ...nobody, ...none }), 'NoSuchEntity', {
      message: 'The user with name nobody cannot be found.',
      source: localstack(
        'test_iam_groups::test_remove_user_from_unknown_group',
        'the user is looked up first',
      ),
    }),
  ),
  works(
    'somebody who is no member',
    call('RemoveUserFromGroup', { ...lorax, ...admins }),
    {},
    {
      setup: [makeUser, makeGroup],
      source: localstack('test_iam_users::test_user_group_membership', 'moto refuses it'),
    },
  ),
  fails('the same name, in words', given.makePhone, 'EntityAlreadyExists', {
    setup: [given.makePhone],
    message: 'MFA device already exists.',
    source: localstack('test_iam_mfa::test_virtual_mfa_device_errors', 'create-duplicate-error'),
  }),
  fails('no such device, in words', call('DeleteVirtualMFADevice', phone), 'NoSuchEntity', {
    message: `MFA Device with serial number ${arn('mfa/phone')} does not exist.`,
    source: localstack('test_iam_mfa::test_virtual_mfa_device_errors', 'delete-nonexistent-error'),
  }),
  fails('no such device, in words', call('DeactivateMFADevice', { ...lorax, ...phone }), 'NoSuchEntity', {
    setup: [makeUser],
    message: `MFA Device with serial number ${arn('mfa/phone')} does not exist.`,
    source: localstack('test_iam_mfa::test_enable_mfa_device_errors', 'deactivate-nonexistent-mfa-error'),
  }),
  works(
    'a path with an empty part',
    call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone', Path: '/test//double/' }),
    { VirtualMFADevice: { SerialNumber: arn('mfa/test//double/phone') } },
    { source: localstack('test_iam_mfa::test_virtual_mfa_device_lifecycle', 'moto refuses it') },
  ),
  fails(
    'no certificate, in words',
    call('UploadSigningCertificate', { ...lorax, CertificateBody: 'invalid-certificate-body' }),
    'MalformedCertificate',
    {
      setup: [makeUser],
      message: 'Certificate invalid-certificate-body is malformed.',
      source: localstack(
        'test_iam_signing_certificates::test_signing_certificate_errors',
        'with the whole body',
      ),
    },
  ),
  works(
    'no hard expiry unless it was asked for',
    call('GetAccountPasswordPolicy'),
    { PasswordPolicy: { ExpirePasswords: false, HardExpiry: '~absent', MaxPasswordAge: '~absent' } },
    {
      setup: [call('UpdateAccountPasswordPolicy')],
      source: localstack(
        'test_iam_account_password_policy::test_update_account_password_policy_defaults',
        'so',
      ),
    },
  ),
];

export const foreign: readonly Row[] = [...roles, ...profiles, ...providers, ...policies, ...others];
