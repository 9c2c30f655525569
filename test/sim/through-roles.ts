import { denyAll } from '../../src/access/documents.ts';
import { gainedBeyond, reachableAmong, rolesBehind } from '../support/reach.ts';
import type { Somebody, TrustStatement } from '../support/reach.ts';
import type { HolderView, RoleView, UserView, View } from './access.ts';
import { accountId, names, oidcArn, probes, samlArn } from './universe.ts';

/**
 * Who may do what through roles, on both sides of an apply and at any moment between. Principals are told by their ids,
 * as they may have another name on the other side; who is made only now has none yet.
 */

const asked = probes.filter(([, resource]) => /:::[ab]\//.test(resource));
const everybody = new Set(['*', accountId, `arn:aws:iam::${accountId}:root`]);
const nothing = '{"Version":"2012-10-17","Statement":[]}';
const nameOfRevocation = 'AWSRevokeOlderSessions';

const [github, other] = names.oidc;
const token = (ref: string, arn: string, claims: Somebody['claims'] = {}): Somebody => ({
  ref,
  arn,
  policies: [],
  boundary: null,
  claims,
});
/** Who has one that these providers gave. */
const tokens = [
  ...['prod', 'test'].map((environment) =>
    token(`token of ${environment}`, oidcArn(github), {
      [`${github}:aud`]: 'sts.amazonaws.com',
      [`${github}:sub`]: `repo:acme/web:environment:${environment}`,
    }),
  ),
  token('token of x', oidcArn(other), { [`${other}:aud`]: 'a', [`${other}:sub`]: 'x' }),
  token('response', samlArn(names.saml[0]), { 'saml:aud': 'https://signin.aws.amazon.com/saml' }),
];

type Kind = 'user' | 'role';
const kinds = ['user', 'role'] as const;
const ofKind = (view: View, kind: Kind): ReadonlyMap<string, UserView | RoleView> =>
  kind === 'user' ? view.users : view.roles;

interface Loose {
  readonly users: readonly string[];
  readonly roles: readonly string[];
}

export class ThroughRoles {
  readonly #base: View;
  readonly #target: View;
  readonly #targetName: (user: string) => string;
  /** By id, of whoever was there before. */
  readonly #known = new Map<string, string>();
  /** The same by kind and name in the target. */
  readonly #wanted = new Map<string, string>();
  readonly #before: ReadonlySet<string>;
  readonly #after: ReadonlySet<string>;
  readonly #sides: readonly [ReadonlySet<string>, ReadonlySet<string>];
  /** Nothing is promised to them in this apply. */
  readonly #loose = new Set<string>();

  constructor(base: View, target: View, targetName: (user: string) => string) {
    this.#base = base;
    this.#target = target;
    this.#targetName = targetName;
    for (const kind of kinds)
      for (const { id = '', name } of ofKind(base, kind).values()) {
        this.#known.set(id, `${kind} ${id}`);
        this.#wanted.set(`${kind} ${kind === 'user' ? targetName(name) : name}`, `${kind} ${id}`);
      }
    const [before, after] = [this.#everybody(base), this.#everybody(target, true)];
    this.#sides = [new Set(before.map(({ ref }) => ref)), new Set(after.map(({ ref }) => ref))];
    this.#before = this.#reach(before);
    this.#after = this.#reach(after);
  }

  /** Whoever gains at this moment what is on neither side. */
  gained(now: View): string[] {
    if (now.roles.size === 0) return [];
    const reached = reachableAmong([...this.#everybody(now), ...tokens], asked);
    const isOnOneSide = (ref: string): boolean => this.#sides[0].has(ref) !== this.#sides[1].has(ref);
    return gainedBeyond(reached, this.#before, this.#after, isOnOneSide).filter(
      (one) => !this.#loose.has(one.split('|', 1)[0]!),
    );
  }

  /** Names of roles that a user might come into before, with a second factor. */
  rolesOf(user: string): string[] {
    const all = this.#everybody(this.#base);
    const start = all.find(({ ref }) => ref === `user ${this.#base.users.get(user)?.id}`);
    const name = new Map([...this.#base.roles.values()].map((role) => [`role ${role.id}`, role.name]));
    return start ? rolesBehind(start, all, true).map((ref) => name.get(ref)!) : [];
  }

  /** What others touch, and whatever else is not as the plan had it: of all who might come into it nothing is promised. */
  loosen({ users, roles }: Loose, ...views: readonly View[]): void {
    for (const view of [this.#base, this.#target, ...views]) {
      const isTarget = view === this.#target;
      for (const [kind, some] of [
        ['user', users],
        ['role', roles],
      ] as const)
        for (const name of some) {
          const one = ofKind(view, kind).get(name);
          if (one) this.#loose.add(this.#refOf(kind, one, isTarget));
          this.#loose.add(`${kind} new:${name}`);
        }
    }
    const all = [this.#base, this.#target, ...views].flatMap((view) =>
      this.#everybody(view, view === this.#target),
    );
    const doors = all.filter(({ trust }) => trust !== undefined);
    for (let size = -1; size !== this.#loose.size;) {
      size = this.#loose.size;
      for (const { ref, trust = [] } of doors) {
        if (!this.#loose.has(ref)) continue;
        const named = trust.flatMap(({ Effect, Principal }) =>
          Effect === 'Deny' ? [] : Principal === '*' ? ['*'] : Object.values(Principal).flat(),
        );
        const isOpen = named.some((name) => everybody.has(name));
        for (const one of [...named, ...(isOpen ? all.map((each) => each.ref) : [])]) this.#loose.add(one);
        for (const one of [
          ...tokens.map((each) => each.ref),
          'lambda.amazonaws.com',
          '999999999999',
          'anybody',
        ])
          this.#loose.add(one);
      }
    }
  }

  isLoose(role: RoleView): boolean {
    return this.#loose.has(this.#refOf('role', role, false));
  }

  #refOf(kind: Kind, { id, name }: UserView | RoleView, isTarget: boolean): string {
    const known =
      isTarget && id === undefined ? this.#wanted.get(`${kind} ${name}`) : this.#known.get(id ?? '');
    return known ?? `${kind} new:${name}`;
  }

  /** Also under the other name: what policies say of a name itself is no part of the promise. */
  #reach(all: readonly Somebody[]): Set<string> {
    const others = new Map<string, string>();
    for (const { id, name } of this.#base.users.values()) {
      const then = this.#targetName(name);
      if (then === name) continue;
      others.set(`user ${id} ${name}`, then);
      others.set(`user ${id} ${then}`, name);
    }
    const found = reachableAmong([...all, ...tokens], asked);
    if (others.size === 0) return found;
    const renamed = all.map((one) => {
      const userName = others.get(`${one.ref} ${one.userName}`);
      return userName === undefined ? one : { ...one, userName };
    });
    return new Set([...found, ...reachableAmong([...renamed, ...tokens], asked)]);
  }

  #everybody(view: View, isTarget = false): Somebody[] {
    const refs = new Map(this.#known);
    for (const kind of kinds)
      for (const one of ofKind(view, kind).values()) {
        const ref = this.#refOf(kind, one, isTarget);
        refs.set(one.arn, ref);
        if (one.id !== undefined) refs.set(one.id, ref);
      }
    const texts = ({ inline, attachedPolicyArns }: HolderView): string[] => [
      ...[...inline].flatMap(([name, text]) => (name === nameOfRevocation ? [] : [text])),
      ...attachedPolicyArns.flatMap((arn) => view.document(arn) ?? []),
    ];
    const common = ({ arn, boundary }: UserView | RoleView, ref: string) => ({
      ref,
      arn,
      known: ref,
      boundary: boundary === null ? null : (view.document(boundary) ?? nothing),
    });
    return [
      ...[...view.users.values()].map((user): Somebody => ({
        ...common(user, refs.get(user.arn)!),
        userName: user.name,
        policies: user.suspended
          ? [JSON.stringify(denyAll)]
          : [user, ...user.groups.flatMap((group) => view.groups.get(group) ?? [])].flatMap(texts),
      })),
      ...[...view.roles.values()].map((role): Somebody => ({
        ...common(role, refs.get(role.arn)!),
        policies: texts(role),
        revoked: role.inline.has(nameOfRevocation),
        trust: trustOf(role.trust, refs),
      })),
    ];
  }
}

const trusts = new Map<string, readonly TrustStatement[]>();

/** With references in the place of ids and ARNs. */
function trustOf(text: string, refs: ReadonlyMap<string, string>): TrustStatement[] {
  let statements = trusts.get(text);
  if (!statements) {
    const { Statement } = JSON.parse(text) as { Statement: TrustStatement | TrustStatement[] };
    statements = [Statement].flat();
    if (trusts.size > 10_000) trusts.clear();
    trusts.set(text, statements);
  }
  return statements.map((one) => ({
    ...one,
    Principal:
      one.Principal === '*'
        ? '*'
        : Object.fromEntries(
            Object.entries(one.Principal).map(([type, some]) => [
              type,
              [some].flat().map((name) => refs.get(name) ?? name),
            ]),
          ),
  }));
}
