import { limits } from '../../core/limits.ts';

/** What a role is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'role',
  plural: 'roles',
  section: 'roles',
  limits: {
    name: limits.roleName,
    perAccount: limits.rolesPerAccount,
    mostPerAccount: 5000,
    inline: limits.inlineRole,
    attached: limits.attachedPerRole,
    mostAttached: 25,
  },
} as const;
