import { providerArn } from '../../core/arn.ts';
import { byText } from '../../core/json.ts';
import type { OidcProvider } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { field, itemsOf, place, textOf } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { readTags } from '../reading/identities.ts';
import { Duplicates, readSection } from '../reading/section.ts';
import type { Declared } from '../reading/section.ts';
import { about } from './about.ts';

/** The `identityProviders.oidc` section. */
export function readOidcProviders(context: ManifestContext): Map<string, OidcProvider> {
  return readSection(about, ['audiences', 'thumbprints', 'tags', 'expires'], context, (declared) => {
    const { name, value, ref, what } = declared;
    const counts = context.counts(value, ref, what);
    checkUrl(declared, context);
    const thumbprints = field(value, 'thumbprints') && readList(declared, 'thumbprints', context);
    const provider: OidcProvider = {
      name,
      audiences: readList(declared, 'audiences', context),
      ...(thumbprints ? { thumbprints: thumbprints.map((one) => one.toLowerCase()).sort(byText) } : {}),
      tags: readTags(value, ref, context) ?? {},
      arn: providerArn(about.name, context, name),
    };
    return counts ? provider : null;
  });
}

/** In text order, each once. */
function readList({ value }: Declared, key: 'audiences' | 'thumbprints', context: ManifestContext): string[] {
  const duplicates = new Duplicates(context);
  return itemsOf(field(value, key)?.value)
    .flatMap((item) => {
      const text = textOf(item);
      if (text === undefined) return [];
      const id = key === 'thumbprints' ? text.toLowerCase() : text;
      return duplicates.isNew(id, item, quote(text)) ? [text] : [];
    })
    .sort(byText);
}

/** What IAM takes as the URL of a provider. Source: IAM API Reference, CreateOpenIDConnectProvider. */
export const urlFault = (name: string): { readonly fault: string; readonly write?: string } | undefined => {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(name)?.[0];
  if (scheme !== undefined) {
    const rest = name.slice(scheme.length);
    return scheme.toLowerCase() === 'https://'
      ? { fault: 'IAM calls a provider by its URL without https://', write: rest }
      : { fault: `IAM takes only https:// addresses, and not ${scheme}`, write: rest };
  }
  const [bare = ''] = name.split(/[?#]/, 1);
  if (bare !== name) return { fault: 'the URL of a provider has no query and no fragment', write: bare };
  const [host = ''] = name.split('/', 1);
  if (host !== host.toLowerCase())
    return {
      fault: 'the name of a host has small letters only in tokens',
      write: `${host.toLowerCase()}${name.slice(host.length)}`,
    };
  return /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?(?:\/[\u0021-\u007e]*)?$/.test(name)
    ? undefined
    : { fault: 'it is not a URL without https://' };
};

function checkUrl({ name, at }: Declared, { report }: ManifestContext): void {
  const found = urlFault(name);
  if (!found) return;
  report.error('bad-name', place(at), `${quote(name)} is not a provider: ${found.fault}`, {
    hint: `write ${found.write || 'its host and path, such as token.actions.githubusercontent.com'}`,
  });
}
