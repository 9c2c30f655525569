import { isObject } from '../core/json.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { kinds } from '../kinds/index.ts';
import base from './schema.json' with { type: 'json' };

/** The JSON Schema of manifests: the parts of all kinds, put into what belongs to no kind. */
export const manifestSchema = kinds.reduce<JsonObject>(
  (whole, { schema }) => merge(whole, schema),
  base,
) as typeof base & JsonObject;

/**
 * The same for editors: with what a schema says under `editors`, patterns that `validate` does not need because it checks
 * the same in better words.
 */
export const publishedSchema = published(manifestSchema) as typeof base & JsonObject;

function published(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(published);
  if (!isObject(schema)) return schema;
  const { editors, ...rest } = schema;
  const entries = Object.entries({ ...rest, ...(isObject(editors) ? editors : {}) });
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'examples' ? value : published(value)]),
  );
}

function merge(whole: JsonObject, part: JsonObject): JsonObject {
  const merged = { ...whole };
  for (const [key, value] of Object.entries(part)) {
    const there = merged[key];
    merged[key] = isObject(there) && isObject(value) ? merge(there, value) : value;
  }
  return merged;
}
