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

export const operatorId = 'AIDASANDBOXOPERATOR22';

/** The unique id of a caller, as `GetCallerIdentity` and `aws:userid` have it. */
export function userIdOf(account: string, { user, role, session }: Caller): string {
  if (session?.kind === 'federated') return `${account}:${session.name}`;
  return role ? `${role.id}:${session?.name}` : (user?.id ?? operatorId);
}
