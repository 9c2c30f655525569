import { isObject, type Json, type JsonObject } from '../core/json.ts';
import { validator } from '../core/validate.ts';
import { manifestSchema } from './schema-parts.ts';

/** Made when rollcall is built (scripts/compiled.mjs). */

/** What editors show, and no message of ours. Below `properties` they are names of keys. */
const shown: ReadonlySet<string> = new Set([
  'description',
  'markdownDescription',
  'examples',
  'default',
  'editors',
]);

/** The schema without what only editors need, which every start would read. */
function bare(schema: Json, areNames = false): Json {
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => areNames || !shown.has(key))
      .map(([key, value]) => [key, bare(value, !areNames && (key === 'properties' || key === '$defs'))]),
  );
}

/** A policy document is a mapping, whatever is in it: the grammar says more of that, in better words. */
function withoutDocuments(schema: JsonObject): JsonObject {
  const { document, statement: _s, actions: _a, resources: _r, ...others } = schema['$defs'] as JsonObject;
  const { type, pattern, patternErrorMessage } = document as JsonObject;
  return { ...schema, $defs: { ...others, document: { type, pattern, patternErrorMessage } as JsonObject } };
}

/** All errors of a manifest. */
export const manifestErrors = validator(withoutDocuments(bare(manifestSchema) as JsonObject), {
  allErrors: true,
});

/** Keys that distinguish a manifest from a policy document. */
export const manifestKeys: readonly string[] = Object.keys(manifestSchema.properties);
