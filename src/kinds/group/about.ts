import { limits } from '../../core/limits.ts';

/** What a group is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'group',
  plural: 'groups',
  section: 'groups',
  limits: {
    name: limits.groupName,
    perAccount: limits.groupsPerAccount,
    mostPerAccount: 500,
    inline: limits.inlineGroup,
    attached: limits.attachedPerGroup,
    mostAttached: limits.attachedPerGroup,
  },
} as const;
