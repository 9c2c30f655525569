import { serverCertificatePem, serverKeyPem } from '../sandbox/fixtures.ts';
import { sshKeys } from './keys.ts';
import { call, localstack, type Call } from './row.ts';

/** What rows begin with. */
export const account = '123456789012';
export const arn = (type: string): string => `arn:aws:iam::${account}:${type}`;

export const document = (fields: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...fields }],
  });
export const anyDocument = document();
export const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

export const lorax = { UserName: 'lorax' };
export const nobody = { UserName: 'nobody' };
export const admins = { GroupName: 'admins' };
export const deployer = { RoleName: 'deployer' };
export const reports = { PolicyArn: arn('policy/reports') };
export const noPolicy = { PolicyArn: arn('policy/none') };
export const readOnly = { PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
export const serviceRolePolicy = {
  PolicyArn: 'arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy',
};
export const notAnArn = { PolicyArn: 'ReadOnlyAccess-by-its-name' };

/** What AWS says of a policy's ARN that is none; recorded for two calls, whose check is that of all. */
export const unparsed = {
  message: 'Invalid ARN:  Could not be parsed!',
  source: localstack('test_role_attach_policy, test_user_attach_policy', 'what is no ARN cannot be parsed'),
};

export const password = 'Correct-horse-battery-9';
export const phone = { SerialNumber: arn('mfa/phone') };
export const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };

export const makeUser: Call = call('CreateUser', lorax);
export const makeGroup: Call = call('CreateGroup', admins);
export const makeRole: Call = call('CreateRole', { ...deployer, AssumeRolePolicyDocument: trust });
export const makePolicy: Call = call('CreatePolicy', { PolicyName: 'reports', PolicyDocument: anyDocument });
export const makeVersion: Call = call('CreatePolicyVersion', { ...reports, PolicyDocument: anyDocument });
export const makePhone: Call = call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' });
export const enablePhone: Call = call('EnableMFADevice', { ...lorax, ...phone, ...codes });
export const web = { InstanceProfileName: 'web' };
export const makeProfile: Call = call('CreateInstanceProfile', web);
export const fillProfile: Call = call('AddRoleToInstanceProfile', { ...web, ...deployer });
export const issuer = { Url: 'https://token.actions.githubusercontent.com' };
export const oidc = { OpenIDConnectProviderArn: arn('oidc-provider/token.actions.githubusercontent.com') };
export const makeOidc: Call = call('CreateOpenIDConnectProvider', {
  ...issuer,
  ClientIDList: ['sts.amazonaws.com'],
  ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
});
export const metadata = [
  '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com"',
  ` validUntil="2037-01-01T00:00:00Z"><!-- ${'x'.repeat(1000)} --></md:EntityDescriptor>`,
].join('');
export const saml = { SAMLProviderArn: arn('saml-provider/idp') };
export const makeSaml: Call = call('CreateSAMLProvider', { Name: 'idp', SAMLMetadataDocument: metadata });
export const shop = { ServerCertificateName: 'shop' };
export const serverCertificate = {
  ...shop,
  CertificateBody: serverCertificatePem,
  PrivateKey: serverKeyPem,
};
export const makeServerCertificate: Call = call('UploadServerCertificate', serverCertificate);
export const makeServiceRole: Call = call('CreateServiceLinkedRole', {
  AWSServiceName: 'support.amazonaws.com',
});
/** The name that the first answer of the set-up gave. */
export const serviceRole = { RoleName: '$0.Role.RoleName' };
/** As Identity Center makes one of a permission set. */
export const reserved = { RoleName: 'AWSReservedSSO_Admins_0123456789abcdef' };
export const makeReserved: Call = call('CreateRole', {
  ...reserved,
  Path: '/aws-reserved/sso.amazonaws.com/',
  AssumeRolePolicyDocument: trust,
});
export const tag = (Key: string, Value = 'x') => ({ Key, Value });
export const sameTagTwice = { Tags: [tag('team', 'a'), tag('team', 'b')] };
export { certificatePem as certificate, otherCertificates } from '../sandbox/fixtures.ts';
export const [sshKey, ...moreSshKeys] = sshKeys;
