import type { Aws } from '../aws/client.ts';
import { execute } from '../aws/execute.ts';
import type { ExecuteOptions, StepResult } from '../aws/execute.ts';
import { RollcallError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { keyFile } from './key-file.ts';

/** What an apply came to, change by change. */
export interface Applied {
  readonly results: readonly StepResult[];
  readonly done: number;
  /** Ids of changes with a step that failed or was not run. */
  readonly remaining: readonly string[];
}

/** @throws RollcallError before the first write where a new secret would have nowhere to go. */
export async function applyPlan(
  plan: Plan,
  aws: Aws,
  options: Omit<ExecuteOptions, 'deliver'> & { readonly keysTo?: string },
): Promise<Applied> {
  const { keysTo, ...rest } = options;
  const homeless = plan.steps.find(({ delivers }) => delivers && delivers.to === null);
  if (homeless?.delivers && keysTo === undefined) {
    throw new RollcallError(`the new access key of ${homeless.delivers.user} has nowhere to go`, {
      hint: 'name a recipient in accessKey.deliverTo, or add --keys-to FILE',
    });
  }
  const file = keysTo === undefined ? null : await keyFile(keysTo);
  const results = await execute(plan, aws, {
    ...rest,
    deliver: async (secret) => {
      if (file) await file.append(secret);
    },
  });
  const remaining = new Set(results.filter(({ status }) => status !== 'done').map(({ step }) => step.change));
  return {
    results,
    done: results.filter(({ status }) => status === 'done').length,
    remaining: [...remaining],
  };
}
