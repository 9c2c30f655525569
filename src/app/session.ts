import { resolve } from 'node:path';
import { sessionRole } from '../core/arn.ts';
import { connect } from '../aws/client.ts';
import { codeOf } from '../aws/errors.ts';
import type { Aws, Endpoint } from '../aws/client.ts';
import { readSettings } from '../aws/environment.ts';
import { beginAccount, iamOver, readCaller } from '../aws/read.ts';
import type { Caller } from '../aws/read.ts';
import type { Base, Desired } from '../core/desired.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import type { Ref } from '../core/references.ts';
import type { LeftAlone, SavedPlan, WordedPlan } from '../kinds/plan.ts';
import { withWords } from '../render/words.ts';
import type { AccountState } from '../core/state.ts';
import { readBesides } from '../kinds/besides.ts';
import { isAsked } from '../kinds/asked.ts';
import { isUndelivered, kinds, together, withParts } from '../kinds/index.ts';
import type { Details, Iam } from '../kinds/index.ts';
import { knownDeliveries } from './delivery/index.ts';
import type { Io } from './io.ts';
import { makePlan, scopeOf, stateBefore } from '../plan/index.ts';
import { requireFreshPlan } from '../plan/fresh.ts';
import { asSeenBy, refuseStale, stale } from '../plan/saved.ts';
import { checkRails } from '../rails/index.ts';
import type { Overridden, RailName, RailViolation } from '../core/rails.ts';

/** The options of the command line that say which IAM to use. */
interface Connection extends Pick<
  Endpoint,
  'region' | 'endpointUrl' | 'assumeEmpty' | 'timeout' | 'signal' | 'credentials' | 'parallelism'
> {
  readonly profile?: string;
  /** Minutes of nothing but throttling after which a call is given up. */
  readonly maxWait?: number;
  /** The embedded sandbox: in memory, or kept in a file. */
  readonly sandbox?: boolean | string;
}

/** Opens the connection, runs `use`, and closes it whatever happens. */
export async function withAws<T>(
  io: Pick<Io, 'env' | 'cwd' | 'now' | 'network'>,
  connection: Connection,
  account: string,
  use: (aws: Aws) => Promise<T>,
): Promise<T> {
  const { profile, sandbox, timeout, signal, parallelism, maxWait, ...where } = connection;
  const common = {
    ...io.network,
    now: io.now,
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(maxWait === undefined ? {} : { maxWait: maxWait * 60_000 }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(signal === undefined ? {} : { signal }),
  };
  if (sandbox === undefined || sandbox === false) {
    const settings = await readSettings(io.env, profile);
    return await using(connect({ ...common, ...where, settings, env: io.env }), use);
  }
  const { startSandbox } = await import('../sandbox/index.ts');
  const file = typeof sandbox === 'string' ? { file: resolve(io.cwd, sandbox) } : {};
  const server = await startSandbox({ account, clock: io.now, ...file });
  try {
    const { url: endpointUrl, operator: credentials } = server;
    return await using(connect({ ...common, endpointUrl, credentials }), use);
  } finally {
    await server.close();
  }
}

async function using<T>(aws: Aws, use: (aws: Aws) => Promise<T>): Promise<T> {
  try {
    return await use(aws);
  } finally {
    aws.close();
  }
}

/** A plan with everything that it was made from. */
export interface Planning {
  /** Includes the rails that would have stopped it and were overridden. */
  readonly plan: WordedPlan;
  /** What it is not about, by name. */
  readonly leftAlone: readonly LeftAlone[];
  /** Rails that stop the plan. */
  readonly violations: readonly RailViolation[];
  /** Overrides that were given but not needed. */
  readonly unneeded: readonly RailName[];
  readonly manifests: Desired;
  readonly live: AccountState;
  readonly caller: Caller;
}

interface PlanOptions {
  /** Directory of encrypted deliveries, by default `defaultDeliveries`. Keys with a file there count as delivered. */
  readonly deliveries?: string;
  /** File of secrets in clear; likewise. */
  readonly keysTo?: string;
  /** Directory that these are seen from; the process's own where it is absent. */
  readonly cwd?: string;
  readonly overrides?: readonly RailName[];
  /** Of a partial plan: `user:anna`, …. */
  readonly targets?: readonly Ref[];
  /** Whether a `Sid` or `Id` that differs alone is a change. */
  readonly text?: boolean;
  /** The manifests as they were, where that is known. */
  readonly base?: Base | null;
  /** Keys and passwords are read user by user, not looked up in the credential report. */
  readonly fresh?: boolean;
  readonly now?: Date;
}

/**
 * Reads the account and makes a plan. The account id is checked first, so that nothing is read from a wrong account.
 *
 * @throws RollcallError for a wrong account (exit 3), a failed read, or a change that cannot be planned.
 */
export async function planAccount(
  manifests: Desired,
  aws: Aws,
  options: PlanOptions = {},
): Promise<Planning> {
  const { now = aws.now() } = options;
  const caller = await pinAccount(manifests, aws);
  return await planFrom(sourceOf(aws, caller), manifests, { ...options, now });
}

/** Where an account is read from. */
interface Source {
  readonly caller: Caller;
  readonly iam: Iam;
  readonly details: Details;
}

const sourceOf = (aws: Aws, caller: Caller): Source => ({
  caller,
  iam: iamOver(aws),
  details: beginAccount(aws, caller),
});

/** Makes a plan with an account whose details are read already, or being read. */
export async function planFrom(
  source: Source,
  manifests: Desired,
  options: PlanOptions & { readonly now: Date },
): Promise<Planning> {
  const { now } = options;
  const { caller } = source;
  const live = await readLive(source, manifests, options);
  const { base, targets, text } = options;
  const planned = makePlan(
    manifests,
    live,
    now,
    await delivered(live, options),
    base,
    targets,
    text,
    sessionRole(caller.arn),
  );
  const { plan, state, leftAlone, problems } = planned;
  if (!plan) throw new RollcallError('no plan can be made', { diagnostics: problems });
  return check({ plan: withWords(plan), leftAlone, manifests, live, caller }, state, options);
}

/**
 * Checks a saved plan against the account as it is now. What the file says about overridden rails is ignored, because
 * whoever can edit the file can edit that, too: only `options.overrides` lets the plan through a rail.
 *
 * @throws RollcallError for a wrong account (exit 3), or if anything that the plan touches has moved (exit 4).
 */
export async function resumePlan(
  saved: SavedPlan,
  manifests: Desired,
  aws: Aws,
  options: PlanOptions = {},
): Promise<Planning> {
  if (saved.at !== undefined) {
    throw new RollcallError(
      `the plan is of another day (--at ${saved.at}): it is for reading, not for applying`,
      {
        hint: 'plan again without --at',
      },
    );
  }
  if (saved.account !== manifests.state.account) {
    throw new RollcallError(
      `the plan is for account ${saved.account}, but the manifests are for ${manifests.state.account}`,
      { exit: exitCode.refused, hint: 'apply it with the manifests that it was made from' },
    );
  }
  const caller = await pinAccount(manifests, aws);
  const now = options.now ?? aws.now();
  const source = sourceOf(aws, caller);
  const live = await readLive(source, manifests, { ...options, now }, saved.touches).catch(
    (error: unknown) => {
      // It was listed a moment ago and is gone already.
      const gone = error instanceof RollcallError && codeOf(error.cause) === 'NoSuchEntity';
      throw gone ? stale([error.message]) : error;
    },
  );
  refuseStale(saved, manifests, live);
  const known = await delivered(live, options);
  const text = saved.changes.some(({ reasons }) => reasons.some(({ code }) => code === 'labels'));
  const seen = asSeenBy(saved, live);
  const planned = makePlan(manifests, seen, now, known, options.base, saved.targets, text, saved.runsAs);
  const { plan, state, leftAlone, problems } = planned;
  // The change could be planned when the plan was saved, so what prevents it is new.
  if (!plan) throw stale(problems.map(({ message }) => message));
  const fresh = withWords(plan);
  requireBase(saved, options.base, () => requireFreshPlan(saved, fresh));
  // Who gains what is as it is found now, never as the file says: the rails go by it.
  const { access, assumers, rules, looked } = fresh;
  const current = { ...saved, access, assumers, rules, looked };
  return check({ plan: current, leftAlone, manifests, live, caller }, state, options);
}

/** Where the base of a saved plan cannot be read any more, nothing may rest on it. */
function requireBase(saved: SavedPlan, base: Base | null | undefined, requireFresh: () => void): void {
  if (saved.base?.commit === undefined || !base || 'commit' in base) return requireFresh();
  const lost = new RollcallError(
    ['the plan is stale:', `  the manifests of its base cannot be read: ${base.why}`],
    {
      exit: exitCode.stale,
      hint: 'nothing was changed; fetch the whole history (in a workflow fetch-depth: 0), or plan again',
    },
  );
  if (saved.rules.length > 0) throw lost;
  try {
    requireFresh();
  } catch {
    throw lost;
  }
}

/** Read only if a state tag or a pin makes it relevant. */
async function delivered(live: AccountState, options: PlanOptions): Promise<ReadonlySet<string>> {
  const asked = [...live.users.values()].some(
    (user) => user.signIn !== undefined || (user.credentials && isUndelivered(user)),
  );
  return asked ? await knownDeliveries(live.account, options) : new Set();
}

/** @throws RollcallError (exit 3) if the credentials are for another account than the manifests. */
export async function pinAccount(manifests: Desired, aws: Aws): Promise<Caller> {
  const caller = await readCaller(aws);
  if (caller.account !== manifests.state.account) {
    throw new RollcallError(
      `these credentials are for account ${caller.account}, but the manifests are for ${manifests.state.account}`,
      { exit: exitCode.refused, hint: `switch to the right profile (the caller is ${caller.arn})` },
    );
  }
  if (caller.partition !== manifests.state.partition) {
    throw new RollcallError(
      `account ${caller.account} is in partition ${caller.partition}, but the manifests are for ${manifests.state.partition}`,
      {
        exit: exitCode.refused,
        hint: `write partition: ${caller.partition} beside account in the manifests`,
      },
    );
  }
  return caller;
}

/** @param state what the plan brings about. */
function check(
  planned: Omit<Planning, 'violations' | 'unneeded'>,
  state: AccountState,
  { overrides = [], base }: PlanOptions,
): Planning {
  const { plan, manifests, live, caller } = planned;
  const inScope = scopeOf(manifests, live, base);
  const input = { plan, manifests: { ...manifests, state }, live, caller: caller.arn, inScope };
  const all = checkRails(input);
  const overridden = all
    .filter(({ rail }) => overrides.includes(rail))
    .map(({ rail, message }) => ({ rail, message }));
  return {
    ...planned,
    plan: { ...plan, overridden, relaxed: relaxed(input, base, all) },
    violations: all.filter(({ rail }) => !overrides.includes(rail)),
    // A plan without changes cannot violate a rail.
    unneeded:
      plan.changes.length === 0
        ? []
        : [...new Set(overrides)].filter((rail) => !all.some((violation) => violation.rail === rail)),
  };
}

/** Rails that would have stopped the plan as they were at the base: whoever reviews it sees both the rail and the plan. */
function relaxed(
  input: Parameters<typeof checkRails>[0],
  base: Base | null | undefined,
  now: readonly RailViolation[],
): Overridden[] {
  const isRail = ({ id }: { readonly id: string }): boolean => id.startsWith('rails/');
  if (!base || 'why' in base || !input.plan.rules.some((rule) => isRail(rule) && rule.effect !== 'narrows'))
    return [];
  const { rails } = base.desired;
  return checkRails({ ...input, manifests: { ...input.manifests, rails } })
    .filter(({ rail, message }) => !now.some((one) => one.rail === rail && one.message === message))
    .map(({ rail, message }) => ({ rail, message }));
}

/** The account, with what each kind reads beyond its details where the plan can depend on it. */
async function readLive(
  { iam, details }: Source,
  manifests: Desired,
  { now, base, fresh = false }: PlanOptions & { readonly now: Date },
  touches: SavedPlan['touches'] = {},
): Promise<AccountState> {
  const scope = (account: AccountState) => scopeOf(manifests, account, base);
  const before = stateBefore(manifests, base ?? null) ?? null;
  const reading = { iam, manifests, before, now, fresh, touches, scope };
  const isRead = (name: string): boolean =>
    kinds.some((kind) => kind.name === name && kind.live.catalogue && isAsked(kind, reading));
  const [account, besides, parts] = await together(
    iam,
    () => details.whole,
    () => readBesides(iam, isRead),
    () => iam.each(kinds, async ({ live }) => await live.forPlan?.(details, reading)),
  );
  return withParts(account, [besides, ...parts]);
}
