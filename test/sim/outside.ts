import { createPublicKey } from 'node:crypto';
import { IamError } from '../../src/sandbox/index.ts';
import type { Iam, OpInput, OpName } from '../../src/sandbox/index.ts';
import { certificatePem } from '../sandbox/fixtures.ts';
import type { Random } from './random.ts';
import type { Tastes } from './history.ts';
import {
  accountId,
  anyCase,
  isIgnored,
  isManaged,
  names,
  oidcArn,
  policyArn,
  profilesOf,
  randomDocument,
  randomInline,
  roleArn,
  samlArn,
  trustDocument,
  userArn,
} from './universe.ts';
import type { Manifest } from './universe.ts';

/** Everything that others do to the account: its making before the first run, and the second writer later. */

/** One call of somebody else as data, or several under one `@name`. */
export interface RawCall {
  readonly op: string;
  readonly input: { readonly [field: string]: unknown };
}

const sshBody = String(createPublicKey(certificatePem).export({ type: 'spki', format: 'pem' }));
const password = 'correct-Horse-battery-7';

const compound: {
  readonly [op: string]: (call: Iam['call'], input: { readonly [field: string]: unknown }) => void;
} = {
  '@key'(call, { UserName, Status }) {
    const { AccessKey } = call('CreateAccessKey', { UserName: String(UserName) });
    if (Status === 'Inactive') {
      call('UpdateAccessKey', {
        UserName: String(UserName),
        AccessKeyId: AccessKey?.AccessKeyId ?? '',
        Status,
      });
    }
  },
  '@login': (call, { UserName }) => {
    call('CreateLoginProfile', { UserName: String(UserName), Password: password });
  },
  '@mfa'(call, { UserName, serial }) {
    let SerialNumber = String(serial);
    if (SerialNumber.startsWith('phone')) {
      const device = call('CreateVirtualMFADevice', { VirtualMFADeviceName: SerialNumber });
      SerialNumber = device.VirtualMFADevice?.SerialNumber ?? '';
    }
    const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
    call('EnableMFADevice', { UserName: String(UserName), SerialNumber, ...codes });
  },
  '@ssh': (call, { UserName }) => {
    call('UploadSSHPublicKey', { UserName: String(UserName), SSHPublicKeyBody: sshBody });
  },
  '@certificate': (call, { UserName }) => {
    call('UploadSigningCertificate', { UserName: String(UserName), CertificateBody: certificatePem });
  },
  '@service': (call, { UserName }) => {
    call('CreateServiceSpecificCredential', {
      UserName: String(UserName),
      ServiceName: 'codecommit.amazonaws.com',
    });
  },
};

/** What IAM refuses does not happen: so any part of an account can be left out while shrinking. */
export function callOutside(iam: Iam, { op, input }: RawCall): boolean {
  const call: Iam['call'] = (name, values) => iam.call(name, values);
  try {
    const several = compound[op];
    if (several) several(call, input);
    else call(op as OpName, input as OpInput<OpName>);
    return true;
  } catch (error) {
    if (error instanceof IamError) return false;
    throw error;
  }
}

const json = (document: unknown): string => JSON.stringify(document);

/** An account that is nearly what the first manifests say, with what grows in accounts over the years. */
export function randomAccount(
  random: Random,
  manifest: Manifest,
  { credentials, roles }: Pick<Tastes, 'credentials' | 'roles'>,
): RawCall[] {
  const calls: RawCall[] = [];
  const add = (op: string, input: RawCall['input']): void => void calls.push({ op, input });
  const nearly = (): boolean => random.chance(0.8);

  for (const policy of manifest.policies) {
    if (!nearly()) continue;
    const path = random.chance(0.9) ? policy.path : '/old/';
    add('CreatePolicy', {
      PolicyName: policy.name,
      Path: path,
      PolicyDocument: json(nearly() ? policy.document : randomDocument(random)),
    });
    for (let version = random.chance(0.15) ? 4 : 0; version > 0; version -= 1) {
      add('CreatePolicyVersion', {
        PolicyArn: policyArn(policy.name, path),
        PolicyDocument: json(randomDocument(random)),
        SetAsDefault: random.chance(0.5),
      });
    }
  }
  for (const name of random.some([...names.policies, ...names.ignoredPolicies], 0.2)) {
    add('CreatePolicy', { PolicyName: name, PolicyDocument: json(randomDocument(random)) });
  }
  const groups = [
    ...manifest.groups.filter(nearly),
    ...random
      .some([...names.groups, ...names.ignoredGroups], 0.25)
      .map((name) => ({ name, path: '/', policies: {}, attachedPolicyArns: [] as readonly string[] })),
  ];
  for (const group of groups) {
    add('CreateGroup', { GroupName: group.name, Path: group.path });
    for (const [PolicyName, document] of Object.entries(group.policies)) {
      if (nearly())
        add('PutGroupPolicy', {
          GroupName: group.name,
          PolicyName: anyCase(random, PolicyName),
          PolicyDocument: json(document),
        });
    }
    if (random.chance(0.3)) {
      add('PutGroupPolicy', {
        GroupName: group.name,
        PolicyName: anyCase(random, random.pick([...names.inline, 'i9'])),
        PolicyDocument: json(randomInline(random)),
      });
    }
    for (const PolicyArn of group.attachedPolicyArns)
      if (nearly()) add('AttachGroupPolicy', { GroupName: group.name, PolicyArn });
  }
  const strangers = random.some([...names.users, ...names.ignoredUsers], 0.3).map((name) => ({
    name,
    path: '/',
    tags: {},
    groups: random.some(groups, 0.4).map((group) => group.name),
    policies: Object.fromEntries(
      random.some(names.inline, 0.4).map((one) => [anyCase(random, one), randomInline(random)]),
    ),
    attachedPolicyArns: random.some([...manifest.policies.map(({ arn }) => arn), policyArn('svc-p')], 0.3),
    boundary: random.chance(0.2) ? (random.maybe(manifest.policies)?.arn ?? null) : null,
  }));
  for (const user of [...manifest.users.filter(nearly), ...strangers]) {
    const { name: UserName } = user;
    add('CreateUser', {
      UserName,
      Path: user.path,
      ...(user.boundary === null ? {} : { PermissionsBoundary: user.boundary }),
      Tags: Object.entries(user.tags).map(([Key, Value]) => ({ Key, Value })),
    });
    for (const [PolicyName, document] of Object.entries(user.policies)) {
      if (nearly())
        add('PutUserPolicy', {
          UserName,
          PolicyName: anyCase(random, PolicyName),
          PolicyDocument: json(document),
        });
    }
    for (const GroupName of user.groups) if (nearly()) add('AddUserToGroup', { UserName, GroupName });
    for (const PolicyArn of user.attachedPolicyArns)
      if (nearly()) add('AttachUserPolicy', { UserName, PolicyArn });
    if (random.chance(0.06)) {
      const PolicyArn = 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2';
      add('AttachUserPolicy', { UserName, PolicyArn });
    }
    const odds = credentials ? 0.35 : 0.08;
    if (random.chance(odds)) add('@key', { UserName, Status: random.pick(['Active', 'Active', 'Inactive']) });
    if (random.chance(odds / 2)) add('@key', { UserName, Status: random.pick(['Active', 'Inactive']) });
    if (random.chance(odds / 2)) add('@login', { UserName });
    if (random.chance(odds / 2)) {
      add('@mfa', { UserName, serial: random.pick([`phone-${UserName}`, `GAHT0000${UserName.length}`]) });
    }
    if (random.chance(odds / 3)) add('@ssh', { UserName });
    if (random.chance(odds / 3)) add('@certificate', { UserName });
    if (random.chance(odds / 3)) add('@service', { UserName });
  }
  if (roles) addRoles(random, manifest, add);
  else if (random.chance(0.2)) {
    add('CreateRole', { RoleName: 'r1', AssumeRolePolicyDocument: json(trusting({ AWS: accountId })) });
    const arn = random.maybe(manifest.policies)?.arn;
    if (arn !== undefined && random.chance(0.4)) add('AttachRolePolicy', { RoleName: 'r1', PolicyArn: arn });
  }
  return calls;
}

const trusting = (Principal: '*' | { readonly [type: string]: string }, Action = 'sts:AssumeRole') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal, Action }],
});
const byLambda = trusting({ Service: 'lambda.amazonaws.com' });

/** Roles and what goes with them, nearly as the manifest says, among those of others, of AWS and of rollcall's own jobs. */
function addRoles(
  random: Random,
  manifest: Manifest,
  add: (op: string, input: RawCall['input']) => void,
): void {
  const nearly = (): boolean => random.chance(0.8);
  const [github] = names.oidc;
  const Tags = (tags: object = {}) =>
    Object.entries(tags).map(([Key, Value]) => ({ Key, Value: String(Value) }));
  for (const { name, audiences, tags } of manifest.oidc.filter(nearly)) {
    const ClientIDList = nearly() ? audiences : ['z'];
    add('CreateOpenIDConnectProvider', { Url: `https://${name}`, ClientIDList, Tags: Tags(tags) });
  }
  for (const { name, metadata } of manifest.saml.filter(nearly))
    add('CreateSAMLProvider', { Name: name, SAMLMetadataDocument: metadata });
  const strangers = random.some([...names.roles, ...names.ignoredRoles, 'x1'], 0.2);
  const made = new Set<string>();
  for (const { name: RoleName, path, boundary, ...role } of manifest.roles.filter(nearly)) {
    made.add(RoleName);
    add('CreateRole', {
      RoleName,
      Path: random.chance(0.97) ? path : '/old/',
      AssumeRolePolicyDocument: json(byLambda),
      Description: role.description,
      MaxSessionDuration: nearly() ? role.maxSession : 7200,
      ...(boundary === null ? {} : { PermissionsBoundary: boundary }),
      Tags: Tags(role.tags),
    });
    for (const [PolicyName, document] of Object.entries(role.policies)) {
      const PolicyDocument = json(nearly() ? document : randomInline(random));
      if (nearly())
        add('PutRolePolicy', { RoleName, PolicyName: anyCase(random, PolicyName), PolicyDocument });
    }
    for (const PolicyArn of role.attachedPolicyArns)
      if (nearly()) add('AttachRolePolicy', { RoleName, PolicyArn });
  }
  for (const RoleName of strangers) {
    made.add(RoleName);
    add('CreateRole', { RoleName, AssumeRolePolicyDocument: json(byLambda) });
    const PolicyDocument = json(randomInline(random));
    if (random.chance(0.5)) add('PutRolePolicy', { RoleName, PolicyName: 'i1', PolicyDocument });
    const PolicyArn = random.maybe(manifest.policies)?.arn;
    if (PolicyArn !== undefined && random.chance(0.3)) add('AttachRolePolicy', { RoleName, PolicyArn });
  }
  if (random.chance(0.3)) add('CreateServiceLinkedRole', { AWSServiceName: 'autoscaling.amazonaws.com' });
  if (random.chance(0.2)) {
    const RoleName = 'AWSReservedSSO_admins';
    const AssumeRolePolicyDocument = json(trusting({ Federated: samlArn('sso') }, 'sts:AssumeRoleWithSAML'));
    add('CreateRole', { RoleName, Path: '/aws-reserved/sso.amazonaws.com/', AssumeRolePolicyDocument });
  }
  if (random.chance(0.3)) {
    add('CreateOpenIDConnectProvider', { Url: `https://${github}`, ClientIDList: ['sts.amazonaws.com'] });
    for (const RoleName of names.pipelineRoles) {
      const { Statement, ...rest } = trusting(
        { Federated: oidcArn(github) },
        'sts:AssumeRoleWithWebIdentity',
      );
      const Condition = { StringEquals: { [`${github}:sub`]: 'repo:acme/iam:ref:refs/heads/main' } };
      const document = { ...rest, Statement: Statement.map((one) => ({ ...one, Condition })) };
      add('CreateRole', { RoleName, AssumeRolePolicyDocument: json(document) });
    }
  }
  // Who trusts whom, once all are there; and somebody who has left long ago.
  add('CreateUser', { UserName: 'x9' });
  for (const RoleName of made) {
    const wanted = manifest.roles.find(({ name }) => name === RoleName)?.trust;
    const named = random.pick([
      ...names.users.map((name) => userArn(name)),
      ...names.roles.map((name) => roleArn(name)),
    ]);
    const document =
      wanted && nearly()
        ? trustDocument(wanted, manifest)
        : random.chance(0.3)
          ? trusting({ AWS: userArn('x9') })
          : trusting(random.pick(['*', { AWS: accountId }, { AWS: named }, { AWS: named }]));
    add('UpdateAssumeRolePolicy', { RoleName, PolicyDocument: json(document) });
  }
  add('DeleteUser', { UserName: 'x9' });
  for (const { name: InstanceProfileName, path, role, tags } of profilesOf(manifest)) {
    if (!nearly()) continue;
    add('CreateInstanceProfile', { InstanceProfileName, Path: nearly() ? path : '/x/', Tags: Tags(tags) });
    const RoleName = nearly() ? role : random.maybe([...made]);
    if (RoleName) add('AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
  }
  const RoleName = random.maybe([...made]);
  if (RoleName !== undefined && random.chance(0.2)) {
    add('CreateInstanceProfile', { InstanceProfileName: 'f9' });
    add('AddRoleToInstanceProfile', { InstanceProfileName: 'f9', RoleName });
  }
}

/** What a second writer did, and to whom. */
export interface Touch {
  readonly text: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** ARNs. */
  readonly policies: readonly string[];
}

const nobody = { users: [], groups: [], roles: [], policies: [] };

/** Somebody else with administrator rights. Never touches what carries rollcall's own prefix. */
export function secondWriter(random: Random, iam: Iam, now: Date): Touch | null {
  const { state } = iam;
  const user = random.maybe(state.users.sorted());
  const group = random.maybe(state.groups.sorted());
  const own = (name: string): boolean => !name.startsWith('rollcall-');
  const policy = random.maybe(state.policies.sorted().filter(({ name }) => own(name)));
  const act = (op: string, input: RawCall['input'], touched: Partial<Touch>): Touch | null =>
    callOutside(iam, { op, input })
      ? { ...nobody, ...touched, text: `${op} ${JSON.stringify(input).slice(0, 160)}` }
      : null;
  const onUser = (op: string, input: RawCall['input'] = {}): Touch | null =>
    user ? act(op, { UserName: user.name, ...input }, { users: [user.name] }) : null;
  const document = json(randomDocument(random));
  // Any role but those that AWS or rollcall's own jobs have.
  const role = random.maybe(state.roles.sorted().filter(isSomebodys));
  const onRole = (op: string, input: RawCall['input'] = {}): Touch | null =>
    role ? act(op, { RoleName: role.name, ...input }, { roles: [role.name] }) : null;
  const actions: readonly (readonly [number, () => Touch | null])[] = [
    [3, () => onUser('@key', { Status: 'Active' })],
    [1, () => onUser(random.pick(['@login', '@ssh', '@certificate', '@service']))],
    [
      1,
      () => onUser('@mfa', { serial: random.pick([`phone-w${random.int(9)}`, `GAHT1111${random.int(9)}`]) }),
    ],
    [
      2,
      () => {
        const key = user && random.maybe(state.accessKeys.ownedBy(user.id));
        return key ? onUser('DeleteAccessKey', { AccessKeyId: key.id }) : null;
      },
    ],
    [
      2,
      () => {
        const key = user && random.maybe(state.accessKeys.ownedBy(user.id));
        const Status = key?.status === 'Active' ? 'Inactive' : 'Active';
        return key ? onUser('UpdateAccessKey', { AccessKeyId: key.id, Status }) : null;
      },
    ],
    [1, () => onUser('DeleteLoginProfile')],
    [3, () => (group ? onUser('AddUserToGroup', { GroupName: group.name }) : null)],
    [2, () => (group ? onUser('RemoveUserFromGroup', { GroupName: group.name }) : null)],
    [
      2,
      () =>
        onUser('PutUserPolicy', {
          PolicyName: anyCase(random, random.pick(['i1', 'i2', 'i9'])),
          PolicyDocument: document,
        }),
    ],
    [
      1,
      () => {
        const PolicyName = user && random.maybe(Object.keys(user.policies).filter(own));
        return PolicyName === undefined ? null : onUser('DeleteUserPolicy', { PolicyName });
      },
    ],
    [1, () => onUser('TagUser', { Tags: [{ Key: 'team', Value: 'w' }] })],
    [
      1,
      () =>
        onUser('AttachUserPolicy', {
          PolicyArn: policy?.arn ?? 'arn:aws:iam::aws:policy/ReadOnlyAccess',
        }),
    ],
    [1, () => (policy ? onUser('DetachUserPolicy', { PolicyArn: policy.arn }) : null)],
    [
      2,
      () =>
        group
          ? act(
              'PutGroupPolicy',
              {
                GroupName: group.name,
                PolicyName: anyCase(random, random.pick(names.inline)),
                PolicyDocument: document,
              },
              { groups: [group.name] },
            )
          : null,
    ],
    [
      2,
      () =>
        policy
          ? act(
              'CreatePolicyVersion',
              { PolicyArn: policy.arn, PolicyDocument: document, SetAsDefault: true },
              { policies: [policy.arn] },
            )
          : null,
    ],
    [
      2,
      () => {
        const UserName = random.pick([...names.users, ...names.ignoredUsers]);
        return act('CreateUser', { UserName }, { users: [UserName] });
      },
    ],
    [
      2,
      () => {
        if (!user || isIgnored(user.name)) return null;
        recreate(iam, user.name);
        if (random.chance(0.5))
          callOutside(iam, { op: '@key', input: { UserName: user.name, Status: 'Active' } });
        return { ...nobody, users: [user.name], text: `re-creates ${user.name}` };
      },
    ],
    [
      3,
      () => {
        const who = random.maybe([...state.users.sorted(), ...state.roles.sorted()]);
        const AWS = who && ('groups' in who ? userArn(who.name, who.path) : roleArn(who.name, who.path));
        const named = { AWS: AWS ?? accountId };
        const Principal = random.pick(['*' as const, { AWS: accountId }, named, named]);
        return onRole('UpdateAssumeRolePolicy', { PolicyDocument: json(trusting(Principal)) });
      },
    ],
    [
      2,
      () => {
        const RoleName = random.pick([...names.roles, ...names.ignoredRoles, 'x1']);
        const AssumeRolePolicyDocument = json(trusting(random.pick(['*', { AWS: accountId }])));
        return role ? act('CreateRole', { RoleName, AssumeRolePolicyDocument }, { roles: [RoleName] }) : null;
      },
    ],
    // Somebody whom a trust names goes, so that AWS has an id in their place.
    [
      3,
      () => {
        const named = [...state.users.sorted(), ...state.roles.sorted().filter(isSomebodys)].filter(
          ({ id, name }) =>
            !isIgnored(name) && state.roles.sorted().some(({ trust }) => trust.includes(`"${id}"`)),
        );
        const gone = random.maybe(named);
        if (!gone) return null;
        const { name } = gone;
        const isUser = 'groups' in gone;
        if (!(isUser ? dropUser(iam, name) : dropRole(iam, name))) return null;
        return {
          ...nobody,
          [isUser ? 'users' : 'roles']: [name],
          text: `deletes ${name}, whom a trust names`,
        };
      },
    ],
    [
      2,
      () => {
        if (!role) return null;
        const { name: RoleName, trust: AssumeRolePolicyDocument } = role;
        dropRole(iam, RoleName);
        callOutside(iam, { op: 'CreateRole', input: { RoleName, AssumeRolePolicyDocument } });
        return { ...nobody, roles: [RoleName], text: `re-creates role ${RoleName}` };
      },
    ],
    [
      2,
      () =>
        onRole('AttachRolePolicy', {
          PolicyArn: policy?.arn ?? 'arn:aws:iam::aws:policy/ReadOnlyAccess',
        }),
    ],
    [1, () => (policy ? onRole('DetachRolePolicy', { PolicyArn: policy.arn }) : null)],
    [
      2,
      () =>
        onRole('PutRolePolicy', {
          PolicyName: anyCase(random, random.pick(['i1', 'i2', 'i9'])),
          PolicyDocument: document,
        }),
    ],
    // As the console does it.
    [
      2,
      () => {
        const before = { DateLessThan: { 'aws:TokenIssueTime': now.toISOString() } };
        const revocation = { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: before };
        const PolicyDocument = json({ Version: '2012-10-17', Statement: [revocation] });
        return onRole('PutRolePolicy', { PolicyName: 'AWSRevokeOlderSessions', PolicyDocument });
      },
    ],
    [
      1,
      () => {
        const provider = random.maybe(state.oidcProviders.sorted());
        const input = { OpenIDConnectProviderArn: provider?.id ?? '', ClientID: 'w' };
        return provider ? act('AddClientIDToOpenIDConnectProvider', input, {}) : null;
      },
    ],
  ];
  return random.weighted(actions)();
}

/**
 * Somebody who may do nothing but tag users, and knows rollcall's marks; and people who use their keys meanwhile.
 *
 * @param usable whether somebody has the secret of a key.
 * @returns whom it tagged, by name.
 */
export function tagger(
  random: Random,
  iam: Iam,
  now: Date,
  usable: (id: string) => boolean,
): { readonly text: string; readonly user: string } | null {
  const { state } = iam;
  const user = random.maybe(state.users.sorted());
  if (!user) return null;
  const keys = state.accessKeys.ownedBy(user.id);
  for (const key of keys) {
    if (key.status !== 'Active' || !usable(key.id) || !random.chance(0.5)) continue;
    const lastUsed = { at: now.toISOString(), service: 'iam', region: 'us-east-1' };
    state.accessKeys.put({ ...key, lastUsed });
  }
  const ids = random
    .some([...keys, ...state.sshKeys.ownedBy(user.id), ...state.serviceCredentials.ownedBy(user.id)], 0.6)
    .map(({ id }) => id);
  const key = random.maybe(keys);
  const at = new Date(
    (key ? Date.parse(key.createdAt) : now.getTime()) - random.pick([0, 0, 60_000, 3600_000]),
  );
  const time = `${at.toISOString().slice(0, 19)}Z`;
  const known = ids.join(' ') || 'none';
  const values = [
    'none',
    known,
    `${time} none`,
    `${time} none`,
    `${time} ${known}`,
    `${time} undelivered ${known}`,
  ];
  const Key = random.pick(['rollcall-undelivered', 'rollcall-undelivered', 'rollcall-deactivated']);
  const Value = Key === 'rollcall-deactivated' ? known : random.pick(values);
  const input = { UserName: user.name };
  const done = random.chance(0.2)
    ? callOutside(iam, { op: 'UntagUser', input: { ...input, TagKeys: [Key] } })
    : callOutside(iam, { op: 'TagUser', input: { ...input, Tags: [{ Key, Value }] } });
  return done ? { text: `tags ${user.name} ${Key}: ${Value}`, user: user.name } : null;
}

/** Neither AWS's own nor rollcall's. */
const isSomebodys = ({ name, path }: { readonly name: string; readonly path: string }): boolean =>
  !path.startsWith('/aws-') && !names.pipelineRoles.some((one) => one === name);

/** Deletes a user with all that it holds. */
function dropUser(iam: Iam, UserName: string): boolean {
  const { state } = iam;
  const user = state.users.taken(UserName);
  if (!user) return false;
  const call = (op: string, input: RawCall['input']): boolean =>
    callOutside(iam, { op, input: { UserName, ...input } });
  for (const { id } of state.accessKeys.ownedBy(user.id)) call('DeleteAccessKey', { AccessKeyId: id });
  for (const { id } of state.sshKeys.ownedBy(user.id)) call('DeleteSSHPublicKey', { SSHPublicKeyId: id });
  for (const { id } of state.certificates.ownedBy(user.id))
    call('DeleteSigningCertificate', { CertificateId: id });
  for (const { id } of state.serviceCredentials.ownedBy(user.id)) {
    call('DeleteServiceSpecificCredential', { ServiceSpecificCredentialId: id });
  }
  for (const { id } of state.mfaDevices.ownedBy(user.id)) call('DeactivateMFADevice', { SerialNumber: id });
  if (user.login) call('DeleteLoginProfile', {});
  for (const id of user.groups) call('RemoveUserFromGroup', { GroupName: state.groups.get(id)?.name ?? '' });
  for (const PolicyName of Object.keys(user.policies)) call('DeleteUserPolicy', { PolicyName });
  for (const PolicyArn of user.attached) call('DetachUserPolicy', { PolicyArn });
  if (user.boundary !== null) call('DeleteUserPermissionsBoundary', {});
  return call('DeleteUser', {});
}

/** Somebody else has the name. */
function recreate(iam: Iam, UserName: string): void {
  dropUser(iam, UserName);
  callOutside(iam, { op: 'CreateUser', input: { UserName } });
}

/** Deletes a role with all that it holds. */
function dropRole(iam: Iam, RoleName: string): boolean {
  const { state } = iam;
  const role = state.roles.taken(RoleName);
  if (!role) return false;
  const call = (op: string, input: RawCall['input']): boolean =>
    callOutside(iam, { op, input: { RoleName, ...input } });
  for (const { name, roleId } of state.instanceProfiles.sorted())
    if (roleId === role.id) call('RemoveRoleFromInstanceProfile', { InstanceProfileName: name });
  for (const PolicyName of Object.keys(role.policies)) call('DeleteRolePolicy', { PolicyName });
  for (const PolicyArn of role.attached) call('DetachRolePolicy', { PolicyArn });
  return call('DeleteRole', {});
}

/**
 * Roles of others and ignored users let go of policies and groups, and all of boundaries, so that these may go or move. Roles
 * go that are at another path, and rollcall's own, whose provider no plan writes.
 */
export function clearTheWay(iam: Iam, manifest: Manifest): void {
  const { state } = iam;
  for (const role of Array.from(state.roles.sorted())) {
    const { name: RoleName, path } = role;
    const wanted = manifest.roles.find((one) => one.name === RoleName);
    const isPipeline = names.pipelineRoles.some((one) => one === RoleName);
    if (isPipeline || (wanted && wanted.path !== path)) {
      dropRole(iam, RoleName);
      continue;
    }
    if (role.boundary !== null)
      callOutside(iam, { op: 'DeleteRolePermissionsBoundary', input: { RoleName } });
    if (isManaged(manifest, 'roles', role)) continue;
    for (const PolicyArn of role.attached) {
      callOutside(iam, { op: 'DetachRolePolicy', input: { RoleName, PolicyArn } });
    }
  }
  for (const { name: InstanceProfileName, path, roleId } of Array.from(state.instanceProfiles.sorted())) {
    const wanted = profilesOf(manifest).find(({ name }) => name === InstanceProfileName);
    if (!wanted || wanted.isShort === true || wanted.path === path) continue;
    const RoleName = state.roles.get(roleId)?.name ?? '';
    callOutside(iam, { op: 'RemoveRoleFromInstanceProfile', input: { InstanceProfileName, RoleName } });
    callOutside(iam, { op: 'DeleteInstanceProfile', input: { InstanceProfileName } });
  }
  for (const user of state.users.sorted().filter(({ name }) => isIgnored(name))) {
    const UserName = user.name;
    for (const id of user.groups) {
      const GroupName = state.groups.get(id)?.name ?? '';
      if (!isIgnored(GroupName))
        callOutside(iam, { op: 'RemoveUserFromGroup', input: { UserName, GroupName } });
    }
    for (const PolicyArn of user.attached.filter(
      (arn) => !arn.includes('::aws:') && !arn.endsWith('/svc-p'),
    )) {
      callOutside(iam, { op: 'DetachUserPolicy', input: { UserName, PolicyArn } });
    }
  }
  // One of the account's own, whoever has it: a policy moves to no other path while it is a boundary.
  for (const { name, boundary } of state.users.sorted()) {
    if (boundary !== null && (isIgnored(name) || !boundary.includes('::aws:'))) {
      callOutside(iam, { op: 'DeleteUserPermissionsBoundary', input: { UserName: name } });
    }
  }
  for (const group of state.groups.sorted().filter(({ name }) => isIgnored(name))) {
    for (const PolicyArn of group.attached) {
      callOutside(iam, { op: 'DetachGroupPolicy', input: { GroupName: group.name, PolicyArn } });
    }
  }
}
