import type { ServiceSpecificCredentialMetadata } from '@aws-sdk/client-iam';
import type { RollcallError } from '../../core/errors.ts';
import { byText } from '../../core/json.ts';
import type { AccessKey, Credentials, ServiceCredential } from '../../core/state.ts';
import { byId, iso, together } from '../live.ts';
import type { Iam } from '../live.ts';

/**
 * What manifests declare of a user's credentials: two calls, and one per access key for its last use.
 *
 * @param lastUse whether it is read, of a user with so many keys.
 */
export async function readSignIn(
  iam: Iam,
  user: string,
  lastUse: (keys: number) => boolean = () => false,
): Promise<Pick<Credentials, 'accessKeys' | 'loginProfile'>> {
  const [accessKeys, profile] = await together(
    iam,
    () => readAccessKeys(iam, user, lastUse),
    () => iam.find('GetLoginProfile', { UserName: user }),
  );
  return {
    accessKeys,
    loginProfile: profile && { createdAt: iso(profile.LoginProfile?.CreateDate) },
  };
}

async function readAccessKeys(
  iam: Iam,
  user: string,
  lastUse: (keys: number) => boolean,
): Promise<AccessKey[]> {
  const answers = await iam.list('ListAccessKeys', { UserName: user });
  const found = answers.flatMap(({ AccessKeyMetadata }) => AccessKeyMetadata ?? []);
  const accessKeys = await iam.each(found, async (key): Promise<AccessKey> => {
    const id = key.AccessKeyId ?? '';
    const lastUsed = lastUse(found.length) ? { lastUsedAt: await readLastUse(iam, id) } : {};
    return { id, status: key.Status ?? 'Active', createdAt: iso(key.CreateDate), ...lastUsed };
  });
  return accessKeys.sort(byId);
}

async function readLastUse(iam: Iam, id: string): Promise<string | null> {
  const { AccessKeyLastUsed } = await iam.get('GetAccessKeyLastUsed', { AccessKeyId: id });
  return AccessKeyLastUsed?.LastUsedDate ? iso(AccessKeyLastUsed.LastUsedDate) : null;
}

/** Every credential of one user: six calls, and one per access key for its last use. */
export async function readCredentials(
  iam: Iam,
  user: string,
  lastUse: (keys: number) => boolean,
): Promise<Credentials> {
  const input = { UserName: user };
  const [signIn, mfa, certificates, ssh, service] = await together(
    iam,
    () => readSignIn(iam, user, lastUse),
    () => iam.list('ListMFADevices', input),
    () => iam.list('ListSigningCertificates', input),
    () => iam.list('ListSSHPublicKeys', input),
    () => iam.list('ListServiceSpecificCredentials', input),
  );
  return {
    ...signIn,
    mfaDevices: mfa
      .flatMap(({ MFADevices }) => MFADevices ?? [])
      .map(({ SerialNumber }) => SerialNumber ?? '')
      .sort(byText),
    signingCertificates: certificates
      .flatMap(({ Certificates }) => Certificates ?? [])
      .map(({ CertificateId, Status }) => ({ id: CertificateId ?? '', status: Status ?? '' }))
      .sort(byId),
    sshKeys: ssh
      .flatMap(({ SSHPublicKeys }) => SSHPublicKeys ?? [])
      .map(({ SSHPublicKeyId, Status }) => ({ id: SSHPublicKeyId ?? '', status: Status ?? '' }))
      .sort(byId),
    serviceCredentials: service
      .flatMap(({ ServiceSpecificCredentials }) => ServiceSpecificCredentials ?? [])
      .map(toServiceCredential)
      .sort(byId),
  };
}

const toServiceCredential = (one: ServiceSpecificCredentialMetadata): ServiceCredential => ({
  id: one.ServiceSpecificCredentialId ?? '',
  service: one.ServiceName ?? '',
  status: one.Status ?? '',
});

/** Service credentials of all users in one list, by user name. */
export async function readAllServiceCredentials(
  iam: Iam,
): Promise<ReadonlyMap<string, readonly ServiceCredential[]> | { readonly refused: RollcallError }> {
  const answers = await iam.tryList('ListServiceSpecificCredentials', { AllUsers: true, MaxItems: 1000 });
  if ('refused' in answers) return answers;
  const byUser = new Map<string, ServiceCredential[]>();
  for (const one of answers.flatMap(({ ServiceSpecificCredentials }) => ServiceSpecificCredentials ?? [])) {
    const user = one.UserName ?? '';
    byUser.set(user, [...(byUser.get(user) ?? []), toServiceCredential(one)].sort(byId));
  }
  return byUser;
}
