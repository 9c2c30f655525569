import { plural } from '../core/text.ts';
import { accountAliasKind } from './account-alias/index.ts';
import { groupKind } from './group/index.ts';
import { instanceProfileKind } from './instance-profile/index.ts';
import type { IdentityKind, Kind } from './kind.ts';
import { oidcProviderKind } from './oidc-provider/index.ts';
import { passwordPolicyKind } from './password-policy/index.ts';
import { policyKind } from './policy/index.ts';
import { roleKind } from './role/index.ts';
import { samlProviderKind } from './saml-provider/index.ts';
import { userKind } from './user/index.ts';

export { policyDangerLabelOf, policyDangerLabels } from './danger-words.ts';
export { policyLabel } from './words.ts';
export type { Context, Draft, Kind, StepDraft } from './kind.ts';
export { isSince, together, withParts } from './live.ts';
export type { CredentialReport, Details, Iam, OutputOf, Refused } from './live.ts';
export type { References } from './to-manifest.ts';
export {
  deliveryMinutes,
  foundValue,
  isSuspended,
  isUndelivered,
  managedTag,
  stateTagParts,
  undeliveredTag,
} from './user/state-tags.ts';
export { isPinned, isSwap } from './user/pins.ts';
export { toPasswordPolicy } from './password-policy/index.ts';
export type { PasswordPolicy } from './password-policy/about.ts';
export { policyArnsIn, readAwsPolicies } from './policy/live.ts';
export { readCredentials, readSignIn } from './user/read-credentials.ts';
export { shownRecipient } from './user/recipient.ts';
export { ageInDays, defaultGrace } from './user/rotation.ts';

/** Every kind of object, in the order in which plans show them. */
export const registry = [
  userKind,
  groupKind,
  policyKind,
  roleKind,
  instanceProfileKind,
  oidcProviderKind,
  samlProviderKind,
  accountAliasKind,
  passwordPolicyKind,
] as const;
export const kinds: readonly Kind<unknown>[] = registry;

/** `1 policy`, `2 policies`. */
export function countOf(n: number, kind: string): string {
  const { title = kind, plural: many } = kinds.find(({ name }) => name === kind) ?? {};
  return plural(n, title, many);
}

/** What has policies of its own, by kind. */
export const identityKinds: { readonly [kind: string]: IdentityKind } = Object.fromEntries(
  kinds.flatMap(({ name, identity }) => (identity ? [[name, identity]] : [])),
);
