/** Statements in words, one line each, for reviewers. */
import { byText, isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import type { PolicyDocument } from '../core/state.ts';
import { normaliseStatements } from './canonical.ts';
import { awsDefinedName, texts } from './statement.ts';

/** How much of a document a sentence takes: names of one list, values of one condition, characters of one text. */
interface Limits {
  readonly names: number;
  readonly values: number;
  readonly text: number;
}
const brief: Limits = { names: 4, values: 2, text: 200 };
/** For places where no diff shows the rest, and a reviewer must see each name. */
const whole: Limits = { names: Infinity, values: Infinity, text: Infinity };

/** One line of printable text, whatever the document holds. */
export function oneLine(text: string, limit = brief.text): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

function list(items: readonly string[], limit = brief.names, text = brief.text): string {
  const unique = [...new Set(items)].map((item) => oneLine(item, text));
  if (unique.length <= limit + 1) {
    return unique.length < 2 ? unique.join('') : `${unique.slice(0, -1).join(', ')} and ${unique.at(-1)}`;
  }
  return `${unique.slice(0, limit).join(', ')} and ${unique.length - limit} more`;
}

/** `s3:GetObject, s3:PutObject`, or `everything except iam:*` for the inverse element. */
function element(statement: JsonObject, name: 'Action' | 'Resource', limits: Limits): string | null {
  const names = (value: Json): string => list(texts(value) ?? [stableJson(value)], limits.names, limits.text);
  const plain = statement[name];
  if (plain !== undefined) return names(plain);
  const inverse = statement[`Not${name}`];
  if (inverse === undefined) return null;
  const all = name === 'Action' ? 'all actions' : 'all resources';
  return `${all} except ${names(inverse)}`;
}

function who(statement: JsonObject, limits: Limits): string | null {
  const { Principal: plain, NotPrincipal: inverse } = statement;
  const names = (value: Json): string => {
    if (!isObject(value)) return value === '*' ? 'everybody' : oneLine(stableJson(value), limits.text);
    return list(
      Object.entries(value).flatMap(([type, some]) =>
        (texts(some) ?? [stableJson(some)]).map((name) => (type === 'AWS' ? name : `${type} ${name}`)),
      ),
      limits.names,
      limits.text,
    );
  };
  if (plain !== undefined) return names(plain);
  return inverse === undefined ? null : `everybody except ${names(inverse)}`;
}

function conditionTexts(statement: JsonObject, limits: Limits): readonly string[] {
  const condition = statement.Condition;
  if (!isObject(condition)) return [];
  return Object.entries(condition)
    .flatMap(([operator, block]) =>
      isObject(block)
        ? Object.entries(block).map(
            ([key, values]) =>
              `${operator} ${key} ${list(texts(values) ?? [stableJson(values)], limits.values, limits.text)}`,
          )
        : [operator],
    )
    .sort(byText);
}

/** The parts of a sentence about one statement. Null: the statement has no such element. */
interface Parts {
  readonly actions: string;
  readonly resources: string | null;
  readonly principals: string | null;
  readonly conditions: string | null;
}

export function describeParts(statement: JsonObject, limits = brief): Parts {
  const conditions = conditionTexts(statement, limits);
  return {
    actions: element(statement, 'Action', limits) ?? 'no action',
    resources: element(statement, 'Resource', limits),
    principals: who(statement, limits),
    conditions: conditions.length > 0 ? list(conditions, limits.names, limits.text) : null,
  };
}

/** `s3:* on arn:aws:s3:::houdini/* if IpAddress aws:SourceIp`, without the effect. */
export function describeGrant(statement: JsonObject, limits = brief): string {
  const name = awsDefinedName(statement);
  if (name !== undefined) return `what AWS defines as ${name}`;
  const { actions, resources, principals, conditions } = describeParts(statement, limits);
  return [
    actions,
    resources === null ? '' : ` on ${resources}`,
    principals === null ? '' : ` for ${principals}`,
    conditions === null ? '' : ` if ${conditions}`,
  ].join('');
}

/** One sentence per statement with all that it says, such as `allow s3:* on arn:aws:s3:::houdini/*`. */
export function explain(document: PolicyDocument): string[] {
  return normaliseStatements(document, false).map(({ statement }) => {
    if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')) {
      return `unreadable statement ${oneLine(stableJson(statement), whole.text)}`;
    }
    return `${statement.Effect === 'Allow' ? 'allow' : 'deny'} ${describeGrant(statement, whole)}`;
  });
}
