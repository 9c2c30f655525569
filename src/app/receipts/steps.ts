import type { StepResult } from '../../aws/execute.ts';
import type { Json } from '../../core/json.ts';
import { isLook } from '../../core/plan.ts';
import type { Step } from '../../core/plan.ts';
import type { ReceiptStep, Task } from './receipt.ts';

/** What an input field names, most telling first. */
const named = [
  ['AccessKeyId', 'access key'],
  ['SerialNumber', 'MFA device'],
  ['SSHPublicKeyId', 'SSH public key'],
  ['CertificateId', 'signing certificate'],
  ['ServiceSpecificCredentialId', 'service-specific credential'],
  ['GroupName', 'group'],
  ['PolicyName', 'inline policy'],
  ['PolicyArn', 'managed policy'],
  ['PermissionsBoundary', 'permissions boundary'],
] as const;

const wholes: { readonly [op: string]: string } = {
  DeleteLoginProfile: 'login profile',
  GetLoginProfile: 'login profile',
  ListAccessKeys: 'access keys',
  ListMFADevices: 'MFA devices',
  ListSSHPublicKeys: 'SSH public keys',
  ListServiceSpecificCredentials: 'service-specific credentials',
  ListSigningCertificates: 'signing certificates',
};

function targetOf({ op, input }: Step): string {
  const found = named.find(([field]) => input[field] !== undefined);
  if (found) return `${found[1]} ${text(input[found[0]])}`;
  return wholes[op] ?? `user ${text(input['UserName'])}`;
}

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

const facts = (step: Step): Pick<ReceiptStep, 'purpose' | 'operation' | 'target' | 'sets' | 'write'> => ({
  purpose: step.purpose,
  operation: step.op,
  target: targetOf(step),
  ...(typeof step.input['Status'] === 'string' ? { sets: step.input['Status'] } : {}),
  write: !isLook(step),
});

export const toReceiptStep = (result: StepResult): ReceiptStep => ({
  ...facts(result.step),
  status: result.unsettled ? 'unknown' : result.status,
  ...(result.requestId === undefined ? {} : { requestId: result.requestId }),
  at: result.at,
  ...(result.message === undefined ? {} : { message: result.message }),
  ...(result.status !== 'failed' || result.hint === undefined || result.remedy === 'again'
    ? {}
    : { hint: result.hint }),
});

/** Steps of which no result has come: of a run that was killed, the first may have had its effect. */
export const toPendingStep = (step: Step, index: number, at: string): ReceiptStep => ({
  ...facts(step),
  status: index === 0 ? 'unknown' : 'skipped',
  at,
  message: index === 0 ? 'the run was killed before the answer' : 'the run was killed before',
});

/** What a step is about, without what became of it. */
export const toTask = ({ operation, target, sets }: ReceiptStep): Task =>
  sets === undefined ? { operation, target } : { operation, target, sets };
