import { limits } from '../../core/limits.ts';
import type { AccountState, InstanceProfile } from '../../core/state.ts';

/** What hands a role to EC2 instances, where manifests have it, and IAM's limits. */
export const about = {
  name: 'instance-profile',
  title: 'instance profile',
  plural: 'instance profiles',
  section: 'instanceProfiles',
  limits: {
    name: limits.instanceProfileName,
    perAccount: limits.instanceProfilesPerAccount,
    mostPerAccount: 5000,
  },
} as const;

export const of = (state: AccountState): ReadonlyMap<string, InstanceProfile> => state.instanceProfiles;
