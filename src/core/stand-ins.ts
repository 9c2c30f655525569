/** Lists that some stand-ins for IAM do not have, and `--assume-empty` takes for empty. */
export const emptyLists = [
  'ListServiceSpecificCredentials',
  'ListSigningCertificates',
  'ListSSHPublicKeys',
  'ListMFADevices',
] as const;
export type EmptyList = (typeof emptyLists)[number];
