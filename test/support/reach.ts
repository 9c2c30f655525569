/**
 * Who may do what, themselves and through the roles that they may assume, one through the other: by brute force over a few
 * actions and resources. It shares no code with the planner; what one document says is asked of the sandbox's evaluator.
 */
import type { JsonObject } from '../../src/core/json.ts';
import { holds } from '../../src/sandbox/authorize/conditions.ts';
import { evaluate } from '../../src/sandbox/authorize/evaluate.ts';
import type { Iam } from '../../src/sandbox/index.ts';
import { accountId } from './account.ts';

export interface Somebody {
  /** `user u1`, `role r1`; `lambda.amazonaws.com` and another account have no policies here. */
  readonly ref: string;
  readonly arn: string;
  /** What trusts call them, where that is not their ARN. */
  readonly known?: string;
  /** `${aws:username}`. */
  readonly userName?: string;
  readonly policies: readonly string[];
  readonly boundary: string | null;
  /** Of a role: who comes in. */
  readonly trust?: readonly TrustStatement[];
  /** Sessions from before hold nothing any more. */
  readonly revoked?: boolean;
  /** What a token says, by condition key in lower case. */
  readonly claims?: { readonly [key: string]: string };
}

export interface TrustStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*' | { readonly [type: string]: string | readonly string[] };
  readonly Condition?: JsonObject;
}

type Account = Pick<Iam, 'state' | 'call'>;

/** Somebody of whom no trust can know. */
const anybody = 'anybody';
const outsiders = ['lambda.amazonaws.com', '999999999999', anybody];
const outside: readonly Somebody[] = outsiders.map((ref) => ({
  ref,
  arn: ref,
  known: /^\d+$/.test(ref) ? `arn:aws:iam::${ref}:root` : ref,
  policies: [],
  boundary: null,
}));
const root = `arn:aws:iam::${accountId}:root`;

function everybodyIn(iam: Account): Somebody[] {
  const { users, groups, roles, policies } = iam.state;
  const textOf = (arn: string): string => {
    const policy = policies.sorted().find((one) => one.arn === arn);
    return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document ?? '{"Statement":[]}';
  };
  type Holder = { policies: Readonly<Record<string, string>>; attached: readonly string[] };
  const held = ({ policies: inline, attached }: Holder): string[] => [
    ...Object.entries(inline).flatMap(([name, text]) => (name === 'AWSRevokeOlderSessions' ? [] : [text])),
    ...attached.map(textOf),
  ];
  return [
    ...users.sorted().map((user) => ({
      ref: `user ${user.name}`,
      arn: `arn:aws:iam::${accountId}:user${user.path}${user.name}`,
      policies: [...held(user), ...user.groups.flatMap((id) => held(groups.get(id)!))],
      boundary: user.boundary === null ? null : textOf(user.boundary),
    })),
    ...roles.sorted().map((role) => ({
      ref: `role ${role.name}`,
      arn: `arn:aws:iam::${accountId}:role${role.path}${role.name}`,
      policies: held(role),
      boundary: role.boundary === null ? null : textOf(role.boundary),
      revoked: 'AWSRevokeOlderSessions' in role.policies,
      trust: trustOf(iam, role.name),
    })),
  ];
}

function trustOf(iam: Account, RoleName: string): TrustStatement[] {
  const { Role: role } = iam.call('GetRole', { RoleName }) as { Role: { AssumeRolePolicyDocument: string } };
  const { Statement } = JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument)) as {
    Statement: TrustStatement | TrustStatement[];
  };
  return [Statement].flat();
}

const context = { get: () => undefined };
type Verdict = ReturnType<typeof evaluate>;
const verdicts = new Map<string, Verdict>();

/** What one document says; long simulations ask the same again and again. */
function verdictOf(text: string, action: string, resource: string, userName: string | undefined): Verdict {
  const id = `${action} ${resource} ${text.includes('${') ? (userName ?? '') : ''} ${text}`;
  let verdict = verdicts.get(id);
  if (verdict === undefined) {
    const variables = (name: string) => (name === 'aws:username' ? userName : undefined);
    verdict = evaluate([text], action, resource, { ...context, variables });
    if (verdicts.size > 100_000) verdicts.clear();
    verdicts.set(id, verdict);
  }
  return verdict;
}

/** What is allowed to somebody by their own policies: `deny` is an explicit one. */
function saidTo({ policies, boundary, userName }: Somebody, action: string, resource: string): Verdict {
  let own: Verdict = 'none';
  for (const text of policies) {
    const verdict = verdictOf(text, action, resource, userName);
    if (verdict === 'deny') return 'deny';
    if (verdict === 'allow') own = 'allow';
  }
  const bound = boundary === null ? 'allow' : verdictOf(boundary, action, resource, userName);
  return bound === 'deny' ? 'deny' : own === 'allow' && bound === 'allow' ? 'allow' : 'none';
}

/** @param mfa whether the caller has signed in with a second factor: that and what a token says are the conditions of these trusts. */
function comesIn(one: Somebody, role: Somebody, mfa: boolean): boolean {
  const names = ({ Principal }: TrustStatement): string[] =>
    Principal === '*' ? ['*'] : Object.values(Principal).flat();
  const applies = ({ Condition }: TrustStatement): boolean =>
    Condition === undefined ||
    holds(Condition, {
      get: (key) => {
        const value = key === 'aws:multifactorauthpresent' ? String(mfa) : one.claims?.[key];
        return value === undefined ? null : [value];
      },
      variables: null,
    }) === true;
  const isOutside = outsiders.includes(one.ref) || one.claims !== undefined;
  const named = (statement: TrustStatement): boolean =>
    names(statement).some((name) => name === '*' || name === (one.known ?? one.arn));
  const ofAccount = (statement: TrustStatement): boolean =>
    !isOutside && names(statement).some((name) => name === root || name === accountId);
  const some = role.trust!.filter(applies);
  if (some.some((each) => each.Effect === 'Deny' && (named(each) || ofAccount(each)))) return false;
  const said = saidTo(one, 'sts:AssumeRole', role.arn);
  if (said === 'deny') return false;
  // Whom a trust names needs no Allow of their own, but a role must have it within its boundary.
  const { boundary, trust, userName } = one;
  if (trust && boundary !== null && verdictOf(boundary, 'sts:AssumeRole', role.arn, userName) !== 'allow')
    return false;
  const allows = some.filter(({ Effect }) => Effect === 'Allow');
  return allows.some(named) || (said === 'allow' && allows.some(ofAccount));
}

/** All that each may do, as `user u1 s3:GetObject arn:…`, of whoever has a second factor and whoever has none. */
export const reachable = (iam: Account, probes: Probes): Set<string> =>
  reachableAmong(everybodyIn(iam), probes);

type Probes = readonly (readonly [action: string, resource: string])[];

/** The same of an account that is described. */
export function reachableAmong(insiders: readonly Somebody[], probes: Probes): Set<string> {
  const everybody = [...insiders, ...outside];
  const roles = everybody.filter(({ trust }) => trust !== undefined);
  const own = new Map(
    everybody.map((one) => [
      one,
      probes
        .filter(([action, resource]) => saidTo(one, action, resource) === 'allow')
        .map((each) => each.join(' ')),
    ]),
  );
  const found = new Set<string>();
  for (const mfa of [false, true]) {
    const entered = new Map<Somebody, readonly Somebody[]>();
    for (const start of everybody) {
      // Whoever comes in later has a session that no revocation ends: below, as somebody else's.
      if (start.revoked) continue;
      for (const one of behind(start, roles, mfa, entered))
        for (const each of own.get(one)!) found.add(`${start.ref}|${String(mfa)} ${each}`);
    }
  }
  return found;
}

/** Somebody and all roles that they may come into, one through the other. */
function behind(
  start: Somebody,
  roles: readonly Somebody[],
  mfa: boolean,
  known = new Map<Somebody, readonly Somebody[]>(),
): Set<Somebody> {
  const reached = new Set([start]);
  for (const one of reached) {
    const next = known.get(one) ?? roles.filter((role) => role !== one && comesIn(one, role, mfa));
    known.set(one, next);
    for (const role of next) reached.add(role);
  }
  return reached;
}

/** References of the roles that somebody may come into. */
export const rolesBehind = (start: Somebody, everybody: readonly Somebody[], mfa: boolean): string[] => {
  const roles = everybody.filter(({ trust }) => trust !== undefined);
  return [...behind(start, roles, mfa)].flatMap((one) => (one === start ? [] : [one.ref]));
};

/**
 * What is among neither. Who is on one side only is, without anything of their own, one of everybody in the world on the other:
 * for a moment they may do what everybody may there.
 */
export const gainedBeyond = (
  now: ReadonlySet<string>,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  isOnOneSide: (ref: string) => boolean,
): string[] =>
  [...now].filter((one) => {
    if (before.has(one) || after.has(one)) return false;
    const [ref = '', what = ''] = one.split('|');
    const everybodys = `${anybody}|${what}`;
    return !(isOnOneSide(ref) && (before.has(everybodys) || after.has(everybodys)));
  });
