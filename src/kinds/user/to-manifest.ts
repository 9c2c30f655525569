import { limits } from '../../core/limits.ts';
import type { User } from '../../core/state.ts';
import { plural } from '../../core/text.ts';
import { inlineNamed, suspendedDeny, withoutInline } from '../access.ts';
import {
  nameOf,
  nameReasons,
  policiesToManifest,
  policyReference,
  sortedTags,
  tagReasons,
} from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';
import { isSuspended, withoutStateTags } from './state-tags.ts';

/** @param user with its `signIn`, if it has an access key or a password. */
export function userToManifest(user: User, references: References): ManifestEntry {
  const reasons: string[] = [];
  const tags = withoutStateTags(user.tags);
  const suspended = isSuspended(user) && inlineNamed(user.policies, suspendedDeny) !== undefined;
  const policies = suspended ? withoutInline(user.policies, suspendedDeny) : user.policies;
  if (user.groups.length > limits.groupsPerUser)
    reasons.push(`it is in ${plural(user.groups.length, 'group')}`);
  const groups = user.groups.flatMap((name) => nameOf('group', name, references) ?? []);
  const held = policiesToManifest(about, { ...user, policies }, references);
  const boundary = user.boundary === null ? null : policyReference(user.boundary, references);
  if (user.boundary !== null && boundary === null)
    reasons.push(`its boundary ${user.boundary} has no name in manifests`);
  reasons.push(...nameReasons(user, about.limits.name), ...tagReasons(tags), ...held.reasons);
  const { accessKeys = [], loginProfile = null } = user.signIn ?? {};
  return {
    value: {
      ...(user.path === '/' ? {} : { path: user.path }),
      ...(Object.keys(tags).length === 0 ? {} : { tags: sortedTags(tags) }),
      ...(groups.length === 0 ? {} : { groups }),
      ...held.value,
      ...(boundary === null ? {} : { boundary }),
      ...(suspended ? { suspended: true } : {}),
      ...(accessKeys.length === 0
        ? {}
        : { accessKey: accessKeys.length === 1 ? {} : { count: accessKeys.length } }),
      ...(loginProfile ? { console: {} } : {}),
    },
    reasons,
    notes: [...signInNotes(user, suspended), ...held.notes],
  };
}

function signInNotes({ signIn }: User, suspended: boolean): string[] {
  const { accessKeys = [], loginProfile = null } = signIn ?? {};
  const inactive = accessKeys.filter(({ status }) => status !== 'Active');
  if (suspended) {
    return inactive.length < accessKeys.length || loginProfile
      ? ['it is suspended, but has credentials that work: the plan takes their force']
      : [];
  }
  const statuses = inactive.map(({ id, status }) => `access key ${id} is ${status.toLowerCase()}`);
  return statuses.length > 0 ? [`${statuses.join(', ')}: it is declared, and stays so`] : [];
}
