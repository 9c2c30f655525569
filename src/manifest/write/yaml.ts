import type { Json, JsonObject } from '../../core/json.ts';
import type { NewEntry } from '../edit/add.ts';

/** Texts that older YAML readers take for a boolean or for nothing. */
const ambiguous = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Characters that cannot be in a file as they are, or that nobody would see there. */
const hidden =
  /[\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff0-\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** A text as YAML; without quotes if no reader of any version could mistake it for something else. */
export function scalar(text: string): string {
  if (/^[A-Za-z_/][\w./@+=-]*(?::[\w./@+=-]+)*$/.test(text) && !ambiguous.test(text)) return text;
  if (/^[1-9]\d{0,3}d$/.test(text)) return text;
  if (!hidden.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text).replace(
    new RegExp(hidden, 'g'),
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const keyOf = (text: string): string =>
  text.includes(':') ? `'${text.replaceAll("'", "''")}'` : scalar(text);
/** A key as YAML. */
export const keyText = (text: string): string => (hidden.test(text) ? scalar(text) : keyOf(text));

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isMap = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !isList(value);

/** A value on one line. */
export function flow(value: Json): string {
  if (typeof value === 'string') return scalar(value);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, item]) => `${keyText(key)}: ${valueText(key, item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** As people write a day: what older readers make of it shows the same text again. */
const valueText = (key: string, value: Json): string =>
  key === 'expires' && typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : flow(value);

/** Width of a line, with room for indentation. */
const width = 96;

/** Whether a value stays on one line: scalars, short lists of them, and mappings of one or two such. */
function isShort(key: string, value: Json): boolean {
  const flat = (item: Json): boolean => !isMap(item) || Object.keys(item).length === 0;
  const simple =
    (isList(value) && value.every((item) => flat(item) && !isList(item))) ||
    (isMap(value) &&
      Object.keys(value).length <= 2 &&
      Object.values(value).every((item) => flat(item) && (!isList(item) || item.every(flat)))) ||
    (!isList(value) && !isMap(value));
  return simple && ((!isList(value) && !isMap(value)) || key.length + flow(value).length < width);
}

/** `key: value` on as many lines as it takes, without indentation. */
export function entryLines(key: string, value: Json): string[] {
  const name = keyText(key);
  if (isShort(name, value)) return [`${name}: ${valueText(key, value)}`];
  return [`${name}:`, ...contentLines(value).map((line) => `  ${line}`)];
}

function contentLines(value: Json): string[] {
  if (isList(value)) {
    return value.flatMap(itemLines);
  }
  return Object.entries(value as JsonObject).flatMap(([key, item]) => entryLines(key, item));
}

/** `- item` on as many lines as it takes. */
export function itemLines(item: Json): string[] {
  const isEmpty = isList(item) ? item.length === 0 : !isMap(item) || Object.keys(item).length === 0;
  const [first = '', ...rest] = isEmpty ? [flow(item)] : contentLines(item);
  return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
}

/** An entry in both styles, for a file that is new or already there. */
export const yamlEntry = (key: string, value: Json): NewEntry => ({
  key,
  value,
  block: entryLines(key, value),
  flow: `${keyText(key)}: ${flow(value)}`,
});
