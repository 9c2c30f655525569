import type { StepResult } from '../../aws/execute.ts';
import type { Caller } from '../../aws/read.ts';
import type { Purpose, Step } from '../../core/plan.ts';
import type { Ref } from '../../core/references.ts';
import type { Overridden } from '../../core/rails.ts';
import type { AccountState, User } from '../../core/state.ts';
import { ageInDays } from '../../kinds/index.ts';
import { receiptVersion } from './receipt.ts';
import type { Assumable, Commit, Existed, MfaType, Outside, Receipt, ReceiptStep } from './receipt.ts';
import { sessionsSince } from './sessions.ts';
import { toPendingStep, toReceiptStep, toTask } from './steps.ts';
import { namedInOf, trustsOf, withSessions } from './trust.ts';
import type { RoleSteps } from './trust.ts';

/** The facts that all receipts of a run share. */
export interface RunFacts {
  readonly live: AccountState;
  readonly caller: Caller;
  readonly startedAt: string;
  /** Version of rollcall. */
  readonly rollcall: string;
  /** Overridden rails that would have stopped the plan. */
  readonly overridden: readonly Overridden[];
  /** Of a partial plan. */
  readonly targets?: readonly Ref[];
  /** SHA-256 over the manifests. */
  readonly manifests: string;
  readonly git: Commit | null;
  readonly roles: RoleSteps;
}

/** One offboarding as far as it got. */
export interface Offboarding {
  /** The user when the run began. */
  readonly user: User;
  /** All steps of the change, in order. */
  readonly steps: readonly Step[];
  /** Of those that have ended, by id, in the order in which they did. */
  readonly results: ReadonlyMap<string, StepResult>;
  readonly earlier: readonly string[];
  /** Roles that the user could assume when the run began. */
  readonly assumable: readonly Assumable[];
}

export function buildReceipt(
  run: RunFacts,
  { user, steps, results, earlier, assumable }: Offboarding,
): Receipt {
  const last = [...results.values()].at(-1)?.at ?? run.startedAt;
  const ids = new Set(steps.map(({ id }) => id));
  const isPassed = (id: string): boolean => ['done', 'refused'].includes(results.get(id)?.status ?? '');
  const all = steps.map((step): ReceiptStep => {
    const result = results.get(step.id);
    if (result) return toReceiptStep(result);
    const mayHaveBegun = step.needs.every((id) => !ids.has(id) || isPassed(id));
    return toPendingStep(step, mayHaveBegun, last);
  });
  return {
    version: receiptVersion,
    account: run.live.account,
    partition: run.live.partition,
    user: {
      name: user.name,
      id: user.id ?? '',
      arn: user.arn ?? '',
      path: user.path,
      createdAt: user.createdAt ?? '',
    },
    complete: statusOf(all, 'delete') === 'done',
    earlier,
    run: {
      by: run.caller.arn,
      startedAt: run.startedAt,
      endedAt: results.size < steps.length ? null : last,
      rollcall: run.rollcall,
      overridden: run.overridden,
      ...(run.targets ? { targets: run.targets } : {}),
      manifests: { hash: run.manifests, ...(run.git ? { git: run.git } : {}) },
    },
    existed: existed(user, new Date(run.startedAt)),
    steps: all,
    remaining: all
      .filter(({ status, write }) => write && status !== 'done' && status !== 'refused')
      .map(toTask),
    leftOver: all
      .filter(({ purpose, status }) => purpose === 'delete-mfa-device' && status === 'refused')
      .map(toTask),
    outside: { ...outside(run, user, all), assumable: [...assumable] },
  };
}

function existed(user: User, now: Date): Existed {
  const { credentials } = user;
  if (!credentials) throw new Error(`the credentials of ${user.name} were not read`);
  const { accessKeys, loginProfile, mfaDevices, signingCertificates, sshKeys, serviceCredentials } =
    credentials;
  const age = (createdAt: string): number => Math.max(0, Math.floor(ageInDays(createdAt, now)));
  return {
    accessKeys: accessKeys.map(({ id, status, createdAt }) => ({
      id,
      status,
      createdAt,
      ageDays: age(createdAt),
    })),
    loginProfile: loginProfile && { ...loginProfile, ageDays: age(loginProfile.createdAt) },
    mfaDevices: mfaDevices.map((serial) => ({ serial, type: mfaType(serial) })),
    signingCertificates: signingCertificates.map(({ id, status }) => ({ id, status })),
    sshKeys: sshKeys.map(({ id, status }) => ({ id, status })),
    serviceCredentials: serviceCredentials.map(({ id, service, status }) => ({ id, service, status })),
    groups: user.groups,
    policies: user.policies,
    attached: user.attachedPolicyArns,
    boundary: user.boundary,
    tags: user.tags,
  };
}

/** Source: IAM API reference, MFADevice (`SerialNumber`): an ARN for all but hardware tokens. */
function mfaType(serial: string): MfaType {
  if (/^arn:[^:]+:iam::\d{12}:mfa\//.test(serial)) return 'virtual';
  return serial.startsWith('arn:') ? 'passkey' : 'hardware';
}

const ofPurpose = (steps: readonly ReceiptStep[], purpose: Purpose): ReceiptStep | undefined =>
  steps.find((step) => step.purpose === purpose);
const statusOf = (steps: readonly ReceiptStep[], purpose: Purpose): ReceiptStep['status'] | undefined =>
  ofPurpose(steps, purpose)?.status;

function outside(run: RunFacts, user: User, steps: readonly ReceiptStep[]): Outside {
  const deny = ofPurpose(steps, 'deny-everything');
  const deniedAt = deny?.status === 'done' ? deny.at : null;
  // Without a step that denies everything, the deny was found in place when the account was read, before the run
  // began.
  const since = deny ? deniedAt : run.startedAt;
  const lift = statusOf(steps, 'lift-deny');
  const lifted = lift === 'done' || lift === 'unknown';
  const gone = statusOf(steps, 'delete') === 'done';
  const person = { name: user.name, id: user.id ?? '', arn: user.arn ?? '' };
  return {
    trustedBy: withSessions(trustsOf(run.live, person), run.live, run.roles, since),
    namedIn: namedInOf(run.live, person, run.roles),
    deniedAt,
    ...(deny ? {} : { deniedBefore: run.startedAt }),
    sessions: sessionsSince(since, gone || (since !== null && !lifted)),
    notVisible: [
      'Resource policies (buckets, keys, queues, …) that name the user: no IAM call shows them.',
      'Roles of other accounts that trust the user or this account.',
      'Accounts of the person elsewhere: Identity Center, instances, databases, clusters.',
    ],
  };
}
