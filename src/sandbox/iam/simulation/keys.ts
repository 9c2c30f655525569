import { isObject, parseJson, type Json } from '../../../core/json.ts';
import { currentVersion, statementsOf } from '../../../core/policy-language.ts';

/** The condition keys that a document asks for, in conditions and as policy variables, as it spells them. */
export function keysIn(document: string): readonly string[] {
  const parsed = parseJson(document);
  if (!isObject(parsed)) return [];
  return statementsOf(parsed)
    .filter(isObject)
    .flatMap(({ Condition: condition = {}, Resource: some = [], NotResource: others = [] }) => {
      const blocks = isObject(condition) ? Object.values(condition).filter(isObject) : [];
      const patterns = [some, others, ...blocks.flatMap((keys) => Object.values(keys))].flatMap(texts);
      const variables = parsed['Version'] === currentVersion ? patterns.flatMap(variablesIn) : [];
      return [...blocks.flatMap((keys) => Object.keys(keys)), ...variables];
    });
}

const texts = (value: Json): readonly string[] =>
  (Array.isArray(value) ? (value as readonly Json[]) : [value]).filter((item) => typeof item === 'string');

/** Names in `${…}`; those without a colon are escapes, such as `${*}`. */
const variablesIn = (text: string): string[] =>
  [...text.matchAll(/\$\{([^{}$]*)\}/g)]
    .map(([, inner]) => inner!.split(',')[0]!.trim())
    .filter((name) => name.includes(':'));
