import { providerArn } from '../../core/arn.ts';
import { limits } from '../../core/limits.ts';
import type { SamlProvider } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { field, place, textOf } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { textPath } from '../reading/documents.ts';
import { readTags } from '../reading/identities.ts';
import { readSection } from '../reading/section.ts';
import type { Declared } from '../reading/section.ts';
import { about } from './about.ts';

/** The `identityProviders.saml` section. A provider without metadata that IAM would take is left out. */
export function readSamlProviders(context: ManifestContext): Map<string, SamlProvider> {
  return readSection(about, ['metadata', 'tags', 'expires'], context, (declared) => {
    const { name, value, ref, what } = declared;
    const counts = context.counts(value, ref, what);
    const tags = readTags(value, ref, context) ?? {};
    const metadata = metadataOf(declared, context);
    if (metadata === null || !counts) return null;
    return { name, metadata, tags, arn: providerArn(about.name, context, name) };
  });
}

/** Why IAM takes a text as no metadata; undefined: it may. Source: IAM API Reference, CreateSAMLProvider. */
export function metadataFault(text: string): string | undefined {
  if (!/<(?:[\w.-]+:)?EntityDescriptor\s/.test(text))
    return 'is no SAML metadata: it has no EntityDescriptor';
  const { leastMetadata: least, mostMetadata: most } = limits;
  return text.length < least || text.length > most
    ? `has ${text.length} characters; IAM takes ${least} to ${most}`
    : undefined;
}

/** Null if it is missing or no metadata, which is reported. */
function metadataOf({ value, what }: Declared, context: ManifestContext): string | null {
  const node = field(value, 'metadata')?.value;
  const written = textOf(node);
  if (!node || written === undefined) return null;
  const path = textPath(node);
  const text = path === null ? written : context.texts.get(path);
  if (text === undefined || text === null) return null;
  const fault = metadataFault(text);
  if (fault === undefined) return text;
  const isFile = path !== null || !written.includes('<');
  context.report.error(
    'bad-metadata',
    place(node),
    path === null && isFile
      ? `"metadata" of ${what} is neither XML nor the path of an XML file: ${quote(written)}`
      : `the metadata of ${what}${path === null ? '' : `, ${quote(written)},`} ${fault}`,
    { hint: 'write metadata: ./okta.xml, a file as the identity provider gives it' },
  );
  return null;
}
