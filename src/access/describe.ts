/** Gains as statements, with no more in them than what is gained. */
import type { Json } from '../core/json.ts';
import { briefOf, type Brief } from '../policy/describe.ts';
import type { Glob } from '../policy/glob.ts';
import { spelling, type Matcher, type Statement } from '../policy/statement.ts';
import type { Gain } from './compare.ts';
import { isWithin } from './regions.ts';
import { numberOf, remember } from './remember.ts';

/** Gains by the statement that gives them, in the order of the statements. */
export function byStatement<Origin>(gains: readonly Gain<Origin>[]): Gain<Origin>[][] {
  const groups = new Map<unknown, Gain<Origin>[]>();
  for (const gain of gains) groups.set(gain.by, [...(groups.get(gain.by) ?? []), gain]);
  return [...groups.values()];
}

const briefs = new WeakMap<Statement, Map<string, Brief>>();

/** What of one statement is gained, as a sentence takes it. */
export function briefOfGains(gains: readonly Gain<unknown>[]): Brief {
  const [{ by }] = gains as [Gain<unknown>];
  const regions = gains.map(({ region }) => numberOf(region)).join();
  return remember(briefs, by.statement, regions, () => makeBrief(gains));
}

function makeBrief(gains: readonly Gain<unknown>[]): Brief {
  const [{ by }] = gains as [Gain<unknown>];
  const { statement } = by;
  if (!statement.readable) return briefOf(statement.source);
  const kept = (matcher: Matcher, of: 'actions' | 'resources'): readonly Glob[] | null =>
    matcher.not
      ? null
      : matcher.patterns.filter((glob) => gains.some(({ region }) => isWithin(region, glob, of)));
  const spelled = spelling(statement.source);
  const fields: Record<string, Json> = Object.assign({}, statement.source);
  const put = (name: string, globs: readonly Glob[] | null, spell: (text: string) => string): void => {
    if (globs && globs.length > 0) fields[name] = globs.map(({ source }) => spell(source));
  };
  put('Action', kept(statement.actions, 'actions'), spelled);
  if (statement.resources) put('Resource', kept(statement.resources, 'resources'), (text) => text);
  return briefOf(fields);
}
