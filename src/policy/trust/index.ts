/** Trust policies: who may assume a role, when two mean the same, and what a change of one does. */
export { canonicalTrust, compareTrust, sameTrust, trustClass } from './compare.ts';
export { checkTrust, refusedAnewIn } from './check.ts';
export { trustDangers, type TrustDanger } from './dangers.ts';
export { commonTrust, conditionsNaming, isNobody, nobodyTrust, withoutPrincipal } from './nobody.ts';
export { orphansIn, principalsIn, withRenamed } from './principals.ts';
