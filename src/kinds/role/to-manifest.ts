import { limits } from '../../core/limits.ts';
import type { Role } from '../../core/state.ts';
import { shortProfile } from '../instance-profile/to-manifest.ts';
import { nameReasons, policiesToManifest, policyReference, sortedTags, tagReasons } from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';
import { isAwsName } from './aws-roles.ts';
import { revocationIn, withoutRevocation } from './revocation.ts';
import { trustToManifest } from './trust-to-manifest.ts';

export function roleToManifest(role: Role, references: References): ManifestEntry {
  const profile = shortProfile(role.name, references);
  const policies = withoutRevocation(role.policies);
  const held = policiesToManifest(about, { ...role, policies }, references);
  const trust = trustToManifest(role, references);
  const boundary = role.boundary === null ? null : policyReference(role.boundary, references);
  const { description = '', maxSession = limits.shortestRoleSession } = role;
  return {
    value: {
      ...(role.path === '/' ? {} : { path: role.path }),
      ...(description === '' ? {} : { description }),
      ...(maxSession === limits.shortestRoleSession ? {} : { maxSession: durationText(maxSession) }),
      trust: trust.value,
      ...held.value,
      ...(boundary === null ? {} : { boundary }),
      ...(Object.keys(role.tags).length === 0 ? {} : { tags: sortedTags(role.tags) }),
      ...(profile === undefined ? {} : { instanceProfile: profile }),
    },
    reasons: [
      ...(role.boundary !== null && boundary === null
        ? [`its boundary ${role.boundary} has no name in manifests`]
        : []),
      ...nameReasons(role, about.limits.name),
      ...(isAwsName(role.name)
        ? ['its name is one that AWS gives, and its path is not: somebody else made it']
        : []),
      ...tagReasons(role.tags),
      ...trust.reasons,
      ...held.reasons,
    ],
    notes: [
      ...held.notes,
      ...(revocationIn(role.policies)
        ? ['its older sessions are revoked: that is not declared, and goes once none of them is left']
        : []),
    ],
  };
}

/** As manifests write it: `1h`, `90m`, `3601s`. */
export const durationText = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
