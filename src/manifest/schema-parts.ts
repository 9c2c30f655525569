import { isObject } from '../core/json.ts';
import type { JsonObject } from '../core/json.ts';
import { kinds } from '../kinds/index.ts';
import base from './schema.json' with { type: 'json' };

/** The JSON Schema of manifests: the parts of all kinds, put into what belongs to no kind. */
export const manifestSchema = kinds.reduce<JsonObject>(
  (whole, { schema }) => merge(whole, schema),
  base,
) as typeof base & JsonObject;

function merge(whole: JsonObject, part: JsonObject): JsonObject {
  const merged = { ...whole };
  for (const [key, value] of Object.entries(part)) {
    const there = merged[key];
    merged[key] = isObject(there) && isObject(value) ? merge(there, value) : value;
  }
  return merged;
}
