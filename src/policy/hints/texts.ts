import type { Json, JsonObject } from '../../core/json.ts';
import type { Path } from '../grammar/findings.ts';

/** The texts of an element with their places, whether it is a list or one text. */
export function textsOf(statement: JsonObject, element: string, path: Path): { text: string; path: Path }[] {
  const value = statement[element];
  if (typeof value === 'string') return [{ text: value, path: [...path, element] }];
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((text, index) =>
    typeof text === 'string' ? [{ text, path: [...path, element, index] }] : [],
  );
}
