import * as sdk from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Call, Operation as IamOperation } from '../core/operations.ts';
import { pages } from './pages.ts';

/** Every call that a plan may hold. A plan file cannot make the executor run anything else. */
const commands = {
  AddUserToGroup: sdk.AddUserToGroupCommand,
  AttachGroupPolicy: sdk.AttachGroupPolicyCommand,
  AttachUserPolicy: sdk.AttachUserPolicyCommand,
  CreateAccessKey: sdk.CreateAccessKeyCommand,
  CreateGroup: sdk.CreateGroupCommand,
  CreateLoginProfile: sdk.CreateLoginProfileCommand,
  CreatePolicy: sdk.CreatePolicyCommand,
  CreatePolicyVersion: sdk.CreatePolicyVersionCommand,
  CreateUser: sdk.CreateUserCommand,
  DeactivateMFADevice: sdk.DeactivateMFADeviceCommand,
  DeleteAccessKey: sdk.DeleteAccessKeyCommand,
  DeleteGroup: sdk.DeleteGroupCommand,
  DeleteGroupPolicy: sdk.DeleteGroupPolicyCommand,
  DeleteLoginProfile: sdk.DeleteLoginProfileCommand,
  DeletePolicy: sdk.DeletePolicyCommand,
  DeletePolicyVersion: sdk.DeletePolicyVersionCommand,
  DeleteSSHPublicKey: sdk.DeleteSSHPublicKeyCommand,
  DeleteServiceSpecificCredential: sdk.DeleteServiceSpecificCredentialCommand,
  DeleteSigningCertificate: sdk.DeleteSigningCertificateCommand,
  DeleteUser: sdk.DeleteUserCommand,
  DeleteUserPermissionsBoundary: sdk.DeleteUserPermissionsBoundaryCommand,
  DeleteUserPolicy: sdk.DeleteUserPolicyCommand,
  DeleteVirtualMFADevice: sdk.DeleteVirtualMFADeviceCommand,
  DetachGroupPolicy: sdk.DetachGroupPolicyCommand,
  DetachUserPolicy: sdk.DetachUserPolicyCommand,
  GetAccessKeyLastUsed: sdk.GetAccessKeyLastUsedCommand,
  GetLoginProfile: sdk.GetLoginProfileCommand,
  GetUser: sdk.GetUserCommand,
  ListAccessKeys: sdk.ListAccessKeysCommand,
  ListMFADevices: sdk.ListMFADevicesCommand,
  ListSSHPublicKeys: sdk.ListSSHPublicKeysCommand,
  ListServiceSpecificCredentials: sdk.ListServiceSpecificCredentialsCommand,
  ListSigningCertificates: sdk.ListSigningCertificatesCommand,
  PutGroupPolicy: sdk.PutGroupPolicyCommand,
  PutUserPermissionsBoundary: sdk.PutUserPermissionsBoundaryCommand,
  PutUserPolicy: sdk.PutUserPolicyCommand,
  RemoveUserFromGroup: sdk.RemoveUserFromGroupCommand,
  TagPolicy: sdk.TagPolicyCommand,
  TagUser: sdk.TagUserCommand,
  UntagPolicy: sdk.UntagPolicyCommand,
  UntagUser: sdk.UntagUserCommand,
  UpdateAccessKey: sdk.UpdateAccessKeyCommand,
  UpdateGroup: sdk.UpdateGroupCommand,
  UpdateSSHPublicKey: sdk.UpdateSSHPublicKeyCommand,
  UpdateServiceSpecificCredential: sdk.UpdateServiceSpecificCredentialCommand,
  UpdateSigningCertificate: sdk.UpdateSigningCertificateCommand,
  UpdateUser: sdk.UpdateUserCommand,
} as const satisfies { readonly [Op in IamOperation]?: unknown };

export type Operation = keyof typeof commands;

export const isPlanCall = (call: Call): call is PlanCall => Object.hasOwn(commands, call.op);

/** What the SDK answers: plain data and `$metadata`. */
export type Answer = Record<string, unknown> & {
  readonly $metadata: { readonly requestId?: string; readonly attempts?: number };
};

/** One of the calls that a plan may hold. */
export type PlanCall = Call<Operation>;

/** Sends one call. @throws the SDK's own errors. */
export async function send(client: IAMClient, { op, input }: PlanCall): Promise<Answer> {
  const Command = commands[op] as unknown as new (input: object) => Parameters<IAMClient['send']>[0];
  return (await client.send(new Command(input))) as unknown as Answer;
}

/**
 * All pages of a List call as one answer. @throws RollcallError when an answer does not say how to get the next page.
 */
export async function sendWhole(client: IAMClient, { op, input }: PlanCall): Promise<Answer> {
  const page = (from: object): Promise<Answer> =>
    send(client, { op, input: { ...input, ...from } } as PlanCall);
  let whole: Answer | undefined;
  for await (const answer of pages(op, page, 'run again')) {
    whole ??= answer;
    if (answer === whole) continue;
    for (const [field, value] of Object.entries(answer)) {
      if (Array.isArray(value))
        whole[field] = [...((whole[field] ?? []) as unknown[]), ...(value as unknown[])];
    }
  }
  return whole!;
}
