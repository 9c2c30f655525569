import type { Label, RecordOf, UserRecord } from './records.ts';
import { Table, type Keys, type Write } from './table.ts';

/** Everything an account holds. */
export type State = { readonly [L in Label]: Table<RecordOf<L>> };

export function createState(log: (write: Write) => void): State {
  const named = { name: (record: { readonly name: string }) => record.name };
  const owned = { owner: (record: { readonly userId: string }) => record.userId };
  const table = <L extends Label>(label: L, keys: Keys<RecordOf<L>> = {}): Table<RecordOf<L>> =>
    new Table(label, keys, log);
  return {
    users: table('users', named),
    groups: table('groups', named),
    roles: table('roles', named),
    policies: table('policies', named),
    accessKeys: table('accessKeys', owned),
    mfaDevices: table('mfaDevices', owned),
    certificates: table('certificates', owned),
    sshKeys: table('sshKeys', owned),
    serviceCredentials: table('serviceCredentials', owned),
    oidcProviders: table('oidcProviders'),
    samlProviders: table('samlProviders'),
    instanceProfiles: table('instanceProfiles', named),
    serverCertificates: table('serverCertificates', named),
    account: table('account'),
    retiredKeys: table('retiredKeys'),
    deletionTasks: table('deletionTasks'),
  };
}

/** A frozen copy, for reads that lag behind. */
export const copyState = (state: State): State =>
  Object.fromEntries(
    Object.entries(state).map(([label, table]) => [label, (table as Table<{ readonly id: string }>).clone()]),
  ) as unknown as State;

/** Members of a group by name. It searches all users, with whom memberships are stored as IAM's limits suggest. */
export const membersOf = (state: State, groupId: string): UserRecord[] =>
  state.users.sorted().filter((user) => user.groups.includes(groupId));

/** How often each managed policy is attached and used as a boundary. */
interface Usage {
  readonly attached: number;
  readonly boundaries: number;
}

const none: Usage = { attached: 0, boundaries: 0 };
type Usages = Map<string, { attached: number; boundaries: number }>;
const known = new WeakMap<State, { revision: string; byArn: Usages }>();

/** Counted once per revision of users, groups and roles, not once per policy. */
function usagesIn(state: State): Usages {
  const revision = `${state.users.revision} ${state.groups.revision} ${state.roles.revision}`;
  const before = known.get(state);
  if (before?.revision === revision) return before.byArn;
  const byArn: Usages = new Map();
  const entry = (key: string): { attached: number; boundaries: number } => {
    let found = byArn.get(key);
    if (!found) byArn.set(key, (found = { attached: 0, boundaries: 0 }));
    return found;
  };
  for (const table of [state.users, state.groups, state.roles]) {
    for (const holder of table.sorted()) {
      for (const policy of holder.attached) entry(policy).attached += 1;
      if ('boundary' in holder && typeof holder.boundary === 'string') entry(holder.boundary).boundaries += 1;
    }
  }
  known.set(state, { revision, byArn });
  return byArn;
}

export const usageOf = (state: State, arn: string): Usage => usagesIn(state).get(arn) ?? none;

/** ARNs of the policies, AWS's too, that are attached or boundaries. */
export const policiesInUse = (state: State): readonly string[] => [...usagesIn(state).keys()];
