import { resolve } from 'node:path';
import { connect } from '../aws/client.ts';
import { codeOf } from '../aws/errors.ts';
import type { Aws, Endpoint } from '../aws/client.ts';
import { readSettings } from '../aws/environment.ts';
import {
  readAccount,
  readCaller,
  readCredentialReport,
  readCredentials,
  readPolicyTags,
  readServiceCredentials,
  readSignIn,
  requestCredentialReport,
} from '../aws/read.ts';
import type { Caller, ReportRow } from '../aws/read.ts';
import type { Desired } from '../core/desired.ts';
import { exitCode, RollcallError } from '../core/errors.ts';
import { NameMap } from '../core/names.ts';
import type { SavedPlan, WordedPlan } from '../kinds/plan.ts';
import { withWords } from '../render/words.ts';
import type { AccountState, User } from '../core/state.ts';
import { ageInDays, isMarked, isPinned, isSuspended, isUndelivered } from '../kinds/index.ts';
import { knownDeliveries } from './delivery/index.ts';
import type { Io } from './io.ts';
import { makePlan, scopeOf } from '../plan/index.ts';
import { requireFreshPlan } from '../plan/fresh.ts';
import { refuseStale, stale, usersWithCredentials } from '../plan/saved.ts';
import { checkRails } from '../rails/index.ts';
import type { RailName, RailViolation } from '../core/rails.ts';

/** The options of the command line that say which IAM to use. */
interface Connection extends Pick<
  Endpoint,
  'region' | 'endpointUrl' | 'assumeEmpty' | 'timeout' | 'signal' | 'credentials'
> {
  readonly profile?: string;
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
  const { profile, sandbox, timeout, signal, ...where } = connection;
  const common = {
    ...io.network,
    now: io.now,
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
  /** Rails that stop the plan. */
  readonly violations: readonly RailViolation[];
  /** Overrides that were given but not needed. */
  readonly unneeded: readonly RailName[];
  readonly manifests: Desired;
  readonly live: AccountState;
  readonly caller: Caller;
  /** When IAM made the credential report that the plan rests on; null if it rests on none. */
  readonly reportedAt: Date | null;
}

interface PlanOptions {
  /** Directory of encrypted deliveries, by default `defaultDeliveries`. Keys with a file there count as delivered. */
  readonly deliveries?: string;
  /** File of secrets in clear; likewise. */
  readonly keysTo?: string;
  /** Directory that these are seen from; the process's own where it is absent. */
  readonly cwd?: string;
  readonly overrides?: readonly RailName[];
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
  const { live, reportedAt } = await readLive(manifests, aws, caller, now);
  const { plan, problems } = makePlan(manifests, live, now, await delivered(live, options));
  if (!plan) throw new RollcallError('no plan can be made', { diagnostics: problems });
  return check({ plan: withWords(plan), manifests, live, caller, reportedAt }, options);
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
  const also = usersWithCredentials(saved);
  const now = options.now ?? aws.now();
  const { live, reportedAt } = await readLive(manifests, aws, caller, now, also).catch((error: unknown) => {
    // It was listed a moment ago and is gone already.
    const gone = error instanceof RollcallError && codeOf(error.cause) === 'NoSuchEntity';
    throw gone ? stale([error.message]) : error;
  });
  refuseStale(saved, manifests, live);
  const known = await delivered(live, options);
  const { plan, problems } = makePlan(manifests, live, now, known);
  // The change could be planned when the plan was saved, so what prevents it is new.
  if (!plan) throw stale(problems.map(({ message }) => message));
  requireFreshPlan(saved, withWords(plan));
  return check({ plan: saved, manifests, live, caller, reportedAt }, options);
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

function check(
  planned: Omit<Planning, 'violations' | 'unneeded'>,
  { overrides = [] }: PlanOptions,
): Planning {
  const { plan, manifests, live, caller } = planned;
  const inScope = scopeOf(manifests.ignore);
  const all = checkRails({ plan, manifests, live, caller: caller.arn, inScope });
  const overridden = all
    .filter(({ rail }) => overrides.includes(rail))
    .map(({ rail, message }) => ({ rail, message }));
  return {
    ...planned,
    plan: { ...plan, overridden },
    violations: all.filter(({ rail }) => !overrides.includes(rail)),
    // A plan without changes cannot violate a rail.
    unneeded:
      plan.changes.length === 0
        ? []
        : [...new Set(overrides)].filter((rail) => !all.some((violation) => violation.rail === rail)),
  };
}

/**
 * Reads the account. Credentials and tags cost calls per object, so they are read only where the plan can depend on
 * them.
 */
async function readLive(
  manifests: Desired,
  aws: Aws,
  caller: Caller,
  now: Date,
  also: readonly string[] = [],
): Promise<Pick<Planning, 'live' | 'reportedAt'>> {
  const account = await readAccount(aws, caller);
  if (account.users.size > 0) await requestCredentialReport(aws);
  const live = await withServiceCredentials(manifests, account, aws);
  const none = { madeAt: null, rows: new Map<string, ReportRow>() };
  const report = live.users.size > 0 ? await readCredentialReport(aws) : none;
  const users = new Map(live.users);
  const reading = new Set(usersToRead(manifests, live, report.rows, now));
  for (const name of also) {
    const user = live.users.get(name);
    if (user) reading.add(user);
  }
  const wanted = declared(manifests, live);
  const pinned = new Set([...live.users.values()].filter(({ name }) => hasPins(wanted.get(name))));
  await eachLimited([...new Set([...reading, ...pinned])], 8, async (user) => {
    const spec = wanted.get(user.name);
    const signIn = reading.has(user) ? undefined : await readSignIn(aws, user.name);
    const { count = 0, rotateAfter } = spec?.accessKey ?? {};
    // With a state tag, or more keys than declared, the last use of each key decides which one goes.
    const lastUse = (keys: number): boolean =>
      rotateAfter !== undefined || (count > 0 && (isUndelivered(user) || keys > count));
    // The report was out of date: read everything.
    const whole = !signIn || !spec || needsLook(spec, user, rowOf(signIn), now);
    const credentials = whole ? await readCredentials(aws, user.name, lastUse) : undefined;
    const { accessKeys, loginProfile } = (credentials ?? signIn)!;
    users.set(user.name, {
      ...user,
      ...(credentials ? { credentials } : {}),
      ...(pinned.has(user) ? { signIn: { accessKeys, loginProfile } } : {}),
    });
  });
  const policies = new Map(live.policies);
  const tagged = [...live.policies.values()].filter(
    ({ name }) => manifests.state.policies.get(name)?.tags !== undefined,
  );
  await eachLimited(tagged, 8, async (policy) => {
    policies.set(policy.name, { ...policy, tags: await readPolicyTags(aws, policy.arn) });
  });
  return { live: { ...live, users, policies }, reportedAt: report.madeAt };
}

/**
 * Reads one list for all users. If IAM refuses it, the plan notes that; it is an error if the files forbid service
 * credentials.
 */
async function withServiceCredentials(
  manifests: Desired,
  live: AccountState,
  aws: Aws,
): Promise<AccountState> {
  const declared = [...manifests.state.users.values()];
  if (live.users.size === 0 || declared.length === 0) return live;
  const found = await readServiceCredentials(aws);
  if ('refused' in found) {
    const { message, hint } = found.refused;
    if (declared.some(({ forbidsServiceCredentials }) => forbidsServiceCredentials)) throw found.refused;
    const text = `service credentials of declared users were not looked at: ${hint ? `${message.replace(/\.$/, '')}; ${hint}` : message}`;
    return { ...live, unseen: [text] };
  }
  const users = [...live.users].map(([name, user]): [string, User] => [
    name,
    { ...user, serviceCredentials: found.get(name) ?? [] },
  ]);
  return { ...live, users: new Map(users) };
}

/**
 * Users whose credentials must be read for the plan: those who leave, and those for whom the credential report does
 * not show what the manifest declares. The report may be hours old, so it never decides alone.
 */
function usersToRead(
  manifests: Desired,
  live: AccountState,
  report: ReadonlyMap<string, ReportRow>,
  now: Date,
): User[] {
  const inScope = scopeOf(manifests.ignore);
  const desired = declared(manifests, live);
  return [...live.users.values()].filter((user) => {
    const wanted = desired.get(user.name);
    if (!wanted) return inScope('user', user.name);
    const row = report.get(user.name) ?? { password: false, accessKeys: [] };
    return needsLook(wanted, user, row, now);
  });
}

/** Whether a declared user's credentials may differ from the manifest, judged by a few facts about them. */
function needsLook(wanted: User, user: User, row: ReportRow, now: Date): boolean {
  if (wanted.suspended) return needsSuspending(user, row);
  const { count = 0, rotateAfter } = wanted.accessKey ?? {};
  return (
    isMarked(user) ||
    row.accessKeys.length !== count ||
    // Changes nothing, but the plan mentions it.
    row.accessKeys.some(({ active }) => !active) ||
    row.password !== (wanted.console !== undefined) ||
    (rotateAfter !== undefined &&
      row.accessKeys.some(({ rotatedAt }) => ageInDays(rotatedAt, now) >= rotateAfter))
  );
}

/** Whether the manifest pins keys or passwords. The report does not tell one key from another, so these are read. */
const hasPins = (wanted: User | undefined): boolean =>
  wanted !== undefined && !wanted.suspended && isPinned(wanted);

/** The row that a report made now would have. */
const rowOf = ({ accessKeys, loginProfile }: NonNullable<User['signIn']>): ReportRow => ({
  password: loginProfile !== null,
  accessKeys: accessKeys.map(({ status, createdAt }) => ({
    active: status === 'Active',
    rotatedAt: createdAt,
  })),
});

/**
 * Declared users by the name that they have in IAM now, before renames are applied. If the new name exists already,
 * that user is the one declared.
 */
function declared(manifests: Desired, live: AccountState): NameMap<User> {
  const present = new NameMap(live.users);
  const users = [...manifests.state.users.values()];
  return new NameMap([
    ...users.map((user) => [user.name, user] as const),
    ...users.flatMap((user) =>
      user.renamedFrom && !present.has(user.name) ? [[user.renamedFrom, user] as const] : [],
    ),
  ]);
}

const needsSuspending = (user: User, row: ReportRow): boolean =>
  !isSuspended(user) || row.password || row.accessKeys.some(({ active }) => active);

/** Works on all items, that many at a time. */
export async function eachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
