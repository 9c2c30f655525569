import { createAuthorizer } from '../../src/sandbox/authorize/authorize.ts';
import { evaluate } from '../../src/sandbox/authorize/evaluate.ts';
import { awsPolicy, awsPolicyDocument } from '../../src/sandbox/iam/policies/aws.ts';
import { stableJson } from '../../src/core/json.ts';
import type { Json } from '../../src/core/json.ts';
import type { State } from '../../src/sandbox/index.ts';
import type { AccountState, User } from '../../src/core/state.ts';
import { accountId, folded, isIgnored, isManaged, probes, roleArn, userArn } from './universe.ts';
import type { Manifest } from './universe.ts';

/**
 * Who may do what, as bit masks over the probes. The judge of every single document is the sandbox's evaluator,
 * which shares no code with the planner; only "a Deny beats every Allow, within the boundary" is added here, and
 * `crossCheck` compares the sum with `sandbox.allows`.
 */
interface Verdicts {
  readonly allow: number;
  readonly deny: number;
}

const nothing: Verdicts = { allow: 0, deny: 0 };
const verdictsByText = new Map<string, Verdicts>();

/** What a document says to a user of that name: generated documents test no other context. */
export function verdictsOf(text: string, name = ''): Verdicts {
  const id = text.includes('${') ? `${name} ${text}` : text;
  const context = {
    get: () => undefined,
    variables: (variable: string) => (variable === 'aws:username' ? name : undefined),
  };
  let found = verdictsByText.get(id);
  if (!found) {
    let [allow, deny] = [0, 0];
    probes.forEach(([action, resource], bit) => {
      const verdict = evaluate([text], action, resource, context);
      if (verdict === 'allow') allow |= 1 << bit;
      if (verdict === 'deny') deny |= 1 << bit;
    });
    found = { allow, deny };
    if (verdictsByText.size > 20_000) verdictsByText.clear();
    verdictsByText.set(id, found);
  }
  return found;
}

export interface HolderView {
  /** Documents as text, by name. */
  readonly inline: ReadonlyMap<string, string>;
  readonly attachedPolicyArns: readonly string[];
}
export interface UserView extends HolderView {
  readonly name: string;
  /** Of one that there is. */
  readonly id?: string;
  readonly arn: string;
  readonly groups: readonly string[];
  readonly boundary: string | null;
  readonly suspended?: boolean;
}

export interface RoleView extends HolderView {
  readonly name: string;
  /** Of one that there is. */
  readonly id?: string;
  readonly arn: string;
  readonly boundary: string | null;
  /** A document, in which users and roles of the account are ids or ARNs. */
  readonly trust: string;
}

/** One account, real or meant, reduced to what decides about access. By name; policies by ARN. */
export interface View {
  readonly users: ReadonlyMap<string, UserView>;
  readonly groups: ReadonlyMap<string, HolderView>;
  readonly roles: ReadonlyMap<string, RoleView>;
  /** Of the account's own policies. */
  readonly arns: readonly string[];
  document(arn: string): string | null;
}

const awsDocument = (arn: string): string | null => {
  const policy = awsPolicy('aws', arn);
  return policy ? awsPolicyDocument(policy) : null;
};

/** The account as it is, eventual consistency aside. */
export function liveView(state: State): View {
  const groups = new Map(
    state.groups
      .sorted()
      .map((group) => [
        group.name,
        { inline: new Map(Object.entries(group.policies)), attachedPolicyArns: group.attached },
      ]),
  );
  const users = new Map(
    state.users.sorted().map((user): [string, UserView] => [
      user.name,
      {
        name: user.name,
        id: user.id,
        arn: userArn(user.name, user.path),
        inline: new Map(Object.entries(user.policies)),
        attachedPolicyArns: user.attached,
        groups: user.groups.flatMap((id) => state.groups.get(id)?.name ?? []),
        boundary: user.boundary,
      },
    ]),
  );
  const roles = new Map(
    state.roles.sorted().map((role): [string, RoleView] => [
      role.name,
      {
        name: role.name,
        id: role.id,
        arn: roleArn(role.name, role.path),
        inline: new Map(Object.entries(role.policies)),
        attachedPolicyArns: role.attached,
        boundary: role.boundary,
        trust: role.trust,
      },
    ]),
  );
  return {
    users,
    groups,
    roles,
    arns: state.policies.sorted().map(({ arn }) => arn),
    document(arn) {
      if (arn.includes('::aws:')) return awsDocument(arn);
      const policy = state.policies.taken(arn.slice(arn.lastIndexOf('/') + 1));
      if (policy?.arn !== arn) return null;
      return policy.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? null;
    },
  };
}

const identity = (one: { policies: object; attachedPolicyArns: readonly string[] }): HolderView => ({
  inline: new Map(Object.entries(one.policies).map(([name, document]) => [name, JSON.stringify(document)])),
  attachedPolicyArns: one.attachedPolicyArns,
});

/** The account as rollcall has read it. */
export function readView(state: AccountState): View {
  const documents = new Map(
    [...state.policies.values()].map((one) => [one.arn, JSON.stringify(one.document)]),
  );
  return {
    users: new Map(
      [...state.users.values()].map((user) => [
        user.name,
        {
          ...identity(user),
          name: user.name,
          ...(user.id === undefined ? {} : { id: user.id }),
          arn: userArn(user.name, user.path),
          groups: user.groups,
          boundary: user.boundary,
        },
      ]),
    ),
    roles: new Map(
      [...state.roles.values()].map((role) => [
        role.name,
        {
          ...identity(role),
          name: role.name,
          ...(role.id === undefined ? {} : { id: role.id }),
          arn: roleArn(role.name, role.path),
          boundary: role.boundary,
          trust: JSON.stringify(role.trust),
        },
      ]),
    ),
    groups: new Map([...state.groups.values()].map((group) => [group.name, identity(group)])),
    arns: [...documents.keys()],
    document: (arn) => (arn.includes('::aws:') ? awsDocument(arn) : (documents.get(arn) ?? null)),
  };
}

/** Everything that decides about a user's access, as one text. */
export function fingerprint(view: View, user: UserView | undefined): string {
  if (!user) return 'none';
  const held = (one: HolderView): unknown => [
    [...one.inline].sort(),
    [...one.attachedPolicyArns].sort().map((arn) => [arn, view.document(arn)]),
  ];
  const groups = [...user.groups].sort().map((name) => {
    const group = view.groups.get(name);
    return [name, group ? held(group) : null];
  });
  const boundary = user.boundary === null ? null : [user.boundary, view.document(user.boundary)];
  return JSON.stringify([held(user), groups, boundary]);
}

/** The same of a role, with who comes in as a text of its own. */
export function roleFingerprint(view: View, role: RoleView | undefined): string {
  if (!role) return 'none';
  const { id: _id, trust, ...held } = role;
  const users = { ...view, users: new Map() };
  return `${fingerprint(users, { ...held, groups: [] })} ${JSON.stringify(entriesOf(trust, view))}`;
}

/** Who comes into a role and who does not, and how: one text for each. Those who are gone go by their id. */
export function entriesOf(trust: string, view: View): string[] {
  const ids = new Map(
    [...view.users.values(), ...view.roles.values()].flatMap(({ id, arn }) =>
      id === undefined ? [] : [[id, arn]],
    ),
  );
  const list = (value: unknown): string[] => [value].flat().map(String);
  const { Statement } = JSON.parse(trust) as { Statement: TrustStatement | readonly TrustStatement[] };
  const entries = [Statement].flat().flatMap(({ Effect, Principal, Action, Condition }) => {
    const named = Principal === '*' ? { AWS: '*' } : Principal;
    return Object.entries(named).flatMap(([type, value]) =>
      list(value).flatMap((one) =>
        list(Action).map((action) =>
          [Effect, type, ids.get(one) ?? (one === accountId ? `arn:aws:iam::${accountId}:root` : one), action]
            .concat(Condition === undefined ? [] : stableJson(Condition as Json))
            .join(' '),
        ),
      ),
    );
  });
  return [...new Set(entries)].sort();
}

interface TrustStatement {
  readonly Effect: string;
  readonly Principal: '*' | { readonly [type: string]: unknown };
  readonly Action: unknown;
  readonly Condition?: unknown;
}

/** Ignored, or there beside what is to have its name: which of them is meant only a person knows, and it stays. */
function leftAlone(
  desired: ReadonlyMap<string, { readonly name: string; readonly renamedFrom?: string }>,
  live: ReadonlyMap<string, unknown>,
): (name: string) => boolean {
  const doubtful = new Set(
    [...desired.values()].flatMap(({ name, renamedFrom }) =>
      renamedFrom !== undefined && live.has(name) && !desired.has(folded(renamedFrom))
        ? [folded(renamedFrom)]
        : [],
    ),
  );
  return (name) => isIgnored(name) || doubtful.has(name);
}

/** What the manifests want, with everything out of scope as it is now, and what only those hold who are. */
export function targetView(desired: AccountState, live: View, manifest: Manifest): View {
  const users = leftAlone(desired.users, live.users);
  const groupsLeft = leftAlone(desired.groups, live.groups);
  const strangers = [...live.users].filter(([name]) => users(name));
  const groups = new Map([
    ...[...live.groups].filter(
      ([name]) => groupsLeft(name) || strangers.some(([, user]) => user.groups.includes(name)),
    ),
    ...[...desired.groups.values()].map((group) => [group.name, identity(group)] as const),
  ]);
  const renamed = new Map(
    [...desired.groups.values()].flatMap(({ name, renamedFrom }) =>
      // As IAM has it: the names of this world are in lower case.
      renamedFrom !== undefined && live.groups.has(folded(renamedFrom)) && !live.groups.has(name)
        ? [[folded(renamedFrom), name] as const]
        : [],
    ),
  );
  // Of a rename that is still to come, by the old name.
  const liveUser = ({ name, renamedFrom }: User): UserView | undefined =>
    live.users.get(name) ?? live.users.get(folded(renamedFrom ?? ''));
  const wanted = new Map([
    ...strangers.map(([name, user]): [string, UserView] => [
      name,
      { ...user, groups: user.groups.map((group) => renamed.get(group) ?? group) },
    ]),
    ...[...desired.users.values()].map((user): [string, UserView] => [
      user.name,
      {
        ...identity(user),
        name: user.name,
        arn: userArn(user.name, user.path),
        groups: [
          ...user.groups,
          // Memberships of groups that are ignored are nobody's to change.
          ...(liveUser(user)?.groups ?? []).filter(groupsLeft),
        ],
        boundary: user.boundary,
        suspended: user.suspended ?? false,
      },
    ]),
  ]);
  const documents = new Map(
    [...desired.policies.values()].map((one) => [one.arn, JSON.stringify(one.document)]),
  );
  // One that is wanted at another path says the same where it is, as long as it has to stay there.
  const byName = new Map(
    [...desired.policies.values()].map((one) => [one.name, JSON.stringify(one.document)]),
  );
  const roles = new Map([
    ...[...live.roles].filter(
      ([name, { arn }]) => !isManaged(manifest, 'roles', { name, path: pathOf(arn) }),
    ),
    ...[...desired.roles.values()].map(({ name, path, trust, boundary, ...role }): [string, RoleView] => [
      name,
      { ...identity(role), name, arn: roleArn(name, path), trust: JSON.stringify(trust), boundary },
    ]),
  ]);
  return {
    users: wanted,
    groups,
    roles,
    arns: [...documents.keys()],
    document: (arn) =>
      documents.get(arn) ??
      (arn.includes('::aws:') ? undefined : byName.get(nameOf(arn))) ??
      (arn.includes('::aws:') || isIgnored(nameOf(arn)) ? live.document(arn) : null),
  };
}

const pathOf = (arn: string): string => /^[^/]*(\/(?:.*\/)?)/.exec(arn)?.[1] ?? '/';
export const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

function sum(view: View, user: UserView): Verdicts {
  let [allow, deny] = [0, 0];
  const add = (text: string | null): void => {
    const verdicts = text === null ? nothing : verdictsOf(text, user.name);
    allow |= verdicts.allow;
    deny |= verdicts.deny;
  };
  for (const one of [user, ...user.groups.flatMap((group) => view.groups.get(group) ?? [])]) {
    for (const text of one.inline.values()) add(text);
    for (const arn of one.attachedPolicyArns) add(view.document(arn));
  }
  return { allow, deny };
}

export function accessOf(view: View, user: UserView | undefined): number {
  if (!user || user.suspended) return 0;
  const { allow, deny } = sum(view, user);
  const held = allow & ~deny;
  if (user.boundary === null) return held;
  const text = view.document(user.boundary);
  const within = text === null ? nothing : verdictsOf(text, user.name);
  return held & within.allow & ~within.deny;
}

/** What is denied to the user explicitly, by policies or the boundary. */
export function deniedTo(view: View, user: UserView): number {
  const text = user.boundary === null ? null : view.document(user.boundary);
  return sum(view, user).deny | (text === null ? 0 : verdictsOf(text, user.name).deny);
}

export const describeMask = (mask: number): string =>
  probes
    .filter((_, bit) => (mask >> bit) & 1)
    .map((probe) => probe.join(' '))
    .join(', ');

/** The masks say the same as the sandbox. */
export function crossCheck(state: State, clock: () => Date): string | null {
  const view = liveView(state);
  const authorizer = createAuthorizer(state, accountId, 'aws', clock);
  for (const [name, user] of view.users) {
    const mask = accessOf(view, user);
    for (const [bit, [action, resource]] of probes.entries()) {
      if (authorizer.allows(name, action, resource) !== (((mask >> bit) & 1) === 1)) {
        return `the simulator and the sandbox disagree about ${name}: ${action} ${resource}`;
      }
    }
  }
  return null;
}
