/** Statements in words, one line each, for reviewers. */
import { byText, isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { normaliseStatements } from './canonical.ts';
import { texts } from './statement.ts';

/** Longest list of names that is shown in full. */
const listLimit = 4;
/** Longest text taken from a document. */
const textLimit = 200;

/** One line of printable text, whatever the document holds. */
export function oneLine(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return clean.length > textLimit ? `${clean.slice(0, textLimit)}…` : clean;
}

export function list(items: readonly string[], limit = listLimit): string {
  const unique = [...new Set(items)].map(oneLine);
  if (unique.length <= limit + 1) {
    return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
  }
  return `${unique.slice(0, limit).join(', ')} and ${unique.length - limit} more`;
}

/** `s3:GetObject, s3:PutObject`, or `everything except iam:*` for the inverse element. */
function element(statement: JsonObject, name: 'Action' | 'Resource'): string | null {
  const plain = statement[name];
  if (plain !== undefined) return list(texts(plain) ?? [stableJson(plain)]);
  const inverse = statement[`Not${name}`];
  if (inverse === undefined) return null;
  const all = name === 'Action' ? 'all actions' : 'all resources';
  return `${all} except ${list(texts(inverse) ?? [stableJson(inverse)])}`;
}

function who(statement: JsonObject): string | null {
  const { Principal: plain, NotPrincipal: inverse } = statement;
  const names = (value: Json): string => {
    if (!isObject(value)) return value === '*' ? 'everybody' : oneLine(stableJson(value));
    return list(
      Object.entries(value).flatMap(([type, some]) =>
        (texts(some) ?? [stableJson(some)]).map((name) => (type === 'AWS' ? name : `${type} ${name}`)),
      ),
    );
  };
  if (plain !== undefined) return names(plain);
  return inverse === undefined ? null : `everybody except ${names(inverse)}`;
}

function conditionTexts(statement: JsonObject): readonly string[] {
  const condition = statement.Condition;
  if (!isObject(condition)) return [];
  return Object.entries(condition)
    .flatMap(([operator, block]) =>
      isObject(block)
        ? Object.entries(block).map(
            ([key, values]) => `${operator} ${key} ${list(texts(values) ?? [stableJson(values)], 2)}`,
          )
        : [operator],
    )
    .sort(byText);
}

/** The pieces of a sentence about one statement. Null: the statement has no such element. */
export interface Parts {
  readonly actions: string;
  readonly resources: string | null;
  readonly principals: string | null;
  readonly conditions: string | null;
}

export function describeParts(statement: JsonObject): Parts {
  const names = conditionTexts(statement);
  return {
    actions: element(statement, 'Action') ?? 'no action',
    resources: element(statement, 'Resource'),
    principals: who(statement),
    conditions: names.length > 0 ? list(names) : null,
  };
}

/** `s3:* on arn:aws:s3:::houdini/* if IpAddress aws:SourceIp`, without the effect. */
export function describeGrant(statement: JsonObject): string {
  const { actions, resources, principals, conditions } = describeParts(statement);
  return [
    actions,
    resources === null ? '' : ` on ${resources}`,
    principals === null ? '' : ` for ${principals}`,
    conditions === null ? '' : ` if ${conditions}`,
  ].join('');
}

/** One short sentence per statement, such as `allow s3:* on arn:aws:s3:::houdini/*`. */
export function explain(document: PolicyDocument): string[] {
  return normaliseStatements(document, false).map(({ statement }) => {
    if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')) {
      return `unreadable statement ${oneLine(stableJson(statement))}`;
    }
    return `${statement.Effect === 'Allow' ? 'allow' : 'deny'} ${describeGrant(statement)}`;
  });
}
