import type { OidcProvider } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { sortedTags, tagReasons } from '../to-manifest.ts';
import type { ManifestEntry } from '../to-manifest.ts';
import { about } from './about.ts';
import { urlFault } from './manifest.ts';

/** Without thumbprints: where no file has them, AWS keeps them by itself. */
export function oidcToManifest({ name, audiences, tags }: OidcProvider): ManifestEntry {
  const fault =
    name === '__proto__' || name.length > about.limits.name ? 'it cannot be written' : urlFault(name)?.fault;
  return {
    value: {
      audiences,
      ...(Object.keys(tags).length === 0 ? {} : { tags: sortedTags(tags) }),
    },
    reasons: [...(fault === undefined ? [] : [`the URL ${quote(name)}: ${fault}`]), ...tagReasons(tags)],
    notes: [],
  };
}
