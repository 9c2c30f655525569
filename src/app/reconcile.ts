import type { Aws } from '../aws/client.ts';
import type { StepResult } from '../aws/execute.ts';
import type { Base, Desired } from '../core/desired.ts';
import { exitCode } from '../core/errors.ts';
import type { ExitCode } from '../core/errors.ts';
import type { Step } from '../core/plan.ts';
import type { Ref } from '../core/references.ts';
import type { SavedPlan } from '../kinds/plan.ts';
import type { RailName } from '../core/rails.ts';
import { applyPlan } from './apply.ts';
import type { Applied, SecretOptions } from './apply.ts';
import type { Io } from './io.ts';
import { exclusively } from './lock.ts';
import { startReceipts } from './receipts/index.ts';
import type { Receipts } from './receipts/index.ts';
import { planAccount, resumePlan } from './session.ts';
import type { Planning } from './session.ts';

/** What to apply, and where to put secrets and receipts. */
export interface Reconciliation extends SecretOptions {
  readonly desired: Desired;
  /** Directory of the manifests. */
  readonly manifests: string;
  /** A reviewed plan, of which exactly its steps are run, or none. */
  readonly saved: SavedPlan | null;
  /** The manifests as they were, where that is known. */
  readonly base: Base | null;
  readonly overrides: readonly RailName[];
  /** Of a partial apply without a saved plan: `user:anna`, …. */
  readonly targets?: readonly Ref[];
  /** Whether a `Sid` or `Id` that differs alone is written. */
  readonly text?: boolean;
  /** Keys and passwords are read user by user, not looked up in the credential report. */
  readonly fresh?: boolean;
  /** Directory of the receipts. */
  readonly receipts: string;
  /** False: apply without the lock that keeps other applies away. */
  readonly lock: boolean;
  /** How long to wait for another apply, in ms. */
  readonly lockTimeout: number;
  /** Version of rollcall. */
  readonly version: string;
}

/** The caller, who is told about the progress and asked for consent. */
export interface Attendant {
  readonly planned: (planning: Planning) => void;
  /** Asked before the steps of a plan that no rail refuses: whether to run them. */
  readonly agrees: (planning: Planning) => Promise<boolean>;
  /** Called before the first write. */
  readonly begins: (planning: Planning) => void;
  /** Once it is aborted, no further step begins. */
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  readonly onStart: (step: Step, index: number, planning: Planning) => void;
  readonly onEnd: (result: StepResult, planning: Planning) => void;
  /** The same in the order of the plan: what is told to people does not depend on which call was quicker. */
  readonly onResult: (result: StepResult, planning: Planning) => void;
}

/** The result. */
export type Reconciled =
  | { readonly kind: 'refused'; readonly planning: Planning }
  | { readonly kind: 'declined'; readonly planning: Planning }
  | {
      readonly kind: 'applied';
      readonly planning: Planning;
      readonly applied: Applied;
      readonly receipts: ReturnType<Receipts['finish']>;
    };

/**
 * Makes the account match the manifests, as far as rails and people allow.
 *
 * @throws RollcallError if there is no plan, or if it cannot be started.
 */
export async function reconcile(
  io: Pick<Io, 'cwd' | 'env'>,
  aws: Aws,
  what: Reconciliation,
  attendant: Attendant,
): Promise<Reconciled> {
  const planning = await (what.saved
    ? resumePlan(what.saved, what.desired, aws, { ...what, cwd: io.cwd })
    : planAccount(what.desired, aws, { ...what, cwd: io.cwd }));
  attendant.planned(planning);
  if (planning.violations.length > 0) return { kind: 'refused', planning };
  if (planning.plan.steps.length > 0 && !(await attendant.agrees(planning)))
    return { kind: 'declined', planning };
  attendant.begins(planning);
  const { plan, manifests, live, caller } = planning;
  const receipts = await startReceipts(plan, {
    dir: what.receipts,
    manifestsDir: what.manifests,
    cwd: io.cwd,
    env: io.env,
    manifests: manifests.hash,
    live,
    caller,
    startedAt: aws.now().toISOString(),
    rollcall: what.version,
  });
  const { signal, warn } = attendant;
  const applied = await applyPlan(plan, aws, {
    signal,
    exclusively: (work) =>
      exclusively(
        planning,
        aws,
        { lock: what.lock, timeout: what.lockTimeout, signal, warn, env: io.env },
        work,
      ),
    deliveries: what.deliveries,
    cwd: io.cwd,
    ...(what.keysTo === undefined ? {} : { keysTo: what.keysTo }),
    ...(what.reveal ? { reveal: what.reveal } : {}),
    onStart: (step, index) => attendant.onStart(step, index, planning),
    onEnd: (result) => {
      receipts.record(result);
      attendant.onEnd(result, planning);
    },
    onResult: (result) => attendant.onResult(result, planning),
  });
  return { kind: 'applied', planning, applied, receipts: receipts.finish() };
}

export function exitOf(outcome: Reconciled): ExitCode {
  if (outcome.kind === 'refused') return exitCode.refused;
  if (outcome.kind === 'declined') return exitCode.error;
  const { applied, receipts, planning } = outcome;
  if (applied.remaining.length > 0) return exitCode.partial;
  if (receipts.unwritten.length > 0) return exitCode.error;
  return planning.plan.changes.some(({ byHand }) => byHand) ? exitCode.pending : exitCode.done;
}
