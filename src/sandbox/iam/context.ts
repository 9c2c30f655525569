import { limits } from '../../core/limits.ts';
import { noSuchEntity, validationError } from '../wire/errors.ts';
import type { OpInput, OpName, OpOutput } from '../wire/types.ts';
import type { Caller } from './caller.ts';
import type { Minter } from './ids.ts';
import type { Decision } from '../authorize/evaluate.ts';
import type { Values } from '../authorize/values.ts';
import type { Issuers } from '../sts/issuers.ts';
import type { AccountRecord, GroupRecord, RoleRecord, UserRecord } from './records.ts';
import type { State } from './state.ts';

/** Everything that a handler may read and change. */
export interface Context {
  readonly op: string;
  readonly account: string;
  readonly partition: string;
  readonly caller: Caller;
  /** The state for reads: an older copy when eventual consistency is simulated. Writes get the current one. */
  readonly state: State;
  /**
   * The account as the rest of IAM knows it: while eventual consistency is simulated, a user or role that was made
   * moments ago is not known to trusts yet.
   */
  readonly seen: State;
  readonly mint: Minter;
  /** Secrets of access keys by id, as far as they are known. */
  readonly secrets: Map<string, string>;
  readonly quotas: Quotas;
  /** Aliases that other accounts have. */
  readonly takenAliases: readonly string[];
  /** What the secrets and tokens of sessions are derived from. */
  readonly seal: string;
  /** Condition keys of the call, without those that its operation adds. */
  values(): Values;
  /** What the caller's policies say to an action; null for who may do everything. */
  judge(action: string, resource: string, extra: Values): Decision | null;
  /** Keys of issuers of identity tokens. */
  readonly issuers: Issuers;
  /** The clock's time to the second, as IAM keeps it. */
  now(): string;
  /** At most that many items per page, whatever the caller asks for (a fault). */
  readonly pageCap: number | null;
}

/** What an operation answers; nothing if its answer holds no more than a request id. */
type Answer<Op extends OpName> = [keyof OpOutput<Op>] extends [never] ? void : OpOutput<Op>;
type Handler<Op extends OpName> = (input: OpInput<Op>, ctx: Context) => Answer<Op>;
export type Handlers = { readonly [Op in OpName]?: Handler<Op> };

/** Quotas that core/limits.ts does not need. Source: IAM User Guide, "IAM and AWS STS quotas". */
export const quotas = {
  ...limits,
  attachedPerRole: 10,
  rolesPerAccount: 1000,
  trustPolicy: 2048,
  mfaPerUser: 8,
  certificatesPerUser: 2,
  sshKeysPerUser: 5,
  /** Per user and service. */
  serviceCredentialsPerUser: 2,
  /** OpenID Connect and SAML providers have a quota each. */
  providersPerAccount: 100,
  clientsPerProvider: 100,
  thumbprintsPerProvider: 5,
  keysPerSamlProvider: 2,
  profilesPerAccount: 1000,
  serverCertificatesPerAccount: 20,
} as const;
export type Quotas = { readonly [Key in keyof typeof quotas]: number };

export const arnOf = (ctx: Context, type: string, path: string, name: string): string =>
  `arn:${ctx.partition}:iam::${ctx.account}:${type}${path}${name}`;
export const userArn = (ctx: Context, user: UserRecord): string => arnOf(ctx, 'user', user.path, user.name);
export const groupArn = (ctx: Context, group: GroupRecord): string =>
  arnOf(ctx, 'group', group.path, group.name);
export const roleArn = (ctx: Context, role: RoleRecord): string => arnOf(ctx, 'role', role.path, role.name);

export function userNamed(ctx: Context, name: string): UserRecord {
  const user = ctx.state.users.find(name);
  if (!user) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

export function groupNamed(ctx: Context, name: string): GroupRecord {
  const group = ctx.state.groups.find(name);
  if (!group) throw noSuchEntity(`The group with name ${name} cannot be found.`);
  return group;
}

export function roleNamed(ctx: Context, name: string): RoleRecord {
  const role = ctx.state.roles.find(name);
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

/** The user that an operation is about: the named one, else the caller. */
export function userOrCaller(ctx: Context, name: string | undefined): UserRecord {
  if (name !== undefined) return userNamed(ctx, name);
  if (!ctx.caller.user) {
    throw validationError('Must specify userName when calling with non-User credentials');
  }
  return userNamed(ctx, ctx.caller.user.name);
}

export function accountOf(ctx: Context): AccountRecord {
  const record = ctx.state.account.get('account');
  if (!record) throw new Error('the state has no account record');
  return record;
}
