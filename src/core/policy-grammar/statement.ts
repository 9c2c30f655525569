import { isObject, type Json, type JsonObject } from '../json.ts';
import { checkAction } from './action.ts';
import { checkCondition } from './condition.ts';
import type { Collector, Path, Scope } from './findings.ts';
import { checkResource } from './resource.ts';
import { checkTrustStatement } from './trust.ts';

const principals = ['Principal', 'NotPrincipal'];
/** Of identity policies. */
export const statementElements: readonly string[] = [
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];

export function checkStatement(statement: Json, path: Path, scope: Scope): void {
  const { found, use } = scope;
  if (!isObject(statement)) {
    found.add('statement-type', path);
    return;
  }
  for (const key of Object.keys(statement)) {
    if (statementElements.includes(key)) continue;
    if (!principals.includes(key)) found.add('unknown-element', [...path, key], key, { on: 'key' });
    else if (use !== 'trust') found.add('principal', [...path, key], key, { on: 'key' });
  }
  checkSid(statement['Sid'], [...path, 'Sid'], scope);
  checkEffect(statement['Effect'], path, found);
  checkTexts(statement, path, 'Action', scope, (text, at) => checkAction(text, at, found));
  checkTexts(statement, path, 'Resource', scope, (text, at) => checkResource(text, at, scope));
  if (use === 'trust') {
    checkBoth(statement, path, principals, found);
    checkTrustStatement(statement, path, scope);
  }
  if (statement['Condition'] !== undefined)
    checkCondition(statement['Condition'], [...path, 'Condition'], found);
}

/**
 * Letters and digits are documented, and IAM has refused hyphens and white space by saying so. The table of documents
 * has it take an underscore.
 */
function checkSid(sid: Json | undefined, path: Path, { sids, found }: Scope): void {
  // An empty Sid counts as none.
  if (sid === undefined || sid === '') return;
  if (typeof sid !== 'string') {
    found.add('sid-type', path);
    return;
  }
  if (!/^\w+$/.test(sid)) {
    found.add('sid-characters', path, sid);
    return;
  }
  if (sid.includes('_')) found.add('sid-underscore', path, sid);
  const first = sids.get(sid);
  if (first) found.add('sid-twice', path, sid, { first });
  else sids.set(sid, path);
}

/** IAM reads `allow` and then refuses it in another way than what is no effect at all. */
function checkEffect(effect: Json | undefined, path: Path, found: Collector): void {
  if (effect === undefined) found.add('no-effect', path, 'Effect');
  else if (typeof effect !== 'string' || !/^(?:allow|deny)$/i.test(effect))
    found.add('unknown-effect', [...path, 'Effect'], typeof effect === 'string' ? effect : '');
  else if (effect !== 'Allow' && effect !== 'Deny') found.add('effect-case', [...path, 'Effect'], effect);
}

/** Not both of an element and its Not…. Gives those that are there. */
function checkBoth(
  statement: JsonObject,
  path: Path,
  elements: readonly string[],
  found: Collector,
): readonly string[] {
  const keys = elements.filter((key) => statement[key] !== undefined);
  const [first, second] = keys;
  if (second !== undefined)
    found.add('both-elements', [...path, second], second, { on: 'key', first: [...path, first!] });
  return keys;
}

/** Exactly one of an element and its Not… must be there, with at least one text. */
function checkTexts(
  statement: JsonObject,
  path: Path,
  element: 'Action' | 'Resource',
  { found, use }: Scope,
  check: (text: string, path: Path) => void,
): void {
  const missing = element === 'Action' ? 'no-action' : 'no-resource';
  const keys = checkBoth(statement, path, [element, `Not${element}`], found);
  // What a trust policy has to say of resources is nothing.
  if (element === 'Resource' && use === 'trust') return;
  if (keys.length === 0) found.add(missing, path, element);
  for (const key of keys) {
    const value = statement[key]!;
    const isList = Array.isArray(value);
    const list = isList ? (value as readonly Json[]) : [value];
    let texts = 0;
    for (const [index, item] of list.entries()) {
      const at = isList ? [...path, key, index] : [...path, key];
      if (typeof item === 'string') check(item, at);
      else if (item === null && isList && element === 'Resource') {
        // IAM passes over null between resources, as moto's table has it.
        found.add('null-resource', at, key);
        continue;
      } else found.add('texts-type', at, key);
      texts += 1;
    }
    if (texts === 0) found.add(missing, [...path, key], key);
  }
}
