/** Lists that some emulators of IAM do not have, and `--assume-empty` takes for empty. */
export const emulatorGaps = [
  'ListServiceSpecificCredentials',
  'ListSigningCertificates',
  'ListSSHPublicKeys',
  'ListMFADevices',
] as const;
export type EmulatorGap = (typeof emulatorGaps)[number];
