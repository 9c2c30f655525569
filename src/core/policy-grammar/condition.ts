import { isObject, type Json, type JsonObject } from '../json.ts';
import { conditionOperators } from '../policy-language.ts';
import { isDate } from './date.ts';
import type { Collector, Path } from './findings.ts';

const operators: ReadonlyMap<string, string> = new Map(
  conditionOperators.map((operator) => [operator.toLowerCase(), operator]),
);

export function checkCondition(condition: Json, path: Path, found: Collector): void {
  if (!isObject(condition)) {
    found.add('condition-type', path);
    return;
  }
  for (const [operator, keys] of Object.entries(condition)) {
    const at = [...path, operator];
    const known = spelledOperator(operator);
    if (!isObject(keys)) found.add('operator-type', at, operator);
    // IAM looks up an operator only for what it is to compare.
    const isEmpty = isObject(keys) && Object.keys(keys).length === 0;
    if (known === null)
      found.add(isEmpty ? 'empty-operator' : 'unknown-operator', at, operator, { on: 'key' });
    else if (known !== operator) found.add('operator-case', at, operator, { on: 'key' });
    if (isObject(keys)) checkKeys(keys, at, known?.includes('Date') ?? false, found);
  }
}

/**
 * An operator as the documentation spells it, with `ForAnyValue:` or `ForAllValues:` before and `IfExists` after; null
 * if there is none. Source: IAM User Guide, "IAM JSON policy elements: Condition operators": `IfExists` goes with any
 * but `Null`.
 */
export function spelledOperator(operator: string): string | null {
  const [, set = '', bare = '', exists = ''] =
    /^(forallvalues:|foranyvalue:|)(.*?)(ifexists|)$/.exec(operator.toLowerCase()) ?? [];
  const known = operators.get(bare);
  if (known === undefined || (known === 'Null' && exists !== '')) return null;
  const before = set === '' ? '' : set.startsWith('foran') ? 'ForAnyValue:' : 'ForAllValues:';
  return `${before}${known}${exists === '' ? '' : 'IfExists'}`;
}

function checkKeys(keys: JsonObject, path: Path, areDates: boolean, found: Collector): void {
  for (const [key, value] of Object.entries(keys)) {
    // The issuer of an identity provider stands without its scheme.
    if (/^https?:/i.test(key)) found.add('key-colons', [...path, key], key, { on: 'key' });
    const isList = Array.isArray(value);
    for (const [index, item] of (isList ? (value as readonly Json[]) : [value]).entries()) {
      const at = isList ? [...path, key, index] : [...path, key];
      if (typeof item === 'object') found.add('value-type', at, key);
      else if (areDates && !isDate(item)) found.add('date', at, String(item));
    }
  }
}
