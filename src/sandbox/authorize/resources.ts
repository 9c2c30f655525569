import type { State } from '../iam/state.ts';

/** The target of a call: the ARN that policies match, and its form in error texts. */
interface Target {
  readonly arn: string;
  readonly shown: string;
}

type Input = Readonly<Record<string, unknown>>;

/** Operations on whole collections, with the last part of their ARN. */
const collections: Readonly<Record<string, string>> = {
  ListUsers: 'user/',
  ListGroups: 'group/',
  ListRoles: 'role/',
  ListPolicies: 'policy/',
  ListVirtualMFADevices: 'mfa/',
  ListInstanceProfiles: 'instance-profile/',
  ListServerCertificates: 'server-certificate/',
};

/** Operations that mean the caller when they name nobody. */
const selfish =
  /AccessKey|LoginProfile|MFADevice|SSHPublicKey|SigningCertificate|ServiceSpecificCredential|^GetUser$|^ChangePassword$/;

const text = (input: Input, name: string): string | undefined => {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
};

/**
 * The resource of a call. Source: Service Authorization Reference, "Actions, resources, and condition keys for
 * AWS Identity and Access Management".
 */
export function targetOf(
  state: State,
  prefix: string,
  callerName: string | undefined,
  op: string,
  input: Input,
): Target {
  const exact = (type: string, path: string, name: string): string => `${prefix}${type}${path}${name}`;
  const collection = collections[op];
  if (collection !== undefined) return same(`${prefix}${collection}`);

  const simulated = text(input, 'PolicySourceArn');
  if (simulated !== undefined) return same(simulated);

  const identity = (kind: 'user' | 'group' | 'role', name: string): Target => {
    const found = state[`${kind}s`].find(name);
    const arn = exact(kind, found?.path ?? text(input, 'Path') ?? '/', found?.name ?? name);
    return named(op, kind, name, arn);
  };
  const profile = text(input, 'InstanceProfileName');
  if (profile !== undefined) {
    const found = state.instanceProfiles.find(profile);
    const path = found?.path ?? text(input, 'Path') ?? '/';
    return named(op, 'instance profile', profile, exact('instance-profile', path, found?.name ?? profile));
  }
  const certificate = text(input, 'ServerCertificateName');
  if (certificate !== undefined) {
    const found = state.serverCertificates.find(certificate);
    const path = found?.path ?? text(input, 'Path') ?? '/';
    return same(exact('server-certificate', path, found?.name ?? certificate));
  }
  const provider = providerOf(prefix, op, input);
  if (provider !== undefined) return same(provider);
  const groupName = text(input, 'GroupName');
  if (groupName !== undefined) return identity('group', groupName);
  const roleName = text(input, 'RoleName');
  if (roleName !== undefined) return identity('role', roleName);
  const device = text(input, 'VirtualMFADeviceName');
  if (device !== undefined) return same(exact('mfa', text(input, 'Path') ?? '/', device));
  const serial = text(input, 'SerialNumber');
  if (serial !== undefined && /VirtualMFADevice$|MFADeviceTags$|^(?:Tag|Untag)MFADevice$/.test(op)) {
    return same(serial);
  }
  // It is about all users, so no single user's ARN includes it.
  if (input['AllUsers'] === true || input['AllUsers'] === 'true') return same(`${prefix}user/*`);
  const userName = text(input, 'UserName') ?? (selfish.test(op) ? callerName : undefined);
  if (userName !== undefined) return identity('user', userName);
  const policyArn = text(input, 'PolicyArn');
  if (policyArn !== undefined) return { arn: policyArn, shown: `policy ${policyArn}` };
  const policyName = text(input, 'PolicyName');
  if (policyName !== undefined) {
    const arn = exact('policy', text(input, 'Path') ?? '/', policyName);
    return { arn, shown: `policy ${policyName}` };
  }
  return same('*');
}

function providerOf(prefix: string, op: string, input: Input): string | undefined {
  if (op === 'CreateOpenIDConnectProvider')
    return `${prefix}oidc-provider/${text(input, 'Url')?.replace(/^https:\/\//, '')}`;
  if (op === 'CreateSAMLProvider') return `${prefix}saml-provider/${text(input, 'Name')}`;
  return text(input, 'OpenIDConnectProviderArn') ?? text(input, 'SAMLProviderArn');
}

const same = (arn: string): Target => ({ arn, shown: arn });

/** Error texts show the ARN for creations, and kind and name for all other calls. */
const named = (op: string, kind: string, name: string, arn: string): Target =>
  /^Create(?:User|Group|Role|InstanceProfile)$/.test(op) ? same(arn) : { arn, shown: `${kind} ${name}` };
