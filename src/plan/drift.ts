import type { Effect } from '../core/plan.ts';
import type { AccountState, Identity, PolicyDocument, User } from '../core/state.ts';
import { denyAll, documentOf, isQuarantine, withAwsPolicies } from '../access/documents.ts';
import { dangerousEffect, identityDocument, limitEffect } from '../kinds/access.ts';
import { comes, goes, turned } from '../kinds/facts.ts';
import { isSwap, kinds } from '../kinds/index.ts';
import type { Change, Drift, DriftImpact, Fact, Plan } from '../kinds/plan.ts';
import { holders } from '../kinds/holders.ts';
import { judgeHeld } from '../kinds/policy/index.ts';
import { mergeDocuments } from '../policy/index.ts';
import { applyRenames } from './rename.ts';

/** Both sides whole: a plan has only the names of the groups and policies that somebody got behind the files' back. */
interface Sides {
  readonly desired: AccountState;
  readonly live: AccountState;
}

/** The plan read the other way round: what somebody did behind the files' back. */
export function driftOf(plan: Plan, { desired, live }: Sides): Drift[] {
  const sides = {
    desired: withAwsPolicies(desired, live),
    live: applyRenames(desired, live).live,
  };
  return plan.changes.map(withoutHousekeeping).flatMap((change) =>
    elements(change).map((facts) => ({
      change,
      facts: facts.map(turned),
      ...impactOf(change, facts[0], sides),
    })),
  );
}

/** Which versions make room for the one that mends a policy is nobody's act. */
const withoutHousekeeping = (change: Change): Change =>
  ({
    ...change,
    facts: (change.facts as readonly Fact[]).filter(
      ({ fact }) => fact !== 'version' && fact !== 'default-version',
    ),
  }) as Change;

const setsOf: ReadonlyMap<string, readonly string[]> = new Map(
  kinds.map(({ name, sets = [] }) => [name, sets]),
);

/** Of a set, each element that is too many or missing is drift by itself. */
function elements({ kind, aspect, facts }: Change): (readonly Fact[])[] {
  const all: readonly Fact[] = facts;
  const single = [...all.filter(goes), ...all.filter(comes)].map((fact) => [fact]);
  return setsOf.get(kind)?.includes(aspect) && single.length > 0 ? single : [all];
}

/** What it does to access that the account is not as the files say. */
function impactOf(change: Change, fact: Fact | undefined, sides: Sides): DriftImpact {
  // Of a credential that nobody reviewed nothing can be said: whoever has it may be somebody else.
  const dangers: DriftImpact['dangers'] = change.dangers?.filter(isSwap) ?? [];
  if (dangers.length > 0) return { effect: 'unclear', reasons: change.reasons, dangers };
  const isHarmless = change.effect === 'none' && change.reasons.every(({ code }) => code !== 'same-access');
  const impact = isHarmless ? undefined : judge(change, fact, sides);
  return impact && impact.effect !== 'none' ? impact : mirrored(change);
}

const opposite: { readonly [effect in Effect]: Effect } = {
  widens: 'narrows',
  narrows: 'widens',
  none: 'none',
  unclear: 'unclear',
};

const bothWays: ReadonlySet<string> = new Set<Change['reasons'][number]['code']>(['may-match', 'trusted-by']);

/** Where no document tells more. A reason is kept where it holds both ways. */
function mirrored({ effect, reasons }: Change): DriftImpact {
  const all: DriftImpact['reasons'] = reasons;
  return {
    effect: opposite[effect],
    reasons: effect === 'none' ? all : all.filter(({ code }) => bothWays.has(code)),
  };
}

function judge(change: Change, fact: Fact | undefined, sides: Sides): DriftImpact | undefined {
  const { desired, live } = sides;
  const own = fact && ownImpact(change, fact, sides);
  if (change.action === 'offboard' || change.aspect === 'suspended') {
    const user = live.users.get(change.name);
    return user && personImpact(live, user, change.action === 'offboard');
  }
  if (change.action === 'delete') return joined(own, dangerousEffect(null, policiesOf(live, change.facts)));
  if (own || change.action !== 'update') return own;
  switch (fact?.fact) {
    case 'inline-policy':
      return dangerousEffect(fact.after, fact.before);
    case 'membership':
      return comesOrGoes(fact, (side) => groupDocument(sides[side], fact.group));
    case 'attachment':
      return comesOrGoes(fact, (side) => documentOf(sides[side], fact.arn));
    case 'boundary':
      return fact.before !== null && fact.after !== null
        ? limitEffect(documentOf(desired, fact.after), documentOf(live, fact.before))
        : undefined;
    default:
      return documentImpact(change, live);
  }
}

/** As its kind judges it. */
const ownImpact = (change: Change, fact: Fact, sides: Sides): DriftImpact | undefined =>
  kinds.find(({ name }) => name === change.kind)?.drifted?.(change, fact, sides) as DriftImpact | undefined;

/** Of an object that is in no file: what it is, and what it may do by its policies. */
function joined(own: DriftImpact | undefined, policies: DriftImpact): DriftImpact {
  if (!own) return policies;
  const dangers = [...(own.dangers ?? []), ...(policies.dangers ?? [])];
  return {
    effect: policies.effect === 'none' ? own.effect : policies.effect,
    reasons: [...(policies.effect === 'none' ? [] : policies.reasons), ...own.reasons],
    ...(dangers.length > 0 ? { dangers } : {}),
  };
}

/** The account has it too many, or the files. */
const comesOrGoes = (fact: Fact, documentIn: (side: keyof Sides) => PolicyDocument | null): DriftImpact =>
  goes(fact) ? dangerousEffect(null, documentIn('live')) : dangerousEffect(documentIn('desired'), null);

function groupDocument(state: AccountState, name: string): PolicyDocument | null {
  const group = state.groups.get(name);
  return group ? identityDocument(state, group) : null;
}

/** A managed policy's; who holds it is the same both ways. */
function documentImpact({ name, facts, reasons }: Change, live: AccountState): DriftImpact | undefined {
  const changed = (facts as readonly Fact[]).find((one) => one.fact === 'document');
  if (!changed) return undefined;
  const held = holders(live, live.policies.get(name)?.arn ?? '');
  const impact = judgeHeld(changed.after, changed.before, held, dangerousEffect);
  const by = (reasons as DriftImpact['reasons']).filter(({ code }) => code === 'held-by');
  return { ...impact, reasons: [...impact.reasons, ...by] };
}

/** What the policies of an object that is in no file say. */
const policiesOf = (live: AccountState, facts: readonly Fact[]): PolicyDocument =>
  mergeDocuments(
    facts.flatMap((fact) => {
      if (fact.fact === 'inline-policy') return fact.before ? [fact.before] : [];
      return fact.fact === 'attachment' ? [documentOf(live, fact.arn)] : [];
    }),
  );

/** All that a person has in IAM, who is to have nothing, or to be denied everything. */
function personImpact(live: AccountState, user: User, leaves: boolean): DriftImpact | undefined {
  const document = personDocument(live, user);
  if (document) return dangerousEffect(leaves ? null : mergeDocuments([denyAll, document]), document);
  return leaves ? { effect: 'unclear', reasons: [{ code: 'holds-nothing' }] } : undefined;
}

/** All that a person's policies and groups say. AWS's quarantine denies little, and must not hide what they allow. */
function personDocument(state: AccountState, user: User): PolicyDocument | null {
  const own = { ...user, attachedPolicyArns: user.attachedPolicyArns.filter((arn) => !isQuarantine(arn)) };
  const identities: Identity[] = [own, ...user.groups.flatMap((name) => state.groups.get(name) ?? [])];
  const documents = identities
    .filter(
      ({ policies, attachedPolicyArns }) => Object.keys(policies).length + attachedPolicyArns.length > 0,
    )
    .map((identity) => identityDocument(state, identity));
  return documents.length > 1 ? mergeDocuments(documents) : (documents[0] ?? null);
}
