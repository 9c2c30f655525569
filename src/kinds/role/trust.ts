import { objectRef, parseRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState, PolicyDocument, Role } from '../../core/state.ts';
import { principalOf } from '../../access/principals.ts';
import { principalArn } from '../../access/trust.ts';
import {
  canonicalTrust,
  commonTrust,
  compareTrust,
  isNobody,
  orphansIn,
  principalsIn,
  sameTrust,
  trustClass,
  trustDangers,
  withoutPrincipal,
} from '../../policy/trust/index.ts';
import type { TrustDanger } from '../../policy/trust/index.ts';
import { makeChange } from '../change.ts';
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

/** Writes the trust of a role over another. */
export function trustStep({ name, trust }: Role, before: PolicyDocument, context: Context): StepDraft {
  const ref = objectRef('role', name);
  const { cls } = trustClass(before, trust, context.live);
  // Who is taken out of it must still be there, or AWS would put an id in their place; who comes, already.
  const people = [...namedIn(before, context.live), ...namedIn(trust, context.desired)];
  return {
    op: 'UpdateAssumeRolePolicy',
    input: { RoleName: name, PolicyDocument: JSON.stringify(trust) },
    about: partRef(ref, 'trust'),
    purpose: 'set-trust',
    cls,
    uses: [...new Set([ref, ...people])],
    affects: ref,
    ...(cls === 'swap'
      ? { swap: { before, after: trust, common: commonTrust(before, trust, context.live) } }
      : {}),
  };
}

/** A trust without those users and roles of the account who leave, or are not there: IAM would refuse to write it. */
interface Settled {
  readonly trust: PolicyDocument;
  /** Who was taken out of it. */
  readonly without: readonly Ref[];
  /** Nobody is left who may assume the role. */
  readonly unreachable: boolean;
}

export function settled(
  trust: PolicyDocument,
  { desired, live, inScope, note }: Context,
  name: string,
): Settled {
  const stays = (ref: Ref, arn: string): boolean => {
    if (arnIn(desired, ref) === arn) return true;
    const { kind, name: one } = parseRef(ref);
    return !inScope(kind, one) && arnIn(live, ref) === arn;
  };
  const gone = ownPrincipals(trust, live).filter(({ ref, arn }) => !stays(ref, arn));
  let [left, unreachable] = [trust, false];
  for (const { ref, arn } of gone) {
    const without = withoutPrincipal(left, { arn });
    left = without.document;
    unreachable ||= without.unreachable;
    if (arnIn(live, ref) !== arn)
      note(
        `role ${name}: its trust names ${arn}, which there is not: it is left out, as IAM would refuse it`,
      );
  }
  return { trust: left, without: gone.map(({ ref }) => ref), unreachable };
}

/** Dangers of the trust of a new role, or that a change of it brings. */
export const dangersOfTrust = (
  before: PolicyDocument | null,
  after: PolicyDocument,
  context: Context,
): TrustDanger[] => trustDangers(before, after, { ...context.live, providers: knownProviders(context) });

/** Identity providers that there are, or will be. */
const knownProviders = ({ desired, live }: Context): ReadonlySet<string> =>
  new Set(
    [desired, live].flatMap((state) =>
      [...state.oidcProviders.values(), ...state.samlProviders.values()].map(({ arn }) => arn),
    ),
  );

/** @param without who was taken out of it, as they leave. */
export function diffTrust(
  desired: Role,
  live: Role,
  { without, unreachable }: Omit<Settled, 'trust'>,
  context: Context,
): Draft<RoleChange>[] {
  const [before, after] = [live.trust, desired.trust];
  if (sameTrust(before, after)) return [];
  const { effect, difference } = compareTrust(before, after, context.live);
  const ids = orphansIn(before);
  const reasons: RoleReason[] = [
    { code: 'trust', difference },
    ...(ids.length > 0 ? [{ code: 'orphaned', ids } as const] : []),
    ...(without.length > 0 ? [{ code: 'leave-trust', who: without, unreachable } as const] : []),
    ...(isNobody(after) && !isNobody(before) && without.length === 0
      ? [{ code: 'lets-nobody-in' } as const]
      : []),
  ];
  const dangers = dangersOfTrust(before, after, context);
  const change = makeChange({
    kind: 'role',
    name: desired.name,
    action: 'update',
    aspect: 'trust',
    effect: effect === 'mixed' ? 'unclear' : effect,
    reasons,
    ...(dangers.length > 0 ? { dangers } : {}),
    facts: [{ fact: 'trust', before, after }],
    before: { trust: canonicalTrust(before) },
    after: { trust: canonicalTrust(after) },
  });
  return [{ change, steps: [trustStep(desired, before, context)] }];
}
