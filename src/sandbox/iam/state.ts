import { Table, type Write } from './table.ts';

export interface TagRecord {
  readonly key: string;
  readonly value: string;
}

/** What users, groups and roles have in common. Dates are ISO 8601, to the second. */
export interface HolderRecord {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly createdAt: string;
  /** Inline policies, name → document as it came. */
  readonly policies: Readonly<Record<string, string>>;
  /** ARNs of attached managed policies, in the order of their attachment. */
  readonly attached: readonly string[];
}

export interface UserRecord extends HolderRecord {
  readonly tags: readonly TagRecord[];
  readonly boundary: string | null;
  /** Ids of groups. */
  readonly groups: readonly string[];
  readonly passwordLastUsed: string | null;
  readonly login: LoginRecord | null;
}

export interface LoginRecord {
  readonly createdAt: string;
  readonly changedAt: string;
  readonly resetRequired: boolean;
  /** scrypt of the password: nothing that could be turned back. */
  readonly salt: string;
  readonly hash: string;
}

export type GroupRecord = HolderRecord;

export interface RoleRecord extends HolderRecord {
  readonly tags: readonly TagRecord[];
  readonly boundary: string | null;
  readonly trust: string;
  readonly description: string | null;
  readonly maxSession: number;
}

export interface VersionRecord {
  /** `v1`, `v2`, … */
  readonly id: string;
  readonly document: string;
  readonly createdAt: string;
}

/** A customer managed policy. */
export interface PolicyRecord {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly arn: string;
  readonly description: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly tags: readonly TagRecord[];
  /** Oldest first. */
  readonly versions: readonly VersionRecord[];
  readonly defaultVersion: string;
  /** Number of the next version: numbers are never used again. */
  readonly nextVersion: number;
}

export type KeyStatus = 'Active' | 'Inactive';

/** An access key without its secret: secrets live in memory only (see keys.ts). */
export interface AccessKeyRecord {
  readonly id: string;
  readonly userId: string;
  readonly status: KeyStatus;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly lastUsed: { readonly at: string; readonly service: string; readonly region: string } | null;
}

export interface MfaRecord {
  /** Serial number: an ARN for virtual devices. */
  readonly id: string;
  readonly name: string;
  readonly virtual: boolean;
  readonly createdAt: string;
  readonly tags: readonly TagRecord[];
  /** Empty while unassigned. */
  readonly userId: string;
  readonly enabledAt: string | null;
}

export interface CertificateRecord {
  readonly id: string;
  readonly userId: string;
  readonly body: string;
  readonly status: KeyStatus;
  readonly uploadedAt: string;
  readonly fingerprint: string;
}

export interface SshKeyRecord {
  readonly id: string;
  readonly userId: string;
  /** As uploaded. */
  readonly body: string;
  readonly fingerprint: string;
  readonly status: KeyStatus;
  readonly uploadedAt: string;
}

export interface ServiceCredentialRecord {
  readonly id: string;
  readonly userId: string;
  readonly service: string;
  /** User name (CodeCommit, Keyspaces) or alias (API keys of Bedrock, CloudWatch Logs). */
  readonly login: string;
  readonly apiKey: boolean;
  readonly status: KeyStatus;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

export interface PasswordPolicyRecord {
  readonly minimumLength: number;
  readonly requireSymbols: boolean;
  readonly requireNumbers: boolean;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly allowChange: boolean;
  readonly maxAge: number | null;
  readonly reusePrevention: number | null;
  readonly hardExpiry: boolean;
}

/** The account's own settings: one record, with the id `account`. */
export interface AccountRecord {
  readonly id: 'account';
  readonly createdAt: string;
  readonly alias: string | null;
  readonly passwordPolicy: PasswordPolicyRecord | null;
  readonly report: ReportRecord | null;
}

export interface ReportRecord {
  readonly requestedAt: string;
  readonly generatedAt: string;
  readonly csv: string;
}

/** Everything an account holds. */
export interface State {
  readonly users: Table<UserRecord>;
  readonly groups: Table<GroupRecord>;
  readonly roles: Table<RoleRecord>;
  readonly policies: Table<PolicyRecord>;
  readonly accessKeys: Table<AccessKeyRecord>;
  readonly mfaDevices: Table<MfaRecord>;
  readonly certificates: Table<CertificateRecord>;
  readonly sshKeys: Table<SshKeyRecord>;
  readonly serviceCredentials: Table<ServiceCredentialRecord>;
  readonly account: Table<AccountRecord>;
  /** Ids of deleted access keys: they must never pass for keys that the sandbox did not make. */
  readonly retiredKeys: Table<{ readonly id: string }>;
}

export function createState(log: (write: Write) => void): State {
  const named = { name: (record: { readonly name: string }) => record.name };
  const owned = { owner: (record: { readonly userId: string }) => record.userId };
  return {
    users: new Table<UserRecord>('users', named, log),
    groups: new Table<GroupRecord>('groups', named, log),
    roles: new Table<RoleRecord>('roles', named, log),
    policies: new Table<PolicyRecord>('policies', named, log),
    accessKeys: new Table<AccessKeyRecord>('accessKeys', owned, log),
    mfaDevices: new Table<MfaRecord>('mfaDevices', owned, log),
    certificates: new Table<CertificateRecord>('certificates', owned, log),
    sshKeys: new Table<SshKeyRecord>('sshKeys', owned, log),
    serviceCredentials: new Table<ServiceCredentialRecord>('serviceCredentials', owned, log),
    account: new Table<AccountRecord>('account', {}, log),
    retiredKeys: new Table<{ readonly id: string }>('retiredKeys', {}, log),
  };
}

/** A frozen copy, for reads that lag behind. */
export const copyState = (state: State): State => ({
  users: state.users.clone(),
  groups: state.groups.clone(),
  roles: state.roles.clone(),
  policies: state.policies.clone(),
  accessKeys: state.accessKeys.clone(),
  mfaDevices: state.mfaDevices.clone(),
  certificates: state.certificates.clone(),
  sshKeys: state.sshKeys.clone(),
  serviceCredentials: state.serviceCredentials.clone(),
  account: state.account.clone(),
  retiredKeys: state.retiredKeys.clone(),
});

/** Members of a group by name. A scan: memberships are kept with the users, as IAM's limits suggest. */
export const membersOf = (state: State, groupId: string): UserRecord[] =>
  state.users.sorted().filter((user) => user.groups.includes(groupId));

/** How often each managed policy is attached and used as a boundary. */
interface Usage {
  readonly attached: number;
  readonly boundaries: number;
}

const none: Usage = { attached: 0, boundaries: 0 };
const usages = new WeakMap<
  State,
  { revision: string; byArn: Map<string, { attached: number; boundaries: number }> }
>();

/** Counted once per revision of the holders, not per policy. */
export function usageOf(state: State, arn: string): Usage {
  const revision = `${state.users.revision} ${state.groups.revision} ${state.roles.revision}`;
  let known = usages.get(state);
  if (known?.revision !== revision) {
    const byArn = new Map<string, { attached: number; boundaries: number }>();
    const entry = (key: string): { attached: number; boundaries: number } => {
      let found = byArn.get(key);
      if (!found) byArn.set(key, (found = { attached: 0, boundaries: 0 }));
      return found;
    };
    for (const table of [state.users, state.groups, state.roles]) {
      for (const holder of table.sorted()) {
        for (const policy of holder.attached) entry(policy).attached += 1;
        if ('boundary' in holder && typeof holder.boundary === 'string')
          entry(holder.boundary).boundaries += 1;
      }
    }
    known = { revision, byArn };
    usages.set(state, known);
  }
  return known.byArn.get(arn) ?? none;
}
