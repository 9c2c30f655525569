/**
 * What the manifests say otherwise than those of the base, and no call of the plan carries out: when things expire, how
 * far plans may go, what is ruled over, who gets new secrets. What the plan's changes tell as well is told there.
 */
import type { Base, Desired, Expiring, Rails } from '../../core/desired.ts';
import { formatLocation } from '../../core/errors.ts';
import { byText, stableJson } from '../../core/json.ts';
import type { Json } from '../../core/json.ts';
import { NameMap, nameKey, sameName } from '../../core/names.ts';
import type { Effect } from '../../core/plan.ts';
import { unsetRemovals } from '../../core/rails.ts';
import { objectOf, objectRef, parseRef, partRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState } from '../../core/state.ts';
import type { AnyChange } from '../../kinds/change.ts';
import { kinds } from '../../kinds/index.ts';
import type { Rule } from '../../kinds/rule.ts';
import { scopeRules } from './scope.ts';
import { settled } from './settled.ts';
import { toldBy } from './told.ts';
import type { Told } from './told.ts';

export interface RulesInput {
  readonly before: Desired;
  readonly after: Desired;
  readonly base: Base;
  /** Under the names that objects have now. */
  readonly account: AccountState;
  /** Under the names that they will have. */
  readonly live: AccountState;
  readonly now: Date;
  readonly changes: readonly AnyChange[];
  /** Who can act by what a reference names: the members of a group. */
  readonly affected: (ref: Ref) => readonly Ref[];
  /** Dangers of somebody after the plan, by code. */
  readonly dangersOf: (principal: Ref) => readonly string[];
}

/** Those first that are looser, and of them those that somebody dangerous gains by. */
export function changedRules(input: RulesInput): Rule[] {
  // Where there were no manifests, no rule was another.
  if (input.before.files.length === 0) return [];
  const told = toldBy(input.changes);
  const ends = expiryRules(input, told);
  const ended = new Set(ends.map(({ key = '' }) => nameKey(key)));
  const rules = [
    ...ends,
    ...railRules(input.before.rails, input.after.rails),
    ...scopeRules(input, told),
    ...settled(input, (ref) => told(ref) || ended.has(nameKey(ref))),
    ...objectRules(input, told),
  ];
  return rules
    .map((rule) => placed(withDangers(rule, input), input))
    .sort((a, b) => rank(a) - rank(b) || byText(a.id, b.id));
}

const ranks: { readonly [effect in Effect]: number } = { widens: 1, unclear: 2, narrows: 3, none: 4 };
const rank = ({ effect, dangers }: Rule): number => (dangers ? 0 : ranks[effect]);

/** When something ends (null: never), and whether it has; null: it is not declared. */
function endIn({ sources, expiring }: Desired): (ref: Ref) => { at: string | null; over: boolean } | null {
  const declared = new NameMap(sources);
  const ends = new NameMap<Expiring[]>();
  for (const one of expiring) ends.set(one.ref, [...(ends.get(one.ref) ?? []), one]);
  return (ref) => {
    const all = ends.get(ref) ?? [];
    if (all.length === 0) return declared.has(ref) ? { at: null, over: false } : null;
    // What two sides declare lasts as long as the later one says.
    if (all.some(({ lasts }) => lasts)) return { at: null, over: false };
    const [last] = [...all].sort((a, b) => byText(b.at, a.at));
    return { at: last!.at, over: last!.expired };
  };
}

function expiryRules({ before, after }: RulesInput, told: Told): Rule[] {
  const [was, is] = [endIn(before), endIn(after)];
  const refs = new NameMap([...before.expiring, ...after.expiring].map(({ ref }) => [ref, ref] as const));
  return refs.values().flatMap((ref): Rule[] => {
    const [from, to] = [was(ref), is(ref)];
    if (!from || !to || from.at === to.at) return [];
    // It comes or goes by it, and so the plan says.
    if (from.over !== to.over && told(ref)) return [];
    const [early, late] = [from, to].map(({ at }) => at ?? '~');
    const effect = from.over && to.over ? 'none' : late! > early! ? 'widens' : 'narrows';
    const [id, of] = [partRef(ref, 'expires'), [objectOf(ref)]];
    return [{ id, rule: 'expiry', of, key: ref, before: from.at, after: to.at, effect }];
  });
}

function railRules(before: Rails, after: Rails): Rule[] {
  const keys = (pick: (rails: Rails) => object): string[] =>
    [...new Set([before, after].flatMap((rails) => Object.keys(pick(rails))))].sort(byText);
  const rail = (
    rule: Rule['rule'],
    key: string,
    was: Json,
    is: Json,
    effect: Effect,
    of: Ref[] = [],
  ): Rule[] =>
    stableJson(was) === stableJson(is)
      ? []
      : [{ id: ['rails', rule, key].join('/'), rule, of, key, before: was, after: is, effect }];
  const larger = (was: number, is: number): Effect => (is > was ? 'widens' : is < was ? 'narrows' : 'none');
  return [
    ...keys(({ maxRemovals }) => maxRemovals).flatMap((key) => {
      const [was, is] = [before, after].map(({ maxRemovals }) => maxRemovals[key] ?? null);
      const unset = unsetRemovals(key);
      return rail('max-removals', key, was!, is!, larger(was ?? unset, is ?? unset));
    }),
    ...keys(({ protect }) => protect).flatMap((section) => {
      const [was = [], is = []] = [before, after].map(({ protect }) => protect[section] ?? []);
      const [gone, come] = [without(was, is), without(is, was)];
      const kind = kinds.find((one) => one.section === section)!.name;
      const of = [...gone, ...come].map((name) => objectRef(kind, name));
      if (of.length === 0) return [];
      return rail('protect', section, was, is, gone.length > 0 ? 'widens' : 'narrows', of);
    }),
    ...keys(({ minMembers }) => minMembers).flatMap((group) => {
      const [was, is] = [before, after].map(({ minMembers }) => minMembers[group] ?? null);
      return rail('min-members', group, was!, is!, larger(-(was ?? 0), -(is ?? 0)));
    }),
    ...denyRules(before, after).flatMap(({ danger, was, is, effect }) =>
      rail('deny', danger, was, is, effect, [
        ...without(was ?? [], is ?? []),
        ...without(is ?? [], was ?? []),
      ]),
    ),
  ];
}

/** Names that the other list does not have, in any spelling. */
const without = (names: readonly string[], others: readonly string[]): string[] =>
  names.filter((name) => !others.some((other) => sameName(other, name)));

interface DenyRule {
  readonly danger: string;
  /** Who is excepted; null: it is not denied. */
  readonly was: readonly Ref[] | null;
  readonly is: readonly Ref[] | null;
  readonly effect: Effect;
}

/** Whoever is denied everything else is denied to be an administrator, until something is said of administrators. */
function denyRules(before: Rails, after: Rails): DenyRule[] {
  const [was, is] = [before, after].map(({ deny }) => new Map(deny.map((one) => [one.danger, one.except])));
  return [...new Set([...was!.keys(), ...is!.keys()])].sort(byText).map((danger) => {
    const [from, to] = [was!.get(danger) ?? null, is!.get(danger) ?? null];
    const [more, fewer] = [without(to ?? [], from ?? []), without(from ?? [], to ?? [])];
    const alone = before.deny.length + after.deny.length === 1;
    if (to === null) return { danger, was: from, is: to, effect: 'widens' };
    if (from === null)
      return { danger, was: from, is: to, effect: to.length > 0 && !alone ? 'unclear' : 'narrows' };
    return {
      danger,
      was: from,
      is: to,
      effect: more.length > 0 ? 'widens' : fewer.length > 0 ? 'narrows' : 'none',
    };
  });
}

function objectRules({ before, after }: RulesInput, told: Told): Rule[] {
  const all = kinds.flatMap((kind) => {
    if (!kind.rules) return [];
    const was = new NameMap(kind.of(before.state));
    return [...kind.of(after.state)].flatMap(([name, object]) => {
      const { renamedFrom = name } = object as { readonly renamedFrom?: string };
      const earlier = was.get(name) ?? was.get(renamedFrom);
      if (earlier === undefined) return [];
      const ref = objectRef(kind.name, name);
      return kind.rules!(earlier, object)
        .filter(({ toldBy = [] }) => !told(ref) && !toldBy.some((aspect) => told(partRef(ref, aspect))))
        .map(({ part, toldBy: _told, ...rule }): Rule => ({
          id: partRef(ref, ...part),
          of: [ref],
          key: part.join('.'),
          ...rule,
        }));
    });
  });
  return together(all);
}

/** One line for a setting of all: it is the same of everybody. */
function together(rules: readonly Rule[]): Rule[] {
  const groups = new Map<string, Rule[]>();
  for (const rule of rules) {
    const key = rule.rule === 'service-credentials' ? stableJson([rule.rule, rule.after]) : rule.id;
    groups.set(key, [...(groups.get(key) ?? []), rule]);
  }
  return [...groups.values()].map((group) => ({ ...group[0]!, of: group.flatMap(({ of }) => of) }));
}

/** Who can do what nobody should overlook, where a looser rule is about them. */
function withDangers(rule: Rule, { affected, dangersOf }: RulesInput): Rule {
  if (rule.effect === 'narrows' || rule.effect === 'none') return rule;
  const about = rule.out ?? rule.of;
  const people = new Set(about.flatMap(affected));
  const dangers = [...people].flatMap((principal) =>
    dangersOf(principal)
      .slice(0, 1)
      .map((code) => ({ principal, code })),
  );
  return dangers.length > 0 ? { ...rule, dangers } : rule;
}

/** Where the manifests say so; of what they do not say any more, where they did. */
function placed(rule: Rule, { before, after }: RulesInput): Rule {
  if (rule.at !== undefined) return rule;
  const { kind, name, part } = parseRef(rule.key?.includes(':') === true ? rule.key : rule.id);
  if (name === '') return rule;
  for (const { sources } of [after, before]) {
    const places = new NameMap(sources);
    for (let length = part.length; length >= 0; length -= 1) {
      const at = places.get(partRef(objectRef(kind, name), ...part.slice(0, length)));
      if (at) return { ...rule, at: formatLocation(at) };
    }
  }
  return rule;
}
