import { isAwsManaged, policyArnParts } from '../core/arn.ts';
import type { Json } from '../core/json.ts';
import type { Effect, StepClass } from '../core/plan.ts';
import type { AccountState, Holder, PolicyDocument } from '../core/state.ts';
import { compareDocuments, hasAllow, hasDeny, isAdministrator } from '../policy/index.ts';

/** Inline policies that rollcall itself puts for a while. Manifests may not use the prefix. */
export const reservedPrefix = 'rollcall-';
export const offboardingDeny = 'rollcall-offboarding-deny';
export const suspendedDeny = 'rollcall-suspended';
export const guardName = 'rollcall-guard';

export const denyAll: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
};

/** AWS attaches these to users with leaked keys: never drift (IAM User Guide, "Managed policies for quarantine"). */
export const isQuarantine = (arn: string): boolean =>
  isAwsManaged(arn) && /\/AWSCompromisedKeyQuarantine(V\d+)?$/.test(arn);

/**
 * The document of a managed policy. What AWS manages is not read from the account: the few that deny are known,
 * any other stands for an Allow of which only the name is known.
 */
export function documentOf(state: AccountState, arn: string): PolicyDocument {
  const parts = policyArnParts(arn);
  if (parts?.account === 'aws') {
    if (parts.name === 'AWSDenyAll' || isQuarantine(arn)) return denyAll;
    const Action = parts.name === 'AdministratorAccess' ? '*' : `aws-managed:${parts.name}`;
    return { Version: '2012-10-17', Statement: { Effect: 'Allow', Action, Resource: '*' } };
  }
  const own = parts && state.policies.get(parts.name);
  return own && own.arn === arn ? own.document : { Version: '2012-10-17', Statement: [] };
}

const statementsOf = (document: PolicyDocument): readonly Json[] => {
  const statement = document['Statement'];
  return Array.isArray(statement) ? statement : statement === undefined ? [] : [statement as Json];
};

/** All that a holder's policies say, as one document. */
export function holderDocument(state: AccountState, holder: Holder): PolicyDocument {
  const documents = [
    ...Object.values(holder.policies),
    ...holder.attached.map((arn) => documentOf(state, arn)),
  ];
  return { Version: '2012-10-17', Statement: documents.flatMap(statementsOf) };
}

export const mergeDocuments = (documents: readonly PolicyDocument[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: documents.flatMap(statementsOf),
});

/** The effect on access of one document coming, going or changing, in words. */
export function effectOf(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
): { effect: Effect; reason: string } {
  const { effect, reason } = compareDocuments(before, after);
  const admin =
    after && isAdministrator(after) && !(before && isAdministrator(before)) ? 'makes an administrator' : null;
  return { effect: effect === 'mixed' ? 'unclear' : effect, reason: admin ?? reason };
}

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
export function combine(effects: readonly { effect: Effect; reason: string }[]): {
  effect: Effect;
  reason: string;
} {
  const telling = effects.filter(({ effect }) => effect !== 'none');
  const first = telling[0];
  if (!first) return { effect: 'none', reason: effects[0]?.reason ?? 'nobody gains or loses access' };
  const effect = telling.every((one) => one.effect === first.effect) ? first.effect : 'unclear';
  return { effect, reason: [...new Set(telling.map(({ reason }) => reason))].join('; ') };
}
