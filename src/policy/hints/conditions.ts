import { matches } from '../../core/glob.ts';
import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import { quote } from '../../core/text.ts';
import type { Path } from '../grammar/findings.ts';
import { isEverything } from './actions.ts';
import type { DocumentHints } from './run.ts';
import type { Services } from './services.ts';
import { textsOf } from './texts.ts';
import { misfit } from './values.ts';

/** Warns of keys that no request has which the statement is about, and of values that an operator cannot compare. */
export function checkConditions(statement: JsonObject, path: Path, found: DocumentHints): void {
  const condition = statement['Condition'];
  if (!isObject(condition)) return;
  const services = servicesOf(statement, path, found.run.aws);
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) continue;
    for (const [key, value] of Object.entries(keys)) {
      const at = [...path, 'Condition', operator, key];
      checkKey(key, services, at, found);
      if (Array.isArray(value)) {
        for (const [index, item] of (value as readonly Json[]).entries())
          checkValue(operator, item, [...at, index], found);
      } else checkValue(operator, value, at, found);
    }
  }
}

/** The services of the actions of a statement. None if it is about others as well, or about some that are unknown. */
function servicesOf(statement: JsonObject, path: Path, aws: Services): readonly string[] {
  const actions = textsOf(statement, 'Action', path).map(({ text }) => text);
  const prefixes = [...new Set(actions.map((action) => action.split(':')[0]!.toLowerCase()))];
  return actions.some(isEverything) || prefixes.some((prefix) => !aws.get(prefix)) ? [] : prefixes;
}

function checkKey(key: string, services: readonly string[], path: Path, found: DocumentHints): void {
  const { aws } = found.run;
  const lower = key.toLowerCase();
  const isIn = (keys: readonly string[] = []): boolean =>
    keys.some((known) => matches(known.toLowerCase(), lower));
  if (isIn(aws.globalKeys) || services.some((prefix) => isIn(aws.get(prefix)?.keys))) return;
  const [prefix] = lower.split(':', 1);
  // The keys of identity providers are their own, and of some prefixes not all are known.
  if (/[./]/.test(prefix!) || aws.isKeyPrefix(prefix!)) return;
  const own = aws.get(prefix!)?.keys;
  const isOther = isIn(own);
  if (isOther && services.length === 0) return;
  const message = isOther
    ? `no action beside it has the condition key ${quote(key)}`
    : `AWS has no condition key ${quote(key)}`;
  const candidates = [...aws.globalKeys, ...(own ?? [])];
  const word = key.includes(':') ? key : `aws:${key}`;
  const suggestion = isOther ? undefined : found.run.suggest(`key of ${prefix}`, word, candidates);
  found.warning('policy-condition-key', path, message, { on: 'key', hint: aws.withAge(suggestion) });
}

function checkValue(operator: string, value: Json, path: Path, found: DocumentHints): void {
  const bare = operator.replace(/^(?:ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, '');
  // The grammar takes texts, numbers, true and false.
  if (typeof value === 'object') return;
  const text = String(value);
  const wants = misfit(bare, text);
  if (wants === null) return;
  found.warning('policy-condition-value', path, `${quote(text)} is nothing that ${bare} can compare`, {
    hint: `write ${wants}`,
  });
}
