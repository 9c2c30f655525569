/**
 * IAM's own limits, checked before any call.
 * Sources: the IAM service model (patterns, lengths) and the IAM User Guide, "IAM and AWS STS quotas".
 */
export const limits = {
  groupsPerUser: 10,
  attachedPerUser: 10,
  attachedPerGroup: 10,
  attachedPerRole: 10,
  /** Characters without white space, all inline policies of one holder added up. */
  inlineUser: 2048,
  inlineGroup: 5120,
  inlineRole: 10240,
  /** Characters without white space. */
  managedPolicy: 6144,
  /** The quota of trust policies, and how far AWS raises it; by the same count. */
  trust: 2048,
  trustRaised: 8192,
  policyVersions: 5,
  accessKeysPerUser: 2,
  tagsPerResource: 50,
  usersPerAccount: 5000,
  groupsPerAccount: 300,
  policiesPerAccount: 1500,
  rolesPerAccount: 1000,
  instanceProfilesPerAccount: 1000,
  oidcProvidersPerAccount: 100,
  samlProvidersPerAccount: 100,
  userName: 64,
  groupName: 128,
  roleName: 64,
  policyName: 128,
  instanceProfileName: 128,
  samlProviderName: 128,
  /** With `https://`. */
  oidcUrl: 255,
  audiencesPerProvider: 100,
  thumbprintsPerProvider: 5,
  /** Characters. */
  leastMetadata: 1000,
  mostMetadata: 10_000_000,
  path: 512,
  tagKey: 128,
  tagValue: 256,
  policyDescription: 1000,
  /** Seconds. */
  shortestRoleSession: 3600,
  longestRoleSession: 43_200,
} as const;

export const patterns = {
  account: /^\d{12}$/,
  /** As the SDK takes it: a label of a host name. */
  region: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/,
  name: /^[\w+=,.@-]+$/,
  path: /^(\/|\/[\u0021-\u007e]+\/)$/,
  tagKey: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$/u,
  tagValue: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u,
} as const;
