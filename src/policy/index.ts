/** IAM policy documents: when they mean the same, what a change of them does to access, and how to show it. */
export { documentSize } from '../core/policy-language.ts';
export { canonical, formatted, sameMeaning, sameText } from './canonical.ts';
export { compareDocuments, hasAllow, hasDeny, type Comparison } from './compare.ts';
export {
  briefOf,
  conditionsText,
  differenceText,
  explain,
  grantText,
  markedConditions,
  markedDifference,
  markedGrant,
} from './describe.ts';
export type { Brief, Difference, Parts } from './describe.ts';
export { awsDefined, awsDefinedName } from './statement.ts';
export { intersection } from './intersection.ts';
export { denials, mergeDocuments } from './merge.ts';
export { jsonPatch, pretty, readableDiff, type DiffLine } from './format.ts';
