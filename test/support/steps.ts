import { timeOfCall } from '../../src/core/operations.ts';
import { isLook } from '../../src/core/plan.ts';
import type { Step } from '../../src/core/plan.ts';
import { createIam, IamError } from '../../src/sandbox/index.ts';
import type { Iam } from '../../src/sandbox/index.ts';
import { accountId } from './account.ts';

/** An account to which these steps were done, one after the other. */
export function accountAfter(steps: readonly Step[]): Iam {
  const iam = createIam({ account: accountId, seed: 1 });
  for (const step of steps) perform(iam, step);
  return iam;
}

/** @returns why IAM refused it, or null. */
export function perform(iam: Iam, step: Step): string | null {
  if (isLook(step)) return null;
  try {
    const secret = step.op === 'CreateLoginProfile' ? { Password: 'Sm0oth-enough-f0r-all' } : {};
    // As the executor stamps it.
    const input = JSON.parse(
      JSON.stringify(step.input).replace(timeOfCall, '2026-01-01T00:00:00Z'),
    ) as typeof step.input;
    iam.call(step.op, { ...input, ...secret });
    return null;
  } catch (error) {
    if (error instanceof IamError) return `${step.id} ${step.op}: ${error.message}`;
    throw error;
  }
}
