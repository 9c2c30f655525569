import { limits } from '../../core/limits.ts';
import type { ManagedPolicy } from '../../core/state.ts';
import { withVersion } from '../../policy/grammar/index.ts';
import { documentSize } from '../../policy/index.ts';
import { documentToManifest, nameReasons, sortedTags, tagReasons } from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';

/** Narrower than other paths. Source: the IAM API's type policyPathType. */
const policyPath = /^\/(?:[\w.,+@=-]+\/)*$/;

export function policyToManifest(policy: ManagedPolicy, references: References): ManifestEntry {
  const { document, reason } = documentToManifest(policy.document, 'managed', references.live.partition);
  const size = document && documentSize(withVersion(document));
  const tags = policy.tags ?? {};
  const badTags = tagReasons(tags);
  return {
    value: {
      ...(policy.path === '/' ? {} : { path: policy.path }),
      ...(policy.description ? { description: policy.description } : {}),
      ...(Object.keys(tags).length === 0 || badTags.length > 0 ? {} : { tags: sortedTags(tags) }),
      ...(document ? { document: references.document(['policies', policy.name], document) } : {}),
    },
    reasons: [
      ...nameReasons(policy, about.limits.name, policyPath),
      ...(reason === undefined ? [] : [`its document: ${reason}`]),
      ...(size !== undefined && size > limits.managedPolicy
        ? [`its document has ${size} characters; a manifest may have ${limits.managedPolicy}`]
        : []),
    ],
    // Tags are compared only where they are declared.
    notes: badTags.map((bad) => `${bad}: its tags are not written`),
  };
}
