import { currentVersion } from '../../core/policy-language.ts';
import { isObject } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { entryLines } from './yaml.ts';

/** A longer document gets a file of its own. */
const mostLines = 30;

/** Whether a document is easy to read in a manifest. Unusual ones are kept as they are, in a JSON file. */
export const readsWell = (document: PolicyDocument): boolean =>
  isPlain(document) && entryLines('x', brief(document)).length <= mostLines;

/** Only mappings, lists of texts, and texts without line breaks; anything else would be hard to check in YAML. */
function isPlain(value: Json): boolean {
  // eslint-disable-next-line no-control-regex
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

/**
 * A name or path segment as a file name. Characters that IAM allows and file systems do not are written like `%2E`. A
 * leading dot is among them: it would hide the file, and two would lead out of the directory.
 */
export const fileName = (name: string): string =>
  name
    .replace(
      /^\.|[^\w+=,.@-]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replace(/^node_modules$/, 'node%5Fmodules');
