import type { InstanceProfile } from '../../core/state.ts';
import { nameOf, nameReasons, sortedTags, tagReasons } from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';

/**
 * What `instanceProfile` of a role says of a profile, where that is all that there is to say: true where both have one
 * name. Undefined: the profile stands in its own section, or nobody has read the account's profiles.
 *
 * @param name of the role.
 */
export function shortProfile(
  name: string,
  { live, declared, isLeftOut }: Pick<References, 'live' | 'declared' | 'isLeftOut'>,
): true | string | undefined {
  const own = [...live.instanceProfiles.values()]
    .filter(({ role }) => role === name)
    .filter((one) => declared(about.name, one.name) === undefined && !isLeftOut(about.name, one.name));
  const plain = own.filter(({ path, tags = {} }) => path === '/' && Object.keys(tags).length === 0);
  const found = plain.find((one) => one.name === name) ?? plain[0];
  return found && (found.name === name ? true : found.name);
}

export function profileToManifest(profile: InstanceProfile, references: References): ManifestEntry {
  const { path, role, tags = {} } = profile;
  const badTags = tagReasons(tags);
  const isImplied =
    role !== null &&
    references.declared('role', role) === undefined &&
    !references.isLeftOut('role', role) &&
    shortProfile(role, references) === (profile.name === role ? true : profile.name);
  const named = role === null ? null : (nameOf('role', role, references) ?? role);
  return {
    value: {
      ...(path === '/' ? {} : { path }),
      ...(named === null ? {} : { role: named }),
      ...(Object.keys(tags).length === 0 || badTags.length > 0 ? {} : { tags: sortedTags(tags) }),
    },
    reasons: nameReasons(profile, about.limits.name),
    // Tags are compared only where they are declared.
    ...(isImplied ? { isImplied } : {}),
    notes: badTags.map((bad) => `${bad}: its tags are not written`),
  };
}
