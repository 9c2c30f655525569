import { documentOf } from '../access/documents.ts';
import { numberOf, remember } from '../access/remember.ts';
import { stableJson } from '../core/json.ts';
import type { StepClass } from '../core/plan.ts';
import { nameKey, spellingIn } from '../core/names.ts';
import type { AccountState, Documents, Identity, PolicyDocument } from '../core/state.ts';
import { dangersOf, type PolicyDanger } from '../access/dangers.ts';
import { compareDocuments, hasAllow, hasDeny, mergeDocuments } from '../policy/index.ts';
import type { Impact } from './change.ts';
import type { SharedReason } from './words.ts';

/** Inline policies that rollcall itself puts for a while. Manifests may not use the prefix. */
const reservedPrefix = 'rollcall-';
export const isReserved = (name: string): boolean => nameKey(name).startsWith(reservedPrefix);
export const offboardingDeny = 'rollcall-offboarding-deny';
export { suspendedDeny } from '../access/documents.ts';
export const guardName = 'rollcall-guard';
/** Copies of policies that cannot be in their new place before they leave the old one. */
export const copyName = /^rollcall-copy-\d+$/;

/** An inline policy under whichever spelling IAM has it: whoever made it first chose that. */
export function inlineNamed(
  policies: Documents,
  name: string,
): { readonly name: string; readonly document: PolicyDocument } | undefined {
  const spelled = spellingIn(Object.keys(policies), name);
  return spelled === undefined ? undefined : { name: spelled, document: policies[spelled]! };
}

/** The policies without one, whichever spelling IAM has it under. */
export function withoutInline(policies: Documents, name: string): Documents {
  const found = inlineNamed(policies, name);
  if (!found) return policies;
  const { [found.name]: _found, ...rest } = policies;
  return rest;
}

const identityDocuments = new WeakMap<AccountState, WeakMap<Identity, PolicyDocument>>();

/** All that a holder's policies say, as one document; the same one each time, as many users join one group. */
export function identityDocument(state: AccountState, identity: Identity): PolicyDocument {
  const known = identityDocuments.get(state) ?? new WeakMap<Identity, PolicyDocument>();
  identityDocuments.set(state, known);
  const document = known.get(identity) ?? joinPolicies(state, identity);
  known.set(identity, document);
  return document;
}

function joinPolicies(state: AccountState, identity: Identity): PolicyDocument {
  return mergeDocuments([
    ...Object.values(identity.policies),
    ...identity.attachedPolicyArns.map((arn) => documentOf(state, arn)),
  ]);
}

/** What policies do to access. */
export type AccessImpact = Impact<SharedReason, PolicyDanger>;

const additions = new WeakMap<PolicyDocument, AccessImpact>();

/** The effect on access of one document coming, going or changing. */
export function effectOf(before: PolicyDocument | null, after: PolicyDocument | null): AccessImpact {
  if (before || !after) return limitEffect(before, after);
  const impact = additions.get(after) ?? limitEffect(null, after);
  additions.set(after, impact);
  return impact;
}

/** The same with the dangers that it brings, whoever holds it. */
export function dangerousEffect(before: PolicyDocument | null, after: PolicyDocument | null): AccessImpact {
  const impact = effectOf(before, after);
  // What provably grants nothing new brings no danger.
  if (!after || impact.effect === 'narrows' || impact.effect === 'none') return impact;
  const dangers = dangersOf(before, after);
  return dangers.length === 0
    ? impact
    : { ...impact, reasons: nameDangers(impact.reasons, dangers), dangers };
}

/** The same for a permissions boundary, which grants nothing by itself. */
export function limitEffect(before: PolicyDocument | null, after: PolicyDocument | null): AccessImpact {
  const { effect, difference } = compareDocuments(before, after);
  return { effect: effect === 'mixed' ? 'unclear' : effect, reasons: [{ code: 'access', difference }] };
}

/** The reasons with the worst of them said: who becomes an administrator, or can make themselves one. */
export function nameDangers<Reason extends { readonly code: string }>(
  reasons: readonly Reason[],
  dangers: readonly PolicyDanger[],
): readonly (Reason | SharedReason)[] {
  const [first] = dangers;
  if (!first) return reasons;
  const worst = remember(worsts, first, dangers.map(numberOf).join(), () => worstOf(dangers));
  // What else somebody may do goes without saying of an administrator.
  return worst?.code === 'administrator'
    ? [worst, ...reasons.filter(({ code }) => code !== 'access' && code !== 'access-of')]
    : [...reasons, ...(worst ? [worst] : [])];
}

const worsts = new WeakMap<PolicyDanger, Map<string, SharedReason | null>>();

function worstOf(dangers: readonly PolicyDanger[]): SharedReason | null {
  const administrator = dangers.find((danger) => danger.code === 'administrator');
  if (administrator) return administrator;
  const pairs = dangers.flatMap((danger) => ('actions' in danger ? [danger.actions.slice(0, 2)] : []));
  const by = [
    ...(dangers.some(({ code }) => code === 'iam-full-access') ? [['iam:*']] : []),
    ...unique(pairs),
  ];
  return by.length === 0 ? null : { code: 'escalation', by };
}

/** Each once, by what it says. */
export const unique = <T>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [stableJson(item), item])).values(),
];

/** The classes of a step that adds or removes a whole document, and its guard where no class alone is right. */
export function additionClass(document: PolicyDocument): { cls: StepClass; guarded?: PolicyDocument } {
  if (!hasDeny(document)) return { cls: hasAllow(document) ? 'grant' : 'neutral' };
  return hasAllow(document) ? { cls: 'grant', guarded: document } : { cls: 'restrain' };
}

export function removalClass(document: PolicyDocument): { cls: StepClass; guarded?: PolicyDocument } {
  if (!hasDeny(document)) return { cls: hasAllow(document) ? 'revoke' : 'neutral' };
  return hasAllow(document) ? { cls: 'revoke', guarded: document } : { cls: 'release' };
}

/** The class of a step that writes one document over another. */
export function updateClass(before: PolicyDocument, after: PolicyDocument): StepClass {
  const { effect, addsDeny, removesDeny } = compareDocuments(before, after);
  if (effect === 'narrows') return addsDeny ? 'restrain' : 'revoke';
  if (effect === 'widens') return removesDeny ? 'release' : 'grant';
  return effect === 'none' ? 'neutral' : 'swap';
}

/** Several effects as one. */
export function combine(effects: readonly AccessImpact[]): AccessImpact {
  const telling = effects.filter(({ effect }) => effect !== 'none');
  const first = telling[0];
  if (!first) return { effect: 'none', reasons: effects[0]?.reasons ?? [{ code: 'no-effect' }] };
  const effect = telling.every((one) => one.effect === first.effect) ? first.effect : 'unclear';
  return { effect, reasons: unique(telling.map(({ reasons }) => reasons)).flat() };
}
