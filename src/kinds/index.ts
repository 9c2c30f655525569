import { groupKind } from './group/index.ts';
import { groupIdentity } from './group/identity.ts';
import type { IdentityKind } from './identity.ts';
import type { Kind } from './kind.ts';
import { policyKind } from './policy/index.ts';
import { userIdentity } from './user/identity.ts';
import { userKind } from './user/index.ts';

export { isQuarantine } from './access.ts';
export { policyDangerLabels, policyLabel } from './words.ts';
export {
  deliveryMinutes,
  foundValue,
  isMarked,
  isSuspended,
  isUndelivered,
  marksOf,
  undeliveredTag,
  withoutMarks,
} from './user/marks.ts';
export { isPinned, isSwap } from './user/pins.ts';
export { ageInDays } from './user/rotation.ts';
export { isSingle, singleName } from './kind.ts';
export type { CredentialReport, Iam, OutputOf, PlanReading, ReportRow } from './live.ts';
export { eachLimited } from './live.ts';
export { readCredentials, readSignIn } from './user/read-credentials.ts';
export { readTags } from './policy/live.ts';
export type { ManifestEntry, References } from './to-manifest.ts';
export type { Context, Draft, Kind, StepDraft } from './kind.ts';

/** Every kind of object, in the order in which plans show them. */
export const registry = [userKind, groupKind, policyKind] as const;
export const kinds: readonly Kind<unknown>[] = registry;

/** What has policies of its own, by kind. */
export const identityKinds: { readonly [kind: string]: IdentityKind } = {
  user: userIdentity,
  group: groupIdentity,
};
