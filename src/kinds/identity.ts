import { policyArnParts } from '../core/arn.ts';
import { byText, own, sortedKeys } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import { sameName } from '../core/names.ts';
import { attachmentRef, inlineRef, objectRef, partRef, policyArnRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { Purpose } from '../core/plan.ts';
import type { AccountState, Identity, PolicyDocument } from '../core/state.ts';
import {
  canonical,
  formatted,
  hasAllow,
  hasDeny,
  mergeDocuments,
  sameMeaning,
  sameText,
} from '../policy/index.ts';
import type { PolicyDanger } from '../access/dangers.ts';
import { denyAll, documentOf, isQuarantine } from '../access/documents.ts';
import {
  additionClass,
  combine,
  effectOf,
  guardName,
  limitEffect,
  offboardingDeny,
  removalClass,
  suspendedDeny,
  updateClass,
} from './access.ts';
import type { AccessImpact } from './access.ts';
import { makeChange } from './change.ts';
import type { ChangeOf } from './change.ts';
import type { AttachmentFact, InlinePolicyFact, PathFact } from './facts.ts';
import type { SharedReason } from './words.ts';
import type { Context, Draft, IdentityKind, IdentityName, Likeness, Renamable, StepDraft } from './kind.ts';

const identityRef = (of: IdentityKind, name: string): Ref => objectRef(of.kind, name);

/** The policy moves to another path: it is deleted and re-created. */
export const isReplaced = (context: Pick<Context, 'live' | 'desired'>, arn: string): boolean => {
  const name = policyArnParts(arn)?.name ?? '';
  const [live, desired] = [context.live.policies.get(name), context.desired.policies.get(name)];
  return live !== undefined && desired !== undefined && live.arn !== desired.arn;
};

/** What a managed policy says as long as somebody who lets go of it holds it; undefined: it changes meanwhile. */
function documentUntilDetached({ live, desired }: Context, arn: string): PolicyDocument | undefined {
  const document = documentOf(live, arn);
  const after = documentOf(desired, arn);
  return saysNothing(after) || sameMeaning(document, after) ? spoken(document) : undefined;
}

const saysNothing = (document: PolicyDocument): boolean => !hasAllow(document) && !hasDeny(document);
const spoken = (document: PolicyDocument): PolicyDocument | undefined =>
  saysNothing(document) ? undefined : document;

/** All that a managed policy says on the way: it may change in the same plan. */
const documentOnTheWay = (context: Context, arn: string): PolicyDocument =>
  mergeDocuments([documentOf(context.live, arn), documentOf(context.desired, arn)]);

/**
 * A Deny in a policy that is re-created is gone for a moment: whoever comes under it or leaves it needs a temporary deny.
 * Who comes under it waits until the policy is gone from all others, for which another Deny may have to go: that must
 * not wait for who comes, as it does for a restraint.
 */
export function guardReplaced(
  context: Context,
  arns: readonly string[],
  document: PolicyDocument,
  classed: Pick<StepDraft, 'cls' | 'guarded'>,
): Pick<StepDraft, 'cls' | 'guarded'> {
  if (!arns.some((arn) => isReplaced(context, arn))) return classed;
  if (classed.cls === 'release') return { cls: 'revoke', guarded: document };
  return classed.cls === 'restrain' ? { cls: 'grant', guarded: document } : classed;
}

/** What a step does to access; where it is not for what such a step mostly is for, its purpose. */
type Classed = Pick<StepDraft, 'cls' | 'guarded' | 'brings' | 'takes'>;

export function putInline(
  of: IdentityKind,
  name: string,
  policy: string,
  document: PolicyDocument,
  classed: Classed & Pick<StepDraft, 'swap'> & { readonly purpose?: Purpose },
): StepDraft {
  const identity = identityRef(of, name);
  const about = inlineRef(identity, policy);
  return {
    ...of.putPolicy(name, policy, JSON.stringify(document)),
    about,
    purpose: 'add-policy',
    creates: [about],
    uses: [identity],
    affects: identity,
    ...classed,
  };
}

export function deleteInline(
  of: IdentityKind,
  name: string,
  policy: string,
  classed: Classed & { readonly purpose?: Purpose },
): StepDraft {
  const identity = identityRef(of, name);
  const about = inlineRef(identity, policy);
  return {
    ...of.deletePolicy(name, policy),
    about,
    purpose: 'remove-policy',
    uses: [identity],
    removes: [about],
    affects: identity,
    ...classed,
  };
}

function attach(of: IdentityKind, name: string, arn: string, classed: Classed): StepDraft {
  const identity = identityRef(of, name);
  const about = attachmentRef(identity, arn);
  return {
    ...of.attach(name, arn),
    about,
    purpose: 'add-policy',
    creates: [about],
    uses: [identity, policyArnRef(arn)],
    affects: identity,
    ...classed,
  };
}

export function detach(of: IdentityKind, name: string, arn: string, classed: Classed): StepDraft {
  const identity = identityRef(of, name);
  const about = attachmentRef(identity, arn);
  return {
    ...of.detach(name, arn),
    about,
    purpose: 'remove-policy',
    uses: [identity, policyArnRef(arn)],
    removes: [about],
    affects: identity,
    ...classed,
  };
}

/** Steps that give a new holder its policies, each classed as if alone. */
export function grantAll(of: IdentityKind, identity: Identity, context: Context): StepDraft[] {
  return [
    ...sortedKeys(identity.policies).map((policy) => {
      const document = identity.policies[policy]!;
      return putInline(of, identity.name, policy, document, additionClass(document));
    }),
    ...identity.attachedPolicyArns.map((arn) => {
      const document = documentOnTheWay(context, arn);
      return attach(of, identity.name, arn, guardReplaced(context, [arn], document, additionClass(document)));
    }),
  ];
}

/** The policies of a new identity or of one that goes. */
export const policyFacts = (
  { policies, attachedPolicyArns }: Identity,
  after: boolean,
): (InlinePolicyFact | AttachmentFact)[] => [
  ...sortedKeys(policies).map((policy) => {
    const document = policies[policy]!;
    return {
      fact: 'inline-policy' as const,
      policy,
      before: after ? null : document,
      after: after ? document : null,
    };
  }),
  ...attachedPolicyArns.map((arn) => ({ fact: 'attachment' as const, arn, before: !after, after })),
];

export const canonicalDocuments = (documents: Identity['policies']): { [name: string]: Json } =>
  Object.fromEntries(sortedKeys(documents).map((name) => [name, canonical(documents[name]!)]));

/** What an identity holds, as far as it holds anything (`Kind.likeness`). */
export const policyLikeness = ({ policies, attachedPolicyArns }: Identity): Likeness['facts'] => ({
  ...(Object.keys(policies).length > 0 ? { 'inline policies': canonicalDocuments(policies) } : {}),
  ...(attachedPolicyArns.length > 0 ? { 'attached policies': [...attachedPolicyArns].sort(byText) } : {}),
});

/** The path of a holder that exists on both sides. */
export function diffPath<Name extends IdentityName>(
  of: Renamable<Name>,
  { name, path }: Identity,
  live: Identity,
): Draft<ChangeOf<Name, 'path', PathFact, SharedReason, never>>[] {
  if (path === live.path) return [];
  const identity = identityRef(of, name);
  return [
    {
      change: makeChange({
        kind: of.kind,
        name,
        aspect: 'path',
        action: 'update',
        effect: 'unclear',
        reasons: [{ code: 'may-match', on: 'path' }],
        facts: [{ fact: 'path', before: live.path, after: path }],
        before: { path: live.path },
        after: { path },
      }),
      steps: [
        {
          ...of.naming.moving(name, path),
          about: partRef(identity, 'path'),
          purpose: 'move',
          cls: 'neutral',
          creates: [partRef(identity, 'path')],
          uses: [identity],
        },
      ],
    },
  ];
}

type PolicyOfIdentity<Name extends IdentityName> =
  | ChangeOf<Name, 'policies', InlinePolicyFact, SharedReason, PolicyDanger>
  | ChangeOf<Name, 'attach', AttachmentFact, SharedReason, PolicyDanger>;

/** Inline and attached policies of a holder that exists on both sides. */
export function diffPolicies<Name extends IdentityName>(
  of: IdentityKind<Name>,
  desired: Identity,
  live: Identity,
  context: Context,
): Draft<PolicyOfIdentity<Name>>[] {
  return [...diffInline(of, desired, live, context), ...diffAttached(of, desired, live, context)];
}

/** What rollcall itself put, by what it says: anybody can give a policy that name. */
function removalPurpose(policy: string, document: PolicyDocument): Purpose {
  if (sameName(policy, guardName)) return 'lift-guard';
  const ours = sameName(policy, suspendedDeny) || sameName(policy, offboardingDeny);
  return ours && sameMeaning(document, denyAll) ? 'lift-deny' : 'remove-policy';
}

function diffInline<Name extends IdentityName>(
  of: IdentityKind<Name>,
  desired: Identity,
  live: Identity,
  context: Context,
): Draft<PolicyOfIdentity<Name>>[] {
  const names = [...new Set([...Object.keys(live.policies), ...Object.keys(desired.policies)])].sort(byText);
  return names.flatMap((policy): Draft<PolicyOfIdentity<Name>>[] => {
    const before = own(live.policies, policy) ?? null;
    const after = own(desired.policies, policy) ?? null;
    if (before && after && sameMeaning(before, after)) {
      const isSame =
        sameText(before, after) ||
        !context.writesLabels(`inline policy ${policy} of ${of.kind} ${desired.name}`);
      return isSame ? [] : [relabel(of, desired.name, policy, { before, after })];
    }
    const step = !after
      ? deleteInline(of, desired.name, policy, {
          purpose: removalPurpose(policy, before!),
          ...removalClass(before!),
          ...(removalPurpose(policy, before!) === 'remove-policy' ? { takes: before! } : {}),
        })
      : !before
        ? putInline(of, desired.name, policy, after, { ...additionClass(after), brings: after })
        : putInline(of, desired.name, policy, after, {
            purpose: 'update-policy',
            cls: updateClass(before, after),
            swap: { before, after },
            takes: before,
            brings: after,
          });
    const change = makeChange({
      kind: of.kind,
      name: desired.name,
      aspect: 'policies',
      part: ['policies', policy],
      action: 'update',
      ...effectOf(before, after),
      facts: [{ fact: 'inline-policy', policy, before, after }],
      before: { policies: before ? { [policy]: canonical(before) } : {} },
      after: { policies: after ? { [policy]: canonical(after) } : {} },
    });
    return [{ change, steps: [step] }];
  });
}

/** The same policy with the labels of the file. */
function relabel<Name extends IdentityName>(
  of: IdentityKind<Name>,
  name: string,
  policy: string,
  { before, after }: { readonly before: PolicyDocument; readonly after: PolicyDocument },
): Draft<PolicyOfIdentity<Name>> {
  const change = makeChange({
    kind: of.kind,
    name,
    aspect: 'policies',
    part: ['policies', policy],
    action: 'update',
    effect: 'none',
    reasons: [{ code: 'labels' }],
    facts: [{ fact: 'inline-policy', policy, before, after }],
    before: { policies: { [policy]: formatted(before) } },
    after: { policies: { [policy]: formatted(after) } },
  });
  return {
    change,
    steps: [putInline(of, name, policy, after, { purpose: 'update-policy', cls: 'neutral' })],
  };
}

function diffAttached<Name extends IdentityName>(
  of: IdentityKind<Name>,
  desired: Identity,
  live: Identity,
  context: Context,
): Draft<PolicyOfIdentity<Name>>[] {
  const before = live.attachedPolicyArns.filter(
    (arn) => !isQuarantine(arn) || desired.attachedPolicyArns.includes(arn),
  );
  const removed = before.filter((arn) => !desired.attachedPolicyArns.includes(arn));
  const added = desired.attachedPolicyArns.filter((arn) => !before.includes(arn));
  if (removed.length + added.length === 0) return [];
  const steps = [
    ...removed.map((arn) => {
      const document = documentOnTheWay(context, arn);
      const takes = documentUntilDetached(context, arn);
      return detach(of, desired.name, arn, {
        ...guardReplaced(context, [arn], document, removalClass(document)),
        ...(takes ? { takes } : {}),
      });
    }),
    ...added.map((arn) => {
      const document = documentOnTheWay(context, arn);
      const brings = spoken(documentOf(context.desired, arn));
      return attach(of, desired.name, arn, {
        ...guardReplaced(context, [arn], document, additionClass(document)),
        ...(brings ? { brings } : {}),
      });
    }),
  ];
  const change = makeChange({
    kind: of.kind,
    name: desired.name,
    aspect: 'attach',
    action: 'update',
    ...attachedImpact(context, added, removed),
    facts: [
      ...added.map((arn) => ({ fact: 'attachment', arn, before: false, after: true }) as const),
      ...removed.map((arn): AttachmentFact => {
        const expired = context.expiry(attachmentRef(identityRef(of, desired.name), arn));
        return { fact: 'attachment', arn, before: true, after: false, ...(expired ? { expired } : {}) };
      }),
    ],
    before: { attach: before },
    after: { attach: [...desired.attachedPolicyArns] },
  });
  return [{ change, steps }];
}

/** Where policies come and go at once, only the sum tells: a moved policy changes nothing. */
function attachedImpact(
  context: Context,
  added: readonly string[],
  removed: readonly string[],
): AccessImpact {
  if (added.length === 0) return combine(removed.map((arn) => attachmentImpact(context, arn, 'live')));
  if (removed.length === 0) return combine(added.map((arn) => attachmentImpact(context, arn, 'desired')));
  return effectOf(
    mergeDocuments(removed.map((arn) => documentOf(context.live, arn))),
    mergeDocuments(added.map((arn) => documentOf(context.desired, arn))),
  );
}

/** What a managed policy that comes (desired) or goes (live) does to access; its reason names it. */
export function attachmentImpact(context: Context, arn: string, side: 'live' | 'desired'): AccessImpact {
  const document = documentOf(context[side], arn);
  const impact = side === 'live' ? effectOf(document, null) : effectOf(null, document);
  return {
    ...impact,
    reasons: impact.reasons.map((reason) => (reason.code === 'access' ? { ...reason, policy: arn } : reason)),
  };
}

/** A boundary only ever takes access away: its coming narrows, its going widens. */
export function boundaryImpact(before: string | null, after: string | null, context: Context): AccessImpact {
  if (before === null) return { effect: 'narrows', reasons: [{ code: 'boundary-comes' }] };
  if (after === null) return { effect: 'widens', reasons: [{ code: 'boundary-goes' }] };
  return limitEffect(documentOf(context.live, before), documentOf(context.desired, after));
}

/** The managed policies of these ARNs that are the account's own. */
export const ownPolicies = (arns: readonly string[], { account, policies }: AccountState): Ref[] =>
  arns.flatMap((arn) => {
    const parts = policyArnParts(arn);
    return parts?.account === account && policies.get(parts.name)?.arn === arn
      ? [objectRef('policy', parts.name)]
      : [];
  });
