import type { Call } from '../../core/operations.ts';
import { accessKeyRef, objectRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { Credentials } from '../../core/state.ts';

/** A credential that can be made inactive: how that is done, and how it is deleted. */
export interface Credential {
  readonly about: Ref;
  readonly setStatus: (status: 'Active' | 'Inactive') => Call;
  readonly remove: Call;
}

export interface HasStatus {
  readonly id: string;
  readonly status: string;
}

export const isActive = ({ status }: HasStatus): boolean => status === 'Active';

export const credentialOf = {
  'access-key': (UserName: string, AccessKeyId: string): Credential => ({
    about: accessKeyRef(UserName, AccessKeyId),
    setStatus: (Status) => ({ op: 'UpdateAccessKey', input: { UserName, AccessKeyId, Status } }),
    remove: { op: 'DeleteAccessKey', input: { UserName, AccessKeyId } },
  }),
  'ssh-key': (UserName: string, SSHPublicKeyId: string): Credential => ({
    about: partRef(objectRef('user', UserName), 'ssh-keys', SSHPublicKeyId),
    setStatus: (Status) => ({ op: 'UpdateSSHPublicKey', input: { UserName, SSHPublicKeyId, Status } }),
    remove: { op: 'DeleteSSHPublicKey', input: { UserName, SSHPublicKeyId } },
  }),
  'signing-certificate': (UserName: string, CertificateId: string): Credential => ({
    about: partRef(objectRef('user', UserName), 'signing-certificates', CertificateId),
    setStatus: (Status) => ({ op: 'UpdateSigningCertificate', input: { UserName, CertificateId, Status } }),
    remove: { op: 'DeleteSigningCertificate', input: { UserName, CertificateId } },
  }),
  'service-credential': (UserName: string, ServiceSpecificCredentialId: string): Credential => ({
    about: partRef(objectRef('user', UserName), 'service-credentials', ServiceSpecificCredentialId),
    setStatus: (Status) => ({
      op: 'UpdateServiceSpecificCredential',
      input: { UserName, ServiceSpecificCredentialId, Status },
    }),
    remove: {
      op: 'DeleteServiceSpecificCredential',
      input: { UserName, ServiceSpecificCredentialId },
    },
  }),
} as const;

/** A credential that a user has. */
export interface HeldCredential extends HasStatus {
  readonly fact: keyof typeof credentialOf;
  readonly service?: string;
}

export const heldAccessKeys = ({ accessKeys }: Pick<Credentials, 'accessKeys'>): HeldCredential[] =>
  accessKeys.map(({ id, status }) => ({ fact: 'access-key', id, status }));

export const heldBesides = ({
  sshKeys,
  signingCertificates,
  serviceCredentials,
}: Credentials): HeldCredential[] => [
  ...sshKeys.map((one) => ({ ...one, fact: 'ssh-key' as const })),
  ...signingCertificates.map((one) => ({ ...one, fact: 'signing-certificate' as const })),
  ...serviceCredentials.map((one) => ({ ...one, fact: 'service-credential' as const })),
];

/** Of a fact: which credential it is about. */
export const factFields = ({ fact, id, service }: HeldCredential) => ({
  fact,
  id,
  ...(service === undefined ? {} : { service }),
});
