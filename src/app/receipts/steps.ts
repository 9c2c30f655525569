import type { StepResult } from '../../aws/execute.ts';
import { parseRef } from '../../core/references.ts';
import { isLook } from '../../core/plan.ts';
import type { Step } from '../../core/plan.ts';
import type { ReceiptStep, Task } from './receipt.ts';

/** Parts of a user, in the singular and for all of them. */
const parts: { readonly [part: string]: readonly [one: string, all: string] } = {
  'access-keys': ['access key', 'access keys'],
  password: ['login profile', 'login profile'],
  'mfa-devices': ['MFA device', 'MFA devices'],
  'ssh-keys': ['SSH public key', 'SSH public keys'],
  'signing-certificates': ['signing certificate', 'signing certificates'],
  'service-credentials': ['service-specific credential', 'service-specific credentials'],
  groups: ['group', 'groups'],
  policies: ['inline policy', 'inline policies'],
  attach: ['managed policy', 'managed policies'],
  boundary: ['permissions boundary', 'permissions boundary'],
};

function targetOf({ about }: Step): string {
  const { name, part } = parseRef(about);
  const words = parts[part[0] ?? ''];
  if (!words) return `user ${name}`;
  return part[1] === undefined ? words[1] : `${words[0]} ${part[1]}`;
}

const facts = (step: Step): Pick<ReceiptStep, 'purpose' | 'operation' | 'target' | 'sets' | 'write'> => ({
  purpose: step.purpose,
  operation: step.op,
  target: targetOf(step),
  ...('Status' in step.input && step.input.Status ? { sets: step.input.Status } : {}),
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

/** A step without a result. If the run was killed, one that could begin may have had its effect. */
export const toPendingStep = (step: Step, mayHaveBegun: boolean, at: string): ReceiptStep => ({
  ...facts(step),
  status: mayHaveBegun ? 'unknown' : 'skipped',
  at,
  message: mayHaveBegun ? 'the run was killed before the answer' : 'the run was killed before',
});

/** The task of a step, without its result. */
export const toTask = ({ operation, target, sets }: ReceiptStep): Task =>
  sets === undefined ? { operation, target } : { operation, target, sets };
