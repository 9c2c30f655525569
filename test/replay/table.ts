import type { Case } from './case.ts';
import { iam } from './iam.ts';
import { serviceRoles } from './service-roles.ts';
import { sts } from './sts.ts';

/** Every test of the recordings, in the groups in which they are counted. */
export const groups: Readonly<Record<string, readonly Case[]>> = {
  'service-linked roles': serviceRoles,
  'all else': [...iam, ...sts],
};
