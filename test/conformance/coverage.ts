import type { Row } from './row.ts';

/** Documented errors that no row provokes, and why. */
const never: readonly {
  readonly error: string;
  readonly ops?: readonly string[];
  readonly why: string;
}[] = [
  {
    error: 'ServiceFailure',
    why: 'failures of AWS: the fault rules of the sandbox give them (test/sandbox/faults.test.ts)',
  },
  {
    error: 'RegionDisabledException',
    why: 'the sandbox has no regions',
  },
  {
    error: 'IDPCommunicationError',
    why: 'the sandbox calls no identity provider',
  },
  {
    error: 'IDPRejectedClaim',
    why: 'the sandbox calls no identity provider, which could reject a token',
  },
  {
    error: 'ExpiredTokenException',
    ops: ['AssumeRole'],
    why: 'of a context assertion, which the sandbox does not take',
  },
  {
    error: 'ConcurrentModification',
    why: 'needs two writers within milliseconds; the sandbox makes one call at a time',
  },
  {
    error: 'EntityTemporarilyUnmodifiable',
    why: 'a state within AWS between the steps of a change, which the sandbox does not have',
  },
  {
    error: 'LimitExceeded',
    ops: [
      'ChangePassword',
      'CreateAccountAlias',
      'CreateLoginProfile',
      'CreateServiceLinkedRole',
      'CreateVirtualMFADevice',
      'DeactivateMFADevice',
      'DeleteAccessKey',
      'DeleteAccountAlias',
      'DeleteAccountPasswordPolicy',
      'DeleteGroup',
      'DeleteGroupPolicy',
      'DeleteInstanceProfile',
      'DeleteLoginProfile',
      'DeletePolicy',
      'DeletePolicyVersion',
      'DeleteRole',
      'DeleteRolePolicy',
      'DeleteSAMLProvider',
      'DeleteServerCertificate',
      'DeleteServiceLinkedRole',
      'DeleteSigningCertificate',
      'DeleteUser',
      'DeleteUserPolicy',
      'DeleteVirtualMFADevice',
      'DetachGroupPolicy',
      'DetachRolePolicy',
      'DetachUserPolicy',
      'GenerateCredentialReport',
      'RemoveRoleFromInstanceProfile',
      'RemoveUserFromGroup',
      'ResyncMFADevice',
      'SetDefaultPolicyVersion',
      'UpdateAccessKey',
      'UpdateAccountPasswordPolicy',
      'UpdateGroup',
      'UpdateLoginProfile',
      'UpdateServerCertificate',
      'UpdateSigningCertificate',
      'UpdateUser',
    ],
    why: 'no documented quota that these calls could exceed',
  },
  {
    error: 'InvalidInput',
    ops: ['ListAttachedGroupPolicies', 'ListAttachedRolePolicies', 'ListAttachedUserPolicies'],
    why: 'their inputs are checked by pattern (ValidationError) before',
  },
  {
    error: 'InvalidInput',
    ops: [
      'AttachGroupPolicy',
      'AttachRolePolicy',
      'AttachUserPolicy',
      'CreatePolicyVersion',
      'DeletePolicy',
      'DeletePolicyVersion',
      'DetachGroupPolicy',
      'DetachRolePolicy',
      'DetachUserPolicy',
      'GetPolicy',
      'GetPolicyVersion',
      'ListEntitiesForPolicy',
      'ListPolicyTags',
      'ListPolicyVersions',
      'SetDefaultPolicyVersion',
      'UntagPolicy',
    ],
    why: 'for what is no ARN of a policy AWS was recorded to answer ValidationError',
  },
  {
    error: 'NoSuchEntity',
    ops: ['CreateGroup', 'CreateServiceLinkedRole', 'UpdateAccountPasswordPolicy'],
    why: 'these calls name nothing that must exist',
  },
  {
    error: 'MalformedPolicyDocument',
    ops: ['UpdateAccountPasswordPolicy'],
    why: 'the call takes no document',
  },
  {
    error: 'UnrecognizedPublicKeyEncoding',
    ops: ['GetSSHPublicKey'],
    why: 'the service model allows no other encoding (ValidationError)',
  },
  {
    error: 'EntityAlreadyExists',
    ops: ['UploadSigningCertificate'],
    why: 'the same certificate is DuplicateCertificate',
  },
  {
    error: 'EntityAlreadyExists',
    ops: ['AddRoleToInstanceProfile'],
    why: 'a second role is one too many (LimitExceeded), also where it is the same',
  },
  {
    error: 'DeleteConflict',
    ops: ['DeleteServerCertificate'],
    why: 'the sandbox has no load balancers that would use it',
  },
  {
    error: 'InvalidInput',
    ops: ['UntagInstanceProfile', 'UntagServerCertificate'],
    why: 'keys of tags are checked by pattern (ValidationError) before',
  },
  {
    error: 'OpenIdIdpCommunicationError',
    why: 'the sandbox calls nobody',
  },
  {
    error: 'InvalidCertificate',
    ops: ['UploadSigningCertificate'],
    why: 'not told apart from MalformedCertificate in the documentation',
  },
  {
    error: 'NotSupportedService',
    why: 'AWS was recorded to answer NoSuchEntity for services without credentials of their own',
  },
  {
    error: 'PolicyEvaluation',
    why: 'which policies are valid but cannot be evaluated is not documented',
  },
  {
    error: 'PolicyNotAttachable',
    ops: ['PutUserPermissionsBoundary', 'PutRolePermissionsBoundary'],
    why: 'which policies cannot be boundaries is not documented',
  },
];

export interface Coverage {
  /** Documented pairs of operation and error. */
  readonly documented: number;
  readonly provoked: number;
  /** Why the rest is not, with how many pairs that concerns. */
  readonly left: readonly { readonly error: string; readonly pairs: number; readonly why: string }[];
  /** Pairs neither provoked nor explained. */
  readonly missing: readonly string[];
}

export function coverage(rows: readonly Row[], documented: ReadonlyMap<string, readonly string[]>): Coverage {
  const provoked = new Set(
    rows.flatMap(({ call, expected }) => ('error' in expected ? [`${call.op} ${expected.error}`] : [])),
  );
  const left = new Map(never.map((reason) => [reason, 0]));
  const missing: string[] = [];
  let [pairs, hit] = [0, 0];
  for (const [op, errors] of documented) {
    for (const error of errors) {
      pairs += 1;
      if (provoked.has(`${op} ${error}`)) {
        hit += 1;
        continue;
      }
      const reason = never.find((item) => item.error === error && (item.ops?.includes(op) ?? true));
      if (reason) left.set(reason, left.get(reason)! + 1);
      else missing.push(`${op} ${error}`);
    }
  }
  return {
    documented: pairs,
    provoked: hit,
    left: [...left].map(([{ error, why }, count]) => ({ error, pairs: count, why })),
    missing,
  };
}
