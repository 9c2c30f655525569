/** Gains as statements, with no more in them than what is gained, and no less. */
import { isDeepStrictEqual } from 'node:util';
import { stableJson, type Json, type JsonObject } from '../core/json.ts';
import { briefOf, partsOf, type Brief, type Parts } from '../policy/describe.ts';
import { includes, mayOverlap, type Glob } from '../policy/glob.ts';
import { spelling, type Grant, type Statement } from '../policy/statement.ts';
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
  const [{ by }] = gains;
  if (!by.statement.readable) return briefOf(by.statement.source);
  const wholes = gathered(gains, ({ from }) => `${numberOf(from)}`);
  // All that the statement gives, and parts of it that have other causes.
  const full = wholes.find(([{ region, from }]) => region === from.region);
  if (full && gains.every(({ from }) => from.region === full[0].region)) return briefOfWhole(full);
  const [first, ...others] = wholes.map(briefOfWhole);
  return others.every((other) => isDeepStrictEqual(other, first))
    ? first!
    : { ...partsOf(fieldsOf(by.statement, gains)), isPart: true };
}

type Of = 'actions' | 'resources';
const both = ['actions', 'resources'] as const;
const elements = { actions: 'Action', resources: 'Resource' } as const;

/** The statement with those of its patterns of which something is gained. */
function fieldsOf(statement: Grant, gains: readonly Gain<unknown>[]): JsonObject {
  const fields: Record<string, Json> = { ...statement.source };
  const spell = spelling(statement.source);
  for (const of of both) {
    const matcher = statement[of];
    if (matcher && !matcher.not)
      fields[elements[of]] = kept(matcher.patterns, of, gains).map(({ source }) => spell(source));
  }
  return fields;
}

function kept(patterns: readonly Glob[], of: Of, gains: readonly Gain<unknown>[]): readonly Glob[] {
  const found = patterns.filter((glob) => gains.some(({ region }) => isWithin(region, glob, of)));
  return found.length > 0 ? found : patterns;
}

/** What a statement takes. Null: of all actions or resources that are named, or at any time. */
interface Taken {
  readonly actions: readonly Glob[] | null;
  readonly resources: readonly Glob[] | null;
  readonly conditions: Json | null;
}
const all: Taken = { actions: null, resources: null, conditions: null };

/** Patterns that say what a whole holds, but for what is `out`; not `isExact`: no list of them says it. */
interface Named {
  readonly names: readonly Glob[];
  readonly out: readonly Taken[];
  readonly isExact: boolean;
}

/** One piece under no more circumstances than its whole says itself what it is. */
function wholeOf([one, ...others]: Gains<unknown>): Gain<unknown>['from'] {
  const { region, from } = one;
  return others.length === 0 && region.unless.length === 0 ? { region, less: [] } : from;
}

function named(of: Of, gains: Gains<unknown>): Named {
  const { some, none } = wholeOf(gains).region[of];
  const lists = some.map((list) => kept(list, of, gains));
  const narrow = lists.find((list) =>
    list.every((glob) => some.every((other) => other.some((wide) => includes(wide, glob)))),
  );
  const names = narrow ?? lists[0]!;
  const out = overlapping(none, names);
  return { names, out: out.length > 0 ? [{ ...all, [of]: out }] : [], isExact: narrow !== undefined };
}

/** What of the patterns is among the names: of two that lie within each other the narrower. */
const overlapping = (patterns: readonly Glob[], names: readonly Glob[]): readonly Glob[] =>
  widest(
    patterns.flatMap((glob) =>
      names.filter((name) => mayOverlap(glob, name)).map((name) => (includes(glob, name) ? name : glob)),
    ),
  );

/** None that lies within another. */
function widest(globs: readonly Glob[]): readonly Glob[] {
  const each = [...new Map(globs.map((glob) => [glob.source, glob])).values()];
  return each.filter((glob) => !each.some((other) => other !== glob && includes(other, glob)));
}

/** Undefined: no list of patterns says it. */
function takenBy(statement: Grant, names: { readonly [of in Of]: readonly Glob[] }): Taken | undefined {
  const [actions, resources] = both.map((of) => {
    const { not, patterns } = statement[of]!;
    const found = overlapping(patterns, names[of]);
    if (not) return found.length > 0 ? undefined : null;
    return names[of].every((name) => patterns.some((glob) => includes(glob, name))) ? null : found;
  });
  return actions === undefined || resources === undefined
    ? undefined
    : { actions, resources, conditions: statement.source.Condition ?? null };
}

/** The same in fewer: what differs in its actions alone, or in its resources alone, is one. */
const joined = (taken: readonly Taken[]): readonly Taken[] =>
  both.reduce((some, of) => {
    const groups = new Map<string, Taken>();
    for (const one of some) {
      const other = one[of === 'actions' ? 'resources' : 'actions'];
      const key = stableJson([other && other.map(({ source }) => source).sort(), one.conditions]);
      const [mine, theirs] = [one[of], groups.get(key)?.[of]];
      const together = mine && theirs ? widest([...theirs, ...mine]) : groups.has(key) ? null : mine;
      groups.set(key, { ...one, [of]: together });
    }
    return [...groups.values()];
  }, taken);

/** More exceptions, or names in one, are harder to read than that it is a part. */
const most = 3;

/** What is left of a whole. */
function briefOfWhole(gains: Gains<unknown>): Brief {
  const [{ by, deny, within, from }] = gains;
  const isGrant = (one: Statement | undefined): one is Grant => one?.readable === true;
  const own = [by.statement, within, deny].filter(isGrant);
  const less = wholeOf(gains).less.filter(isGrant);
  const names = { actions: named('actions', gains), resources: named('resources', gains) };
  const globs = { actions: names.actions.names, resources: names.resources.names };
  const taken = less.map((one) => takenBy(one, globs));
  const out = joined([
    ...both.flatMap((of) => names[of].out),
    // What takes everything at any time does so unless a variable has no value, which is told as a doubt.
    ...taken.filter((one) => one !== undefined && !isDeepStrictEqual(one, all)),
  ] as Taken[]);
  // `*` but for some is all except these.
  const inverse = both.map((of) =>
    globs[of].some(({ source }) => source === '*')
      ? out.find((one) => isDeepStrictEqual(one, { ...all, [of]: one[of] }))
      : undefined,
  );
  // The shorter first, so that what follows an exception does not seem to belong to it.
  const parts = (one: Taken): number => Object.values(one).filter((part) => part !== null).length;
  const except = out.filter((one) => !inverse.includes(one)).sort((a, b) => parts(a) - parts(b));
  const conditions = conditionsOf(own);
  const isShort = except.every((one) => both.every((of) => (one[of]?.length ?? 0) <= most));
  const isExact = names.actions.isExact && names.resources.isExact && conditions !== undefined;
  const isWhole = isExact && isShort && except.length <= most && !taken.includes(undefined);
  const spell = speller([...own, ...from.less.filter(isGrant)]);
  const fields = both.map((of, at) =>
    inverse[at]
      ? { [`Not${elements[of]}`]: spell(inverse[at][of] ?? []) }
      : { [elements[of]]: spell(globs[of]) },
  );
  return {
    ...partsOf(Object.assign({ Condition: conditions ?? {} }, ...fields) as JsonObject),
    ...(isWhole ? {} : { isPart: true }),
    ...(isWhole && except.length > 0 ? { except: except.map((one) => exceptionOf(one, spell)) } : {}),
  };
}

const exceptionOf = ({ actions, resources, conditions }: Taken, spell: ReturnType<typeof speller>): Parts =>
  partsOf({
    ...(actions ? { Action: spell(actions) } : {}),
    ...(resources ? { Resource: spell(resources) } : {}),
    ...(conditions ? { Condition: conditions } : {}),
  });

/** The conditions of all; undefined: two are about the same key. */
function conditionsOf(statements: readonly Grant[]): JsonObject | undefined {
  const joint: Record<string, JsonObject> = {};
  for (const { source } of statements)
    for (const [operator, block] of Object.entries((source.Condition ?? {}) as Record<string, JsonObject>))
      for (const [key, values] of Object.entries(block)) {
        if (joint[operator]?.[key] !== undefined && !isDeepStrictEqual(joint[operator][key], values))
          return undefined;
        joint[operator] = { ...joint[operator], [key]: values };
      }
  return joint;
}

/** Spells patterns as the authors of statements do. */
function speller(statements: readonly Grant[]): (globs: readonly Glob[]) => string[] {
  const spellings = statements.map(({ source }) => spelling(source));
  return (globs) =>
    globs.map(
      ({ source }) => spellings.map((spell) => spell(source)).find((text) => text !== source) ?? source,
    );
}
