import { isObject } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { manifestSchema } from '../schema-parts.ts';

/** Made when rollcall is built (scripts/compiled.mjs). */

/** In what order the keys of a mapping stand. */
export interface KeyOrder {
  /** Known keys, in order; of a mapping of names none. */
  readonly keys: readonly string[];
  /** What is below a key. */
  readonly of: { readonly [key: string]: KeyOrder | null };
  /** What is below each name. */
  readonly each: KeyOrder | null;
  /** What is in a list. */
  readonly items: KeyOrder | null;
}

/** The order of the schema, which is that in which import writes. Null: as it is, as in policy documents. */
export const keyOrder: KeyOrder = orderOf(manifestSchema)!;

function orderOf(node: Json | undefined): KeyOrder | null {
  if (!isObject(node)) return null;
  const { $ref } = node;
  if ($ref === '#/$defs/document' || $ref === '#/$defs/trust' || $ref === '#/$defs/extra') return null;
  if (typeof $ref === 'string')
    return orderOf(
      (manifestSchema as JsonObject & { $defs: JsonObject }).$defs[$ref.slice('#/$defs/'.length)],
    );
  const properties = isObject(node['properties']) ? node['properties'] : {};
  const keys = Object.keys(properties);
  const each = orderOf(node['additionalProperties']);
  const items = orderOf(node['items']);
  return {
    keys,
    of: Object.fromEntries(keys.map((key) => [key, orderOf(properties[key])])),
    each,
    items,
  };
}
