import { limits } from '../../core/limits.ts';

/** What a user is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'user',
  plural: 'users',
  section: 'users',
  limits: {
    name: limits.userName,
    perAccount: limits.usersPerAccount,
    mostPerAccount: limits.usersPerAccount,
    inline: limits.inlineUser,
    attached: limits.attachedPerUser,
    mostAttached: 20,
  },
} as const;
