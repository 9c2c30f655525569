import { createPublicKey } from 'node:crypto';
import { IamError } from '../../src/sandbox/index.ts';
import type { Iam, OpInput, OpName } from '../../src/sandbox/index.ts';
import { certificatePem } from '../sandbox/fixtures.ts';
import type { Random } from './random.ts';
import { accountId, anyCase, isIgnored, names, policyArn, randomDocument, randomInline } from './universe.ts';
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
export function randomAccount(random: Random, manifest: Manifest, credentials: boolean): RawCall[] {
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
  if (random.chance(0.2)) {
    const trust = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'sts:AssumeRole',
    };
    add('CreateRole', {
      RoleName: 'r1',
      AssumeRolePolicyDocument: json({ Version: '2012-10-17', Statement: [trust] }),
    });
    const arn = random.maybe(manifest.policies)?.arn;
    if (arn !== undefined && random.chance(0.4)) add('AttachRolePolicy', { RoleName: 'r1', PolicyArn: arn });
  }
  return calls;
}

/** What a second writer did, and to whom. */
export interface Touch {
  readonly text: string;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** ARNs. */
  readonly policies: readonly string[];
}

const nobody = { users: [], groups: [], policies: [] };

/** Somebody else with administrator rights. Never touches what carries rollcall's own prefix. */
export function secondWriter(random: Random, iam: Iam): Touch | null {
  const { state } = iam;
  const user = random.maybe(state.users.sorted());
  const group = random.maybe(state.groups.sorted());
  const policy = random.maybe(state.policies.sorted());
  const own = (name: string): boolean => !name.startsWith('rollcall-');
  const act = (op: string, input: RawCall['input'], touched: Partial<Touch>): Touch | null =>
    callOutside(iam, { op, input })
      ? { ...nobody, ...touched, text: `${op} ${JSON.stringify(input).slice(0, 160)}` }
      : null;
  const onUser = (op: string, input: RawCall['input'] = {}): Touch | null =>
    user ? act(op, { UserName: user.name, ...input }, { users: [user.name] }) : null;
  const document = json(randomDocument(random));
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

/** Deletes a user with all that it holds, and gives the name to somebody else. */
function recreate(iam: Iam, UserName: string): void {
  const { state } = iam;
  const user = state.users.taken(UserName);
  if (!user) return;
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
  call('DeleteUser', {});
  call('CreateUser', {});
}

/** Roles and ignored users let go of policies and groups, and all of boundaries, so that these may go or move. */
export function clearTheWay(iam: Iam): void {
  const { state } = iam;
  for (const role of state.roles.sorted()) {
    for (const PolicyArn of role.attached) {
      callOutside(iam, { op: 'DetachRolePolicy', input: { RoleName: role.name, PolicyArn } });
    }
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
