/** Gains as statements, with no more in them than what is gained. */
import { isObject, stableJson, type Json, type JsonObject } from '../core/json.ts';
import { briefOf, type Brief } from '../policy/describe.ts';
import { mayOverlap, narrower } from '../policy/glob.ts';
import { spelling, type Grant, type Matcher, type Statement } from '../policy/statement.ts';
import type { Gain } from './compare.ts';
import { isWithin } from './regions.ts';
import { numberOf, remember } from './remember.ts';

type Gains<Origin> = readonly [Gain<Origin>, ...Gain<Origin>[]];

/** Gains that one sentence tells. */
interface Told<Origin> {
  readonly brief: Brief;
  readonly gains: Gains<Origin>;
}

/**
 * Gains by the statement that gives them, the Deny that kept them out and the statement of the boundary that they lie in,
 * in the order of the statements; what would read the same is one.
 */
export function tellGains<Origin>(gains: readonly Gain<Origin>[]): Told<Origin>[] {
  const wholes = gains.filter(({ isPart }) => !isPart);
  const groups = gathered(wholes.length > 0 ? wholes : gains, ({ by, deny, within }) =>
    [by, deny, within].map((part) => (part ? numberOf(part) : 0)).join(),
  );
  const told = groups.map((group): Told<Origin> => ({ brief: briefOfGains(group), gains: group }));
  if (!gains.some(({ within }) => within)) return told;
  return gathered(told, ({ brief, gains: [{ by, deny }] }) =>
    stableJson([numberOf(by), deny ? numberOf(deny) : 0, brief]),
  ).map(([first, ...more]) => ({
    ...first,
    gains: [...first.gains, ...more.flatMap((one) => one.gains)] as const,
  }));
}

function gathered<T>(items: readonly T[], keyOf: (item: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

const briefs = new WeakMap<Statement, Map<string, Brief>>();

/** What of one statement is gained, as a sentence takes it. */
function briefOfGains(gains: Gains<unknown>): Brief {
  const [{ by, deny, within }] = gains;
  const limits = [deny, within].map((limit) => (limit ? numberOf(limit) : 0));
  const key = [...gains.map(({ region }) => numberOf(region)), ...limits].join();
  return remember(briefs, by.statement, key, () => makeBrief(gains));
}

function makeBrief(gains: Gains<unknown>): Brief {
  const [{ by, deny, within }] = gains;
  const { statement } = by;
  if (!statement.readable) return briefOf(statement.source);
  const limits = [deny, within].filter((limit): limit is Grant => limit?.readable === true);
  const spell = inTheWordsOf([statement, ...limits]);
  const fields: Record<string, Json> = { Effect: statement.effect, ...conditionsOf(statement, within) };
  for (const [of, name] of [
    ['actions', 'Action'],
    ['resources', 'Resource'],
  ] as const) {
    const matcher = limits.reduce<Matcher | null>((wide, limit) => narrowed(wide, limit[of]), statement[of]);
    if (!matcher) continue;
    const { not, patterns } = matcher;
    const kept = not ? [] : patterns.filter((glob) => gains.some(({ region }) => isWithin(region, glob, of)));
    const globs = kept.length > 0 ? kept : patterns;
    fields[`${not ? 'Not' : ''}${name}`] = globs.map(({ source }) =>
      of === 'actions' ? spell(source) : source,
    );
  }
  return briefOf(fields);
}

/** Of `*` that a Deny of `s3:Delete*` kept out, or that lies within a boundary of it, it is that; where that cannot be said, all. */
function narrowed(wide: Matcher | null, limit: Matcher | null): Matcher | null {
  if (!wide || !limit || (wide.not && limit.not)) return wide;
  if (limit.not) return wide.patterns.every(({ source }) => source === '*') ? limit : wide;
  if (wide.not) {
    const isApart = limit.patterns.every((one) => wide.patterns.every((other) => !mayOverlap(one, other)));
    return isApart ? limit : wide;
  }
  const patterns = narrower(wide.patterns, limit.patterns);
  return patterns.length > 0 ? { not: false, patterns } : wide;
}

/** Actions are compared in lower case. */
function inTheWordsOf(grants: readonly Grant[]): (action: string) => string {
  const all = grants.map(({ source }) => spelling(source));
  return (action) => all.map((spell) => spell(action)).find((text) => text !== action) ?? action;
}

/** What must hold by the statement, and by that of the boundary. */
function conditionsOf(statement: Grant, within: Statement | undefined): { readonly Condition?: JsonObject } {
  const all = [statement, within].flatMap((one) =>
    one?.readable && isObject(one.source.Condition) ? [one.source.Condition] : [],
  );
  if (all.length === 0) return {};
  const Condition: Record<string, Json> = {};
  for (const [operator, tests] of all.flatMap((one) => Object.entries(one))) {
    const known = Condition[operator];
    Condition[operator] = isObject(known) && isObject(tests) ? { ...tests, ...known } : (known ?? tests);
  }
  return { Condition };
}
