import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Aws } from '../aws/client.ts';
import { unguarded } from '../aws/execute.ts';
import type { Guard } from '../aws/execute.ts';
import { lease, takeLock } from '../aws/lock.ts';
import type { Held, Holder, Lock } from '../aws/lock.ts';
import { iamOver, readAccount, withCatalogues } from '../aws/read.ts';
import type { Caller } from '../aws/read.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import { isLock, lockName } from '../core/lock.ts';
import { parseRef } from '../core/references.ts';
import type { AccountState } from '../core/state.ts';
import { quote } from '../core/text.ts';
import { refuseMoved } from '../plan/saved.ts';
import { runUrl } from './github/job.ts';
import { isGone, processId } from './process-id.ts';
import type { Planning } from './session.ts';

export interface LockOptions {
  /** False: apply without a lock, whatever else is running. */
  readonly lock: boolean;
  /** How long to wait for another apply, in ms. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
  readonly warn: (text: string) => void;
  /** The environment, which says whether this is a step of a CI job. */
  readonly env?: NodeJS.ProcessEnv;
  /** Another process than this one, for a simulator. */
  readonly self?: Holder;
}

/**
 * Runs the steps of a plan while no other apply runs on the account, as far as IAM allows that
 * (docs/decisions/locking.md). A plan without steps takes no lock.
 *
 * @throws RollcallError (exit 4) if another apply is running, or if one has run since the plan was made and moved what
 * it touches.
 */
export async function exclusively<T>(
  { plan, live, caller }: Pick<Planning, 'plan' | 'live' | 'caller'>,
  aws: Aws,
  options: LockOptions,
  work: (guard: Guard) => Promise<T>,
): Promise<T> {
  if (plan.steps.length === 0) return await work(unguarded);
  let lock = options.lock ? await waitForLock(caller, aws, options) : null;
  const release = async (): Promise<boolean> => {
    // Steps that run beside this one hold on to it no longer.
    const held = lock;
    lock = null;
    const kept = (await held?.release()) ?? null;
    if (kept === null) return true;
    options.warn(
      `the lock ${lockName} could not be released, and holds up other applies for up to ${minutes(lease)}: ${kept}`,
    );
    return false;
  };
  try {
    refuseMoved(plan, live, await readAgain(plan, aws, caller));
    return await work({
      check: async () => (await lock?.check()) ?? null,
      holds: () => lock?.holds() ?? true,
      makeRoom: async () => {
        if (lock === null || !(await release())) return false;
        options.warn('applying without a lock from here on: the account has room for no more policies');
        return true;
      },
    });
  } finally {
    await release();
  }
}

const minutes = (ms: number): string => `${ms / 60_000} minutes`;

async function waitForLock(caller: Caller, aws: Aws, options: LockOptions): Promise<Lock | null> {
  const until = aws.now().getTime() + options.timeout;
  for (;;) {
    const taken = await takeLock(aws, caller, options.self ?? thisProcess(caller, options.env), () =>
      nameTakenBy(aws, caller),
    );
    if ('lock' in taken) return taken.lock;
    if ('impossible' in taken) {
      options.warn(`applying without a lock, so other applies are not held off: ${taken.impossible}`);
      return null;
    }
    if (options.signal?.aborted || aws.now().getTime() >= until) throw locked(caller, taken.held, options);
    for (let left = 5; left > 0 && !options.signal?.aborted; left -= 1) await aws.wait(1000);
  }
}

const thisProcess = ({ arn }: Caller, env?: NodeJS.ProcessEnv): Holder => ({
  about: `rollcall apply by ${arn}, ${whereabouts(env)}`,
  nonce: randomBytes(8).toString('hex'),
  process: processId(),
  isGone,
});

async function nameTakenBy(aws: Aws, caller: Caller): Promise<string | null> {
  const { policies } = await readAccount(aws, caller);
  return [...policies.values()].find(({ name }) => isLock(name))?.arn ?? null;
}

/** Where this run can be found, for the message to others that have to wait. */
const whereabouts = (env: NodeJS.ProcessEnv = {}): string =>
  runUrl(env) ?? `process ${process.pid} on ${hostname()}`;

const locked = ({ account }: Caller, { by, since }: Held, { signal }: LockOptions): RollcallError =>
  new RollcallError(
    `account ${account} is being changed by another apply${since ? ` since ${since}` : ''}` +
      `${by ? `: ${quote(by, 300)}` : ''}${signal?.aborted ? ' (interrupted while waiting)' : ''}`,
    {
      exit: exitCode.stale,
      hint:
        `nothing was changed; plan again when it has ended (one that died holds others up for ${minutes(lease)}), ` +
        'or wait for it with --lock-timeout MINUTES',
    },
  );

/** The account once more, with what the plan touches and the account's details do not have. */
async function readAgain(
  { changes, steps }: Planning['plan'],
  aws: Aws,
  caller: Caller,
): Promise<AccountState> {
  const touched = new Set([
    ...changes.map(({ kind }) => kind as string),
    ...steps.flatMap(({ touches }) => touches.map((ref) => parseRef(ref).kind)),
  ]);
  const account = await readAccount(aws, caller);
  return (await withCatalogues(account, iamOver(aws), (kind) => touched.has(kind))).account;
}
