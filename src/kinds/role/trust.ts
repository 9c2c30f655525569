import { byText } from '../../core/json.ts';
import { namedRef, objectRef, parseRef, partRef, shutOutRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { Effect } from '../../core/plan.ts';
import type { AccountState, PolicyDocument, Role } from '../../core/state.ts';
import type { Comparison } from '../../policy/compare.ts';
import { principalOf } from '../../access/principals.ts';
import { principalArn } from '../../access/trust.ts';
import {
  canonicalTrust,
  commonTrust,
  compareTrust,
  isNobody,
  orphansIn,
  principalsIn,
  refusedAnewIn,
  sameTrust,
  trustClass,
  trustDangers,
  withoutPrincipal,
  withRenamed,
} from '../../policy/trust/index.ts';
import type { TrustDanger } from '../../policy/trust/index.ts';
import { makeChange } from '../change.ts';
import type { Impact } from '../change.ts';
import { isRunner } from '../pipeline.ts';
import { providersFor } from '../providers.ts';
import type { Context, Draft, StepDraft } from '../kind.ts';
import type { RoleChange, RoleReason } from './words.ts';

type Place = Pick<AccountState, 'account' | 'partition'>;

/** Users and roles of the account whom a trust names by ARN. */
function ownPrincipals(
  trust: PolicyDocument,
  { account }: Place,
): { readonly ref: Ref; readonly arn: string }[] {
  const named = principalsIn(trust).flatMap((one) =>
    (one.type === 'user' || one.type === 'role') && one.account === account
      ? [[one.arn, { ref: objectRef(one.type, one.name), arn: one.arn }] as const]
      : [],
  );
  return [...new Map(named).values()];
}

/** Undefined: there is no such user or role. */
function arnIn(state: AccountState, ref: Ref): string | undefined {
  return principalOf(state, ref) && principalArn(state, ref);
}

/** Those of them that there are on a side. */
export const namedIn = (trust: PolicyDocument, state: AccountState): Ref[] =>
  ownPrincipals(trust, state).flatMap(({ ref, arn }) => (arnIn(state, ref) === arn ? [ref] : []));

/**
 * Whether its trust can only be written once it is there itself, as it names itself, or a new role whose own trust waits
 * for this one.
 */
export function waitsForEachOther(role: Role, { desired, live }: Context): boolean {
  const start = objectRef('role', role.name);
  const byRef = new Map([...desired.roles.values()].map((one) => [objectRef('role', one.name), one]));
  const seen = new Set<Ref>();
  const reaches = (one: Role): boolean =>
    namedIn(one.trust, desired).some((ref) => {
      if (ref === start) return true;
      if (seen.has(ref)) return false;
      seen.add(ref);
      const next = byRef.get(ref);
      return next !== undefined && !live.roles.has(next.name) && reaches(next);
    });
  return reaches(role);
}

/**
 * Writes the trust of a role over another. Who leaves is taken out while they are still there, or AWS would put an id in
 * their place, and while they are kept out: until then by what kept them out before, such as a Deny in the trust.
 */
export function trustStep({ name, trust }: Role, before: PolicyDocument, context: Context): StepDraft {
  const ref = objectRef('role', name);
  const { cls } = trustClass(before, trust, context.live);
  const were = namedIn(before, context.live);
  const leavers = were.filter((one) => leaves(one, context));
  const will = namedIn(trust, context.desired);
  const people = [
    ...were,
    ...will,
    // IAM knows nobody by an ARN that they are only about to get.
    ...will.map((one) => partRef(one, 'path')),
    ...(cls === 'revoke' || cls === 'restrain' ? [] : leavers.map(shutOutRef)),
  ];
  return {
    op: 'UpdateAssumeRolePolicy',
    input: { RoleName: name, PolicyDocument: JSON.stringify(trust) },
    about: partRef(ref, 'trust'),
    purpose: 'set-trust',
    cls,
    uses: [...new Set([ref, ...people, ...providersFor(context, before, trust)])],
    removes: leavers.map(namedRef),
    affects: ref,
    ...(cls === 'swap'
      ? { swap: { before, after: trust, common: commonTrust(before, trust, context.live) } }
      : {}),
  };
}

/** ARNs of users whom a trust names and the plan moves, with those that IAM shows from then on. */
const movedArns = (trust: PolicyDocument, { desired, live }: Context): ReadonlyMap<string, string> =>
  new Map(
    ownPrincipals(trust, live).flatMap(({ ref, arn }) => {
      const after = arnIn(live, ref) === arn ? arnIn(desired, ref) : undefined;
      return after === undefined || after === arn ? [] : [[arn, after] as const];
    }),
  );

/** Whether the plan removes a user or role of the account. */
const leaves = (ref: Ref, { desired, live, inScope }: Context): boolean => {
  const { kind, name } = parseRef(ref);
  return (
    principalOf(live, ref) !== undefined && principalOf(desired, ref) === undefined && inScope(kind, name)
  );
};

/** A trust without those users and roles of the account who leave, or are not there: IAM would refuse to write it. */
interface Settled {
  readonly trust: PolicyDocument;
  /** Who was taken out of it, as they leave. */
  readonly without: readonly Ref[];
  /** Nobody is left who may assume the role. */
  readonly unreachable: boolean;
}

export function settled(trust: PolicyDocument, context: Context, name: string): Settled {
  const { desired, live, inScope } = context;
  const stays = (ref: Ref, arn: string): boolean => {
    if (arnIn(desired, ref) === arn) return true;
    const { kind, name: one } = parseRef(ref);
    return !inScope(kind, one) && arnIn(live, ref) === arn;
  };
  const gone = [
    ...ownPrincipals(trust, live).filter(({ ref, arn }) => !stays(ref, arn)),
    ...sessionsOfLeavers(trust, context),
  ];
  let [left, unreachable] = [trust, false];
  for (const { ref, arn } of gone) {
    const without = withoutPrincipal(left, { arn });
    left = without.document;
    unreachable ||= without.unreachable;
    if (!leaves(ref, context)) noteUnknown(name, ref, arn, context);
  }
  const leaving = gone.filter(({ ref }) => leaves(ref, context)).map(({ ref }) => ref);
  return { trust: left, without: [...new Set(leaving)].sort(byText), unreachable };
}

/** Roles that leave and whose sessions a trust names: another role of the name would be let in. */
const sessionsOfLeavers = (trust: PolicyDocument, context: Context): { ref: Ref; arn: string }[] =>
  principalsIn(trust).flatMap((one) => {
    if (one.type !== 'assumed-role' || one.account !== context.live.account) return [];
    const ref = objectRef('role', one.name);
    return leaves(ref, context) ? [{ ref, arn: principalArn(context.live, ref) }] : [];
  });

/** Whom the files name by an ARN that nobody has once the plan is applied. */
function noteUnknown(role: string, ref: Ref, arn: string, { desired, note }: Context): void {
  const { name } = parseRef(ref);
  const renamed = [...desired.users.values()].find((one) => one.renamedFrom === name);
  const now = arnIn(desired, renamed ? objectRef('user', renamed.name) : ref);
  note(
    `role ${role}: its trust names ${arn}, ${
      now === undefined ? 'which there is not' : `who is ${now} now`
    }: it is left out, as IAM would refuse it`,
  );
}

/** Dangers of the trust of a new role, or that a change of it brings. */
export const dangersOfTrust = (
  before: PolicyDocument | null,
  after: PolicyDocument,
  context: Pick<Context, 'desired' | 'live'>,
): TrustDanger[] => {
  const providers = knownProviders(context);
  return trustDangers(before, after, { ...context.live, ...(providers ? { providers } : {}) });
};

/** ARNs of the identity providers that there are, or will be; undefined: nobody could see them. */
function knownProviders({
  desired,
  live,
}: Pick<Context, 'desired' | 'live'>): ReadonlySet<string> | undefined {
  const besides = (live.besides ?? []).filter(({ kind }) => kind !== 'instance-profile');
  if (besides.some((one) => 'unseen' in one)) return undefined;
  return new Set([
    ...[desired, live].flatMap((state) =>
      [...state.oidcProviders.values(), ...state.samlProviders.values()].map(({ arn }) => arn),
    ),
    ...besides.flatMap((one) =>
      'names' in one
        ? one.names.map((name) => `arn:${live.partition}:iam::${live.account}:${one.kind}/${name}`)
        : [],
    ),
  ]);
}

/** Without those who leave, who lose everything, whatever a Deny here kept them from. */
const withoutLeavers = (trust: PolicyDocument, context: Context): PolicyDocument =>
  ownPrincipals(trust, context.live)
    .filter(({ ref }) => leaves(ref, context))
    .reduce((rest, { arn }) => withoutPrincipal(rest, { arn }).document, trust);

const effectOfLeaving = (effect: Comparison['effect']): Effect =>
  effect === 'narrows' || effect === 'mixed' ? 'narrows' : 'none';

/** What it does to access that the account has one trust and the files have another, or do not have the role. */
export function driftedTrust(
  files: PolicyDocument | null,
  account: PolicyDocument,
  sides: Pick<Context, 'desired' | 'live'>,
): Impact<RoleReason, TrustDanger> {
  const dangers = dangersOfTrust(files, account, sides);
  const told = dangers.length > 0 ? { dangers } : {};
  if (!files) return { effect: 'widens', reasons: [], ...told };
  const { effect, difference } = compareTrust(files, account, sides.live);
  const ids = orphansIn(account);
  return {
    effect: effect === 'mixed' ? 'unclear' : effect,
    reasons: [{ code: 'trust', difference }, ...(ids.length > 0 ? [{ code: 'orphaned', ids } as const] : [])],
    ...told,
  };
}

/** Reports what IAM would refuse of a trust that a plan writes, although the same may stand in the account as it is. */
export function refuseUnwritable({ name, trust }: Role, context: Context): void {
  const { live } = context;
  const at = partRef(objectRef('role', name), 'trust');
  const ids = new Set([...live.users.values(), ...live.roles.values()].map(({ id }) => id));
  const orphans = orphansIn(trust).filter((id) => !ids.has(id));
  for (const { message, hint } of refusedAnewIn(trust, live.partition))
    context.problem(`role ${name}: IAM refuses to write its trust: ${message}`, hint ?? '', at);
  for (const id of orphans)
    context.problem(
      `role ${name}: IAM refuses to write its trust: ${id} is the id of a ${id.startsWith('AIDA') ? 'user' : 'role'} that is not there`,
      'name who is meant by ARN, or drop it',
      at,
    );
}

/** @param without who was taken out of it, as they leave. */
export function diffTrust(
  desired: Role,
  live: Role,
  { without, unreachable }: Omit<Settled, 'trust'>,
  context: Context,
): Draft<RoleChange>[] {
  const [before, after] = [withRenamed(live.trust, movedArns(live.trust, context)), desired.trust];
  if (sameTrust(before, after)) return [];
  const { effect, difference } = compareTrust(before, after, context.live);
  const isAll = compareTrust(withoutLeavers(before, context), after, context.live).effect === 'none';
  const ids = orphansIn(before);
  const reasons: RoleReason[] = [
    { code: 'trust', difference },
    ...(ids.length > 0 ? [{ code: 'orphaned', ids } as const] : []),
    ...(without.length > 0 ? [{ code: 'leave-trust', who: without, unreachable } as const] : []),
    ...(isNobody(after) && !isNobody(before) && without.length === 0
      ? [{ code: 'lets-nobody-in' } as const]
      : []),
  ];
  if (!isRunner(desired.name, context.runsAs)) refuseUnwritable(desired, context);
  const dangers = dangersOfTrust(before, after, context);
  const change = makeChange({
    kind: 'role',
    name: desired.name,
    action: 'update',
    aspect: 'trust',
    effect: isAll ? effectOfLeaving(effect) : effect === 'mixed' ? 'unclear' : effect,
    reasons,
    ...(dangers.length > 0 ? { dangers } : {}),
    facts: [{ fact: 'trust', before, after }],
    before: { trust: canonicalTrust(before) },
    after: { trust: canonicalTrust(after) },
  });
  return [{ change, steps: [trustStep(desired, before, context)] }];
}
