/** What OIDC and SAML providers have in common: roles trust them. */
import { mark } from '../core/marked.ts';
import { objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { listSome, plural } from '../core/text.ts';
import type { AnyChange, Impact } from './change.ts';
import type { Context, Draft } from './kind.ts';
import { byHand, pipelineProviders, providersIn } from './pipeline.ts';
import { reasonTexts } from './words.ts';
import type { FromTemplates } from './change.ts';

/** Those of the account that a trust names. */
export const providerRefsIn = (trust: PolicyDocument): Ref[] =>
  providersIn(trust).flatMap((arn) => {
    const [, kind, name] = /:(oidc-provider|saml-provider)\/(.+)$/.exec(arn) ?? [];
    return kind === undefined ? [] : [objectRef(kind, name!)];
  });

/** Names of roles whose trust names the provider, in text order. */
const rolesTrusting = (state: AccountState, arn: string): string[] =>
  [...state.roles.values()].filter(({ trust }) => providersIn(trust).includes(arn)).map(({ name }) => name);

const trusting = (state: AccountState, provider: Ref): Ref[] =>
  [...state.roles.values()].flatMap(({ name, trust }) =>
    providerRefsIn(trust).includes(provider) ? [objectRef('role', name)] : [],
  );

/** Roles whose trust names a provider of the kind, whether there is one of the name or not yet. */
export const roleRefsTrusting =
  (kind: string) =>
  (name: string, state: AccountState): Ref[] =>
    trusting(state, objectRef(kind, name));

/**
 * Whether roles trust it already, and it is not there: IAM lets a provider go that trusts name. Who makes it again opens
 * these roles.
 */
const opensRoles = (provider: Ref, { live }: Pick<Context, 'live'>): boolean => {
  const { kind, name } = parseRef(provider);
  const there: ReadonlyMap<string, unknown> =
    kind === 'saml-provider' ? live.samlProviders : live.oidcProviders;
  return !there.has(name) && trusting(live, provider).length > 0;
};

/** Class and place in the order of the step that makes a provider. */
export const makingOf = (
  provider: Ref,
  context: Pick<Context, 'live'>,
): { readonly cls: 'grant' | 'revoke' | 'neutral'; readonly affects?: Ref } =>
  opensRoles(provider, context) ? wiringOf(provider, 'more') : { cls: 'neutral' };

/** Those that there are to be when a trust is written, and until what names them is: IAM itself asks for none. */
export const providersFor = (context: Pick<Context, 'live'>, ...trusts: readonly PolicyDocument[]): Ref[] =>
  trusts.flatMap(providerRefsIn).filter((one) => !opensRoles(one, context));

/** Roles that trust it now, or will. */
export const trustedBy = ({ live, desired }: Pick<Context, 'live' | 'desired'>, arn: string): string[] => [
  ...new Set([...rolesTrusting(live, arn), ...rolesTrusting(desired, arn)]),
];

/** What a change of a provider does: nothing, where no role trusts it. */
export function providerImpact(
  context: Pick<Context, 'live' | 'desired'>,
  arn: string,
  effect: 'widens' | 'narrows' | 'unclear',
): Impact<ProviderReason, never> {
  const roles = trustedBy(context, arn);
  return roles.length === 0
    ? { effect: 'none', reasons: [{ code: 'not-trusted' }] }
    : { effect, reasons: [{ code: 'trusted-by', roles }] };
}

/**
 * What goes while a file still has a role trust it: nobody could assume the role that way. What ended on its day goes all the
 * same, as that is what the day is for, and no other change waits for a file to follow.
 */
export function refuseIfTrusted(kind: string, name: string, arn: string, context: Context): void {
  if (pipelineProviders([context.live, context.desired], context.runsAs).has(arn)) return;
  const role = rolesTrusting(context.desired, arn).find((one) => context.inScope('role', one));
  if (role === undefined) return;
  if (context.expiry(objectRef(kind, name)) !== undefined) {
    context.note(`${kind} ${name} expired: nobody comes into role ${role} by it any more`);
    return;
  }
  context.problem(
    `${kind} ${name} is in no file any more and would be removed, but the trust of role ${role} names it`,
    `declare it under identityProviders, or drop it from trust of role ${role}`,
    objectRef('role', role),
  );
}

/**
 * What rollcall itself comes in by is compared, and never written; where no file has it, it stays as it is.
 *
 * @param isDeclared whether some file has it.
 */
export function withoutPipeline<C extends AnyChange>(
  drafts: readonly Draft<C>[],
  arn: string,
  isDeclared: boolean,
  { live, desired, runsAs }: Pick<Context, 'live' | 'desired' | 'runsAs'>,
): Draft<C>[] {
  if (!pipelineProviders([live, desired], runsAs).has(arn)) return [...drafts];
  if (!isDeclared) return [];
  return drafts.map(byHand);
}

/** Class and place in the order of a step that lets more or fewer in. */
export const wiringOf = (
  ref: Ref,
  lets: 'more' | 'fewer',
): { readonly cls: 'grant' | 'revoke'; readonly affects: Ref } => ({
  cls: lets === 'more' ? 'grant' : 'revoke',
  affects: ref,
});

export const providerReasonTexts = {
  'may-match': reasonTexts['may-match'],
  'no-effect': reasonTexts['no-effect'],
  pipeline: () => 'rollcall itself comes in by it: change it by hand',
  'not-trusted': () => 'no role trusts it',
  'trusted-by': ({ roles }: { roles: readonly string[] }) =>
    `${roles.length === 1 ? 'a role trusts' : `${plural(roles.length, 'role')} trust`} it: ${listSome(roles.map(mark), 5)}`,
};
export type ProviderReason = FromTemplates<typeof providerReasonTexts>;
