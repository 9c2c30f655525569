import type { Purpose } from '../../core/plan.ts';
import type { AccessKey, Documents, Tags } from '../../core/state.ts';
import type { Overridden } from '../../core/rails.ts';
import type { Session } from './sessions.ts';
import type { Trust } from './trust.ts';

/** The version of the receipts' form (schemas/receipt.schema.json). */
export const receiptVersion = 2;

/** What was done to one person who left, for people who were not there. Holds no secret. */
export interface Receipt {
  /** 1 is read too: it had no purposes, and said of a deny that was there already that it came when the run began. */
  readonly version: 1 | typeof receiptVersion;
  readonly account: string;
  readonly partition: string;
  readonly user: {
    readonly name: string;
    /** `AIDA…`: never re-used, unlike the name. */
    readonly id: string;
    readonly arn: string;
    readonly path: string;
    readonly createdAt: string;
  };
  /** The user is gone. */
  readonly complete: boolean;
  /** File names of earlier receipts of the same user that were not complete. */
  readonly earlier: readonly string[];
  readonly run: {
    /** ARN of the caller. */
    readonly by: string;
    readonly startedAt: string;
    /** Null: the run was killed; its last steps may not be told. */
    readonly endedAt: string | null;
    /** Version of rollcall. */
    readonly rollcall: string;
    /** Rails that would have stopped the plan and were overridden. Absent in receipts of earlier versions. */
    readonly overridden?: readonly Overridden[];
    readonly manifests: {
      /** SHA-256 over the manifests. */
      readonly hash: string;
      /** Absent where the manifests are in no git checkout. */
      readonly git?: Commit;
    };
  };
  readonly existed: Existed;
  readonly steps: readonly ReceiptStep[];
  /** What was to be done and was not. */
  readonly remaining: readonly Task[];
  /** What IAM refused to remove and no later run will see: it is to be removed by hand. Absent in version 1. */
  readonly leftOver?: readonly Task[];
  readonly outside: Outside;
}

export interface Commit {
  readonly commit: string;
  /** The directory of the manifests held changes that were in no commit. */
  readonly dirty: boolean;
}

/** What the user had when the run began. */
export interface Existed {
  readonly accessKeys: readonly (Pick<AccessKey, 'id' | 'status' | 'createdAt'> & {
    readonly ageDays: number;
  })[];
  readonly loginProfile: { readonly createdAt: string; readonly ageDays: number } | null;
  readonly mfaDevices: readonly { readonly serial: string; readonly type: MfaType }[];
  readonly signingCertificates: readonly { readonly id: string; readonly status: string }[];
  readonly sshKeys: readonly { readonly id: string; readonly status: string }[];
  readonly serviceCredentials: readonly {
    readonly id: string;
    readonly service: string;
    readonly status: string;
  }[];
  readonly groups: readonly string[];
  /** Inline policies with their documents. */
  readonly policies: Documents;
  /** ARNs of attached managed policies. */
  readonly attached: readonly string[];
  readonly boundary: string | null;
  readonly tags: Tags;
}

export type MfaType = 'virtual' | 'passkey' | 'hardware';

export type Task = Pick<ReceiptStep, 'operation' | 'target' | 'sets'>;

export interface ReceiptStep {
  /** Absent in version 1. */
  readonly purpose?: Purpose;
  /** Name of the IAM operation, as CloudTrail has it. */
  readonly operation: string;
  readonly target: string;
  /** The status that it gives to the target. */
  readonly sets?: string;
  /** False for a look that makes sure that nothing changed meanwhile. */
  readonly write: boolean;
  /**
   * `refused`: IAM said no, and the offboarding went on without it. `unknown`: nobody knows whether it had its effect,
   * since no answer came or the run was killed.
   */
  readonly status: 'done' | 'failed' | 'refused' | 'skipped' | 'unknown';
  /** AWS's own id of the request. Absent where no answer came. */
  readonly requestId?: string;
  /** When it ended. */
  readonly at: string;
  readonly message?: string;
  /** What to do before another run, where that would fail alike. Absent in version 1. */
  readonly hint?: string;
}

/** What taking a user from IAM does not take away. */
export interface Outside {
  /** Roles of the account that trusted the user. */
  readonly trustedBy: readonly Trust[];
  /** When the call ended that denied everything to the user; null: no call of this run is known to have done so. */
  readonly deniedAt: string | null;
  /**
   * Set where this run needed no such call: when it had read that everything was denied already. Since when, and
   * whether somebody took that away in between, it does not tell. Absent in version 1.
   */
  readonly deniedBefore?: string;
  readonly sessions: readonly Session[];
  /** What rollcall cannot see, in words. */
  readonly notVisible: readonly string[];
}
