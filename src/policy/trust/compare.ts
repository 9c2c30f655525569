/** When two trust policies mean the same, and what replacing one by another does to who may assume the role. */
import { byText, isObject, stableJson, type Json, type JsonObject } from '../../core/json.ts';
import type { StepClass } from '../../core/plan.ts';
import type { PolicyDocument } from '../../core/state.ts';
import { canonical, hasVariables, normaliseStatements } from '../canonical.ts';
import { compareDocuments, hasAllow, type Comparison } from '../compare.ts';
import type { TakesPrincipal } from '../includes.ts';
import { texts } from '../statement.ts';
import { withoutOrphans, type Place } from './principals.ts';

const fields = new Set(['Effect', 'Principal', 'Action', 'Condition']);

/** Whom a statement that can be taken apart names, as `AWS 123456789012`; null: it cannot. */
function namesOf(statement: JsonObject): string[] | null {
  if (Object.keys(statement).some((field) => !fields.has(field)) || !texts(statement['Action'])) return null;
  const { Principal: principal } = statement;
  if (principal === '*') return ['*'];
  if (!isObject(principal ?? null)) return null;
  const names: string[] = [];
  for (const [type, value] of Object.entries(principal as JsonObject)) {
    const some = texts(value);
    if (!some) return null;
    const isEverybody = (name: string): boolean =>
      type === 'AWS' && name === '*' && statement['Effect'] === 'Allow';
    names.push(...some.map((name) => (isEverybody(name) ? '*' : `${type} ${name}`)));
  }
  return names.length === 0 ? null : names;
}

/**
 * The form in which trusts of the same meaning are deeply equal, and equal as JSON text: as that of other documents, and
 * however principals and actions are spread over statements. For comparison only.
 *
 * An account is the same by its id and by `:root`, and `*` by itself and as `AWS`. What AWS put where a principal was
 * deleted is equal to itself alone.
 */
export function canonicalTrust(document: PolicyDocument): PolicyDocument {
  const whole: Json[] = [];
  /** By effect and conditions, then by principal: the actions. */
  const groups = new Map<string, { readonly of: JsonObject; readonly actions: Map<string, Set<string>> }>();
  for (const { statement } of normaliseStatements(document, true)) {
    const names = isObject(statement) ? namesOf(statement) : null;
    if (!names || !isObject(statement)) {
      whole.push(statement);
      continue;
    }
    const { Principal: _principal, Action: action, ...of } = statement;
    const key = stableJson(of);
    const group = groups.get(key) ?? { of, actions: new Map<string, Set<string>>() };
    groups.set(key, group);
    for (const name of names) {
      const known = group.actions.get(name) ?? new Set<string>();
      group.actions.set(name, known);
      for (const one of texts(action)!) known.add(one);
    }
  }
  const grouped = [...groups.values()].flatMap(({ of, actions }) => {
    const byActions = new Map<string, string[]>();
    for (const [name, some] of actions) {
      const key = stableJson([...some].sort(byText));
      byActions.set(key, [...(byActions.get(key) ?? []), name]);
    }
    return [...byActions].map(([key, names]) => ({
      ...of,
      Principal: [...names].sort(byText),
      Action: JSON.parse(key) as Json,
    }));
  });
  const { Version } = canonical(document);
  const statements = [...whole, ...grouped].map((one) => [stableJson(one), one] as const);
  return {
    ...(hasVariables(document) && Version !== undefined ? { Version } : {}),
    Statement: statements.sort(([a], [b]) => byText(a, b)).map(([, one]) => one),
  };
}

/** Whether a trust can stay as it is. Never true for trusts that IAM would read differently. */
export const sameTrust = (a: PolicyDocument, b: PolicyDocument): boolean =>
  a === b || stableJson(canonicalTrust(a)) === stableJson(canonicalTrust(b));

/**
 * Which principals take others, beside themselves. Of an Allow, `*` takes everybody with an identity of AWS. Another
 * account takes its users, roles and sessions, since their own policies must allow it either way; the account of the role
 * does not, since whom it names itself needs no policy, and whom it lets in through the account does. Of a Deny, `*` alone
 * takes everybody (IAM User Guide, "AWS JSON policy elements: Principal" and "Cross-account policy evaluation logic").
 */
export const takenIn =
  ({ account, partition }: Place): TakesPrincipal =>
  (wide, narrow, effect) => {
    if (effect === 'Deny') return wide.includes('*') || (narrow.startsWith('AWS ') && wide.includes('AWS *'));
    if (narrow === '*' || narrow.startsWith('AWS ')) {
      if (wide.includes('*') || wide.includes('AWS *')) return true;
    }
    const [, own, owner] = /^AWS arn:([^:]+):(?:iam|sts)::(\d{12}):./.exec(narrow) ?? [];
    return own === partition && owner !== account && wide.includes(`AWS ${owner}`);
  };

/**
 * What replacing one trust by another does to who may assume the role, as `compareDocuments` has it. Null: there is none.
 *
 * @param before as IAM has it: an id that stands there for who was deleted lets in nobody.
 */
export const compareTrust = (
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  place: Place,
): Comparison => compareDocuments(before && withoutOrphans(before), after, takenIn(place));

/** When a step that writes, makes or removes a trust may run, by what it does to access. */
export function trustClass(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  place: Place,
): { readonly cls: StepClass } {
  if (!before || !after) return classOfWhole(before, after);
  const { effect, addsDeny, removesDeny } = compareTrust(before, after, place);
  if (effect === 'narrows') return { cls: addsDeny ? 'restrain' : 'revoke' };
  if (effect === 'widens') return { cls: removesDeny ? 'release' : 'grant' };
  return { cls: effect === 'none' ? 'neutral' : 'swap' };
}

/** A trust comes and goes with its role, so that a Deny in it is never there alone. */
function classOfWhole(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
): { readonly cls: StepClass } {
  if (after) return { cls: hasAllow(after) ? 'grant' : 'neutral' };
  return { cls: before && hasAllow(before) ? 'revoke' : 'neutral' };
}
