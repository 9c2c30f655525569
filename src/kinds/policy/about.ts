import { limits } from '../../core/limits.ts';

/** What a managed policy is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'policy',
  plural: 'policies',
  section: 'policies',
  limits: {
    name: limits.policyName,
    perAccount: limits.policiesPerAccount,
    mostPerAccount: 10_000,
  },
} as const;
