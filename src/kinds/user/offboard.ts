import {
  membershipRef,
  namedRef,
  objectRef,
  partRef,
  passwordRef,
  policyArnRef,
  shutOutRef,
} from '../../core/references.ts';
import { awsPolicyArn } from '../../core/arn.ts';
import { byText, sortedKeys } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { Call } from '../../core/operations.ts';
import type { Ref } from '../../core/references.ts';
import type { Purpose, StepClass } from '../../core/plan.ts';
import type { Credentials, Documents, User } from '../../core/state.ts';
import { documentSize, sameMeaning } from '../../policy/index.ts';
import { denyAll } from '../../access/documents.ts';
import { inlineNamed, offboardingDeny } from '../access.ts';
import { recordKeys } from './state-tags.ts';
import { credentialOf, heldAccessKeys, heldBesides, factFields, isActive } from './credential-calls.ts';
import type { Credential, HasStatus, HeldCredential } from './credential-calls.ts';
import { userIdentity } from './identity.ts';
import { canonicalDocuments, deleteInline, detach, policyFacts, putInline } from '../identity.ts';
import { makeChange } from '../change.ts';
import type { Draft, StepDraft, Wiring } from '../kind.ts';
import type { CredentialFact, UserFacts } from './facts.ts';
import type { UserChange } from './words.ts';
import { tagList } from '../tags.ts';

const of = userIdentity;

/** The user's state is complete: everything that DeleteUser would trip over has been read. */
export type UserWithCredentials = User & { readonly credentials: Credentials };

/**
 * Fail closed: the person is denied everything first, then loses each credential, then memberships and policies
 * with an inline deny last, then the user goes. Each step waits for the one before it, so that a failure leaves the
 * person with less, never with more. Source of the preconditions: IAM API reference, DeleteUser.
 */
export function offboard(user: UserWithCredentials, partition: string, expired?: string): Draft<UserChange> {
  const deny = denyStep(user, partition, offboardingDeny);
  const ref = objectRef('user', user.name);
  const steps: StepDraft[] = [
    pin(user),
    ...deny.put.map((put) => ({ ...put, creates: [...(put.creates ?? []), shutOutRef(ref)] })),
    // By the boundary alone, the next run could not tell an offboarding from the suspension that the record is of.
    ...(deny.boundary && recordKeys(user.tags).length > 0
      ? [
          disabling(
            { op: 'UntagUser', input: { UserName: user.name, TagKeys: recordKeys(user.tags) } },
            partRef(ref, 'tags'),
            'clear-suspension',
          ),
        ]
      : []),
    ...deactivate(user),
    ...listAgain(user),
    ...deleteCredentials(user),
    ...user.groups.map((group) =>
      removing(
        { op: 'RemoveUserFromGroup', input: { GroupName: group, UserName: user.name } },
        membershipRef(user.name, group),
        'leave-group',
        { uses: [objectRef('group', group)], removes: [membershipRef(user.name, group)] },
      ),
    ),
    ...sortedKeys(user.policies)
      .filter((policy) => policy !== deny.inline)
      .map((policy) => deleteInline(of, user.name, policy, { cls: 'offboard' })),
    ...user.attachedPolicyArns.map((arn) => detach(of, user.name, arn, { cls: 'offboard' })),
    // A role whose trust names them lets in whoever is denied nothing, whatever else they have lost.
    ...(deny.inline
      ? [
          {
            ...deleteInline(of, user.name, deny.inline, { purpose: 'lift-deny', cls: 'offboard' }),
            after: [namedRef(ref)],
          },
        ]
      : []),
    // IAM lets a user go with their boundary: where that is the deny, it holds to the end.
    removing({ op: 'DeleteUser', input: { UserName: user.name } }, ref, 'delete', {
      uses: user.boundary ? [policyArnRef(user.boundary)] : [],
      removes: [ref],
    }),
  ];
  const change = makeChange({
    kind: 'user',
    name: user.name,
    action: 'offboard',
    aspect: 'object',
    ...(expired === undefined ? {} : { expired }),
    effect: 'narrows',
    reasons: [{ code: 'leaves' }],
    facts: facts(user),
    before: snapshot(user),
    after: null,
  });
  // Only the last step takes the user away; those before it need the user to exist by their chain.
  return {
    change,
    steps: steps.map((one, index) => ({
      ...one,
      chained: index > 0,
      ...(optional.has(one.purpose) ? { optional: true as const } : {}),
    })),
  };
}

/**
 * What may be refused without keeping the person: credentials are deleted whether or not they were made inactive
 * before, IAM itself deletes no user who has any that a refused look did not show, and a virtual device that nobody
 * has opens nothing.
 */
const optional: ReadonlySet<Purpose> = new Set([
  'deactivate-credential',
  'check-credentials',
  'clear-suspension',
  'delete-mfa-device',
]);

const stepOf =
  (cls: StepClass) =>
  (call: Call, about: Ref, purpose: Purpose, wiring: Wiring = {}): StepDraft => ({
    ...call,
    about,
    purpose,
    cls,
    ...wiring,
  });
const denying = stepOf('deny');
const disabling = stepOf('disable');
const removing = stepOf('offboard');

/** The name may have been given to somebody else since the plan: only the id is never re-used. */
export const pin = (user: User): StepDraft => ({
  ...denying(
    { op: 'GetUser', input: { UserName: user.name } },
    objectRef('user', user.name),
    'identify-user',
    {
      uses: [objectRef('user', user.name)],
    },
  ),
  expect: { 'User.UserId': user.id ?? null },
});

/**
 * Where the deny goes: an inline policy of its own, or where no inline room is left AWS's deny-all as the user's
 * permissions boundary, which there is always room for.
 */
export function denyStep(
  user: User,
  partition: string,
  own: string,
): { put: StepDraft[]; inline?: string; boundary?: string } {
  const existing = inlineNamed(user.policies, own);
  if (existing && sameMeaning(existing.document, denyAll)) return { put: [], inline: existing.name };
  if (inlineSize(user.policies) + documentSize(denyAll) <= limits.inlineUser) {
    const inline = existing?.name ?? own;
    return {
      put: [putInline(of, user.name, inline, denyAll, { purpose: 'deny-everything', cls: 'deny' })],
      inline,
    };
  }
  const boundary = awsPolicyArn(partition, 'AWSDenyAll');
  if (user.boundary === boundary) return { put: [], boundary };
  const uses = user.boundary ? [policyArnRef(user.boundary)] : [];
  const principal = objectRef('user', user.name);
  const put = denying(
    { op: 'PutUserPermissionsBoundary', input: { UserName: user.name, PermissionsBoundary: boundary } },
    partRef(principal, 'boundary', boundary),
    'deny-everything',
    { uses, affects: principal },
  );
  return { put: [put], boundary };
}

const inlineSize = (policies: Documents): number =>
  Object.values(policies).reduce((sum, document) => sum + documentSize(document), 0);

const password = (user: string): StepDraft =>
  disabling({ op: 'DeleteLoginProfile', input: { UserName: user } }, passwordRef(user), 'delete-credential');

/** Every credential stops working before any is deleted. */
export function deactivate({ name, credentials }: UserWithCredentials): StepDraft[] {
  const off = (of: (user: string, id: string) => Credential, all: readonly HasStatus[]): StepDraft[] =>
    all.filter(isActive).map(({ id }) => {
      const { about, setStatus } = of(name, id);
      return disabling(setStatus('Inactive'), about, 'deactivate-credential');
    });
  return [
    ...off(credentialOf['access-key'], credentials.accessKeys),
    ...(credentials.loginProfile ? [password(name)] : []),
    ...off(credentialOf['signing-certificate'], credentials.signingCertificates),
    ...off(credentialOf['ssh-key'], credentials.sshKeys),
    ...off(credentialOf['service-credential'], credentials.serviceCredentials),
  ];
}

/** Nothing was minted between the plan and the deny: otherwise stop, denied, and plan again. */
function listAgain({ name, credentials }: UserWithCredentials): StepDraft[] {
  const input = { UserName: name };
  const look = (call: Call, part: string, path: string, expected: Json): StepDraft => ({
    ...removing(call, partRef(objectRef('user', name), part), 'check-credentials'),
    expect: { [path]: expected },
  });
  const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id).sort(byText);
  return [
    look({ op: 'GetLoginProfile', input }, 'password', 'LoginProfile.UserName', null),
    look(
      { op: 'ListAccessKeys', input },
      'access-keys',
      'AccessKeyMetadata[].AccessKeyId',
      ids(credentials.accessKeys),
    ),
    look(
      { op: 'ListMFADevices', input },
      'mfa-devices',
      'MFADevices[].SerialNumber',
      [...credentials.mfaDevices].sort(byText),
    ),
    look(
      { op: 'ListSigningCertificates', input },
      'signing-certificates',
      'Certificates[].CertificateId',
      ids(credentials.signingCertificates),
    ),
    look(
      { op: 'ListSSHPublicKeys', input },
      'ssh-keys',
      'SSHPublicKeys[].SSHPublicKeyId',
      ids(credentials.sshKeys),
    ),
    look(
      { op: 'ListServiceSpecificCredentials', input },
      'service-credentials',
      'ServiceSpecificCredentials[].ServiceSpecificCredentialId',
      ids(credentials.serviceCredentials),
    ),
  ];
}

/** Passkeys and hardware tokens are only deactivated: IAM deletes virtual devices alone. */
const isVirtual = (serial: string): boolean => /^arn:[^:]+:iam::\d{12}:mfa\//.test(serial);

function deleteCredentials({ name, credentials }: UserWithCredentials): StepDraft[] {
  const removal = ({ fact, id }: HeldCredential): StepDraft => {
    const { about, remove } = credentialOf[fact](name, id);
    return removing(remove, about, 'delete-credential');
  };
  return [
    ...heldAccessKeys(credentials).map(removal),
    ...credentials.mfaDevices.flatMap((SerialNumber) => deleteDevice(name, SerialNumber)),
    ...heldBesides(credentials).map(removal),
  ];
}

function deleteDevice(UserName: string, SerialNumber: string): StepDraft[] {
  const about = partRef(objectRef('user', UserName), 'mfa-devices', SerialNumber);
  return [
    removing({ op: 'DeactivateMFADevice', input: { UserName, SerialNumber } }, about, 'unassign-mfa-device'),
    ...(isVirtual(SerialNumber)
      ? [removing({ op: 'DeleteVirtualMFADevice', input: { SerialNumber } }, about, 'delete-mfa-device')]
      : []),
  ];
}

/** All that the person has, and loses. */
function facts(user: UserWithCredentials): UserFacts['object'][] {
  const { credentials, boundary } = user;
  const gone = (one: HeldCredential): CredentialFact => ({
    ...factFields(one),
    before: one.status,
    after: null,
  });
  return [
    ...heldAccessKeys(credentials).map(gone),
    ...(credentials.loginProfile ? [{ fact: 'password', before: true, after: false } as const] : []),
    ...credentials.mfaDevices.map(
      (serial) => ({ fact: 'mfa-device', serial, before: true, after: false }) as const,
    ),
    ...heldBesides(credentials).map(gone),
    ...user.groups.map(
      (group) => ({ fact: 'membership', user: user.name, group, before: true, after: false }) as const,
    ),
    ...policyFacts(user, false),
    ...(boundary ? [{ fact: 'boundary', before: boundary, after: null } as const] : []),
  ];
}

function snapshot(user: UserWithCredentials): Json {
  const { credentials } = user;
  return {
    id: user.id ?? null,
    path: user.path,
    tags: tagList(user.tags),
    groups: [...user.groups],
    policies: canonicalDocuments(user.policies),
    attach: [...user.attachedPolicyArns],
    boundary: user.boundary,
    credentials: {
      accessKeys: credentials.accessKeys.map(({ id, status }) => ({ id, status })),
      loginProfile: credentials.loginProfile !== null,
      mfaDevices: [...credentials.mfaDevices],
      signingCertificates: credentials.signingCertificates.map(({ id, status }) => ({ id, status })),
      sshKeys: credentials.sshKeys.map(({ id, status }) => ({ id, status })),
      serviceCredentials: credentials.serviceCredentials.map(({ id, service, status }) => ({
        id,
        service,
        status,
      })),
    },
  };
}
