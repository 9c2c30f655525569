import { quote } from '../../core/text.ts';
import type { SamlProvider } from '../../core/state.ts';
import { sortedTags, tagReasons } from '../to-manifest.ts';
import type { ManifestEntry, References } from '../to-manifest.ts';
import { about } from './about.ts';
import { metadataFault } from './manifest.ts';
import { plainMetadata } from './metadata.ts';

export function samlToManifest(
  { name, metadata, tags }: SamlProvider,
  references: References,
): ManifestEntry {
  const text = `${plainMetadata(metadata)}\n`;
  const fault = metadataFault(text);
  const isName = name !== '__proto__' && name.length <= about.limits.name && /^[\w.-]+$/.test(name);
  return {
    value: {
      metadata: references.text(['saml', name], '.xml', text),
      ...(Object.keys(tags).length === 0 ? {} : { tags: sortedTags(tags) }),
    },
    reasons: [
      ...(isName ? [] : [`the name ${quote(name)} cannot be written`]),
      ...(fault === undefined ? [] : [`its metadata: it ${fault}`]),
      ...tagReasons(tags),
    ],
    notes: [],
  };
}
