/** List operations that some emulators of IAM lack; `--assume-empty` takes them for empty. */
export const emulatorGaps = [
  'ListServiceSpecificCredentials',
  'ListSigningCertificates',
  'ListSSHPublicKeys',
  'ListMFADevices',
] as const;
export type EmulatorGap = (typeof emulatorGaps)[number];
