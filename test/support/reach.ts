/**
 * Who may do what, themselves and through the roles that they may assume, one through the other: by brute force over a few
 * actions and resources. It shares no code with the planner; what one document says is asked of the sandbox's evaluator.
 */
import { evaluate } from '../../src/sandbox/authorize/evaluate.ts';
import type { Iam } from '../../src/sandbox/index.ts';
import { accountId } from './account.ts';

interface Somebody {
  /** `user u1`, `role r1`; `lambda.amazonaws.com` and another account have no policies here. */
  readonly ref: string;
  readonly arn: string;
  readonly policies: readonly string[];
  readonly boundary: string | null;
  /** Of a role: who comes in, as IAM shows it. */
  readonly trust?: TrustStatement[];
  /** Sessions from before hold nothing any more. */
  readonly revoked?: boolean;
}

interface TrustStatement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: '*' | { readonly [type: string]: string | readonly string[] };
  readonly Condition?: unknown;
}

type Account = Pick<Iam, 'state' | 'call'>;

/** Somebody of whom no trust can know. */
const anybody = 'anybody';
const outsiders = ['lambda.amazonaws.com', '999999999999', anybody];
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
    ...outsiders.map((ref) => ({ ref, arn: ref, policies: [], boundary: null })),
  ];
}

function trustOf(iam: Account, RoleName: string): TrustStatement[] {
  const { Role: role } = iam.call('GetRole', { RoleName }) as { Role: { AssumeRolePolicyDocument: string } };
  const { Statement } = JSON.parse(decodeURIComponent(role.AssumeRolePolicyDocument)) as {
    Statement: TrustStatement | TrustStatement[];
  };
  return [Statement].flat();
}

const context = { get: () => undefined, variables: () => undefined };

/** What is allowed to somebody by their own policies: `deny` is an explicit one. */
function saidTo(
  { policies, boundary }: Somebody,
  action: string,
  resource: string,
): 'allow' | 'deny' | 'none' {
  const own = evaluate(policies, action, resource, context);
  const bound = boundary === null ? 'allow' : evaluate([boundary], action, resource, context);
  if (own === 'deny' || bound === 'deny') return 'deny';
  return own === 'allow' && bound === 'allow' ? 'allow' : 'none';
}

/** @param mfa whether the caller has signed in with a second factor: the one condition of these trusts. */
function comesIn(one: Somebody, role: Somebody, mfa: boolean): boolean {
  const names = ({ Principal }: TrustStatement): string[] =>
    Principal === '*' ? ['*'] : Object.values(Principal).flat();
  const applies = (statement: TrustStatement): boolean => mfa || !('Condition' in statement);
  const isOutside = outsiders.includes(one.ref);
  const named = (statement: TrustStatement): boolean =>
    names(statement).some((name) => name === '*' || name === one.arn);
  const ofAccount = (statement: TrustStatement): boolean =>
    !isOutside && names(statement).some((name) => name === root || name === accountId);
  const some = role.trust!.filter(applies);
  if (some.some((each) => each.Effect === 'Deny' && (named(each) || ofAccount(each)))) return false;
  const said = saidTo(one, 'sts:AssumeRole', role.arn);
  if (said === 'deny') return false;
  const allows = some.filter(({ Effect }) => Effect === 'Allow');
  return allows.some(named) || (said === 'allow' && allows.some(ofAccount));
}

/** All that each may do, as `user u1 s3:GetObject arn:…`, of whoever has a second factor and whoever has none. */
export function reachable(
  iam: Account,
  probes: readonly (readonly [action: string, resource: string])[],
): Set<string> {
  const everybody = everybodyIn(iam);
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
    const entered = new Map(
      everybody.map((one) => [one, roles.filter((role) => role !== one && comesIn(one, role, mfa))]),
    );
    for (const start of everybody) {
      // Whoever comes in later has a session that no revocation ends: below, as somebody else's.
      if (start.revoked) continue;
      const reached = new Set([start]);
      for (const one of reached) for (const role of entered.get(one)!) reached.add(role);
      for (const one of reached)
        for (const each of own.get(one)!) found.add(`${start.ref}|${String(mfa)} ${each}`);
    }
  }
  return found;
}

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
