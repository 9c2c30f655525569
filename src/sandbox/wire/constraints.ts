/**
 * Lengths, patterns and value sets of the inputs.
 * Source: the IAM service model (`service-2.json`); the SDK's schemas leave these out. Almost every member
 * name means the same shape in all operations, so one table by member name does; the few exceptions follow.
 */
export interface Constraint {
  /** Length of a text or list, value of a number. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly values?: readonly string[];
  /** Of members of a list: IAM names it as a rule of them that there must be one. */
  readonly notNull?: true;
  /** IAM's own message, for members that have one instead of the general message about patterns. */
  readonly says?: (path: string) => string;
}

const nameRule = /^[\w+=,.@-]+$/;
const nameSays = (path: string): string =>
  `The specified value for ${path} is invalid. It must contain only alphanumeric characters and/or the ` +
  'following: +=,.@_-';
const pathSays = (path: string): string =>
  `The specified value for ${path} is invalid. It must begin and end with / and contain only alphanumeric ` +
  'characters and/or / characters.';
const prefixSays = (path: string): string =>
  `The specified value for ${path} is invalid. It must begin with / and contain only alphanumeric characters ` +
  'and/or / characters.';

const name = (max: number): Constraint => ({ min: 1, max, pattern: nameRule, says: nameSays });
const latinText = /^[\u0009\u000A\u000D\u0020-\u00FF]+$/;
const anyPath: Constraint = { min: 1, max: 512, pattern: /^(?:\/|\/[\u0021-\u007E]+\/)$/, says: pathSays };
const policyPath: Constraint = {
  min: 1,
  max: 512,
  pattern: /^(?:(?:\/[A-Za-z0-9.,+@=_-]+)*)\/$/,
  says: pathSays,
};
const tagKey: Constraint = { min: 1, max: 128, pattern: /^(?:[\p{L}\p{Z}\p{N}_.:/=+\-@]+)$/u };
const document: Constraint = { min: 1, max: 131_072, pattern: latinText };
const arn: Constraint = { min: 20, max: 2048 };
const resourceName: Constraint = { min: 1, max: 2048 };
const existingUser = name(128);
const newUser = name(64);
const roleDescription: Constraint = {
  max: 1000,
  pattern: /^[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*$/,
};

const byMember: Readonly<Record<string, Constraint>> = {
  AWSServiceName: name(128),
  AccessKeyId: { min: 16, max: 128, pattern: /^[\w]+$/ },
  AccountAlias: {
    min: 3,
    max: 63,
    pattern: /^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$/,
    says: (path) =>
      `The specified value for ${path} is invalid. It must be a minimum length of 3 characters and maximum ` +
      'length of 63 characters, contain only digits, lowercase letters, and hyphens (-), but cannot begin or ' +
      'end with a hyphen.',
  },
  AddPrivateKey: { min: 1, max: 16_384, pattern: latinText },
  'ActionNames[]': { min: 3, max: 128 },
  AssertionEncryptionMode: { values: ['Required', 'Allowed'] },
  AssignmentStatus: { values: ['Assigned', 'Unassigned', 'Any'] },
  AssumeRolePolicyDocument: document,
  AuthenticationCode1: { min: 6, max: 6, pattern: /^[\d]+$/ },
  AuthenticationCode2: { min: 6, max: 6, pattern: /^[\d]+$/ },
  CallerArn: resourceName,
  CertificateBody: { min: 1, max: 16_384, pattern: latinText },
  CertificateChain: { min: 1, max: 2_097_152, pattern: latinText },
  CertificateId: { min: 24, max: 128, pattern: /^[\w]+$/ },
  ClientID: { min: 1, max: 255 },
  'ClientIDList[]': { min: 1, max: 255 },
  ContextKeyName: { min: 5, max: 256 },
  ContextKeyType: {
    values: ['string', 'numeric', 'boolean', 'ip', 'binary', 'date'].flatMap((type) => [type, `${type}List`]),
  },
  CredentialAgeDays: { min: 1, max: 36_600 },
  CustomSuffix: name(64),
  DeletionTaskId: { min: 1, max: 1000 },
  Description: { max: 1000 },
  Encoding: { values: ['SSH', 'PEM'] },
  EntityFilter: { values: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'] },
  // In the order in which AWS names them.
  'Filter[]': { values: ['LocalManagedPolicy', 'User', 'AWSManagedPolicy', 'Role', 'Group'] },
  GroupName: name(128),
  InstanceProfileName: name(128),
  Key: tagKey,
  Marker: { min: 1, max: 320, pattern: /^[\u0020-\u00FF]+$/ },
  MaxItems: { min: 1, max: 1000 },
  MaxPasswordAge: { min: 1, max: 1095 },
  MaxSessionDuration: { min: 3600, max: 43_200 },
  MinimumPasswordLength: { min: 6, max: 128 },
  Name: { min: 1, max: 128, pattern: /^[\w._-]+$/ },
  NewGroupName: name(128),
  NewPassword: { min: 1, max: 128, pattern: latinText },
  NewPath: anyPath,
  NewServerCertificateName: name(128),
  NewUserName: newUser,
  OpenIDConnectProviderArn: arn,
  OldPassword: { min: 1, max: 128, pattern: latinText },
  Password: { min: 1, max: 128, pattern: latinText },
  PasswordReusePrevention: { min: 1, max: 24 },
  Path: anyPath,
  PathPrefix: { min: 1, max: 512, pattern: /^(?:\/[\u0021-\u007F]*)$/, says: prefixSays },
  PermissionsBoundary: arn,
  'PermissionsBoundaryPolicyInputList[]': document,
  PolicyArn: arn,
  PolicyDocument: document,
  'PolicyInputList[]': document,
  PolicyName: name(128),
  PolicySourceArn: arn,
  PolicyUsageFilter: { values: ['PermissionsPolicy', 'PermissionsBoundary'] },
  PrivateKey: { min: 1, max: 16_384, pattern: latinText },
  RemovePrivateKey: { min: 22, max: 64, pattern: /^[A-Z0-9]+$/ },
  'ResourceArns[]': resourceName,
  ResourceHandlingOption: { min: 1, max: 64 },
  ResourceOwner: resourceName,
  ResourcePolicy: document,
  RoleName: name(64),
  SAMLMetadataDocument: { min: 1000, max: 10_000_000 },
  SAMLProviderArn: arn,
  SSHPublicKeyBody: { min: 1, max: 16_384, pattern: latinText },
  SSHPublicKeyId: { min: 20, max: 128, pattern: /^[\w]+$/ },
  Scope: { values: ['All', 'AWS', 'Local'] },
  SerialNumber: { min: 9, max: 256, pattern: /^[\w+=/:,.@-]+$/ },
  ServerCertificateName: name(128),
  ServiceSpecificCredentialId: { min: 20, max: 128, pattern: /^[\w]+$/ },
  Status: { values: ['Active', 'Inactive', 'Expired'] },
  TagKeys: { max: 50 },
  'TagKeys[]': { ...tagKey, notNull: true },
  Tags: { max: 50 },
  'ThumbprintList[]': { min: 40, max: 40 },
  Url: { min: 1, max: 255 },
  UserName: existingUser,
  Value: { min: 0, max: 256, pattern: /^(?:[\p{L}\p{Z}\p{N}_.:/=+\-@]*)$/u },
  VersionId: { pattern: /^(?:v[1-9][0-9]*(\.[A-Za-z0-9-]*)?)$/ },
  // The model has no maximum; with more the serial number, an ARN, would be longer than serial numbers may be.
  VirtualMFADeviceName: { min: 1, max: 226, pattern: nameRule, says: nameSays },
};

const arnOfSts: Constraint = { ...arn, pattern: /^[\t\n\r\u0020-\u007E\u0085\u00A0-\uFFFD]+$/ };
/** Patterns that STS has with a star: the least length says that there must be something. */
const serialOfSts: Constraint = { ...byMember['SerialNumber'], pattern: /^[\w+=/:,.@-]*$/ };

/** Members of operations of STS. Source: its service model. */
const ofSts: Readonly<Record<string, Constraint>> = {
  DurationSeconds: { min: 900, max: 43_200 },
  ExternalId: { min: 2, max: 1224, pattern: new RegExp(String.raw`^[\w+=,.@:\/-]*$`) },
  Policy: { min: 1, pattern: latinText },
  ProvidedContexts: { min: 1, max: 5 },
  ProviderId: { min: 4, max: 2048 },
  RoleArn: arnOfSts,
  RoleSessionName: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  SourceIdentity: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  TokenCode: { min: 6, max: 6, pattern: /^[\d]*$/ },
  TransitiveTagKeys: { max: 50 },
  'TransitiveTagKeys[]': tagKey,
  WebIdentityToken: { min: 4, max: 20_000 },
  arn: arnOfSts,
};

/** Operations whose user names are `userNameType`, as long as those of new users; the others take longer ones. */
const shortNameOps = `
  AttachUserPolicy CreateLoginProfile CreateServiceSpecificCredential CreateUser DeleteLoginProfile
  DeleteSSHPublicKey DeleteServiceSpecificCredential DeleteUserPermissionsBoundary DetachUserPolicy
  GetLoginProfile GetMFADevice GetSSHPublicKey ListAttachedUserPolicies ListSSHPublicKeys
  ListServiceSpecificCredentials PutUserPermissionsBoundary ResetServiceSpecificCredential
  UpdateLoginProfile UpdateSSHPublicKey UpdateServiceSpecificCredential UploadSSHPublicKey
`.match(/\w+/g)!;

const listPathOps = {
  ListAttachedGroupPolicies: policyPath,
  ListAttachedRolePolicies: policyPath,
  ListAttachedUserPolicies: policyPath,
  ListPolicies: policyPath,
  ListEntitiesForPolicy: anyPath,
};

/** `Operation.Member` for operations whose shape differs from the table. */
const exceptions: Readonly<Record<string, Constraint>> = {
  'CreatePolicy.Path': policyPath,
  'CreateRole.Description': roleDescription,
  'CreateServiceLinkedRole.Description': roleDescription,
  'UpdateRole.Description': roleDescription,
  'UpdateRoleDescription.Description': roleDescription,
  'AssumeRole.SerialNumber': serialOfSts,
  'AssumeRoleWithWebIdentity.Policy': { ...ofSts['Policy'], max: 2048 },
  'GetAccessKeyInfo.AccessKeyId': { ...byMember['AccessKeyId'], pattern: /^[\w]*$/ },
  'GetFederationToken.DurationSeconds': { min: 900, max: 129_600 },
  'GetFederationToken.Name': { min: 2, max: 32, pattern: /^[\w+=,.@-]*$/ },
  'GetFederationToken.Policy': { ...ofSts['Policy'], max: 2048 },
  'GetSessionToken.DurationSeconds': { min: 900, max: 129_600 },
  'GetSessionToken.SerialNumber': serialOfSts,
  ...Object.fromEntries(shortNameOps.map((op) => [`${op}.UserName`, newUser])),
  ...Object.fromEntries(Object.entries(listPathOps).map(([op, rule]) => [`${op}.PathPrefix`, rule])),
};

export const constraintOf = (op: string, member: string): Constraint | undefined =>
  exceptions[`${op}.${member}`] ?? byMember[member] ?? ofSts[member];
