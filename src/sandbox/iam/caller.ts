import type { Session } from '../sts/session.ts';
import type { RoleRecord, UserRecord } from './records.ts';

/** The caller. */
export interface Caller {
  readonly arn: string;
  readonly accessKeyId: string;
  /** Null for the operator, who is not a stored user, and for roles. */
  readonly user: UserRecord | null;
  /** The role that was assumed. */
  readonly role: RoleRecord | null;
  /** Null for long-term keys. */
  readonly session: Session | null;
}
