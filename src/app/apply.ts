import type { Aws } from '../aws/client.ts';
import { execute, unguarded } from '../aws/execute.ts';
import type { ExecuteOptions, Guard, StepResult } from '../aws/execute.ts';
import type { Plan } from '../kinds/plan.ts';
import type { MadeObject } from '../render/made.ts';
import { createDelivery, generatePassword, signInUrl } from './delivery/index.ts';
import type { Delivered } from './delivery/index.ts';
import { madeBy, Places } from './made.ts';

/** What an apply came to, change by change. */
export interface Applied {
  readonly results: readonly StepResult[];
  readonly done: number;
  /** Ids of changes with a step that failed or was not run. */
  readonly remaining: readonly string[];
  readonly made: readonly MadeObject[];
}

/** Where new secrets go. */
export interface SecretOptions {
  /** Directory of encrypted deliveries. */
  readonly deliveries: string;
  /** A file in clear for secrets without a recipient. */
  readonly keysTo?: string;
  /** Shows a secret that has no recipient; only ever on a terminal. */
  readonly reveal?: (text: string) => void;
  /** Directory that relative paths are seen from. */
  readonly cwd?: string;
}

/** Applies a plan. @throws RollcallError before the first write if a new secret could not be delivered. */
export async function applyPlan(
  plan: Plan,
  aws: Aws,
  options: Omit<ExecuteOptions, 'sink' | 'guard'> &
    SecretOptions & {
      /** Runs the steps while nobody else changes the account. */
      readonly exclusively?: <T>(work: (guard: Guard) => Promise<T>) => Promise<T>;
    },
): Promise<Applied> {
  const { deliveries, keysTo, reveal, cwd, exclusively = (work) => work(unguarded), ...rest } = options;
  const delivery = createDelivery({
    dir: deliveries,
    account: plan.account,
    now: aws.now,
    ...(cwd === undefined ? {} : { cwd }),
    ...(keysTo === undefined ? {} : { keysTo }),
    ...(reveal === undefined ? {} : { reveal }),
  });
  await delivery.check(plan.steps.flatMap(({ delivers }) => delivers ?? []));
  const places = new Places();
  const sink: ExecuteOptions['sink'] = {
    ...delivery,
    deliverAccessKey: async (key) => places.note(await delivery.deliverAccessKey(key), key.accessKeyId),
    deliverPassword: async (login) =>
      places.note(
        await delivery.deliverPassword({ ...login, signInUrl: signInUrl(plan.account, plan.partition) }),
      ),
    undo: (delivered) => delivery.undo(delivered as Delivered),
    generatePassword,
  };
  const results = await exclusively((guard) => execute(plan, aws, { ...rest, guard, sink }));
  const remaining = new Set(
    results
      .filter(({ status }) => status === 'failed' || status === 'skipped')
      .map(({ step }) => step.change),
  );
  return {
    results,
    done: results.filter(({ status }) => status === 'done').length,
    remaining: [...remaining],
    made: madeBy(results, places),
  };
}
