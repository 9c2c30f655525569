/**
 * Sets of texts (actions, or ARNs of resources), made of patterns: what matches some pattern of each list, and none of
 * others. Whether such a set is empty is decided exactly, within a limit of work and without policy variables.
 */
import { includes, includesResource, mayOverlap, type Glob } from '../policy/glob.ts';
import type { Matcher } from '../policy/statement.ts';
import { automatonOf, exampleOf, type State } from './automaton.ts';
import { numberOf, remember } from './remember.ts';

export interface TextSet {
  /** Of each list, one pattern matches at least. */
  readonly some: readonly (readonly Glob[])[];
  readonly none: readonly Glob[];
}

/** `resource`: only what is included whichever way AWS reads wildcards in ARNs ({@link includesResource}). */
type Of = 'action' | 'resource';

const included = { action: includes, resource: includesResource } as const;

/** One list for all of the same patterns, and one set for all that are made alike: a question is answered once. */
const lists = new WeakMap<Glob, Map<string, readonly Glob[]>>();
const listOf = new WeakMap<readonly Glob[], Map<null, readonly Glob[]>>();
const sets = new WeakMap<readonly Glob[], Map<number, TextSet>>();
const parts = new WeakMap<TextSet, Map<number, TextSet>>();
const answers = new WeakMap<TextSet, Map<Of, Emptiness>>();

const shared = (list: readonly Glob[]): readonly Glob[] =>
  remember(listOf, list, null, () => remember(lists, list[0]!, list.map(numberOf).join(), () => list));

export function setOf({ not, patterns }: Matcher, all: Glob): TextSet {
  const list = shared(patterns);
  return remember(sets, list, not ? numberOf(all) : 0, () =>
    not ? { some: [[all]], none: list } : { some: [list], none: [] },
  );
}

export function within(set: TextSet, { not, patterns }: Matcher): TextSet {
  const list = shared(patterns);
  if (!not && set.some.includes(list)) return set;
  return remember(parts, set, not ? -numberOf(list) : numberOf(list), () =>
    not ? { some: set.some, none: union(set.none, list) } : { some: [...set.some, list], none: set.none },
  );
}

export const without = (set: TextSet, { not, patterns }: Matcher): TextSet =>
  within(set, { not: !not, patterns });

const union = (a: readonly Glob[], b: readonly Glob[]): readonly Glob[] =>
  a.length === 0 ? b : [...new Set([...a, ...b])];

/** `null`: it could not be found out. */
type Emptiness = boolean | null;

/** Whether nothing is in it. A policy variable in `some` stands for any text, one in `none` only for itself. */
export const emptiness = (set: TextSet, of: Of): Emptiness =>
  remember(answers, set, of, () => findEmptiness(set, of));

function findEmptiness(set: TextSet, of: Of): Emptiness {
  // Of a narrow pattern it is mostly plain that wider ones match the same.
  const [first, ...others] = [...set.some].sort((a, b) => a.length - b.length || b[0]!.least - a[0]!.least);
  let answer: Emptiness = true;
  for (const glob of first!) {
    const one = emptinessOf(glob, others, set.none, of);
    if (one === false) return false;
    if (one === null) answer = null;
  }
  return answer;
}

/** Of what one pattern matches. */
function emptinessOf(
  glob: Glob,
  some: readonly (readonly Glob[])[],
  none: readonly Glob[],
  of: Of,
): Emptiness {
  const near = some.map((list) =>
    list.some((other) => includes(other, glob)) ? [] : overlapping(list, glob),
  );
  if (near.some((list, at) => list.length === 0 && !some[at]!.some((other) => includes(other, glob))))
    return true;
  if (none.some((other) => included[of](other, glob))) return true;
  const lists = near.filter((list) => list.length > 0);
  const taken = overlapping(none, glob);
  if (lists.length === 0 && taken.length === 0) return false;
  // What overlaps one pattern has a text in common with it.
  const isPair = lists.length === 1 && taken.length === 0 && !glob.hasVariable;
  if (isPair && lists[0]!.some(({ hasVariable }) => !hasVariable)) return false;
  // All that one of several patterns matches may lie within others.
  for (const list of lists) {
    if (list.every((other) => taken.some((out) => included[of](out, other)))) return true;
  }
  return search([[glob], ...lists], taken, of);
}

const overlapping = (list: readonly Glob[], glob: Glob): Glob[] =>
  list.filter((other) => mayOverlap(other, glob));

/** Steps of one search, of all its patterns. */
const limit = 100_000;

/** Mostly one of the first few texts that come to mind is there. */
const mostExamples = 8;

let steps = 0;
/** Steps of all searches so far: whoever asks much looks at what it costs. */
export const stepsSoFar = (): number => steps;

/** A pattern of resources that means the same whichever way AWS reads its wildcards. */
const isPlain = ({ source }: Glob): boolean => !/[?]|\*[^:*]/.test(source);

/** Looks for a text that one pattern of each list of `some` matches and none of `none`, as automata do. */
function search(some: readonly (readonly Glob[])[], none: readonly Glob[], of: Of): Emptiness {
  const out = none.filter((glob) => !glob.hasVariable && (of === 'action' || isPlain(glob)));
  const exact = out.length === none.length && !some.flat().some(({ hasVariable }) => hasVariable);
  const globs = [...some.flat(), ...out];
  const automata = globs.map(automatonOf);
  const letters = new Set(automata.flatMap((one) => [...one.letters]));
  const lengths = [...some.map(({ length }) => length), out.length];
  /** Whether it is so of one at least in each list, and of none that must not match. */
  const holds = (states: readonly number[], is: (state: State) => boolean, isOut: boolean): boolean => {
    let at = 0;
    return lengths.every((length, list) => {
      const from = at;
      at += length;
      const found = states.slice(from, at).some((state, index) => is(automata[from + index]!.states[state]!));
      return list < some.length ? found : !(isOut && found);
    });
  };
  const isThere = (text: readonly string[]): boolean => {
    steps += globs.length * text.length;
    const states = automata.map((one) => text.reduce((state, letter) => one.step(state, letter), 0));
    return holds(states, ({ isEnd }) => isEnd, true);
  };
  const examples = some.flat().slice(0, mostExamples).map(exampleOf);
  if (examples.some(isThere)) return exact ? false : null;
  const starts = automata.map(() => 0);
  const seen = new Set<string>([starts.join()]);
  const open = [starts];
  const most = steps + limit;
  while (open.length > 0) {
    const states = open.pop()!;
    if (holds(states, ({ isEnd }) => isEnd, true)) return exact ? false : null;
    for (const letter of letters) {
      if ((steps += globs.length) > most) return null;
      const next = automata.map((one, at) => one.step(states[at]!, letter));
      if (!holds(next, ({ isDead }) => !isDead, false)) continue;
      const key = next.join();
      if (!seen.has(key)) {
        seen.add(key);
        open.push(next);
      }
    }
  }
  return true;
}
