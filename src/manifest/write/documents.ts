import { isObject } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { currentVersion, earlierVersion } from '../../core/policy-language.ts';
import { hasVariables } from '../../policy/canonical.ts';
import { checkDocument } from '../../policy/grammar/index.ts';
import type { DocumentUse } from '../../policy/grammar/index.ts';
import { entryLines } from './yaml.ts';

/** A longer document gets a file of its own. */
const mostLines = 30;

/** A live document as a manifest must say it to mean the same; or why no manifest can. */
export function documentToManifest(
  live: PolicyDocument,
  use: DocumentUse,
):
  | { readonly document: PolicyDocument; readonly reason?: never }
  | { readonly document?: never; readonly reason: string } {
  // Without a version, IAM assumes that of 2008, in which variables are plain text.
  const document =
    live['Version'] === undefined && hasVariables(live) ? { Version: earlierVersion, ...live } : live;
  const issue = checkDocument(document, use).find(({ severity }) => severity === 'error');
  if (issue) return { reason: issue.message };
  const odd = unreadable(document);
  return odd === null ? { document } : { reason: odd };
}

/** Why the readers of manifests would refuse the document; null if they would not. */
function unreadable(value: Json): string | null {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `the number ${value} is not exact`;
  if (Array.isArray(value))
    return (value as readonly Json[]).map(unreadable).find((reason) => reason !== null) ?? null;
  if (!isObject(value)) return null;
  if (Object.hasOwn(value, '__proto__')) return `the key ${quote('__proto__')} cannot be written`;
  return (
    Object.values(value)
      .map(unreadable)
      .find((reason) => reason !== null) ?? null
  );
}

/** Whether a document is easy to read in a manifest. Unusual ones are kept as they are, in a JSON file. */
export const readsWell = (document: PolicyDocument): boolean =>
  isPlain(document) && entryLines('x', brief(document)).length <= mostLines;

/** Only mappings, lists of texts, and texts without line breaks; anything else would be hard to check in YAML. */
function isPlain(value: Json): boolean {
  if (typeof value === 'string') return !/[\u0000-\u001f]/.test(value);
  if (Array.isArray(value)) return (value as readonly Json[]).every(isPlain);
  return (
    isObject(value) &&
    Object.entries(value).every(
      ([key, item]) => key !== '' && key.length <= 200 && isPlain(key) && isPlain(item),
    )
  );
}

/** The document without the version that manifests assume anyway. */
export function brief(document: PolicyDocument): PolicyDocument {
  if (document['Version'] !== currentVersion) return document;
  const { Version: _version, ...rest } = document;
  return rest;
}
