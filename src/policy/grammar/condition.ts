import { isObject, type Json } from '../../core/json.ts';
import { conditionOperators } from '../../core/policy-language.ts';
import { didYouMean, listWords, quote } from '../../core/text.ts';
import type { Findings, Path } from './findings.ts';

export function checkCondition(condition: Json, path: Path, name: string, found: Findings): void {
  if (!isObject(condition)) {
    found.error('policy-condition', path, `the Condition of ${name} must be a mapping of operators`, {
      hint: 'write Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } }',
    });
    return;
  }
  for (const [operator, keys] of Object.entries(condition)) {
    const at = [...path, operator];
    checkOperator(operator, at, found);
    if (!isObject(keys)) {
      found.error('policy-condition', at, `${quote(operator)} must be a mapping of condition keys to values`);
      continue;
    }
    for (const [key, value] of Object.entries(keys)) {
      for (const [index, item] of (Array.isArray(value) ? (value as readonly Json[]) : [value]).entries()) {
        if (['string', 'number', 'boolean'].includes(typeof item)) continue;
        found.error(
          'policy-condition',
          Array.isArray(value) ? [...at, key, index] : [...at, key],
          `the value of ${quote(key)} must be a string or a list of strings`,
        );
      }
    }
  }
}

function checkOperator(operator: string, path: Path, found: Findings): void {
  const bare = operator.replace(/^(ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, '');
  if (conditionOperators.includes(bare) && operator !== 'NullIfExists') return;
  const otherCase = conditionOperators.find((known) => known.toLowerCase() === bare.toLowerCase());
  if (otherCase !== undefined && bare !== otherCase) {
    found.warning(
      'policy-condition',
      path,
      `the condition operator ${quote(operator)} is spelled with other capitals`,
      { on: 'key', hint: `write ${operator.replace(bare, otherCase)}` },
    );
    return;
  }
  found.error('policy-condition', path, `unknown condition operator ${quote(operator)}`, {
    on: 'key',
    hint:
      didYouMean(bare, conditionOperators) ??
      `there are ${listWords(['StringEquals', 'StringLike', 'Bool', 'IpAddress'], 'and')}, among others; ForAnyValue: or ForAllValues: may come before, IfExists after`,
  });
}
