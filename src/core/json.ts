/** Plain JSON data, as in manifests, plans and policy documents. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Text order by UTF-16 code unit: the same on every machine and locale, unlike `localeCompare`. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The keys of a record in text order. */
export const sortedKeys = (record: object): string[] => Object.keys(record).sort(byText);

/** The value of a record's own key. The key may be any name, such as `constructor`, which every object inherits. */
export const own = <T>(record: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** The value at a path of own keys, or undefined. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) at = isObject(at) ? own(at, key) : undefined;
  return at;
}

/** The keys in a JSON Pointer (RFC 6901). */
export const pointerKeys = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** JSON with sorted keys and no white space: equal values give equal bytes. */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = sortedKeys(value)
    .map((key) => [key, (value as Record<string, unknown>)[key]] as const)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `${JSON.stringify(key)}:${stableJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** No JSON of IAM, CloudTrail, GitHub or rollcall is nested deeper. */
const deepest = 100;

/**
 * `JSON.parse` for other people's text. Code that walks the value recurses once per level, so a deeply nested text of
 * a few hundred kilobytes could end the process.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth > deepest) throw new SyntaxError(`it is nested deeper than ${deepest} levels`);
  }
  return JSON.parse(text) as Json;
}

/** A scalar as it is, anything else as JSON. */
export const scalarText = (value: Json): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);
