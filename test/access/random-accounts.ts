/** Small accounts at random, and edits of them by class, as files might bring them. */
import { emptyState } from '../../src/core/state.ts';
import type { AccountState, Group, ManagedPolicy, PolicyDocument, Role, User } from '../../src/core/state.ts';
import type { Random } from '../sim/random.ts';
import { accountId, aGroup, aPolicy, aUser, noCredentials } from '../support/account.ts';
import { aRole } from '../rails/support.ts';
import { document, edited, keys, type Taste } from './random-documents.ts';

const aws = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
/** What AWS's documents say that the program does not know, by ARN: the judge does. */
export type Hidden = ReadonlyMap<string, PolicyDocument>;

const all = (Effect: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action: '*', Resource: '*' }],
});
const onlyAllows = ({ Statement, ...rest }: PolicyDocument): PolicyDocument => ({
  ...rest,
  Statement: ([Statement].flat() as PolicyDocument[]).map((one) => ({ ...one, Effect: 'Allow' })),
});
const onlyDenies = ({ Statement, ...rest }: PolicyDocument): PolicyDocument => ({
  ...rest,
  Statement: ([Statement].flat() as PolicyDocument[]).map((one) => ({ ...one, Effect: 'Deny' })),
});

export interface Account {
  readonly users: Map<string, User>;
  readonly groups: Map<string, Group>;
  readonly policies: Map<string, ManagedPolicy>;
  readonly roles: Map<string, Role>;
}

export interface Start {
  readonly live: AccountState;
  readonly hidden: Hidden;
  readonly taste: Taste;
}

const seenArns = [aws('ReadOnlyAccess'), aws('AmazonRedshiftDataFullAccess')];
const unseenArns = [aws('AmazonS3FullAccess'), aws('AWSPrivateCAUser')];
const wholeArns = [aws('AdministratorAccess'), aws('AWSDenyAll')];
const quarantine = aws('AWSCompromisedKeyQuarantineV2');

export function start(random: Random): Start {
  const taste: Taste = {
    keys: random.chance(0.6) ? random.some(keys, 0.3).slice(0, 2) : [],
    variables: random.chance(0.4),
  };
  const draw = (): PolicyDocument => document(random, taste);
  const awsPolicies = new Map([
    ...seenArns.map((arn) => [arn, draw()] as const),
    ...wholeArns.map((arn) => [arn, all(arn.endsWith('DenyAll') ? 'Deny' : 'Allow')] as const),
  ]);
  const hidden = new Map([
    ...awsPolicies,
    [unseenArns[0]!, onlyAllows(draw())],
    [unseenArns[1]!, draw()],
    [quarantine, onlyDenies(draw())],
  ] as const);
  const policies = new Map(['p1', 'p2'].map((name) => [name, aPolicy(name, draw())]));
  const arns = [...policies.values()].map(({ arn }) => arn);
  const held = (): string[] =>
    [
      ...random.some(arns, 0.25),
      ...random.some([...seenArns, ...unseenArns], 0.07),
      ...random.some(wholeArns, 0.04),
      ...(random.chance(0.03) ? [quarantine] : []),
    ].sort();
  const inline = (least = 0): User['policies'] =>
    Object.fromEntries(random.some(['i1', 'i2'], least ? 0.6 : 0.3).map((name) => [name, draw()]));
  const groups = new Map(
    ['g1', 'g2'].map((name) => [name, aGroup(name, { policies: inline(1), attachedPolicyArns: held() })]),
  );
  const boundary = (): string | null =>
    random.chance(0.25) ? random.pick([...arns, seenArns[0]!, unseenArns[0]!]) : null;
  const users = new Map(
    ['u1', 'u2', 'u3'].map((name) => {
      const suspended = random.chance(0.06);
      return [
        name,
        aUser(name, {
          policies: { ...inline(1), ...(suspended ? { 'rollcall-suspended': all('Deny') } : {}) },
          attachedPolicyArns: held(),
          groups: random.some(['g1', 'g2'], 0.4),
          boundary: boundary(),
          credentials: noCredentials,
        }),
      ] as const;
    }),
  );
  const roles = new Map([
    ['r1', aRole('r1', { policies: inline(), attachedPolicyArns: held(), boundary: boundary() })],
  ]);
  return {
    live: { ...emptyState(accountId, 'aws'), users, groups, policies, roles, awsPolicies },
    hidden,
    taste,
  };
}

/** The files that would give the account as it is. */
function asFiles({ users, groups, policies, roles }: AccountState): Account {
  return {
    users: new Map(
      [...users].map(([name, { credentials: _credentials, policies: held, ...user }]) => {
        const { 'rollcall-suspended': deny, ...rest } = held;
        const attachedPolicyArns = user.attachedPolicyArns.filter((arn) => arn !== quarantine);
        return [name, { ...user, attachedPolicyArns, policies: rest, ...(deny ? { suspended: true } : {}) }];
      }),
    ),
    groups: new Map(groups),
    policies: new Map(policies),
    roles: new Map(roles),
  };
}

type Identity = User | Group;
type Edit = (account: Account, random: Random, from: Start) => void;

const anyIdentity = (account: Account, random: Random): readonly [Map<string, Identity>, Identity] => {
  const map: Map<string, Identity> = random.chance(0.5) ? account.users : account.groups;
  return [map, random.pick([...map.values()])];
};
const put = <T extends { readonly name: string }>(map: Map<string, T>, one: T): void =>
  void map.set(one.name, one);
const arnsOf = ({ policies }: Account): string[] => [
  ...[...policies.values()].map(({ arn }) => arn),
  ...seenArns,
  ...unseenArns,
  ...wholeArns,
];
const user = (account: Account, random: Random): User => random.pick([...account.users.values()]);
const sorted = (list: Iterable<string>): string[] => [...new Set(list)].sort();

/** A text that often is one that somebody has. */
function someText(account: Account, random: Random, { taste }: Start): PolicyDocument {
  const known = [
    ...[...account.policies.values()].map((one) => one.document),
    ...[...account.users.values(), ...account.groups.values()].flatMap(({ policies }) =>
      Object.values(policies),
    ),
  ];
  const one = random.pick(known);
  return random.weighted<() => PolicyDocument>([
    [3, () => one],
    [3, () => edited(random, one, taste)],
    [2, () => document(random, taste)],
  ])();
}

export const edits: { readonly [name: string]: Edit } = {
  attach(account, random) {
    const [map, one] = anyIdentity(account, random);
    const arn = random.pick(arnsOf(account));
    put(map, { ...one, attachedPolicyArns: sorted([...one.attachedPolicyArns, arn]) });
  },
  detach(account, random) {
    const [map, one] = anyIdentity(account, random);
    const arn = random.maybe(one.attachedPolicyArns);
    put(map, { ...one, attachedPolicyArns: one.attachedPolicyArns.filter((other) => other !== arn) });
  },
  'inline added'(account, random, from) {
    const [map, one] = anyIdentity(account, random);
    put(map, { ...one, policies: { ...one.policies, new: someText(account, random, from) } });
  },
  'inline removed'(account, random) {
    const [map, one] = anyIdentity(account, random);
    const gone = random.maybe(Object.keys(one.policies));
    put(map, {
      ...one,
      policies: Object.fromEntries(Object.entries(one.policies).filter(([name]) => name !== gone)),
    });
  },
  'inline changed'(account, random, { taste }) {
    const [map, one] = anyIdentity(account, random);
    const name = random.maybe(Object.keys(one.policies));
    if (name === undefined) return;
    put(map, { ...one, policies: { ...one.policies, [name]: edited(random, one.policies[name]!, taste) } });
  },
  document(account, random, { taste }) {
    const one = random.pick([...account.policies.values()]);
    put(account.policies, { ...one, document: edited(random, one.document, taste) });
  },
  join(account, random) {
    const one = user(account, random);
    put(account.users, { ...one, groups: sorted([...one.groups, random.pick([...account.groups.keys()])]) });
  },
  leave(account, random) {
    const one = user(account, random);
    const gone = random.maybe(one.groups);
    put(account.users, { ...one, groups: one.groups.filter((group) => group !== gone) });
  },
  boundary(account, random) {
    const one = user(account, random);
    put(account.users, {
      ...one,
      boundary: one.boundary && random.chance(0.4) ? null : random.pick(arnsOf(account)),
    });
  },
  'move inline to group'(account, random) {
    const one = user(account, random);
    const name = random.maybe(Object.keys(one.policies));
    const group = account.groups.get(random.maybe(one.groups) ?? random.pick([...account.groups.keys()]));
    if (name === undefined || !group) return;
    const { [name]: moved, ...policies } = one.policies;
    put(account.users, { ...one, policies, groups: sorted([...one.groups, group.name]) });
    put(account.groups, { ...group, policies: { ...group.policies, moved: moved! } });
  },
  'move policy to group'(account, random) {
    const one = user(account, random);
    const arn = random.maybe(one.attachedPolicyArns);
    const group = account.groups.get(random.maybe(one.groups) ?? '');
    if (arn === undefined || !group) return;
    put(account.users, {
      ...one,
      attachedPolicyArns: one.attachedPolicyArns.filter((other) => other !== arn),
    });
    put(account.groups, { ...group, attachedPolicyArns: sorted([...group.attachedPolicyArns, arn]) });
  },
  'inline to managed'(account, random) {
    const [map, one] = anyIdentity(account, random);
    const name = random.maybe(Object.keys(one.policies));
    if (name === undefined) return;
    const { [name]: moved, ...policies } = one.policies;
    const policy = aPolicy('moved', moved!);
    put(account.policies, policy);
    put(map, { ...one, policies, attachedPolicyArns: sorted([...one.attachedPolicyArns, policy.arn]) });
  },
  'managed to inline'(account, random) {
    const [map, one] = anyIdentity(account, random);
    const arn = random.maybe(one.attachedPolicyArns);
    const policy = [...account.policies.values()].find((other) => other.arn === arn);
    if (!policy) return;
    put(map, {
      ...one,
      policies: { ...one.policies, moved: policy.document },
      attachedPolicyArns: one.attachedPolicyArns.filter((other) => other !== arn),
    });
  },
  'change of groups'(account, random) {
    const one = user(account, random);
    const others = [...account.groups.keys()].filter((name) => !one.groups.includes(name));
    if (one.groups.length === 0 || others.length === 0) return;
    put(account.users, { ...one, groups: [random.pick(others)] });
  },
  'group split'(account, random) {
    const group = random.pick([...account.groups.values()]);
    if (account.groups.has('g3')) return;
    const [first, ...rest] = Object.entries(group.policies);
    put(account.groups, { ...group, policies: Object.fromEntries(rest) });
    put(account.groups, aGroup('g3', { policies: first ? Object.fromEntries([first]) : {} }));
    for (const one of account.users.values())
      if (one.groups.includes(group.name))
        put(account.users, { ...one, groups: sorted([...one.groups, 'g3']) });
  },
  'group removed'(account, random) {
    const gone = random.pick([...account.groups.keys()]);
    account.groups.delete(gone);
    for (const one of account.users.values())
      put(account.users, { ...one, groups: one.groups.filter((group) => group !== gone) });
  },
  'user added'(account, random, from) {
    put(
      account.users,
      aUser('u4', {
        policies: random.chance(0.5) ? { new: someText(account, random, from) } : {},
        groups: random.some([...account.groups.keys()]),
        attachedPolicyArns: random.some(arnsOf(account), 0.1).sort(),
        boundary: random.chance(0.3) ? random.pick(arnsOf(account)) : null,
      }),
    );
  },
  'user removed'(account, random) {
    account.users.delete(random.pick([...account.users.keys()]));
  },
  suspend(account, random) {
    put(account.users, { ...user(account, random), suspended: true });
  },
  unsuspend(account) {
    for (const { suspended: _suspended, ...one } of account.users.values()) put(account.users, one);
  },
  path(account, random) {
    const one = random.pick([...account.policies.values()]);
    const moved = aPolicy(one.name, one.document, '/x/');
    const swap = <T extends Identity>(identity: T): T => ({
      ...identity,
      attachedPolicyArns: sorted(
        identity.attachedPolicyArns.map((arn) => (arn === one.arn ? moved.arn : arn)),
      ),
    });
    put(account.policies, moved);
    for (const each of account.users.values()) put(account.users, swap(each));
    for (const each of account.groups.values()) put(account.groups, swap(each));
  },
  'renamed group'(account, random) {
    const one = random.pick([...account.groups.values()]);
    if (one.renamedFrom !== undefined || one.name === 'g3') return;
    account.groups.delete(one.name);
    put(account.groups, { ...one, name: 'h1', renamedFrom: one.name });
    for (const each of account.users.values())
      put(account.users, {
        ...each,
        groups: sorted(each.groups.map((group) => (group === one.name ? 'h1' : group))),
      });
  },
};

/** The account as the files are to have it, after edits of these classes. */
export function editedAccount(random: Random, from: Start, names: readonly string[]): AccountState {
  const account = asFiles(from.live);
  for (const name of names)
    if (account.users.size > 0 && account.groups.size > 0) edits[name]!(account, random, from);
  const byName = <T>(map: Map<string, T>): Map<string, T> =>
    new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    ...emptyState(accountId, 'aws'),
    users: byName(account.users),
    groups: byName(account.groups),
    policies: byName(account.policies),
  };
}
